//! Tags: a user's own words on a resource.

use super::{Error, Result};
use std::collections::BTreeMap;

/// Keys and values, as a user gave them; case matters.
pub type Tags = BTreeMap<String, String>;

/// Tags a resource may have (EC2's limit).
const LIMIT: usize = 50;

/// Checks tags that a user gives; `aws:` belongs to AWS.
pub fn check(tags: &Tags) -> Result<()> {
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 127 {
            return Err(Error::TagKeyLength { key: key.clone() });
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Error::TagKeyReserved { key: key.clone() });
        }
        if value.chars().count() > 255 {
            return Err(Error::TagValueLength { value: value.clone() });
        }
    }
    if tags.len() > LIMIT {
        return Err(Error::TagLimit {});
    }
    Ok(())
}
