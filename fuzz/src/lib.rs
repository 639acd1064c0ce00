//! The parts that fuzz targets share. A target is a test in `tests/` that gives [bolero] a generator and a property.
//!
//! `cargo test -p fuzz` runs each target for a second with random input, after its corpus (`tests/__fuzz__/*/corpus`);
//! `scripts/fuzz` runs them for a given time. `cargo bolero test` uses coverage-guided engines where they are
//! installed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::double_parens, reason = "the attribute of a generator takes one expression, which may be a tuple")]

pub mod damage;
pub mod packet;
pub mod reference;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts a target's inputs. Dropping it prints the number, and `scripts/fuzz` adds the numbers up.
#[derive(Debug)]
pub struct Tally {
    what: &'static str,
    target: &'static str,
    count: AtomicU64,
}

impl Tally {
    /// A count for a target, of `what` it is given: packets, requests or the like.
    pub fn new(target: &'static str, what: &'static str) -> Self {
        Self { what, target, count: AtomicU64::new(0) }
    }

    /// Adds inputs.
    pub fn add(&self, count: usize) {
        self.count.fetch_add(count as u64, Relaxed);
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        println!("\nfuzzed {}: {} {}", self.target, self.count.load(Relaxed), self.what);
    }
}
