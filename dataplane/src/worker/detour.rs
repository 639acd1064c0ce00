//! Packets on bad networks: a worker cuts them into what a wire would carry and keeps each until it is due.

use super::attached::cut;
use super::rota::{TURN, copying};
use super::run::Worker;
use super::tap::Tap;
use crate::packet::coalesce::Placed;
use crate::pipeline::{Batch, Detour, Engine, Passage, Way};
use crate::record::{Meeting, Recorder, Turn};
use nix::sys::epoll::EpollTimeout;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;
use wire::{Culprit, Drop, DropReason, DropRecord};

/// A packet on its way; those of one moment in the order in which they came.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Travelling {
    due: Duration,
    number: u64,
    detour: Detour,
    /// Where it is.
    way: Way,
    /// How many ways it has behind it then.
    behind: usize,
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
    /// Sends what a batch has left for bad networks on its way; what that has cost.
    pub(super) fn begin_detours(&mut self, batch: &Batch<'_>, mut turn: Option<&mut Turn<'_>>) -> u32 {
        if self.detours.begun.is_empty() {
            return 0;
        }
        let now = batch.impaired().now();
        let begun = std::mem::take(&mut self.detours.begun);
        let cost = copying(begun.len() as u32, begun.iter().map(|(_, packet)| packet.len()).sum());
        for (detour, packet) in begun {
            self.travel(batch, turn.as_deref_mut(), detour, 0, packet, now);
        }
        cost
    }

    /// Delivers what is due, a turn's worth at a time: others have theirs in between.
    pub(super) fn end_detours(&mut self, engine: &Engine, recorder: &Recorder) {
        let Some(Reverse(next)) = self.detours.travelling.peek() else { return };
        let now = engine.impaired.now();
        if next.due > now {
            return;
        }
        let mut turn = recorder.turn(engine);
        let batch = engine.batch();
        let mut cost = 0;
        while cost < TURN
            && let Some(Travelling { due, detour, way, behind, packet, .. }) = self.detours.pop_due(now)
        {
            cost += copying(1, packet.len());
            engine.impaired.leave(way, packet.len());
            if let Some(turn) = &mut turn {
                turn.left(way, packet.len());
            }
            // Then, however late this worker is.
            self.travel(&batch, turn.as_mut(), detour, behind, packet, due);
        }
    }

    /// Lets a packet with so many ways behind it meet what is on the next ones, until it waits somewhere, is lost, or arrives.
    fn travel(
        &mut self,
        batch: &Batch<'_>,
        mut turn: Option<&mut Turn<'_>>,
        detour: Detour,
        behind: usize,
        mut packet: Vec<u8>,
        now: Duration,
    ) {
        let ways = batch.ways(&detour).into_iter().enumerate().skip(behind);
        let mut met = ways.filter_map(|(number, way)| Some((number, way?, batch.impairment(way?)?)));
        let Some((number, way, impairment)) = met.next() else {
            return self.arrive(batch.engine(), turn, detour, &packet);
        };
        let passage = batch.impaired().enter(way, &impairment, packet.len(), now);
        if let Some(turn) = &mut turn {
            turn.met(Meeting { from: detour.from, way, length: packet.len() as u32, at: now, passage });
        }
        match passage {
            Passage::Lost(reason) => {
                self.lose(batch.engine(), detour, &packet, Drop::new(reason, Culprit::Port(way.port)));
            }
            Passage::Arrives { at: due, turned, twice } => {
                if let Some(bit) = turned {
                    turn_bit(&mut packet, bit);
                }
                let behind = number + 1;
                if twice {
                    let packet = packet.clone();
                    self.detours.push(Travelling { due, number: 0, detour, way, behind, packet });
                }
                self.detours.push(Travelling { due, number: 0, detour, way, behind, packet });
            }
        }
    }

    fn arrive(&mut self, engine: &Engine, turn: Option<&mut Turn<'_>>, detour: Detour, packet: &[u8]) {
        let written = self.ports.get(&detour.to).map(|target| target.write_finished(packet));
        let is_taken = matches!(written, Some(Ok(())));
        if let Some(turn) = turn {
            turn.came_out(detour.from, detour.to, packet.len(), is_taken);
        }
        if !is_taken {
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
fn turn_bit(packet: &mut [u8], bit: u64) {
    let bits = packet.len().max(1) as u64 * 8;
    let bit = (bit % bits) as usize;
    if let Some(byte) = packet.get_mut(bit / 8) {
        *byte ^= 1 << (bit % 8);
    }
}
