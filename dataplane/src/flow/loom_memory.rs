//! [`Memory`] of loom's atomics, for tests of interleavings.

use super::sync::AtomicU64;
use std::io;
use std::ops::Deref;
use std::path::Path;

/// Zeroed words.
#[derive(Debug)]
pub struct Memory(Box<[AtomicU64]>);

impl Memory {
    /// Memory of this many words.
    pub fn private(words: usize) -> io::Result<Self> {
        Ok(Self((0..words).map(|_| AtomicU64::new(0)).collect()))
    }

    /// Memory of this many words. Loom has no files.
    pub fn of_file(_: &Path, words: usize) -> io::Result<Self> {
        Self::private(words)
    }

    /// Does nothing, because loom has no pages.
    pub fn prefer_large_pages(&self) {}

    /// Does nothing, because all words are there already.
    pub fn reserve(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
}

impl Deref for Memory {
    type Target = [AtomicU64];

    fn deref(&self) -> &[AtomicU64] {
        &self.0
    }
}
