//! How the programs of services' hosts fare, as far as this process knows.

use model::{Condition, ManagedHost};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Hosts by name, each with the number of its program's restarts and how that fares.
#[derive(Debug, Default)]
pub struct Conditions(Mutex<BTreeMap<String, (u32, Condition)>>);

impl Conditions {
    /// Notes how a program fares; whether that is news.
    pub fn note(&self, host: &str, restarts: u32, condition: Condition) -> bool {
        let new = (restarts, condition);
        self.all().insert(host.to_owned(), new.clone()).as_ref() != Some(&new)
    }

    /// Forgets a host.
    pub fn forget(&self, host: &str) {
        self.all().remove(host);
    }

    /// How the program that a host shall have fares; `None` while that is not known.
    pub fn of(&self, host: &ManagedHost) -> Option<Condition> {
        let all = self.all();
        all.get(&host.id).filter(|(restarts, _)| *restarts == host.restarts).map(|(_, condition)| condition.clone())
    }

    /// Nothing is left half done by a panic under this lock.
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, (u32, Condition)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
