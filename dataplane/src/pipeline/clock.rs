//! The clock by which flows live and die. It can be made to jump ahead, so that nobody need wait five days for a time-out.

use crate::environment::TimeSource;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The last moment there is: a flow keeps time in 48 bits.
const LAST: u64 = (1 << 48) - 1;

/// Milliseconds of a monotonic clock, plus what was skipped.
#[derive(Debug)]
pub struct Clock {
    time: Arc<dyn TimeSource>,
    skipped: AtomicU64,
}

impl Clock {
    /// A clock that is ahead already.
    pub fn ahead_by(skipped: u64, time: Arc<dyn TimeSource>) -> Self {
        Self { time, skipped: AtomicU64::new(skipped) }
    }

    /// The time.
    pub fn now(&self) -> u64 {
        (self.time.monotonic().as_millis() as u64).saturating_add(self.skipped.load(Relaxed)).min(LAST)
    }

    /// Nanoseconds since 1970. Jumps do not concern it.
    pub fn since_1970(&self) -> u64 {
        self.time.since_1970().as_nanos() as u64
    }

    /// Jumps ahead; tells how far it is ahead in all.
    pub fn advance(&self, by: Duration) -> u64 {
        let by = u64::try_from(by.as_millis()).unwrap_or(LAST);
        let further = |skipped: u64| skipped.saturating_add(by).min(LAST);
        further(self.skipped.update(Relaxed, Relaxed, further))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::KernelTime;

    #[test]
    fn the_last_moment_is_never_passed() {
        let clock = Clock::ahead_by(u64::MAX, Arc::new(KernelTime));
        assert_eq!(clock.now(), LAST);
        assert_eq!(clock.advance(Duration::MAX), LAST);
        let clock = Clock::ahead_by(0, Arc::new(KernelTime));
        assert_eq!(clock.advance(Duration::from_millis(5)), 5);
        assert_eq!(clock.advance(Duration::MAX), LAST);
        assert_eq!(clock.now(), LAST);
    }
}
