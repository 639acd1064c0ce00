//! A store's contents.

use std::collections::BTreeMap;

/// The version of the format that is written. `migration` leads to it from the older ones.
pub const VERSION: u64 = 8;

/// Rows by collection and id.
pub type Rows = BTreeMap<(String, String), Vec<u8>>;

/// A store's contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The version of the format ([`VERSION`]). 0 if it is unknown.
    pub version: u64,
    /// The number of changes stored.
    pub change: u64,
    /// The rows.
    pub rows: Rows,
}

impl Default for Contents {
    fn default() -> Self {
        Self { version: VERSION, change: 0, rows: Rows::new() }
    }
}
