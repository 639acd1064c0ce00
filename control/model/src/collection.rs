//! Rows of one kind, found by id and by the keys in [`Row::keys`]. A collection records which rows are touched.
//!
//! A copy shares its rows with the original until one of them changes, so copies are cheap.

use super::index::Index;
use super::reads::{Read, Watch};
use super::{Error, IdKind, Numbered, Result, Row, Scope, Tags};
use imbl::OrdMap;
use std::collections::BTreeMap;
use std::fmt;

/// A row that belongs to an account and a Region.
pub trait Resource: Row {
    /// The form of its ids.
    const ID: IdKind;
    /// Its account and Region.
    fn scope(&self) -> &Scope;
    /// Its tags.
    fn tags(&self) -> &Tags;
    /// Its tags, to be changed.
    fn tags_mut(&mut self) -> &mut Tags;
}

/// Implements [`Row`] and [`Resource`] for a struct with the fields `id`, `scope` and `tags`. `$keys` gives its [`Row::keys`].
macro_rules! resource {
    ($type:ty, $id:expr) => {
        $crate::collection::resource!($type, $id, |_row| Vec::new());
    };
    ($type:ty, $id:expr, $keys:expr) => {
        impl $crate::Row for $type {
            fn id(&self) -> &str {
                &self.id
            }

            fn keys(&self) -> Vec<String> {
                let keys: fn(&$type) -> Vec<String> = $keys;
                keys(self)
            }
        }

        impl $crate::Resource for $type {
            const ID: $crate::IdKind = $id;

            fn scope(&self) -> &$crate::Scope {
                &self.scope
            }

            fn tags(&self) -> &$crate::Tags {
                &self.tags
            }

            fn tags_mut(&mut self) -> &mut $crate::Tags {
                &mut self.tags
            }
        }
    };
}
pub(super) use resource;

/// Rows of one kind by id.
#[derive(Clone)]
pub struct Collection<T> {
    rows: OrdMap<String, T>,
    index: Index,
    /// Each touched row as it was before. `None` if the row did not exist.
    before: OrdMap<String, Option<T>>,
    /// Notes what is read. Only a copy that is watched has one.
    watch: Option<Watch>,
}

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Collection { rows: OrdMap::new(), index: Index::default(), before: OrdMap::new(), watch: None }
    }
}

/// Shows the rows and the touched ones. The index follows from them.
impl<T: fmt::Debug> fmt::Debug for Collection<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collection").field("rows", &self.rows).field("before", &self.before).finish_non_exhaustive()
    }
}

impl<T: Row> Collection<T> {
    /// The row with this id, of any account.
    pub fn get(&self, id: &str) -> Option<&T> {
        self.note(|| Read::row(id));
        self.rows.get(id)
    }

    /// All rows, sorted by id.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.note(Read::all);
        self.rows.values()
    }

    /// The rows with this key among their [`Row::keys`], sorted by id.
    pub fn by(&self, key: &str) -> impl DoubleEndedIterator<Item = &T> + use<'_, T> {
        self.note(|| Read::key(key));
        let has_key = |id: &str| self.rows.get(id).is_some_and(|row| row.keys().iter().any(|own| own == key));
        self.index.ids(key, has_key).into_iter().filter_map(|id| self.rows.get(id))
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.note(Read::all);
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn note(&self, read: impl FnOnce() -> Read) {
        if let Some(watch) = &self.watch {
            watch.note(read());
        }
    }

    /// A copy that notes what is read from it.
    pub(super) fn watched(&self, watch: Watch) -> Self {
        Self { watch: Some(watch), before: OrdMap::new(), ..self.clone() }
    }

    /// The row with this id, to be changed.
    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.settle();
        let row = self.rows.get_mut(id)?;
        self.index.open(id, row.keys());
        self.before.entry(id.to_owned()).or_insert_with(|| Some(row.clone()));
        Some(row)
    }

    /// Adds a row of another cloud unchanged. The caller makes sure that the rows it refers to exist.
    pub fn adopt(&mut self, row: T) {
        self.insert(row);
    }

    /// Adds a row, or replaces the one with the same id.
    pub(super) fn insert(&mut self, row: T) {
        let id = row.id().to_owned();
        let before = self.put(row);
        self.before.entry(id).or_insert(before);
    }

    /// Removes a row. Returns it.
    pub(super) fn remove(&mut self, id: &str) -> Option<T> {
        let row = self.take(id)?;
        self.before.entry(id.to_owned()).or_insert_with(|| Some(row.clone()));
        Some(row)
    }

    /// Changes every row for which `wanted` holds.
    pub(super) fn update(&mut self, wanted: impl Fn(&T) -> bool, change: impl Fn(&mut T)) {
        let ids: Vec<String> = self.iter().filter(|row| wanted(row)).map(|row| row.id().to_owned()).collect();
        for id in ids {
            if let Some(row) = self.get_mut(&id) {
                change(row);
            }
        }
    }

    /// Removes every row for which `wanted` holds.
    pub(super) fn remove_where(&mut self, wanted: impl Fn(&T) -> bool) {
        let ids: Vec<String> = self.iter().filter(|row| wanted(row)).map(|row| row.id().to_owned()).collect();
        for id in ids {
            self.remove(&id);
        }
    }

    pub(super) fn load(&mut self, row: T) {
        self.put(row);
    }

    pub(super) fn take_touched(&mut self) -> BTreeMap<String, Option<T>> {
        std::mem::take(&mut self.before).into_iter().collect()
    }

    pub(super) fn revert(&mut self, before: BTreeMap<String, Option<T>>) {
        for (id, row) in before {
            match row {
                Some(row) => self.put(row),
                None => self.take(&id),
            };
        }
    }

    fn put(&mut self, row: T) -> Option<T> {
        let before = self.take(row.id());
        self.index.add(row.id(), row.keys());
        self.rows.insert(row.id().to_owned(), row);
        before
    }

    fn take(&mut self, id: &str) -> Option<T> {
        self.settle();
        let row = self.rows.remove(id)?;
        self.index.remove(id, row.keys());
        Some(row)
    }

    /// Puts the row that was being changed back into the index.
    fn settle(&mut self) {
        if let Some(id) = self.index.close()
            && let Some(row) = self.rows.get(&id)
        {
            self.index.add(&id, row.keys());
        }
    }
}

impl<T: Numbered> Collection<T> {
    /// The number of the row with this id. A reader of the number alone does not depend on the rest of the row.
    pub fn number(&self, id: &str) -> Option<u32> {
        self.note(|| Read::number(id));
        self.rows.get(id).map(T::number)
    }
}

impl<T: Resource> Collection<T> {
    /// The row with this id, if it is in that scope. Rows of other scopes count as missing.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn find(&self, scope: &Scope, id: &str) -> Result<&T> {
        self.get(id)
            .filter(|row| row.scope() == scope)
            .ok_or_else(|| Error::NotFound { kind: T::ID, id: id.to_owned() })
    }

    /// The row with this id, to be changed, if it is in that scope.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub(super) fn find_mut(&mut self, scope: &Scope, id: &str) -> Result<&mut T> {
        self.find(scope, id)?;
        self.get_mut(id).ok_or_else(|| Error::NotFound { kind: T::ID, id: id.to_owned() })
    }

    /// All rows of a scope, sorted by id.
    pub fn of<'a>(&'a self, scope: &'a Scope) -> impl DoubleEndedIterator<Item = &'a T> {
        self.iter().filter(move |row| row.scope() == scope)
    }
}
