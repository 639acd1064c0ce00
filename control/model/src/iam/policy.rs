//! The text of a policy, kept as it was given, and what it says.

use super::{Error, Result};
use policy::{Document, Malformed, PolicyError, Use};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::sync::Arc;

/// A policy that was read. A copy costs nothing.
#[derive(Clone, Debug)]
pub struct Policy(Arc<(String, Document)>);

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`PolicyError`] with the place where it is wrong.
    pub fn parse(text: &str, r#use: Use) -> std::result::Result<Policy, PolicyError> {
        let document = Document::parse(text, r#use)?;
        Ok(Policy(Arc::new((text.to_owned(), document))))
    }

    /// One of a user, a group or a role.
    pub fn of_identity(text: &str) -> Result<Policy> {
        Policy::accepted(text, Use::Identity)
    }

    /// One that is attached to several.
    pub fn managed(text: &str) -> Result<Policy> {
        Policy::accepted(text, Use::Managed)
    }

    /// One that says who may assume a role.
    pub fn of_trust(text: &str) -> Result<Policy> {
        Policy::accepted(text, Use::Trust)
    }

    /// One that IAM would take. Of another one IAM's words are told, and where it is wrong; of a managed one the words alone, which
    /// clients compare.
    fn accepted(text: &str, r#use: Use) -> Result<Policy> {
        let why = match (policy::check(text, r#use), Policy::parse(text, r#use)) {
            (Ok(()), Ok(policy)) => return Ok(policy),
            (Err(why), Err(place)) if r#use != Use::Managed => format!("{why} ({place})"),
            (Err(why), _) => why.to_string(),
            (Ok(()), Err(place)) => format!("{} ({place})", Malformed::Syntax),
        };
        Err(Error::BadPolicy { why })
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0.0
    }

    /// What it says.
    pub fn document(&self) -> &Document {
        &self.0.1
    }
}

impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}
impl Eq for Policy {}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

/// What it is for was checked when it was given.
impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let policy = Policy::parse(&text, Use::Identity).or_else(|_| Policy::parse(&text, Use::Trust));
        policy.map_err(de::Error::custom)
    }
}
