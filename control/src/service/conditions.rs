//! The conditions of the programs on services' hosts, as far as this process knows.

use model::{Condition, ManagedHost};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// By host: the number of its program's restarts and the program's condition.
#[derive(Debug, Default)]
pub struct Conditions(Mutex<BTreeMap<String, (u32, Condition)>>);

impl Conditions {
    /// Notes a program's condition. Returns whether it has changed.
    pub fn note(&self, host: &str, restarts: u32, condition: Condition) -> bool {
        let new = (restarts, condition);
        self.all().insert(host.to_owned(), new.clone()).as_ref() != Some(&new)
    }

    /// Forgets a host.
    pub fn forget(&self, host: &str) {
        self.all().remove(host);
    }

    /// The condition of the program that a host should have. `None` while it is unknown.
    pub fn of(&self, host: &ManagedHost) -> Option<Condition> {
        let all = self.all();
        all.get(&host.id).filter(|(restarts, _)| *restarts == host.restarts).map(|(_, condition)| condition.clone())
    }

    /// Locks the map. A panic under the lock leaves nothing half done.
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, (u32, Condition)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
