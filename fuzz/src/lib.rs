//! What fuzz targets share. A target is a file in `tests/`: a function that gives [bolero] a generator and a property.
//!
//! `cargo test -p fuzz` runs each for a second with random input, after what lies in its corpus (`tests/__fuzz__/*/corpus`);
//! `scripts/fuzz` for as long as one likes. `cargo bolero test` takes engines guided by coverage, where they are installed.

#![allow(clippy::unwrap_used, reason = "what cannot go on here should stop")]
#![allow(clippy::double_parens, reason = "the attribute of a generator takes one expression, which may be a tuple")]

pub mod damage;
pub mod packet;
pub mod reference;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts what a target was given, and prints it in the end: `scripts/fuzz` adds it up.
#[derive(Debug)]
pub struct Tally {
    what: &'static str,
    target: &'static str,
    count: AtomicU64,
}

impl Tally {
    /// Of a target: how many packets, requests or the like it was given.
    pub fn new(target: &'static str, what: &'static str) -> Self {
        Self { what, target, count: AtomicU64::new(0) }
    }

    /// So many more.
    pub fn add(&self, count: usize) {
        self.count.fetch_add(count as u64, Relaxed);
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        println!("\nfuzzed {}: {} {}", self.target, self.count.load(Relaxed), self.what);
    }
}
