//! The grammar of policy documents in JSON (IAM User Guide, "Grammar of the IAM JSON policy language").

use super::Pattern;
use super::condition::Condition;
use super::document::{Choice, Document, Effect, Principals, Statement};
use super::operator::{Operator, Wanted};
use super::strings::Strings;
use super::unique::Unique;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

/// Why a document breaks the grammar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// There are no statements.
    #[error("a policy has at least one statement")]
    NoStatement,
    /// Two statements have the same name.
    #[error("two statements have the Sid {0}")]
    SameSid(String),
    /// A statement has neither `Action` nor `NotAction`.
    #[error("a statement has Action or NotAction")]
    NoAction,
    /// A statement has neither `Resource` nor `NotResource`.
    #[error("a statement has Resource or NotResource")]
    NoResource,
    /// A statement has an element and its opposite.
    #[error("a statement has {0} or Not{0}, not both")]
    Both(&'static str),
    /// A trust policy has resources.
    #[error("a trust policy has no Resource")]
    ResourceInTrust,
    /// A trust policy has no principals.
    #[error("a statement of a trust policy has Principal")]
    NoPrincipal,
    /// A policy of a user, group or role has principals.
    #[error("a policy of a user, group or role has no Principal")]
    PrincipalInIdentity,
    /// A list is empty.
    #[error("a list has at least one item")]
    EmptyList,
    /// An action is malformed.
    #[error("{0:?} is not an action: write service:Action, where * and ? are wildcards")]
    Action(String),
    /// A resource is malformed.
    #[error("{0:?} is not a resource: write an ARN or *")]
    Resource(String),
    /// A condition's operator is unknown.
    #[error("there is no condition operator {0}")]
    Operator(String),
    /// A condition's value is not of its operator's kind.
    #[error("{operator} of {key} compares with {wanted}, and {value:?} is not one")]
    Value {
        /// The operator.
        operator: String,
        /// The condition key.
        key: String,
        /// The value.
        value: String,
        /// A valid value.
        wanted: &'static str,
    },
    /// A kind of principals is unknown.
    #[error("a principal is AWS, Service, Federated or CanonicalUser, not {0}")]
    PrincipalKind(String),
    /// No kind of principals is named.
    #[error("at least one principal is named")]
    NobodyNamed,
}

/// The rules that a statement must comply with.
pub trait Rules {
    /// Checks a statement.
    ///
    /// # Errors
    /// [`StatementError`].
    fn check(statement: &RawStatement) -> Result<(), StatementError>;
}

/// The rules for a policy of a user, group or role.
pub struct OfIdentity;
/// The rules for a trust policy.
pub struct OfTrust;
/// The rules for a policy that was accepted earlier: only that it has the elements without which a statement's subject
/// is unknown.
pub struct Stored;

impl Rules for OfIdentity {
    fn check(statement: &RawStatement) -> Result<(), StatementError> {
        statement.check_elements(false)?;
        statement.check_values()
    }
}

impl Rules for OfTrust {
    fn check(statement: &RawStatement) -> Result<(), StatementError> {
        statement.check_elements(true)?;
        statement.check_values()
    }
}

impl Rules for Stored {
    fn check(statement: &RawStatement) -> Result<(), StatementError> {
        statement.check_elements(false).or_else(|_| statement.check_elements(true))
    }
}

/// A document as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", bound = "R: Rules")]
pub struct Raw<R> {
    #[serde(default)]
    version: Version,
    #[serde(rename = "Id")]
    _id: Option<String>,
    statement: Statements<R>,
}

/// The version of the policy language. Only the newer one has variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
enum Version {
    #[default]
    #[serde(rename = "2008-10-17")]
    V2008,
    #[serde(rename = "2012-10-17")]
    V2012,
}

/// A statement as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct RawStatement {
    sid: Option<String>,
    effect: Effect,
    principal: Option<Named>,
    not_principal: Option<Named>,
    action: Option<Strings>,
    not_action: Option<Strings>,
    resource: Option<Strings>,
    not_resource: Option<Strings>,
    #[serde(default)]
    condition: Unique<String, Unique<String, Strings>>,
}

/// Statements, written as one or as a list. They are checked here, where their place is known.
struct Statements<R>(Vec<RawStatement>, PhantomData<R>);

/// A statement that complies with the rules.
struct Checked<R>(RawStatement, PhantomData<R>);

impl<R> Raw<R> {
    /// The document.
    pub fn document(self) -> Document {
        let variables = self.version == Version::V2012;
        Document { statements: self.statement.0.into_iter().map(|raw| raw.statement(variables)).collect() }
    }
}

impl<'de, R: Rules> Deserialize<'de> for Checked<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Read within the map, where the parser knows the place.
        struct Within<R>(PhantomData<R>);
        impl<'de, R: Rules> Visitor<'de> for Within<R> {
            type Value = Checked<R>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a statement")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let raw = RawStatement::deserialize(MapAccessDeserializer::new(map))?;
                R::check(&raw).map_err(de::Error::custom)?;
                Ok(Checked(raw, PhantomData))
            }
        }
        deserializer.deserialize_map(Within::<R>(PhantomData))
    }
}

impl<'de, R: Rules> Deserialize<'de> for Statements<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany<R>(PhantomData<R>);
        impl<'de, R: Rules> Visitor<'de> for OneOrMany<R> {
            type Value = Statements<R>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a statement or a list of statements")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let Checked(one, _) = Checked::<R>::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Statements(vec![one], PhantomData))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let (mut all, mut sids) = (Vec::new(), BTreeSet::new());
                while let Some(Checked(next, _)) = items.next_element::<Checked<R>>()? {
                    if let Some(sid) = next.sid.as_ref().filter(|sid| !sid.is_empty())
                        && !sids.insert(sid.clone())
                    {
                        return Err(de::Error::custom(StatementError::SameSid(sid.clone())));
                    }
                    all.push(next);
                }
                if all.is_empty() {
                    Err(de::Error::custom(StatementError::NoStatement))
                } else {
                    Ok(Statements(all, PhantomData))
                }
            }
        }
        deserializer.deserialize_any(OneOrMany::<R>(PhantomData))
    }
}

impl RawStatement {
    /// Checks that a statement has the elements of its kind of policy, and no others.
    fn check_elements(&self, trust: bool) -> Result<(), StatementError> {
        one_of("Action", self.action.as_ref(), self.not_action.as_ref())?.ok_or(StatementError::NoAction)?;
        let resources = one_of("Resource", self.resource.as_ref(), self.not_resource.as_ref())?;
        let principals = one_of("Principal", self.principal.as_ref(), self.not_principal.as_ref())?;
        match (trust, resources, principals) {
            (true, Some(_), _) => return Err(StatementError::ResourceInTrust),
            (true, _, None) => return Err(StatementError::NoPrincipal),
            (false, _, Some(_)) => return Err(StatementError::PrincipalInIdentity),
            (false, None, _) => return Err(StatementError::NoResource),
            _ => {}
        }
        let lists = [&self.action, &self.not_action, &self.resource, &self.not_resource];
        if lists.into_iter().flatten().any(|list| list.0.is_empty()) {
            // An empty list would match nothing, and its opposite everything.
            return Err(StatementError::EmptyList);
        }
        Ok(())
    }

    /// Checks the form of actions and resources, and the operators and values of conditions.
    fn check_values(&self) -> Result<(), StatementError> {
        let mut actions = self.action.iter().chain(&self.not_action).flat_map(|list| &list.0);
        if let Some(action) = actions.find(|action| !is_action(action)) {
            return Err(StatementError::Action(action.clone()));
        }
        let mut resources = self.resource.iter().chain(&self.not_resource).flat_map(|list| &list.0);
        if let Some(resource) = resources.find(|resource| !is_resource(resource)) {
            return Err(StatementError::Resource(resource.clone()));
        }
        for (name, Unique(keys)) in self.condition.0.iter().filter(|(_, Unique(keys))| !keys.is_empty()) {
            let operator = Operator::named(name).ok_or_else(|| StatementError::Operator(name.clone()))?;
            for (key, values) in keys {
                let mut values = values.0.iter();
                if let Some((value, wanted)) =
                    values.find_map(|value| Some((value, Wanted::read(operator.test, value, true).err()?)))
                {
                    let (operator, key, value) = (name.clone(), key.clone(), value.clone());
                    return Err(StatementError::Value { operator, key, value, wanted });
                }
            }
        }
        Ok(())
    }

    /// The statement. `variables` says whether its texts may have variables.
    fn statement(self, variables: bool) -> Statement {
        // Actions have no variables.
        let action = |text: &String| Pattern::new(&text.to_ascii_lowercase(), false);
        let resource = |text: &String| Pattern::new(&completed(&in_one_partition(text)), variables);
        let patterns = |all: Strings, one: &dyn Fn(&String) -> Pattern| all.0.iter().map(one).collect::<Vec<_>>();
        let actions = match (self.action, self.not_action) {
            (Some(all), _) => Choice::Of(patterns(all, &action)),
            (None, all) => Choice::Except(patterns(all.unwrap_or_default(), &action)),
        };
        let resources = match (self.resource, self.not_resource) {
            (Some(all), _) => Some(Choice::Of(patterns(all, &resource))),
            (None, Some(all)) => Some(Choice::Except(patterns(all, &resource))),
            (None, None) => None,
        };
        let principals = match (self.principal, self.not_principal) {
            (Some(named), _) => Some(named.principals(false)),
            (None, Some(named)) => Some(named.principals(true)),
            (None, None) => None,
        };
        let condition = |operator: Operator, key: String, values: &Strings| {
            let wanted = values.0.iter().map(|value| in_one_partition(value));
            let wanted = wanted.map(|value| Wanted::read(operator.test, &value, variables).ok());
            wanted.collect::<Option<Vec<_>>>().map(|wanted| Condition { key, operator, wanted })
        };
        let conditions = self.condition.0.into_iter().flat_map(|(name, Unique(keys))| {
            let operator = Operator::named(&name);
            keys.into_iter().map(move |(key, values)| condition(operator?, key, &values))
        });
        let conditions: Vec<Option<Condition>> = conditions.collect();
        // Only a stored policy has conditions that cannot be read.
        let is_void = self.effect == Effect::Allow && conditions.contains(&None);
        let actions = if is_void { Choice::Of(Vec::new()) } else { actions };
        let conditions = conditions.into_iter().flatten().collect();
        Statement { sid: self.sid, effect: self.effect, principals, actions, resources, conditions }
    }
}

/// An element or its opposite, but not both.
fn one_of<'a, T>(
    name: &'static str,
    is: Option<&'a T>,
    is_not: Option<&'a T>,
) -> Result<Option<&'a T>, StatementError> {
    match (is, is_not) {
        (Some(_), Some(_)) => Err(StatementError::Both(name)),
        (is, is_not) => Ok(is.or(is_not)),
    }
}

fn is_action(text: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'*' | b'?');
    let is_service = |name: &str| !name.is_empty() && name.bytes().all(is_letter);
    let is_name = |name: &str| !name.is_empty() && !name.contains(':');
    text == "*" || text.split_once(':').is_some_and(|(service, action)| is_service(service) && is_name(action))
}

fn is_resource(text: &str) -> bool {
    text == "*" || text.starts_with("arn:") || text.starts_with("${") || text.starts_with("arn*")
}

/// An ARN of IAM or STS in the partition `aws`, in which all of them are compared: an account is the same in all partitions.
fn in_one_partition(text: &str) -> Cow<'_, str> {
    let parts = text.strip_prefix("arn:aws-").and_then(|rest| rest.split_once(':'));
    match parts {
        Some((_, rest)) if rest.starts_with("iam:") || rest.starts_with("sts:") => {
            Cow::Owned(format!("arn:aws:{rest}"))
        }
        _ => Cow::Borrowed(text),
    }
}

/// An ARN whose missing last parts are completed by `*`.
fn completed(arn: &str) -> String {
    let missing = 6usize.saturating_sub(arn.split(':').count());
    if arn.starts_with("arn:") && !arn.contains("${") {
        format!("{arn}{}", ":*".repeat(missing))
    } else {
        arn.to_owned()
    }
}

/// `"*"`, or names by kind.
struct Named(BTreeMap<String, Vec<String>>);

impl Named {
    fn principals(self, except: bool) -> Principals {
        let in_one = |names: Vec<String>| names.iter().map(|name| in_one_partition(name).into_owned()).collect();
        Principals { except, named: self.0.into_iter().map(|(kind, names)| (kind, in_one(names))).collect() }
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EverybodyOrSome;
        impl<'de> Visitor<'de> for EverybodyOrSome {
            type Value = Named;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"*\", or principals by kind")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Named, E> {
                match text {
                    "*" => Ok(Named(BTreeMap::from([("AWS".to_owned(), vec!["*".to_owned()])]))),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Named, A::Error> {
                let Unique(named) = Unique::<String, Strings>::deserialize(MapAccessDeserializer::new(map))?;
                let kinds = ["AWS", "Service", "Federated", "CanonicalUser"];
                if let Some(kind) = named.keys().find(|kind| !kinds.contains(&kind.as_str())) {
                    return Err(de::Error::custom(StatementError::PrincipalKind(kind.clone())));
                }
                // A kind without names is allowed beside one with some.
                if named.values().all(|names| names.0.is_empty()) {
                    return Err(de::Error::custom(StatementError::NobodyNamed));
                }
                Ok(Named(named.into_iter().map(|(kind, Strings(names))| (kind, names)).collect()))
            }
        }
        deserializer.deserialize_any(EverybodyOrSome)
    }
}
