//! When access keys, users and roles were last used. It is noted in memory, because most requests only read the model; the next
//! change stores it.

use model::iam::LastUse;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Uses that are not stored yet, by the ids of their rows.
#[derive(Debug, Default)]
pub struct LastUses(Mutex<BTreeMap<String, LastUse>>);

impl LastUses {
    /// Notes a use.
    pub fn note(&self, one: LastUse) {
        self.noted().insert(one.id.clone(), one);
    }

    /// Takes all uses.
    pub fn take(&self) -> impl Iterator<Item = LastUse> + use<> {
        std::mem::take(&mut *self.noted()).into_values()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.noted().is_empty()
    }

    fn noted(&self) -> MutexGuard<'_, BTreeMap<String, LastUse>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
