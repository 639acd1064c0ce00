//! What a file declares: it is in the model from the start, is not stored, and is changed in the file alone. Were it changed by a
//! request it would be stored, and come back after it is taken out of the file.

use super::{AccessKey, Class, Error, Result};
use crate::{Kind, Model};

/// Where ids of what is declared begin in the sequence of ids, so that they are the same at every start.
const PLACE: u64 = 1 << 62;

impl Model {
    /// Makes changes that do not count as such. From then on nothing else changes what they have made.
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
