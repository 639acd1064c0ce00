//! Counts of the cloud's changes since control started.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The bounds of the histogram, in microseconds.
const BOUNDS: [u64; 13] =
    [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000];

/// How many changes were made or refused, and how long they took.
#[derive(Debug, Default)]
pub struct ChangeCounts {
    made: AtomicU64,
    refused: AtomicU64,
    nanoseconds: AtomicU64,
    /// Counts by the first bound that is not exceeded; the last one counts changes that exceed all
    /// bounds.
    took: [AtomicU64; BOUNDS.len() + 1],
}

/// How long changes took.
#[derive(Clone, Debug, PartialEq)]
pub struct Durations {
    /// For each bound in seconds, the number of changes that took no longer.
    pub within: Vec<(f64, u64)>,
    /// The number of changes.
    pub count: u64,
    /// Their durations, added up.
    pub sum: Duration,
}

impl ChangeCounts {
    /// Counts a change: whether it was made, and the time until it was answered.
    pub fn count(&self, made: bool, took: Duration) {
        let counter = if made { &self.made } else { &self.refused };
        counter.fetch_add(1, Relaxed);
        self.nanoseconds.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Relaxed);
        let place = BOUNDS.iter().position(|bound| took <= Duration::from_micros(*bound)).unwrap_or(BOUNDS.len());
        self.took[place].fetch_add(1, Relaxed);
    }

    /// The number of changes made.
    pub fn made(&self) -> u64 {
        self.made.load(Relaxed)
    }

    /// The number of changes refused.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// The durations of changes.
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
    fn a_change_counts_in_every_bucket_that_includes_it() {
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
