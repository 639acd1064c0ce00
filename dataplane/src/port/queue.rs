//! A queue of a port, and the offloads that the kernel does correctly.

use super::memory::{Memory, MemoryHost};
use crate::packet::VIRTIO_HEADER;
use nix::sys::uio::writev;
use std::fs::File;
use std::io::{self, IoSlice, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::sync::Arc;

mod ioctl {
    // SIOCGSKNS.
    nix::ioctl_none_bad!(namespace, 0x894c);
}

/// The space that reading a packet may need, in bytes.
pub const READ_SPACE: usize = VIRTIO_HEADER + u16::MAX as usize;

/// The kinds of coalesced packets that the kernel segments correctly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offloads {
    /// Segments of a TCP stream.
    pub segments: bool,
    /// UDP datagrams.
    pub datagrams: bool,
}

impl Offloads {
    /// Both kinds.
    pub const ALL: Self = Self { segments: true, datagrams: true };
    /// Neither kind.
    pub const NONE: Self = Self { segments: false, datagrams: false };
}

/// One queue of a port. Reading and writing never block.
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

    /// Whether it takes coalesced packets and partial checksums.
    pub fn offloads(&self) -> bool {
        !matches!(self, Self::Plain(_))
    }

    /// The network namespace that its interface is in.
    ///
    /// # Errors
    /// `Unsupported` for a queue in memory; otherwise the kernel's error.
    pub fn namespace(&self) -> io::Result<OwnedFd> {
        match self {
            Self::Offload(file) | Self::Plain(file) => namespace(file),
            Self::Memory(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Reads one packet behind its virtio header. Returns the length of both.
    ///
    /// # Errors
    /// `WouldBlock` if there is no packet; otherwise the interface's error.
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

    /// Writes one packet, given in parts. The first part begins with the virtio header.
    ///
    /// # Errors
    /// `WouldBlock` if the queue is full, `InvalidInput` if the first part is too short for a virtio header; otherwise
    /// the interface's error.
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
    /// Readable when a packet can be read.
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Offload(file) | Self::Plain(file) => file.as_fd(),
            Self::Memory(memory) => memory.as_fd(),
        }
    }
}

/// The network namespace of a queue's interface.
fn namespace(queue: &File) -> io::Result<OwnedFd> {
    // SAFETY: `queue` is open, and the call has no argument.
    let descriptor = unsafe { ioctl::namespace(queue.as_raw_fd())? };
    // SAFETY: the kernel has just opened this descriptor, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}
