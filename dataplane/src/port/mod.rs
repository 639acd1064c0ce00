//! Where packets come in and go out: queues of TUN interfaces, or of memory.
//!
//! On every queue a packet is preceded by its [`VirtioHeader`](crate::packet::VirtioHeader). A plain interface knows none: reading
//! supplies an empty one, writing leaves it out.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))] // What a host sends must not make anything panic.

mod memory;
mod steering;
mod tun;

pub use memory::{Memory, MemoryHost};
pub use steering::Steering;
pub use tun::{open, reopen};

use crate::packet::VIRTIO_HEADER;
use nix::sys::uio::writev;
use std::fs::File;
use std::io::{self, IoSlice, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

/// The space that reading any packet may need, in bytes.
pub const READ_SPACE: usize = VIRTIO_HEADER + u16::MAX as usize;

/// What the kernel does right with packets that stand for several, when they are written to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offloads {
    /// Segments of a TCP stream.
    pub segments: bool,
    /// UDP datagrams.
    pub datagrams: bool,
}

impl Offloads {
    /// Everything.
    pub const ALL: Self = Self { segments: true, datagrams: true };
    /// Nothing.
    pub const NONE: Self = Self { segments: false, datagrams: false };
}

/// One queue of a port. Reading and writing never wait.
#[derive(Clone, Debug)]
pub enum Queue {
    /// One of several queues of a TUN interface with virtio headers.
    Offload(Arc<File>),
    /// The only queue of a TUN interface without them.
    Plain(Arc<File>),
    /// A queue in memory, with virtio headers.
    Memory(Arc<Memory>),
}

impl Queue {
    /// A queue in memory, and the host at its other end.
    ///
    /// # Errors
    /// If the system has no more event descriptors.
    pub fn in_memory() -> io::Result<(Self, MemoryHost)> {
        let memory = Arc::new(Memory::new()?);
        Ok((Self::Memory(Arc::clone(&memory)), MemoryHost::new(memory)))
    }

    /// Whether it takes packets that stand for several, and unfinished checksums.
    pub fn offloads(&self) -> bool {
        !matches!(self, Self::Plain(_))
    }

    /// Reads one packet, virtio header first, and tells the length of both.
    ///
    /// # Errors
    /// `WouldBlock` if there is none; whatever else the interface says.
    pub fn read(&self, space: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Offload(file) => (&**file).read(space),
            Self::Plain(file) => {
                let small = io::ErrorKind::InvalidInput;
                let (header, packet) = space.split_at_mut_checked(VIRTIO_HEADER).ok_or(small)?;
                header.fill(0);
                Ok(VIRTIO_HEADER + (&**file).read(packet)?)
            }
            Self::Memory(memory) => memory.read(space),
        }
    }

    /// Writes one packet, given in parts, the first of which begins with the virtio header.
    ///
    /// # Errors
    /// `WouldBlock` if the queue is full; `InvalidInput` if the first part is too short for a virtio header; whatever else the
    /// interface says.
    pub fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<()> {
        match (self, parts) {
            (Self::Offload(file), [whole]) => (&**file).write(whole)?,
            (Self::Offload(file), _) => writev(file, parts)?,
            (Self::Plain(file), [first, rest @ ..]) => {
                let packet = first.get(VIRTIO_HEADER..).ok_or(io::ErrorKind::InvalidInput)?;
                match rest {
                    [] => (&**file).write(packet)?,
                    _ => writev(file, &[&[IoSlice::new(packet)], rest].concat())?,
                }
            }
            (Self::Plain(_), []) => 0,
            (Self::Memory(memory), _) => memory.write(parts)?,
        };
        Ok(())
    }
}

impl AsFd for Queue {
    /// Readable when there is something to read.
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Offload(file) | Self::Plain(file) => file.as_fd(),
            Self::Memory(memory) => memory.as_fd(),
        }
    }
}
