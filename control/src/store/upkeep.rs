//! When the store is copied: soon after changes have settled, and now and then while they go on.

use std::time::{Duration, Instant};

/// While changes go on, the copy is no older than this, or than twenty times as long as it takes to make one.
pub const COPY_AGE: Duration = Duration::from_secs(10);

/// How many times as long as a copy takes none is made.
const REST: u32 = 20;

/// What is known about the last copy.
#[derive(Default)]
pub(super) struct Upkeep {
    /// The last change that was copied.
    copied: Option<u64>,
    /// The last change at the last look.
    seen: Option<u64>,
    /// When the last copy, or the last try, was made, and when the next may be made.
    last: Option<(Instant, Instant)>,
    /// Whether the last try failed.
    failed: bool,
}

impl Upkeep {
    /// Whether a copy is to be made now, `change` being the last change. Asked again and again.
    pub(super) fn is_due(&mut self, change: u64, now: Instant) -> bool {
        let settled = !self.failed && self.seen.replace(change) == Some(change);
        let (old, rested) = self.last.map_or((true, true), |(last, next)| (now >= last + COPY_AGE, now >= next));
        self.lacks(change) && rested && (settled || old)
    }

    /// Whether the copy does not have that change.
    pub(super) fn lacks(&self, change: u64) -> bool {
        self.copied != Some(change)
    }

    /// Notes a copy that was begun then and has that change.
    pub(super) fn done(&mut self, change: u64, begun: Instant, now: Instant) {
        self.copied = Some(change);
        self.failed = false;
        self.last = Some((now, now + (now - begun) * REST));
    }

    /// Notes that there is none; whether that is news.
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
        assert!(upkeep.is_due(1, at(31)), "the last copy is long ago");
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
