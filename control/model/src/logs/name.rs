//! Names of log groups and streams, and their ARNs.

use super::{Error, Result};
use crate::Scope;

/// The greatest length of a name.
const LONGEST: usize = 512;

/// The ARN of a log group.
pub fn group_arn(scope: &Scope, name: &str) -> String {
    format!("arn:{}:logs:{}:{}:log-group:{name}", scope.partition(), scope.region, scope.account)
}

/// The ARN of a stream of a log group.
pub fn stream_arn(scope: &Scope, group: &str, name: &str) -> String {
    format!("{}:log-stream:{name}", group_arn(scope, group))
}

/// The name of the log group that a name or an ARN means. `None` if the ARN is none of a log group in the scope.
pub fn name_in<'a>(scope: &Scope, identifier: &'a str) -> Option<&'a str> {
    let Some(arn) = identifier.strip_prefix("arn:") else { return Some(identifier) };
    let (_, place) = arn.split_once(":logs:")?;
    let name = place.strip_prefix(&format!("{}:{}:log-group:", scope.region, scope.account))?;
    Some(name.strip_suffix(":*").unwrap_or(name))
}

/// Checks the name of a new log group.
pub(super) fn check_group(name: &str) -> Result<()> {
    check("logGroupName", name, |c| c.is_ascii_alphanumeric() || "._-/#".contains(c), r"[\.\-_/#A-Za-z0-9]+")?;
    if name.to_ascii_lowercase().starts_with("aws/") { Err(Error::Reserved {}) } else { Ok(()) }
}

/// Checks the name of a new stream.
pub(super) fn check_stream(name: &str) -> Result<()> {
    check("logStreamName", name, |c| !":*".contains(c), "[^:*]*")
}

fn check(parameter: &str, name: &str, fits: impl Fn(char) -> bool, pattern: &str) -> Result<()> {
    if !name.chars().all(fits) {
        let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
        return Err(Error::constraint(parameter, name, constraint));
    }
    check_length(parameter, name, LONGEST)
}

/// Checks that a parameter's value is not too long.
pub(super) fn check_length(parameter: &str, value: &str, most: usize) -> Result<()> {
    if value.chars().count() <= most {
        return Ok(());
    }
    let constraint = format!("Member must have length less than or equal to {most}");
    Err(Error::constraint(parameter, value, constraint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_meant_by_its_name_or_by_its_own_arn() {
        let here = Scope { account: "111122223333".into(), region: "us-east-1".into() };
        let elsewhere = Scope { region: "eu-west-1".into(), ..here.clone() };
        let arn = group_arn(&here, "/shop/flows");
        for identifier in ["/shop/flows", &arn, &format!("{arn}:*")] {
            assert_eq!(name_in(&here, identifier), Some("/shop/flows"));
        }
        assert_eq!(name_in(&elsewhere, &arn), None);
        assert_eq!(name_in(&here, "arn:aws:s3:::shop"), None);
    }

    #[test]
    fn names_have_the_characters_that_aws_allows() {
        for (name, fits) in [("/aws/vpc#1.a_b-c", true), ("a b", false), ("a:b", false), ("AWS/x", false)] {
            assert_eq!(check_group(name).is_ok(), fits, "{name}");
        }
        assert!(check_group(&"a".repeat(512)).is_ok() && check_group(&"a".repeat(513)).is_err());
        assert!(check_stream("2026/11/[$LATEST] é").is_ok() && check_stream("a*").is_err());
    }
}
