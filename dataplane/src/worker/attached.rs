//! A port at one worker: its queue, how packets are written to it, its counters.

use super::report::Counters;
use super::schedule::Debt;
use crate::packet::coalesce::{Gathered, MAX_GATHERED, QueuedPacket};
use crate::packet::{Offload, VIRTIO_HEADER, View, fragment, segment};
use crate::port::{Offloads, Queue};
use crossbeam::utils::CachePadded;
use std::io::{self, IoSlice};
use std::sync::Arc;
use wire::{PortId, TCP};

/// The virtio header of a packet that needs no offload.
const FINISHED: [u8; VIRTIO_HEADER] = [0; VIRTIO_HEADER];
/// The longest pause, in writes, before a port that refuses coalesced packets is given one again.
const LONGEST_PAUSE: u32 = 1024;

/// A port at one worker.
#[derive(Debug)]
pub struct Attached {
    /// The queue that the worker writes to and, if it is the port's reader, reads from.
    pub queue: Queue,
    /// The port's counters for this worker.
    pub counters: Arc<CachePadded<Counters>>,
    /// How far its host has exceeded its turns.
    pub debt: Debt,
    offloads: Offloads,
    segments: Segments,
}

/// Whether a port takes coalesced packets. The kernel may refuse one packet because of its contents, or every packet
/// because of a limit of its own. Each refusal in a row doubles the pause before the next attempt.
#[derive(Debug, Default)]
struct Segments {
    /// How many packets were refused since the last one that was accepted.
    refused: u32,
    /// How many of the next writes are segmented here.
    pause: u32,
    /// Whether a refusal was logged.
    is_logged: bool,
}

impl Segments {
    fn refuse(&mut self, port: PortId) {
        self.pause = LONGEST_PAUSE.min((1 << self.refused.min(16)) - 1);
        self.refused += 1;
        if !self.is_logged {
            tracing::warn!(%port, "the kernel refused a coalesced packet; the packet is segmented here, and later ones are tried again");
            self.is_logged = true;
        }
    }
}

impl Attached {
    /// Makes a port whose kernel does these offloads correctly.
    pub fn new(queue: Queue, counters: Arc<CachePadded<Counters>>, offloads: Offloads) -> Self {
        let offloads = if queue.offloads() { offloads } else { Offloads::NONE };
        Self { queue, counters, debt: Debt::default(), offloads, segments: Segments::default() }
    }

    /// Whether a packet must be written alone: it will be segmented here, or this port takes no coalesced packets now.
    pub fn takes_alone(&self, view: &View, offload: &Offload, mtu: u16) -> bool {
        let is_tcp = view.header.tuple.protocol == TCP;
        !self.takes_several(is_tcp) || offload.largest(view.length) > usize::from(mtu)
    }

    /// Writes one packet or several coalesced ones, and segments them where the port or the path requires it. Returns
    /// how many packets were written.
    ///
    /// # Errors
    /// The queue's error. Some or all of the packets are lost then.
    pub fn write(&mut self, id: PortId, first: &QueuedPacket, gathered: Gathered<'_, '_>) -> io::Result<u32> {
        let length = gathered.length();
        let whole = self.takes(&first.offload) && first.offload.largest(length) <= usize::from(first.mtu);
        self.segments.pause = self.segments.pause.saturating_sub(1);
        let written = if whole && self.write_whole(id, &first.offload, gathered)? {
            1
        } else {
            self.write_segmented(&first.offload, &gathered.contiguous(), first.mtu)?
        };
        self.counters.received(first.offload.segments_and_bytes(length));
        Ok(written)
    }

    /// Whether the port's kernel does this offload.
    fn takes(&self, offload: &Offload) -> bool {
        match offload {
            Offload::Nothing | Offload::Checked => true,
            // Segmentation of TCP and of UDP both need complete checksums.
            Offload::Checksum(_) => self.offloads != Offloads::NONE,
            Offload::Segments { layout, .. } => self.takes_several(layout.is_tcp()),
        }
    }

    /// Whether the port's kernel segments packets of this protocol.
    fn takes_several(&self, is_tcp: bool) -> bool {
        let proven = if is_tcp { self.offloads.segments } else { self.offloads.datagrams };
        proven && self.segments.pause == 0
    }

    /// Writes a packet as it is. Returns `false` if the kernel refuses its offload.
    fn write_whole(&mut self, id: PortId, offload: &Offload, gathered: Gathered<'_, '_>) -> io::Result<bool> {
        let several = offload.segment_size() > 0;
        match self.write_gathered(gathered) {
            Ok(()) if several => self.segments.refused = 0,
            Err(error) if error.kind() == io::ErrorKind::InvalidInput && offload.needs_checksum() => {
                if several {
                    self.segments.refuse(id);
                }
                return Ok(false);
            }
            written => written?,
        }
        Ok(true)
    }

    fn write_gathered(&self, gathered: Gathered<'_, '_>) -> io::Result<()> {
        if gathered.rest.is_empty() {
            return self.queue.write(&[IoSlice::new(gathered.first)]);
        }
        let mut space = [IoSlice::new(&[]); MAX_GATHERED];
        self.queue.write(gathered.parts(&mut space))
    }

    /// Segments a packet and writes each segment with complete checksums and at most `mtu` bytes. Returns how many
    /// segments were written.
    fn write_segmented(&self, offload: &Offload, packet: &[u8], mtu: u16) -> io::Result<u32> {
        let mut result = Ok(0);
        segment_to_mtu(offload, packet, mtu, |headers, payload| {
            let parts = [IoSlice::new(&FINISHED), IoSlice::new(headers), IoSlice::new(payload)];
            if let Ok(count) = result {
                result = self.queue.write(&parts).map(|()| count + 1);
            }
        });
        result
    }

    /// Writes a packet without offloads.
    pub fn write_finished(&self, packet: &[u8]) -> io::Result<()> {
        self.queue.write(&[IoSlice::new(&FINISHED), IoSlice::new(packet)])?;
        self.counters.received((1, packet.len() as u64));
        Ok(())
    }
}

/// Segments a packet, and fragments segments that exceed the MTU. `emit` gets the headers and the payload of each piece, with
/// complete checksums.
pub fn segment_to_mtu(offload: &Offload, packet: &[u8], mtu: u16, mut emit: impl FnMut(&[u8], &[u8])) {
    segment(offload, packet, |headers, payload| {
        if headers.len() + payload.len() <= usize::from(mtu) {
            emit(headers, payload);
        } else {
            fragment(&[headers, payload].concat(), mtu, &mut emit);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::VirtioHeader;
    use crate::packet::coalesce::Coalescer;
    use crate::packet::testing::{offload, offloaded_tcp, offloaded_udp};
    use crate::port::MemoryHost;

    const ID: PortId = PortId(1);

    fn attached() -> (Attached, MemoryHost) {
        let (queue, host) = Queue::in_memory().unwrap();
        (Attached::new(queue, Arc::default(), Offloads::ALL), host)
    }

    /// Gives a port a packet of three segments. Returns how many packets were written.
    fn give(to: &mut Attached) -> u32 {
        give_this(to, offloaded_tcp(1, &[7; 3000], 1000, 16))
    }

    fn give_this(to: &mut Attached, (header, packet): (VirtioHeader, Vec<u8>)) -> u32 {
        let mut memory = [&header.bytes()[..], &packet].concat();
        let queued = QueuedPacket { offload: offload(&header, &packet), range: VIRTIO_HEADER..memory.len(), mtu: 1500 };
        let (mut outgoing, mut written) = (Coalescer::default(), 0);
        outgoing.push(&memory, (), queued, false);
        outgoing.drain(&mut memory, |(), first, gathered| written = to.write(ID, first, gathered).unwrap());
        written
    }

    #[test]
    fn an_offload_that_the_kernel_gets_wrong_is_done_here() {
        for segments in [false, true] {
            let (queue, _) = Queue::in_memory().unwrap();
            let offloads = Offloads { segments, datagrams: !segments };
            let mut port = Attached::new(queue, Arc::default(), offloads);
            for (right, packet) in
                [(segments, offloaded_tcp(1, &[7; 3000], 1000, 16)), (!segments, offloaded_udp(&[7; 3000], 1000))]
            {
                let view = View::parse(&packet.1).unwrap();
                assert_eq!(port.takes_alone(&view, &offload(&packet.0, &packet.1), 1500), !right);
                assert_eq!(give_this(&mut port, packet), if right { 1 } else { 3 });
            }
        }
    }

    #[test]
    fn one_refusal_affects_one_packet() {
        let (mut port, host) = attached();
        host.refuse_segments(1);
        assert_eq!([give(&mut port), give(&mut port), give(&mut port)], [3, 1, 1]);
        let sizes: Vec<_> = std::iter::from_fn(|| host.receive()).map(|(header, _)| header.gso_size).collect();
        assert_eq!(sizes, [0, 0, 0, 1000, 1000]);
    }

    #[test]
    fn each_refusal_in_a_row_doubles_the_pause() {
        let (mut port, host) = attached();
        host.refuse_segments(u32::MAX);
        assert!((0..20_000).all(|_| give(&mut port) == 3), "none is lost");
        let tries = u32::MAX - host.left_to_refuse();
        assert!((20..40).contains(&tries), "{tries} tries");
        host.refuse_segments(0);
        assert!(
            (0..=LONGEST_PAUSE).any(|_| give(&mut port) == 1),
            "the port is tried again once it takes such packets"
        );
        assert_eq!(give(&mut port), 1);
        assert!(host.receive().is_some_and(|(header, _)| header == VirtioHeader::default()));
    }
}
