//! Floods: what one host does to the flow table does not affect others.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use dataplane::environment::Environment;
use dataplane::flow::{FlowTable, Side};
use dataplane::packet::tcp;
use dataplane::pipeline::{Engine, Outcome, Packet};
use etherparse::PacketBuilder;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use wire::{
    Attachment, AttachmentId, Change, DropReason, Entry, Few, Filter, FilterId, FiveTuple, ICMP, Peer, PortId, Rule,
    RuleId, Step, TCP, Traffic, UDP, Update,
};

const LIMIT: u32 = 4096;
const SHARE: u32 = 512;
/// The flooding host, its victim, and two others.
const FLOODER: PortId = PortId(1);
const VICTIM: PortId = PortId(2);
const CLIENT: PortId = PortId(3);
const SERVER: PortId = PortId(4);

fn address(of: PortId) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, of.0 as u8)
}

/// Twenty hosts in one network, without rules.
fn engine() -> Engine {
    let environment = Environment::fixed();
    let flows = FlowTable::new(LIMIT, environment.seed.clone()).unwrap().with_share(SHARE);
    let engine = Engine::with_flows(flows, environment);
    let ports: Vec<_> = (1..=20).map(|id| support::port(&format!("h{id}"), address(PortId(id)))).collect();
    let update = Update { version: 1, whole: true, changes: support::changes(&ports) };
    engine.publish(Arc::new(engine.snapshot().apply(&update).unwrap()));
    engine
}

/// The 5-tuple from one host's port to another's.
fn tuple(protocol: u8, (from, source_port): (PortId, u16), (to, destination_port): (PortId, u16)) -> FiveTuple {
    FiveTuple { source: address(from), destination: address(to), protocol, source_port, destination_port }
}

fn bytes(tuple: FiveTuple, flags: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let ip = PacketBuilder::ipv4(tuple.source.octets(), tuple.destination.octets(), 64);
    match tuple.protocol {
        TCP => {
            let mut header = etherparse::TcpHeader::new(tuple.source_port, tuple.destination_port, 1, 1000);
            (header.fin, header.syn) = (flags & tcp::FIN != 0, flags & tcp::SYN != 0);
            (header.rst, header.ack) = (flags & tcp::RST != 0, flags & tcp::ACK != 0);
            (header.psh, header.urg) = (flags & tcp::PSH != 0, flags & tcp::URG != 0);
            ip.tcp_header(header).write(&mut bytes, &[])
        }
        UDP => ip.udp(tuple.source_port, tuple.destination_port).write(&mut bytes, &[]),
        ICMP if tuple.destination_port == 8 << 8 => ip.icmpv4_echo_request(tuple.source_port, 1).write(&mut bytes, &[]),
        ICMP if tuple.source_port == 8 << 8 => ip.icmpv4_echo_reply(tuple.destination_port, 1).write(&mut bytes, &[]),
        ICMP => {
            let [high, low] = tuple.source_port.to_be_bytes();
            let [kind, code] = tuple.destination_port.to_be_bytes();
            ip.icmpv4_raw(kind, code, [high, low, 0, 0]).write(&mut bytes, &[])
        }
        other => ip.write(&mut bytes, other.into(), &[]),
    }
    .unwrap();
    bytes
}

/// Sends a packet from a port. Returns the receiving port or the drop reason.
fn send(engine: &Engine, from: PortId, tuple: FiveTuple, flags: u8) -> Result<PortId, DropReason> {
    let mut bytes = bytes(tuple, flags);
    let packet = &mut Packet { bytes: &mut bytes, partial_checksum: false, segment_size: 0 };
    match engine.batch().process(from, packet) {
        Outcome::Forward { port, .. } => Ok(port),
        Outcome::Drop { drop, .. } => Err(drop.reason),
    }
}

fn knows(engine: &Engine, (to, tuple): (PortId, FiveTuple)) -> bool {
    engine.as_sent(to, tuple).is_some()
}

/// Two hosts exchange packets. Each packet must belong to the flow of those before. Returns the flow by its receiver
/// and its 5-tuple as sent.
fn converse(engine: &Engine, (from, to): (PortId, PortId), protocol: u8, port: u16) -> (PortId, FiveTuple) {
    let first = match protocol {
        ICMP => tuple(ICMP, (from, port), (to, 8 << 8)),
        other => tuple(other, (from, port), (to, 80)),
    };
    let flags = if protocol == TCP { [tcp::SYN, tcp::SYN | tcp::ACK, tcp::ACK] } else { [0; 3] };
    assert_eq!(send(engine, from, first, flags[0]), Ok(to));
    assert!(knows(engine, (to, first)), "{first}: the answer belongs to the flow");
    assert_eq!(send(engine, to, first.reversed(), flags[1]), Ok(from));
    assert!(knows(engine, (to, first)), "{first}");
    assert_eq!(send(engine, from, first, flags[2]), Ok(to));
    (to, first)
}

/// A flood of first packets of different flows, none of which is answered.
fn flood(from: PortId, kind: &str) -> Box<dyn Fn(u32) -> (FiveTuple, u8)> {
    let (protocol, flags) = match kind {
        "SYN" => (TCP, tcp::SYN),
        "ACK" => (TCP, tcp::ACK),
        "FIN" => (TCP, tcp::FIN),
        "UDP" => (UDP, 0),
        _ => (ICMP, 0),
    };
    let queries = kind.to_owned();
    Box::new(move |number| {
        let (low, high) = (number as u16, (number >> 16) as u16);
        let there = match queries.as_str() {
            "ping" => 8 << 8 | high,
            "ICMP" => 13 << 8 | high,
            _ => 1000 + high,
        };
        (tuple(protocol, (from, low), (VICTIM, there)), flags)
    })
}

const KINDS: [&str; 6] = ["SYN", "ACK", "FIN", "UDP", "ping", "ICMP"];

#[test]
fn a_flood_takes_nothing_from_others() {
    for kind in KINDS {
        let engine = engine();
        let mut flows: Vec<_> =
            [TCP, UDP, ICMP].map(|protocol| converse(&engine, (CLIENT, SERVER), protocol, 1)).into();
        let own = converse(&engine, (FLOODER, SERVER), TCP, 9);
        let flood = flood(FLOODER, kind);
        for number in 0..3 * LIMIT {
            let (packet, flags) = flood(number);
            assert_eq!(
                send(&engine, FLOODER, packet, flags),
                Ok(VICTIM),
                "{kind}: the reason is the share, not the path"
            );
            if number % 512 == 0 {
                let port = 100 + (number / 512) as u16;
                flows.extend([TCP, UDP, ICMP].map(|protocol| converse(&engine, (CLIENT, SERVER), protocol, port)));
            }
        }
        assert!(flows.iter().all(|flow| knows(&engine, *flow)), "{kind}");
        assert!(knows(&engine, own), "{kind}: the flooder keeps its answered flows too");
        assert_eq!(engine.flow_count(), SHARE as usize + flows.len(), "{kind}");
    }
}

#[test]
fn many_floods_that_fill_the_table_make_room_for_others() {
    let engine = engine();
    let flooders: Vec<PortId> = (5..=20).map(PortId).collect();
    let mut flows = vec![converse(&engine, (CLIENT, SERVER), TCP, 1)];
    for number in 0..2 * SHARE {
        for (flooder, kind) in flooders.iter().zip(KINDS.into_iter().cycle()) {
            let (packet, flags) = flood(*flooder, kind)(number);
            assert_eq!(send(&engine, *flooder, packet, flags), Ok(VICTIM));
        }
        if number % 64 == 0 {
            let port = 100 + (number / 64) as u16;
            flows.extend([TCP, UDP, ICMP].map(|protocol| converse(&engine, (CLIENT, SERVER), protocol, port)));
        }
    }
    assert_eq!(engine.flow_count(), LIMIT as usize);
    assert!(flows.iter().all(|flow| knows(&engine, *flow)));
}

#[test]
fn a_port_with_its_share_of_answered_flows_loses_its_own_new_flows() {
    let engine = engine();
    for number in 0..SHARE as u16 {
        converse(&engine, (FLOODER, VICTIM), TCP, 1000 + number);
    }
    let another = tuple(TCP, (FLOODER, 999), (VICTIM, 80));
    assert_eq!(send(&engine, FLOODER, another, tcp::SYN), Err(DropReason::FlowShare));
    let explained = engine.explain(FLOODER, another);
    let Some(Step::Dropped(drop)) = explained.there.last() else { panic!("{explained:?}") };
    assert_eq!((drop.reason, explained.back), (DropReason::FlowShare, None));
    assert_eq!(send(&engine, VICTIM, tuple(TCP, (VICTIM, 999), (FLOODER, 80)), tcp::SYN), Ok(FLOODER));
    converse(&engine, (CLIENT, SERVER), TCP, 1);
    // A flow that ends makes room with the next sweep at the latest.
    assert_eq!(send(&engine, FLOODER, tuple(TCP, (FLOODER, 1000), (VICTIM, 80)), tcp::RST), Ok(VICTIM));
    engine.expire();
    assert_eq!(send(&engine, FLOODER, another, tcp::SYN), Ok(VICTIM));
}

#[test]
fn unanswered_flows_do_not_live_for_five_days() {
    let engine = engine();
    send(&engine, FLOODER, tuple(TCP, (FLOODER, 1), (VICTIM, 80)), tcp::ACK).unwrap();
    let answered = converse(&engine, (CLIENT, SERVER), TCP, 1);
    engine.advance_clock(Duration::from_secs(121));
    engine.expire();
    assert!(knows(&engine, answered));
    assert_eq!(engine.flow_count(), 1);
}

/// A scan of all ports of a host, most of which refuse and a few answer.
#[test]
fn a_scan_of_all_ports_passes_whole_and_harms_nobody() {
    let engine = engine();
    let other = converse(&engine, (CLIENT, SERVER), TCP, 1);
    let own = converse(&engine, (FLOODER, VICTIM), UDP, 1);
    for port in 1..=u16::MAX {
        let probe = tuple(TCP, (FLOODER, 50_000), (VICTIM, port));
        assert_eq!(send(&engine, FLOODER, probe, tcp::SYN), Ok(VICTIM));
        assert!(knows(&engine, (VICTIM, probe)), "the answer belongs to the flow");
        let answer = if port % 100 == 22 { tcp::SYN | tcp::ACK } else { tcp::RST | tcp::ACK };
        assert_eq!(send(&engine, VICTIM, probe.reversed(), answer), Ok(FLOODER));
        if port % 10_000 == 0 {
            converse(&engine, (CLIENT, SERVER), TCP, port);
        }
    }
    assert!(knows(&engine, other) && knows(&engine, own));
    assert!(engine.flow_count() <= SHARE as usize + 8);
}

const FORGED: [u8; 9] = [
    0,
    tcp::FIN,
    tcp::SYN,
    tcp::RST,
    tcp::ACK,
    tcp::SYN | tcp::ACK,
    tcp::FIN | tcp::ACK,
    tcp::RST | tcp::ACK,
    tcp::FIN | tcp::PSH | tcp::URG,
];

/// Whatever packets one end of a connection forges, with any flags and in any order, they affect only that connection,
/// and get no packet past a rule that would drop its first one.
#[test]
fn forged_segments_harm_their_own_connection_alone() {
    let engine = engine();
    let filter = |ingress: Traffic, egress: Traffic| {
        let rules = |traffic| vec![Rule { id: RuleId(0), traffic, peer: Peer::Net("0.0.0.0/0".parse().unwrap()) }];
        Filter { ingress: rules(ingress), egress: rules(egress) }
    };
    // The server accepts port 80 and begins only pings; the same holds for its victim.
    let mut changes =
        vec![Change::Set(Entry::Filter(FilterId(1), filter(Traffic::Tcp(80..=80), Traffic::Icmp(None, None))))];
    changes.extend([VICTIM, SERVER].map(|port| {
        let attachment = engine.snapshot().attachment(AttachmentId(port.0)).unwrap().clone();
        Change::Set(Entry::Attachment(
            AttachmentId(port.0),
            Attachment { filters: Some(Few::from_iter([FilterId(1)])), ..attachment },
        ))
    }));
    let update = Update { version: 2, whole: false, changes };
    engine.publish(Arc::new(engine.snapshot().apply(&update).unwrap()));
    let other = converse(&engine, (CLIENT, SERVER), TCP, 1);
    for forger in [Side::Forward, Side::Reply] {
        for flags in FORGED.into_iter().flat_map(|first| FORGED.map(|second| [first, second])) {
            let (_, sent) = converse(&engine, (FLOODER, VICTIM), TCP, 1);
            let (from, forged) = if forger == Side::Forward { (FLOODER, sent) } else { (VICTIM, sent.reversed()) };
            for flags in flags {
                // It may pass or end the connection, but affects nothing else.
                let _ = send(&engine, from, forged, flags);
            }
            assert!(knows(&engine, other));
            // The victim begins nothing, whatever it receives.
            assert_eq!(
                send(&engine, VICTIM, tuple(TCP, (VICTIM, 80), (FLOODER, 2)), flags[0]),
                Err(DropReason::EgressFilter)
            );
            let spoofed =
                FiveTuple { source: address(CLIENT), source_port: 1, ..tuple(TCP, (CLIENT, 1), (SERVER, 80)) };
            assert_eq!(send(&engine, from, spoofed, flags[0]), Err(DropReason::SourceCheck));
            send(&engine, FLOODER, sent, tcp::RST).unwrap();
        }
    }
    // Later packets do not revive a connection that was reset.
    let (_, sent) = converse(&engine, (FLOODER, VICTIM), TCP, 5);
    send(&engine, FLOODER, sent, tcp::RST).unwrap();
    send(&engine, FLOODER, sent, tcp::ACK).unwrap();
    assert_eq!(send(&engine, VICTIM, sent.reversed(), tcp::ACK), Ok(FLOODER));
    engine.advance_clock(Duration::from_secs(121));
    assert_eq!(send(&engine, VICTIM, sent.reversed(), tcp::ACK), Err(DropReason::EgressFilter));
    assert!(knows(&engine, other));
}
