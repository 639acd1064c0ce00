//! Outside all VPCs: the tables of EC2-Classic and of the Internet, and hosts outside the cloud.

use super::fabric::{THE_INTERNET, fabric};
use super::instances::impaired;
use super::platform;
use super::row::row;
use ipnet::Ipv4Net;
use model::platform_host::INTERNET_RESOLVER;
use model::{Host, HostPlace, INTERNET, INTERNET_ROUTER, Model};
use wire::{
    Attachment, AttachmentId, Endpoint, Entry, Few, Hop, NextHop, Port, PortId, PortKind, Route, TableId, VrfId,
};

/// The MTU of hosts outside the cloud, in bytes.
const HOST_MTU: u16 = 1500;

/// The route tables that belong to no row of the model.
pub(super) fn platform(model: &Model) -> Vec<Entry> {
    let internet = Entry::Table(
        TableId(INTERNET),
        vec![
            platform::resolver(INTERNET_RESOLVER),
            Route {
                hop: Hop::Answering(INTERNET_ROUTER),
                ..row(Ipv4Net::default(), THE_INTERNET, NextHop::Deliver(THE_INTERNET))
            },
        ],
    );
    let classic = model.platform.classic_regions.iter().filter_map(|region| model.platform.classic_network(region));
    let classic = classic.map(|number| Entry::Table(TableId(number), fabric(VrfId(number)).into()));
    platform::host().into_iter().chain([internet]).chain(classic).collect()
}

/// A host outside the cloud. It has no filters. If its site is gone it has no entries.
pub(super) fn host(model: &Model, host: &Host) -> Vec<Entry> {
    let number = match &host.place {
        HostPlace::Internet => Some(INTERNET),
        HostPlace::Site(gateway) => model.customer_gateways.get(gateway).map(|site| site.number),
    };
    let Some((vrf, table)) = number.map(|number| (VrfId(number), TableId(number))) else { return Vec::new() };
    let (port, attachment) = (PortId(host.port), AttachmentId(host.attachment));
    let mut entries = vec![
        Entry::Port(
            port,
            Port {
                host: host.name.clone(),
                interface: 0,
                boot: 0,
                kind: PortKind::Offload,
                mtu: HOST_MTU,
                addresses: vec![host.address.into()],
                table,
                router: INTERNET_ROUTER,
            },
        ),
        Entry::Attachment(
            attachment,
            Attachment {
                port,
                vrf,
                addresses: Few::from_iter([host.address]),
                public: Vec::new(),
                filters: None,
                groups: Few::new(),
                segment: None,
                // A host on the Internet can send from any address (M27 depends on it).
                source_check: false,
                accounted: false,
            },
        ),
        Entry::Address(vrf, host.address, Endpoint::Own(attachment)),
    ];
    entries.extend(platform::clients(port, [host.address]));
    entries.extend(impaired(model, port, host.impairment.as_ref()));
    entries
}
