//! The hash index of flows: buckets of one cache line each, read without a lock.
//!
//! A bucket has seven entries and a count of the keys that overflowed it into a later bucket. While the count is not
//! zero, a search continues in the next bucket. Entries never move. One writer at a time changes them; a concurrent
//! reader finds an entry or does not, and checks the entry's slot for the right flow.

use super::memory::Memory;
use super::state::Side;
use super::sync::AtomicU64;
use std::io;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// Words in a bucket.
const BUCKET: usize = 8;
/// Entries in a bucket. The last word counts the overflowed keys.
const ENTRIES: usize = BUCKET - 1;
/// Average number of entries in a bucket when the table is full.
const LOAD: usize = 4;

/// The hash index.
#[derive(Debug)]
pub struct Index {
    buckets: Memory,
    mask: usize,
}

/// An entry: 32 bits of the hash, 31 bits of the slot's number plus one, and one bit of the side, from the highest bit down.
/// Zero is an empty entry.
fn entry(hash: u64, slot: u32, side: Side) -> u64 {
    tag(hash) | (u64::from(slot) + 1) << 1 | side as u64
}

/// The half of the hash that does not choose the bucket.
fn tag(hash: u64) -> u64 {
    hash & (u64::from(u32::MAX) << 32)
}

impl Index {
    /// An index for this many keys.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn new(keys: usize) -> io::Result<Self> {
        let count = keys.div_ceil(LOAD).next_power_of_two();
        Ok(Self { buckets: Memory::private(count * BUCKET)?, mask: count - 1 })
    }

    /// Asks the kernel for large pages from now on.
    pub fn prefer_large_pages(&self) {
        self.buckets.prefer_large_pages();
    }

    /// The result of `accept` for the first slot under this hash that it accepts.
    #[inline]
    pub fn find<R>(&self, hash: u64, mut accept: impl FnMut(u32, Side) -> Option<R>) -> Option<R> {
        for at in self.probe_sequence(hash) {
            let bucket = self.bucket(at);
            let mut matching = matching(bucket, hash);
            while matching != 0 {
                let found = bucket[matching.trailing_zeros() as usize].load(Acquire) as u32;
                let side = if found & 1 == 0 { Side::Forward } else { Side::Reply };
                if let Some(slot) = (found >> 1).checked_sub(1) {
                    let accepted = accept(slot, side);
                    if accepted.is_some() {
                        return accepted;
                    }
                }
                matching &= matching - 1;
            }
            if bucket[ENTRIES].load(Relaxed) == 0 {
                return None;
            }
        }
        None
    }

    /// Adds an entry. Only one caller at a time may change the index.
    pub fn insert(&self, hash: u64, slot: u32, side: Side) {
        for at in self.probe_sequence(hash) {
            let bucket = self.bucket(at);
            if let Some(free) = bucket[..ENTRIES].iter().find(|word| word.load(Relaxed) == 0) {
                free.store(entry(hash, slot, side), Release);
                return;
            }
            add(&bucket[ENTRIES], 1);
        }
        unreachable!("the index has room for twice as many keys as the table has");
    }

    /// Removes an entry. Returns whether it was there. Only one caller at a time may change the index.
    pub fn remove(&self, hash: u64, slot: u32, side: Side) -> bool {
        let wanted = entry(hash, slot, side);
        let there = |at: usize| self.bucket(at)[..ENTRIES].iter().find(|word| word.load(Relaxed) == wanted);
        for (passed, at) in self.probe_sequence(hash).enumerate() {
            if let Some(word) = there(at) {
                word.store(0, Release);
                self.probe_sequence(hash).take(passed).for_each(|at| add(&self.bucket(at)[ENTRIES], -1));
                return true;
            }
            if self.bucket(at)[ENTRIES].load(Relaxed) == 0 {
                return false;
            }
        }
        false
    }

    /// Prefetches the first bucket of each hash, and calls `each` with a slot in it that may match. The cache misses of
    /// several hashes overlap.
    #[inline]
    pub fn candidates(&self, hashes: impl Iterator<Item = u64>, mut each: impl FnMut(u32)) {
        for hash in hashes {
            let bucket = self.bucket(hash as usize & self.mask);
            let found = bucket[..ENTRIES].iter().map(|word| word.load(Relaxed)).find(|word| (word ^ hash) >> 32 == 0);
            if let Some(slot) = found.and_then(|found| (found as u32 >> 1).checked_sub(1)) {
                each(slot);
            }
        }
    }

    /// Whether a flow may have this hash: its first bucket has a match, or has overflowed into others.
    #[inline]
    pub fn may_contain(&self, hash: u64) -> bool {
        let bucket = self.bucket(hash as usize & self.mask);
        matching(bucket, hash) != 0 || bucket[ENTRIES].load(Relaxed) != 0
    }

    /// The buckets that may hold a hash, in the order in which they are searched (linear probing).
    fn probe_sequence(&self, hash: u64) -> impl Iterator<Item = usize> {
        let mask = self.mask;
        (0..=mask).map(move |step| (hash as usize).wrapping_add(step) & mask)
    }

    #[inline]
    fn bucket(&self, at: usize) -> &[AtomicU64; BUCKET] {
        &self.buckets.as_chunks().0[at]
    }
}

/// A bit mask of the entries in a bucket that may match a hash. It has no branches, because the position of a match
/// cannot be predicted.
#[inline]
fn matching(bucket: &[AtomicU64; BUCKET], hash: u64) -> u32 {
    let matches = |at: usize| u32::from((bucket[at].load(Relaxed) ^ hash) >> 32 == 0);
    (0..ENTRIES).fold(0, |bits, at| bits | matches(at) << at)
}

/// Adds to a counter. It has one writer, so no atomic read-modify-write is needed.
fn add(counter: &AtomicU64, amount: i64) {
    counter.store(counter.load(Relaxed).wrapping_add_signed(amount), Relaxed);
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// A hash that differs from others in the bucket or in the tag; hashes that differ in the remaining bits only are
    /// told apart by the slot.
    fn hash_of(high: u64, bucket: u64) -> u64 {
        (high << 2 | bucket) << 32 | bucket
    }

    proptest! {
        #[test]
        fn what_was_entered_is_found_however_full_the_buckets_are(
            steps in prop::collection::vec((0u64..4, 0u64..3, 0u32..20, any::<bool>(), 0u8..3), 0..200)
        ) {
            // Few buckets and few hashes: nearly everything collides.
            let index = Index::new(16).unwrap();
            let mut reference = BTreeSet::new();
            for (bucket, high, slot, forward, what) in steps {
                let (hash, side) = (hash_of(high, bucket), if forward { Side::Forward } else { Side::Reply });
                if what == 0 {
                    prop_assert_eq!(index.remove(hash, slot, side), reference.remove(&(hash, slot, forward)));
                } else if reference.len() < 16 && reference.insert((hash, slot, forward)) {
                    index.insert(hash, slot, side);
                }
                for bucket in 0..4 {
                    for high in 0..3 {
                        let mut found = BTreeSet::new();
                        let hash = hash_of(high, bucket);
                        index.find(hash, |slot, side| -> Option<()> {
                            found.insert((hash, slot, side == Side::Forward));
                            None
                        });
                        let expected: BTreeSet<_> = reference.iter().filter(|entry| entry.0 == hash).copied().collect();
                        prop_assert!(expected.is_empty() || index.may_contain(hash));
                        prop_assert_eq!(found, expected);
                    }
                }
            }
        }
    }
}
