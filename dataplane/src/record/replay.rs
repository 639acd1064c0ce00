//! Replays a recording: the same engine without hosts, as fast as possible.

use super::format::{Beginning, Kept, LegRecord, PacketRecord, Record, Verdict};
use super::reader::{ReadError, Reader};
use crate::environment::{Environment, Seed, TimeSource};
use crate::flow::FlowImage;
use crate::packet::{View, VirtioHeader};
use crate::pipeline::{Engine, LegOutcome, Outcome, Packet};
use crate::policy::Snapshot;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use wire::{Change, ControllerRow, DropReason, FiveTuple, PortId, PortStatus, Step, Update};

/// The greatest length of a packet, in bytes.
const LARGEST_PACKET: u32 = 1 << 17;

/// How a replay differs from the recorded run.
#[derive(Clone, Debug, Default)]
pub struct Mode {
    /// The changes to leave out, by number; the first is 1.
    pub skip: BTreeSet<u64>,
    /// The first of the changes from which on all are left out.
    pub skip_from: Option<u64>,
    /// Changes to insert before the packet with this number.
    pub insert: BTreeMap<u64, Vec<Change>>,
    /// Whether each packet has its steps.
    pub trace: bool,
    /// The greatest number of rows, entries of tables and connections in a beginning together. `None`: no limit.
    pub most: Option<usize>,
}

impl Mode {
    /// Whether the replay differs from the recorded run.
    pub fn is_other(&self) -> bool {
        !self.skip.is_empty() || self.skip_from.is_some() || !self.insert.is_empty()
    }

    fn skips(&self, change: u64) -> bool {
        self.skip.contains(&change) || self.skip_from.is_some_and(|from| change >= from)
    }
}

/// An event of a replay.
#[derive(Clone, Debug)]
pub enum Event {
    /// A chapter begins.
    Began {
        /// The version of the program that recorded.
        program: String,
        /// The controller's platform settings at its start.
        platform: String,
        /// All rows of the controller.
        rows: Vec<ControllerRow>,
        /// How many packets and changes came before.
        before: [u64; 2],
        /// How many packets and changes were lost just before.
        lost: [u64; 2],
        /// Whether it continues the chapter before it with nothing missing between them. Differences from the recorded
        /// run persist then.
        follows: bool,
    },
    /// A packet arrived.
    Packet(Box<PacketEvent>),
    /// A packet entered an impaired leg.
    EnteredLeg {
        /// The packet's record.
        record: LegRecord,
        /// Its outcome in the replay.
        outcome: LegOutcome,
    },
    /// The tables changed, or the change was left out.
    Changed {
        /// The number of the change; the first is 1.
        number: u64,
        /// The change.
        update: Update,
        /// `None` if it was left out; otherwise whether it could be applied.
        made: Option<Result<(), String>>,
    },
    /// Rows of the controller changed: the change, for a person, and the rows as they are now.
    Noted(String, Vec<ControllerRow>),
    /// The clock was advanced.
    Advanced(Duration),
    /// The recording ends.
    Ended {
        /// How many packets and changes were lost just before.
        lost: [u64; 2],
        /// The counters that differ. `None` if they cannot be compared, because packets are missing or the replay
        /// differs from the recorded run.
        counters: Option<Vec<CounterDifference>>,
    },
}

/// A packet and its verdict.
#[derive(Clone, Debug)]
pub struct PacketEvent {
    /// Its number; the first is 1.
    pub number: u64,
    /// Its time, in nanoseconds since 1970.
    pub at: u64,
    /// Its 5-tuple. `None` if it could not be parsed.
    pub tuple: Option<FiveTuple>,
    /// The packet, with the verdict that was recorded.
    pub record: PacketRecord,
    /// Its verdict in the replay.
    pub verdict: Verdict,
    /// Its steps, if they are wanted.
    pub steps: Vec<Step>,
}

impl PacketEvent {
    /// Whether the verdict is the recorded one.
    pub fn is_same(&self) -> bool {
        self.verdict == self.record.verdict
    }
}

/// A port's counter that differs from the recorded one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CounterDifference {
    /// The port.
    pub port: PortId,
    /// The counter.
    pub counter: String,
    /// How far it rose in the recording.
    pub recorded: u64,
    /// How far it rose in the replay.
    pub replayed: u64,
}

/// The counts of a port's packets. Pairs are packets and bytes.
#[derive(Clone, Debug, Default)]
struct Count {
    sent: (u64, u64),
    received: (u64, u64),
    drops: BTreeMap<DropReason, u64>,
}

/// The clock of a replay.
#[derive(Debug, Default)]
struct RecordedTime {
    milliseconds: AtomicU64,
    since_1970: AtomicU64,
}

impl TimeSource for RecordedTime {
    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.milliseconds.load(Relaxed))
    }

    fn since_1970(&self) -> Duration {
        Duration::from_nanos(self.since_1970.load(Relaxed))
    }
}

/// The part of a chapter's beginning that has been read.
#[derive(Debug)]
struct PartialBeginning {
    beginning: Beginning,
    rows: Vec<ControllerRow>,
    tables: Vec<Change>,
    flows: Vec<FlowImage>,
}

/// A replay.
#[derive(Debug)]
pub struct Replay<R> {
    reader: Reader<R>,
    mode: Mode,
    /// Whether the replay differs from the recorded run.
    is_other: bool,
    time: Arc<RecordedTime>,
    partial: Option<Box<PartialBeginning>>,
    engine: Option<Engine>,
    packets: u64,
    changes: u64,
    /// The packets and changes of earlier recordings in the file. A restarted dataplane counts from zero.
    earlier: [u64; 2],
    counts: BTreeMap<PortId, Count>,
    /// The ports' counters at the beginning. `None` once packets are missing.
    counters: Option<Vec<PortStatus>>,
}

impl<R: Read> Replay<R> {
    /// Replays a recording.
    pub fn of(reader: Reader<R>, mode: Mode) -> Self {
        Self {
            reader,
            is_other: mode.is_other(),
            mode,
            time: Arc::default(),
            partial: None,
            engine: None,
            packets: 0,
            changes: 0,
            earlier: [0; 2],
            counts: BTreeMap::new(),
            counters: None,
        }
    }

    /// The engine, once a chapter has begun.
    pub fn engine(&self) -> Option<&Engine> {
        self.engine.as_ref()
    }

    /// Carries out the next record. Returns what happened, or `None` at the end.
    ///
    /// # Errors
    /// [`ReadError`]. The replay cannot continue then.
    pub fn next_event(&mut self) -> Result<Option<Event>, ReadError> {
        while let Some(record) = self.reader.next_record()? {
            if let Some(event) = self.carry_out(record)? {
                return Ok(Some(event));
            }
        }
        if self.partial.is_some() || self.engine.is_none() {
            return Err(self.reader.cut());
        }
        Ok(None)
    }

    fn carry_out(&mut self, record: Record) -> Result<Option<Event>, ReadError> {
        if let Record::Begin(beginning) = record {
            self.partial =
                Some(Box::new(PartialBeginning { beginning: *beginning, rows: vec![], tables: vec![], flows: vec![] }));
            return Ok(None);
        }
        if let Some(partial) = &mut self.partial {
            match record {
                Record::Rows(rows) => partial.rows.extend(rows),
                Record::Tables(changes) => partial.tables.extend(changes),
                Record::Flows(flows) => partial.flows.extend(flows),
                Record::Ready => return self.begin().map(Some),
                _ => return Err(self.reader.damaged("a record comes before the chapter's beginning is complete")),
            }
            let size = partial.rows.len() + partial.tables.len() + partial.flows.len();
            return match self.mode.most.filter(|most| size > *most) {
                Some(most) => Err(ReadError::TooLarge(most)),
                None => Ok(None),
            };
        }
        let Some(engine) = &self.engine else {
            return Err(self.reader.damaged("a record comes before the chapter's beginning"));
        };
        match record {
            Record::Time { now, at } => {
                self.time.milliseconds.store(now, Relaxed);
                self.time.since_1970.store(at, Relaxed);
            }
            Record::Packet(record) => return self.packet(record).map(Some),
            Record::Applied(update) => return Ok(Some(self.applied(update))),
            Record::EnteredLeg(LegRecord { length, .. }) | Record::LeftLeg(_, length) if length > LARGEST_PACKET => {
                return Err(self.reader.damaged("a packet is too long"));
            }
            Record::EnteredLeg(record) => return Ok(Some(self.enter_leg(record))),
            Record::LeftLeg(leg, bytes) => engine.impaired.leave(leg, bytes as usize),
            Record::CompletedPath { from, to, bytes, is_taken } => match is_taken {
                true => self.receive(to, (1, bytes)),
                false => self.drop(from, DropReason::PortUnavailable, 1),
            },
            Record::LegsReset => engine.reset_unimpaired_legs(),
            Record::PortsForgotten => engine.forget_flows_without_port(),
            Record::Opened(port) => self.opened(port),
            Record::Expired => engine.expire(),
            Record::Advanced(by) => return Ok(Some(Event::Advanced(by))),
            Record::Note { what, rows } => return Ok(Some(Event::Noted(what, rows))),
            Record::Undelivered { from, to, amount } => {
                let received = &mut self.counts.entry(to).or_default().received;
                *received = (received.0.wrapping_sub(amount.0), received.1.wrapping_sub(amount.1));
                self.drop(from, DropReason::PortUnavailable, amount.0);
            }
            Record::Unanswered(port, bytes) => {
                let received = &mut self.counts.entry(port).or_default().received;
                *received = (received.0.wrapping_sub(1), received.1.wrapping_sub(bytes));
            }
            Record::End { counters, lost } => {
                let counters = self.compare(&counters, lost);
                return Ok(Some(Event::Ended { lost, counters }));
            }
            Record::Begin(_) | Record::Rows(_) | Record::Tables(_) | Record::Flows(_) | Record::Ready => {
                return Err(self.reader.damaged("a part of a beginning comes after the beginning"));
            }
        }
        Ok(None)
    }

    /// Makes the engine from a beginning that has been read completely.
    fn begin(&mut self) -> Result<Event, ReadError> {
        let Some(partial) = self.partial.take() else {
            return Err(self.reader.damaged("a beginning ends without having begun"));
        };
        let PartialBeginning { beginning, rows, tables, flows } = *partial;
        let Beginning { program, seed, version, engine: mut image, platform, before, lost, counters } = beginning;
        // Only the first chapter of a recording has counters.
        let is_first = self.engine.is_none() || counters.is_some();
        if is_first {
            self.earlier = [self.packets, self.changes];
        }
        let [packets, changes] = self.earlier;
        let before = [packets.saturating_add(before[0]), changes.saturating_add(before[1])];
        let follows = !is_first && lost == [0; 2] && before == [self.packets, self.changes];
        let event = Event::Began { program, platform, rows, before, lost, follows };
        if follows && self.is_other {
            // The recorded engine does not have the replay's differences, so the replay's own engine stays.
            return Ok(event);
        }
        if !follows {
            self.counters = counters;
            self.counts.clear();
        }
        [self.packets, self.changes] = before;
        image.flows.flows = flows;
        let tables = Snapshot::empty().apply(&Update { version, whole: true, changes: tables });
        let tables =
            tables.map_err(|error| self.reader.damaged(format!("its tables contradict each other: {error}")))?;
        let environment = Environment { time: Arc::clone(&self.time) as Arc<dyn TimeSource>, seed: Seed::new(seed) };
        let engine = Engine::of_image(image, tables, environment);
        self.engine = Some(engine.map_err(|error| self.reader.damaged(error.to_string()))?);
        Ok(event)
    }

    fn applied(&mut self, update: Update) -> Event {
        self.changes = self.changes.saturating_add(1);
        let number = self.changes;
        let made = (!self.mode.skips(number)).then(|| self.apply(&update));
        Event::Changed { number, update, made }
    }

    fn apply(&mut self, update: &Update) -> Result<(), String> {
        let Some(engine) = &self.engine else { return Ok(()) };
        let next = Arc::new(engine.snapshot().apply(update).map_err(|error| error.to_string())?);
        engine.publish(next);
        Ok(())
    }

    fn packet(&mut self, record: PacketRecord) -> Result<Event, ReadError> {
        self.packets = self.packets.saturating_add(1);
        if let Some(changes) = self.mode.insert.remove(&self.packets)
            && let Some(engine) = &self.engine
        {
            let update = Update { version: engine.snapshot().version(), whole: false, changes };
            let path = self.reader.path().to_owned();
            self.apply(&update).map_err(|why| ReadError::Change { path, why })?;
        }
        if record.length > LARGEST_PACKET || record.bytes.len() > record.length as usize {
            return Err(self.reader.damaged("a packet is too long"));
        }
        let Some(engine) = &self.engine else {
            return Err(self.reader.damaged("a packet comes before the chapter's beginning"));
        };
        let (port, virtio) = (record.port, VirtioHeader::read(&record.virtio));
        let mut bytes = record.bytes.clone();
        bytes.resize(record.length as usize, 0);
        let batch = engine.batch();
        let mut event = PacketEvent {
            number: self.packets,
            at: engine.since_1970(),
            tuple: View::parse(&bytes).ok().map(|view| view.header.tuple),
            verdict: record.verdict.clone(),
            record,
            steps: Vec::new(),
        };
        let kept = Kept {
            bytes: event.record.bytes.len(),
            length: bytes.len(),
            has_partial_checksum: virtio.needs_checksum(),
        };
        let (parsed, offload) = match batch.parse_offloaded(port, &virtio, &mut bytes) {
            Ok(looked) => looked,
            Err(drop) => {
                let amount = (1, bytes.len() as u64);
                event.verdict = Verdict::refused(drop);
                self.send(port, amount);
                self.drop(port, drop.reason, 1);
                return Ok(Event::Packet(Box::new(event)));
            }
        };
        if self.mode.trace {
            event.steps = batch.trace(port, &parsed, &bytes);
        }
        bytes.truncate(parsed.length());
        let mut packet = Packet {
            bytes: &mut bytes,
            partial_checksum: offload.needs_checksum(),
            segment_size: offload.segment_size(),
        };
        let outcome = batch.process_parsed(port, &parsed, &mut packet);
        event.verdict = Verdict::of(&outcome, parsed.view(), &bytes, kept);
        // A packet in transit is counted for its receiver when it arrives.
        let is_in_transit = batch.impaired_path(port, &outcome, parsed.view(), &bytes).is_some();
        drop(batch);
        let amount = offload.segments_and_bytes(parsed.length());
        self.send(port, amount);
        match outcome {
            Outcome::Forward { .. } if is_in_transit => {}
            Outcome::Forward { port: to, .. } => self.receive(to, amount),
            Outcome::Drop { drop, answer, .. } => {
                self.drop(port, drop.reason, amount.0);
                if let Some(answer) = answer {
                    self.receive(port, (1, answer.len() as u64));
                }
            }
        }
        Ok(Event::Packet(Box::new(event)))
    }

    /// Lets a packet enter a leg. Its outcome follows from the leg's impairment now; without one the packet arrives at once.
    fn enter_leg(&mut self, record: LegRecord) -> Event {
        let LegRecord { from, leg, length, at, .. } = record;
        let outcome = self.engine.as_ref().and_then(|engine| {
            let impairment = leg.impairment(&engine.snapshot()).filter(|there| !there.is_harmless())?;
            Some(engine.impaired.enter(leg, &impairment, length as usize, at))
        });
        let outcome = outcome.unwrap_or(LegOutcome::Arrives { at, flipped: None, duplicated: false });
        if let LegOutcome::Lost(reason) = outcome {
            self.drop(from, reason, 1);
        }
        Event::EnteredLeg { record, outcome }
    }

    /// A port's counters begin at zero.
    fn opened(&mut self, port: PortId) {
        self.counts.remove(&port);
        if let Some(counters) = &mut self.counters {
            counters.retain(|start| start.port != port);
        }
    }

    fn send(&mut self, port: PortId, amount: (u64, u64)) {
        add(&mut self.counts.entry(port).or_default().sent, amount);
    }

    fn receive(&mut self, port: PortId, amount: (u64, u64)) {
        add(&mut self.counts.entry(port).or_default().received, amount);
    }

    fn drop(&mut self, port: PortId, reason: DropReason, packets: u64) {
        let drops = self.counts.entry(port).or_default().drops.entry(reason).or_default();
        *drops = drops.wrapping_add(packets);
    }

    /// The counters that have not risen as they did in the recording.
    fn compare(&self, ended: &[PortStatus], lost: [u64; 2]) -> Option<Vec<CounterDifference>> {
        let began = self.counters.as_ref().filter(|_| lost == [0; 2] && !self.is_other)?;
        let mut differences = Vec::new();
        for end in ended {
            let start = began.iter().find(|start| start.port == end.port);
            let count = self.counts.get(&end.port).cloned().unwrap_or_default();
            let mut compare = |counter: &str, of: fn(&PortStatus) -> u64, replayed: u64| {
                let recorded = of(end).wrapping_sub(start.map_or(0, of));
                if recorded != replayed {
                    let counter = counter.to_owned();
                    differences.push(CounterDifference { port: end.port, counter, recorded, replayed });
                }
            };
            compare("sent packets", |port| port.sent_packets, count.sent.0);
            compare("sent bytes", |port| port.sent_bytes, count.sent.1);
            compare("received packets", |port| port.received_packets, count.received.0);
            compare("received bytes", |port| port.received_bytes, count.received.1);
            for reason in DropReason::ALL {
                let of =
                    |port: &PortStatus| port.drops.iter().find(|(of, _)| of == reason).map_or(0, |(_, count)| *count);
                let recorded = of(end).wrapping_sub(start.map_or(0, of));
                let replayed = count.drops.get(reason).copied().unwrap_or_default();
                if recorded != replayed {
                    let counter = format!("dropped ({reason})");
                    differences.push(CounterDifference { port: end.port, counter, recorded, replayed });
                }
            }
        }
        Some(differences)
    }
}

fn add(sum: &mut (u64, u64), amount: (u64, u64)) {
    *sum = (sum.0.wrapping_add(amount.0), sum.1.wrapping_add(amount.1));
}
