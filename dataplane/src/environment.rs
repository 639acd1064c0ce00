//! The dataplane's inputs besides packets and tables: time and chance.
//!
//! Both are handed in, so that a run can be repeated: the same packets, tables, times and seed give the same outcomes,
//! the ports of NATs included.

use foldhash::SharedSeed;
use foldhash::fast::FoldHasher;
use nix::time::{ClockId, clock_gettime};
use std::fmt::Debug;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Time and chance.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The source of time.
    pub time: Arc<dyn TimeSource>,
    /// The seed of hashes and of chosen ports.
    pub seed: Seed,
}

impl Environment {
    /// The kernel's clocks and a random seed.
    pub fn system() -> Self {
        Self { time: Arc::new(KernelTime), seed: Seed::new(RandomState::new().hash_one(())) }
    }

    /// A clock that stands still unless it is [set](ManualTime::set), and a constant seed.
    pub fn fixed() -> Self {
        Self { time: Arc::new(ManualTime::default()), seed: Seed::new(0) }
    }
}

/// A source of time.
pub trait TimeSource: Debug + Send + Sync {
    /// The time since the machine's boot. Flows expire by it, also across processes.
    fn monotonic(&self) -> Duration;

    /// The same time at full resolution. Packets in transit are due by it.
    fn exact(&self) -> Duration {
        self.monotonic()
    }

    /// The time since 1970 (UTC). Drops are recorded with it.
    fn since_1970(&self) -> Duration;
}

/// The kernel's clocks.
#[derive(Debug)]
pub struct KernelTime;

impl TimeSource for KernelTime {
    /// The time of the kernel's last tick, which is cheaper to read. Every batch reads it, and a flow's time may be some
    /// milliseconds off.
    fn monotonic(&self) -> Duration {
        // Every Linux has this clock.
        clock_gettime(ClockId::CLOCK_MONOTONIC_COARSE).map_or(Duration::ZERO, Duration::from)
    }

    fn exact(&self) -> Duration {
        clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(Duration::ZERO, Duration::from)
    }

    fn since_1970(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}

/// A clock that is set by hand. Both kinds of time are the same.
#[derive(Debug, Default)]
pub struct ManualTime(AtomicU64);

impl ManualTime {
    /// Sets the time, to the nanosecond.
    pub fn set(&self, time: Duration) {
        self.0.store(time.as_nanos() as u64, Relaxed);
    }
}

impl TimeSource for ManualTime {
    fn monotonic(&self) -> Duration {
        Duration::from_nanos(self.0.load(Relaxed))
    }

    fn since_1970(&self) -> Duration {
        self.monotonic()
    }
}

/// The seed of hashes. A host that knew it could choose flows whose hashes collide.
#[derive(Clone, Debug)]
pub struct Seed {
    number: u64,
    shared: SharedSeed,
}

impl Seed {
    /// Makes the seed of this number.
    pub fn new(number: u64) -> Self {
        Self { number, shared: SharedSeed::from_u64(number) }
    }

    /// The number from which this seed can be made again.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The hash of a value.
    #[inline]
    pub fn hash(&self, value: &impl Hash) -> u64 {
        let mut hasher = FoldHasher::with_seed(self.number, &self.shared);
        value.hash(&mut hasher);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_can_be_made_again_from_its_number() {
        let [a, b] = [Environment::system().seed, Environment::system().seed];
        assert_eq!(a.hash(&7u64), Seed::new(a.number()).hash(&7u64));
        assert_ne!(a.hash(&7u64), b.hash(&7u64), "two systems have different seeds");
    }

    #[test]
    fn a_manual_time_shows_what_it_was_set_to() {
        let time = ManualTime::default();
        time.set(Duration::from_millis(1500));
        assert_eq!((time.monotonic(), time.since_1970()), (Duration::from_millis(1500), Duration::from_millis(1500)));
    }
}
