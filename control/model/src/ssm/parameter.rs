//! Parameters and their versions.

use super::{Error, Result, Selector, arn};
use crate::words::words;
use crate::{Model, Row, Scope, Tags, Time, check_tags};
use serde::{Deserialize, Serialize};

words! {
    /// The type of a parameter's value.
    ParameterType { String "String", StringList "StringList", SecureString "SecureString" }
}
words! {
    /// What a parameter may have: larger values and policies need `Advanced`.
    ParameterTier { Standard "Standard", Advanced "Advanced", Intelligent "Intelligent-Tiering" }
}

/// The greatest number of tags of a parameter.
const TAGS: usize = 50;

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its ARN.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// The type of its value.
    pub kind: ParameterType,
    /// Its versions, the oldest first. There is at least one.
    pub versions: Vec<ParameterVersion>,
    /// Its tags.
    pub tags: Tags,
}

/// A version of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterVersion {
    /// Its number, counted from 1.
    pub number: i64,
    /// The value, in plain text whatever the type.
    pub value: String,
    /// The description.
    pub description: Option<String>,
    /// The key that a SecureString would be encrypted with.
    pub key: Option<String>,
    /// The regular expression that the value matches.
    pub pattern: Option<String>,
    /// `Standard` or `Advanced`.
    pub tier: ParameterTier,
    /// The policies, as JSON.
    pub policies: Option<String>,
    /// `text`, `aws:ec2:image` or `aws:ssm:integration`.
    pub data_type: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// The time of its creation.
    pub modified: Time,
    /// The ARN of the user that made it.
    pub by: String,
}

impl Row for Parameter {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Parameter {
    /// The version that is meant. `None` if there is no such version or label.
    pub fn version(&self, meant: Selector<'_>) -> Option<&ParameterVersion> {
        let Selector::Version(word) = meant else { return self.versions.last() };
        let is_it = |version: &&ParameterVersion| match word.parse::<i64>() {
            Ok(number) => version.number == number,
            Err(_) => version.labels.iter().any(|label| label == word),
        };
        self.versions.iter().find(is_it)
    }
}

impl Model {
    /// The parameter with that name.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn parameter(&self, scope: &Scope, name: &str) -> Result<&Parameter> {
        self.parameters.get(&arn(scope, name)).ok_or_else(|| Error::NotFound { name: name.to_owned() })
    }

    /// All parameters of a scope, sorted by ARN.
    pub fn parameters_of<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'a Parameter> {
        self.parameters.iter().filter(move |row| row.scope == *scope)
    }

    /// DeleteParameter.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn delete_parameter(&mut self, scope: &Scope, name: &str) -> Result<()> {
        let removed = self.parameters.remove(&arn(scope, name));
        removed.map(|_| ()).ok_or_else(|| Error::NotFound { name: name.to_owned() })
    }

    /// AddTagsToResource and RemoveTagsFromResource.
    ///
    /// # Errors
    /// [`Error::NoResource`], and what is wrong with the new tags.
    pub fn tag_parameter(&mut self, scope: &Scope, name: &str, change: impl FnOnce(&mut Tags)) -> Result<()> {
        let tags = &mut self.parameters.get_mut(&arn(scope, name)).ok_or(Error::NoResource {})?.tags;
        change(tags);
        check(tags)
    }
}

/// Checks the tags of a parameter.
pub(super) fn check(tags: &Tags) -> Result<()> {
    if tags.len() > TAGS {
        return Err(Error::TooManyTags { most: TAGS });
    }
    check_tags(tags).map_err(|error| Error::Tag { why: error.to_string() })
}
