//! Changes of roles.

use super::{Class, Error, Of, Policy, Result, Role};
use crate::Model;
use std::time::Duration;

impl Role {
    /// The default session duration.
    pub const DEFAULT: Duration = Duration::from_secs(3600);

    /// Checks a maximum session duration: from one hour to twelve.
    pub fn check_longest(seconds: i32) -> Result<Duration> {
        match u64::try_from(seconds) {
            Ok(seconds @ 3600..=43_200) => Ok(Duration::from_secs(seconds)),
            _ => Err(Error::BadValue { field: "maxSessionDuration", value: seconds.to_string() }),
        }
    }
}

impl Model {
    /// UpdateAssumeRolePolicy.
    pub fn set_trust(&mut self, account: &str, name: &str, trust: Policy) -> Result<()> {
        if let Of::Role(role) = &mut self.permissions_mut(account, Class::Role, name)?.of {
            role.trust = trust;
        }
        Ok(())
    }

    /// UpdateRole, UpdateRoleDescription.
    pub fn update_role(&mut self, account: &str, name: &str, change: impl FnOnce(&mut Role)) -> Result<()> {
        if let Of::Role(role) = &mut self.identity_mut(account, Class::Role, name)?.of {
            change(role);
        }
        Ok(())
    }
}
