//! A tap: passes a worker's packets to the running captures.

use crate::capture::{Observation, RunningCaptures};
use crate::packet::View;
use crate::pipeline::{Engine, ImpairedPath, Outcome};
use wire::{Culprit, Direction, Drop, FiveTuple, PacketMeta, PortId, Verdict};

/// A packet as it was read.
pub struct Before<'b> {
    /// Its first bytes, as many as the longest capture keeps.
    pub bytes: &'b [u8],
    /// Its length in bytes.
    pub length: usize,
    /// Its 5-tuple.
    pub tuple: FiveTuple,
}

/// The captures that run during a batch.
pub struct Tap<'e> {
    engine: &'e Engine,
    running: RunningCaptures,
    now: u64,
}

impl<'e> Tap<'e> {
    /// The captures that run now. `None` if there are none.
    #[inline]
    pub fn of(engine: &'e Engine) -> Option<Self> {
        engine.captures.any().then(|| Self { engine, running: engine.captures.running(), now: engine.since_1970() })
    }

    /// Captures a packet that was read as `before` and has this outcome. `after` is the packet as it is forwarded. Unless it is
    /// `delivered` already, [`Self::arrived`] captures it at its receiver later.
    pub fn passed(&self, from: PortId, before: &Before<'_>, after: &[u8], outcome: &Outcome, delivered: bool) {
        let Before { bytes, length, tuple: sent } = *before;
        match outcome {
            Outcome::Drop { drop, answer, .. } => {
                self.end(from, (bytes, length), *drop);
                if let Some(answer) = answer {
                    self.note(&[observation(from, Direction::Ingress, answer, Verdict::Answer)]);
                }
            }
            Outcome::Forward { port: to, .. } => {
                let Some(tuple) = tuple(after) else { return };
                let forwarded = Verdict::Forwarded { to: *to, sent, delivered: tuple, flow: None };
                let out = Observation { length, ..observation(from, Direction::Egress, bytes, forwarded) };
                match delivered {
                    true => self.note(&[out, delivery(from, *to, sent, after)]),
                    false => self.note(&[out]),
                }
            }
        }
    }

    /// Captures a packet that was dropped.
    pub fn ended(&self, from: PortId, bytes: &[u8], drop: Drop) {
        self.end(from, (bytes, bytes.len()), drop);
    }

    fn end(&self, from: PortId, (bytes, length): (&[u8], usize), drop: Drop) {
        let blamed = match drop.culprit {
            Culprit::Port(port) => Some(port),
            Culprit::Attachment(id) => self.engine.snapshot().attachment(id).map(|there| there.port),
            _ => None,
        };
        self.note(&[Observation {
            blamed,
            length,
            ..observation(from, Direction::Egress, bytes, Verdict::Dropped(drop))
        }]);
    }

    /// Captures a packet that arrived over impaired networks, at its receiver.
    pub fn arrived(&self, ImpairedPath { from, to, sent, .. }: ImpairedPath, bytes: &[u8]) {
        self.note(&[delivery(from, to, sent, bytes)]);
    }

    fn note(&self, observations: &[Observation<'_>]) {
        self.running.note(self.now, observations);
    }
}

fn delivery(from: PortId, to: PortId, sent: FiveTuple, bytes: &[u8]) -> Observation<'_> {
    observation(to, Direction::Ingress, bytes, Verdict::Delivered { from, sent, flow: None })
}

fn observation(port: PortId, direction: Direction, bytes: &[u8], verdict: Verdict) -> Observation<'_> {
    Observation { meta: PacketMeta { port, direction, verdict }, bytes, length: bytes.len(), blamed: None }
}

fn tuple(packet: &[u8]) -> Option<FiveTuple> {
    View::parse(packet).ok().map(|view| view.header.tuple)
}
