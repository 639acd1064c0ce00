//! Moves a worker's packets over impaired networks.

use super::in_transit::PacketInTransit;
use super::run::Worker;
use super::schedule::{QUANTUM, copying};
use super::tap::Tap;
use crate::pipeline::{Batch, Engine, ImpairedPath, LegOutcome};
use crate::record::{LegRecord, Recorder, Turn};
use std::time::Duration;
use wire::{Culprit, Drop, DropReason, DropRecord};

impl Worker {
    /// Starts a batch's packets on their impaired paths. Returns the cost.
    pub(super) fn depart(&mut self, batch: &Batch<'_>, mut turn: Option<&mut Turn<'_>>) -> u32 {
        let packets = self.in_transit.take_waiting();
        if packets.is_empty() {
            return 0;
        }
        let now = batch.impaired().now();
        let cost = copying(packets.len() as u32, packets.iter().map(|(_, packet)| packet.len()).sum());
        for (path, packet) in packets {
            self.travel(batch, turn.as_deref_mut(), path, 0, packet, now);
        }
        cost
    }

    /// Delivers the packets that are due, one turn's worth at a time, so that other ports are served in between.
    pub(super) fn deliver_due(&mut self, engine: &Engine, recorder: &Recorder) {
        let Some(due) = self.in_transit.next_due() else { return };
        let now = engine.impaired.now();
        if due > now {
            return;
        }
        let mut turn = recorder.turn(engine);
        let batch = engine.batch();
        let mut cost = 0;
        while cost < QUANTUM
            && let Some(PacketInTransit { due, path, leg, completed, packet, .. }) = self.in_transit.pop_due(now)
        {
            cost += copying(1, packet.len());
            engine.impaired.leave(leg, packet.len());
            if let Some(turn) = &mut turn {
                turn.left_leg(leg, packet.len());
            }
            // The next leg begins when the packet was due, however late this worker is.
            self.travel(&batch, turn.as_mut(), path, completed, packet, due);
        }
    }

    /// Moves a packet that has completed some legs along the next ones, until it is on one, is lost or arrives.
    fn travel(
        &mut self,
        batch: &Batch<'_>,
        mut turn: Option<&mut Turn<'_>>,
        path: ImpairedPath,
        completed: usize,
        mut packet: Vec<u8>,
        now: Duration,
    ) {
        let legs = batch.legs(&path).into_iter().enumerate().skip(completed);
        let mut impaired = legs.filter_map(|(number, leg)| Some((number, leg?, batch.impairment(leg?)?)));
        let Some((number, leg, impairment)) = impaired.next() else {
            return self.arrive(batch.engine(), turn, path, &packet);
        };
        let outcome = batch.impaired().enter(leg, &impairment, packet.len(), now);
        if let Some(turn) = &mut turn {
            turn.entered_leg(LegRecord { from: path.from, leg, length: packet.len() as u32, at: now, outcome });
        }
        match outcome {
            LegOutcome::Lost(reason) => {
                self.lose(batch.engine(), path, &packet, Drop::new(reason, Culprit::Port(leg.port)));
            }
            LegOutcome::Arrives { at: due, flipped, duplicated } => {
                if let Some(bit) = flipped {
                    flip_bit(&mut packet, bit);
                }
                let completed = number + 1;
                if duplicated {
                    let packet = packet.clone();
                    self.in_transit.push(PacketInTransit { due, number: 0, path, leg, completed, packet });
                }
                self.in_transit.push(PacketInTransit { due, number: 0, path, leg, completed, packet });
            }
        }
    }

    fn arrive(&mut self, engine: &Engine, turn: Option<&mut Turn<'_>>, path: ImpairedPath, packet: &[u8]) {
        let written = self.ports.get(&path.to).map(|target| target.write_finished(packet));
        let is_taken = matches!(written, Some(Ok(())));
        if let Some(turn) = turn {
            turn.completed_path(path.from, path.to, packet.len(), is_taken);
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
fn flip_bit(packet: &mut [u8], bit: u64) {
    let bits = packet.len().max(1) as u64 * 8;
    let bit = (bit % bits) as usize;
    if let Some(byte) = packet.get_mut(bit / 8) {
        *byte ^= 1 << (bit % 8);
    }
}
