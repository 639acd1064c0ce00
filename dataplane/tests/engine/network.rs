//! Two hosts behind a NAT, one host outside, and their packets.

use dataplane::environment::Environment;
use dataplane::packet::{View, tcp};
use dataplane::pipeline::{Engine, Outcome, Packet};
use etherparse::PacketBuilder;
use std::net::Ipv4Addr;
use std::sync::Arc;
use wire::*;

pub const INSIDE: VrfId = VrfId(1);
pub const OUTSIDE: VrfId = VrfId(2);
pub const A: PortId = PortId(1);
pub const B: PortId = PortId(2);
pub const SERVER: PortId = PortId(3);
pub const ADDRESSES: [Ipv4Addr; 3] =
    [Ipv4Addr::new(192, 168, 0, 10), Ipv4Addr::new(192, 168, 0, 11), Ipv4Addr::new(8, 8, 8, 8)];
pub const PUBLIC: Ipv4Addr = Ipv4Addr::new(9, 9, 9, 9);
/// The NAT's private address.
pub const NAT: Ipv4Addr = Ipv4Addr::new(192, 168, 0, 5);
/// The router from the NAT to the server. In the other direction it does not answer.
pub const EDGE: Ipv4Addr = Ipv4Addr::new(9, 9, 9, 1);
pub const ROUTER: Ipv4Addr = Ipv4Addr::new(192, 168, 0, 1);

/// Two hosts behind a NAT and one outside. `rules` apply inside; the path out has an MTU of 1400.
pub fn engine(rules: &[Rule]) -> Engine {
    engine_in(Environment::fixed(), rules)
}

/// The same engine in this environment.
pub fn engine_in(environment: Environment, rules: &[Rule]) -> Engine {
    let everything = Rule { id: RuleId(0), traffic: Traffic::Any, peer: Peer::Net("0.0.0.0/0".parse().unwrap()) };
    let filter = Filter { ingress: rules.to_vec(), egress: vec![everything] };
    let route = |prefix: &str, from, next_hop, hop| {
        let prefix = prefix.parse().unwrap();
        Route { prefix, from, next_hop, mtu: None, hop }
    };
    let local = route("192.168.0.0/24", INSIDE, NextHop::Deliver(INSIDE), Hop::Invisible);
    let out = route("0.0.0.0/0", INSIDE, NextHop::Translate(NatId(1)), Hop::Invisible);
    let edge = route("0.0.0.0/0", INSIDE, NextHop::Edge(OUTSIDE), Hop::Answering(EDGE));
    let internet = route("0.0.0.0/0", OUTSIDE, NextHop::Deliver(OUTSIDE), Hop::Silent);
    let mut changes = vec![
        Change::Set(Entry::Filter(FilterId(1), filter)),
        Change::Set(Entry::Table(TableId(1), vec![local, Route { mtu: Some(1400), ..out }])),
        Change::Set(Entry::Table(TableId(2), vec![local, edge])),
        Change::Set(Entry::Table(TableId(3), vec![internet])),
        Change::Set(Entry::Nat(
            NatId(1),
            Nat { public: PUBLIC, segment: None, private: NAT, table: TableId(2), visible: true },
        )),
        Change::Set(Entry::Address(OUTSIDE, PUBLIC, Endpoint::Nat(NatId(1)))),
    ];
    for (id, address) in [A, B, SERVER].into_iter().zip(ADDRESSES) {
        let inside = id != SERVER;
        let vrf = if inside { INSIDE } else { OUTSIDE };
        let table = if inside { TableId(1) } else { TableId(3) };
        let host = format!("h{}", id.0);
        let addresses = vec![address.into()];
        let port =
            Port { host, interface: 0, boot: 0, kind: PortKind::Offload, mtu: 9001, addresses, table, router: ROUTER };
        let attachment = Attachment {
            port: id,
            vrf,
            addresses: Few::from_iter([address]),
            public: Vec::new(),
            filters: inside.then(|| Few::from_iter([FilterId(1)])),
            groups: Few::new(),
            segment: None,
            source_check: true,
            accounted: false,
        };
        changes.push(Change::Set(Entry::Port(id, port)));
        changes.push(Change::Set(Entry::Attachment(AttachmentId(id.0), attachment)));
        changes.push(Change::Set(Entry::Address(vrf, address, Endpoint::Own(AttachmentId(id.0)))));
    }
    let engine = Engine::new(1000, environment).unwrap();
    let tables = engine.snapshot().apply(&Update { version: 1, whole: true, changes }).unwrap();
    engine.publish(Arc::new(tables));
    engine
}

pub fn address(of: PortId) -> Ipv4Addr {
    ADDRESSES[of.0 as usize - 1]
}

pub fn udp(from: PortId, to: Ipv4Addr, ports: (u16, u16), length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let ip = PacketBuilder::ipv4(address(from).octets(), to.octets(), 64);
    ip.udp(ports.0, ports.1).write(&mut bytes, &vec![7; length]).unwrap();
    bytes
}

/// Sets a field of the IPv4 header and completes its checksum.
pub fn with_header(mut bytes: Vec<u8>, at: usize, value: &[u8]) -> Vec<u8> {
    bytes[at..at + value.len()].copy_from_slice(value);
    bytes[10..12].fill(0);
    let sum = !dataplane::packet::checksum::sum(&bytes[..20]);
    bytes[10..12].copy_from_slice(&sum.to_be_bytes());
    bytes
}

pub fn dont_fragment(bytes: Vec<u8>) -> Vec<u8> {
    with_header(bytes, 6, &[0x40, 0])
}

pub fn send_as(engine: &Engine, from: PortId, mut bytes: Vec<u8>, segment_size: u16) -> (Outcome, Vec<u8>) {
    let packet = &mut Packet { bytes: &mut bytes, partial_checksum: false, segment_size };
    let outcome = engine.batch().process(from, packet);
    (outcome, bytes)
}

/// Sends a packet. Returns the receiving port and the delivered bytes, or the drop reason.
pub fn send(engine: &Engine, from: PortId, bytes: Vec<u8>) -> Result<(PortId, Vec<u8>), DropReason> {
    match send_as(engine, from, bytes, 0) {
        (Outcome::Forward { port, .. }, bytes) => Ok((port, bytes)),
        (Outcome::Drop { drop, .. }, _) => Err(drop.reason),
    }
}

pub fn answer(engine: &Engine, from: PortId, bytes: Vec<u8>, segment_size: u16) -> (DropReason, Option<Vec<u8>>) {
    match send_as(engine, from, bytes, segment_size).0 {
        Outcome::Drop { drop, answer, .. } => (drop.reason, answer),
        other => panic!("not dropped: {other:?}"),
    }
}

pub fn tuple(bytes: &[u8]) -> FiveTuple {
    View::parse(bytes).unwrap().header.tuple
}

pub fn open(traffic: Traffic) -> Rule {
    Rule { id: RuleId(0), traffic, peer: Peer::Net("0.0.0.0/0".parse().unwrap()) }
}

/// A TCP packet between these ports with sequence number 100 and acknowledgement number 700.
pub fn tcp_packet(from: PortId, to: Ipv4Addr, (source, destination): (u16, u16), flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut header = etherparse::TcpHeader::new(source, destination, 100, 1000);
    (header.syn, header.fin) = (flags & tcp::SYN != 0, flags & tcp::FIN != 0);
    (header.rst, header.ack, header.acknowledgment_number) = (flags & tcp::RST != 0, flags & tcp::ACK != 0, 700);
    let mut bytes = Vec::new();
    let ip = PacketBuilder::ipv4(address(from).octets(), to.octets(), 64);
    ip.tcp_header(header).write(&mut bytes, payload).unwrap();
    bytes
}

/// An ICMP error of type 3 from the server that quotes a packet.
pub fn unreachable(to: Ipv4Addr, quote: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let ip = PacketBuilder::ipv4(address(SERVER).octets(), to.octets(), 64);
    let kind = etherparse::icmpv4::DestUnreachableHeader::Port;
    ip.icmpv4(etherparse::Icmpv4Type::DestinationUnreachable(kind)).write(&mut bytes, quote).unwrap();
    with_header(bytes, 6, &[0, 0])
}
