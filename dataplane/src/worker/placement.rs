//! The processor that each worker runs on.
//!
//! The scheduler does not know polling from work. It moves unpinned workers next to each other or onto one processor, and the
//! throughput of one TCP stream then varies between half and all of its best. So each worker is pinned to a processor of its
//! own. The scheduler still chooses where a stream's sender and receiver run: one TCP stream is half as fast again with the
//! worker beside the receiver as with it beside the sender.

use nix::errno::Errno;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// The calling thread, as the scheduler's system calls name it.
const SELF: Pid = Pid::from_raw(0);

/// The processors that this process may run on, of which each worker gets one. Empty if there are fewer than workers.
pub fn processors(workers: usize) -> Vec<usize> {
    let allowed = sched_getaffinity(SELF).unwrap_or_default();
    let processors: Vec<usize> = (0..CpuSet::count()).filter(|cpu| allowed.is_set(*cpu) == Ok(true)).collect();
    if processors.len() < workers { Vec::new() } else { processors }
}

/// Pins the calling thread to a processor.
///
/// # Errors
/// If the thread may not run on that processor any more.
pub fn pin_to(processor: usize) -> Result<(), Errno> {
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
        let all = processors(1);
        // A thread of its own is pinned, so that the test runner's thread is not.
        let stays = |place: usize| {
            thread::spawn(move || {
                pin_to(place).unwrap();
                processors(1)
            })
        };
        for place in all {
            assert_eq!(stays(place).join().unwrap(), [place]);
        }
    }

    #[test]
    fn more_workers_than_processors_are_not_pinned() {
        assert_eq!(processors(usize::MAX), [0; 0]);
    }
}
