//! Policies of parameters. They are kept and shown: nothing expires, and nobody is notified.

use super::{Error, Result};
use serde_json::Value;

/// The greatest number of policies of a parameter.
const MOST: usize = 10;
/// The types of policies.
const TYPES: [&str; 3] = ["Expiration", "ExpirationNotification", "NoChangeNotification"];

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterPolicy {
    /// Its type.
    pub kind: String,
    /// Its JSON.
    pub text: String,
}

/// The policies in a document: a list of objects with a type, a version and attributes. An empty list removes all policies.
///
/// # Errors
/// [`Error::PolicyAttribute`] if the document is no such list, [`Error::PolicyType`] and [`Error::Policies`].
pub fn policies(document: &str) -> Result<Vec<ParameterPolicy>> {
    let wrong = |why: String| Error::PolicyAttribute { why };
    let all: Vec<Value> = serde_json::from_str(document).map_err(|error| wrong(error.to_string()))?;
    if all.len() > MOST {
        return Err(Error::Policies { most: MOST });
    }
    let policy = |policy: Value| {
        let kind = policy["Type"].as_str().unwrap_or_default().to_owned();
        if !TYPES.contains(&kind.as_str()) {
            return Err(Error::PolicyType { sent: kind });
        }
        if !policy["Attributes"].is_object() {
            return Err(wrong(format!("{kind} has no Attributes")));
        }
        Ok(ParameterPolicy { kind, text: policy.to_string() })
    };
    all.into_iter().map(policy).collect()
}
