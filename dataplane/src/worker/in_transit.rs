//! A worker's packets in transit on impaired networks, each until it is due.

use super::attached::segment_to_mtu;
use crate::packet::coalesce::QueuedPacket;
use crate::pipeline::{ImpairedPath, Leg};
use nix::sys::epoll::EpollTimeout;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// A packet in transit. Packets that are due at the same moment keep the order in which they came.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PacketInTransit {
    /// When it has completed its leg.
    pub due: Duration,
    /// The order in which it came; set by [`InTransit::push`].
    pub number: u64,
    /// Its path.
    pub path: ImpairedPath,
    /// The leg that it is on.
    pub leg: Leg,
    /// How many legs it has completed when it is due.
    pub completed: usize,
    /// Its bytes.
    pub packet: Vec<u8>,
}

/// One worker's packets in transit.
#[derive(Debug, Default)]
pub struct InTransit {
    /// Packets of the current batch, before the first leg.
    waiting: Vec<(ImpairedPath, Vec<u8>)>,
    packets: BinaryHeap<Reverse<PacketInTransit>>,
    /// How many packets have come.
    came: u64,
}

impl InTransit {
    /// Copies a packet out of the worker's memory, segmented to the size that a link carries.
    pub fn add(&mut self, memory: &[u8], path: ImpairedPath, QueuedPacket { offload, range, mtu }: QueuedPacket) {
        let packet = memory.get(range).unwrap_or_default();
        let add = |headers: &[u8], payload: &[u8]| self.waiting.push((path, [headers, payload].concat()));
        segment_to_mtu(&offload, packet, mtu, add);
    }

    /// Takes the packets of the current batch, before their first leg.
    pub fn take_waiting(&mut self) -> Vec<(ImpairedPath, Vec<u8>)> {
        std::mem::take(&mut self.waiting)
    }

    /// When the next packet is due, if there is one.
    pub fn next_due(&self) -> Option<Duration> {
        self.packets.peek().map(|Reverse(next)| next.due)
    }

    /// How long a worker may sleep: until the next packet is due, in whole milliseconds.
    pub fn timeout(&self, now: Duration) -> EpollTimeout {
        let Some(due) = self.next_due() else { return EpollTimeout::NONE };
        let left = due.saturating_sub(now).as_micros().div_ceil(1000);
        EpollTimeout::try_from(left).unwrap_or(EpollTimeout::MAX)
    }

    /// Adds a packet that is on a leg now.
    pub fn push(&mut self, packet: PacketInTransit) {
        self.came += 1;
        self.packets.push(Reverse(PacketInTransit { number: self.came, ..packet }));
    }

    /// Removes the next packet, if it is due.
    pub fn pop_due(&mut self, now: Duration) -> Option<PacketInTransit> {
        self.next_due().filter(|due| *due <= now)?;
        self.packets.pop().map(|Reverse(next)| next)
    }
}
