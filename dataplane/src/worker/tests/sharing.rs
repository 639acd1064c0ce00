//! What workers share. Sixteen of them are simulated one after the other and their accesses of shared memory are counted, so
//! that the result does not depend on the machine's processors.

use super::*;
use crate::environment::{ManualTime, TimeSource};
use crate::flow::accesses_of;
use crate::packet::tcp;
use crate::pipeline::{Outcome, Packet};
use std::cell::Cell;
use std::collections::BTreeSet;

const WORKERS: u8 = 16;
/// Connections of each worker's two hosts.
const FLOWS: u16 = 16;
/// Segments of a connection each way, after it was opened: an answer of some 70 kB.
const SEGMENTS: u32 = 50;

/// Two hosts for each worker, all in one network.
struct Simulation {
    engine: Engine,
    time: Arc<ManualTime>,
    now: Cell<Duration>,
}

impl Simulation {
    fn new() -> Self {
        let time = Arc::new(ManualTime::default());
        let environment = Environment { time: Arc::clone(&time) as Arc<dyn TimeSource>, ..Environment::fixed() };
        let engine = Engine::new(u32::from(WORKERS) * u32::from(FLOWS), environment).unwrap();
        engine.publish(Arc::new(tables(2 * WORKERS)));
        Self { engine, time, now: Cell::default() }
    }

    /// Has a segment of each connection of a worker's hosts forwarded, from the first host to the second or back.
    fn send(&self, worker: u8, back: bool, flags: u8) {
        let hosts = [2 * worker + 1, 2 * worker + 2];
        let batch = self.engine.batch();
        for port in 0..FLOWS {
            let ([from, to], (source, destination)) =
                if back { ([hosts[1], hosts[0]], (80, port)) } else { (hosts, (port, 80)) };
            let builder = PacketBuilder::ipv4(address(from).octets(), address(to).octets(), 64);
            let mut bytes = Vec::new();
            builder.tcp(source, destination, 1, 1000).write(&mut bytes, &[]).unwrap();
            bytes[33] = flags;
            let mut packet = Packet { bytes: &mut bytes, partial_checksum: false, segment_size: 0 };
            let outcome = batch.process(PortId(from.into()), &mut packet);
            assert!(matches!(outcome, Outcome::Forward { .. }), "{outcome:?}");
        }
    }

    /// Opens the connections of a worker's hosts.
    fn open(&self, worker: u8) {
        self.send(worker, false, tcp::SYN);
        self.send(worker, true, tcp::SYN | tcp::ACK);
        self.send(worker, false, tcp::ACK);
    }

    /// Has so many segments of each connection forwarded either way, a tick of the clock apart.
    fn exchange(&self, worker: u8, segments: u32) {
        for _ in 0..segments {
            self.tick();
            self.send(worker, false, tcp::ACK);
            self.send(worker, true, tcp::ACK);
        }
    }

    fn tick(&self) {
        self.now.update(|now| now + Duration::from_millis(4));
        self.time.set(self.now.get());
    }
}

#[test]
fn workers_with_flows_of_their_own_write_no_word_of_another() {
    let simulation = Simulation::new();
    (0..WORKERS).for_each(|worker| simulation.open(worker));
    let mut all = BTreeSet::new();
    for accesses in (0..WORKERS).map(|worker| accesses_of(|| simulation.exchange(worker, 10))) {
        assert_eq!(
            (accesses.written.len(), accesses.locked),
            (usize::from(FLOWS), 0),
            "one word each flow, and no lock"
        );
        assert!(accesses.written.keys().all(|word| all.insert(*word)), "another worker has written that word");
    }
}

#[test]
fn two_workers_of_one_flow_share_one_word_which_is_written_once_a_tick() {
    let simulation = Simulation::new();
    simulation.open(0);
    simulation.tick();
    let [there, back] =
        [false, true].map(|back| accesses_of(|| (0..1000).for_each(|_| simulation.send(0, back, tcp::ACK))));
    assert_eq!(there.written.len(), usize::from(FLOWS));
    assert!(there.written.values().all(|writes| *writes == 1), "the first segment of a tick writes the time for all");
    assert!(back.written.is_empty(), "{back:?}");
    assert_eq!(there.locked + back.locked, 0);
}

#[test]
fn at_most_a_twentieth_of_the_work_is_done_by_one_worker_at_a_time() {
    let simulation = Simulation::new();
    let connections = |worker| {
        simulation.open(worker);
        simulation.exchange(worker, SEGMENTS);
    };
    let accesses: Vec<_> = (0..WORKERS).map(|worker| accesses_of(|| connections(worker))).collect();
    let locked: u64 = accesses.iter().map(|each| each.locked).sum();
    let all: u64 = accesses.iter().map(|each| each.operations).sum();
    assert!(locked > 0, "connections are entered under the lock");
    assert!(locked * 20 <= all, "{locked} of {all} operations are under a lock");
}
