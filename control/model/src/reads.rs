//! What of a model was read: so that whoever made something of it knows when to make it anew.

use super::{Kind, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// Something of one collection that can be read. Numbers stand for it: two that are the same by chance cost a needless look, and
/// hide nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Read(u64);

impl Read {
    fn of(what: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        Self(hasher.finish())
    }

    /// A row, or that there is none.
    pub(super) fn row(id: &str) -> Self {
        Self::of(("row", id))
    }

    /// A row's number, or that there is none.
    pub(super) fn number(id: &str) -> Self {
        Self::of(("number", id))
    }

    /// The rows with a key.
    pub(super) fn key(key: &str) -> Self {
        Self::of(("key", key))
    }

    /// Every row.
    pub(super) fn all() -> Self {
        Self::of("all")
    }

    /// The same, of that collection.
    fn within(self, kind: Kind) -> Self {
        Self::of((self.0, kind))
    }
}

/// Notes what is read from the collections of one copy of a model.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    kind: Kind,
    reads: Arc<Mutex<BTreeSet<Read>>>,
}

impl Watch {
    pub fn note(&self, read: Read) {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).insert(read.within(self.kind));
    }
}

/// What has been read from a copy of a model that is watched.
#[derive(Clone, Debug, Default)]
pub struct Reads(Arc<Mutex<BTreeSet<Read>>>);

impl Reads {
    pub(super) fn of(&self, kind: Kind) -> Watch {
        Watch { kind, reads: Arc::clone(&self.0) }
    }

    /// What was read since the last call.
    pub fn take(&self) -> BTreeSet<Read> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What reads anything else since these rows of a collection were touched: each with what it was before, and what it is `now`.
pub(super) fn touched<'a, T: Row + 'a>(
    kind: Kind,
    before: &BTreeMap<String, Option<T>>,
    now: impl Fn(&str) -> Option<&'a T>,
) -> BTreeSet<Read> {
    let mut reads = BTreeSet::new();
    for (id, before) in before {
        let now = now(id);
        reads.insert(Read::row(id));
        if before.is_some() != now.is_some() {
            reads.insert(Read::number(id));
        }
        let keys = before.iter().chain(now).flat_map(Row::keys);
        reads.extend(keys.map(|key| Read::key(&key)));
        reads.insert(Read::all());
    }
    reads.into_iter().map(|read| read.within(kind)).collect()
}
