//! Users, groups and roles, which IAM calls identities.

use super::name::{Named, check, check_path, check_tags, key};
use super::{Credentials, Error, Policy, Result};
use crate::{Model, Row, Tags, Time};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The path of service-linked roles. No other role has it.
pub(super) const LINKED: &str = "/aws-service-role/";

/// The kinds of identities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Users.
    User,
    /// Groups of users.
    Group,
    /// Roles.
    Role,
}

/// A user, a group or a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// `user/111122223333/alice`
    pub id: String,
    /// Its name, path and tags.
    pub named: Named,
    /// Its inline policies by name.
    pub inline: BTreeMap<String, Policy>,
    /// The ARNs of managed policies that are attached.
    pub attached: BTreeSet<String>,
    /// The ARN of the managed policy that is its permissions boundary.
    #[serde(default)]
    pub boundary: Option<String>,
    /// The properties of its kind.
    pub of: Of,
}

/// The properties of a kind of identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Of {
    /// A user.
    User {
        /// The names of the user's groups.
        groups: BTreeSet<String>,
        /// Its credentials besides access keys.
        #[serde(default)]
        credentials: Credentials,
    },
    /// A group.
    Group,
    /// A role.
    Role(Role),
}

/// The properties of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The trust policy.
    pub trust: Policy,
    /// Its description.
    pub description: Option<String>,
    /// The maximum session duration.
    pub longest: Duration,
}

impl Of {
    /// A new user, without groups and credentials.
    pub fn new_user() -> Of {
        Of::User { groups: BTreeSet::new(), credentials: Credentials::default() }
    }
}

impl Row for Identity {
    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<String> {
        vec![self.named.unique_id.clone()]
    }
}

impl Class {
    /// The word for it in ARNs and messages: `user`.
    pub fn noun(self) -> &'static str {
        match self {
            Class::User => "user",
            Class::Group => "group",
            Class::Role => "role",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Class::User => "User",
            Class::Group => "Group",
            Class::Role => "Role",
        }
    }

    /// The prefix of unique ids of this kind.
    fn prefix(self) -> &'static str {
        match self {
            Class::User => "AIDA",
            Class::Group => "AGPA",
            Class::Role => "AROA",
        }
    }

    fn field(self) -> (&'static str, usize) {
        match self {
            Class::User => ("userName", 64),
            Class::Group => ("groupName", 128),
            Class::Role => ("roleName", 64),
        }
    }

    pub(super) fn key(self, account: &str, name: &str) -> String {
        format!("{}/{}", self.noun(), key(account, name))
    }
}

impl Identity {
    /// Its kind.
    pub fn class(&self) -> Class {
        match self.of {
            Of::User { .. } => Class::User,
            Of::Group => Class::Group,
            Of::Role(_) => Class::Role,
        }
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        self.named.arn(self.class().noun())
    }

    /// The names of its groups.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        let groups = match &self.of {
            Of::User { groups, .. } => Some(groups),
            _ => None,
        };
        groups.into_iter().flatten().map(String::as_str)
    }

    /// Whether it is a service-linked role.
    pub(super) fn is_service_linked(&self) -> bool {
        self.class() == Class::Role && self.named.path.starts_with(LINKED)
    }

    /// Checks that it is not a service-linked role, which cannot be changed.
    pub(super) fn check_unlinked(&self) -> Result<()> {
        if self.is_service_linked() { Err(Error::Protected { name: self.named.name.clone() }) } else { Ok(()) }
    }

    /// The properties of a role, if it is one.
    pub fn role(&self) -> Option<&Role> {
        match &self.of {
            Of::Role(role) => Some(role),
            _ => None,
        }
    }
}

impl Model {
    /// CreateUser, CreateGroup, CreateRole.
    pub fn create_identity(
        &mut self,
        account: &str,
        now: Time,
        (name, path): (&str, Option<&str>),
        tags: Tags,
        of: Of,
    ) -> Result<&Identity> {
        let class = match of {
            Of::User { .. } => Class::User,
            Of::Group => Class::Group,
            Of::Role(_) => Class::Role,
        };
        let (field, most) = class.field();
        let path = path.unwrap_or("/");
        check(field, name, most)?;
        check_path(path)?;
        check_tags(&tags)?;
        let id = class.key(account, name);
        if self.identities.get(&id).is_some() {
            return Err(Error::Exists { noun: class.title(), name: name.to_owned() });
        }
        let unique_id = self.unique_id(class.prefix(), 17);
        let (account, name, path) = (account.to_owned(), name.to_owned(), path.to_owned());
        let named = Named { account, name, path, unique_id, created: now, tags };
        let (inline, attached) = (BTreeMap::new(), BTreeSet::new());
        self.identities.insert(Identity { id: id.clone(), named, inline, attached, boundary: None, of });
        self.identities.get(&id).ok_or_else(|| no_such(class, &id))
    }

    /// The identity of that kind and name.
    pub fn identity(&self, account: &str, class: Class, name: &str) -> Result<&Identity> {
        self.identities.get(&class.key(account, name)).ok_or_else(|| no_such(class, name))
    }

    /// The identity of that kind and name, to be changed.
    pub(super) fn identity_mut(&mut self, account: &str, class: Class, name: &str) -> Result<&mut Identity> {
        let id = class.key(account, name);
        self.check_undeclared(&id)?;
        self.identities.get_mut(&id).ok_or_else(|| no_such(class, name))
    }

    /// The identity of that kind and name, to change its permissions.
    pub(super) fn permissions_mut(&mut self, account: &str, class: Class, name: &str) -> Result<&mut Identity> {
        let identity = self.identity_mut(account, class, name)?;
        identity.check_unlinked()?;
        Ok(identity)
    }

    /// A user's credentials besides access keys.
    pub fn credentials(&self, account: &str, user: &str) -> Result<&Credentials> {
        match &self.identity(account, Class::User, user)?.of {
            Of::User { credentials, .. } => Ok(credentials),
            _ => Err(no_such(Class::User, user)),
        }
    }

    /// A user's credentials besides access keys, to be changed.
    pub(super) fn credentials_mut(&mut self, account: &str, user: &str) -> Result<&mut Credentials> {
        match &mut self.identity_mut(account, Class::User, user)?.of {
            Of::User { credentials, .. } => Ok(credentials),
            _ => Err(no_such(Class::User, user)),
        }
    }

    /// The identities of a kind below a path, sorted by name.
    pub fn identities_of<'m>(
        &'m self,
        account: &'m str,
        class: Class,
        path: &'m str,
    ) -> impl Iterator<Item = &'m Identity> {
        let wanted = move |one: &&Identity| one.named.account == account && one.named.path.starts_with(path);
        self.identities.iter().filter(move |one| one.class() == class).filter(wanted)
    }

    /// UpdateUser, UpdateGroup: a new name or path. References to it are updated.
    pub fn rename_identity(
        &mut self,
        account: &str,
        class: Class,
        name: &str,
        (new_name, new_path): (Option<&str>, Option<&str>),
    ) -> Result<()> {
        let mut identity = self.identity(account, class, name)?.clone();
        self.check_undeclared(&identity.id)?;
        let old = std::mem::replace(&mut identity.named.name, new_name.unwrap_or(name).to_owned());
        if let Some(path) = new_path {
            check_path(path)?;
            path.clone_into(&mut identity.named.path);
        }
        let (field, most) = class.field();
        check(field, &identity.named.name, most)?;
        let id = class.key(account, &identity.named.name);
        if id != identity.id && self.identities.get(&id).is_some() {
            return Err(Error::Exists { noun: class.title(), name: identity.named.name });
        }
        let new = identity.named.name.clone();
        self.identities.remove(&identity.id);
        self.rename_in_sessions(&identity.id, &new);
        self.identities.insert(Identity { id, ..identity });
        match class {
            Class::User => {
                self.access_keys.update(
                    |key| key.account == account && key.user.as_deref() == Some(&old),
                    |key| key.user = Some(new.clone()),
                );
                self.mfa_devices.update(
                    |device| device.account == account && device.holder.as_ref().is_some_and(|(has, _)| *has == old),
                    |device| device.holder = device.holder.take().map(|(_, since)| (new.clone(), since)),
                );
            }
            Class::Group => self.rename_group(account, &old, &new)?,
            Class::Role => {}
        }
        Ok(())
    }

    /// DeleteUser, DeleteGroup, DeleteRole. Dependent entities must be deleted first. Sessions end.
    pub fn delete_identity(&mut self, account: &str, class: Class, name: &str) -> Result<()> {
        let identity = self.identity(account, class, name)?;
        self.check_undeclared(&identity.id)?;
        identity.check_unlinked()?;
        let (id, name) = (identity.id.clone(), identity.named.name.clone());
        let unique_id = identity.named.unique_id.clone();
        if !identity.attached.is_empty() {
            return Err(Error::HasAttached {});
        }
        if !identity.inline.is_empty() {
            return Err(Error::HasPolicies {});
        }
        if let Of::User { credentials, .. } = &identity.of
            && let Some(why) = credentials.in_the_way()
        {
            return Err(why);
        }
        match class {
            Class::User if self.mfa_devices_with(account, &name).next().is_some() => {
                return Err(Error::HasCredentials { what: "MFA device" });
            }
            Class::User if identity.groups().next().is_some() => return Err(Error::HasGroups {}),
            Class::User if self.keys_of(account, Some(&name)).next().is_some() => return Err(Error::HasKeys {}),
            Class::Group if self.users_in(account, &name).next().is_some() => return Err(Error::HasGroups {}),
            Class::Role if self.profiles_with(account, &name).next().is_some() => return Err(Error::HasProfiles {}),
            _ => {}
        }
        self.identities.remove(&id);
        self.end_sessions(&id);
        self.forget_uses(&unique_id);
        Ok(())
    }
}

fn no_such(class: Class, name: &str) -> Error {
    Error::NoSuch { noun: class.noun(), name: name.to_owned() }
}
