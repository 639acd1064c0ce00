//! Steering: a BPF program chooses the queue of a TUN interface for each packet that a host sends (TUNSETSTEERINGEBPF, Linux
//! 4.16). It runs on the sender's processor, and chooses the queue of the worker on a neighbouring processor.
//!
//! Without it the kernel chooses by the flow's hash. A worker on the sender's own processor alternates with the sender; one on
//! a neighbouring processor works at the same time. Bulk transfers are spread over all queues by their hashes.
//!
//! Packets of a flow stay in order: a flow changes its queue only when all its earlier packets have left the dataplane. That
//! is so if its last packet was sent before the queue's worker was last idle, or if the flow was silent for
//! [`program::IDLE`].

mod assembler;
mod bpf;
mod program;

use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use nix::time::{ClockId, clock_gettime};
use program::{FLOWS, WORKERS};
use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::num::NonZeroUsize;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The number of words that the program and the workers share: for each worker the time at which it was last idle, and for
/// each flow its last packet.
const WORDS: usize = WORKERS + FLOWS;

/// The steering of all interfaces of one dataplane.
#[derive(Debug)]
pub struct Steering {
    program: OwnedFd,
    shared: NonNull<AtomicU64>,
}

// SAFETY: `shared` points to atomic words that stay mapped until the drop.
unsafe impl Send for Steering {}
// SAFETY: as for `Send`; nothing else is behind a shared reference.
unsafe impl Sync for Steering {}

impl Steering {
    /// Loads the program for workers on these processors. The worker of queue N runs on the Nth.
    ///
    /// # Errors
    /// `Unsupported` unless there are 2 to 64 processors; otherwise the kernel's error. BPF needs privilege.
    pub fn new(processors: &[usize]) -> io::Result<Self> {
        if !(2..=WORKERS).contains(&processors.len()) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let map = bpf::create_map(WORDS * size_of::<u64>())?;
        let program = bpf::load_program(&program::steer(map.as_raw_fd(), &neighbours(processors)))?;
        Ok(Self { program, shared: share(map)? })
    }

    /// Lets the program choose the queues of this TUN interface. The kernel keeps the program with the interface.
    ///
    /// # Errors
    /// The kernel's error.
    pub fn attach(&self, interface: &File) -> io::Result<()> {
        bpf::steer(interface, &self.program)
    }

    /// The time by the clock that the program uses, in nanoseconds. A worker reads it before it looks for packets.
    pub fn now(&self) -> u64 {
        // This clock exists on every Linux.
        clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(0, |time| Duration::from(time).as_nanos() as u64)
    }

    /// Notes that a worker found all its queues empty at this time: all packets sent before have left them.
    pub fn idle(&self, worker: usize, since: u64) {
        if worker < WORKERS {
            // SAFETY: the map begins with a word for each worker.
            unsafe { self.shared.add(worker).as_ref() }.store(since, Relaxed);
        }
    }
}

impl Drop for Steering {
    fn drop(&mut self) {
        // SAFETY: `share` mapped it with this length, and no reference into it outlives `self`.
        let _ = unsafe { munmap(self.shared.cast(), WORDS * size_of::<u64>()) };
    }
}

/// Maps the words that the program and the workers share. The program keeps the map itself alive.
fn share(map: OwnedFd) -> io::Result<NonNull<AtomicU64>> {
    let length = NonZeroUsize::new(WORDS * size_of::<u64>()).ok_or(io::ErrorKind::InvalidInput)?;
    let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
    // SAFETY: a new mapping of memory that only the kernel and `Steering` use.
    let start: NonNull<c_void> = unsafe { mmap(None, length, access, MapFlags::MAP_SHARED, map, 0)? };
    Ok(start.cast())
}

/// Each worker's processor, with the queue for packets that are sent on it. Workers form pairs and get each other's packets; an
/// odd last one gives its packets to the first. Processors with neighbouring numbers share a cache on most machines.
fn neighbours(processors: &[usize]) -> Vec<(usize, usize)> {
    let beside = |queue: usize| if queue ^ 1 < processors.len() { queue ^ 1 } else { 0 };
    processors.iter().enumerate().map(|(queue, processor)| (*processor, beside(queue))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_never_shares_its_processor_with_its_worker() {
        assert_eq!(neighbours(&[0, 1]), [(0, 1), (1, 0)]);
        assert_eq!(neighbours(&[2, 5, 7]), [(2, 1), (5, 0), (7, 0)]);
    }

    #[test]
    fn one_worker_needs_no_steering() {
        assert_eq!(Steering::new(&[0]).unwrap_err().kind(), io::ErrorKind::Unsupported);
    }
}
