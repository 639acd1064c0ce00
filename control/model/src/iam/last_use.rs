//! The last uses of access keys, users and roles, by service.

use crate::{Model, Row, Time};
use serde::{Deserialize, Serialize};

/// The last request to a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastUse {
    /// `AKIA…/ec2`
    pub id: String,
    /// The id of the access key, or the unique id of the user or role.
    pub of: String,
    /// The service's name in policies.
    pub service: String,
    /// The Region.
    pub region: String,
    /// The time.
    pub at: Time,
}

impl LastUse {
    /// A use at a time.
    pub fn new(of: &str, service: &str, region: &str, at: Time) -> LastUse {
        let id = format!("{of}/{service}");
        LastUse { id, of: of.to_owned(), service: service.to_owned(), region: region.to_owned(), at: at.second() }
    }
}

impl Row for LastUse {
    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<String> {
        vec![self.of.clone()]
    }
}

impl Model {
    /// Stores uses, which replace earlier ones. Those of deleted keys, users and roles are ignored.
    pub fn note_uses(&mut self, uses: impl IntoIterator<Item = LastUse>) {
        for one in uses {
            if self.is_usable(&one.of) {
                self.last_uses.insert(one);
            }
        }
    }

    /// Whether an access key, a user or a role with that id exists.
    fn is_usable(&self, of: &str) -> bool {
        let is_key = self.access_keys.get(of).is_some_and(|key| !key.is_deleted());
        is_key || self.identities.by(of).next().is_some()
    }

    /// The last uses of an access key, a user or a role, one for each service.
    pub fn uses_of(&self, of: &str) -> impl Iterator<Item = &LastUse> {
        self.last_uses.by(of)
    }

    /// The last use of an access key, a user or a role.
    pub fn last_use(&self, of: &str) -> Option<&LastUse> {
        self.uses_of(of).max_by_key(|one| one.at)
    }

    pub(super) fn forget_uses(&mut self, of: &str) {
        let ids: Vec<String> = self.uses_of(of).map(|one| one.id.clone()).collect();
        ids.iter().for_each(|id| {
            self.last_uses.remove(id);
        });
    }
}
