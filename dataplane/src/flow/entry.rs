//! A flow: one entry for both directions.

use super::path::{FlowKey, Limits, Path};
use super::state::{Activity, Side};
use crate::packet::Header;
use wire::{AttachmentId, NatId, PortId};

/// A flow as plain data. What is in force lives in a slot of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// By what packets of each side find it. Where one side's packets are delivered is where the other side's come from: so each
    /// key tells the other side's way, too.
    pub(super) keys: [FlowKey; 2],
    /// What else there is to know of each side's path, once it is known; then it stays.
    pub(super) records: [Option<PathRecord>; 2],
    /// Whether it is tracked at the initiator's end, at the responder's end.
    pub(super) tracked: [bool; 2],
    /// When its last packet came, and its state.
    pub(super) activity: Activity,
    /// When its first packet came, in milliseconds; 0: that was not noted.
    pub(super) begun: u64,
    /// Packets and bytes of both sides, while they are counted.
    pub(super) counted: (u64, u64),
}

/// What of a path does not stand in the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PathRecord {
    pub by: AttachmentId,
    pub to: AttachmentId,
    pub nat: Option<NatId>,
    pub leaves_segment: bool,
}

impl PathRecord {
    pub fn of(path: &Path) -> Self {
        Self { by: path.by, to: path.to, nat: path.nat, leaves_segment: path.leaves_segment }
    }
}

impl Flow {
    /// A flow that begins with this packet, on this path.
    pub fn new(port: PortId, header: &Header, path: Path, tracked: [bool; 2], now: u64) -> Self {
        Self {
            keys: [FlowKey { port, tuple: header.tuple }, path.reply_key()],
            records: [Some(PathRecord::of(&path)), None],
            tracked,
            activity: Activity::first(header, now),
            begun: now,
            counted: (0, 0),
        }
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

    /// Whether its packets go through a NAT.
    pub fn is_translated(&self) -> bool {
        self.records.iter().flatten().any(|record| record.nat.is_some())
    }

    /// The flow as it is when the filters at its ends have forgotten it.
    pub fn untracked(self) -> Self {
        Self { tracked: [false; 2], ..self }
    }

    /// When its last packet came, and its state.
    pub fn activity(&self) -> Activity {
        self.activity
    }

    /// When its first packet came, in milliseconds of the engine's clock, if that was noted.
    pub fn begun(&self) -> Option<u64> {
        (self.begun > 0).then_some(self.begun)
    }

    /// Packets and bytes of both sides, while they are counted.
    pub fn counted(&self) -> (u64, u64) {
        self.counted
    }

    /// The path of a side, if it is known yet. Its limits are not: they are the tables' business.
    pub fn path(&self, side: Side) -> Option<Path> {
        let PathRecord { by, to, nat, leaves_segment } = self.records[side as usize]?;
        let there = self.key(side.other());
        let (sent, delivered) = (self.key(side).tuple, there.tuple.reversed());
        Some(Path { by, to, port: there.port, limits: Limits::NONE, sent, delivered, nat, leaves_segment })
    }

    /// Whether packets of a side that take this path belong to the flow.
    pub fn fits(&self, side: Side, path: &Path) -> bool {
        if path.sent != self.key(side).tuple || path.reply_key() != self.key(side.other()) {
            return false;
        }
        match self.records[side as usize] {
            Some(known) => known == PathRecord::of(path),
            None => self.records[side.other() as usize].is_some_and(|other| (other.by, other.to) == (path.to, path.by)),
        }
    }
}
