//! Flow accounting: the entries that packets leave.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use dataplane::environment::Environment;
use dataplane::pipeline::{Engine, FlowAccounting, Outcome, Packet};
use etherparse::PacketBuilder;
use std::net::Ipv4Addr;
use std::sync::Arc;
use wire::*;

const INSIDE: VrfId = VrfId(1);
const OUTSIDE: VrfId = VrfId(2);
/// Two hosts inside, each in a segment of its own and accounted; one outside, not accounted.
const A: u32 = 1;
const B: u32 = 2;
const VISITOR: u32 = 3;
const ADDRESSES: [Ipv4Addr; 3] =
    [Ipv4Addr::new(192, 168, 0, 10), Ipv4Addr::new(192, 168, 1, 10), Ipv4Addr::new(8, 8, 8, 8)];
/// A's public address.
const PUBLIC: Ipv4Addr = Ipv4Addr::new(9, 9, 9, 9);

fn address(of: u32) -> Ipv4Addr {
    ADDRESSES[of as usize - 1]
}

fn everything() -> Rule {
    Rule { id: RuleId(0), traffic: Traffic::Any, peer: Peer::Net("0.0.0.0/0".parse().unwrap()) }
}

fn allow(number: u16, traffic: Traffic) -> AclRule {
    AclRule { number, traffic, net: "0.0.0.0/0".parse().unwrap(), allow: true }
}

/// B's filter allows UDP 53 and 54 and ICMP; B's segment lets in only UDP 53 and ICMP, and lets out only UDP.
fn engine() -> Engine {
    let route = |prefix: &str, from, next_hop| Route {
        prefix: prefix.parse().unwrap(),
        from,
        next_hop,
        mtu: None,
        hop: Hop::Silent,
    };
    let udp = |ports| Rule { id: RuleId(0), traffic: Traffic::Udp(ports), ..everything() };
    let icmp = Rule { id: RuleId(0), traffic: Traffic::Icmp(None, None), ..everything() };
    let open = Acl { ingress: vec![allow(1, Traffic::Any)], egress: vec![allow(1, Traffic::Any)] };
    let narrow = Acl {
        ingress: vec![
            allow(1, Traffic::Udp(53..=53)),
            allow(2, Traffic::Udp(55..=55)),
            allow(3, Traffic::Icmp(None, None)),
        ],
        egress: vec![allow(1, Traffic::Udp(0..=u16::MAX))],
    };
    let mut changes = vec![
        Change::Set(Entry::Filter(
            FilterId(A),
            Filter { ingress: vec![udp(53..=53)], egress: vec![udp(0..=99), icmp.clone()] },
        )),
        Change::Set(Entry::Filter(
            FilterId(B),
            Filter { ingress: vec![udp(53..=54), icmp], egress: vec![everything()] },
        )),
        Change::Set(Entry::Acl(AclId(A), open)),
        Change::Set(Entry::Acl(AclId(B), narrow)),
        Change::Set(Entry::Table(
            TableId(1),
            vec![
                route("192.168.0.0/16", INSIDE, NextHop::Deliver(INSIDE)),
                route("0.0.0.0/0", INSIDE, NextHop::Edge(OUTSIDE)),
            ],
        )),
        Change::Set(Entry::Table(TableId(2), vec![route("0.0.0.0/0", OUTSIDE, NextHop::Deliver(OUTSIDE))])),
        Change::Set(Entry::Address(OUTSIDE, PUBLIC, Endpoint::Public(AttachmentId(A), address(A)))),
    ];
    for id in [A, B, VISITOR] {
        let inside = id != VISITOR;
        let (vrf, table) = if inside { (INSIDE, TableId(1)) } else { (OUTSIDE, TableId(2)) };
        let port = Port {
            host: format!("h{id}"),
            interface: 0,
            boot: 0,
            kind: PortKind::Offload,
            mtu: 1500,
            addresses: vec![address(id).into()],
            table,
            router: Ipv4Addr::new(192, 168, 0, 1),
        };
        let attachment = Attachment {
            port: PortId(id),
            vrf,
            addresses: Few::from_iter([address(id)]),
            public: (id == A).then_some((address(A), PUBLIC)).into_iter().collect(),
            filters: inside.then(|| Few::from_iter([FilterId(id)])),
            groups: Few::new(),
            segment: inside.then_some(SegmentId(id)),
            source_check: true,
            accounted: inside,
        };
        changes.push(Change::Set(Entry::Port(PortId(id), port)));
        changes.push(Change::Set(Entry::Attachment(AttachmentId(id), attachment)));
        changes.push(Change::Set(Entry::Address(vrf, address(id), Endpoint::Own(AttachmentId(id)))));
        if inside {
            changes.push(Change::Set(Entry::Segment(SegmentId(id), Segment { acl: AclId(id) })));
        }
    }
    let engine = Engine::new(100, Environment::fixed()).unwrap();
    engine.publish(Arc::new(engine.snapshot().apply(&Update { version: 1, whole: true, changes }).unwrap()));
    engine
}

fn udp(from: Ipv4Addr, to: Ipv4Addr, ports: (u16, u16)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let ip = PacketBuilder::ipv4(from.octets(), to.octets(), 64);
    ip.udp(ports.0, ports.1).write(&mut bytes, &[7; 72]).unwrap();
    bytes
}

fn ping(from: u32, to: u32, reply: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let ip = PacketBuilder::ipv4(address(from).octets(), address(to).octets(), 64);
    let echo = if reply { ip.icmpv4_echo_reply(77, 1) } else { ip.icmpv4_echo_request(77, 1) };
    echo.write(&mut bytes, &[]).unwrap();
    bytes
}

/// Sends a packet as a worker does.
fn send(engine: &Engine, accounting: &FlowAccounting, from: u32, mut bytes: Vec<u8>) -> Option<DropReason> {
    let (batch, length) = (engine.batch(), bytes.len() as u64);
    assert!(batch.has_accounting());
    let meta = batch.parse(PortId(from), &bytes).ok().and_then(|parsed| batch.meta(PortId(from), &parsed, &bytes));
    let packet = &mut Packet { bytes: &mut bytes, partial_checksum: false, segment_size: 0 };
    let dropped = match batch.process(PortId(from), packet) {
        Outcome::Forward { .. } => None,
        Outcome::Drop { drop, .. } => Some(drop.reason),
    };
    if let Some(meta) = meta {
        batch.account(&meta, dropped, (1, length), &mut accounting.open());
    }
    dropped
}

/// The entries of the accounting, by attachment.
fn entries(accounting: &FlowAccounting) -> Vec<String> {
    let mut all = accounting.take(0).entries;
    all.sort_by_key(|entry| (entry.attachment, entry.direction, entry.packet));
    let told = |entry: &wire::Account| {
        let direction = if entry.direction == Direction::Egress { "out of" } else { "into" };
        let verdict = if entry.accepted { "accepted" } else { "rejected" };
        format!(
            "{direction} {}: {} {verdict}, {} packets, {} bytes",
            entry.attachment.0, entry.packet, entry.packets, entry.bytes
        )
    };
    all.iter().map(told).collect()
}

#[test]
fn both_ends_accept_a_delivered_packet() {
    let (engine, accounting) = (engine(), FlowAccounting::default());
    assert_eq!(send(&engine, &accounting, A, udp(address(A), address(B), (1000, 53))), None);
    assert_eq!(send(&engine, &accounting, A, udp(address(A), address(B), (1000, 53))), None);
    assert_eq!(send(&engine, &accounting, B, udp(address(B), address(A), (53, 1000))), None);
    let there = "udp 192.168.0.10:1000 → 192.168.1.10:53 accepted, 2 packets, 200 bytes";
    let back = "udp 192.168.1.10:53 → 192.168.0.10:1000 accepted, 1 packets, 100 bytes";
    let expected = [
        format!("out of 1: {there}"),
        format!("into 1: {back}"),
        format!("out of 2: {back}"),
        format!("into 2: {there}"),
    ];
    assert_eq!(entries(&accounting), expected);
    assert_eq!(entries(&accounting), [""; 0], "the entries were taken out");
}

#[test]
fn an_end_that_drops_a_packet_rejects_it_and_those_before_accept_it() {
    let (engine, accounting) = (engine(), FlowAccounting::default());
    let cases = [
        (100, DropReason::EgressFilter, &["out of 1: … rejected"][..]),
        (55, DropReason::IngressFilter, &["out of 1: … accepted", "into 2: … rejected"]),
        (54, DropReason::IngressAcl, &["out of 1: … accepted", "into 2: … rejected"]),
    ];
    for (port, reason, expected) in cases {
        assert_eq!(send(&engine, &accounting, A, udp(address(A), address(B), (1000, port))), Some(reason));
        let tuple = format!("udp 192.168.0.10:1000 → 192.168.1.10:{port}");
        let expected = expected.iter().map(|text| format!("{}, 1 packets, 100 bytes", text.replace('…', &tuple)));
        assert_eq!(entries(&accounting), expected.collect::<Vec<_>>());
    }
}

#[test]
fn a_reply_that_may_not_leave_is_rejected_at_its_sender() {
    let (engine, accounting) = (engine(), FlowAccounting::default());
    assert_eq!(send(&engine, &accounting, A, ping(A, B, false)), None);
    assert_eq!(send(&engine, &accounting, B, ping(B, A, true)), Some(DropReason::EgressAcl));
    let request = "icmp 192.168.0.10 → 192.168.1.10 accepted, 1 packets, 28 bytes";
    let expected = [
        format!("out of 1: {request}"),
        "out of 2: icmp 192.168.1.10 → 192.168.0.10 rejected, 1 packets, 28 bytes".to_owned(),
        format!("into 2: {request}"),
    ];
    assert_eq!(entries(&accounting), expected);
}

#[test]
fn entries_have_an_interfaces_private_address() {
    let (engine, accounting) = (engine(), FlowAccounting::default());
    assert_eq!(send(&engine, &accounting, VISITOR, udp(address(VISITOR), PUBLIC, (1000, 53))), None);
    assert_eq!(send(&engine, &accounting, A, udp(address(A), address(VISITOR), (53, 1000))), None);
    let expected = [
        "out of 1: udp 192.168.0.10:53 → 8.8.8.8:1000 accepted, 1 packets, 100 bytes",
        "into 1: udp 8.8.8.8:1000 → 192.168.0.10:53 accepted, 1 packets, 100 bytes",
    ];
    assert_eq!(entries(&accounting), expected);
}

#[test]
fn fragments_count_for_their_datagrams_flow() {
    let (engine, accounting) = (engine(), FlowAccounting::default());
    for port in [53, 55] {
        let whole = udp(address(A), address(B), (1000, port));
        for (at, end) in [(0, 40), (40, 80)] {
            let flags = if end < 80 { 0x2000 } else { 0 } | (at as u16 / 8);
            let mut bytes = [&whole[..20], &whole[20 + at..20 + end]].concat();
            bytes[2..4].copy_from_slice(&60u16.to_be_bytes());
            bytes[4..6].copy_from_slice(&port.to_be_bytes());
            bytes[6..8].copy_from_slice(&flags.to_be_bytes());
            bytes[10..12].fill(0);
            let sum = !dataplane::packet::checksum::sum(&bytes[..20]);
            bytes[10..12].copy_from_slice(&sum.to_be_bytes());
            assert_eq!(send(&engine, &accounting, A, bytes).is_some(), port == 55);
        }
    }
    let tuple = |port| format!("udp 192.168.0.10:1000 → 192.168.1.10:{port}");
    let expected = [
        format!("out of 1: {} accepted, 2 packets, 120 bytes", tuple(53)),
        format!("out of 1: {} accepted, 2 packets, 120 bytes", tuple(55)),
        format!("into 2: {} accepted, 2 packets, 120 bytes", tuple(53)),
        format!("into 2: {} rejected, 2 packets, 120 bytes", tuple(55)),
    ];
    assert_eq!(entries(&accounting), expected);
}

#[test]
fn an_error_is_accounted_although_it_has_no_flow() {
    let (engine, accounting) = (engine(), FlowAccounting::default());
    let sent = udp(address(A), address(B), (1000, 53));
    assert_eq!(send(&engine, &accounting, A, sent.clone()), None);
    entries(&accounting);
    let mut bytes = Vec::new();
    let ip = PacketBuilder::ipv4(address(A).octets(), address(B).octets(), 64);
    let kind = etherparse::icmpv4::DestUnreachableHeader::Port;
    ip.icmpv4(etherparse::Icmpv4Type::DestinationUnreachable(kind)).write(&mut bytes, &sent).unwrap();
    assert_eq!(send(&engine, &accounting, A, bytes), None);
    let expected = ["out of 1", "into 2"]
        .map(|at| format!("{at}: icmp 192.168.0.10 → 192.168.1.10 accepted, 1 packets, 128 bytes"));
    assert_eq!(entries(&accounting), expected);
}

#[test]
fn packets_that_no_rule_was_asked_about_are_not_accounted() {
    let (engine, accounting) = (engine(), FlowAccounting::default());
    let cases = [
        (udp(address(B), address(B), (1, 53)), DropReason::SourceCheck),
        (udp(address(A), Ipv4Addr::BROADCAST, (68, 67)), DropReason::Martian),
        (udp(address(A), Ipv4Addr::new(192, 168, 0, 1), (1, 53)), DropReason::NoSuchAddress),
        (vec![0x45; 30], DropReason::Malformed),
    ];
    for (bytes, reason) in cases {
        assert_eq!(send(&engine, &accounting, A, bytes), Some(reason));
    }
    assert_eq!(entries(&accounting), [""; 0]);
}

#[test]
fn a_packet_that_a_router_drops_was_accepted_by_its_sender() {
    let (engine, accounting) = (engine(), FlowAccounting::default());
    let mut bytes = udp(address(A), address(B), (1000, 53));
    bytes[8] = 1;
    bytes[10..12].fill(0);
    let sum = !dataplane::packet::checksum::sum(&bytes[..20]);
    bytes[10..12].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(send(&engine, &accounting, A, bytes), Some(DropReason::TtlExpired));
    let tuple = FiveTuple {
        source: address(A),
        destination: address(B),
        protocol: UDP,
        source_port: 1000,
        destination_port: 53,
    };
    assert_eq!(entries(&accounting), [format!("out of 1: {tuple} accepted, 1 packets, 100 bytes")]);
}
