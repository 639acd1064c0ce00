//! Entities that a file of accounts declares. They are in the model from the start, are not stored, and can be changed only in the
//! file: the change of a request would be stored, and would remain when the file no longer declares them.

use super::{AccessKey, Class, Error, Result};
use crate::{Kind, Model};

/// The position in the sequence of ids at which those of declared entities begin. It is the same at every start.
const PLACE: u64 = 1 << 62;

impl Model {
    /// Makes changes that are not stored. Requests cannot change the rows that they create.
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

    /// Checks that no file declares a row.
    pub(super) fn check_undeclared(&self, id: &str) -> Result<()> {
        if self.platform.declared.contains(id) { Err(Error::Declared { id: id.to_owned() }) } else { Ok(()) }
    }

    /// Removes a stored identity with that name.
    pub fn forget_identity(&mut self, account: &str, class: Class, name: &str) {
        if let Ok(identity) = self.identity(account, class, name) {
            let id = identity.id.clone();
            self.identities.remove(&id);
        }
    }

    /// Removes a stored managed policy with that name.
    pub fn forget_policy(&mut self, account: &str, name: &str) {
        self.managed_policies.remove_where(|one| one.named.account == account && one.named.name == name);
    }

    /// Adds an access key.
    pub fn add_declared_key(&mut self, key: AccessKey) {
        self.access_keys.insert(key);
    }
}
