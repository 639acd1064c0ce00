//! The tables that shall be in force, entry by entry, and the changes that lead from one state of them to the next.

use dataplane::policy::*;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// What an entry is about. The order is one in which entries can be made: what others refer to first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Key {
    Acl(AclId),
    Segment(SegmentId),
    Filter(FilterId),
    Table(TableId),
    Port(PortId),
    Attachment(AttachmentId),
    Translator(TranslatorId),
    Address(VrfId, Ipv4Addr),
}

/// The tables, as the changes that make each entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    entries: BTreeMap<Key, Change>,
}

impl Tables {
    /// All of them, as changes of empty tables.
    pub fn whole(&self) -> Vec<Change> {
        self.entries.values().cloned().collect()
    }

    /// The entry, as the change that makes it.
    pub fn get(&self, key: &Key) -> Option<&Change> {
        self.entries.get(key)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Makes the changes; what undoes them is returned.
    pub fn apply(&mut self, changes: &[Change]) -> Vec<Change> {
        let mut undo = Vec::with_capacity(changes.len());
        for change in changes {
            let (key, is_removal) = key(change);
            let before = if is_removal { self.entries.remove(&key) } else { self.entries.insert(key, change.clone()) };
            match before {
                Some(entry) => undo.push(entry),
                None if is_removal => {}
                None => undo.push(removal(key)),
            }
        }
        undo.reverse();
        undo
    }

    /// The least changes after which the entries of `keys` are those in `wanted`: removals first, then what is new or different,
    /// each in an order in which nothing refers to what is not there.
    pub fn difference(&self, keys: impl IntoIterator<Item = Key>, wanted: &BTreeMap<Key, Change>) -> Vec<Change> {
        let mut gone: Vec<Key> =
            keys.into_iter().filter(|key| !wanted.contains_key(key) && self.entries.contains_key(key)).collect();
        gone.sort_unstable();
        gone.dedup();
        let removals = gone.into_iter().rev().map(removal);
        let sets = wanted.iter().filter(|(key, change)| self.entries.get(key) != Some(change));
        removals.chain(sets.map(|(_, change)| change.clone())).collect()
    }
}

/// What a change is about, and whether it takes it away.
pub fn key(change: &Change) -> (Key, bool) {
    match change {
        Change::SetPort(id, _) => (Key::Port(*id), false),
        Change::RemovePort(id) => (Key::Port(*id), true),
        Change::SetAttachment(id, _) => (Key::Attachment(*id), false),
        Change::RemoveAttachment(id) => (Key::Attachment(*id), true),
        Change::SetAddress(vrf, address, _) => (Key::Address(*vrf, *address), false),
        Change::RemoveAddress(vrf, address) => (Key::Address(*vrf, *address), true),
        Change::SetTable(id, _) => (Key::Table(*id), false),
        Change::RemoveTable(id) => (Key::Table(*id), true),
        Change::SetFilter(id, _) => (Key::Filter(*id), false),
        Change::RemoveFilter(id) => (Key::Filter(*id), true),
        Change::SetSegment(id, _) => (Key::Segment(*id), false),
        Change::RemoveSegment(id) => (Key::Segment(*id), true),
        Change::SetAcl(id, _) => (Key::Acl(*id), false),
        Change::RemoveAcl(id) => (Key::Acl(*id), true),
        Change::SetTranslator(id, _) => (Key::Translator(*id), false),
        Change::RemoveTranslator(id) => (Key::Translator(*id), true),
    }
}

fn removal(key: Key) -> Change {
    match key {
        Key::Port(id) => Change::RemovePort(id),
        Key::Attachment(id) => Change::RemoveAttachment(id),
        Key::Address(vrf, address) => Change::RemoveAddress(vrf, address),
        Key::Table(id) => Change::RemoveTable(id),
        Key::Filter(id) => Change::RemoveFilter(id),
        Key::Segment(id) => Change::RemoveSegment(id),
        Key::Acl(id) => Change::RemoveAcl(id),
        Key::Translator(id) => Change::RemoveTranslator(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Entries of two kinds with a few values each, enough for every transition.
    fn entry() -> impl Strategy<Value = (Key, Change)> {
        let acl = (0..4u32, 0..3u32).prop_map(|(id, acl)| {
            let change = Change::SetSegment(SegmentId(id), Segment { acl: AclId(acl) });
            (Key::Segment(SegmentId(id)), change)
        });
        let filter =
            (0..4u32).prop_map(|id| (Key::Filter(FilterId(id)), Change::SetFilter(FilterId(id), Filter::default())));
        prop_oneof![acl, filter]
    }

    fn wanted() -> impl Strategy<Value = BTreeMap<Key, Change>> {
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
