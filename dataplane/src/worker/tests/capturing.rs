//! What is captured and counted between two hosts in memory.

use super::*;
use crate::capture::Captures;
use crate::packet::IcmpError;
use wire::{CaptureOrder, CapturedPackets, Direction, FlowRole, Instruction, Verdict};

const EVERYTHING: CaptureOrder = CaptureOrder { hosts: None, filter: Vec::new(), snap: 1 << 16, ring: 1 << 20 };

/// One worker between two hosts, of which the first one sends.
struct Pair {
    engine: Arc<Engine>,
    workers: Workers,
    sender: MemoryHost,
    counters: PortCounters,
    _receiver: MemoryHost,
}

impl Pair {
    fn new() -> Pair {
        let engine = Arc::new(Engine::new(100, Environment::fixed()).unwrap());
        engine.publish(Arc::new(tables(2)));
        let workers = Workers::start(&engine, 1, Offloads::ALL, None).unwrap();
        let ((first, sender), (second, _receiver)) = (Queue::in_memory().unwrap(), Queue::in_memory().unwrap());
        let counters = vec![Arc::default()];
        workers.attach(PortId(1), &[first], &counters);
        workers.attach(PortId(2), &[second], &vec![Arc::default()]);
        workers.sync();
        Pair { engine, workers, sender, counters, _receiver }
    }

    /// Sends packets, and returns once the worker has processed them.
    fn send(&self, packets: &[(VirtioHeader, Vec<u8>)]) {
        let sent = || sum(PortId(1), ("", 0), &self.counters).sent_packets;
        let before = sent();
        packets.iter().for_each(|(header, packet)| self.sender.send(*header, packet));
        while sent() < before + packets.len() as u64 {
            std::thread::yield_now();
        }
        self.workers.sync();
    }
}

/// The packets of the first host that a capture has.
fn captured(order: CaptureOrder, sent: &[(VirtioHeader, Vec<u8>)]) -> CapturedPackets {
    let pair = Pair::new();
    let id = pair.engine.captures.begin(order).unwrap();
    pair.send(sent);
    pair.engine.captures.take(id, usize::MAX).unwrap()
}

#[test]
fn a_packet_is_seen_at_both_interfaces_with_its_verdict() {
    let (header, packet) = offloaded_udp(b"hello", 0);
    let seen = captured(EVERYTHING, &[(header, packet.clone())]);
    let [sent, delivered] = &seen.each().collect::<Vec<_>>()[..] else { panic!("{seen:?}") };
    assert_eq!((sent.1.port, sent.1.direction), (PortId(1), Direction::Egress));
    assert_eq!((delivered.1.port, delivered.1.direction), (PortId(2), Direction::Ingress));
    assert!(sent.2 == packet && delivered.0.length == packet.len() as u32);
    let tuple = View::parse(&packet).unwrap().header.tuple;
    let forwarded = Verdict::Forwarded { to: PortId(2), sent: tuple, delivered: tuple, quoted: None, flow: None };
    assert_eq!(sent.1.verdict, forwarded);
    assert_eq!(delivered.1.verdict, Verdict::Delivered { from: PortId(1), sent: tuple, quoted: None, flow: None });
}

#[test]
fn a_dropped_packet_is_captured_at_its_sender() {
    let (header, packet) = datagram(1, 77, 1000);
    let seen = captured(EVERYTHING, &[(header, packet), (header, b"no packet".to_vec())]);
    let reason = |verdict: &Verdict| if let Verdict::Dropped(drop) = verdict { Some(drop.reason) } else { None };
    assert!(seen.metas.iter().all(|meta| meta.port == PortId(1)));
    // A packet that cannot be parsed is found before the others of its batch are decided.
    let mut reasons: Vec<_> = seen.each().filter_map(|(_, meta, _)| reason(&meta.verdict)).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, [DropReason::NotIpv4, DropReason::NoSuchAddress]);
}

#[test]
fn an_icmp_error_is_about_the_flow_of_the_packet_that_it_quotes() {
    let pair = Pair::new();
    // Fewer bytes are kept than the error quotes.
    let id = pair.engine.captures.begin(CaptureOrder { snap: 28, ..EVERYTHING }).unwrap();
    let (header, packet) = offloaded_udp(b"hello", 0);
    let sent = View::parse(&packet).unwrap().header.tuple;
    let mut reply = Vec::new();
    PacketBuilder::ipv4([10, 0, 0, 2], [10, 0, 0, 1], 64).udp(2000, 1000).write(&mut reply, b"hello").unwrap();
    let error = IcmpError::TimeExceeded.packet(address(1), address(2), &reply);
    pair.send(&[(header, packet), (VirtioHeader::default(), error)]);
    let seen = pair.engine.captures.take(id, usize::MAX).unwrap();
    let quoted = |verdict: &Verdict| match verdict {
        Verdict::Forwarded { quoted, .. } | Verdict::Delivered { quoted, .. } => *quoted,
        other => panic!("{other:?}"),
    };
    let quotes: Vec<_> = seen.each().map(|(_, meta, _)| quoted(&meta.verdict)).collect();
    assert_eq!(quotes, [None, None, Some(sent.reversed()), Some(sent.reversed())]);
    let role = |port, quoted| pair.engine.flow_of_captured_error(PortId(port), quoted).map(|flow| flow.role);
    assert_eq!(role(2, sent.reversed()), Some(FlowRole::Error));
    assert_eq!(role(1, sent.reversed()), None);
}

#[test]
fn a_filter_and_a_length_choose_what_is_kept() {
    let takes_long = |length| {
        let code = |code, jf, k| Instruction { code, jt: 0, jf, k };
        vec![code(0x80, 0, 0), code(0x35, 1, length), code(0x06, 0, 1), code(0x06, 0, 0)]
    };
    let sent: Vec<_> = [10, 100].map(|length| offloaded_udp(&vec![0; length], 0)).map(dont_fragment).into();
    let seen = captured(CaptureOrder { filter: takes_long(100), snap: 28, ..EVERYTHING }, &sent);
    assert_eq!(seen.packets.each().count(), 2, "one packet, at both ends");
    assert!(seen.each().all(|(captured, _, bytes)| captured.length == 128 && bytes.len() == 28));
}

#[test]
fn a_worker_without_a_watcher_keeps_nothing() {
    let captures = Captures::default();
    let id = captures.begin(EVERYTHING).unwrap();
    captures.end(id);
    assert!(!captures.any());
}

#[test]
fn packets_of_flows_are_counted_once_somebody_looks() {
    let pair = Pair::new();
    let engine = &pair.engine;
    let send = |packets: usize| pair.send(&vec![offloaded_udp(&[0; 72], 0); packets]);
    let counted = || engine.flows(None, 10).0.iter().map(|flow| (flow.packets, flow.bytes)).collect::<Vec<_>>();
    send(3);
    engine.advance_clock(std::time::Duration::from_secs(1));
    assert_eq!(counted(), [(0, 0)], "nobody has looked");
    let of = |port| engine.flows(Some(&[PortId(port)]), 10).0.len();
    assert_eq!([of(1), of(2), of(3)], [1, 1, 0]);
    engine.count_packets();
    send(5);
    assert_eq!(counted(), [(5, 500)]);
    engine.advance_clock(std::time::Duration::from_secs(31));
    assert_eq!(counted(), [(5, 500)]);
    engine.count_packets();
    assert_eq!(counted(), [(0, 0)], "counting starts at zero when somebody looks again");
}
