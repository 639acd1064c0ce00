//! The processor that each worker runs on.
//!
//! The scheduler takes a worker's polling for work, and moves unpinned workers next to each other or onto one
//! processor: the throughput of one TCP stream then varies between half and all of its best. Workers that are pinned,
//! one a processor, stay apart. Where a stream's sender and receiver run remains the scheduler's choice, and matters:
//! one TCP stream is half as fast again with the worker beside the receiver as with it beside the sender.

use nix::errno::Errno;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// The calling thread, as the scheduler's system calls name it.
const SELF: Pid = Pid::from_raw(0);

/// A processor for each worker. Empty if there are fewer processors than workers.
pub fn places(workers: usize) -> Vec<usize> {
    let allowed = sched_getaffinity(SELF).unwrap_or_default();
    let processors: Vec<usize> = (0..CpuSet::count()).filter(|cpu| allowed.is_set(*cpu) == Ok(true)).collect();
    if processors.len() < workers { Vec::new() } else { processors }
}

/// Pins the calling thread to a processor.
///
/// # Errors
/// If the thread may not run on that processor any more.
pub fn stay_on(processor: usize) -> Result<(), Errno> {
    let mut only = CpuSet::new();
    only.set(processor)?;
    sched_setaffinity(SELF, &only)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn a_worker_stays_where_it_is_put() {
        let all = places(1);
        // A thread of its own is pinned, so that the test runner's thread is not.
        let stays = |place: usize| {
            thread::spawn(move || {
                stay_on(place).unwrap();
                places(1)
            })
        };
        for place in all {
            assert_eq!(stays(place).join().unwrap(), [place]);
        }
    }

    #[test]
    fn more_workers_than_processors_are_not_pinned() {
        assert_eq!(places(usize::MAX), [0; 0]);
    }
}
