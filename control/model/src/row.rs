//! Rows, which are plain data with an id, and the tags that some have.

use indexmap::IndexMap;
use serde::{Serialize, de::DeserializeOwned};

/// What a [`Collection`](crate::Collection) holds: plain data with an id.
pub trait Row: Clone + Serialize + DeserializeOwned {
    /// The id, unique in the collection.
    fn id(&self) -> &str;

    /// What [`Collection::by`](crate::Collection::by) finds the row by: ids of the rows it names, and its addresses.
    fn keys(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A row that stands in the dataplane's tables under a number that never changes.
pub trait Numbered: Row {
    /// The number.
    fn number(&self) -> u32;
}

/// Keys and values, as a user gave them and in that order; case matters.
pub type Tags = IndexMap<String, String>;
