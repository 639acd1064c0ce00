//! PutParameter.

use super::{Error, Parameter, ParameterTier, ParameterType, ParameterVersion, Result, arn, name, parameter, policies};
use crate::{Caller, Model, Tags};
use regex::bytes::{Regex, RegexBuilder};

/// The greatest number of parameters of an account in a Region.
const MOST: usize = 10_000;
/// The greatest number of versions that are kept of a parameter.
const VERSIONS: usize = 100;
/// The greatest length of a standard parameter's value, and of an advanced one's.
const STANDARD: usize = 4096;
const ADVANCED: usize = 8192;
/// The greatest length of a description and of a pattern.
const TEXT: usize = 1024;
/// The greatest length of the name of a key, and of the policies.
const LONGEST_KEY: usize = 256;
const LONGEST_POLICIES: usize = 4096;
/// The greatest size of a compiled pattern in bytes.
const PATTERN: usize = 1 << 20;
/// The key of a SecureString for which none is named.
const KEY: &str = "alias/aws/ssm";
/// What values may be meant as.
const DATA_TYPES: [&str; 3] = ["text", "aws:ec2:image", "aws:ssm:integration"];

/// What PutParameter is asked for.
#[derive(Clone, Debug, Default)]
pub struct NewParameter {
    /// The name.
    pub name: String,
    /// The type. A new version has that of the parameter.
    pub kind: Option<ParameterType>,
    /// The value.
    pub value: String,
    /// Whether an existing parameter gets another version.
    pub overwrites: bool,
    /// The description.
    pub description: Option<String>,
    /// The key of a SecureString.
    pub key: Option<String>,
    /// The regular expression that the value must match.
    pub pattern: Option<String>,
    /// The tier.
    pub tier: Option<ParameterTier>,
    /// The policies, as JSON.
    pub policies: Option<String>,
    /// The meaning of the value.
    pub data_type: Option<String>,
    /// The tags.
    pub tags: Tags,
}

impl NewParameter {
    fn check(&self) -> Result<()> {
        if self.value.is_empty() {
            return Err(Error::NoValue {});
        }
        for (name, text, most) in [
            ("Description", &self.description, TEXT),
            ("AllowedPattern", &self.pattern, TEXT),
            ("KeyId", &self.key, LONGEST_KEY),
            ("Policies", &self.policies, LONGEST_POLICIES),
        ] {
            if text.as_ref().is_some_and(|text| text.chars().count() > most) {
                return Err(Error::Length { name, most });
            }
        }
        if let Some(other) = self.data_type.as_ref().filter(|word| !DATA_TYPES.contains(&word.as_str())) {
            return Err(Error::DataType { sent: other.clone() });
        }
        Ok(())
    }

    /// Checks that the whole value matches the pattern. Its length has been checked, because matching takes time in proportion to it.
    fn check_pattern(&self) -> Result<()> {
        let Some(pattern) = &self.pattern else { return Ok(()) };
        let compiled = compiled(pattern, self.value.is_ascii());
        let compiled = compiled.map_err(|_| Error::Pattern { pattern: pattern.clone() })?;
        if compiled.is_match(self.value.as_bytes()) {
            return Ok(());
        }
        Err(Error::PatternMismatch { pattern: pattern.clone() })
    }

    /// The tier of the new version.
    fn tier(&self, before: Option<&Parameter>) -> Result<ParameterTier> {
        let length = self.value.chars().count();
        let had = before.and_then(|row| row.versions.last()).map(|version| version.tier);
        let has_policies = self.policies.as_ref().is_some_and(|policies| policies != "[]");
        let tier = match self.tier.or(had).unwrap_or_default() {
            ParameterTier::Standard if had == Some(ParameterTier::Advanced) => {
                return Err(Error::Downgrade { name: self.name.clone() });
            }
            ParameterTier::Intelligent if length > STANDARD || has_policies || had == Some(ParameterTier::Advanced) => {
                ParameterTier::Advanced
            }
            ParameterTier::Intelligent => ParameterTier::Standard,
            tier => tier,
        };
        match tier {
            ParameterTier::Standard if length > STANDARD => Err(Error::TierValue { most: STANDARD }),
            ParameterTier::Standard if has_policies => Err(Error::PolicyTier {}),
            _ if length > ADVANCED => Err(Error::Length { name: "Value", most: ADVANCED }),
            tier => Ok(tier),
        }
    }

    /// The type, which never changes.
    fn kind(&self, before: Option<&Parameter>) -> Result<ParameterType> {
        let kind = match (before, self.kind) {
            (Some(row), Some(kind)) if kind != row.kind => Err(Error::TypeChange { name: self.name.clone() }),
            (Some(row), _) => Ok(row.kind),
            (None, kind) => kind.ok_or(Error::NoType {}),
        }?;
        let is_plain = kind != ParameterType::SecureString;
        if is_plain && self.key.is_some() { Err(Error::KeyOfPlain {}) } else { Ok(kind) }
    }
}

/// The regular expression of a pattern for whole values. Where the value is ASCII, classes are ASCII's: in Unicode, `\w` takes a hundred
/// times the memory.
fn compiled(pattern: &str, is_ascii: bool) -> std::result::Result<Regex, regex::Error> {
    let whole = format!("^(?:{pattern})$");
    let with = |unicode: bool| RegexBuilder::new(&whole).unicode(unicode).size_limit(PATTERN).build();
    with(!is_ascii).or_else(|_| with(true))
}

impl Model {
    /// PutParameter. Returns the parameter with its new version.
    ///
    /// # Errors
    /// What is wrong with the request, and the limits of the account and of the parameter.
    pub fn put_parameter(&mut self, caller: &Caller, new: NewParameter) -> Result<&Parameter> {
        let scope = &caller.scope;
        name::check(scope, &new.name)?;
        new.check()?;
        let before = self.parameters.get(&arn(scope, &new.name));
        match before {
            Some(_) if !new.overwrites => return Err(Error::Exists {}),
            None if self.parameters_of(scope).count() >= MOST => return Err(Error::TooMany { most: MOST }),
            _ if new.overwrites && !new.tags.is_empty() => return Err(Error::TagsOfOld {}),
            _ => {}
        }
        parameter::check(&new.tags)?;
        let (kind, tier) = (new.kind(before)?, new.tier(before)?);
        new.check_pattern()?;
        if let Some(document) = &new.policies {
            policies(document)?;
        }
        let mut row = before.cloned().unwrap_or_else(|| Parameter {
            id: arn(scope, &new.name),
            scope: scope.clone(),
            name: new.name.clone(),
            kind,
            versions: Vec::new(),
            tags: new.tags.clone(),
        });
        let version = version(self, caller, new, row.versions.last(), (kind, tier));
        if row.versions.len() >= VERSIONS {
            let oldest = row.versions.remove(0);
            if !oldest.labels.is_empty() {
                return Err(Error::TooManyVersions { name: row.name, version: oldest.number });
            }
        }
        row.versions.push(version);
        let id = row.id.clone();
        self.parameters.insert(row);
        self.parameters.get(&id).ok_or(Error::NotFound { name: id })
    }
}

/// The new version. What the request leaves out is as it was before, besides the value.
fn version(
    model: &Model,
    caller: &Caller,
    new: NewParameter,
    before: Option<&ParameterVersion>,
    (kind, tier): (ParameterType, ParameterTier),
) -> ParameterVersion {
    let key = new.key.or_else(|| before?.key.clone()).unwrap_or_else(|| KEY.to_owned());
    ParameterVersion {
        number: before.map_or(1, |before| before.number + 1),
        value: new.value,
        description: new.description.or_else(|| before?.description.clone()),
        key: (kind == ParameterType::SecureString).then_some(key),
        pattern: new.pattern,
        tier,
        policies: new.policies.or_else(|| before?.policies.clone()),
        data_type: new
            .data_type
            .or_else(|| Some(before?.data_type.clone()))
            .unwrap_or_else(|| DATA_TYPES[0].to_owned()),
        labels: Vec::new(),
        modified: caller.now,
        by: caller.principal.arns(model, &caller.scope.account).into_iter().next().unwrap_or_default(),
    }
}
