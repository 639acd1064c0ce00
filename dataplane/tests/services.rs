//! Services: which hosts reach them, from which address, at which rate, and that services begin no
//! flows.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use dataplane::environment::Environment;
use dataplane::packet::View;
use dataplane::pipeline::{Engine, Outcome, Packet};
use etherparse::PacketBuilder;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use wire::*;

const SPACE: VrfId = VrfId(9);
const INSIDE: VrfId = VrfId(1);
const SERVICE: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);
/// A second address by which hosts reach the service, and the service's own address for it.
const ALIAS: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const SECOND: Ipv4Addr = Ipv4Addr::new(192, 88, 99, 53);
const OWN: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 10);
/// The addresses by which the service knows the hosts.
const KNOWN: [Ipv4Addr; 2] = [Ipv4Addr::new(11, 0, 0, 1), Ipv4Addr::new(11, 0, 0, 2)];

/// Two hosts with the same address, whose network allows nothing, and a service on UDP and TCP port 53.
fn engine() -> Engine {
    let any = "0.0.0.0/0".parse().unwrap();
    let offered = [Traffic::Udp(53..=53), Traffic::Tcp(53..=53)];
    let ingress = offered.map(|traffic| Rule { id: RuleId(0), traffic, peer: Peer::Net(any) });
    let route = |prefix: &str, from, next_hop| Route {
        prefix: prefix.parse().unwrap(),
        from,
        next_hop,
        mtu: None,
        hop: Hop::Invisible,
    };
    let mut entries = vec![
        Entry::Filter(FilterId(1), Filter { ingress: ingress.into(), egress: Vec::new() }),
        Entry::Filter(FilterId(2), Filter::default()),
        Entry::Table(TableId(9), vec![route("0.0.0.0/0", SPACE, NextHop::Deliver(SPACE))]),
        Entry::Table(
            TableId(1),
            vec![
                route("169.254.0.0/16", SPACE, NextHop::Service(SPACE, None)),
                route("10.0.0.2/32", SPACE, NextHop::Service(SPACE, Some(SECOND))),
                route("0.0.0.0/0", INSIDE, NextHop::Deliver(INSIDE)),
            ],
        ),
        Entry::Address(SPACE, SERVICE, Endpoint::Service(AttachmentId(9), FilterId(1))),
        Entry::Address(SPACE, SECOND, Endpoint::Service(AttachmentId(9), FilterId(1))),
    ];
    let (service, client) = (vec![SERVICE, SECOND], vec![OWN]);
    for (id, own, table) in [(SERVICES, &service, 9), (PortId(1), &client, 1), (PortId(2), &client, 1)] {
        let (host, addresses, table) =
            (format!("h{}", id.0), own.iter().map(|own| (*own).into()).collect(), TableId(table));
        let port =
            Port { host, interface: 0, boot: 0, kind: PortKind::Offload, mtu: 1500, addresses, table, router: ALIAS };
        entries.push(Entry::Port(id, port));
    }
    let attachment = |port, vrf, addresses, public, filters| Attachment {
        port,
        vrf,
        addresses: Few::from_vec(addresses),
        public,
        filters,
        groups: Few::new(),
        segment: None,
        source_check: true,
        accounted: false,
    };
    let service = attachment(SERVICES, SPACE, service, Vec::new(), Some(Few::from_iter([FilterId(1)])));
    entries.push(Entry::Attachment(AttachmentId(9), service));
    for (id, known) in [1, 2].into_iter().zip(KNOWN) {
        let known_client = attachment(PortId(id), SPACE, client.clone(), vec![(OWN, known)], None);
        entries.push(Entry::Attachment(AttachmentId(id), known_client));
        entries.push(Entry::Address(SPACE, known, Endpoint::Client(AttachmentId(id), OWN)));
        let inside = attachment(PortId(id), INSIDE, client.clone(), Vec::new(), Some(Few::from_iter([FilterId(2)])));
        entries.push(Entry::Attachment(AttachmentId(10 + id), inside));
    }
    let changes = entries.into_iter().map(Change::Set).collect();
    let engine = Engine::new(4096, Environment::fixed()).unwrap();
    let tables = engine.snapshot().apply(&Update { version: 1, whole: true, changes }).unwrap();
    engine.publish(Arc::new(tables));
    engine
}

fn udp(from: (Ipv4Addr, u16), to: (Ipv4Addr, u16)) -> Vec<u8> {
    let mut bytes = Vec::new();
    PacketBuilder::ipv4(from.0.octets(), to.0.octets(), 64).udp(from.1, to.1).write(&mut bytes, b"query").unwrap();
    bytes
}

/// Sends a packet. Returns what the receiver gets, or the drop reason.
fn send(engine: &Engine, from: PortId, mut bytes: Vec<u8>) -> Result<(PortId, FiveTuple), DropReason> {
    let packet = &mut Packet { bytes: &mut bytes, partial_checksum: false, segment_size: 0 };
    match engine.batch().process(from, packet) {
        Outcome::Forward { port, .. } => Ok((port, View::parse(&bytes).unwrap().header.tuple)),
        Outcome::Drop { drop, .. } => Err(drop.reason),
    }
}

#[test]
fn hosts_with_the_same_address_are_told_apart_and_answered() {
    let engine = engine();
    for (id, known) in [1, 2].into_iter().zip(KNOWN) {
        // Both addresses of the service are asked in turn from one port.
        for (asked, own) in [(ALIAS, SECOND), (SERVICE, SERVICE), (ALIAS, SECOND)] {
            let (port, there) = send(&engine, PortId(id), udp((OWN, 5000), (asked, 53))).unwrap();
            assert_eq!((port, there.source, there.destination), (SERVICES, known, own));
            let (port, back) = send(&engine, SERVICES, udp((own, 53), (known, 5000))).unwrap();
            assert_eq!((port, back.source, back.destination), (PortId(id), asked, OWN));
        }
    }
}

#[test]
fn other_ports_are_no_service() {
    let engine = engine();
    for to in [(SERVICE, 54), (ALIAS, 123), (Ipv4Addr::new(169, 254, 0, 1), 53)] {
        assert_eq!(send(&engine, PortId(1), udp((OWN, 5000), to)), Err(DropReason::NoService), "{to:?}");
    }
    let spoofed = (Ipv4Addr::new(10, 0, 0, 11), 5000);
    assert_eq!(send(&engine, PortId(1), udp(spoofed, (SERVICE, 53))), Err(DropReason::SourceCheck));
}

#[test]
fn a_service_begins_nothing() {
    let engine = engine();
    assert_eq!(send(&engine, SERVICES, udp((SERVICE, 53), (KNOWN[0], 5000))), Err(DropReason::NoTranslation));
    assert_eq!(send(&engine, SERVICES, udp((SERVICE, 53), (OWN, 5000))), Err(DropReason::NoSuchAddress));
}

#[test]
fn a_host_that_asks_too_much_delays_no_other() {
    let engine = engine();
    let asks = |id: u32| {
        let send = |_| send(&engine, PortId(id), udp((OWN, 5000), (ALIAS, 53)));
        (0..3000).map(send).filter(|sent| *sent != Err(DropReason::ServiceRate)).count()
    };
    assert_eq!([asks(1), asks(2)], [1024, 1024]);
    engine.advance_clock(Duration::from_millis(500));
    assert_eq!(asks(1), 512);
}
