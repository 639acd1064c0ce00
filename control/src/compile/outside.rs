//! What has no VPC: the tables of EC2-Classic and the Internet, and hosts that nobody's account owns.

use super::fabric::{THE_INTERNET, fabric, row};
use crate::model::{Host, HostPlace, INTERNET, INTERNET_ROUTER, Model, REGIONS, Region};
use dataplane::policy::{Attachment, AttachmentId, Change, Endpoint, NextHop, Port, PortId, PortKind, TableId, VrfId};
use ipnet::Ipv4Net;

/// What Internet hosts and their like take, in bytes.
const HOST_MTU: u16 = 1500;

/// The tables of what has no row in the model.
pub(super) fn platform() -> Vec<Change> {
    let internet = Change::SetTable(
        TableId(INTERNET),
        vec![row(Ipv4Net::default(), THE_INTERNET, NextHop::Deliver(THE_INTERNET))],
    );
    let classic = REGIONS.iter().filter_map(Region::classic);
    let classic = classic.map(|number| Change::SetTable(TableId(number), fabric(VrfId(number)).into()));
    std::iter::once(internet).chain(classic).collect()
}

/// A host outside the cloud: nothing filters what it sends and gets. One whose site is gone is nowhere.
pub(super) fn host(model: &Model, host: &Host) -> Vec<Change> {
    let number = match &host.place {
        HostPlace::Internet => Some(INTERNET),
        HostPlace::Site(gateway) => model.customer_gateways.get(gateway).map(|site| site.number),
    };
    let Some((vrf, table)) = number.map(|number| (VrfId(number), TableId(number))) else { return Vec::new() };
    let (port, attachment) = (PortId(host.port), AttachmentId(host.attachment));
    vec![
        Change::SetPort(
            port,
            Port {
                host: host.name.clone(),
                interface: 0,
                kind: PortKind::Offload,
                mtu: HOST_MTU,
                addresses: vec![host.address.into()],
                table,
                router: INTERNET_ROUTER,
            },
        ),
        Change::SetAttachment(
            attachment,
            Attachment {
                port,
                vrf,
                addresses: vec![host.address],
                public: Vec::new(),
                filters: None,
                groups: Vec::new(),
                segment: None,
                // A host of the Internet can send from any address (M27 depends on it).
                source_check: false,
                accounted: false,
            },
        ),
        Change::SetAddress(vrf, host.address, Endpoint::Own(attachment)),
    ]
}
