//! A port without a kernel: for tests and benches.

use crate::packet::{GsoType, VIRTIO_HEADER, VirtioHeader};
use crossbeam::queue::SegQueue;
use nix::sys::eventfd::{EfdFlags, EventFd};
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The packets of both directions that wait to be read.
#[derive(Debug)]
pub struct Memory {
    sent: SegQueue<Vec<u8>>,
    received: SegQueue<Vec<u8>>,
    ready: EventFd,
    /// How many more coalesced packets it refuses.
    refuses: AtomicU32,
}

impl Memory {
    pub(super) fn new() -> io::Result<Self> {
        let ready = EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?;
        Ok(Self { sent: SegQueue::new(), received: SegQueue::new(), ready, refuses: AtomicU32::new(0) })
    }

    pub(super) fn read(&self, space: &mut [u8]) -> io::Result<usize> {
        let packet = match self.sent.pop() {
            Some(packet) => packet,
            None => {
                // A packet may have come in between, so the event is cleared before the queue is read again.
                let _ = self.ready.read();
                self.sent.pop().ok_or(io::ErrorKind::WouldBlock)?
            }
        };
        space.iter_mut().zip(&packet).for_each(|(to, from)| *to = *from);
        Ok(packet.len().min(space.len()))
    }

    pub(super) fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut packet = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
        for part in parts {
            packet.extend_from_slice(part);
        }
        let header = packet.first_chunk().map(VirtioHeader::read).ok_or(io::ErrorKind::InvalidInput)?;
        let refuse = |left: u32| left.checked_sub(1);
        if header.gso() != GsoType::None && self.refuses.fetch_update(Relaxed, Relaxed, refuse).is_ok() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let length = packet.len();
        self.received.push(packet);
        Ok(length)
    }
}

impl AsFd for Memory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.ready.as_fd()
    }
}

/// The host at the other end of a queue in memory.
#[derive(Clone, Debug)]
pub struct MemoryHost(Arc<Memory>);

impl MemoryHost {
    pub(super) fn new(memory: Arc<Memory>) -> Self {
        Self(memory)
    }

    /// Sends a packet.
    pub fn send(&self, header: VirtioHeader, packet: &[u8]) {
        self.0.sent.push([&header.bytes()[..], packet].concat());
        // If the counter is full, the queue is ready anyway.
        let _ = self.0.ready.write(1);
    }

    /// Refuses this many coalesced packets from now on, as some kernels do.
    pub fn refuse_segments(&self, count: u32) {
        self.0.refuses.store(count, Relaxed);
    }

    /// How many more coalesced packets it refuses.
    pub fn left_to_refuse(&self) -> u32 {
        self.0.refuses.load(Relaxed)
    }

    /// The next delivered packet, if there is one.
    pub fn receive(&self) -> Option<(VirtioHeader, Vec<u8>)> {
        let packet = self.0.received.pop()?;
        let header = packet.first_chunk::<VIRTIO_HEADER>().map(VirtioHeader::read)?;
        Some((header, packet.get(VIRTIO_HEADER..)?.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use crate::packet::VirtioHeader;
    use crate::port::Queue;
    use std::io::{ErrorKind, IoSlice};

    #[test]
    fn packets_come_out_as_they_went_in() {
        let (queue, host) = Queue::in_memory().unwrap();
        let mut space = [0; 100];
        assert_eq!(queue.read(&mut space).unwrap_err().kind(), ErrorKind::WouldBlock);
        host.send(VirtioHeader::default(), b"there");
        assert_eq!(queue.read(&mut space).unwrap(), 15);
        assert_eq!(&space[10..15], b"there");

        let header = VirtioHeader { flags: VirtioHeader::DATA_VALID, ..Default::default() };
        queue.write(&[IoSlice::new(&header.bytes()), IoSlice::new(b"ba"), IoSlice::new(b"ck")]).unwrap();
        assert_eq!(host.receive(), Some((header, b"back".to_vec())));
        assert_eq!(host.receive(), None);
    }
}
