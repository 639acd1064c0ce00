//! Entities that a file of accounts declares. They are in the model from the start, are not stored, and can be changed only in the file:
//! a request's change would be stored, and would survive their removal from the file.

use super::{AccessKey, Class, Error, Result};
use crate::{Kind, Model};

/// Where the ids of declared entities begin in the sequence of ids, so that they are the same at every start.
const PLACE: u64 = 1 << 62;

impl Model {
    /// Makes changes that are not stored. From then on requests cannot change the entities that they have made.
    pub fn declare<T>(&mut self, change: impl FnOnce(&mut Model) -> T) -> T {
        self.platform.declared.clear();
        let place = self.move_ids(PLACE);
        let declared = change(self);
        self.move_ids(place);
        let changes = self.take_changes();
        let rows = changes.rows().filter(|(kind, id)| *kind != Kind::Counters && self.has(*kind, id));
        self.platform.declared = rows.map(|(_, id)| id.to_owned()).collect();
        declared
    }

    /// Refuses to change a row that a file declares.
    pub(super) fn check_undeclared(&self, id: &str) -> Result<()> {
        if self.platform.declared.contains(id) { Err(Error::Declared { id: id.to_owned() }) } else { Ok(()) }
    }

    /// Removes a stored identity of that name.
    pub fn forget_identity(&mut self, account: &str, class: Class, name: &str) {
        if let Ok(identity) = self.identity(account, class, name) {
            let id = identity.id.clone();
            self.identities.remove(&id);
        }
    }

    /// Removes a stored managed policy of that name.
    pub fn forget_policy(&mut self, account: &str, name: &str) {
        self.managed_policies.remove_where(|one| one.named.account == account && one.named.name == name);
    }

    /// Gives out a key.
    pub fn give_key(&mut self, key: AccessKey) {
        self.access_keys.insert(key);
    }
}
