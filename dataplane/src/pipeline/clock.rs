//! The clock by which flows expire. It can be advanced, so a test need not wait five days for a timeout.

use crate::environment::TimeSource;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The latest time in milliseconds. A flow keeps its times in 48 bits.
const LAST: u64 = (1 << 48) - 1;

/// A monotonic clock in milliseconds, and how far it was advanced.
#[derive(Debug)]
pub struct Clock {
    time: Arc<dyn TimeSource>,
    offset: AtomicU64,
}

impl Clock {
    /// A clock that is already ahead by this many milliseconds.
    pub fn ahead_by(offset: u64, time: Arc<dyn TimeSource>) -> Self {
        Self { time, offset: AtomicU64::new(offset) }
    }

    /// The time, in milliseconds.
    pub fn now(&self) -> u64 {
        (self.time.monotonic().as_millis() as u64).saturating_add(self.offset.load(Relaxed)).min(LAST)
    }

    /// Wall-clock time in nanoseconds since 1970. Advancing the clock does not change it.
    pub fn since_1970(&self) -> u64 {
        self.time.since_1970().as_nanos() as u64
    }

    /// Advances the clock. Returns how far it is ahead in all, in milliseconds.
    pub fn advance(&self, by: Duration) -> u64 {
        let by = u64::try_from(by.as_millis()).unwrap_or(LAST);
        let further = |offset: u64| offset.saturating_add(by).min(LAST);
        further(self.offset.update(Relaxed, Relaxed, further))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::KernelTime;

    #[test]
    fn the_latest_time_is_never_passed() {
        let clock = Clock::ahead_by(u64::MAX, Arc::new(KernelTime));
        assert_eq!(clock.now(), LAST);
        assert_eq!(clock.advance(Duration::MAX), LAST);
        let clock = Clock::ahead_by(0, Arc::new(KernelTime));
        assert_eq!(clock.advance(Duration::from_millis(5)), 5);
        assert_eq!(clock.advance(Duration::MAX), LAST);
        assert_eq!(clock.now(), LAST);
    }
}
