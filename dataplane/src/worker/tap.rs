//! A tap: passes a worker's packets to the running captures.

use crate::capture::{Observation, RunningCaptures};
use crate::packet::{View, quoted_tuple};
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
    /// delivered already, [`Self::arrived`] captures it at its receiver later.
    pub fn passed(&self, from: PortId, before: &Before<'_>, after: &[u8], outcome: &Outcome, is_delivered: bool) {
        let Before { bytes, length, tuple: sent } = *before;
        match outcome {
            Outcome::Drop { drop, answer, .. } => {
                self.end(from, (bytes, length), *drop);
                if let Some(answer) = answer {
                    self.note(&[observation(from, Direction::Ingress, answer, Verdict::Answer)]);
                }
            }
            Outcome::Forward { port: to, .. } => {
                let Ok(view) = View::parse(after) else { return };
                let (delivered, quoted) = (view.header.tuple, view.quote(after).and_then(quoted_tuple));
                let forwarded = Verdict::Forwarded { to: *to, sent, delivered, quoted, flow: None };
                let out = Observation { length, ..observation(from, Direction::Egress, bytes, forwarded) };
                match is_delivered {
                    true => self.note(&[out, delivery(from, *to, (sent, quoted), after)]),
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
        let quoted = View::parse(bytes).ok().and_then(|view| quoted_tuple(view.quote(bytes)?));
        self.note(&[delivery(from, to, (sent, quoted), bytes)]);
    }

    fn note(&self, observations: &[Observation<'_>]) {
        self.running.note(self.now, observations);
    }
}

fn delivery(from: PortId, to: PortId, (sent, quoted): (FiveTuple, Option<FiveTuple>), bytes: &[u8]) -> Observation<'_> {
    observation(to, Direction::Ingress, bytes, Verdict::Delivered { from, sent, quoted, flow: None })
}

fn observation(port: PortId, direction: Direction, bytes: &[u8], verdict: Verdict) -> Observation<'_> {
    Observation { meta: PacketMeta { port, direction, verdict }, bytes, length: bytes.len(), blamed: None }
}
