//! Condition keys with their values.

/// A condition key and a value.
pub type Fact = (String, String);

/// A key with a value.
pub fn fact(key: &str, value: impl ToString) -> Fact {
    (key.to_owned(), value.to_string())
}

/// The key of the account that owns a resource.
pub const OWNER: &str = "aws:ResourceAccount";
