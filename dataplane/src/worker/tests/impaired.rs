//! Impaired networks between two hosts in memory.

use super::*;
use crate::environment::{ManualTime, Seed};
use std::time::Duration;
use wire::{Drop, FarEnd, Impairment, Impairments, Key, Share};

/// Two hosts and the clock of their packets.
struct Network {
    entries: Vec<Change>,
    engine: Arc<Engine>,
    workers: Workers,
    hosts: [MemoryHost; 2],
    counters: [PortCounters; 2],
    time: Arc<ManualTime>,
}

impl Network {
    fn new(impairments: &[(u32, Impairments)]) -> Self {
        Self::of(impairments.iter().map(|(port, what)| Entry::Impairments(PortId(*port), *what)).collect())
    }

    fn of(impairments: Vec<Entry>) -> Self {
        let time = Arc::new(ManualTime::default());
        let environment = Environment { time: time.clone(), seed: Seed::new(0) };
        let engine = Arc::new(Engine::new(100, environment).unwrap());
        let entries: Vec<Change> = entries(2).into_iter().chain(impairments.into_iter().map(Change::Set)).collect();
        let update = Update { version: 2, whole: true, changes: entries.clone() };
        engine.publish(Arc::new(Snapshot::empty().apply(&update).unwrap()));
        let workers = Workers::start(&engine, 1, Offloads::ALL, None).unwrap();
        let ((first, a), (second, b)) = (Queue::in_memory().unwrap(), Queue::in_memory().unwrap());
        let counters = [vec![Arc::default()], vec![Arc::default()]];
        workers.attach(PortId(1), &[first], &counters[0]);
        workers.attach(PortId(2), &[second], &counters[1]);
        workers.sync();
        Self { entries, engine, workers, hosts: [a, b], counters, time }
    }

    /// Has the first host send a packet, and waits until the worker is done with it for now.
    fn send(&self, (header, packet): (VirtioHeader, Vec<u8>)) {
        let sent = || sum(PortId(1), ("", 0), &self.counters[0]).sent_packets;
        let before = sent();
        self.hosts[0].send(header, &packet);
        while sent() == before {
            std::thread::yield_now();
        }
        self.workers.sync();
    }

    /// The next packet that the second host receives.
    fn receive(&self) -> (VirtioHeader, Vec<u8>) {
        loop {
            match self.hosts[1].receive() {
                Some(packet) => return packet,
                None => std::thread::yield_now(),
            }
        }
    }

    fn ports(&self) -> Vec<PortStatus> {
        (1..).zip(&self.counters).map(|(id, counters)| sum(PortId(id), ("host", 0), counters)).collect()
    }

    /// Publishes changed tables as the agent does.
    fn apply(&self, version: u64, changes: Vec<Change>) {
        let update = Update { version, whole: false, changes };
        let tables = Arc::new(self.engine.snapshot().apply(&update).unwrap());
        self.workers.recorder().publish(&self.engine, tables, &update);
        self.workers.sync();
        self.workers.recorder().reset_unimpaired_legs(&self.engine);
    }

    /// Has the second host send a datagram to the first.
    fn answer(&self) {
        let (header, packet) = datagram(2, 1, 4000);
        let sent = || self.ports()[1].sent_packets;
        let before = sent();
        self.hosts[1].send(header, &packet);
        while sent() == before {
            std::thread::yield_now();
        }
    }

    fn drops(&self) -> Vec<(PortId, Drop)> {
        self.workers.logs().flat_map(|log| log.read().0).map(|record| (record.port, record.drop)).collect()
    }
}

#[test]
fn a_packet_is_delivered_after_the_delays_of_both_ends() {
    let delay = |by| Impairment { delay: Duration::from_millis(by), ..Impairment::default() };
    let from = Impairments { from: delay(30), ..Impairments::default() };
    let to = Impairments { to: delay(20), ..Impairments::default() };
    let network = Network::new(&[(1, from), (2, to)]);
    network.send(offloaded_udp(b"late", 0));
    for at in [0, 29, 30, 49] {
        network.time.set(Duration::from_millis(at));
        network.workers.sync();
        assert_eq!(network.hosts[1].receive(), None, "at {at} ms");
    }
    network.time.set(Duration::from_millis(50));
    let (header, packet) = network.receive();
    assert!(!header.needs_checksum() && has_correct_checksum(&packet) && packet.ends_with(b"late"));
    assert_eq!(network.drops(), []);
    assert_eq!(sum(PortId(2), ("", 0), &network.counters[1]).received_packets, 1);
}

#[test]
fn each_segment_is_lost_on_its_own_and_counted() {
    let loss = Impairment { loss: Share::millionths(500_000), ..Impairment::default() };
    let network = Network::new(&[(2, Impairments { to: loss, ..Impairments::default() })]);
    network.send(offloaded_tcp(1, &[0; 40_000], 1000, 16));
    let received = std::iter::from_fn(|| network.hosts[1].receive()).collect::<Vec<_>>();
    assert!(received.iter().all(|(header, packet)| header.gso_size == 0 && packet.len() == 1040));
    let lost = network.drops();
    assert_eq!(received.len() + lost.len(), 40);
    assert!((5..35).contains(&lost.len()), "{}", lost.len());
    let drop = Drop { reason: DropReason::ImpairedLoss, culprit: Culprit::Port(PortId(2)) };
    assert!(lost.iter().all(|of| *of == (PortId(1), drop)));
    let counted = sum(PortId(1), ("", 0), &network.counters[0]).drops;
    assert_eq!(counted, [(DropReason::ImpairedLoss, lost.len() as u64)]);
}

#[test]
fn packets_are_duplicated_and_damaged() {
    let twice = Impairment { duplicate: Share::ALL, ..Impairment::default() };
    let network = Network::new(&[(1, Impairments { from: twice, ..Impairments::default() })]);
    network.send(offloaded_udp(b"again", 0));
    assert_eq!(network.receive(), network.receive());
    let damaged = Impairment { corrupt: Share::ALL, ..Impairment::default() };
    let network = Network::new(&[(1, Impairments { from: damaged, ..Impairments::default() })]);
    let (header, sent) = offloaded_udp(b"damaged", 0);
    network.send((header, sent.clone()));
    let (_, packet) = network.receive();
    let intact = View::parse(&packet).is_ok() && has_correct_checksum(&packet);
    assert!(!intact && packet.len() == sent.len());
}

#[test]
fn an_impairments_mtu_is_the_paths() {
    let small = Impairment { mtu: Some(600), ..Impairment::default() };
    let network = Network::new(&[(2, Impairments { to: small, ..Impairments::default() })]);
    let (header, packet) = dont_fragment(offloaded_udp(&[0; 1000], 0));
    network.send((header, packet));
    let told = network.hosts[0].receive().map(|(_, answer)| (answer[9], answer[20], answer[21]));
    assert_eq!(told, Some((1, 3, 4)), "the sender is told: fragmentation needed");
    let reasons: Vec<_> = network.drops().iter().map(|(_, drop)| drop.reason).collect();
    assert_eq!(reasons, [DropReason::MtuExceeded]);
}

#[test]
fn a_packet_in_transit_to_a_port_that_goes_is_dropped() {
    let slow = Impairment { delay: Duration::from_millis(10), ..Impairment::default() };
    let network = Network::new(&[(2, Impairments { to: slow, ..Impairments::default() })]);
    network.send(offloaded_udp(b"lost", 0));
    network.workers.detach(PortId(2));
    network.workers.sync();
    network.engine.publish(Arc::new(tables(2)));
    network.time.set(Duration::from_millis(10));
    while network.drops().is_empty() {
        network.workers.sync();
    }
    assert_eq!(network.drops()[0].1, Drop { reason: DropReason::PortUnavailable, culprit: Culprit::Port(PortId(2)) });
}

#[test]
fn an_impaired_path_affects_its_two_ends_only() {
    let delay = |by| Impairment { delay: Duration::from_millis(by), ..Impairment::default() };
    let both = |by| Impairments { from: delay(by), to: delay(by) };
    // Port 2 has address 10.0.0.2. Port 1's own impairment comes on top of the path's.
    let met = [
        (FarEnd::Port(PortId(2)), 30),
        (FarEnd::Net("10.0.0.0/24".parse().unwrap()), 30),
        (FarEnd::Port(PortId(7)), 10),
        (FarEnd::Net("10.0.1.0/24".parse().unwrap()), 10),
    ];
    for (end, due) in met {
        let own = Entry::Impairments(PortId(1), Impairments { from: delay(10), ..Impairments::default() });
        let network = Network::of(vec![own, Entry::Path(PortId(1), end, both(20))]);
        network.send(offloaded_udp(b"late", 0));
        network.time.set(Duration::from_millis(due - 1));
        network.workers.sync();
        assert_eq!(network.hosts[1].receive(), None, "{end:?}");
        network.time.set(Duration::from_millis(due));
        assert!(network.receive().1.ends_with(b"late"));
        // On the way back the path's impairment alone applies: a port's own does not delay what the
        // port receives.
        network.answer();
        network.time.set(Duration::from_millis(due + 19));
        network.workers.sync();
        let is_there = network.hosts[0].receive().is_some();
        assert_eq!(is_there, due == 10, "{end:?}");
    }
}

#[test]
fn a_replay_repeats_impairments_and_their_counters() {
    let some = |loss, duplicate| Impairment {
        delay: Duration::from_millis(20),
        jitter: Duration::from_millis(5),
        loss: Share::millionths(loss),
        duplicate: Share::millionths(duplicate),
        rate: Some(50_000_000),
        ..Impairment::default()
    };
    let from = Impairments { from: some(200_000, 0), ..Impairments::default() };
    let path = Impairments { from: some(0, 300_000), to: some(300_000, 0) };
    let bad = [Entry::Impairments(PortId(1), from), Entry::Path(PortId(1), FarEnd::Port(PortId(2)), path)];
    let network = Network::of(bad.to_vec());
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("recording");
    let mut at = 0;
    let mut go_on = |packets: u32| {
        for number in 0..packets {
            network.send(offloaded_udp(&[0; 500], 0));
            if number % 5 == 0 {
                network.send(offloaded_tcp(1, &[0; 20_000], 1000, 16));
                network.answer();
            }
            at += 3;
            network.time.set(Duration::from_millis(at));
            network.workers.sync();
            network.hosts.iter().for_each(|host| while host.receive().is_some() {});
        }
    };
    // A packet that is in transit when a recording begins or ends counts as it did.
    go_on(20);
    let order = RecordingOrder {
        files: vec![file.clone()],
        payload: Some(0),
        ring: None,
        leased: false,
        tables: network.entries.clone(),
        platform: String::new(),
        rows: Vec::new(),
    };
    let output: Box<dyn Output> = Box::new(std::fs::File::create(&file).unwrap());
    let settle = || network.workers.sync();
    let recorder = network.workers.recorder();
    recorder.start(&network.engine, order, 0, vec![output], settle, || network.ports()).unwrap();
    go_on(100);
    network.apply(3, vec![Change::Remove(Key::Impairments(PortId(1)))]);
    go_on(20);
    network.apply(4, vec![Change::Set(bad[0].clone())]);
    go_on(100);
    let status = recorder.end(|| network.ports()).unwrap();
    let ports = network.ports();
    let lost = ports[0].drops.iter().find(|(reason, _)| *reason == DropReason::ImpairedLoss);
    assert!(lost.is_some_and(|(_, count)| *count > 100), "{ports:?}");
    assert_eq!(replayed(&file), (status.packets, 0, vec![]));
}
