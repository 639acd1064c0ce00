//! The account and the Region that a resource belongs to.

use serde::{Deserialize, Serialize};

/// An account and a Region. A request sees only the resources of its own scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// The account's id, which has twelve digits.
    pub account: String,
    /// The Region's name: `us-east-1`.
    pub region: String,
}

impl Scope {
    /// The key by which [`Collection::by`](crate::Collection::by) finds the row with this name in the scope.
    pub(crate) fn named(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.account, self.region)
    }
}

/// Whether a text has the form of an account's id: twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
