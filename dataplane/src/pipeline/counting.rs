//! Whether packets and bytes of flows are counted. They are only while somebody asks for the counts, because every count
//! writes to memory that all workers share.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How long packets are counted after the last request, in milliseconds.
const INTERVAL: u64 = 30_000;

/// The interval in which packets are counted. Times are in milliseconds of the engine's clock.
#[derive(Debug, Default)]
pub struct Counting {
    since: AtomicU64,
    until: AtomicU64,
}

impl Counting {
    /// Whether packets are counted now.
    #[inline]
    pub fn is_on(&self, now: u64) -> bool {
        now < self.until.load(Relaxed)
    }

    /// Goes on counting for a while. Calls `reset` first if packets were not counted.
    pub fn extend(&self, now: u64, reset: impl FnOnce()) {
        if self.until.swap(now + INTERVAL, Relaxed) <= now {
            self.since.store(now, Relaxed);
            reset();
        }
    }

    /// How long packets have been counted.
    pub fn duration(&self, now: u64) -> u64 {
        now.saturating_sub(self.since.load(Relaxed))
    }
}
