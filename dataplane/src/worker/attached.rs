//! A port as one worker sees it: its queue, how to write to it, its counters.

use super::report::Counters;
use crate::packet::coalesce::{Gathered, MAX_GATHERED, Placed};
use crate::packet::{GsoType, VIRTIO_HEADER, VirtioHeader, fragment, segment};
use crate::policy::PortId;
use crate::port::Queue;
use crossbeam::utils::CachePadded;
use std::io::{self, IoSlice};
use std::sync::Arc;

/// The virtio header of a packet with which nothing is left to do.
const FINISHED: [u8; VIRTIO_HEADER] = [0; VIRTIO_HEADER];

/// A port at one worker.
#[derive(Debug)]
pub struct Attached {
    /// Where the worker writes to, and maybe reads from.
    pub queue: Queue,
    /// The port's counters at this worker.
    pub counters: Arc<CachePadded<Counters>>,
    /// Whether it takes packets that stand for several; a kernel may turn out not to.
    takes_segments: bool,
}

impl Attached {
    /// A port of which nothing is known yet.
    pub fn new(queue: Queue, counters: Arc<CachePadded<Counters>>) -> Self {
        let takes_segments = queue.offloads();
        Self { queue, counters, takes_segments }
    }

    /// Whether this packet has to be written by itself: it will be cut into pieces, or this port takes no coalesced packets.
    pub fn takes_alone(&self, header: &VirtioHeader, packet: &[u8], mtu: u16) -> bool {
        !self.takes_segments || segment::largest(header, packet) > usize::from(mtu)
    }

    /// Writes a packet or several coalesced ones, cut into pieces where port or way ask for that.
    ///
    /// # Errors
    /// What the queue says; then the packets, or some of them, are lost.
    pub fn write(&mut self, id: PortId, first: &Placed, gathered: Gathered<'_, '_>) -> io::Result<()> {
        let packet = &gathered.first[VIRTIO_HEADER..];
        let one = first.header.gso() == GsoType::None;
        let whole = if one { self.queue.offloads() } else { self.takes_segments }
            && segment::largest(&first.header, packet) <= usize::from(first.mtu);
        let cut = match whole.then(|| self.write_whole(gathered)) {
            Some(Err(error)) if error.kind() == io::ErrorKind::InvalidInput && !one => {
                tracing::warn!(port = %id, "the kernel refuses packets that stand for several: they are cut from now on");
                self.takes_segments = false;
                true
            }
            Some(written) => written.map(|()| false)?,
            None => true,
        };
        if cut {
            self.write_cut(&first.header, &gathered.contiguous(), first.mtu)?;
        }
        self.counters.received(segment::stands_for(&first.header, packet, gathered.length()));
        Ok(())
    }

    fn write_whole(&self, gathered: Gathered<'_, '_>) -> io::Result<()> {
        if gathered.rest.is_empty() {
            return self.queue.write(&[IoSlice::new(gathered.first)]);
        }
        let mut space = [IoSlice::new(&[]); MAX_GATHERED];
        self.queue.write(gathered.parts(&mut space))
    }

    /// Writes what a packet stands for, each with complete checksums and no larger than `mtu`.
    fn write_cut(&self, header: &VirtioHeader, packet: &[u8], mtu: u16) -> io::Result<()> {
        let mut result = Ok(());
        let mut write = |headers: &[u8], payload: &[u8]| {
            if result.is_ok() {
                let parts = [IoSlice::new(&FINISHED), IoSlice::new(headers), IoSlice::new(payload)];
                result = self.queue.write(&parts);
            }
        };
        segment::split(header, packet, |headers, payload| {
            if headers.len() + payload.len() <= usize::from(mtu) {
                write(headers, payload);
            } else {
                fragment(&[headers, payload].concat(), mtu, &mut write);
            }
        });
        result
    }

    /// Gives the host a packet with which nothing is left to do.
    pub fn write_finished(&self, packet: &[u8]) -> io::Result<()> {
        self.queue.write(&[IoSlice::new(&FINISHED), IoSlice::new(packet)])?;
        self.counters.received((1, packet.len() as u64));
        Ok(())
    }
}

/// The payload bytes of each packet that one stands for, 0 if it stands for itself.
pub fn segment_size(header: &VirtioHeader) -> u16 {
    if header.gso() == GsoType::None { 0 } else { header.gso_size }
}
