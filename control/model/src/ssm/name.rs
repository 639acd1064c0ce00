//! Names of parameters, and the versions that they may select.

use super::{Error, Result};
use crate::Scope;

/// The greatest number of levels in a name.
const LEVELS: usize = 15;
/// What is wrong with names, in Parameter Store's words.
const PREFIX: &str = "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).";
const PATH: &str = "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_";
const NOT_QUALIFIED: &str = "Parameter name must be a fully qualified name.";
/// The greatest length of a parameter's ARN.
const LONGEST: usize = 1011;

/// The version of a parameter that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selector<'a> {
    /// The latest.
    Latest,
    /// The one with a number, or with a label.
    Version(&'a str),
}

/// The ARN of a parameter. One that AWS publishes has no account.
pub fn arn(scope: &Scope, name: &str) -> String {
    let account = if is_published(name) { "" } else { scope.account.as_str() };
    let name = name.strip_prefix('/').unwrap_or(name);
    format!("arn:{}:ssm:{}:{account}:parameter/{name}", scope.partition(), scope.region)
}

/// Whether a name is one of those that AWS publishes.
fn is_published(name: &str) -> bool {
    name.starts_with("/aws/")
}

impl<'a> Selector<'a> {
    /// The parameter that a text means, by name or by ARN, and the version: `/net/vpc`, `/net/vpc:3`, `/net/vpc:live`.
    pub fn of(text: &'a str) -> (String, Selector<'a>) {
        let in_arn = text.strip_prefix("arn:").and_then(|arn| arn.split_once(":parameter/")).map(|(_, name)| name);
        let (name, version) = match in_arn.unwrap_or(text).split_once(':') {
            Some((name, version)) => (name, Selector::Version(version)),
            None => (in_arn.unwrap_or(text), Selector::Latest),
        };
        let is_path = in_arn.is_some() && name.contains('/');
        (format!("{}{name}", if is_path { "/" } else { "" }), version)
    }
}

/// Checks the name of a new parameter.
pub(super) fn check(scope: &Scope, name: &str) -> Result<()> {
    let bad = |why| Err(Error::BadName { why });
    let levels: Vec<&str> = name.strip_prefix('/').unwrap_or(name).split('/').collect();
    let first = levels.first().map(|level| level.to_ascii_lowercase()).unwrap_or_default();
    let is_path = levels.len() > 1;
    match ["aws", "ssm"].into_iter().find(|word| first.starts_with(word)) {
        Some("aws") if is_path => return Err(Error::Reserved { name: name.to_owned() }),
        Some(_) if is_path => return bad(PATH),
        Some(_) => return bad(PREFIX),
        None => {}
    }
    if is_path && !name.starts_with('/') {
        return bad(NOT_QUALIFIED);
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    if !name.chars().all(fits) || levels.iter().any(|level| level.is_empty()) {
        return bad(PATH);
    }
    if arn(scope, name).len() > LONGEST {
        return Err(Error::Length { name: "The parameter's ARN", most: LONGEST });
    }
    if levels.len() > LEVELS { Err(Error::Levels { most: LEVELS }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope { account: "111122223333".into(), region: "us-east-1".into() }
    }

    #[test]
    fn a_parameter_is_meant_by_name_or_arn_with_a_version() {
        for name in ["vpc", "/net", "/net/vpc"] {
            assert_eq!(Selector::of(name), (name.to_owned(), Selector::Latest));
            let (versioned, by_arn) = (format!("{name}:3"), format!("{}:live", arn(&scope(), name)));
            assert_eq!(Selector::of(&versioned), (name.to_owned(), Selector::Version("3")));
            let (found, version) = Selector::of(&by_arn);
            assert_eq!((arn(&scope(), &found), version), (arn(&scope(), name), Selector::Version("live")));
        }
    }

    #[test]
    fn names_of_aws_and_deep_ones_are_refused() {
        let code = |name: &str| check(&scope(), name).map_or_else(|error| error.code(), |()| "ok");
        for (name, wanted) in [
            ("vpc", "ok"),
            ("/net/vpc", "ok"),
            ("net/vpc", "ValidationException"),
            ("a b", "ValidationException"),
            ("/", "ValidationException"),
            ("//vpc", "ValidationException"),
            ("aws.vpc", "ValidationException"),
            ("/ssm/vpc", "ValidationException"),
            ("/aws/service/vpc", "AccessDeniedException"),
            (&"/a".repeat(16), "HierarchyLevelLimitExceededException"),
        ] {
            assert_eq!(code(name), wanted, "{name}");
        }
    }
}
