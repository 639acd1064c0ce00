//! Instance profiles, which give instances a role.

use super::name::{Named, check, check_path, check_tags, key};
use super::{Class, Error, Result};
use crate::{Model, Row, Tags, Time};
use serde::{Deserialize, Serialize};

/// An instance profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// `111122223333/web`
    pub id: String,
    /// Its name, path and tags.
    pub named: Named,
    /// The name of its role.
    pub role: Option<String>,
}

impl Row for InstanceProfile {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Model {
    /// CreateInstanceProfile.
    pub fn create_instance_profile(
        &mut self,
        account: &str,
        now: Time,
        (name, path): (&str, Option<&str>),
        tags: Tags,
    ) -> Result<&InstanceProfile> {
        let path = path.unwrap_or("/");
        check("instanceProfileName", name, 128)?;
        check_path(path)?;
        check_tags(&tags)?;
        if self.instance_profile(account, name).is_ok() {
            return Err(Error::ProfileExists { name: name.to_owned() });
        }
        let unique_id = self.unique_id("AIPA", 17);
        let (owner, called, path) = (account.to_owned(), name.to_owned(), path.to_owned());
        let named = Named { account: owner, name: called, path, unique_id, created: now, tags };
        self.instance_profiles.insert(InstanceProfile { id: named.key(), named, role: None });
        self.instance_profile(account, name)
    }

    /// The instance profile with that name.
    pub fn instance_profile(&self, account: &str, name: &str) -> Result<&InstanceProfile> {
        self.instance_profiles.get(&key(account, name)).ok_or_else(|| no_such(name))
    }

    pub(super) fn instance_profile_mut(&mut self, account: &str, name: &str) -> Result<&mut InstanceProfile> {
        self.instance_profiles.get_mut(&key(account, name)).ok_or_else(|| no_such(name))
    }

    /// DeleteInstanceProfile.
    pub fn delete_instance_profile(&mut self, account: &str, name: &str) -> Result<()> {
        let profile = self.instance_profile(account, name)?;
        if profile.role.is_some() {
            return Err(Error::HasProfiles {});
        }
        let id = profile.id.clone();
        self.instance_profiles.remove(&id);
        Ok(())
    }

    /// AddRoleToInstanceProfile: a profile has one.
    pub fn add_role_to_profile(&mut self, account: &str, name: &str, role: &str) -> Result<()> {
        let role = self.identity(account, Class::Role, role)?;
        role.check_unlinked()?;
        let role = role.named.name.clone();
        let profile = self.instance_profile_mut(account, name)?;
        if profile.role.is_some() {
            return Err(Error::ProfileFull {});
        }
        profile.role = Some(role);
        Ok(())
    }

    /// RemoveRoleFromInstanceProfile.
    pub fn remove_role_from_profile(&mut self, account: &str, name: &str, role: &str) -> Result<()> {
        let profile = self.instance_profile_mut(account, name)?;
        if profile.role.as_deref() != Some(role) {
            return Err(Error::NotInProfile { role: role.to_owned(), profile: name.to_owned() });
        }
        profile.role = None;
        Ok(())
    }

    /// The profiles with a role.
    pub fn profiles_with<'m>(&'m self, account: &'m str, role: &'m str) -> impl Iterator<Item = &'m InstanceProfile> {
        let gives = move |one: &&InstanceProfile| one.named.account == account && one.role.as_deref() == Some(role);
        self.instance_profiles.iter().filter(gives)
    }
}

fn no_such(name: &str) -> Error {
    Error::NoSuchProfile { name: name.to_owned() }
}
