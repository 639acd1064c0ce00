//! IAM's errors for malformed policies. IAM looks for one kind of error after the other, each in the whole document.

use super::Use;
use super::operator::{Operator, Test, Wanted};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// IAM's error for a malformed policy. The parser reports invalid JSON, with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The document breaks the grammar.
    #[error("Syntax errors in policy.")]
    Syntax,
    /// A managed policy does not have the current version.
    #[error("Policy document must be version 2012-10-17 or greater.")]
    Version,
    /// An effect, a date or a resource violates the rules of IAM's first parser.
    #[error("The policy failed legacy parsing")]
    Legacy,
    /// Two statements have the same Sid.
    #[error("Statement IDs (SID) in a single policy must be unique.")]
    Sid,
    /// A statement has no actions.
    #[error("Policy statement must contain actions.")]
    NoActions,
    /// A statement has no resources.
    #[error("Policy statement must contain resources.")]
    NoResources,
    /// An action without a service.
    #[error("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")]
    NoVendor,
    /// An action has two colons.
    #[error("Actions/Condition can contain only one colon.")]
    Colons,
    /// An action's service has invalid characters.
    #[error("Vendor {0} is not valid")]
    Vendor(String),
    /// A resource that is not an ARN.
    #[error("Resource {0} must be in ARN format or \"*\".")]
    NoArn(String),
    /// An ARN's partition does not exist.
    #[error("Partition \"{partition}\" is not valid for resource \"arn:{partition}:{rest}\".")]
    Partition {
        /// The partition.
        partition: String,
        /// The rest of the ARN.
        rest: String,
    },
    /// An ARN ends before its service.
    #[error("Resource vendor must be fully qualified and cannot contain regexes.")]
    NoService,
    /// An ARN of IAM has a Region.
    #[error("IAM resource {0} cannot contain region information.")]
    RegionOfIam(String),
    /// An ARN of a bucket has a Region.
    #[error("Resource {0} can not contain region information.")]
    RegionOfBucket(String),
    /// An ARN of IAM has an unknown type of resource.
    #[error("IAM resource path must either be \"*\" or start with {}.", IAM.join(", "))]
    PathOfIam,
    /// A policy of a user, a group or a role has principals.
    #[error("Policy document should not specify a principal.")]
    Principal,
    /// A trust policy has no principals.
    #[error("Missing required field Principal")]
    NoPrincipal,
    /// A trust policy has exceptions from principals.
    #[error("Has prohibited field NotPrincipal.")]
    NotPrincipal,
    /// A trust policy names a principal with wildcards.
    #[error("Invalid principal in policy: \"{kind}\":\"{name}\"")]
    PrincipalPattern {
        /// The kind of the principal, in capital letters.
        kind: String,
        /// Its name.
        name: String,
    },
    /// A trust policy has resources.
    #[error("Has prohibited field Resource.")]
    Resource,
    /// A trust policy has actions other than those of STS.
    #[error(
        "Trust Policy statement actions can only be sts:AssumeRole, sts:AssumeRoleWithSAML,  and sts:AssumeRoleWithWebIdentity"
    )]
    TrustAction,
}

type Statement = Map<String, Value>;

/// The partitions of ARNs. `*` is any of them.
const PARTITIONS: [&str; 9] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc", "*"];
/// The beginnings of IAM's resources.
const IAM: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];
/// The actions of trust policies.
const TRUST: [&str; 12] = [
    "assumerole",
    "assumerolewithsaml",
    "assumerolewithwebidentity",
    "assumeroot",
    "decodeauthorizationmessage",
    "getaccesskeyinfo",
    "getcalleridentity",
    "getfederationtoken",
    "getservicebearertoken",
    "getsessiontoken",
    "setsourceidentity",
    "tagsession",
];

/// Checks a policy as IAM does.
///
/// # Errors
/// [`Malformed`]: the error that IAM would report.
pub fn check(text: &str, r#use: Use) -> Result<(), Malformed> {
    let Ok(whole) = serde_json::from_str::<Value>(text) else { return Ok(()) };
    let whole = whole.as_object().ok_or(Malformed::Syntax)?;
    let statements = statements(whole).ok_or(Malformed::Syntax)?;
    let all = statements.as_slice();
    if r#use == Use::Managed && whole.get("Version").and_then(Value::as_str) != Some("2012-10-17") {
        return Err(Malformed::Version);
    }
    let bad_resource = legacy(all)?;
    if !has_unique_names(all) {
        return Err(Malformed::Sid);
    }
    if !all.iter().all(|one| has_values(one, "Action")) {
        return Err(Malformed::NoActions);
    }
    bad_resource.map_or(Ok(()), Err)?;
    all.iter().flat_map(|one| either(one, "Action")).try_for_each(check_action)?;
    match r#use {
        Use::Trust => check_trust(all),
        Use::Identity | Use::Managed if all.iter().any(|one| has(one, "Principal")) => Err(Malformed::Principal),
        Use::Identity | Use::Managed if !all.iter().all(|one| has_values(one, "Resource")) => {
            Err(Malformed::NoResources)
        }
        Use::Identity | Use::Managed => Ok(()),
    }
}

/// The statements of a document that follows the grammar.
fn statements(whole: &Map<String, Value>) -> Option<Vec<&Statement>> {
    let is_known = |name: &String| ["Version", "Id", "Statement"].contains(&name.as_str());
    let version = whole.get("Version").is_none_or(|version| version == "2008-10-17" || version == "2012-10-17");
    let id = whole.get("Id").is_none_or(Value::is_string);
    let statements: Vec<_> = match whole.get("Statement")? {
        Value::Object(one) => vec![one],
        Value::Array(all) => all.iter().map(Value::as_object).collect::<Option<_>>()?,
        _ => return None,
    };
    let good = !statements.is_empty() && statements.iter().all(|one| is_grammatical(one));
    (whole.keys().all(is_known) && version && id && good).then_some(statements)
}

fn is_grammatical(statement: &Statement) -> bool {
    const NAMES: [&str; 9] =
        ["Sid", "Action", "NotAction", "Resource", "NotResource", "Effect", "Principal", "NotPrincipal", "Condition"];
    let is_list = |name: &&str| match statement.get(*name) {
        Some(Value::Array(all)) => all.iter().all(|one| one.is_string() || one.is_null()),
        other => other.is_none_or(Value::is_string),
    };
    let is_one = |name: &&str| !(statement.contains_key(*name) && statement.contains_key(&format!("Not{name}")));
    let effect = statement.get("Effect").and_then(Value::as_str).unwrap_or_default();
    statement.keys().all(|name| NAMES.contains(&name.as_str()))
        && NAMES[1..5].iter().all(is_list)
        && ["Action", "Resource", "Principal"].iter().all(is_one)
        && (effect.eq_ignore_ascii_case("Allow") || effect.eq_ignore_ascii_case("Deny"))
        && statement.get("Sid").is_none_or(Value::is_string)
        && statement.get("Condition").is_none_or(is_condition)
}

fn is_condition(block: &Value) -> bool {
    let is_value = |value: &Value| !value.is_object() && !value.is_null();
    let is_line = |(operator, keys): (&String, &Value)| {
        keys.as_object()
            .is_some_and(|keys| keys.values().all(is_value) && (keys.is_empty() || Operator::named(operator).is_some()))
    };
    block.as_object().is_some_and(|block| block.iter().all(is_line))
}

/// The values of an element, as a list.
fn texts<'a>(statement: &'a Statement, name: &str) -> Vec<&'a str> {
    match statement.get(name) {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The values of an element and of its opposite.
fn either<'a>(statement: &'a Statement, name: &str) -> Vec<&'a str> {
    let mut all = texts(statement, name);
    all.extend(texts(statement, &format!("Not{name}")));
    all
}

/// Whether a statement has an element or its opposite.
fn has(statement: &Statement, name: &str) -> bool {
    statement.contains_key(name) || statement.contains_key(&format!("Not{name}"))
}

/// Whether a statement has an element or its opposite with at least one value.
fn has_values(statement: &Statement, name: &str) -> bool {
    !either(statement, name).is_empty()
}

/// Checks effects, dates and resources by the rules of IAM's first parser. Another error of a resource is returned, to
/// be reported later.
fn legacy(statements: &[&Statement]) -> Result<Option<Malformed>, Malformed> {
    let effect = |one: &&Statement| one.get("Effect").is_some_and(|effect| effect == "Allow" || effect == "Deny");
    if !statements.iter().all(|one| effect(one) && has_good_dates(one)) {
        return Err(Malformed::Legacy);
    }
    let mut bad = None;
    for name in ["Resource", "NotResource"] {
        for statement in statements {
            let mut resources = texts(statement, name);
            resources.sort_unstable();
            bad = bad.or_else(|| resources.iter().find_map(|resource| check_resource(resource).err()));
            if bad.is_none() && resources.into_iter().any(|resource| !passes_first_parser(resource)) {
                return Err(Malformed::Legacy);
            }
        }
    }
    Ok(bad)
}

fn has_good_dates(statement: &Statement) -> bool {
    let lines = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    lines.filter_map(|(operator, keys)| Some((Operator::named(operator)?.test, keys.as_object()?))).all(
        |(test, keys)| {
            let good = |value: &str| !matches!(test, Test::Date(_)) || Wanted::read(test, value, true).is_ok();
            keys.keys().all(|key| texts(keys, key).into_iter().all(good))
        },
    )
}

/// The first parser's rule for ARNs: one with an empty part must have all parts, and a service.
fn passes_first_parser(resource: &str) -> bool {
    let has_all = resource.matches(':').count() >= 5 || !resource.contains("::");
    resource == "*" || has_all && resource.split(':').nth(2) != Some("")
}

fn has_unique_names(statements: &[&Statement]) -> bool {
    let mut names = statements.iter().filter_map(|one| one.get("Sid")?.as_str()).filter(|name| !name.is_empty());
    let mut seen = BTreeSet::new();
    names.all(|name| seen.insert(name))
}

fn check_resource(resource: &str) -> Result<(), Malformed> {
    let whole = || resource.to_owned();
    if resource == "*" {
        return Ok(());
    }
    let (_, rest) = resource.split_once(':').ok_or_else(|| Malformed::NoArn(whole()))?;
    let (partition, rest) = rest.split_once(':').map_or((rest, None), |(partition, rest)| (partition, Some(rest)));
    if !PARTITIONS.contains(&partition) {
        let rest = rest.unwrap_or("*");
        let missing = 4_usize.saturating_sub(rest.split(':').count());
        let rest = format!("{rest}{}", ":*".repeat(missing));
        return Err(Malformed::Partition { partition: partition.to_owned(), rest });
    }
    let mut parts = rest.ok_or(Malformed::NoService)?.splitn(4, ':');
    let (service, region) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let named = parts.nth(1);
    let has_region = !region.is_empty() && region != "*";
    let is_access_point = named.is_some_and(|named| named.starts_with("accesspoint/"));
    match (service, named) {
        ("iam", _) if has_region => Err(Malformed::RegionOfIam(whole())),
        ("s3", _) if has_region && !is_access_point => Err(Malformed::RegionOfBucket(whole())),
        ("iam", Some(named)) if named != "*" && !IAM.iter().any(|kind| named.starts_with(kind)) => {
            Err(Malformed::PathOfIam)
        }
        _ => Ok(()),
    }
}

fn check_action(action: &str) -> Result<(), Malformed> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'*' | b'?');
    match action.split(':').collect::<Vec<_>>().as_slice() {
        ["*"] => Ok(()),
        [_] => Err(Malformed::NoVendor),
        [vendor, _] if vendor.bytes().all(is_letter) => Ok(()),
        [vendor, _] => Err(Malformed::Vendor((*vendor).to_owned())),
        _ => Err(Malformed::Colons),
    }
}

/// Checks a trust policy. Actions with wildcards are accepted.
fn check_trust(statements: &[&Statement]) -> Result<(), Malformed> {
    let is_of_sessions = |action: &str| {
        let action = action.to_ascii_lowercase();
        action.contains(['*', '?']) || action.strip_prefix("sts:").is_some_and(|name| TRUST.contains(&name))
    };
    if !statements.iter().flat_map(|one| texts(one, "Action")).all(is_of_sessions) {
        return Err(Malformed::TrustAction);
    }
    if statements.iter().any(|one| has(one, "Resource")) {
        return Err(Malformed::Resource);
    }
    if statements.iter().any(|one| one.contains_key("NotPrincipal")) {
        return Err(Malformed::NotPrincipal);
    }
    if !statements.iter().all(|one| has(one, "Principal")) {
        return Err(Malformed::NoPrincipal);
    }
    statements.iter().try_for_each(|one| check_principals(one))
}

/// A principal is everybody, `*`, or has a whole name.
fn check_principals(statement: &Statement) -> Result<(), Malformed> {
    let Some(kinds) = statement.get("Principal").and_then(Value::as_object) else { return Ok(()) };
    let is_pattern = |name: &&str| *name != "*" && name.contains(['*', '?']);
    let bad = kinds.keys().find_map(|kind| Some((kind, texts(kinds, kind).into_iter().find(is_pattern)?)));
    match bad {
        Some((kind, name)) => {
            Err(Malformed::PrincipalPattern { kind: kind.to_ascii_uppercase(), name: name.to_owned() })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(document: &str, r#use: Use) -> String {
        check(document, r#use).map_or_else(|why| why.to_string(), |()| "fine".to_owned())
    }

    #[test]
    fn errors_have_iams_words_and_order() {
        let syntax = "Syntax errors in policy.";
        for (statement, expected) in [
            (r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#, "fine"),
            (r#"{"Effect":"Allow","Action":"*","Resource":["arn:aws:iam::*:role/x"]}"#, "fine"),
            ("[]", syntax),
            (r#"{"Effect":"Perhaps","Action":"ec2:*","Resource":"*"}"#, syntax),
            (r#"{"Effect":"Allow","Action":"ec2:*","NotAction":"ec2:*","Resource":"*"}"#, syntax),
            (r#"{"Effect":"Allow","Action":{},"Resource":"*"}"#, syntax),
            (r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"Is":{"a":"1"}}}"#, syntax),
            (r#"{"Effect":"ALLOW","Action":"ec2:*","Resource":"*"}"#, "The policy failed legacy parsing"),
            (
                r#"{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"DateEquals":{"a":"soon"}}}"#,
                "The policy failed legacy parsing",
            ),
            (r#"{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3::b"}"#, "The policy failed legacy parsing"),
            (r#"{"Effect":"Allow","Resource":"*"}"#, "Policy statement must contain actions."),
            (r#"{"Effect":"Allow","Action":"ec2:*"}"#, "Policy statement must contain resources."),
            (r#"{"Effect":"Allow","Action":"a:b","Resource":"x"}"#, "Resource x must be in ARN format or \"*\"."),
            (
                r#"{"Effect":"Allow","Action":"a:b","Resource":"arn:moon:s3"}"#,
                "Partition \"moon\" is not valid for resource \"arn:moon:s3:*:*:*\".",
            ),
            (
                r#"{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:us-east-1::b"}"#,
                "Resource arn:aws:s3:us-east-1::b can not contain region information.",
            ),
            (r#"{"Effect":"Allow","Action":"a b:c","Resource":"*"}"#, "Vendor a b is not valid"),
            (r#"{"Effect":"Allow","Action":"a:b:c","Resource":"*"}"#, "Actions/Condition can contain only one colon."),
            (
                r#"{"Effect":"Allow","Action":"a:b","Resource":"*","Principal":"*"}"#,
                "Policy document should not specify a principal.",
            ),
            (
                r#"[{"Sid":"a","Effect":"Allow","Action":"a:b","Resource":"x"},{"Sid":"a","Effect":"Deny"}]"#,
                "Statement IDs (SID) in a single policy must be unique.",
            ),
        ] {
            let document = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
            assert_eq!(says(&document, Use::Managed), expected, "{statement}");
        }
    }

    #[test]
    fn only_managed_policies_need_the_current_version() {
        let old = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        assert_eq!(says(old, Use::Managed), "Policy document must be version 2012-10-17 or greater.");
        assert_eq!(says(old, Use::Identity), "fine");
    }

    #[test]
    fn trust_policies_have_session_actions_and_no_resource() {
        let trust = |rest: &str| says(&format!(r#"{{"Statement":{{"Effect":"Allow",{rest}}}}}"#), Use::Trust);
        assert_eq!(trust(r#""Action":["sts:AssumeRole","sts:TagSession"],"Principal":"*""#), "fine");
        assert!(trust(r#""Action":"sts:Assume","Principal":"*""#).starts_with("Trust Policy statement actions"));
        assert_eq!(
            trust(r#""Action":"sts:AssumeRole","Principal":"*","Resource":"*""#),
            "Has prohibited field Resource."
        );
        assert_eq!(trust(r#""Action":"sts:AssumeRole""#), "Missing required field Principal");
        assert_eq!(
            trust(r#""Action":"sts:AssumeRole","NotPrincipal":{"AWS":"1"}"#),
            "Has prohibited field NotPrincipal."
        );
        assert_eq!(
            trust(r#""Action":"sts:AssumeRole","Principal":{"AWS":["*","arn:aws:iam::1:user/*"]}"#),
            "Invalid principal in policy: \"AWS\":\"arn:aws:iam::1:user/*\""
        );
    }
}
