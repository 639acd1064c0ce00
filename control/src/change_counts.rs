//! What is counted of the cloud's changes, since control began.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// How many changes were asked for, and how long they took.
#[derive(Debug, Default)]
pub struct ChangeCounts {
    made: AtomicU64,
    refused: AtomicU64,
    nanoseconds: AtomicU64,
}

impl ChangeCounts {
    /// Counts a change: whether it was made, and how long it took until it was answered.
    pub fn count(&self, made: bool, took: Duration) {
        let counter = if made { &self.made } else { &self.refused };
        counter.fetch_add(1, Relaxed);
        self.nanoseconds.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }

    /// Those that were made.
    pub fn made(&self) -> u64 {
        self.made.load(Relaxed)
    }

    /// Those that were not.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// How long all of them took together.
    pub fn took(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Relaxed))
    }
}
