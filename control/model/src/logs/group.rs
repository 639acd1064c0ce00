//! Log groups.

use super::name::{check_group, check_length};
use super::{Error, Result, group_arn, tags};
use crate::words::words;
use crate::{Caller, Model, Row, Scope, Tags, Time};
use serde::{Deserialize, Serialize};

words! {
    /// The class of a log group, which never changes.
    LogGroupClass {
        Standard "STANDARD",
        InfrequentAccess "INFREQUENT_ACCESS",
        Delivery "DELIVERY",
        Essentials "ESSENTIALS",
    }
}

/// The greatest number of log groups of an account in a Region. AWS allows a million.
const MOST: usize = 10_000;
/// The greatest length of the name of a key.
const KEY: usize = 256;
/// The numbers of days for which log events can be kept (API reference, "PutRetentionPolicy").
const DAYS: [i32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// A log group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    /// Its ARN.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// The time of its creation.
    pub created: Time,
    /// Its class.
    pub class: LogGroupClass,
    /// The key that its log events would be encrypted with.
    pub key: Option<String>,
    /// For how many days log events are kept. `None` is for ever.
    pub retention: Option<i32>,
    /// Whether it cannot be deleted.
    pub protected: bool,
    /// Its tags.
    pub tags: Tags,
}

impl Row for LogGroup {
    fn id(&self) -> &str {
        &self.id
    }
}

/// What CreateLogGroup is asked for.
#[derive(Clone, Debug, Default)]
pub struct NewLogGroup {
    /// The name.
    pub name: String,
    /// The class.
    pub class: LogGroupClass,
    /// The key.
    pub key: Option<String>,
    /// Whether the group cannot be deleted.
    pub protected: bool,
    /// The tags.
    pub tags: Tags,
}

impl Model {
    /// CreateLogGroup.
    ///
    /// # Errors
    /// [`Error::GroupExists`], [`Error::TooMany`], and what is wrong with the request.
    pub fn create_log_group(&mut self, caller: &Caller, new: NewLogGroup) -> Result<()> {
        let scope = &caller.scope;
        let NewLogGroup { name, class, key, protected, tags } = new;
        check_group(&name)?;
        key.iter().try_for_each(|key| check_length("kmsKeyId", key, KEY))?;
        tags::check(&tags)?;
        let id = group_arn(scope, &name);
        if self.log_groups.get(&id).is_some() {
            return Err(Error::GroupExists {});
        }
        if self.log_groups_of(scope).count() >= MOST {
            return Err(Error::TooMany {});
        }
        let (scope, created) = (scope.clone(), caller.now);
        self.log_groups.insert(LogGroup { id, scope, name, created, class, key, retention: None, protected, tags });
        Ok(())
    }

    /// The log group with that name.
    ///
    /// # Errors
    /// [`Error::NoGroup`]
    pub fn log_group(&self, scope: &Scope, name: &str) -> Result<&LogGroup> {
        self.log_groups.get(&group_arn(scope, name)).ok_or(Error::NoGroup {})
    }

    /// All log groups of a scope, sorted by name.
    pub fn log_groups_of<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'a LogGroup> {
        self.log_groups.iter().filter(move |row| row.scope == *scope)
    }

    /// DeleteLogGroup, with its streams.
    ///
    /// # Errors
    /// [`Error::NoGroup`] and [`Error::Protected`].
    pub fn delete_log_group(&mut self, scope: &Scope, name: &str) -> Result<()> {
        let group = self.log_group(scope, name)?;
        if group.protected {
            return Err(Error::Protected {});
        }
        let id = group.id.clone();
        self.log_streams.remove_where(|stream| stream.group == id);
        self.log_groups.remove(&id);
        Ok(())
    }

    /// PutLogGroupDeletionProtection.
    ///
    /// # Errors
    /// [`Error::NoGroup`]
    pub fn protect_log_group(&mut self, scope: &Scope, name: &str, protected: bool) -> Result<()> {
        self.log_group_mut(scope, name)?.protected = protected;
        Ok(())
    }

    /// PutRetentionPolicy and, without a number of days, DeleteRetentionPolicy.
    ///
    /// # Errors
    /// [`Error::NoGroup`], and [`Error::Constraint`] for a number that AWS does not allow.
    pub fn set_log_retention(&mut self, scope: &Scope, name: &str, days: Option<i32>) -> Result<()> {
        if let Some(other) = days.filter(|days| !DAYS.contains(days)) {
            let constraint = format!("Member must satisfy enum value set: {DAYS:?}");
            return Err(Error::constraint("retentionInDays", other, constraint));
        }
        self.log_group_mut(scope, name)?.retention = days;
        Ok(())
    }

    /// AssociateKmsKey and, without a key, DisassociateKmsKey.
    ///
    /// # Errors
    /// [`Error::NoGroup`], and [`Error::Constraint`] for a key's name that is too long.
    pub fn set_log_key(&mut self, scope: &Scope, name: &str, key: Option<String>) -> Result<()> {
        key.iter().try_for_each(|key| check_length("kmsKeyId", key, KEY))?;
        self.log_group_mut(scope, name)?.key = key;
        Ok(())
    }

    pub(super) fn log_group_mut(&mut self, scope: &Scope, name: &str) -> Result<&mut LogGroup> {
        self.log_groups.get_mut(&group_arn(scope, name)).ok_or(Error::NoGroup {})
    }
}
