//! The desired tables by entry, and the changes from one state of them to the next.

use std::collections::BTreeMap;
use wire::{Change, Entry, Key};

/// The tables.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    entries: BTreeMap<Key, Entry>,
}

impl Tables {
    /// All entries, as changes of empty tables.
    pub fn whole(&self) -> Vec<Change> {
        self.entries.values().cloned().map(Change::Set).collect()
    }

    /// An entry by its key.
    pub fn get(&self, key: &Key) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// Every entry, by its key.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Applies changes. Returns the changes that undo them.
    pub fn apply(&mut self, changes: &[Change]) -> Vec<Change> {
        let mut undo = Vec::with_capacity(changes.len());
        for change in changes {
            let before = match change {
                Change::Set(entry) => self.entries.insert(entry.key(), entry.clone()),
                Change::Remove(key) => self.entries.remove(key),
            };
            match (before, change) {
                (Some(entry), _) => undo.push(Change::Set(entry)),
                (None, Change::Set(entry)) => undo.push(Change::Remove(entry.key())),
                (None, Change::Remove(_)) => {}
            }
        }
        undo.reverse();
        undo
    }

    /// The smallest list of changes after which the entries of `keys` are those in `wanted`: removals first, then new
    /// and changed entries, in an order in which every entry refers to existing ones only.
    pub fn difference(&self, keys: impl IntoIterator<Item = Key>, wanted: &BTreeMap<Key, Entry>) -> Vec<Change> {
        let mut gone: Vec<Key> =
            keys.into_iter().filter(|key| !wanted.contains_key(key) && self.entries.contains_key(key)).collect();
        gone.sort_unstable();
        gone.dedup();
        let removals = gone.into_iter().rev().map(Change::Remove);
        let sets = wanted.iter().filter(|(key, entry)| self.entries.get(key) != Some(entry));
        removals.chain(sets.map(|(_, entry)| Change::Set(entry.clone()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use wire::{AclId, Filter, FilterId, Segment, SegmentId};

    /// Entries of two kinds with a few values each, which is enough for every transition.
    fn entry() -> impl Strategy<Value = (Key, Entry)> {
        let segment =
            (0..4u32, 0..3u32).prop_map(|(id, acl)| Entry::Segment(SegmentId(id), Segment { acl: AclId(acl) }));
        let filter = (0..4u32).prop_map(|id| Entry::Filter(FilterId(id), Filter::default()));
        prop_oneof![segment, filter].prop_map(|entry| (entry.key(), entry))
    }

    fn wanted() -> impl Strategy<Value = BTreeMap<Key, Entry>> {
        proptest::collection::btree_map(0..8u8, entry(), 0..6).prop_map(|map| map.into_values().collect())
    }

    proptest! {
        #[test]
        fn the_difference_leads_there_and_undo_leads_back(first in wanted(), second in wanted()) {
            let mut tables = Tables { entries: first.clone() };
            let changes = tables.difference(first.keys().copied(), &second);
            let undo = tables.apply(&changes);
            prop_assert_eq!(&tables.entries, &second);
            prop_assert!(tables.difference(second.keys().copied(), &second).is_empty());
            tables.apply(&undo);
            prop_assert_eq!(&tables.entries, &first);
        }
    }
}
