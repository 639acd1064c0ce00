//! NAT gateways: translators, each in a subnet whose table shows it the way on.

use super::outside::THE_INTERNET;
use crate::model::{Model, NatGateway};
use dataplane::policy::{Change, Endpoint, SegmentId, TableId, Translator, TranslatorId};

/// One that is not available has no entries.
pub(super) fn gateway(model: &Model, gateway: &NatGateway) -> Vec<Change> {
    let subnet = model.subnets.get(&gateway.subnet);
    let Some((subnet, private)) = subnet.zip(gateway.private).filter(|_| gateway.is_available()) else {
        return Vec::new();
    };
    let id = TranslatorId(gateway.number);
    let translator = Translator {
        public: gateway.public,
        segment: Some(SegmentId(subnet.number)),
        private,
        table: TableId(subnet.number),
    };
    vec![
        Change::SetTranslator(id, translator),
        Change::SetAddress(THE_INTERNET, gateway.public, Endpoint::Translator(id)),
    ]
}
