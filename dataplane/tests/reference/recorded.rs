//! Random runs, recorded and replayed: every packet gets the recorded verdict, with the same translation.

use super::{Step, build, pick, steps};
use crate::network::{Network, TRANSLATED, networks};
use dataplane::environment::{Environment, ManualTime, Seed};
use dataplane::flow::FlowTable;
use dataplane::packet::{View, VirtioHeader, fragment};
use dataplane::pipeline::{Engine, Outcome, Packet};
use dataplane::record::{Event, Mode, Output, ReadError, Reader, Record, Recorder, Replay, Verdict};
use etherparse::PacketBuilder;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use wire::*;

/// A small table, so that flows replace others.
const FLOWS: u32 = 16;

/// An engine that is recorded from some point on.
struct Run {
    network: Network,
    time: Arc<ManualTime>,
    seed: u64,
    milliseconds: u64,
    engine: Engine,
    recorder: Recorder,
    directory: tempfile::TempDir,
    tables: BTreeMap<Key, Entry>,
    version: u64,
    /// The delivered packets: receiving port and 5-tuple, sending port and 5-tuple, bytes.
    delivered: Vec<(PortId, FiveTuple, PortId, FiveTuple, Vec<u8>)>,
}

impl Run {
    fn new(network: Network, seed: u64, flows: u32) -> Self {
        let time = Arc::new(ManualTime::default());
        let environment = Environment { time: time.clone(), seed: Seed::new(seed) };
        let table = FlowTable::new(flows, environment.seed.clone()).unwrap().with_share(flows / 2);
        let mut run = Self {
            time,
            seed,
            milliseconds: 1,
            engine: Engine::with_flows(table, environment),
            recorder: Recorder::default(),
            directory: tempfile::tempdir().unwrap(),
            tables: BTreeMap::new(),
            version: 0,
            delivered: vec![],
            network,
        };
        run.apply(run.network.changes());
        run
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("recording")
    }

    fn record(&self, payload: Option<u32>) {
        self.record_to(vec![Box::new(File::create(self.path()).unwrap())], payload, None, String::new());
    }

    fn record_to(&self, outputs: Vec<Box<dyn Output>>, payload: Option<u32>, ring: Option<u64>, platform: String) {
        let order = RecordingOrder {
            files: vec![self.path(); outputs.len()],
            payload,
            ring,
            leased: false,
            tables: self.tables.values().cloned().map(Change::Set).collect(),
            platform,
            rows: vec![],
        };
        self.recorder.start(&self.engine, order, self.seed, outputs, || {}, Vec::new).unwrap();
    }

    /// Sends packets until the recording has this many.
    fn send_until(&mut self, runner: &mut TestRunner, packets: u64) {
        let steps = steps();
        while self.recorder.status().unwrap().packets < packets {
            let step = sample(runner, &steps);
            if matches!(step, Step::Send { .. } | Step::Again { .. }) {
                self.step(step);
                self.delivered.drain(..self.delivered.len().saturating_sub(1000));
            }
        }
    }

    fn replay(&self, mode: Mode) -> Replay<BufReader<File>> {
        Replay::of(Reader::open(&self.path()).unwrap(), mode)
    }

    fn apply(&mut self, changes: Vec<Change>) {
        self.version += 1;
        for change in &changes {
            match change {
                Change::Set(entry) => drop(self.tables.insert(entry.key(), entry.clone())),
                Change::Remove(key) => drop(self.tables.remove(key)),
            }
        }
        let update = Update { version: self.version, whole: false, changes };
        let next = self.engine.snapshot().apply(&update).unwrap();
        self.recorder.publish(&self.engine, Arc::new(next), &update);
    }

    fn wait(&mut self, milliseconds: u64) {
        self.milliseconds += milliseconds;
        self.time.set(Duration::from_millis(self.milliseconds));
    }

    fn step(&mut self, step: Step) {
        let hosts = self.network.hosts.len();
        self.wait(3);
        match step {
            Step::Send { from, to, public, which, protocol, ports, flags, spoof } => {
                let from = from % hosts;
                let own =
                    |host, which| pick(&self.network.own(host), which).unwrap_or_else(|| self.network.address(host));
                let destination = match to.checked_sub(hosts) {
                    None if public => pick(&self.network.public(to), which[1]).map_or(TRANSLATED, |(_, public)| public),
                    None => own(to, which[1]),
                    Some(_) => Ipv4Addr::new(8, 8, 8, 8),
                };
                let source = spoof.map_or(own(from, which[0]), |host| self.network.address(host % hosts));
                let (source_port, destination_port) = match protocol {
                    TCP | UDP => ports,
                    ICMP => (ports.0, 8 << 8),
                    _ => (0, 0),
                };
                let tuple = FiveTuple { source, destination, protocol, source_port, destination_port };
                let port = Network::port(from);
                if protocol == UDP && flags == dataplane::packet::tcp::RST {
                    let mut pieces = Vec::new();
                    fragment(&datagram(tuple), 68, |header, payload| pieces.push([header, payload].concat()));
                    pieces.into_iter().for_each(|piece| self.send(port, piece));
                } else {
                    self.send(port, build(tuple, flags));
                }
            }
            Step::Again { nth, reply, flags } if !self.delivered.is_empty() => {
                let (to, delivered, from, sent, bytes) = self.delivered[nth % self.delivered.len()].clone();
                match (reply, nth % 7) {
                    (true, 0) => self.send(to, error_about(delivered, &bytes)),
                    (true, _) => self.send(to, build(delivered.reversed(), flags)),
                    (false, _) => self.send(from, build(sent, flags)),
                }
            }
            Step::Again { .. } => self.send(Network::port(0), vec![0x45; 7]),
            Step::Filter(id, filter) => self.apply(vec![Change::Set(Entry::Filter(FilterId(id), filter))]),
            Step::Acl(id, acl) => self.apply(vec![Change::Set(Entry::Acl(AclId(id), acl))]),
            Step::DefaultRoute(space, default) => {
                self.network.defaults[space] = default;
                self.apply(vec![Change::Set(Entry::Table(TableId(10 + space as u32), self.network.table(space)))]);
            }
            Step::Wait(milliseconds) if milliseconds % 1000 == 0 && milliseconds < 100_000 => {
                self.recorder.advance_clock(&self.engine, Duration::from_millis(milliseconds));
                self.recorder.forget_flows_without_port(&self.engine);
            }
            Step::Wait(milliseconds) => {
                self.wait(milliseconds);
                self.recorder.expire(&self.engine);
            }
        }
    }

    /// Sends a packet as a worker does.
    fn send(&mut self, port: PortId, mut bytes: Vec<u8>) {
        let virtio = VirtioHeader::default();
        let mut turn = self.recorder.turn(&self.engine);
        let batch = self.engine.batch();
        if let Some(turn) = &mut turn {
            turn.at(batch.now(), self.engine.since_1970());
            turn.arrived(port, virtio.bytes(), &bytes);
        }
        let parsed = match batch.parse_offloaded(port, &virtio, &mut bytes) {
            Ok((parsed, _)) => parsed,
            Err(drop) => return turn.iter_mut().for_each(|turn| turn.refused(drop)),
        };
        let sent = parsed.view().header.tuple;
        let mut packet = Packet { bytes: &mut bytes, partial_checksum: false, segment_size: 0 };
        let outcome = batch.process_parsed(port, &parsed, &mut packet);
        if let Some(turn) = &mut turn {
            turn.passed(&outcome, parsed.view(), packet.bytes);
        }
        if let Outcome::Forward { port: to, .. } = outcome {
            let delivered = View::parse(&bytes).unwrap().header.tuple;
            self.delivered.push((to, delivered, port, sent, bytes));
        }
    }
}

fn datagram(tuple: FiveTuple) -> Vec<u8> {
    let ip = PacketBuilder::ipv4(tuple.source.octets(), tuple.destination.octets(), 64);
    let mut bytes = Vec::new();
    ip.udp(tuple.source_port, tuple.destination_port).write(&mut bytes, &[7; 100]).unwrap();
    bytes
}

fn error_about(delivered: FiveTuple, packet: &[u8]) -> Vec<u8> {
    let ip = PacketBuilder::ipv4(delivered.destination.octets(), delivered.source.octets(), 64);
    let mut bytes = Vec::new();
    ip.icmpv4_raw(3, 1, [0; 4]).write(&mut bytes, &packet[..packet.len().min(28)]).unwrap();
    bytes
}

/// The results of a replay: packets, changes, and the packets with another verdict.
fn tally(mut replay: Replay<BufReader<File>>) -> Result<(u64, u64, Vec<u64>), ReadError> {
    let (mut packets, mut changes, mut different) = (0, 0, vec![]);
    while let Some(event) = replay.next_event()? {
        match event {
            Event::Packet(packet) => {
                packets += 1;
                different.extend((!packet.is_same()).then_some(packet.number));
            }
            Event::Changed { made, .. } => {
                assert!(matches!(made, None | Some(Ok(()))));
                changes += 1;
            }
            Event::EnteredLeg { record, outcome } => assert_eq!(outcome, record.outcome),
            Event::Ended { lost, counters } => assert_eq!((lost, counters.unwrap_or_default()), ([0; 2], vec![])),
            _ => {}
        }
    }
    Ok((packets, changes, different))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_recording_replays_without_differences(
        network in networks(), before in prop::collection::vec(steps(), 40), steps in prop::collection::vec(steps(), 120),
        seed: u64, is_cut: bool,
    ) {
        let mut run = Run::new(network, seed, FLOWS);
        before.into_iter().for_each(|step| run.step(step));
        run.record(is_cut.then_some(0));
        steps.into_iter().for_each(|step| run.step(step));
        let status = run.recorder.end(Vec::new).unwrap();
        prop_assert_eq!((status.lost, status.failed), (0, None));
        let (packets, changes, different) = tally(run.replay(Mode { trace: true, ..Mode::default() })).unwrap();
        prop_assert_eq!((packets, changes, different), (status.packets, status.changes, vec![]));
    }
}

/// The next value of a strategy. The sequence is always the same.
fn sample<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

#[test]
fn a_hundred_thousand_packets_and_two_hundred_changes_replay_without_differences() {
    let mut runner = TestRunner::deterministic();
    let mut run = Run::new(sample(&mut runner, &networks()), 7, 512);
    let steps = steps();
    run.record(Some(0));
    let (mut sent, mut changed) = (0, 0);
    while sent < 100_000 || changed < 200 {
        let step = sample(&mut runner, &steps);
        match step {
            Step::Send { .. } | Step::Again { .. } => sent += 1,
            Step::Wait(_) if sent % 100 == 0 => {}
            Step::Filter(..) | Step::Acl(..) | Step::DefaultRoute(..) if changed < 200 && changed * 500 <= sent => {
                changed += 1;
            }
            _ => continue,
        }
        run.step(step);
        run.delivered.drain(..run.delivered.len().saturating_sub(1000));
    }
    let status = run.recorder.end(Vec::new).unwrap();
    assert!(status.packets >= 100_000 && status.changes == 200 && status.lost == 0, "{status:?}");
    let (packets, changes, different) = tally(run.replay(Mode::default())).unwrap();
    assert_eq!((packets, changes, different), (status.packets, 200, vec![]));
}

/// A change that is left out shows in the verdicts, so the replay does compare.
#[test]
fn leaving_a_change_out_shows_in_the_verdicts() {
    let mut runner = TestRunner::deterministic();
    let mut run = Run::new(sample(&mut runner, &networks()), 7, 512);
    run.record(None);
    let steps = steps();
    for _ in 0..2000 {
        let step = sample(&mut runner, &steps);
        if matches!(step, Step::Send { .. } | Step::Again { .. }) {
            run.step(step);
        }
    }
    let before = run.recorder.status().unwrap().packets;
    for filter in 0..crate::network::FILTERS {
        run.apply(vec![Change::Set(Entry::Filter(FilterId(filter), Filter::default()))]);
    }
    for _ in 0..2000 {
        let step = sample(&mut runner, &steps);
        if matches!(step, Step::Send { .. } | Step::Again { .. }) {
            run.step(step);
        }
    }
    let status = run.recorder.end(Vec::new).unwrap();
    assert_eq!(tally(run.replay(Mode::default())).unwrap(), (status.packets, 4, vec![]));
    let skip = Mode { skip: (1..=4).collect(), ..Mode::default() };
    let (.., different) = tally(run.replay(skip)).unwrap();
    let insert =
        Mode { insert: BTreeMap::from([(1, vec![Change::Remove(Key::Table(TableId(22)))])]), ..Mode::default() };
    let (.., without_routes) = tally(run.replay(insert)).unwrap();
    assert!(!different.is_empty() && different[0] > before, "{different:?}");
    assert!(!without_routes.is_empty());
}

#[test]
fn damaged_recordings_are_reported() {
    let mut runner = TestRunner::deterministic();
    let mut run = Run::new(sample(&mut runner, &networks()), 7, 512);
    run.record(None);
    let steps = steps();
    (0..200).for_each(|_| run.step(sample(&mut runner, &steps)));
    run.recorder.end(Vec::new).unwrap();
    let whole = std::fs::read(run.path()).unwrap();
    let told = |bytes: &[u8]| {
        std::fs::write(run.path(), bytes).unwrap();
        Reader::open(&run.path())
            .map(|reader| Replay::of(reader, Mode::default()))
            .and_then(tally)
            .unwrap_err()
            .to_string()
    };
    assert!(told(&whole[..whole.len() - 5]).contains("breaks off at byte"));
    let mut other = whole.clone();
    let last = other.len() - 5;
    other[last] ^= 1;
    assert!(told(&other).contains("its checksum is wrong"));
    assert!(told(b"name: A scenario").contains("is not a recording"));
    assert!(told(b"").contains("is not a recording"));
    let mut older = whole.clone();
    older[11] = 0;
    assert!(told(&older).contains("a recording of format 0"));
    assert!(told(&whole[..12]).contains("breaks off at byte 12"), "nothing but its mark");
}

/// A recording whose two files are written in turn continues where the older file ends.
#[test]
fn a_ring_keeps_the_end() {
    let mut runner = TestRunner::deterministic();
    let mut run = Run::new(sample(&mut runner, &networks()), 7, 512);
    let files: Vec<PathBuf> = ["one", "two"].map(|name| run.directory.path().join(name)).to_vec();
    let outputs = files.iter().map(|path| Box::new(File::create(path).unwrap()) as Box<dyn Output>).collect();
    run.record_to(outputs, Some(0), Some(400_000), String::new());
    let steps = steps();
    for _ in 0..20_000 {
        run.step(sample(&mut runner, &steps));
        run.delivered.drain(..run.delivered.len().saturating_sub(1000));
    }
    let status = run.recorder.end(Vec::new).unwrap();
    let mut files = files;
    files.sort_by_key(|file| match Reader::open(file).unwrap().next_record().unwrap() {
        Some(Record::Begin(beginning)) => beginning.before,
        other => panic!("{other:?}"),
    });
    let both = files.iter().flat_map(|file| std::fs::read(file).unwrap()).collect::<Vec<u8>>();
    assert!(both.len() < 600_000 && status.bytes > 800_000, "{} of {status:?}", both.len());
    std::fs::write(run.path(), both).unwrap();
    let (packets, _, different) = tally(run.replay(Mode::default())).unwrap();
    assert!(packets < status.packets && packets > 1000 && different.is_empty(), "{packets}, {different:?}");
    let mut replay = run.replay(Mode::default());
    let mut last = 0;
    while let Some(event) = replay.next_event().unwrap() {
        if let Event::Packet(packet) = event {
            assert!(last == 0 || packet.number == last + 1);
            assert!(matches!(packet.verdict, Verdict::Forward { .. } | Verdict::Drop { .. }));
            last = packet.number;
        }
    }
    assert_eq!(last, status.packets, "and none is missing at the end");
}

/// Two chapters in files of their own. The first changes are in the first file.
fn two_chapters(runner: &mut TestRunner) -> (Run, u64) {
    let mut run = Run::new(sample(runner, &networks()), 7, 512);
    let files = ["one", "two"].map(|name| run.directory.path().join(name));
    let outputs = files.iter().map(|path| Box::new(File::create(path).unwrap()) as Box<dyn Output>).collect();
    run.record_to(outputs, Some(0), Some(400_000), String::new());
    run.send_until(runner, 100);
    for filter in 0..crate::network::FILTERS {
        run.apply(vec![Change::Set(Entry::Filter(FilterId(filter), Filter::default()))]);
    }
    let mut packets = 100;
    while std::fs::metadata(&files[1]).unwrap().len() == 0 {
        packets += 100;
        run.send_until(runner, packets);
    }
    run.send_until(runner, packets + 500);
    run.recorder.end(Vec::new).unwrap();
    std::fs::write(run.path(), files.map(|file| std::fs::read(file).unwrap()).concat()).unwrap();
    (run, packets)
}

#[test]
fn differences_persist_in_the_next_chapter() {
    let (run, last) = two_chapters(&mut TestRunner::deterministic());
    let mut replay = run.replay(Mode::default());
    let mut began = vec![];
    while let Some(event) = replay.next_event().unwrap() {
        began.extend(if let Event::Began { follows, .. } = event { Some(follows) } else { None });
    }
    assert_eq!(began, [false, true]);
    let (packets, changes, different) = tally(run.replay(Mode::default())).unwrap();
    assert_eq!((packets, changes, different), (last + 500, 4, vec![]));
    let skip = Mode { skip: (1..=4).collect(), ..Mode::default() };
    let (.., different) = tally(run.replay(skip)).unwrap();
    assert!(different.iter().any(|number| *number > last), "{different:?}");
}

/// A restarted dataplane counts from zero; a replay continues its own count.
#[test]
fn packets_of_recordings_behind_each_other_have_numbers_of_their_own() {
    let mut runner = TestRunner::deterministic();
    let mut run = Run::new(sample(&mut runner, &networks()), 7, 512);
    let mut sent = 0;
    for packets in [10, 20, 30] {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(run.path()).unwrap();
        run.record_to(vec![Box::new(file)], Some(0), None, String::new());
        run.send_until(&mut runner, packets);
        run.apply(vec![Change::Set(Entry::Filter(FilterId(0), Filter::default()))]);
        sent += run.recorder.end(Vec::new).unwrap().packets;
    }
    let mut replay = run.replay(Mode::default());
    let (mut packets, mut changes) = (vec![], vec![]);
    while let Some(event) = replay.next_event().unwrap() {
        match event {
            Event::Packet(packet) => packets.push(packet.number),
            Event::Changed { number, .. } => changes.push(number),
            _ => {}
        }
    }
    assert_eq!(packets, (1..=sent).collect::<Vec<_>>());
    assert_eq!(changes, [1, 2, 3]);
}

/// A disk whose writes wait for a lock.
struct Slow(Arc<Mutex<()>>);

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        drop(self.0.lock());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for Slow {
    fn clear(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// However small the ring and slow the disk, a chapter's beginning is not written again and again.
#[test]
fn beginnings_do_not_outweigh_packets() {
    for (beginning, is_held) in [(1_000_000, false), (20_000_000, true)] {
        let mut runner = TestRunner::deterministic();
        let mut run = Run::new(sample(&mut runner, &networks()), 7, 512);
        let disk = Arc::<Mutex<()>>::default();
        let held = is_held.then(|| disk.lock().unwrap());
        run.record_to(vec![Box::new(Slow(Arc::clone(&disk)))], None, Some(1), "x".repeat(beginning));
        let packets = beginning as u64 * 5 / 4 / 10_000;
        for _ in 0..packets {
            run.wait(1);
            run.send(Network::port(0), vec![0; 10_000]);
        }
        drop(held);
        let status = run.recorder.end(Vec::new).unwrap();
        assert_eq!(status.lost, 0);
        let beginnings = (status.bytes - packets * 10_000) as usize / beginning;
        assert_eq!(beginnings, if is_held { 1 } else { 2 }, "{status:?}");
    }
}

#[test]
fn whole_rows_mark_the_others_as_gone() {
    let run = Run::new(sample(&mut TestRunner::deterministic(), &networks()), 7, 512);
    let row = |id: &str, value: Option<&str>| ControllerRow {
        collection: "vpcs".into(),
        id: id.into(),
        value: value.map(str::to_owned),
    };
    run.record(None);
    run.recorder.note("two".into(), vec![row("a", Some("1")), row("b", Some("1"))], false);
    run.recorder.note("all".into(), vec![row("b", Some("2"))], true);
    run.recorder.end(Vec::new).unwrap();
    let mut replay = run.replay(Mode::default());
    let mut noted = vec![];
    while let Some(event) = replay.next_event().unwrap() {
        if let Event::Noted(what, rows) = event {
            noted.push((what, rows));
        }
    }
    assert_eq!(noted[1], ("all".to_owned(), vec![row("b", Some("2")), row("a", None)]));
}
