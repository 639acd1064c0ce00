//! Steering: the queue of a TUN interface that takes a packet is that of a worker beside the sender, not that of the
//! sender's own processor.
//!
//! The kernel would choose by the flow's hash, wherever programs run. A worker on the sender's processor alternates
//! with the sender; one on a neighbouring processor works at the same time. A BPF program makes the choice in the
//! context of the sender (TUNSETSTEERINGEBPF, Linux 4.16). Bulk transfers are spread by their hashes all the same.
//!
//! Packets of a flow stay in order: a flow changes its queue only when all its earlier packets have left the dataplane.
//! That is so if its last packet was sent before the queue's worker was last idle, or if the flow was silent for
//! [`IDLE`].

mod assembler;
mod bpf;
mod program;

use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use nix::time::{ClockId, clock_gettime};
use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::num::NonZeroUsize;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The greatest number of workers whose queues can be told apart.
const WORKERS: usize = 64;
/// How many flows are remembered. Two flows with the same place share a queue.
const FLOWS: usize = 1 << 14;
/// The words that the program and the workers share: for each worker the time at which it was last idle, and for each
/// flow its last packet.
const WORDS: usize = WORKERS + FLOWS;
/// A flow that was silent for this long has no packet in any queue.
pub const IDLE: Duration = Duration::from_secs(1);
/// The longest time from the choice of a queue to the packet's arrival in it.
const SETTLING: Duration = Duration::from_micros(20);

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

    /// The clock by which the age of packets is judged. A worker asks for the time before it looks for packets.
    pub fn now(&self) -> u64 {
        // This clock exists on every Linux.
        clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(0, |time| Duration::from(time).as_nanos() as u64)
    }

    /// Notes that a worker found all its queues empty at this time: what was sent before has left.
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

/// For each processor the queue of a neighbour's worker. Workers form pairs, and an odd last one hands its work to the
/// first. Processors with neighbouring numbers share a cache on most machines.
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
