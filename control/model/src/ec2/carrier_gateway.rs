//! Carrier gateways of Wavelength Zones. They have no effect on packets.

use crate::collection::resource;
use crate::{Caller, IdKind, Model, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};

/// A carrier gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierGateway {
    /// `cagw-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The VPC.
    pub vpc: String,
}

resource!(CarrierGateway, IdKind::CarrierGateway, |gateway| vec![gateway.vpc.clone()]);

impl Model {
    /// CreateCarrierGateway. Returns the id.
    pub fn create_carrier_gateway(&mut self, caller: &Caller, vpc: &str, tags: Tags) -> Result<String> {
        self.vpcs.find(&caller.scope, vpc)?;
        tags::check(&tags)?;
        let id = self.new_id(IdKind::CarrierGateway);
        let (scope, vpc) = (caller.scope.clone(), vpc.to_owned());
        self.carrier_gateways.insert(CarrierGateway { id: id.clone(), scope, tags, vpc });
        Ok(id)
    }

    /// DeleteCarrierGateway. Returns the gateway, which is described for a while.
    pub fn delete_carrier_gateway(&mut self, caller: &Caller, id: &str) -> Result<CarrierGateway> {
        let gateway = self.carrier_gateways.find(&caller.scope, id)?.clone();
        self.carrier_gateways.remove(id);
        self.depart(Some(gateway.clone()), caller.now);
        Ok(gateway)
    }
}
