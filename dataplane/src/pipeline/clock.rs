//! The clock by which flows live and die. It can be made to jump ahead, so that nobody need wait five days for a time-out.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Milliseconds since the engine started, plus what was skipped.
#[derive(Debug)]
pub struct Clock {
    start: Instant,
    skipped: AtomicU64,
}

impl Default for Clock {
    fn default() -> Self {
        Self { start: Instant::now(), skipped: AtomicU64::new(0) }
    }
}

impl Clock {
    /// The time.
    pub fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64 + self.skipped.load(Relaxed)
    }

    /// Jumps ahead.
    pub fn advance(&self, by: Duration) {
        self.skipped.fetch_add(by.as_millis() as u64, Relaxed);
    }
}
