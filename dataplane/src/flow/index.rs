//! By which hash a flow is found: buckets of one line of the processor's cache each, read without a lock.
//!
//! A bucket holds seven entries and a count of the keys that would be here but for lack of room: while there are any, a search goes
//! on in the next bucket. Entries never move. One writer at a time changes them; who reads meanwhile finds an entry or does not,
//! and asks the entry's slot whether it is the right one.

use super::memory::Memory;
use super::state::Side;
use super::sync::AtomicU64;
use std::io;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// Words of a bucket.
const BUCKET: usize = 8;
/// Entries of a bucket, before the count of those that went on to a later one.
const ENTRIES: usize = BUCKET - 1;
/// Entries a bucket has on average when the table is full.
const LOAD: usize = 4;

/// Where keys of flows are.
#[derive(Debug)]
pub struct Index {
    buckets: Memory,
    mask: usize,
}

/// An entry: 32 bits of the hash, 31 of the slot's number plus 1 (an empty entry is 0), one of the side.
fn entry(hash: u64, slot: u32, side: Side) -> u64 {
    tag(hash) | (u64::from(slot) + 1) << 1 | side as u64
}

/// The half of a hash that does not choose the bucket.
fn tag(hash: u64) -> u64 {
    hash & (u64::from(u32::MAX) << 32)
}

impl Index {
    /// One for so many keys.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn new(keys: usize) -> io::Result<Self> {
        let count = keys.div_ceil(LOAD).next_power_of_two();
        Ok(Self { buckets: Memory::private(count * BUCKET)?, mask: count - 1 })
    }

    /// Asks for large pages from now on.
    pub fn prefer_large_pages(&self) {
        self.buckets.prefer_large_pages();
    }

    /// The first slot under this hash that is accepted.
    #[inline]
    pub fn find<R>(&self, hash: u64, mut accept: impl FnMut(u32, Side) -> Option<R>) -> Option<R> {
        for at in self.way(hash) {
            let bucket = self.bucket(at);
            let mut alike = alike(bucket, hash);
            while alike != 0 {
                let found = bucket[alike.trailing_zeros() as usize].load(Acquire) as u32;
                let side = if found & 1 == 0 { Side::Forward } else { Side::Reply };
                if let Some(slot) = (found >> 1).checked_sub(1) {
                    let accepted = accept(slot, side);
                    if accepted.is_some() {
                        return accepted;
                    }
                }
                alike &= alike - 1;
            }
            if bucket[ENTRIES].load(Relaxed) == 0 {
                return None;
            }
        }
        None
    }

    /// Adds an entry. To be called by one at a time.
    pub fn insert(&self, hash: u64, slot: u32, side: Side) {
        for at in self.way(hash) {
            let bucket = self.bucket(at);
            if let Some(free) = bucket[..ENTRIES].iter().find(|word| word.load(Relaxed) == 0) {
                free.store(entry(hash, slot, side), Release);
                return;
            }
            add(&bucket[ENTRIES], 1);
        }
        unreachable!("the index has room for twice as many keys as the table has");
    }

    /// Takes an entry out; whether it was there. To be called by one at a time.
    pub fn remove(&self, hash: u64, slot: u32, side: Side) -> bool {
        let wanted = entry(hash, slot, side);
        let there = |at: usize| self.bucket(at)[..ENTRIES].iter().find(|word| word.load(Relaxed) == wanted);
        for (passed, at) in self.way(hash).enumerate() {
            if let Some(word) = there(at) {
                word.store(0, Release);
                self.way(hash).take(passed).for_each(|at| add(&self.bucket(at)[ENTRIES], -1));
                return true;
            }
            if self.bucket(at)[ENTRIES].load(Relaxed) == 0 {
                return false;
            }
        }
        false
    }

    /// Fetches the buckets of these hashes, which takes as long for several as for one, and tells the slots that may be meant.
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

    /// The buckets in which a hash may be, in order.
    fn way(&self, hash: u64) -> impl Iterator<Item = usize> {
        let mask = self.mask;
        (0..=mask).map(move |step| (hash as usize).wrapping_add(step) & mask)
    }

    #[inline]
    fn bucket(&self, at: usize) -> &[AtomicU64; BUCKET] {
        &self.buckets.as_chunks().0[at]
    }
}

/// Which entries of a bucket may be of this hash, one bit each. Without a branch: where in the bucket an entry is, no processor can
/// foresee.
#[inline]
fn alike(bucket: &[AtomicU64; BUCKET], hash: u64) -> u32 {
    let is_alike = |at: usize| u32::from((bucket[at].load(Relaxed) ^ hash) >> 32 == 0);
    (0..ENTRIES).fold(0, |bits, at| bits | is_alike(at) << at)
}

/// With one writer, no atomic read-modify-write is needed.
fn add(counter: &AtomicU64, amount: i64) {
    counter.store(counter.load(Relaxed).wrapping_add_signed(amount), Relaxed);
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Different in what chooses the bucket or in the rest; never alike in the rest alone, since then the slot decides.
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
                        prop_assert_eq!(found, expected);
                    }
                }
            }
        }
    }
}
