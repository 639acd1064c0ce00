//! The recorder: whether a recording runs, and which worker has its turn.

use super::format::{LegRecord, Record};
use super::recording::Recording;
use super::spool::{Output, Spool};
use crate::packet::{VIRTIO_HEADER, View};
use crate::pipeline::{Engine, Leg, Outcome};
use crate::policy::Snapshot;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use wire::{ControllerRow, Drop, PortId, PortStatus, RecordingOrder, RecordingStatus, Update};

/// Records everything that reaches an engine, if a recording runs. Without one a batch pays for one check.
///
/// Every change of an engine goes through here, except packets that one thread moves: publishing tables, removing
/// flows, advancing the clock.
#[derive(Debug, Default)]
pub struct Recorder {
    is_on: AtomicBool,
    recording: Mutex<Option<Recording>>,
    /// The status of the last recording that ended.
    last: Arc<Mutex<Option<RecordingStatus>>>,
    /// Held during a sweep of expired flows.
    sweep: Mutex<()>,
}

/// A worker's turn. While it lasts nothing else happens in the engine.
#[derive(Debug)]
pub struct Turn<'r>(MutexGuard<'r, Option<Recording>>);

impl Recorder {
    /// Takes a worker's turn, before a batch begins; it is kept until the batch is written. `None` if no recording
    /// runs.
    #[inline]
    pub fn turn(&self, engine: &Engine) -> Option<Turn<'_>> {
        if self.is_on.load(Relaxed) { Some(self.take_turn(engine)) } else { None }
    }

    #[inline(never)]
    fn take_turn(&self, engine: &Engine) -> Turn<'_> {
        let mut recording = lock(&self.recording);
        if let Some(recording) = &mut *recording {
            recording.turn(engine);
        }
        Turn(recording)
    }

    /// Begins a recording. `settle` waits until every batch that began before is over, and `counters` reads the ports'
    /// counters then.
    ///
    /// # Errors
    /// If a recording runs already, or its thread cannot start.
    pub fn start(
        &self,
        engine: &Engine,
        order: RecordingOrder,
        seed: u64,
        outputs: Vec<Box<dyn Output>>,
        settle: impl FnOnce(),
        counters: impl FnOnce() -> Vec<PortStatus>,
    ) -> io::Result<()> {
        if self.is_on.swap(true, Relaxed) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        settle();
        let _swept = lock(&self.sweep);
        let mut recording = lock(&self.recording);
        let each = order.ring.map(|bytes| bytes / order.files.len().max(1) as u64);
        let spool = Spool::start(outputs, each).inspect_err(|_| self.is_on.store(false, Relaxed))?;
        *lock(&self.last) = None;
        *recording = Some(Recording::new(order, seed, spool, counters(), engine));
        Ok(())
    }

    /// The status of the recording, or of the last one that ended.
    pub fn status(&self) -> Option<RecordingStatus> {
        let status = lock(&self.recording).as_mut().map(Recording::status);
        status.or_else(|| lock(&self.last).clone())
    }

    /// Ends the recording, if one runs, and waits until it is written. `counters` reads the ports' counters then.
    pub fn end(&self, counters: impl FnOnce() -> Vec<PortStatus>) -> Option<RecordingStatus> {
        let (recording, counters) = self.take(counters)?;
        let status = recording.end(counters);
        *lock(&self.last) = Some(status.clone());
        Some(status)
    }

    /// Ends the recording, if one runs, and writes it in the background. The [status](Self::status) says when it is
    /// written.
    pub fn end_in_background(&self, counters: impl FnOnce() -> Vec<PortStatus>) -> Option<RecordingStatus> {
        let (mut recording, counters) = self.take(counters)?;
        let status = recording.status();
        *lock(&self.last) = Some(status.clone());
        let last = Arc::clone(&self.last);
        let write = move || *lock(&last) = Some(recording.end(counters));
        match thread::Builder::new().name("recording-ends".into()).spawn(write) {
            Ok(_) => Some(status),
            // The recording was dropped with the thread that did not start, and its spool has written all blocks but the last.
            Err(error) => {
                let failed = Some(format!("the end of the recording is not written: {error}"));
                let status = RecordingStatus { failed, has_ended: true, ..status };
                *lock(&self.last) = Some(status.clone());
                Some(status)
            }
        }
    }

    /// Takes the recording out, so that nothing more is recorded.
    fn take(&self, counters: impl FnOnce() -> Vec<PortStatus>) -> Option<(Recording, Vec<PortStatus>)> {
        let mut recording = lock(&self.recording);
        let taken = recording.take()?;
        let counters = counters();
        self.is_on.store(false, Relaxed);
        Some((taken, counters))
    }

    /// Whether a recording runs whose lease was not renewed.
    pub fn is_abandoned(&self) -> bool {
        self.is_on.load(Relaxed) && lock(&self.recording).as_ref().is_some_and(Recording::is_abandoned)
    }

    /// Puts tables in force that an update has made.
    pub fn publish(&self, engine: &Engine, snapshot: Arc<Snapshot>, update: &Update) {
        let mut turn = self.turn(engine);
        if let Some(recording) = turn.as_mut().and_then(Turn::recording) {
            recording.applied(update);
            recording.flush();
        }
        engine.publish(snapshot);
    }

    /// Removes the flows of ports that the tables do not have.
    pub fn forget_flows_without_port(&self, engine: &Engine) {
        let mut turn = self.turn(engine);
        if let Some(recording) = turn.as_mut().and_then(Turn::recording) {
            recording.event(&Record::PortsForgotten);
        }
        engine.forget_flows_without_port();
    }

    /// Resets the legs that the tables do not impair.
    pub fn reset_unimpaired_legs(&self, engine: &Engine) {
        let mut turn = self.turn(engine);
        if let Some(recording) = turn.as_mut().and_then(Turn::recording) {
            recording.event(&Record::LegsReset);
        }
        engine.reset_unimpaired_legs();
    }

    /// Advances the clock.
    pub fn advance_clock(&self, engine: &Engine, by: Duration) {
        let mut turn = self.turn(engine);
        engine.advance_clock(by);
        if let Some(recording) = turn.as_mut().and_then(Turn::recording) {
            recording.at(engine.now(), engine.since_1970());
            recording.event(&Record::Advanced(by));
        }
    }

    /// Records that a port was opened: its counters begin at zero. Workers do not have it yet.
    pub fn opened(&self, port: PortId) {
        if let Some(recording) = &mut *lock(&self.recording) {
            recording.event(&Record::Opened(port));
        }
    }

    /// Removes expired flows and fragments. Called about every second.
    pub fn expire(&self, engine: &Engine) {
        let _swept = lock(&self.sweep);
        let mut turn = self.turn(engine);
        let now = engine.now();
        if let Some(recording) = turn.as_mut().and_then(Turn::recording) {
            recording.at(now, engine.since_1970());
            recording.event(&Record::Expired);
            recording.flush();
        }
        engine.expire_at(now);
    }

    /// Hands the records so far to the thread that writes them. Workers call it before they sleep, so that a burst of batches
    /// costs one call.
    pub fn flush(&self) {
        if self.is_on.load(Relaxed)
            && let Some(recording) = &mut *lock(&self.recording)
        {
            recording.flush();
        }
    }

    /// Records changed rows of the controller. With `whole` there are no other rows.
    pub fn note(&self, what: String, rows: Vec<ControllerRow>, whole: bool) {
        if let Some(recording) = &mut *lock(&self.recording) {
            recording.noted(what, rows, whole);
            recording.flush();
        }
    }
}

impl Turn<'_> {
    fn recording(&mut self) -> Option<&mut Recording> {
        self.0.as_mut()
    }

    /// Records the batch's time, in milliseconds of the engine's clock and in nanoseconds since 1970.
    pub fn at(&mut self, now: u64, since_1970: u64) {
        if let Some(recording) = self.recording() {
            recording.at(now, since_1970);
        }
    }

    /// Records a packet of a port with this virtio header. Its outcome follows, either at once or after others, in the
    /// order of the packets.
    pub fn arrived(&mut self, port: PortId, virtio: [u8; VIRTIO_HEADER], bytes: &[u8]) {
        if let Some(recording) = self.recording() {
            recording.arrived(port, virtio, bytes);
        }
    }

    /// Records that the last packet is not valid, or contradicts its virtio header.
    pub fn refused(&mut self, drop: Drop) {
        if let Some(recording) = self.recording() {
            recording.refused(drop);
        }
    }

    /// Records the outcome of the next packet. `before` is its view before it was processed, and `bytes` the packet
    /// now.
    pub fn passed(&mut self, outcome: &Outcome, before: &View, bytes: &[u8]) {
        if let Some(recording) = self.recording() {
            recording.passed(outcome, before, bytes);
        }
    }

    /// Records packets and bytes that the receiver's host did not take.
    pub fn undelivered(&mut self, from: PortId, to: PortId, amount: (u64, u64)) {
        if let Some(recording) = self.recording() {
            recording.event(&Record::Undelivered { from, to, amount });
        }
    }

    /// Records a packet that entered an impaired leg, with its outcome there.
    pub fn entered_leg(&mut self, entered: LegRecord) {
        if let Some(recording) = self.recording() {
            recording.event(&Record::EnteredLeg(entered));
        }
    }

    /// Records that a packet of this many bytes has left a leg.
    pub fn left_leg(&mut self, leg: Leg, bytes: usize) {
        if let Some(recording) = self.recording() {
            recording.event(&Record::LeftLeg(leg, bytes as u32));
        }
    }

    /// Records a packet that completed its path over impaired networks, and whether the receiver's host took it.
    pub fn completed_path(&mut self, from: PortId, to: PortId, bytes: usize, is_taken: bool) {
        if let Some(recording) = self.recording() {
            recording.event(&Record::CompletedPath { from, to, bytes: bytes as u64, is_taken });
        }
    }

    /// Records that the sender's host did not take an answer of this many bytes.
    pub fn unanswered(&mut self, port: PortId, bytes: usize) {
        if let Some(recording) = self.recording() {
            recording.event(&Record::Unanswered(port, bytes as u64));
        }
    }
}

/// Locks a mutex. A writer that panicked leaves the recording usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
