//! Policies: the text as it was sent, and the parsed document.

use super::{Error, Result};
use policy::{Document, Malformed, PolicyError, Use};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

/// A policy. Copies share it.
#[derive(Clone, Debug)]
pub struct Policy(Arc<(String, Document)>);

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`PolicyError`] with the place of the error.
    pub fn parse(text: &str, r#use: Use) -> std::result::Result<Policy, PolicyError> {
        let document = Document::parse(text, r#use)?;
        Ok(Policy(Arc::new((text.to_owned(), document))))
    }

    /// An inline policy of a user, a group or a role.
    pub fn of_identity(text: &str) -> Result<Policy> {
        Policy::accepted(text, Use::Identity)
    }

    /// A managed policy.
    pub fn managed(text: &str) -> Result<Policy> {
        Policy::accepted(text, Use::Managed)
    }

    /// A trust policy.
    pub fn of_trust(text: &str) -> Result<Policy> {
        Policy::accepted(text, Use::Trust)
    }

    /// Parses a policy by IAM's rules. The error has IAM's message and the place. For a managed policy it has only the message, which
    /// clients compare.
    fn accepted(text: &str, r#use: Use) -> Result<Policy> {
        match (policy::check(text, r#use), Policy::parse(text, r#use)) {
            (Ok(()), Ok(policy)) => Ok(policy),
            (Err(why), Err(place)) if r#use != Use::Managed => Err(Error::BadPolicyAt { why, place }),
            (Err(why), _) => Err(Error::BadPolicy { why }),
            (Ok(()), Err(place)) => Err(Error::BadPolicyAt { why: Malformed::Syntax, place }),
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0.0
    }

    /// The document.
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

/// A stored policy is always accepted, because it was checked when it was sent, perhaps by rules that were less strict.
impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let document = Document::stored(&text);
        Ok(Policy(Arc::new((text, document))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(condition: &str) -> String {
        let statement = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":CONDITION}"#;
        let statement = statement.replace("CONDITION", condition);
        format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)
    }

    #[test]
    fn a_stored_policy_opens_that_would_be_refused_now() {
        for text in [stored(r#"{"DateLessThan":{"aws:CurrentTime":"2015-01-07 12:00:00"}}"#), "no policy".to_owned()] {
            assert!(Policy::of_identity(&text).is_err(), "{text}");
            let row = serde_json::to_string(&text).unwrap();
            let policy: Policy = serde_json::from_str(&row).unwrap();
            assert_eq!((policy.text(), serde_json::to_string(&policy).unwrap()), (text.as_str(), row));
        }
    }

    #[test]
    fn a_stored_trust_policy_keeps_its_principals() {
        let text = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"}}}"#;
        let policy: Policy = serde_json::from_str(&serde_json::to_string(text).unwrap()).unwrap();
        assert_eq!(policy, Policy::of_trust(text).unwrap());
        assert!(policy.document().statements[0].principals.is_some());
    }
}
