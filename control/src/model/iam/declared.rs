//! What a file declares: it is in the model from the start, and is not stored.

use super::{AccessKey, Class};
use crate::model::Model;

/// Where ids of what is declared begin in the sequence of ids, so that they are the same at every start.
const PLACE: u64 = 1 << 62;

impl Model {
    /// Makes changes that do not count as such.
    pub fn declare<T>(&mut self, change: impl FnOnce(&mut Model) -> T) -> T {
        let place = self.move_ids(PLACE);
        let declared = change(self);
        self.move_ids(place);
        self.take_changes();
        declared
    }

    /// Makes room for the identity of that name.
    pub fn forget_identity(&mut self, account: &str, class: Class, name: &str) {
        if let Ok(identity) = self.identity(account, class, name) {
            let id = identity.id.clone();
            self.identities.remove(&id);
        }
    }

    /// Makes room for the managed policy of that name.
    pub fn forget_policy(&mut self, account: &str, name: &str) {
        self.managed_policies.remove_where(|one| one.named.account == account && one.named.name == name);
    }

    /// Gives out a key.
    pub fn give_key(&mut self, key: AccessKey) {
        self.access_keys.insert(key);
    }
}
