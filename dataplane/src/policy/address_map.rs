//! The endpoints of a VRF by their addresses. Versions of it share what did not change.
//!
//! It is a hash table in buckets with open addressing. A look-up mostly waits for one cache line, whatever the number of
//! addresses; a tree waits for one at each level.

use super::id_map::IdMap;
use foldhash::quality::RandomState;
use std::hash::BuildHasher;
use wire::{Address, Endpoint};

/// Entries in a bucket at most: a change copies one bucket.
const SLOTS: usize = 64;
/// The greatest average number of entries in a bucket.
const LOAD: usize = SLOTS / 2;

/// A map from addresses to endpoints.
#[derive(Clone, Debug, Default)]
pub struct AddressMap {
    /// There are 2 to the power of this buckets.
    bits: u32,
    length: usize,
    buckets: IdMap<Bucket>,
    /// Its seed keeps tenants, who choose addresses, from filling one bucket. `foldhash::fast` may put too many of a row of
    /// addresses into one.
    hasher: RandomState,
}

impl AddressMap {
    /// The endpoint of an address.
    pub fn get(&self, address: Address) -> Option<Endpoint> {
        let hash = self.hasher.hash_one(address);
        self.buckets.get(self.bucket(hash))?.get(hash, address)
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Sets the endpoint of an address.
    pub fn insert(&mut self, address: Address, endpoint: Endpoint) {
        if self.length >= LOAD << self.bits {
            self.grow();
        }
        let hash = self.hasher.hash_one(address);
        let bucket = self.buckets.or_default(self.bucket(hash));
        match bucket.insert(hash, (address, endpoint)) {
            Some(is_new) => self.length += usize::from(is_new),
            None => {
                self.grow();
                self.insert(address, endpoint);
            }
        }
    }

    /// Removes an address.
    pub fn remove(&mut self, address: Address) {
        let number = self.bucket(self.hasher.hash_one(address));
        let Some(bucket) = self.buckets.get(number) else { return };
        let rest: Vec<_> = bucket.entries().filter(|(other, _)| *other != address).collect();
        self.length -= bucket.entries().count() - rest.len();
        self.buckets.remove(number);
        // Others may have had a later slot because of this one, so all are inserted again.
        for (address, endpoint) in rest {
            self.length -= 1;
            self.insert(address, endpoint);
        }
    }

    /// Doubles the number of buckets.
    fn grow(&mut self) {
        let mut larger = Self { bits: self.bits + 1, hasher: self.hasher.clone(), ..Self::default() };
        for (_, bucket) in self.buckets.iter() {
            bucket.entries().for_each(|(address, endpoint)| larger.insert(address, endpoint));
        }
        *self = larger;
    }

    /// The number of a hash's bucket: its highest bits. A slot is chosen by the lowest.
    fn bucket(&self, hash: u64) -> u32 {
        hash.checked_shr(u64::BITS - self.bits).unwrap_or_default() as u32
    }
}

#[derive(Clone, Debug)]
struct Bucket([Option<(Address, Endpoint)>; SLOTS]);

impl Default for Bucket {
    fn default() -> Self {
        Self([None; SLOTS])
    }
}

impl Bucket {
    fn get(&self, hash: u64, address: Address) -> Option<Endpoint> {
        let mut filled = slots(hash).map_while(|slot| self.0[slot]);
        filled.find(|(other, _)| *other == address).map(|(_, endpoint)| endpoint)
    }

    /// Inserts an entry. Returns whether its address is new, and `None` if there is no room.
    fn insert(&mut self, hash: u64, entry: (Address, Endpoint)) -> Option<bool> {
        let slot = slots(hash).find(|slot| self.0[*slot].is_none_or(|(other, _)| other == entry.0))?;
        Some(self.0[slot].replace(entry).is_none())
    }

    fn entries(&self) -> impl Iterator<Item = (Address, Endpoint)> {
        self.0.iter().flatten().copied()
    }
}

/// The slots that an entry with this hash may have, the preferred ones first.
fn slots(hash: u64) -> impl Iterator<Item = usize> {
    let first = hash as usize;
    (0..SLOTS).map(move |distance| first.wrapping_add(distance) % SLOTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use wire::AttachmentId;

    proptest! {
        #[test]
        fn it_is_a_map_and_old_versions_stay(steps in prop::collection::vec((0u32..300, any::<Option<u32>>()), 0..600)) {
            let (mut map, mut reference) = (AddressMap::default(), BTreeMap::new());
            let mut versions = Vec::new();
            for (number, (address, endpoint)) in steps.into_iter().enumerate() {
                if number.is_multiple_of(50) {
                    versions.push((map.clone(), reference.clone()));
                }
                let address = Address::from(address);
                match endpoint {
                    Some(to) => {
                        map.insert(address, Endpoint::Own(AttachmentId(to)));
                        reference.insert(address, to);
                    }
                    None => {
                        map.remove(address);
                        reference.remove(&address);
                    }
                }
            }
            versions.push((map, reference));
            for (map, reference) in versions {
                prop_assert_eq!(map.is_empty(), reference.is_empty());
                for address in (0..300).map(Address::from) {
                    let expected = reference.get(&address).map(|to| Endpoint::Own(AttachmentId(*to)));
                    prop_assert_eq!(map.get(address), expected);
                }
            }
        }
    }

    #[test]
    fn buckets_stay_half_empty() {
        let mut map = AddressMap::default();
        for number in 0..100_000 {
            map.insert(Address::from(number), Endpoint::Own(AttachmentId(number)));
        }
        assert!((0..100_000).all(|number| map.get(Address::from(number)).is_some()));
        assert!(map.bits <= 13, "at most twice the buckets that 100,000 entries need: 2^{}", map.bits);
    }
}
