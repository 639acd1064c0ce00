//! Policies by which services may put log events into an account's log groups. They take no effect, because none does.

use super::name::check_length;
use super::{Error, Result};
use crate::{Caller, Model, Row, Scope, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The greatest number of policies of an account in a Region.
const MOST: usize = 10;
/// The greatest length of a policy's name. AWS publishes none.
const NAME: usize = 512;

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPolicy {
    /// The key of its name in its scope.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// The document, as it was sent.
    pub document: String,
    /// The time of its last change.
    pub updated: Time,
}

impl Row for LogPolicy {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Model {
    /// PutResourcePolicy, which makes a policy or replaces the one with that name.
    ///
    /// # Errors
    /// [`Error::BadPolicy`], [`Error::TooMany`], and [`Error::Constraint`] for the name.
    pub fn put_log_policy(&mut self, caller: &Caller, name: String, document: String) -> Result<&LogPolicy> {
        check_length("policyName", &name, NAME)?;
        if !serde_json::from_str::<Value>(&document).is_ok_and(|document| document.is_object()) {
            return Err(Error::BadPolicy {});
        }
        let scope = &caller.scope;
        let id = scope.named(&name);
        if self.log_policies.get(&id).is_none() && self.log_policies_of(scope).count() >= MOST {
            return Err(Error::TooMany {});
        }
        let policy = LogPolicy { id: id.clone(), scope: scope.clone(), name, document, updated: caller.now };
        self.log_policies.insert(policy);
        self.log_policies.get(&id).ok_or(Error::NoPolicy { name: id })
    }

    /// The policies of a scope, sorted by name.
    pub fn log_policies_of<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'a LogPolicy> {
        self.log_policies.iter().filter(move |row| row.scope == *scope)
    }

    /// DeleteResourcePolicy.
    ///
    /// # Errors
    /// [`Error::NoPolicy`]
    pub fn delete_log_policy(&mut self, scope: &Scope, name: &str) -> Result<()> {
        let removed = self.log_policies.remove(&scope.named(name));
        removed.map(|_| ()).ok_or_else(|| Error::NoPolicy { name: name.to_owned() })
    }
}
