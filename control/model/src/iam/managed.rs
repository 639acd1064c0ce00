//! AWS's managed policies, as far as they are named where networks are built.

use super::Policy;
use super::name::letters;
use crate::fnv::{FNV_OFFSET, fnv1a};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One of them.
#[derive(Debug)]
pub struct AwsManaged {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: &'static str,
    /// Its document.
    pub policy: Policy,
}

/// One policy a line: path and name, then the statements.
const ROWS: &str = include_str!("managed_policies.txt");
/// The first words of statements.
const VERBS: [&str; 3] = ["allow", "allow-but", "deny"];

/// All of them, by ARN.
static ALL: LazyLock<BTreeMap<String, AwsManaged>> = LazyLock::new(|| {
    let rows = ROWS.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(managed).map(|managed| (managed.arn.clone(), managed)).collect()
});

fn managed(row: &'static str) -> Option<AwsManaged> {
    let words: Vec<&str> = row.split(' ').collect();
    let (whole, words) = words.split_first()?;
    let statements: Option<Vec<Value>> = words.chunk_by(|_, next| !VERBS.contains(next)).map(statement).collect();
    let document = json!({ "Version": "2012-10-17", "Statement": statements? }).to_string();
    let policy = Policy::managed(&document).ok()?;
    Some(AwsManaged { arn: format!("arn:aws:iam::aws:policy/{whole}"), name: whole.rsplit('/').next()?, policy })
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

impl AwsManaged {
    /// Its path: `/`, or `/service-role/`.
    pub fn path(&self) -> &str {
        let whole = self.arn.split_once(":policy").map_or("/", |(_, whole)| whole);
        whole.strip_suffix(self.name).unwrap_or("/")
    }

    /// Its id, which follows from its name.
    pub fn unique_id(&self) -> String {
        let hashes = [self.name, &self.arn].map(|text| fnv1a(FNV_OFFSET, text));
        format!("ANPA{}", hashes.into_iter().flat_map(letters).take(17).collect::<String>())
    }
}

/// AWS's policy with that ARN.
pub fn aws_managed(arn: &str) -> Option<&'static AwsManaged> {
    ALL.get(arn)
}

/// AWS's policy of that name.
pub(super) fn named(name: &str) -> Option<&'static AwsManaged> {
    all().find(|one| one.name == name)
}

/// All of them.
pub fn all() -> impl Iterator<Item = &'static AwsManaged> {
    ALL.values()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_is_a_policy_with_an_id_of_its_own() {
        let rows = ROWS.lines().filter(|line| !line.starts_with('#')).count();
        let ids: BTreeSet<String> = all().map(AwsManaged::unique_id).collect();
        assert_eq!((all().count(), ids.len()), (rows, rows));
        assert!(ids.iter().all(|id| id.len() == 21));
    }

    #[test]
    fn a_row_has_a_path_and_several_statements() {
        let role = aws_managed("arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceRole").unwrap();
        assert_eq!((role.name, role.path()), ("AmazonEC2ContainerServiceRole", "/service-role/"));
        let power = named("PowerUserAccess").unwrap();
        assert!(power.path() == "/" && power.policy.text().contains(r#""NotAction":["iam:*""#));
        assert_eq!(power.policy.document().statements.len(), 2);
        let own = named("IAMUserSSHKeys").unwrap();
        assert!(own.policy.text().contains(r#""Resource":"arn:aws:iam::*:user/${aws:username}""#));
        assert!(named("AWSDenyAll").unwrap().policy.text().contains(r#""Effect":"Deny""#));
    }
}
