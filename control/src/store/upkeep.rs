//! When the store is copied: soon after changes have stopped, and now and then while they continue.

use std::time::{Duration, Instant};

/// While changes continue, the copy is no older than this, or than twenty times as long as it takes to write.
pub const COPY_AGE: Duration = Duration::from_secs(10);

/// The pause after a copy, as a multiple of the time it took.
const REST: u32 = 20;

/// The state of the last copy.
#[derive(Default)]
pub(super) struct Upkeep {
    /// The last change in the copy.
    copied: Option<u64>,
    /// The last change at the last check.
    seen: Option<u64>,
    /// When the last copy was attempted, and when the next one may be.
    last: Option<(Instant, Instant)>,
    /// Whether the last attempt failed.
    failed: bool,
}

impl Upkeep {
    /// Whether a copy is due now. `change` is the last change. Called periodically.
    pub(super) fn is_due(&mut self, change: u64, now: Instant) -> bool {
        let settled = !self.failed && self.seen.replace(change) == Some(change);
        let (old, rested) = self.last.map_or((true, true), |(last, next)| (now >= last + COPY_AGE, now >= next));
        self.lacks(change) && rested && (settled || old)
    }

    /// Whether the copy lacks that change.
    pub(super) fn lacks(&self, change: u64) -> bool {
        self.copied != Some(change)
    }

    /// Notes a copy that has that change.
    pub(super) fn done(&mut self, change: u64, begun: Instant, now: Instant) {
        self.copied = Some(change);
        self.failed = false;
        self.last = Some((now, now + (now - begun) * REST));
    }

    /// Notes a failed attempt. Returns whether the one before had succeeded.
    pub(super) fn failed(&mut self, now: Instant) -> bool {
        self.last = Some((now, now));
        !std::mem::replace(&mut self.failed, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_follow_changes_and_rest() {
        let (mut upkeep, start) = (Upkeep::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(upkeep.is_due(0, at(0)), "the first look");
        upkeep.done(0, at(0), at(1));
        assert!(!upkeep.is_due(0, at(30)), "nothing new");
        assert!(upkeep.is_due(1, at(31)), "the last copy is old");
        upkeep.done(1, at(31), at(31));
        assert!(!upkeep.is_due(2, at(32)), "not settled");
        assert!(upkeep.is_due(2, at(33)), "settled");
        upkeep.done(2, at(33), at(34));
        let due = (35..60).filter(|second| upkeep.is_due(*second, at(*second))).collect::<Vec<_>>();
        assert_eq!(due, [54, 55, 56, 57, 58, 59], "it took a second, and rests for twenty");
        assert!(upkeep.failed(at(60)) && !upkeep.failed(at(61)), "told once");
        assert!(!upkeep.is_due(60, at(62)) && !upkeep.is_due(60, at(63)) && upkeep.is_due(60, at(71)));
    }
}
