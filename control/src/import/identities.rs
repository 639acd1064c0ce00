//! Users, groups and roles of IAM with their policies, and instance profiles, as `aws iam get-account-authorization-details`
//! prints them. What that does not print of roles and profiles, `aws iam list-roles` and `list-instance-profiles` do.

use super::Importer;
use super::form::{listed, tags, text};
use model::iam::{Class, Identity, ManagedPolicy, Named, Of, Policy, PolicyVersion, Role};
use model::{Scope, Time};
use percent_encoding::percent_decode_str;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The lists that describe them, in an order in which each refers only to earlier ones.
pub const LISTS: [&str; 6] =
    ["Policies", "GroupDetailList", "UserDetailList", "RoleDetailList", "Roles", "InstanceProfiles"];

/// The numbers that versions of a managed policy may have, so that there is always a next one.
const VERSION_NUMBERS: Range<u32> = 1..u32::MAX;

impl Importer<'_> {
    /// Makes the identities of all accounts.
    pub(super) fn identities(&mut self, items: &[(Scope, &'static str, Json)]) {
        for list in LISTS {
            for (scope, _, item) in items.iter().filter(|(_, of, _)| *of == list) {
                let account = &scope.account;
                let made = match list {
                    "Policies" => self.managed_policy(account, item),
                    "GroupDetailList" => self.identity(account, Class::Group, item),
                    "UserDetailList" => self.identity(account, Class::User, item),
                    "RoleDetailList" => self.role(account, item),
                    "Roles" => self.role_of_list(account, item),
                    _ => self.instance_profile(account, item),
                };
                if let Err(why) = made {
                    self.leave_out(format!("{}: {why}", arn(item).unwrap_or_else(|| format!("one of {list}"))));
                }
            }
        }
    }

    /// A policy of the account's own. Those of AWS are here already.
    fn managed_policy(&mut self, account: &str, item: &Json) -> Result<(), String> {
        if arn(item).is_some_and(|arn| arn.contains(":iam::aws:")) {
            return Ok(());
        }
        let (versions, default) = self.versions(item)?;
        let policy = versions.get(&default).ok_or("its default version is not in the files")?.policy.clone();
        let (name, path, created) = (name(item, "/PolicyName")?, text(item, "/Path"), self.created(item));
        let (named, told) = ((name.as_str(), path.as_deref()), (policy, text(item, "/Description")));
        let made = self.model.create_policy(account, created, named, told, tags(&item["Tags"]));
        let mut row: ManagedPolicy = made.map_err(|why| why.to_string())?.clone();
        keep_id(&mut row.named, item, "/PolicyId");
        row.updated = time(item, "/UpdateDate").unwrap_or(created);
        row.last = versions.keys().copied().max().unwrap_or(default);
        (row.versions, row.default) = (versions, default);
        self.model.managed_policies.adopt(row);
        Ok(())
    }

    /// The versions of a managed policy by number, and the number of the default one.
    fn versions(&self, item: &Json) -> Result<(BTreeMap<u32, PolicyVersion>, u32), String> {
        let number =
            |id: String| id.strip_prefix('v')?.parse::<u32>().ok().filter(|number| VERSION_NUMBERS.contains(number));
        let mut versions = BTreeMap::new();
        for version in items(item, "/PolicyVersionList") {
            let id = text(version, "/VersionId").and_then(number).ok_or("one of its versions has no id")?;
            let document = document(version, "/Document").ok_or("one of its versions has no document")?;
            let policy = Policy::managed(&document).map_err(|why| why.to_string())?;
            versions.insert(id, PolicyVersion { policy, created: self.created(version) });
        }
        let default = text(item, "/DefaultVersionId").and_then(number);
        Ok((versions, default.ok_or("its default version is not told")?))
    }

    /// A user, a group or a role, with its policies.
    fn identity(&mut self, account: &str, class: Class, item: &Json) -> Result<(), String> {
        let (word, of) = match class {
            Class::User => ("User", Of::new_user()),
            Class::Group => ("Group", Of::Group),
            Class::Role => ("Role", Of::Role(role(item)?)),
        };
        let (name, path, created) = (name(item, &format!("/{word}Name"))?, text(item, "/Path"), self.created(item));
        let named = (name.as_str(), path.as_deref());
        let made = self.model.create_identity(account, created, named, tags(&item["Tags"]), of);
        let mut row = made.map_err(|why| why.to_string())?.clone();
        keep_id(&mut row.named, item, &format!("/{word}Id"));
        let attached = listed(item, "/AttachedManagedPolicies", "/PolicyArn", "").into_iter().map(|(_, arn)| arn);
        row.attached = attached.filter(|arn| self.is_usable(&row, arn)).collect();
        let boundary = text(item, "/PermissionsBoundary/PermissionsBoundaryArn");
        row.boundary = boundary.filter(|arn| self.is_usable(&row, arn));
        self.add_to_groups(&mut row, item);
        self.model.identities.adopt(row);
        for policy in items(item, &format!("/{word}PolicyList")) {
            self.put_inline(account, class, &name, policy);
        }
        Ok(())
    }

    /// Gives an identity an inline policy.
    fn put_inline(&mut self, account: &str, class: Class, name: &str, told: &Json) {
        let policy = text(told, "/PolicyName").unwrap_or_default();
        let put = match document(told, "/PolicyDocument") {
            Some(document) => self.model.put_inline(account, class, name, &policy, &document),
            None => return self.leave_out(format!("{} {name}: its policy {policy} has no document", class.noun())),
        };
        if let Err(why) = put {
            self.leave_out(format!("{} {name}: its policy {policy}: {why}", class.noun()));
        }
    }

    /// Whether an identity's account has a managed policy. Otherwise it is left out.
    fn is_usable(&mut self, row: &Identity, policy: &str) -> bool {
        let is_usable = self.model.policy_in(&row.named.account, policy).is_ok();
        if !is_usable {
            self.leave_out(format!("{}: its policy {policy}, which is not known here", row.arn()));
        }
        is_usable
    }

    /// Puts a user into its groups.
    fn add_to_groups(&mut self, row: &mut Identity, item: &Json) {
        let mut known = BTreeSet::new();
        for (_, group) in listed(item, "/GroupList", "", "") {
            match self.model.identity(&row.named.account, Class::Group, &group).map(|group| group.named.name.clone()) {
                Ok(name) => _ = known.insert(name),
                Err(_) => self.leave_out(format!("{}: its group {group} is not in the files", row.arn())),
            }
        }
        if let Of::User { groups, .. } = &mut row.of {
            *groups = known;
        }
    }

    /// A role, with the instance profiles that have it.
    fn role(&mut self, account: &str, item: &Json) -> Result<(), String> {
        self.identity(account, Class::Role, item)?;
        for profile in items(item, "/InstanceProfileList") {
            self.instance_profile(account, profile)?;
        }
        Ok(())
    }

    /// A role without its policies. If it is there already, it gets what only this list has.
    fn role_of_list(&mut self, account: &str, item: &Json) -> Result<(), String> {
        let name = name(item, "/RoleName")?;
        if self.model.identity(account, Class::Role, &name).is_err() {
            self.identity(account, Class::Role, item)?;
            return Err(
                "its policies are not in the files; `aws iam get-account-authorization-details` has them".into()
            );
        }
        let told = role(item)?;
        self.model.update_role(account, &name, |role| *role = told).map_err(|why| why.to_string())
    }

    /// An instance profile, unless it is there already.
    fn instance_profile(&mut self, account: &str, item: &Json) -> Result<(), String> {
        // Other services have instance profiles, too.
        text(item, "/InstanceProfileId").ok_or("it is no instance profile of IAM: it has no InstanceProfileId")?;
        let (name, path, created) = (name(item, "/InstanceProfileName")?, text(item, "/Path"), self.created(item));
        if self.model.instance_profile(account, &name).is_ok() {
            return Ok(());
        }
        let named = (name.as_str(), path.as_deref());
        let made = self.model.create_instance_profile(account, created, named, tags(&item["Tags"]));
        let mut row = made.map_err(|why| why.to_string())?.clone();
        keep_id(&mut row.named, item, "/InstanceProfileId");
        let role = text(item, "/Roles/0/RoleName");
        let found = role.as_ref().and_then(|role| self.model.identity(account, Class::Role, role).ok());
        row.role = found.map(|role| role.named.name.clone());
        let is_lost = role.is_some() && row.role.is_none();
        self.model.instance_profiles.adopt(row);
        if is_lost { Err("its role is not in the files".to_owned()) } else { Ok(()) }
    }

    fn created(&self, item: &Json) -> Time {
        time(item, "/CreateDate").unwrap_or(self.now)
    }
}

/// The properties of a role.
fn role(item: &Json) -> Result<Role, String> {
    let trust = document(item, "/AssumeRolePolicyDocument").ok_or("it does not say who may assume it")?;
    let longest = text(item, "/MaxSessionDuration").and_then(|seconds| seconds.parse().ok());
    Ok(Role {
        trust: Policy::of_trust(&trust).map_err(|why| why.to_string())?,
        description: text(item, "/Description"),
        longest: longest.and_then(|seconds| Role::check_longest(seconds).ok()).unwrap_or(Role::DEFAULT),
    })
}

/// A policy as text. The aws command line prints it as JSON; the API has it encoded as in an URL.
fn document(item: &Json, pointer: &str) -> Option<String> {
    match item.pointer(pointer)? {
        Json::String(text) if text.starts_with('%') => percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned),
        Json::String(text) => Some(text.clone()),
        document => Some(document.to_string()),
    }
}

/// Takes a unique id over.
fn keep_id(named: &mut Named, item: &Json, pointer: &str) {
    let is_id = |id: &String| (16..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if let Some(id) = text(item, pointer).filter(is_id) {
        named.unique_id = id;
    }
}

fn arn(item: &Json) -> Option<String> {
    text(item, "/Arn")
}

fn name(item: &Json, pointer: &str) -> Result<String, String> {
    text(item, pointer).ok_or_else(|| "it has no name".to_owned())
}

fn time(item: &Json, pointer: &str) -> Option<Time> {
    text(item, pointer)?.parse().ok()
}

fn items<'j>(item: &'j Json, list: &str) -> impl Iterator<Item = &'j Json> {
    item.pointer(list).and_then(Json::as_array).into_iter().flatten()
}
