//! A flow: one entry for both directions.

use super::state::{Lifetimes, Side, State};
use crate::packet::{FiveTuple, Header};
use crate::policy::{AttachmentId, PortId, TranslatorId};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU64, Ordering::Relaxed};

/// By what a packet finds its flow: the port it came from and its 5-tuple. The port keeps equal addresses of two VRFs apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlowKey {
    /// The sender's port.
    pub port: PortId,
    /// As sent.
    pub tuple: FiveTuple,
}

/// The way of one direction: what routing says, before any filter is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// The attachment it leaves by.
    pub by: AttachmentId,
    /// The attachment it arrives at.
    pub to: AttachmentId,
    /// The port of the latter.
    pub port: PortId,
    /// The largest packet this way takes, in bytes.
    pub mtu: u16,
    /// Who talks to whom, as sent.
    pub sent: FiveTuple,
    /// And as delivered.
    pub delivered: FiveTuple,
    /// Through which translator, if any.
    pub translator: Option<TranslatorId>,
    /// Whether it crosses a boundary even between attachments of one segment.
    pub leaves_segment: bool,
}

impl Path {
    /// By what the reply to what was delivered finds this flow.
    pub fn reply_key(&self) -> FlowKey {
        FlowKey { port: self.port, tuple: self.delivered.reversed() }
    }

    /// Whether this is the same way, the MTU aside.
    pub fn is_same_way(&self, other: &Self) -> bool {
        Self { mtu: other.mtu, ..*self } == *other
    }
}

#[derive(Debug, Default)]
struct Way {
    path: OnceLock<Path>,
    /// The generation of the tables by which it was last found allowed; 0: never.
    generation: AtomicU64,
    /// The path's MTU in that generation.
    mtu: AtomicU16,
}

/// A flow. What a packet changes in it is atomic; a hit costs it one or two relaxed stores.
#[derive(Debug)]
pub struct Flow {
    keys: [FlowKey; 2],
    ways: [Way; 2],
    /// Whether it is tracked at the initiator's end, at the responder's end.
    tracked: [bool; 2],
    state: AtomicU8,
    /// When its last packet came, in milliseconds of the engine's clock.
    last_active: AtomicU64,
}

impl Flow {
    /// A flow that begins with this packet, on this path, allowed by tables of this generation.
    pub fn new(port: PortId, header: &Header, path: Path, tracked: [bool; 2], generation: u64, now: u64) -> Self {
        let flow = Self {
            keys: [FlowKey { port, tuple: header.tuple }, path.reply_key()],
            ways: Default::default(),
            tracked,
            state: AtomicU8::new(State::first(header) as u8),
            last_active: AtomicU64::new(now),
        };
        flow.allow(Side::Forward, path, generation);
        flow
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

    /// The path of a side, and its MTU, if it was allowed in this generation.
    pub fn allowed(&self, side: Side, generation: u64) -> Option<(&Path, u16)> {
        let way = &self.ways[side as usize];
        if way.generation.load(Relaxed) != generation {
            return None;
        }
        Some((way.path.get()?, way.mtu.load(Relaxed)))
    }

    /// Whether packets of a side that take this path belong to the flow.
    pub fn fits(&self, side: Side, path: &Path) -> bool {
        match self.ways[side as usize].path.get() {
            Some(known) => known.is_same_way(path),
            None => {
                let forward = self.ways[Side::Forward as usize].path.get();
                path.reply_key() == self.key(side.other())
                    && forward.is_some_and(|forward| (forward.by, forward.to) == (path.to, path.by))
            }
        }
    }

    /// Notes that a side's path, which [fits](Self::fits), is allowed in this generation.
    pub fn allow(&self, side: Side, path: Path, generation: u64) {
        let way = &self.ways[side as usize];
        let mtu = path.mtu;
        way.path.get_or_init(|| path);
        way.mtu.store(mtu, Relaxed);
        way.generation.store(generation, Relaxed);
    }

    /// Notes a packet.
    pub fn touch(&self, side: Side, tcp_flags: u8, now: u64) {
        if self.last_active.load(Relaxed) != now {
            self.last_active.store(now, Relaxed);
        }
        let state = self.state();
        let next = state.next(side, tcp_flags);
        if next != state {
            self.state.store(next as u8, Relaxed);
        }
    }

    /// Its state.
    pub fn state(&self) -> State {
        State::from_number(self.state.load(Relaxed))
    }

    /// Whether it has been idle for longer than its state allows.
    pub fn is_expired(&self, lifetimes: &Lifetimes, now: u64) -> bool {
        now.saturating_sub(self.last_active.load(Relaxed)) > lifetimes.of(self.state())
    }
}
