//! Users in groups.

use super::quota::check_groups;
use super::{Class, Identity, Of, Result};
use crate::Model;
use std::collections::BTreeSet;

impl Model {
    /// AddUserToGroup.
    pub fn add_user_to_group(&mut self, account: &str, user: &str, group: &str) -> Result<()> {
        let held = self.identity(account, Class::User, user)?;
        let group = self.identity(account, Class::Group, group)?.named.name.clone();
        check_groups(held, &group)?;
        self.groups_mut(account, user, |groups| groups.insert(group))
    }

    /// RemoveUserFromGroup.
    pub fn remove_user_from_group(&mut self, account: &str, user: &str, group: &str) -> Result<()> {
        self.identity(account, Class::User, user)?;
        let group = self.identity(account, Class::Group, group)?.named.name.clone();
        self.groups_mut(account, user, |groups| groups.remove(&group))
    }

    /// The users in a group, by name.
    pub fn users_in<'m>(&'m self, account: &'m str, group: &'m str) -> impl Iterator<Item = &'m Identity> {
        let inside = move |user: &&Identity| user.groups().any(|name| name.eq_ignore_ascii_case(group));
        self.identities_of(account, Class::User, "/").filter(inside)
    }

    /// Renames the group in its users.
    pub(super) fn rename_group(&mut self, account: &str, old: &str, new: &str) -> Result<()> {
        let users: Vec<String> = self.users_in(account, old).map(|user| user.named.name.clone()).collect();
        for user in users {
            self.groups_mut(account, &user, |groups| groups.remove(old) && groups.insert(new.to_owned()))?;
        }
        Ok(())
    }

    fn groups_mut(
        &mut self,
        account: &str,
        user: &str,
        change: impl FnOnce(&mut BTreeSet<String>) -> bool,
    ) -> Result<()> {
        if let Of::User { groups, .. } = &mut self.identity_mut(account, Class::User, user)?.of {
            change(groups);
        }
        Ok(())
    }
}
