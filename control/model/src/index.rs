//! The index of a collection: which rows have a key.

use imbl::OrdSet;

/// Pairs of a key and the id of a row that has it. The keys of the row that is being changed may change at any moment, so
/// that row is kept beside the pairs until it is [closed](Self::close).
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    pairs: OrdSet<(String, String)>,
    open: Option<String>,
}

impl Index {
    /// The ids of the rows with a key, sorted. `has_key` tells whether the row that is being changed has it now.
    pub fn ids(&self, key: &str, has_key: impl Fn(&str) -> bool) -> Vec<&str> {
        let from = (key.to_owned(), String::new());
        let under = self.pairs.range(from..).take_while(|(of, _)| of == key);
        let mut ids: Vec<&str> = under.map(|(_, id)| id.as_str()).collect();
        if let Some(open) = self.open.as_deref().filter(|id| has_key(id)) {
            let place = ids.partition_point(|id| *id < open);
            ids.insert(place, open);
        }
        ids
    }

    /// Adds the keys of a row.
    pub fn add(&mut self, id: &str, keys: Vec<String>) {
        self.pairs.extend(keys.into_iter().map(|key| (key, id.to_owned())));
    }

    /// Removes the keys of a row.
    pub fn remove(&mut self, id: &str, keys: Vec<String>) {
        for key in keys {
            self.pairs.remove(&(key, id.to_owned()));
        }
    }

    /// Marks a row, which has these keys, as being changed.
    pub fn open(&mut self, id: &str, keys: Vec<String>) {
        self.remove(id, keys);
        self.open = Some(id.to_owned());
    }

    /// The id of the row that was being changed. The caller adds its keys again if it still exists.
    pub fn close(&mut self) -> Option<String> {
        self.open.take()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Collection, Row};
    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Pair {
        id: String,
        names: Vec<String>,
    }

    impl Row for Pair {
        fn id(&self) -> &str {
            &self.id
        }

        fn keys(&self) -> Vec<String> {
            self.names.clone()
        }
    }

    /// An event: a row is added, changed in place or removed, and then all of it may be undone.
    fn event() -> impl Strategy<Value = (u8, u8, Vec<u8>, bool)> {
        (0..3u8, 0..5u8, proptest::collection::vec(0..4u8, 0..3), proptest::bool::weighted(0.2))
    }

    fn found(rows: &Collection<Pair>, key: &str) -> Vec<Pair> {
        rows.by(key).cloned().collect()
    }

    fn looked_for(rows: &Collection<Pair>, key: &str) -> Vec<Pair> {
        rows.iter().filter(|row| row.names.iter().any(|name| name == key)).cloned().collect()
    }

    proptest! {
        #[test]
        fn what_is_found_by_a_key_is_what_a_search_of_all_rows_finds(events in proptest::collection::vec(event(), 1..40)) {
            let mut rows = Collection::<Pair>::default();
            for (what, id, names, taken_back) in events {
                let (id, names) = (id.to_string(), names.iter().map(|name| format!("key-{name}")).collect());
                match what {
                    0 => rows.insert(Pair { id, names }),
                    1 => {
                        if let Some(row) = rows.get_mut(&id) {
                            row.names = names;
                        }
                    }
                    _ => _ = rows.remove(&id),
                }
                if taken_back {
                    let before = rows.take_touched();
                    rows.revert(before);
                }
                for key in ["key-0", "key-1", "key-2", "key-3", "key"] {
                    prop_assert_eq!(found(&rows, key), looked_for(&rows, key));
                }
            }
        }
    }
}
