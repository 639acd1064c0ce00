//! The account and the Region that a resource belongs to.

use serde::{Deserialize, Serialize};

/// Whose and where: an account sees only its own resources of the Region it asks in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// The twelve digits of the account.
    pub account: String,
    /// The Region's name, `us-east-1` say.
    pub region: String,
}

impl Scope {
    /// The key by which [`Collection::by`](crate::Collection::by) finds what has this name in the scope.
    pub(crate) fn named(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.account, self.region)
    }
}

/// Whether a text is an account's id: twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
