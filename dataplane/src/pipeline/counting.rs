//! Whether packets and bytes of flows are counted. They are counted only while the counts are asked for, because counting
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

    /// Counts packets for a while from now on. Calls `reset` first unless they are counted already.
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
