//! Packets on bad networks: a worker cuts them into what a wire would carry and keeps each until it is due.

use super::attached::cut;
use super::rota::{TURN, copying};
use super::run::Worker;
use super::tap::Tap;
use crate::packet::coalesce::Placed;
use crate::pipeline::{Batch, Engine, Passage, Way};
use nix::sys::epoll::EpollTimeout;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;
use wire::{Culprit, Drop, DropReason, DropRecord, FiveTuple, PortId};

/// Whose packet it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Detour {
    /// The sender's port.
    pub from: PortId,
    /// The receiver's port.
    pub to: PortId,
    /// As it was sent.
    pub sent: FiveTuple,
}

/// A packet on its way; those of one moment in the order in which they came.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Travelling {
    due: Duration,
    number: u64,
    detour: Detour,
    /// Whether it is on its receiver's way: the last.
    is_last: bool,
    packet: Vec<u8>,
}

/// One worker's packets on bad networks.
#[derive(Debug, Default)]
pub struct Detours {
    /// Those of the batch, before anything has happened to them.
    begun: Vec<(Detour, Vec<u8>)>,
    travelling: BinaryHeap<Reverse<Travelling>>,
    numbers: u64,
}

impl Detours {
    /// Takes a packet out of a worker's memory.
    pub fn take(&mut self, memory: &[u8], detour: Detour, Placed { offload, range, mtu }: Placed) {
        let packet = memory.get(range).unwrap_or_default();
        cut(&offload, packet, mtu, |headers, payload| self.begun.push((detour, [headers, payload].concat())));
    }

    /// How long a worker may sleep: until the next packet is due, to the millisecond.
    pub fn timeout(&self, now: Duration) -> EpollTimeout {
        let Some(Reverse(next)) = self.travelling.peek() else { return EpollTimeout::NONE };
        let left = next.due.saturating_sub(now).as_micros().div_ceil(1000);
        EpollTimeout::try_from(left).unwrap_or(EpollTimeout::MAX)
    }

    fn push(&mut self, due: Duration, detour: Detour, is_last: bool, packet: Vec<u8>) {
        self.numbers += 1;
        self.travelling.push(Reverse(Travelling { due, number: self.numbers, detour, is_last, packet }));
    }

    fn pop_due(&mut self, now: Duration) -> Option<Travelling> {
        self.travelling.peek().filter(|Reverse(next)| next.due <= now)?;
        self.travelling.pop().map(|Reverse(next)| next)
    }
}

impl Worker {
    /// Sends what a batch has left for bad networks on its way; what that has cost.
    pub(super) fn begin_detours(&mut self, batch: &Batch<'_>) -> u32 {
        if self.detours.begun.is_empty() {
            return 0;
        }
        let now = batch.impaired().now();
        let begun = std::mem::take(&mut self.detours.begun);
        let cost = copying(begun.len() as u32, begun.iter().map(|(_, packet)| packet.len()).sum());
        for (detour, packet) in begun {
            self.travel(batch, detour, Way::From(detour.from), packet, now);
        }
        cost
    }

    /// Delivers what is due, a turn's worth at a time: others have theirs in between.
    pub(super) fn end_detours(&mut self, engine: &Engine) {
        if self.detours.travelling.is_empty() {
            return;
        }
        let now = engine.impaired.now();
        let batch = engine.batch();
        let mut cost = 0;
        while cost < TURN
            && let Some(Travelling { due, detour, is_last, packet, .. }) = self.detours.pop_due(now)
        {
            cost += copying(1, packet.len());
            match is_last {
                true => {
                    engine.impaired.leave(Way::To(detour.to), packet.len());
                    self.arrive(engine, detour, &packet);
                }
                false => {
                    engine.impaired.leave(Way::From(detour.from), packet.len());
                    // Then, however late this worker is.
                    self.travel(&batch, detour, Way::To(detour.to), packet, due);
                }
            }
        }
    }

    /// Lets a packet meet what is on this way, and then on the next.
    fn travel(&mut self, batch: &Batch<'_>, detour: Detour, way: Way, mut packet: Vec<u8>, now: Duration) {
        let is_last = matches!(way, Way::To(_));
        let Some(impairment) = batch.impairment(way) else {
            return match is_last {
                true => self.arrive(batch.engine(), detour, &packet),
                false => self.travel(batch, detour, Way::To(detour.to), packet, now),
            };
        };
        match batch.impaired().enter(way, impairment, packet.len(), now) {
            Passage::Lost(reason) => {
                self.lose(batch.engine(), detour, &packet, Drop::new(reason, Culprit::Port(way.port())));
            }
            Passage::Arrives { at, turned, twice } => {
                if let Some(bit) = turned {
                    turn(&mut packet, bit);
                }
                if twice {
                    self.detours.push(at, detour, is_last, packet.clone());
                }
                self.detours.push(at, detour, is_last, packet);
            }
        }
    }

    fn arrive(&mut self, engine: &Engine, detour: Detour, packet: &[u8]) {
        let written = self.ports.get(&detour.to).map(|target| target.write_finished(packet));
        if !matches!(written, Some(Ok(()))) {
            self.lose(engine, detour, packet, Drop::new(DropReason::PortUnavailable, Culprit::Port(detour.to)));
        } else if let Some(tap) = Tap::of(engine) {
            tap.arrived(detour, packet);
        }
    }

    fn lose(&self, engine: &Engine, Detour { from, sent, .. }: Detour, packet: &[u8], drop: Drop) {
        if let Some(tap) = Tap::of(engine) {
            tap.ended(from, packet, drop);
        }
        if let Some(source) = self.ports.get(&from) {
            source.counters.dropped(drop.reason, 1);
        }
        self.log.add(DropRecord { at: engine.since_1970(), port: from, packet: Some(sent), drop });
    }
}

/// Turns a bit, counted round and round.
fn turn(packet: &mut [u8], bit: u64) {
    let bits = packet.len().max(1) as u64 * 8;
    let bit = (bit % bits) as usize;
    if let Some(byte) = packet.get_mut(bit / 8) {
        *byte ^= 1 << (bit % 8);
    }
}
