//! Rows: plain data with an id. Some have tags.

use indexmap::IndexMap;
use serde::{Serialize, de::DeserializeOwned};

/// The content of a [`Collection`](crate::Collection): plain data with an id.
pub trait Row: Clone + Serialize + DeserializeOwned {
    /// The id, which is unique in the collection.
    fn id(&self) -> &str;

    /// The keys by which [`Collection::by`](crate::Collection::by) finds the row: ids of rows that it refers to, its addresses.
    fn keys(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A row with a number in the dataplane's tables. The number never changes.
pub trait Numbered: Row {
    /// The number.
    fn number(&self) -> u32;
}

/// Tags in the order in which they were given. Keys and values are case-sensitive.
pub type Tags = IndexMap<String, String>;
