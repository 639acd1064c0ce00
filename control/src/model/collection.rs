//! Rows of one kind by id, with a record of what was touched.
//!
//! A copy shares its rows with the original until one of them changes: it costs next to nothing.

use super::{Error, IdKind, Result, Scope, Tags};
use imbl::OrdMap;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// What a [`Collection`] holds: plain data with an id.
pub trait Row: Clone + Serialize + DeserializeOwned {
    /// The id, unique in the collection.
    fn id(&self) -> &str;
}

/// A row that an account owns in a Region.
pub trait Resource: Row {
    /// What its ids look like.
    const ID: IdKind;
    /// Whose it is, and where.
    fn scope(&self) -> &Scope;
    /// Its tags.
    fn tags(&self) -> &Tags;
    /// Its tags, to change them.
    fn tags_mut(&mut self) -> &mut Tags;
}

/// Implements [`Row`] and [`Resource`] for a struct with the fields `id`, `scope` and `tags`.
macro_rules! resource {
    ($type:ty, $id:expr) => {
        impl $crate::model::Row for $type {
            fn id(&self) -> &str {
                &self.id
            }
        }

        impl $crate::model::Resource for $type {
            const ID: $crate::model::IdKind = $id;

            fn scope(&self) -> &$crate::model::Scope {
                &self.scope
            }

            fn tags(&self) -> &$crate::model::Tags {
                &self.tags
            }

            fn tags_mut(&mut self) -> &mut $crate::model::Tags {
                &mut self.tags
            }
        }
    };
}
pub(super) use resource;

/// Rows of one kind by id.
#[derive(Clone, Debug)]
pub struct Collection<T> {
    rows: OrdMap<String, T>,
    /// What each touched row was before it was touched first.
    before: BTreeMap<String, Option<T>>,
}

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Collection { rows: OrdMap::new(), before: BTreeMap::new() }
    }
}

impl<T: Row> Collection<T> {
    /// The row with this id, whoever owns it.
    pub fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(id)
    }

    /// All rows, by id.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row with this id, to be changed.
    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        let row = self.rows.get_mut(id)?;
        self.before.entry(id.to_owned()).or_insert_with(|| Some(row.clone()));
        Some(row)
    }

    /// Takes a row of another cloud up as it is. Whoever does sees to what it refers to.
    pub fn adopt(&mut self, row: T) {
        self.insert(row);
    }

    /// Adds the row, or replaces the one with its id.
    pub(super) fn insert(&mut self, row: T) {
        let id = row.id().to_owned();
        let before = self.rows.insert(id.clone(), row);
        self.before.entry(id).or_insert(before);
    }

    /// Takes the row out.
    pub(super) fn remove(&mut self, id: &str) -> Option<T> {
        let row = self.rows.remove(id)?;
        self.before.entry(id.to_owned()).or_insert_with(|| Some(row.clone()));
        Some(row)
    }

    /// Changes every row that `wanted` holds for.
    pub(super) fn update(&mut self, wanted: impl Fn(&T) -> bool, change: impl Fn(&mut T)) {
        let ids: Vec<String> = self.iter().filter(|row| wanted(row)).map(|row| row.id().to_owned()).collect();
        for id in ids {
            if let Some(row) = self.get_mut(&id) {
                change(row);
            }
        }
    }

    /// Takes out every row that `wanted` holds for.
    pub(super) fn remove_where(&mut self, wanted: impl Fn(&T) -> bool) {
        let ids: Vec<String> = self.iter().filter(|row| wanted(row)).map(|row| row.id().to_owned()).collect();
        for id in ids {
            self.remove(&id);
        }
    }

    pub(super) fn load(&mut self, row: T) {
        self.rows.insert(row.id().to_owned(), row);
    }

    pub(super) fn take_touched(&mut self) -> BTreeMap<String, Option<T>> {
        std::mem::take(&mut self.before)
    }

    pub(super) fn revert(&mut self, before: BTreeMap<String, Option<T>>) {
        for (id, row) in before {
            match row {
                Some(row) => self.rows.insert(id, row),
                None => self.rows.remove(&id),
            };
        }
    }
}

impl<T: Resource> Collection<T> {
    /// The row with this id if it is in that scope; what belongs to others does not exist.
    pub fn find(&self, scope: &Scope, id: &str) -> Result<&T> {
        self.get(id)
            .filter(|row| row.scope() == scope)
            .ok_or_else(|| Error::NotFound { kind: T::ID, id: id.to_owned() })
    }

    /// The same, to be changed.
    pub(super) fn find_mut(&mut self, scope: &Scope, id: &str) -> Result<&mut T> {
        self.find(scope, id)?;
        self.get_mut(id).ok_or_else(|| Error::NotFound { kind: T::ID, id: id.to_owned() })
    }

    /// All rows of a scope, by id.
    pub fn of<'a>(&'a self, scope: &'a Scope) -> impl DoubleEndedIterator<Item = &'a T> {
        self.iter().filter(move |row| row.scope() == scope)
    }
}
