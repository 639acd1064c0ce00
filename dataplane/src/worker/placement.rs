//! Which processor a worker runs on.
//!
//! Workers that wander are put beside each other, or in each other's place, by a scheduler that takes their polling for work: one TCP
//! stream then has anything from half to all of its speed. One on each processor, they stay out of each other's way. Where a stream's
//! sender and receiver run remains the scheduler's choice, and matters: with the worker beside the receiver one TCP stream is half as
//! fast again as with it beside the sender.

use nix::errno::Errno;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// The calling thread, as the scheduler's calls know it.
const SELF: Pid = Pid::from_raw(0);

/// A processor for each of so many workers; nothing if there are fewer processors than workers.
pub fn places(workers: usize) -> Vec<usize> {
    let allowed = sched_getaffinity(SELF).unwrap_or_default();
    let processors: Vec<usize> = (0..CpuSet::count()).filter(|cpu| allowed.is_set(*cpu) == Ok(true)).collect();
    if processors.len() < workers { Vec::new() } else { processors }
}

/// Keeps the calling thread on a processor.
///
/// # Errors
/// If that is not allowed any more.
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
        // In a thread of its own: where the tests run is none of its business.
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
    fn more_workers_than_processors_go_where_they_like() {
        assert_eq!(places(usize::MAX), [0; 0]);
    }
}
