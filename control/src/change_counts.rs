//! What is counted of the cloud's changes, since control began.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The bounds of the histogram, in microseconds.
const BOUNDS: [u64; 13] =
    [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000];

/// How many changes were asked for, and how long they took.
#[derive(Debug, Default)]
pub struct ChangeCounts {
    made: AtomicU64,
    refused: AtomicU64,
    nanoseconds: AtomicU64,
    /// By the first bound that is not exceeded; the last are those that took longer than all.
    took: [AtomicU64; BOUNDS.len() + 1],
}

/// How long changes took.
#[derive(Clone, Debug, PartialEq)]
pub struct Durations {
    /// How many took so many seconds at most, by that.
    pub within: Vec<(f64, u64)>,
    /// How many there were.
    pub count: u64,
    /// How long all of them took together.
    pub sum: Duration,
}

impl ChangeCounts {
    /// Counts a change: whether it was made, and how long it took until it was answered.
    pub fn count(&self, made: bool, took: Duration) {
        let counter = if made { &self.made } else { &self.refused };
        counter.fetch_add(1, Relaxed);
        self.nanoseconds.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Relaxed);
        let place = BOUNDS.iter().position(|bound| took <= Duration::from_micros(*bound)).unwrap_or(BOUNDS.len());
        self.took[place].fetch_add(1, Relaxed);
    }

    /// Those that were made.
    pub fn made(&self) -> u64 {
        self.made.load(Relaxed)
    }

    /// Those that were not.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// How long they took.
    pub fn durations(&self) -> Durations {
        let mut count = 0;
        let mut within = Vec::new();
        for (took, bound) in self.took.iter().zip(BOUNDS) {
            count += took.load(Relaxed);
            within.push((bound as f64 / 1e6, count));
        }
        count += self.took[BOUNDS.len()].load(Relaxed);
        Durations { within, count, sum: Duration::from_nanos(self.nanoseconds.load(Relaxed)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_counts_within_all_bounds_that_it_keeps() {
        let counts = ChangeCounts::default();
        for took in [100, 1_000, 1_001, 3_000_000] {
            counts.count(took != 1_001, Duration::from_micros(took));
        }
        let Durations { within, count, sum } = counts.durations();
        assert_eq!((counts.made(), counts.refused(), count), (3, 1, 4));
        assert_eq!(within[..4], [(0.000_25, 1), (0.000_5, 1), (0.001, 2), (0.002_5, 3)]);
        assert_eq!((within[12], sum), ((2.5, 3), Duration::from_micros(3_002_101)));
    }
}
