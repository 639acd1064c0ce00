//! A worker that forwards between hosts in memory.

mod capturing;
mod impaired;
#[cfg(not(loom))]
mod sharing;

use super::*;
use crate::environment::Environment;
use crate::packet::coalesce::MAX_GATHERED;
use crate::packet::testing::{dont_fragment, has_correct_checksum, offloaded_tcp, offloaded_udp};
use crate::packet::{GsoType, View, VirtioHeader};
use crate::policy::Snapshot;
use crate::port::MemoryHost;
use crate::record::{Event, Mode, Output, Reader, Replay};
use etherparse::PacketBuilder;
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Mutex;
use wire::{
    Attachment, AttachmentId, Change, Culprit, DropReason, DropRecord, Endpoint, Entry, Few, FiveTuple, Hop, NextHop,
    Port, PortKind, PortStatus, RecordingOrder, Route, TableId, UDP, Update, VrfId,
};

fn address(of: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, of)
}

/// Ports 1, 2, … in one VRF.
fn tables(ports: u8) -> Snapshot {
    Snapshot::empty().apply(&Update { version: 1, whole: true, changes: entries(ports) }).unwrap()
}

fn entries(ports: u8) -> Vec<Change> {
    let route = Route {
        prefix: "0.0.0.0/0".parse().unwrap(),
        from: VrfId(1),
        next_hop: NextHop::Deliver(VrfId(1)),
        mtu: None,
        hop: Hop::Silent,
    };
    let mut changes = vec![Change::Set(Entry::Table(TableId(1), vec![route]))];
    for number in 1..=ports {
        let (id, address) = (u32::from(number), address(number));
        let port = Port {
            host: format!("host{id}"),
            interface: 0,
            boot: 0,
            kind: PortKind::Offload,
            mtu: 1500,
            addresses: vec![address.into()],
            table: TableId(1),
            router: Ipv4Addr::new(10, 0, 0, 254),
        };
        let attachment = Attachment {
            port: PortId(id),
            vrf: VrfId(1),
            addresses: Few::from_iter([address]),
            public: Vec::new(),
            filters: None,
            groups: Few::new(),
            segment: None,
            source_check: true,
            accounted: id == 2,
        };
        changes.push(Change::Set(Entry::Port(PortId(id), port)));
        changes.push(Change::Set(Entry::Attachment(AttachmentId(id), attachment)));
        changes.push(Change::Set(Entry::Address(VrfId(1), address, Endpoint::Own(AttachmentId(id)))));
    }
    changes
}

#[derive(PartialEq)]
enum Second {
    Missing,
    RefusesSegments,
    TakesAll,
}

/// Starts one worker between hosts in memory. What the first host sends beforehand is one batch.
fn forward(sent: &[(VirtioHeader, Vec<u8>)], second: Second) -> (Workers, [MemoryHost; 2], [PortCounters; 2]) {
    let engine = Arc::new(Engine::new(100, Environment::fixed()).unwrap());
    engine.publish(Arc::new(tables(2)));
    let workers = Workers::start(&engine, 1, Offloads::ALL, None).unwrap();
    let ((first, a), (other, b)) = (Queue::in_memory().unwrap(), Queue::in_memory().unwrap());
    sent.iter().for_each(|(header, packet)| a.send(*header, packet));
    let counters = [vec![Arc::default()], vec![Arc::default()]];
    if second == Second::RefusesSegments {
        b.refuse_segments(u32::MAX);
    }
    if second != Second::Missing {
        workers.attach(PortId(2), &[other], &counters[1]);
    }
    workers.attach(PortId(1), &[first], &counters[0]);
    workers.sync();
    // The batch is over once the worker has looked at its commands after it.
    while sum(PortId(1), ("", 0), &counters[0]).sent_packets < sent.len() as u64 {
        std::thread::yield_now();
    }
    workers.sync();
    (workers, [a, b], counters)
}

#[test]
fn datagrams_of_one_batch_arrive_as_one_packet() {
    let sent: Vec<_> = (0..20u8).map(|index| offloaded_udp(&[index; 64], 0)).map(dont_fragment).collect();
    let (_workers, [_, b], counters) = forward(&sent, Second::TakesAll);
    let (header, packet) = b.receive().unwrap();
    assert_eq!((header.gso(), header.gso_size, packet.len()), (GsoType::Udp4, 64, 28 + 20 * 64));
    assert_eq!(b.receive(), None);
    let status = sum(PortId(2), ("", 0), &counters[1]);
    assert_eq!((status.received_packets, status.received_bytes), (20, 20 * 92));
}

#[test]
fn coalesced_packets_that_the_kernel_refuses_are_written_one_by_one() {
    let sent: Vec<_> = (0..20u8).map(|index| offloaded_udp(&[index; 64], 0)).map(dont_fragment).collect();
    let (workers, [a, b], counters) = forward(&sent, Second::RefusesSegments);
    let received: Vec<_> = std::iter::from_fn(|| b.receive()).collect();
    assert!(received.iter().map(|(_, packet)| packet[28]).eq(0..20));
    assert!(received.iter().all(|(header, packet)| !header.needs_checksum() && has_correct_checksum(packet)));
    // A packet that needs no segmentation keeps its partial checksum.
    let (header, packet) = offloaded_udp(b"next", 0);
    a.send(header, &packet);
    while sum(PortId(2), ("", 0), &counters[1]).received_packets < 21 {
        std::thread::yield_now();
    }
    assert_eq!(b.receive().map(|(header, _)| header), Some(header));
    assert_eq!(workers.logs().map(|log| log.read().0.len()).sum::<usize>(), 0);
}

#[test]
fn a_packet_is_accounted_before_it_is_received() {
    let (header, packet) = offloaded_tcp(1, &[0; 3000], 1000, 16);
    let (workers, [_, b], _) = forward(&[(header, packet)], Second::TakesAll);
    b.receive().unwrap();
    let entries = workers.accounts(0).entries;
    let counted: Vec<_> = entries.iter().map(|entry| (entry.attachment, entry.packets, entry.bytes)).collect();
    assert_eq!(
        counted,
        [(AttachmentId(2), 3, 3 * 1040)],
        "one coalesced packet of three segments, at the accounted end"
    );
}

#[test]
fn a_receiver_without_a_queue_is_unavailable() {
    let (workers, _, counters) = forward(&[offloaded_udp(b"lost", 0)], Second::Missing);
    let records: Vec<DropRecord> = workers.logs().flat_map(|log| log.read().0).collect();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].drop.reason, DropReason::PortUnavailable);
    assert_eq!(records[0].drop.culprit, Culprit::Port(PortId(2)));
    let [source, destination] = [1, 2].map(address);
    let tuple = FiveTuple { source, destination, protocol: UDP, source_port: 1000, destination_port: 2000 };
    assert_eq!(records[0].packet, Some(tuple));
    assert_eq!(sum(PortId(1), ("", 0), &counters[0]).drops, [(DropReason::PortUnavailable, 1)]);
}

#[test]
fn an_impossible_header_is_dropped() {
    let (_, packet) = offloaded_udp(b"x", 0);
    let nonsense = VirtioHeader { gso_type: 3, ..Default::default() };
    let (_workers, _, counters) = forward(&[(nonsense, packet)], Second::TakesAll);
    assert_eq!(sum(PortId(1), ("", 0), &counters[0]).drops, [(DropReason::ImpossibleOffload, 1)]);
}

/// A datagram from one port to another, with this source port.
fn datagram(from: u8, to: u8, source_port: u16) -> (VirtioHeader, Vec<u8>) {
    let mut packet = Vec::new();
    let ip = PacketBuilder::ipv4(address(from).octets(), address(to).octets(), 64);
    ip.udp(source_port, 2000).write(&mut packet, &[from; 64]).unwrap();
    (VirtioHeader::default(), packet)
}

/// How many packets of each sender are among the first `count` that a host received.
fn senders(host: &MemoryHost, count: usize) -> HashMap<Ipv4Addr, usize> {
    let mut senders = HashMap::<_, usize>::new();
    while senders.values().sum::<usize>() < count {
        let Some((header, packet)) = host.receive() else {
            std::thread::yield_now();
            continue;
        };
        let source = View::parse(&packet).unwrap().header.tuple.source;
        let one = if header.gso_size == 0 { packet.len() } else { header.gso_size.into() };
        *senders.entry(source).or_default() += (packet.len() - 28).div_ceil(one);
    }
    senders
}

/// Five hosts send as much as they can to a sixth. One of them uses another source port for each
/// packet.
#[test]
fn busy_ports_take_turns_of_one_cost() {
    const EACH: u16 = 4096;
    let engine = Arc::new(Engine::new(10_000, Environment::fixed()).unwrap());
    engine.publish(Arc::new(tables(6)));
    let workers = Workers::start(&engine, 1, Offloads::ALL, None).unwrap();
    let queues: Vec<_> = (0..6).map(|_| Queue::in_memory().unwrap()).collect();
    for from in 1..=5u8 {
        for number in 0..EACH {
            let (header, packet) = datagram(from, 6, if from == 1 { number } else { 1000 });
            queues[usize::from(from) - 1].1.send(header, &packet);
        }
    }
    for (id, (queue, _)) in (1..).zip(&queues) {
        workers.attach(PortId(id), std::slice::from_ref(queue), &vec![Arc::default()]);
    }
    workers.sync();
    let first = senders(&queues[5].1, usize::from(EACH) * 2);
    let of = |number| first.get(&address(number)).copied().unwrap_or_default();
    for one in 2..=5 {
        for other in 2..=5 {
            assert!(of(one) <= of(other) + 2 * MAX_GATHERED, "the ports have equal shares: {first:?}");
        }
    }
    assert!(of(1) * 4 >= of(2), "no port is kept waiting: {first:?}");
    assert!(of(1) * 3 <= of(2) * 2, "first packets cost more than later ones: {first:?}");
}

/// Four hosts behind two workers.
struct Recorded {
    engine: Arc<Engine>,
    workers: Workers,
    hosts: Vec<MemoryHost>,
    counters: Vec<PortCounters>,
    directory: tempfile::TempDir,
}

impl Recorded {
    /// One of the five ports has no queue.
    fn new() -> Self {
        let engine = Arc::new(Engine::new(10_000, Environment::fixed()).unwrap());
        engine.publish(Arc::new(tables(5)));
        let workers = Workers::start(&engine, 2, Offloads::ALL, None).unwrap();
        let (mut hosts, mut counters) = (Vec::new(), Vec::new());
        for id in 1..=4 {
            let (queue, host) = Queue::in_memory().unwrap();
            let count = vec![Arc::default(), Arc::default()];
            workers.attach(PortId(id), &[queue], &count);
            hosts.push(host);
            counters.push(count);
        }
        workers.sync();
        Self { engine, workers, hosts, counters, directory: tempfile::tempdir().unwrap() }
    }

    /// Closes the first port, and opens it anew.
    fn reopen(&mut self) {
        let (queue, host) = Queue::in_memory().unwrap();
        let count = vec![Arc::default(), Arc::default()];
        self.workers.detach(PortId(1));
        self.workers.sync();
        self.workers.recorder().opened(PortId(1));
        self.workers.attach(PortId(1), &[queue], &count);
        self.workers.sync();
        (self.hosts[0], self.counters[0]) = (host, count);
    }

    fn ports(&self) -> Vec<PortStatus> {
        (1..).zip(&self.counters).map(|(id, counters)| sum(PortId(id), ("host", 0), counters)).collect()
    }

    fn record(&self, output: Box<dyn Output>, payload: Option<u32>) {
        let order = RecordingOrder {
            files: vec![self.path()],
            payload,
            ring: None,
            leased: false,
            tables: entries(5),
            platform: String::new(),
            rows: Vec::new(),
        };
        let (recorder, settle) = (self.workers.recorder(), || self.workers.sync());
        recorder.start(&self.engine, order, 0, vec![output], settle, || self.ports()).unwrap();
    }

    fn path(&self) -> std::path::PathBuf {
        self.directory.path().join("recording")
    }

    /// Has each host send this many packets of several kinds, and waits until all have been moved.
    fn send(&self, each: u16) {
        let before: u64 = self.ports().iter().map(|port| port.sent_packets).sum();
        let mut sent = 0;
        for number in 0..each {
            for (from, host) in (1u8..).zip(&self.hosts) {
                let to = 1 + (from + (number % 6) as u8) % 6;
                let (header, packet) = datagram(from, to, 1000 + number % 50);
                host.send(header, &packet);
                sent += 1;
                if from == 1 && number % 7 == 0 {
                    let (header, packet) = offloaded_tcp(1, &[0; 3000], 1000, 16);
                    host.send(header, &packet);
                    host.send(VirtioHeader { gso_type: 3, ..Default::default() }, &packet);
                    sent += 4;
                }
            }
        }
        while self.ports().iter().map(|port| port.sent_packets).sum::<u64>() < before + sent {
            std::thread::yield_now();
        }
        self.workers.sync();
    }
}

impl Recorded {
    /// Has the first host send this many packets of the greatest size.
    fn send_large(&self, count: u64) {
        let before = self.ports()[0].sent_packets;
        for _ in 0..count {
            let (header, packet) = offloaded_tcp(1, &[0; 65_000], 60_000, 16);
            self.hosts[0].send(header, &packet);
        }
        while self.ports()[0].sent_packets < before + 2 * count {
            std::thread::yield_now();
        }
        self.workers.sync();
        while self.hosts[1].receive().is_some() {}
    }
}

/// The number of packets in a recording, the number that it says were lost, and the differences in its
/// replay.
fn replayed(path: &std::path::Path) -> (u64, u64, Vec<String>) {
    let mut replay = Replay::of(Reader::open(path).unwrap(), Mode::default());
    let (mut packets, mut missing, mut different) = (0, 0, Vec::new());
    while let Some(event) = replay.next_event().unwrap() {
        match event {
            Event::Began { lost: [lost, _], .. } => missing += lost,
            Event::Packet(packet) => {
                packets += 1;
                if !packet.is_same() {
                    different.push(format!("{packet:?}"));
                }
            }
            Event::EnteredLeg { record, outcome } if outcome != record.outcome => {
                different.push(format!("{record:?}: {outcome:?}"));
            }
            Event::Ended { lost: [lost, _], counters } => {
                missing += lost;
                different.extend(counters.iter().flatten().map(|difference| format!("{difference:?}")));
                assert_eq!(counters.is_some(), missing == 0);
            }
            _ => {}
        }
    }
    (packets, missing, different)
}

#[test]
fn a_recording_of_two_workers_replays_with_the_same_counters() {
    let run = Recorded::new();
    run.send(100);
    run.record(Box::new(std::fs::File::create(run.path()).unwrap()), Some(0));
    run.send(500);
    run.workers.recorder().expire(&run.engine);
    run.send(500);
    let status = run.workers.recorder().end(|| run.ports()).unwrap();
    run.send(100);
    assert_eq!((status.lost, status.failed), (0, None));
    let drops = |reason: DropReason| run.ports().iter().flat_map(|port| &port.drops).any(|(of, _)| *of == reason);
    assert!(drops(DropReason::PortUnavailable) && drops(DropReason::ImpossibleOffload));
    assert_eq!(replayed(&run.path()), (status.packets, 0, vec![]));
}

#[test]
fn a_port_that_is_opened_again_counts_from_zero() {
    let mut run = Recorded::new();
    run.send(50);
    run.record(Box::new(std::fs::File::create(run.path()).unwrap()), Some(0));
    run.send(100);
    run.reopen();
    run.send(100);
    let status = run.workers.recorder().end(|| run.ports()).unwrap();
    assert_eq!(replayed(&run.path()), (status.packets, 0, vec![]));
}

/// A disk that accepts no writes until it is released.
struct Stalled {
    gate: Arc<Mutex<()>>,
    file: std::fs::File,
}

impl std::io::Write for Stalled {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _open = self.gate.lock().unwrap();
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for Stalled {
    fn clear(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Packets for which a disk is too slow are counted, and the recording continues after them.
#[test]
fn packets_that_are_lost_to_a_slow_disk_are_counted() {
    let (run, gate) = (Recorded::new(), Arc::<Mutex<()>>::default());
    let shut = gate.lock().unwrap();
    let file = std::fs::File::create(run.path()).unwrap();
    run.record(Box::new(Stalled { gate: Arc::clone(&gate), file }), None);
    let recorder = run.workers.recorder();
    while recorder.status().unwrap().lost == 0 {
        run.send_large(500);
    }
    drop(shut);
    // The recording continues once most of it is written, and needs a packet to continue with.
    let written = recorder.status().unwrap().bytes;
    while recorder.status().unwrap().bytes < written + (60 << 20) {
        std::thread::yield_now();
    }
    run.send(100);
    let status = recorder.end(|| run.ports()).unwrap();
    let (packets, missing, different) = replayed(&run.path());
    assert_eq!((packets + missing, missing, different), (status.packets, status.lost, vec![]));
    assert!(missing > 0);
}
