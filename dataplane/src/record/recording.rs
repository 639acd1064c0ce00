//! A recording in progress: records in order, gathered into blocks. All access is under the recorder's lock.

use super::format::{BLOCK, Beginning, FRAME, Kept, PacketRecord, Record, Verdict, kept};
use super::spool::Spool;
use crate::packet::{VIRTIO_HEADER, View, VirtioHeader};
use crate::pipeline::{Engine, Outcome};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};
use wire::{Change, ControllerRow, Drop, Entry, Key, PortId, PortStatus, RecordingOrder, RecordingStatus, Update};

/// The greatest number of entries, rows or flows in one record of a beginning.
const PART: usize = 1024;
/// A recording with a lease ends if its status was not asked for during this time.
const LEASE: Duration = Duration::from_secs(10);

/// A recording in progress.
#[derive(Debug)]
pub struct Recording {
    spool: Spool,
    payload: Option<u32>,
    /// The greatest size of a chapter after its beginning; at least the size of the beginning.
    chapter: Option<u64>,
    lease: Option<Instant>,
    seed: u64,
    version: u64,
    tables: BTreeMap<Key, Entry>,
    platform: String,
    rows: BTreeMap<(String, String), String>,
    /// The ports' counters at the beginning.
    counters: Option<Vec<PortStatus>>,
    block: Vec<u8>,
    /// Packets and changes in the block.
    in_block: [u64; 2],
    /// Bytes of the chapter's beginning.
    in_beginning: u64,
    /// Bytes since then.
    in_chapter: u64,
    /// Packets and changes so far, including lost ones.
    came: [u64; 2],
    /// Packets and changes lost since the last block that was written.
    missing: [u64; 2],
    /// Whether a block was lost. Nothing more is written then until the next chapter.
    is_broken: bool,
    /// Packets and changes lost in all.
    lost: u64,
    /// The time of the next record: milliseconds of the engine's clock, and nanoseconds since 1970.
    time: (u64, u64),
    written_time: Option<(u64, u64)>,
    /// The batch's packets whose outcomes are not known yet.
    arrivals: VecDeque<Arrival>,
}

/// A packet whose outcome is not known yet.
#[derive(Debug)]
struct Arrival {
    port: PortId,
    virtio: [u8; VIRTIO_HEADER],
    length: usize,
    bytes: Vec<u8>,
}

/// Indices of pairs of counts.
const PACKETS: usize = 0;
const CHANGES: usize = 1;

impl Recording {
    /// A recording that begins with the engine's state.
    pub fn new(order: RecordingOrder, seed: u64, spool: Spool, counters: Vec<PortStatus>, engine: &Engine) -> Self {
        let RecordingOrder { files, payload, ring, leased, tables, platform, rows } = order;
        let mut recording = Self {
            spool,
            payload,
            chapter: ring.map(|bytes| bytes / files.len().max(1) as u64),
            lease: leased.then(Instant::now),
            seed,
            version: engine.snapshot().version(),
            tables: BTreeMap::new(),
            platform,
            rows: BTreeMap::new(),
            counters: Some(counters),
            block: Vec::new(),
            in_block: [0; 2],
            in_beginning: 0,
            in_chapter: 0,
            came: [0; 2],
            missing: [0; 2],
            is_broken: false,
            lost: 0,
            time: (0, 0),
            written_time: None,
            arrivals: VecDeque::new(),
        };
        recording.change(&tables);
        recording.note(&rows);
        recording.begin_chapter(engine);
        recording
    }

    /// Its status. Asking renews the lease.
    pub fn status(&mut self) -> RecordingStatus {
        self.lease = self.lease.map(|_| Instant::now());
        let (bytes, failed) = self.spool.progress();
        let [packets, changes] = self.came;
        RecordingStatus { packets, changes, lost: self.lost, bytes, failed, has_ended: false }
    }

    /// Whether its lease was not renewed.
    pub fn is_abandoned(&self) -> bool {
        self.lease.is_some_and(|asked| asked.elapsed() > LEASE)
    }

    /// Before a batch: begins another chapter where one is due.
    pub fn turn(&mut self, engine: &Engine) {
        self.arrivals.clear();
        let is_full = self.chapter.is_some_and(|most| self.in_chapter >= most.max(self.in_beginning));
        // A beginning is written however much waits, so on a slow disk another one waits until the queue is
        // short.
        if (is_full || self.is_broken) && self.spool.has_caught_up() {
            self.begin_chapter(engine);
        }
    }

    /// Sets the time of what follows.
    pub fn at(&mut self, now: u64, at: u64) {
        self.time = (now, at);
    }

    /// Records a packet that arrived.
    pub fn arrived(&mut self, port: PortId, virtio: [u8; VIRTIO_HEADER], bytes: &[u8]) {
        let kept = bytes.get(..kept(bytes, self.payload)).unwrap_or(bytes).to_vec();
        self.arrivals.push_back(Arrival { port, virtio, length: bytes.len(), bytes: kept });
    }

    /// Records that the last packet is not valid.
    pub fn refused(&mut self, drop: Drop) {
        if let Some(arrival) = self.arrivals.pop_back() {
            self.packet(arrival, Verdict::refused(drop));
        }
    }

    /// Records the outcome of the first packet that has none.
    pub fn passed(&mut self, outcome: &Outcome, before: &View, bytes: &[u8]) {
        let Some(arrival) = self.arrivals.pop_front() else { return };
        let has_partial_checksum = VirtioHeader::read(&arrival.virtio).needs_checksum();
        let kept = Kept { bytes: arrival.bytes.len(), length: arrival.length, has_partial_checksum };
        let verdict = Verdict::of(outcome, before, bytes, kept);
        self.packet(arrival, verdict);
    }

    fn packet(&mut self, Arrival { port, virtio, length, bytes }: Arrival, verdict: Verdict) {
        self.came[PACKETS] += 1;
        self.write_time();
        self.write(&Record::Packet(PacketRecord { port, virtio, length: length as u32, bytes, verdict }), [1, 0]);
    }

    /// Records a change of the tables.
    pub fn applied(&mut self, update: &Update) {
        if update.whole {
            self.tables.clear();
        }
        self.change(&update.changes);
        self.version = update.version;
        self.came[CHANGES] += 1;
        self.write(&Record::Applied(update.clone()), [0, 1]);
    }

    /// Records changed rows of the controller. If they are `whole`, all other rows are gone.
    pub fn noted(&mut self, what: String, mut rows: Vec<ControllerRow>, whole: bool) {
        if whole {
            let gone = self.rows_besides(&rows);
            rows.extend(gone);
        }
        self.note(&rows);
        self.write(&Record::Note { what, rows }, [0, 0]);
    }

    /// Records any other event, at the time set last.
    pub fn event(&mut self, record: &Record) {
        self.write_time();
        self.write(record, [0, 0]);
    }

    /// Ends the recording, and waits until it is written.
    pub fn end(mut self, counters: Vec<PortStatus>) -> RecordingStatus {
        if !self.is_broken {
            self.seal();
        }
        // The end is written however much waits.
        self.begin(&Record::End { counters, lost: self.missing });
        self.close_beginning();
        self.spool.finish();
        RecordingStatus { has_ended: true, ..self.status() }
    }

    /// Closes the block if nothing waits to be written. A process that is killed then loses few records, and a slow disk still
    /// gets large blocks.
    pub fn flush(&mut self) {
        if !self.is_broken && self.spool.is_idle() {
            self.seal();
        }
    }

    fn change(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Set(entry) => drop(self.tables.insert(entry.key(), entry.clone())),
                Change::Remove(key) => drop(self.tables.remove(key)),
            }
        }
    }

    fn note(&mut self, rows: &[ControllerRow]) {
        for ControllerRow { collection, id, value } in rows {
            let key = (collection.clone(), id.clone());
            match value {
                Some(value) => drop(self.rows.insert(key, value.clone())),
                None => drop(self.rows.remove(&key)),
            }
        }
    }

    /// All rows except these, marked as gone.
    fn rows_besides(&self, rows: &[ControllerRow]) -> Vec<ControllerRow> {
        let kept: BTreeSet<(&str, &str)> = rows.iter().map(|row| (&*row.collection, &*row.id)).collect();
        let others = self.rows.keys().filter(|(collection, id)| !kept.contains(&(&**collection, &**id)));
        let gone = |(collection, id): &(String, String)| ControllerRow {
            collection: collection.clone(),
            id: id.clone(),
            value: None,
        };
        others.map(gone).collect()
    }

    /// Writes the engine's whole state, so that what follows needs nothing from before.
    fn begin_chapter(&mut self, engine: &Engine) {
        if !self.is_broken {
            self.seal();
        }
        let mut image = engine.image();
        let flows = std::mem::take(&mut image.flows.flows);
        let lost = std::mem::take(&mut self.missing);
        self.is_broken = false;
        self.written_time = None;
        self.in_beginning = 0;
        self.spool.chapter();
        let beginning = Beginning {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            seed: self.seed,
            version: self.version,
            engine: image,
            platform: self.platform.clone(),
            before: self.came,
            lost,
            counters: self.counters.take(),
        };
        self.begin(&Record::Begin(Box::new(beginning)));
        let row = |((collection, id), value): (&(String, String), &String)| ControllerRow {
            collection: collection.clone(),
            id: id.clone(),
            value: Some(value.clone()),
        };
        let rows: Vec<ControllerRow> = self.rows.iter().map(row).collect();
        rows.chunks(PART).for_each(|rows| self.begin(&Record::Rows(rows.to_vec())));
        let tables: Vec<Change> = self.tables.values().cloned().map(Change::Set).collect();
        tables.chunks(PART).for_each(|changes| self.begin(&Record::Tables(changes.to_vec())));
        flows.chunks(PART).for_each(|flows| self.begin(&Record::Flows(flows.to_vec())));
        self.begin(&Record::Ready);
        self.close_beginning();
        self.in_chapter = 0;
    }

    /// Writes a part of a beginning, which is never left out.
    fn begin(&mut self, record: &Record) {
        self.encode(record);
        if self.block.len() >= BLOCK {
            self.close_beginning();
        }
    }

    /// Closes a block of a beginning.
    fn close_beginning(&mut self) {
        let block = std::mem::take(&mut self.block);
        self.in_beginning += block.len() as u64;
        self.spool.records(block);
    }

    fn write_time(&mut self) {
        if self.written_time != Some(self.time) {
            let (now, at) = self.time;
            self.write(&Record::Time { now, at }, [0, 0]);
            self.written_time = Some(self.time);
        }
    }

    /// Writes a record that counts for packets and changes, or counts them as lost.
    fn write(&mut self, record: &Record, counts: [u64; 2]) {
        if self.is_broken {
            return self.lose(counts);
        }
        self.encode(record);
        self.in_block = [PACKETS, CHANGES].map(|what| self.in_block[what] + counts[what]);
        if self.block.len() >= BLOCK {
            self.seal();
        }
    }

    /// Encodes a record. It cannot fail for the types that we have.
    fn encode(&mut self, record: &Record) {
        let length = self.block.len();
        match postcard::to_extend(record, std::mem::take(&mut self.block)) {
            Ok(block) => self.block = block,
            Err(error) => {
                tracing::error!(%error, length, "a record cannot be encoded and is missing from the recording")
            }
        }
    }

    /// Closes a block. A block for which there is no room is lost, and so is everything after it until there is room.
    fn seal(&mut self) {
        let counts = std::mem::take(&mut self.in_block);
        let block = std::mem::take(&mut self.block);
        if block.is_empty() {
            return;
        }
        if self.spool.has_room(block.len()) {
            self.in_chapter += (FRAME + block.len()) as u64;
            self.spool.records(block);
        } else {
            self.is_broken = true;
            self.lose(counts);
        }
    }

    fn lose(&mut self, counts: [u64; 2]) {
        self.missing = [PACKETS, CHANGES].map(|what| self.missing[what] + counts[what]);
        self.lost += counts.iter().sum::<u64>();
    }
}
