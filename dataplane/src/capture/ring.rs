//! What waits to be fetched: a bounded queue whose oldest give way.

use std::collections::VecDeque;
use wire::{Captured, CapturedPackets};

/// What a packet takes beside its bytes.
const EACH: usize = size_of::<Captured>();

/// The packets of one capture.
#[derive(Debug)]
pub struct Ring {
    limit: usize,
    bytes: usize,
    packets: VecDeque<Captured>,
    lost: u64,
}

impl Ring {
    /// One for so many bytes.
    pub fn new(limit: u64) -> Self {
        Self { limit: limit as usize, bytes: 0, packets: VecDeque::new(), lost: 0 }
    }

    /// Adds a packet. One that is larger than all is lost itself.
    pub fn push(&mut self, packet: Captured) {
        self.bytes += size(&packet);
        self.packets.push_back(packet);
        while self.bytes > self.limit && self.pop().is_some() {
            self.lost += 1;
        }
    }

    /// Takes packets out until they have so many bytes; one at least, if there is one.
    pub fn take(&mut self, bytes: usize) -> CapturedPackets {
        let (mut packets, mut taken) = (Vec::new(), 0);
        while taken < bytes
            && let Some(packet) = self.pop()
        {
            taken += size(&packet);
            packets.push(packet);
        }
        CapturedPackets { packets, lost: self.lost, more: !self.packets.is_empty() }
    }

    fn pop(&mut self) -> Option<Captured> {
        let packet = self.packets.pop_front()?;
        self.bytes -= size(&packet);
        Some(packet)
    }
}

fn size(packet: &Captured) -> usize {
    packet.bytes.len() + EACH
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{Direction, PortId, Verdict};

    fn packet(number: u64) -> Captured {
        let (port, direction, verdict) = (PortId(1), Direction::Egress, Verdict::Answer);
        Captured { at: number, port, direction, length: 100, bytes: vec![0; 100], verdict }
    }

    #[test]
    fn the_oldest_give_way_and_are_counted() {
        let mut ring = Ring::new(10 * (100 + EACH) as u64);
        (0..25).for_each(|number| ring.push(packet(number)));
        let first = ring.take(3 * (100 + EACH));
        assert_eq!(first.packets.iter().map(|packet| packet.at).collect::<Vec<_>>(), [15, 16, 17]);
        assert!(first.lost == 15 && first.more);
        let rest = ring.take(usize::MAX);
        assert!(rest.packets.len() == 7 && rest.lost == 15 && !rest.more);
        assert_eq!(ring.bytes, 0);
    }

    #[test]
    fn what_fits_into_no_ring_is_lost() {
        let mut ring = Ring::new(50);
        ring.push(packet(1));
        assert_eq!(ring.take(usize::MAX), CapturedPackets { packets: Vec::new(), lost: 1, more: false });
    }
}
