//! A flow: one entry for both directions.

use super::journal::{Journal, Kept, Record};
use super::path::{FlowKey, Path};
use super::state::{Lifetimes, Side, State};
use crate::packet::{FiveTuple, Header};
use crate::policy::PortId;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

/// A flow. What a packet changes in it is atomic; a hit costs it one or two relaxed stores, and needs only its first 64 bytes, which
/// are one line of the processor's cache: with a million flows, every line is a wait for memory.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Flow {
    keys: [FlowKey; 2],
    /// When its last packet came, in milliseconds of the engine's clock, and below that (8 bits) its state.
    activity: AtomicU64,
    /// For each side, the generation of the tables by which its path was last found allowed (0: never), and below that (16 bits)
    /// the path's MTU then: one word, so that nobody can see half of it.
    allowed: [AtomicU64; 2],
    /// The path of each side. Once known, it stays.
    paths: [OnceLock<Path>; 2],
    /// Whether it is tracked at the initiator's end, at the responder's end.
    tracked: [bool; 2],
    /// Where it is kept for a next process, if it is.
    record: Option<Record>,
}

/// How often the record of a flow in use is brought up to date, in milliseconds.
const RECORD_EVERY: u64 = 1000;

fn activity(last_active: u64, state: State) -> u64 {
    last_active << 8 | state as u64
}

impl Flow {
    /// A flow that begins with this packet, on this path, allowed by tables of this generation.
    pub fn new(port: PortId, header: &Header, path: Path, tracked: [bool; 2], generation: u64, now: u64) -> Self {
        let flow = Self {
            keys: [FlowKey { port, tuple: header.tuple }, path.reply_key()],
            activity: AtomicU64::new(activity(now, State::first(header))),
            allowed: Default::default(),
            paths: Default::default(),
            tracked,
            record: None,
        };
        flow.allow(Side::Forward, path, generation);
        flow
    }

    /// A flow that another process knew. No generation has allowed it yet.
    pub fn recovered(kept: Kept, record: Record) -> Self {
        let flow = Self {
            keys: [kept.key, kept.path.reply_key()],
            activity: AtomicU64::new(kept.activity),
            allowed: Default::default(),
            paths: Default::default(),
            tracked: kept.tracked,
            record: Some(record),
        };
        flow.allow(Side::Forward, kept.path, 0);
        flow
    }

    /// Keeps it in the journal, if there is room.
    pub fn keep_in(&mut self, journal: &Arc<Journal>) {
        let [key, _] = self.keys;
        let path = self.paths[Side::Forward as usize].get();
        let kept = path.map(|path| Kept { key, path: *path, tracked: self.tracked, activity: self.activity() });
        self.record = kept.and_then(|kept| journal.record(&kept));
    }

    /// By what packets of a side find it.
    pub fn key(&self, side: Side) -> FlowKey {
        self.keys[side as usize]
    }

    /// Whether the end that sends (`Forward`) or receives (`Reply`) the first packet tracks it, so that the rules there are not
    /// asked again.
    pub fn is_tracked_at(&self, end: Side) -> bool {
        self.tracked[end as usize]
    }

    /// Where packets of a side go, if that was allowed in this generation: to which port, as what they are delivered, and the MTU.
    pub fn allowed(&self, side: Side, generation: u64) -> Option<(PortId, FiveTuple, u16)> {
        let allowed = self.allowed[side as usize].load(Relaxed);
        // What a path delivers is found again by the other side's key: see `fits`.
        let there = &self.keys[side.other() as usize];
        (allowed >> 16 == generation).then(|| (there.port, there.tuple.reversed(), allowed as u16))
    }

    /// The path of a side, if it is known yet.
    pub fn path(&self, side: Side) -> Option<Path> {
        self.paths[side as usize].get().copied()
    }

    /// Whether packets of a side that take this path belong to the flow.
    pub fn fits(&self, side: Side, path: &Path) -> bool {
        match self.paths[side as usize].get() {
            Some(known) => known.is_same_way(path),
            None => {
                let forward = self.paths[Side::Forward as usize].get();
                path.reply_key() == self.key(side.other())
                    && forward.is_some_and(|forward| (forward.by, forward.to) == (path.to, path.by))
            }
        }
    }

    /// Notes that a side's path, which [fits](Self::fits), is allowed in this generation.
    pub fn allow(&self, side: Side, path: Path, generation: u64) {
        self.paths[side as usize].get_or_init(|| path);
        self.allowed[side as usize].store(generation << 16 | u64::from(path.mtu), Relaxed);
    }

    /// Notes a packet.
    #[inline]
    pub fn touch(&self, side: Side, tcp_flags: u8, now: u64) {
        let before = self.activity();
        let state = State::from_number(before as u8);
        let next = state.next(side, tcp_flags);
        let after = activity(now, next);
        if after == before {
            return;
        }
        self.activity.store(after, Relaxed);
        if next == state && now / RECORD_EVERY == (before >> 8) / RECORD_EVERY {
            return;
        }
        if let Some(record) = &self.record {
            record.update(after);
        }
    }

    /// Its state.
    pub fn state(&self) -> State {
        State::from_number(self.activity() as u8)
    }

    /// When its last packet came and its state, in one number.
    pub fn activity(&self) -> u64 {
        self.activity.load(Relaxed)
    }

    /// Whether it has been idle for longer than its state allows.
    pub fn is_expired(&self, lifetimes: &Lifetimes, now: u64) -> bool {
        let activity = self.activity();
        now.saturating_sub(activity >> 8) > lifetimes.of(State::from_number(activity as u8))
    }
}
