//! Which queue of a TUN interface takes a packet: that of a worker beside the sender, not that of the sender's own processor.
//!
//! The kernel would choose by the flow's hash, whoever runs where. A worker on the sender's processor takes turns with it; one on a
//! neighbouring processor works while the sender does. The choice is made by a BPF program (TUNSETSTEERINGEBPF, Linux 4.16), in the
//! context of the sender.
//!
//! Packets of a flow stay in order: a flow changes its queue only if all that it sent before has left the dataplane. Its last
//! packet was sent before the queue's worker last found nothing to do, or it was idle for [`IDLE`].

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

/// The most workers whose queues can be told apart.
const WORKERS: usize = 64;
/// How many flows are remembered; two of the same place share their queue.
const FLOWS: usize = 1 << 14;
/// What the program and the workers share: for each worker when it last found nothing to do, for each flow its last packet.
const WORDS: usize = WORKERS + FLOWS;
/// A flow that was idle for so long has no packet in any queue.
pub const IDLE: Duration = Duration::from_secs(1);
/// From the choice of a queue to the packet's being there, at most.
const SETTLING: Duration = Duration::from_micros(20);

/// The steering of all interfaces of one dataplane.
#[derive(Debug)]
pub struct Steering {
    program: OwnedFd,
    shared: NonNull<AtomicU64>,
}

// SAFETY: `shared` points to atomic words that stay mapped until the drop.
unsafe impl Send for Steering {}
// SAFETY: the same; nothing else is behind a shared reference.
unsafe impl Sync for Steering {}

impl Steering {
    /// Loads the program for workers on these processors: the worker of queue N runs on the Nth.
    ///
    /// # Errors
    /// `Unsupported` unless there are 2 to 64 of them; whatever the kernel says, which allows BPF to the privileged only.
    pub fn new(processors: &[usize]) -> io::Result<Self> {
        if !(2..=WORKERS).contains(&processors.len()) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let map = bpf::create_map(WORDS * size_of::<u64>())?;
        let program = bpf::load_program(&program::steer(map.as_raw_fd(), &neighbours(processors)))?;
        Ok(Self { program, shared: share(map)? })
    }

    /// Lets the program choose the queues of this TUN interface. It stays with the interface.
    ///
    /// # Errors
    /// Whatever the kernel says.
    pub fn attach(&self, interface: &File) -> io::Result<()> {
        bpf::steer(interface, &self.program)
    }

    /// The time by which a packet's age is judged. To be asked before a worker looks for packets.
    pub fn now(&self) -> u64 {
        // This clock is always there.
        clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(0, |time| Duration::from(time).as_nanos() as u64)
    }

    /// A worker found all its queues empty at this time: what was sent before has left.
    pub fn idle(&self, worker: usize, since: u64) {
        if worker < WORKERS {
            // SAFETY: the map has a word for each worker, at its beginning.
            unsafe { self.shared.add(worker).as_ref() }.store(since, Relaxed);
        }
    }
}

impl Drop for Steering {
    fn drop(&mut self) {
        // SAFETY: mapped by `share` with this length; no reference into it outlives `self`.
        let _ = unsafe { munmap(self.shared.cast(), WORDS * size_of::<u64>()) };
    }
}

/// Maps what the program and the workers share. The program holds the map itself.
fn share(map: OwnedFd) -> io::Result<NonNull<AtomicU64>> {
    let length = NonZeroUsize::new(WORDS * size_of::<u64>()).ok_or(io::ErrorKind::InvalidInput)?;
    let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
    // SAFETY: a new mapping, of memory that only the kernel and `Steering` know.
    let start: NonNull<c_void> = unsafe { mmap(None, length, access, MapFlags::MAP_SHARED, map, 0)? };
    Ok(start.cast())
}

/// For each processor the queue of a neighbour's worker: workers form pairs, and an odd last one gives its work to the first.
/// Processors of neighbouring numbers share a cache on most machines.
fn neighbours(processors: &[usize]) -> Vec<(usize, usize)> {
    let beside = |queue: usize| if queue ^ 1 < processors.len() { queue ^ 1 } else { 0 };
    processors.iter().enumerate().map(|(queue, processor)| (*processor, beside(queue))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_works_beside_himself() {
        assert_eq!(neighbours(&[0, 1]), [(0, 1), (1, 0)]);
        assert_eq!(neighbours(&[2, 5, 7]), [(2, 1), (5, 0), (7, 0)]);
    }

    #[test]
    fn one_worker_needs_no_steering() {
        assert_eq!(Steering::new(&[0]).unwrap_err().kind(), io::ErrorKind::Unsupported);
    }
}
