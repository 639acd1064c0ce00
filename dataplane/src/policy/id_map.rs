//! A map from small numbers. Versions of it share what did not change.

use std::sync::Arc;

/// Entries in a page: a change copies one page and one pointer per page.
const PAGE: usize = 256;

type Page<T> = [Option<Arc<T>>; PAGE];

/// A map in pages. Reading takes two array look-ups. A clone costs one pointer per 256 entries, and a change
/// after it copies one page.
#[derive(Debug)]
pub struct IdMap<T> {
    pages: Vec<Option<Arc<Page<T>>>>,
}

impl<T> Default for IdMap<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T> Clone for IdMap<T> {
    fn clone(&self) -> Self {
        Self { pages: self.pages.clone() }
    }
}

impl<T> IdMap<T> {
    /// The entry of a number.
    pub fn get(&self, id: u32) -> Option<&T> {
        let id = id as usize;
        self.pages.get(id / PAGE)?.as_ref()?[id % PAGE].as_deref()
    }

    /// A number greater than that of every entry.
    pub fn capacity(&self) -> usize {
        self.pages.len() * PAGE
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Inserts an entry.
    pub fn insert(&mut self, id: u32, entry: T) {
        *self.slot(id) = Some(Arc::new(entry));
    }

    /// The entry of a number, to change it. Is inserted if there is none. Other versions keep theirs.
    pub fn or_default(&mut self, id: u32) -> &mut T
    where
        T: Clone + Default,
    {
        Arc::make_mut(self.slot(id).get_or_insert_default())
    }

    /// Removes an entry, and frees its page with its last entry.
    pub fn remove(&mut self, id: u32) {
        if self.get(id).is_none() {
            return;
        }
        *self.slot(id) = None;
        let page = &mut self.pages[id as usize / PAGE];
        if page.as_deref().is_some_and(|entries| entries.iter().all(Option::is_none)) {
            *page = None;
        }
        while self.pages.pop_if(|last| last.is_none()).is_some() {}
    }

    /// All entries, by number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.pages.iter().enumerate().flat_map(|(page, entries)| {
            let entries = entries.as_deref().map_or(&[][..], |entries| &entries[..]);
            let first = page * PAGE;
            entries.iter().enumerate().filter_map(move |(i, entry)| Some(((first + i) as u32, entry.as_deref()?)))
        })
    }

    fn slot(&mut self, id: u32) -> &mut Option<Arc<T>> {
        let id = id as usize;
        if self.pages.len() <= id / PAGE {
            self.pages.resize(id / PAGE + 1, None);
        }
        let page = self.pages[id / PAGE].get_or_insert_with(|| Arc::new([const { None }; PAGE]));
        &mut Arc::make_mut(page)[id % PAGE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn pages<T>(map: &IdMap<T>) -> usize {
        map.pages.iter().flatten().count()
    }

    #[test]
    fn a_map_frees_its_empty_pages() {
        let mut map = IdMap::default();
        (0..100 * PAGE as u32).for_each(|id| map.insert(id, ()));
        (1..100 * PAGE as u32).for_each(|id| map.remove(id));
        assert_eq!((pages(&map), map.pages.len()), (1, 1));
        map.remove(0);
        assert_eq!((pages(&map), map.pages.len()), (0, 0));
    }

    proptest! {
        #[test]
        fn it_is_a_map_and_old_versions_stay(steps in prop::collection::vec((0u32..1000, any::<Option<u8>>()), 0..200)) {
            let (mut map, mut reference) = (IdMap::default(), BTreeMap::new());
            let mut versions = Vec::new();
            for (id, entry) in steps {
                versions.push((map.clone(), reference.clone()));
                match entry {
                    Some(entry) => {
                        map.insert(id, entry);
                        reference.insert(id, entry);
                    }
                    None => {
                        map.remove(id);
                        reference.remove(&id);
                    }
                }
            }
            versions.push((map, reference));
            for (map, reference) in versions {
                let used: BTreeSet<_> = reference.keys().map(|id| *id as usize / PAGE).collect();
                prop_assert_eq!(pages(&map), used.len());
                prop_assert_eq!(map.iter().map(|(id, entry)| (id, *entry)).collect::<BTreeMap<_, _>>(), reference);
            }
        }
    }
}
