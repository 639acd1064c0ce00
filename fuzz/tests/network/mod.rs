//! Networks in which all traffic is allowed.

#![allow(dead_code, reason = "each target uses its own")]

use dataplane::environment::Environment;
use dataplane::pipeline::Engine;
use std::net::Ipv4Addr;
use std::sync::Arc;
use wire::*;

/// The NAT of [`translated`].
pub const PUBLIC: [u8; 4] = [9, 9, 9, 9];

/// A network of hosts 10.0.0.1, 10.0.0.2, … at ports 1, 2, …
pub fn open(hosts: u8) -> Engine {
    let mut changes = vec![table(1, vec![route(1, "0.0.0.0/0", NextHop::Deliver(VrfId(1)))])];
    (1..=hosts).for_each(|number| changes.extend(host(number, 1)));
    engine(changes)
}

/// Three hosts, 10.0.0.1 to 10.0.0.3, at ports 1 to 3. Packets from the first and the third to the second go through a
/// NAT.
pub fn translated() -> Engine {
    engine(entries_of_translated())
}

/// The tables of [`translated`].
pub fn entries_of_translated() -> Vec<Change> {
    let public = Ipv4Addr::from(PUBLIC);
    let nat = Nat { public, segment: None, private: Ipv4Addr::new(10, 0, 0, 9), table: TableId(3), visible: true };
    let inside = |prefix| route(1, prefix, NextHop::Deliver(VrfId(1)));
    let outside = route(1, "0.0.0.0/0", NextHop::Edge(VrfId(2)));
    let mut changes = vec![
        table(1, vec![route(1, "0.0.0.0/0", NextHop::Translate(NatId(1)))]),
        table(2, vec![route(2, "0.0.0.0/0", NextHop::Deliver(VrfId(2)))]),
        table(3, vec![inside("10.0.0.1/32"), inside("10.0.0.3/32"), outside]),
        Change::Set(Entry::Nat(NatId(1), nat)),
        Change::Set(Entry::Address(VrfId(2), public, Endpoint::Nat(NatId(1)))),
    ];
    [(1, 1), (2, 2), (3, 1)].into_iter().for_each(|(number, vrf)| changes.extend(host(number, vrf)));
    changes
}

fn table(id: u32, routes: Vec<Route>) -> Change {
    Change::Set(Entry::Table(TableId(id), routes))
}

fn route(from: u32, prefix: &str, next_hop: NextHop) -> Route {
    Route { prefix: prefix.parse().expect("a prefix"), from: VrfId(from), next_hop, mtu: None, hop: Hop::Silent }
}

/// A host in a VRF, with the table of the same number.
fn host(number: u8, vrf: u32) -> [Change; 3] {
    let (id, address) = (u32::from(number), Ipv4Addr::new(10, 0, 0, number));
    let port = Port {
        host: format!("host{id}"),
        interface: 0,
        boot: 0,
        kind: PortKind::Offload,
        mtu: 1500,
        addresses: vec![address.into()],
        table: TableId(vrf),
        router: Ipv4Addr::new(10, 0, 0, 254),
    };
    let attachment = Attachment {
        port: PortId(id),
        vrf: VrfId(vrf),
        addresses: Few::from_iter([address]),
        public: Vec::new(),
        filters: None,
        groups: Few::new(),
        segment: None,
        source_check: true,
        accounted: false,
    };
    [
        Change::Set(Entry::Port(PortId(id), port)),
        Change::Set(Entry::Attachment(AttachmentId(id), attachment)),
        Change::Set(Entry::Address(VrfId(vrf), address, Endpoint::Own(AttachmentId(id)))),
    ]
}

fn engine(changes: Vec<Change>) -> Engine {
    let engine = Engine::new(1000, Environment::fixed()).expect("memory for flows");
    let tables = engine.snapshot().apply(&Update { version: 1, whole: true, changes }).expect("tables that fit");
    engine.publish(Arc::new(tables));
    engine
}
