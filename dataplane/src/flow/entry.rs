//! A flow: one entry for both directions.

use super::path::{FlowKey, Limits, Path};
use super::state::{Activity, Side};
use crate::packet::Header;
use wire::{AttachmentId, NatId, PortId};

/// A flow as plain data. The live flow is in a slot of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// The key of each direction. The port in one direction's key is the port that the other direction is delivered to,
    /// so the two keys also say where packets go.
    pub(super) keys: [FlowKey; 2],
    /// The rest of each direction's path. It is set once the path is known, and then stays.
    pub(super) records: [Option<PathRecord>; 2],
    /// Whether the flow is tracked at the initiator's and at the responder's end.
    pub(super) tracked: [bool; 2],
    /// The time of the last packet, and the state since.
    pub(super) activity: Activity,
    /// The time of the first packet in milliseconds; 0 if it was not recorded.
    pub(super) begun: u64,
    /// Packets and bytes of both directions, counted while they are asked for.
    pub(super) counted: (u64, u64),
}

/// The part of a path that the keys do not hold.
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

    /// The key of one direction's packets.
    pub fn key(&self, side: Side) -> FlowKey {
        self.keys[side as usize]
    }

    /// Whether the end that sends (`Forward`) or receives (`Reply`) the first packet tracks the flow, so that the rules
    /// there are not asked again.
    pub fn is_tracked_at(&self, end: Side) -> bool {
        self.tracked[end as usize]
    }

    /// Whether a NAT translates its packets.
    pub fn is_translated(&self) -> bool {
        self.records.iter().flatten().any(|record| record.nat.is_some())
    }

    /// The flow after the filters at its ends have forgotten it.
    pub fn untracked(self) -> Self {
        Self { tracked: [false; 2], ..self }
    }

    /// The time of the last packet, and the state since.
    pub fn activity(&self) -> Activity {
        self.activity
    }

    /// The time of the first packet in milliseconds of the engine's clock, if it was recorded.
    pub fn begun(&self) -> Option<u64> {
        (self.begun > 0).then_some(self.begun)
    }

    /// Packets and bytes of both directions, counted while they are asked for.
    pub fn counted(&self) -> (u64, u64) {
        self.counted
    }

    /// The path of one direction, if it is known. It has no limits, because those depend on the tables in force.
    pub fn path(&self, side: Side) -> Option<Path> {
        let PathRecord { by, to, nat, leaves_segment } = self.records[side as usize]?;
        let there = self.key(side.other());
        let (sent, delivered) = (self.key(side).tuple, there.tuple.reversed());
        Some(Path { by, to, port: there.port, limits: Limits::NONE, sent, delivered, nat, leaves_segment })
    }

    /// Whether packets of one direction that take this path belong to the flow.
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
