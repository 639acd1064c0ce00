//! The recorder: whether a recording runs, and which worker has its turn in it.

use super::format::{LegRecord, Record};
use super::spool::{Output, Spool};
use super::tape::Tape;
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
    tape: Mutex<Option<Tape>>,
    /// The status of the last recording that ended.
    last: Arc<Mutex<Option<RecordingStatus>>>,
    /// Held during a sweep of expired flows.
    sweep: Mutex<()>,
}

/// A worker's turn. While it lasts nothing else happens in the engine.
#[derive(Debug)]
pub struct Turn<'r>(MutexGuard<'r, Option<Tape>>);

impl Recorder {
    /// Takes a worker's turn, before a batch begins; it is kept until the batch is written. `None` if no recording
    /// runs.
    #[inline]
    pub fn turn(&self, engine: &Engine) -> Option<Turn<'_>> {
        if self.is_on.load(Relaxed) { Some(self.take_turn(engine)) } else { None }
    }

    #[inline(never)]
    fn take_turn(&self, engine: &Engine) -> Turn<'_> {
        let mut tape = lock(&self.tape);
        if let Some(tape) = &mut *tape {
            tape.turn(engine);
        }
        Turn(tape)
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
        let mut tape = lock(&self.tape);
        let each = order.ring.map(|bytes| bytes / order.files.len().max(1) as u64);
        let spool = Spool::start(outputs, each).inspect_err(|_| self.is_on.store(false, Relaxed))?;
        *lock(&self.last) = None;
        *tape = Some(Tape::new(order, seed, spool, counters(), engine));
        Ok(())
    }

    /// The status of the recording, or of the last one that ended.
    pub fn status(&self) -> Option<RecordingStatus> {
        let status = lock(&self.tape).as_mut().map(Tape::status);
        status.or_else(|| lock(&self.last).clone())
    }

    /// Ends the recording, if one runs, and waits until it is written. `counters` reads the ports' counters then.
    pub fn end(&self, counters: impl FnOnce() -> Vec<PortStatus>) -> Option<RecordingStatus> {
        let (tape, counters) = self.take(counters)?;
        let status = tape.end(counters);
        *lock(&self.last) = Some(status.clone());
        Some(status)
    }

    /// Ends the recording, if one runs, and writes it in the background. The [status](Self::status) says when it is
    /// written.
    pub fn end_in_background(&self, counters: impl FnOnce() -> Vec<PortStatus>) -> Option<RecordingStatus> {
        let (mut tape, counters) = self.take(counters)?;
        let status = tape.status();
        *lock(&self.last) = Some(status.clone());
        let last = Arc::clone(&self.last);
        let write = move || *lock(&last) = Some(tape.end(counters));
        match thread::Builder::new().name("recording-ends".into()).spawn(write) {
            Ok(_) => Some(status),
            // The tape was dropped with the thread that did not start. Its spool has written what it had.
            Err(error) => {
                let failed = Some(format!("the end of the recording is not written: {error}"));
                let status = RecordingStatus { failed, has_ended: true, ..status };
                *lock(&self.last) = Some(status.clone());
                Some(status)
            }
        }
    }

    /// Removes the tape, so that nothing more is recorded.
    fn take(&self, counters: impl FnOnce() -> Vec<PortStatus>) -> Option<(Tape, Vec<PortStatus>)> {
        let mut tape = lock(&self.tape);
        let taken = tape.take()?;
        let counters = counters();
        self.is_on.store(false, Relaxed);
        Some((taken, counters))
    }

    /// Whether a recording runs whose lease was not renewed.
    pub fn is_abandoned(&self) -> bool {
        self.is_on.load(Relaxed) && lock(&self.tape).as_ref().is_some_and(Tape::is_abandoned)
    }

    /// Puts tables in force that an update has made.
    pub fn publish(&self, engine: &Engine, snapshot: Arc<Snapshot>, update: &Update) {
        let mut turn = self.turn(engine);
        if let Some(tape) = turn.as_mut().and_then(Turn::tape) {
            tape.applied(update);
        }
        engine.publish(snapshot);
    }

    /// Removes the flows of ports that the tables do not have.
    pub fn forget_flows_without_port(&self, engine: &Engine) {
        let mut turn = self.turn(engine);
        if let Some(tape) = turn.as_mut().and_then(Turn::tape) {
            tape.happened(&Record::PortsForgotten);
        }
        engine.forget_flows_without_port();
    }

    /// Resets the legs that the tables do not impair.
    pub fn reset_unimpaired_legs(&self, engine: &Engine) {
        let mut turn = self.turn(engine);
        if let Some(tape) = turn.as_mut().and_then(Turn::tape) {
            tape.happened(&Record::NetworksBegunAnew);
        }
        engine.reset_unimpaired_legs();
    }

    /// Advances the clock.
    pub fn advance_clock(&self, engine: &Engine, by: Duration) {
        let mut turn = self.turn(engine);
        engine.advance_clock(by);
        if let Some(tape) = turn.as_mut().and_then(Turn::tape) {
            tape.at(engine.now(), engine.since_1970());
            tape.happened(&Record::Advanced(by));
        }
    }

    /// Removes expired flows and fragments. Called about every second.
    pub fn expire(&self, engine: &Engine) {
        let _swept = lock(&self.sweep);
        let mut turn = self.turn(engine);
        let now = engine.now();
        if let Some(tape) = turn.as_mut().and_then(Turn::tape) {
            tape.at(now, engine.since_1970());
            tape.happened(&Record::Expired);
            tape.flush();
        }
        engine.expire_at(now);
    }

    /// Records changed rows of the controller. With `whole` there are no other rows.
    pub fn note(&self, what: String, rows: Vec<ControllerRow>, whole: bool) {
        if let Some(tape) = &mut *lock(&self.tape) {
            tape.noted(what, rows, whole);
        }
    }
}

impl Turn<'_> {
    fn tape(&mut self) -> Option<&mut Tape> {
        self.0.as_mut()
    }

    /// Records the batch's time, in milliseconds of the engine's clock and in nanoseconds since 1970.
    pub fn at(&mut self, now: u64, since_1970: u64) {
        if let Some(tape) = self.tape() {
            tape.at(now, since_1970);
        }
    }

    /// Records a packet of a port with this virtio header. Its outcome follows, either at once or after others, in the
    /// order of the packets.
    pub fn arrived(&mut self, port: PortId, virtio: [u8; VIRTIO_HEADER], bytes: &[u8]) {
        if let Some(tape) = self.tape() {
            tape.arrived(port, virtio, bytes);
        }
    }

    /// Records that the last packet is not valid, or contradicts its virtio header.
    pub fn refused(&mut self, drop: Drop) {
        if let Some(tape) = self.tape() {
            tape.refused(drop);
        }
    }

    /// Records the outcome of the next packet. `before` is its view before it was processed, and `bytes` the packet
    /// now.
    pub fn passed(&mut self, outcome: &Outcome, before: &View, bytes: &[u8]) {
        if let Some(tape) = self.tape() {
            tape.passed(outcome, before, bytes);
        }
    }

    /// Records packets and bytes that the receiver's host did not take.
    pub fn undelivered(&mut self, from: PortId, to: PortId, amount: (u64, u64)) {
        if let Some(tape) = self.tape() {
            tape.happened(&Record::Undelivered { from, to, amount });
        }
    }

    /// Records a packet on an impaired leg.
    pub fn met(&mut self, met: LegRecord) {
        if let Some(tape) = self.tape() {
            tape.happened(&Record::Met(met));
        }
    }

    /// Records that a packet of this many bytes has left a leg.
    pub fn left(&mut self, leg: Leg, bytes: usize) {
        if let Some(tape) = self.tape() {
            tape.happened(&Record::Left(leg, bytes as u32));
        }
    }

    /// Records a packet that arrived through impaired networks.
    pub fn came_out(&mut self, from: PortId, to: PortId, bytes: usize, is_taken: bool) {
        if let Some(tape) = self.tape() {
            tape.happened(&Record::CameOut { from, to, bytes: bytes as u64, is_taken });
        }
    }

    /// Records that the sender's host did not take an answer of this many bytes.
    pub fn unanswered(&mut self, port: PortId, bytes: usize) {
        if let Some(tape) = self.tape() {
            tape.happened(&Record::Unanswered(port, bytes as u64));
        }
    }
}

/// Locks a mutex. A writer that panicked leaves the tape usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
