//! AWS managed policies, those that are most used with networks. All accounts may use them.

use super::name::{Named, letters};
use super::{Error, ManagedPolicy, Policy, PolicyVersion, Result};
use crate::fnv::{FNV_OFFSET, fnv1a};
use crate::{Model, Tags, Time};
use policy::Document;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The creation time of AWS managed policies: the day on which ClassicLink was launched.
const CREATED: Time = Time(1_420_632_000_000);

/// A policy a line: path and name, followed by the statements.
const ROWS: &str = include_str!("managed_policies.txt");
/// The first words of statements.
const VERBS: [&str; 3] = ["allow", "allow-but", "deny"];

/// All AWS managed policies, by ARN.
static ALL: LazyLock<BTreeMap<String, ManagedPolicy>> = LazyLock::new(|| {
    let rows = ROWS.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(managed).map(|managed| (managed.arn.clone(), managed)).collect()
});

fn managed(row: &'static str) -> Option<ManagedPolicy> {
    let words: Vec<&str> = row.split(' ').collect();
    let (whole, words) = words.split_first()?;
    let statements: Option<Vec<Value>> = words.chunk_by(|_, next| !VERBS.contains(next)).map(statement).collect();
    let document = json!({ "Version": "2012-10-17", "Statement": statements? }).to_string();
    let policy = Policy::managed(&document).ok()?;
    let name = whole.rsplit('/').next()?;
    let arn = format!("arn:aws:iam::aws:policy/{whole}");
    let named = Named {
        account: "aws".to_owned(),
        name: name.to_owned(),
        path: format!("/{}", whole.strip_suffix(name)?),
        unique_id: unique_id(name, &arn),
        created: CREATED,
        tags: Tags::new(),
    };
    let versions = BTreeMap::from([(1, PolicyVersion { policy, created: CREATED })]);
    Some(ManagedPolicy { arn, named, description: None, updated: CREATED, versions, default: 1, last: 1 })
}

/// The unique id of a policy, which is derived from its name.
fn unique_id(name: &str, arn: &str) -> String {
    let hashes = [name, arn].map(|text| fnv1a(FNV_OFFSET, text));
    format!("ANPA{}", hashes.into_iter().flat_map(letters).take(17).collect::<String>())
}

fn statement(words: &[&str]) -> Option<Value> {
    let (verb, rest) = words.split_first()?;
    let (actions, resource) = match rest {
        [actions @ .., "on", resource] => (actions, *resource),
        actions => (actions, "*"),
    };
    let (effect, element) = match *verb {
        "allow" => ("Allow", "Action"),
        "allow-but" => ("Allow", "NotAction"),
        "deny" => ("Deny", "Action"),
        _ => return None,
    };
    Some(json!({ "Effect": effect, element: actions, "Resource": resource }))
}

/// AWS's policy with that ARN.
fn aws_managed(arn: &str) -> Option<&'static ManagedPolicy> {
    ALL.get(arn)
}

/// AWS's policy with that name.
fn named(name: &str) -> Option<&'static ManagedPolicy> {
    all().find(|one| one.named.name == name)
}

/// All AWS managed policies.
pub fn all<'a>() -> impl Iterator<Item = &'a ManagedPolicy> {
    ALL.values()
}

impl Model {
    /// The policy with that ARN, if the account may use it: its own or AWS's.
    pub fn policy_in(&self, account: &str, arn: &str) -> Result<&ManagedPolicy> {
        let own = self.managed_policies.get(arn).filter(|policy| policy.named.account == account);
        own.or_else(|| aws_managed(arn)).ok_or_else(|| Error::NoSuchPolicy { arn: arn.to_owned() })
    }

    /// The document of a managed policy's default version. The policy may be an account's or AWS's.
    pub fn policy_document(&self, arn: &str) -> Option<&Document> {
        self.managed_policies.get(arn).or_else(|| aws_managed(arn)).and_then(ManagedPolicy::document)
    }

    /// The ARN for a policy's name in a file of accounts: the account's own policy, or AWS's.
    pub fn policy_called(&self, account: &str, name: &str) -> Option<String> {
        let own = self.managed_policies.iter().find(|one| one.named.account == account && one.named.name == name);
        own.map(|policy| policy.arn.clone()).or_else(|| named(name).map(|managed| managed.arn.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_is_a_policy_with_an_id_of_its_own() {
        let rows = ROWS.lines().filter(|line| !line.starts_with('#')).count();
        let ids: BTreeSet<String> = all().map(|one| one.named.unique_id.clone()).collect();
        assert_eq!((all().count(), ids.len()), (rows, rows));
        assert!(ids.iter().all(|id| id.len() == 21));
    }

    #[test]
    fn a_row_has_a_path_and_several_statements() {
        let role = aws_managed("arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceRole").unwrap();
        let (name, path) = (role.named.name.as_str(), role.named.path.as_str());
        assert_eq!((name, path), ("AmazonEC2ContainerServiceRole", "/service-role/"));
        assert_eq!(role.named.arn("policy"), role.arn);
        let text = |name: &str| named(name).unwrap().versions[&1].policy.text();
        let power = named("PowerUserAccess").unwrap();
        assert!(power.named.path == "/" && text("PowerUserAccess").contains(r#""NotAction":["iam:*""#));
        assert_eq!(power.document().unwrap().statements.len(), 2);
        assert!(text("IAMUserSSHKeys").contains(r#""Resource":"arn:aws:iam::*:user/${aws:username}""#));
        assert!(text("AWSDenyAll").contains(r#""Effect":"Deny""#));
    }
}
