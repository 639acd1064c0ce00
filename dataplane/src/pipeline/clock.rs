//! The clock by which flows live and die. It can be made to jump ahead, so that nobody need wait five days for a time-out.

use nix::time::{ClockId, clock_gettime};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The last moment there is: a flow keeps time in 48 bits.
const LAST: u64 = (1 << 48) - 1;

/// Milliseconds of the system's monotonic clock, which goes on from one process to the next, plus what was skipped.
#[derive(Debug, Default)]
pub struct Clock {
    skipped: AtomicU64,
}

impl Clock {
    /// A clock that is ahead already.
    pub fn ahead_by(skipped: u64) -> Self {
        Self { skipped: AtomicU64::new(skipped) }
    }

    /// The time, as of the kernel's last tick: a batch asks for it, and a few milliseconds do not matter to a flow.
    pub fn now(&self) -> u64 {
        // The monotonic clock exists on every Linux; without it, time stands still.
        let now = clock_gettime(ClockId::CLOCK_MONOTONIC_COARSE).map_or(Duration::ZERO, Duration::from);
        (now.as_millis() as u64).saturating_add(self.skipped.load(Relaxed)).min(LAST)
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

    #[test]
    fn the_last_moment_is_never_passed() {
        let clock = Clock::ahead_by(u64::MAX);
        assert_eq!(clock.now(), LAST);
        assert_eq!(clock.advance(Duration::MAX), LAST);
        let clock = Clock::default();
        assert_eq!(clock.advance(Duration::from_millis(5)), 5);
        assert_eq!(clock.advance(Duration::MAX), LAST);
        assert_eq!(clock.now(), LAST);
    }
}
