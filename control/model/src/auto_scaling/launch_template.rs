//! The launch templates that groups name.

use serde::{Deserialize, Serialize};

/// A launch template in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateUse {
    /// `lt-…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// The version: a number, `$Latest`, `$Default`, or empty if the request had none.
    pub version: String,
}
