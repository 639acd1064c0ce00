//! What was read of a model, so that whatever was computed from it can be computed again after a change.

use super::{Kind, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// A readable part of a collection, as a hash. A collision causes a needless computation and hides no change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Read(u64);

impl Read {
    fn of(what: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        Self(hasher.finish())
    }

    /// A row, which may not exist.
    pub(super) fn row(id: &str) -> Self {
        Self::of(("row", id))
    }

    /// The number of a row, which may not exist.
    pub(super) fn number(id: &str) -> Self {
        Self::of(("number", id))
    }

    /// The rows with a key.
    pub(super) fn key(key: &str) -> Self {
        Self::of(("key", key))
    }

    /// All rows.
    pub(super) fn all() -> Self {
        Self::of("all")
    }

    /// The part as one of that collection.
    fn within(self, kind: Kind) -> Self {
        Self::of((self.0, kind))
    }
}

/// Notes what is read from one collection of a copy.
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

/// What was read from a watched copy of a model.
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

/// Everything whose reading gives another result since these rows were touched. `before` has each row as it was, and `now` gives
/// it as it is.
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
