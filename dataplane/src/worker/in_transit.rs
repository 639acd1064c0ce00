//! Packets on impaired networks. A worker segments each packet to the size that a link carries, and keeps every segment
//! until it is due.

use super::attached::cut;
use super::rota::{TURN, copying};
use super::run::Worker;
use super::tap::Tap;
use crate::packet::coalesce::QueuedPacket;
use crate::pipeline::{Batch, Engine, ImpairedPath, Leg, LegOutcome};
use crate::record::{LegRecord, Recorder, Turn};
use nix::sys::epoll::EpollTimeout;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;
use wire::{Culprit, Drop, DropReason, DropRecord};

/// A packet in transit. Packets that are due at the same moment keep the order in which they came.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Travelling {
    due: Duration,
    number: u64,
    path: ImpairedPath,
    /// The leg that the packet is on.
    leg: Leg,
    /// How many legs the packet has completed when it is due.
    behind: usize,
    packet: Vec<u8>,
}

/// One worker's packets in transit.
#[derive(Debug, Default)]
pub struct InTransit {
    /// Packets of the current batch, before the first leg.
    begun: Vec<(ImpairedPath, Vec<u8>)>,
    travelling: BinaryHeap<Reverse<Travelling>>,
    numbers: u64,
}

impl InTransit {
    /// Copies a packet out of the worker's memory.
    pub fn take(&mut self, memory: &[u8], path: ImpairedPath, QueuedPacket { offload, range, mtu }: QueuedPacket) {
        let packet = memory.get(range).unwrap_or_default();
        cut(&offload, packet, mtu, |headers, payload| self.begun.push((path, [headers, payload].concat())));
    }

    /// How long a worker may sleep: until the next packet is due, in whole milliseconds.
    pub fn timeout(&self, now: Duration) -> EpollTimeout {
        let Some(Reverse(next)) = self.travelling.peek() else { return EpollTimeout::NONE };
        let left = next.due.saturating_sub(now).as_micros().div_ceil(1000);
        EpollTimeout::try_from(left).unwrap_or(EpollTimeout::MAX)
    }

    fn push(&mut self, travelling: Travelling) {
        self.numbers += 1;
        self.travelling.push(Reverse(Travelling { number: self.numbers, ..travelling }));
    }

    fn pop_due(&mut self, now: Duration) -> Option<Travelling> {
        self.travelling.peek().filter(|Reverse(next)| next.due <= now)?;
        self.travelling.pop().map(|Reverse(next)| next)
    }
}

impl Worker {
    /// Starts a batch's packets on their impaired paths. Returns the cost.
    pub(super) fn depart(&mut self, batch: &Batch<'_>, mut turn: Option<&mut Turn<'_>>) -> u32 {
        if self.in_transit.begun.is_empty() {
            return 0;
        }
        let now = batch.impaired().now();
        let begun = std::mem::take(&mut self.in_transit.begun);
        let cost = copying(begun.len() as u32, begun.iter().map(|(_, packet)| packet.len()).sum());
        for (path, packet) in begun {
            self.travel(batch, turn.as_deref_mut(), path, 0, packet, now);
        }
        cost
    }

    /// Delivers the packets that are due, one turn's worth at a time, so that other ports are served in between.
    pub(super) fn deliver_due(&mut self, engine: &Engine, recorder: &Recorder) {
        let Some(Reverse(next)) = self.in_transit.travelling.peek() else { return };
        let now = engine.impaired.now();
        if next.due > now {
            return;
        }
        let mut turn = recorder.turn(engine);
        let batch = engine.batch();
        let mut cost = 0;
        while cost < TURN
            && let Some(Travelling { due, path, leg, behind, packet, .. }) = self.in_transit.pop_due(now)
        {
            cost += copying(1, packet.len());
            engine.impaired.leave(leg, packet.len());
            if let Some(turn) = &mut turn {
                turn.left(leg, packet.len());
            }
            // The packet counts from the moment at which it was due, however late this worker is.
            self.travel(&batch, turn.as_mut(), path, behind, packet, due);
        }
    }

    /// Moves a packet that has completed `behind` legs along the next ones, until it waits on one, is lost or arrives.
    fn travel(
        &mut self,
        batch: &Batch<'_>,
        mut turn: Option<&mut Turn<'_>>,
        path: ImpairedPath,
        behind: usize,
        mut packet: Vec<u8>,
        now: Duration,
    ) {
        let legs = batch.legs(&path).into_iter().enumerate().skip(behind);
        let mut met = legs.filter_map(|(number, leg)| Some((number, leg?, batch.impairment(leg?)?)));
        let Some((number, leg, impairment)) = met.next() else {
            return self.arrive(batch.engine(), turn, path, &packet);
        };
        let outcome = batch.impaired().enter(leg, &impairment, packet.len(), now);
        if let Some(turn) = &mut turn {
            turn.met(LegRecord { from: path.from, leg, length: packet.len() as u32, at: now, outcome });
        }
        match outcome {
            LegOutcome::Lost(reason) => {
                self.lose(batch.engine(), path, &packet, Drop::new(reason, Culprit::Port(leg.port)));
            }
            LegOutcome::Arrives { at: due, flipped, duplicated } => {
                if let Some(bit) = flipped {
                    turn_bit(&mut packet, bit);
                }
                let behind = number + 1;
                if duplicated {
                    let packet = packet.clone();
                    self.in_transit.push(Travelling { due, number: 0, path, leg, behind, packet });
                }
                self.in_transit.push(Travelling { due, number: 0, path, leg, behind, packet });
            }
        }
    }

    fn arrive(&mut self, engine: &Engine, turn: Option<&mut Turn<'_>>, path: ImpairedPath, packet: &[u8]) {
        let written = self.ports.get(&path.to).map(|target| target.write_finished(packet));
        let is_taken = matches!(written, Some(Ok(())));
        if let Some(turn) = turn {
            turn.came_out(path.from, path.to, packet.len(), is_taken);
        }
        if !is_taken {
            self.lose(engine, path, packet, Drop::new(DropReason::PortUnavailable, Culprit::Port(path.to)));
        } else if let Some(tap) = Tap::of(engine) {
            tap.arrived(path, packet);
        }
    }

    fn lose(&self, engine: &Engine, ImpairedPath { from, sent, .. }: ImpairedPath, packet: &[u8], drop: Drop) {
        if let Some(tap) = Tap::of(engine) {
            tap.ended(from, packet, drop);
        }
        if let Some(source) = self.ports.get(&from) {
            source.counters.dropped(drop.reason, 1);
        }
        self.log.add(DropRecord { at: engine.since_1970(), port: from, packet: Some(sent), drop });
    }
}

/// Flips one bit. A number beyond the packet's length wraps around.
fn turn_bit(packet: &mut [u8], bit: u64) {
    let bits = packet.len().max(1) as u64 * 8;
    let bit = (bit % bits) as usize;
    if let Some(byte) = packet.get_mut(bit / 8) {
        *byte ^= 1 << (bit % 8);
    }
}
