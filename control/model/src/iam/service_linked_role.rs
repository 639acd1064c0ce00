//! Service-linked roles.

use super::identity::LINKED;
use super::{Class, Error, Identity, Of, Policy, Result, Role};
use crate::{Model, Tags, Time};

/// The roles of services ("AWS services that work with IAM", IAM's guide).
const KNOWN: &str = include_str!("service_linked_roles.txt");

/// The descriptions of roles whose services give them one.
const DESCRIBED: [(&str, &str); 2] = [
    ("rds", "Allows Amazon RDS to manage AWS resources on your behalf"),
    ("ssm", "Provides access to AWS Resources managed or used by Amazon SSM."),
];

/// The properties of a service's role.
struct Known<'k> {
    name: &'k str,
    policy: &'k str,
    /// Whether an account may have several, which differ by a suffix.
    several: bool,
}

fn known(service: &str) -> Option<Known<'static>> {
    let rows = KNOWN.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(' ').collect::<Vec<_>>());
    rows.into_iter().find_map(|row| match row.as_slice() {
        [of, name, policy, more @ ..] if *of == service => Some(Known { name, policy, several: !more.is_empty() }),
        _ => None,
    })
}

/// The trust policy in the form of the creation's reply, which has lists.
pub fn trust_in_lists(service: &str) -> String {
    serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": { "Service": [service] } }],
    })
    .to_string()
}

/// `some-thing` as `SomeThing`.
fn title(words: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        format!("{}{rest}", first.to_uppercase())
    };
    words.split(['-', '.']).map(capital).collect()
}

/// The name and the path of a service's role.
///
/// # Errors
/// If no service of AWS is called so, or its roles have no suffix.
pub fn name_and_path(service: &str, suffix: Option<&str>) -> Result<(String, String)> {
    let bare = service.strip_suffix(".amazonaws.com").filter(|bare| !bare.is_empty());
    let bare = bare.ok_or_else(|| Error::BadValue { field: "awsServiceName", value: service.to_owned() })?;
    let known = known(bare);
    if suffix.is_some() && known.as_ref().is_some_and(|known| !known.several) {
        return Err(Error::NoSuffix { service: service.to_owned() });
    }
    let own = known.map_or_else(|| title(bare), |known| known.name.to_owned());
    let suffix = suffix.map(|suffix| format!("_{suffix}")).unwrap_or_default();
    Ok((format!("AWSServiceRoleFor{own}{suffix}"), format!("{LINKED}{service}/")))
}

impl Model {
    /// CreateServiceLinkedRole.
    pub fn create_service_linked_role(
        &mut self,
        account: &str,
        now: Time,
        (service, suffix): (&str, Option<&str>),
        description: Option<String>,
    ) -> Result<&Identity> {
        let (name, path) = name_and_path(service, suffix)?;
        let bare = service.trim_end_matches(".amazonaws.com");
        if self.identity(account, Class::Role, &name).is_ok() {
            return Err(Error::ServiceRoleTaken { name });
        }
        let trust = serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole" }],
        });
        let usual = || DESCRIBED.iter().find(|(of, _)| *of == bare).map(|(_, text)| (*text).to_owned());
        let description = description.or_else(usual);
        let role = Role { trust: Policy::of_trust(&trust.to_string())?, description, longest: Role::DEFAULT };
        let id = self.create_identity(account, now, (&name, Some(&path)), Tags::new(), Of::Role(role))?.id.clone();
        if let (Some(known), Some(role)) = (known(bare), self.identities.get_mut(&id)) {
            role.attached.insert(format!("arn:aws:iam::aws:policy{LINKED}{}", known.policy));
        }
        self.identity(account, Class::Role, &name)
    }

    /// DeleteServiceLinkedRole. Returns the id of the deletion, which is complete at once.
    pub fn delete_service_linked_role(&mut self, account: &str, name: &str) -> Result<String> {
        let role = self.identity(account, Class::Role, name)?;
        if !role.is_service_linked() {
            return Err(Error::NotServiceLinked { name: name.to_owned() });
        }
        let (id, path, name) = (role.id.clone(), role.named.path.clone(), role.named.name.clone());
        self.identities.remove(&id);
        self.end_sessions(&id);
        Ok(format!("task{path}{name}/{}", self.new_uuid()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_has_a_role_and_its_policy() {
        let rows: Vec<&str> = KNOWN.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(rows.is_sorted(), "{rows:?}");
        assert!(rows.iter().all(|row| (3..=4).contains(&row.split(' ').count())), "{rows:?}");
        assert!(known("autoscaling").is_some_and(|known| known.several && known.name == "AutoScaling"));
        assert!(known("#").is_none());
        assert_eq!(title("some-thing.else"), "SomeThingElse");
    }
}
