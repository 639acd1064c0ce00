//! The switch: whether somebody records, and whose turn it is.

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

/// Records what comes to an engine, if somebody wants it. While nobody does, a batch pays for one look.
///
/// What changes an engine goes through here, but for packets from one thread: publishing, forgetting, the clock.
#[derive(Debug, Default)]
pub struct Recorder {
    is_on: AtomicBool,
    tape: Mutex<Option<Tape>>,
    /// How far the recording was that ended last.
    last: Arc<Mutex<Option<RecordingStatus>>>,
    /// Held while old flows are swept out.
    sweep: Mutex<()>,
}

/// A worker's turn: while it has it, nothing else happens in the engine.
#[derive(Debug)]
pub struct Turn<'r>(MutexGuard<'r, Option<Tape>>);

impl Recorder {
    /// A worker's turn, to be taken before a batch begins and kept until it is written; `None` while nobody records.
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

    /// Begins a recording. `settle` waits until every batch that began before is over; `counters` are the ports' then.
    ///
    /// # Errors
    /// If there is one already, or no thread for it.
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

    /// How far the recording is or, if it has ended, has come.
    pub fn status(&self) -> Option<RecordingStatus> {
        let status = lock(&self.tape).as_mut().map(Tape::status);
        status.or_else(|| lock(&self.last).clone())
    }

    /// Ends the recording, if there is one, and waits until it is written; `counters` are the ports' then.
    pub fn end(&self, counters: impl FnOnce() -> Vec<PortStatus>) -> Option<RecordingStatus> {
        let (tape, counters) = self.take(counters)?;
        let status = tape.end(counters);
        *lock(&self.last) = Some(status.clone());
        Some(status)
    }

    /// Ends the recording, if there is one. It is written in the background; its [status](Self::status) tells when it is.
    pub fn end_in_background(&self, counters: impl FnOnce() -> Vec<PortStatus>) -> Option<RecordingStatus> {
        let (mut tape, counters) = self.take(counters)?;
        let status = tape.status();
        *lock(&self.last) = Some(status.clone());
        let last = Arc::clone(&self.last);
        let write = move || *lock(&last) = Some(tape.end(counters));
        match thread::Builder::new().name("recording-ends".into()).spawn(write) {
            Ok(_) => Some(status),
            // The tape is gone with the thread that did not start; its spool has written what it had.
            Err(error) => {
                let failed = Some(format!("its end is not written: {error}"));
                let status = RecordingStatus { failed, has_ended: true, ..status };
                *lock(&self.last) = Some(status.clone());
                Some(status)
            }
        }
    }

    /// Takes the tape away, so that nothing more is recorded.
    fn take(&self, counters: impl FnOnce() -> Vec<PortStatus>) -> Option<(Tape, Vec<PortStatus>)> {
        let mut tape = lock(&self.tape);
        let taken = tape.take()?;
        let counters = counters();
        self.is_on.store(false, Relaxed);
        Some((taken, counters))
    }

    /// Whether a recording goes on that nobody asks for any more.
    pub fn is_abandoned(&self) -> bool {
        self.is_on.load(Relaxed) && lock(&self.tape).as_ref().is_some_and(Tape::is_abandoned)
    }

    /// Puts tables in force, which an update has made.
    pub fn publish(&self, engine: &Engine, snapshot: Arc<Snapshot>, update: &Update) {
        let mut turn = self.turn(engine);
        if let Some(tape) = turn.as_mut().and_then(Turn::tape) {
            tape.applied(update);
        }
        engine.publish(snapshot);
    }

    /// Forgets the flows of ports that the tables do not have.
    pub fn forget_flows_without_port(&self, engine: &Engine) {
        let mut turn = self.turn(engine);
        if let Some(tape) = turn.as_mut().and_then(Turn::tape) {
            tape.happened(&Record::PortsForgotten);
        }
        engine.forget_flows_without_port();
    }

    /// Lets ways that are good again begin anew, should they be bad ones later.
    pub fn begin_networks_anew(&self, engine: &Engine) {
        let mut turn = self.turn(engine);
        if let Some(tape) = turn.as_mut().and_then(Turn::tape) {
            tape.happened(&Record::NetworksBegunAnew);
        }
        engine.begin_networks_anew();
    }

    /// Lets the clock jump ahead.
    pub fn advance_clock(&self, engine: &Engine, by: Duration) {
        let mut turn = self.turn(engine);
        engine.advance_clock(by);
        if let Some(tape) = turn.as_mut().and_then(Turn::tape) {
            tape.at(engine.now(), engine.since_1970());
            tape.happened(&Record::Advanced(by));
        }
    }

    /// Forgets flows and fragments whose time is over. To be called about every second.
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

    /// Notes that rows of the controller's have changed; `whole`: that there are no others.
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

    /// The batch's time, by the engine's clock in milliseconds and in nanoseconds since 1970.
    pub fn at(&mut self, now: u64, since_1970: u64) {
        if let Some(tape) = self.tape() {
            tape.at(now, since_1970);
        }
    }

    /// A packet came from a port, with this virtio header. What becomes of it is told next, or for all in their order.
    pub fn arrived(&mut self, port: PortId, virtio: [u8; VIRTIO_HEADER], bytes: &[u8]) {
        if let Some(tape) = self.tape() {
            tape.arrived(port, virtio, bytes);
        }
    }

    /// What came last is no packet, or contradicts its virtio header.
    pub fn refused(&mut self, drop: Drop) {
        if let Some(tape) = self.tape() {
            tape.refused(drop);
        }
    }

    /// The next packet was processed: as it was before, and its bytes as they are now.
    pub fn passed(&mut self, outcome: &Outcome, before: &View, bytes: &[u8]) {
        if let Some(tape) = self.tape() {
            tape.passed(outcome, before, bytes);
        }
    }

    /// So many packets and bytes were not taken by the host that they were for.
    pub fn undelivered(&mut self, from: PortId, to: PortId, amount: (u64, u64)) {
        if let Some(tape) = self.tape() {
            tape.happened(&Record::Undelivered { from, to, amount });
        }
    }

    /// A packet met a bad network.
    pub fn met(&mut self, met: LegRecord) {
        if let Some(tape) = self.tape() {
            tape.happened(&Record::Met(met));
        }
    }

    /// A packet of so many bytes is on this way no more.
    pub fn left(&mut self, leg: Leg, bytes: usize) {
        if let Some(tape) = self.tape() {
            tape.happened(&Record::Left(leg, bytes as u32));
        }
    }

    /// A packet came out of bad networks.
    pub fn came_out(&mut self, from: PortId, to: PortId, bytes: usize, is_taken: bool) {
        if let Some(tape) = self.tape() {
            tape.happened(&Record::CameOut { from, to, bytes: bytes as u64, is_taken });
        }
    }

    /// An answer of so many bytes was not taken by the host that it was for.
    pub fn unanswered(&mut self, port: PortId, bytes: usize) {
        if let Some(tape) = self.tape() {
            tape.happened(&Record::Unanswered(port, bytes as u64));
        }
    }
}

/// A tape is good however its last writer ended.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
