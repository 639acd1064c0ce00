//! Managed policies: versions of a document under an ARN.

use super::name::{Named, check, check_path, check_tags};
use super::quota::check_managed;
use super::{Error, Policy, Result};
use crate::{Model, Row, Tags, Time};
use policy::Document;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most versions of a policy.
const VERSIONS: usize = 5;

/// A managed policy of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// Its ARN.
    pub arn: String,
    /// Its name, path and tags.
    pub named: Named,
    /// Its description.
    pub description: Option<String>,
    /// The time at which its default version was set.
    pub updated: Time,
    /// Its versions by number.
    pub versions: BTreeMap<u32, PolicyVersion>,
    /// The number of the default version.
    pub default: u32,
    /// The number of the newest version.
    pub last: u32,
}

/// A version of a managed policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// The document.
    pub policy: Policy,
    /// The time of its creation.
    pub created: Time,
}

impl Row for ManagedPolicy {
    fn id(&self) -> &str {
        &self.arn
    }
}

impl ManagedPolicy {
    /// The version with a name such as `v2`, and its number.
    pub fn version(&self, name: &str) -> Result<(u32, &PolicyVersion)> {
        let number = name.strip_prefix('v').and_then(|number| number.parse().ok());
        let found = number.and_then(|number| Some((number, self.versions.get(&number)?)));
        found.ok_or_else(|| Error::NoSuchVersion { arn: self.arn.clone(), version: name.to_owned() })
    }

    /// The document of the default version.
    pub fn document(&self) -> Option<&Document> {
        self.versions.get(&self.default).map(|version| version.policy.document())
    }
}

impl Model {
    /// CreatePolicy.
    pub fn create_policy(
        &mut self,
        account: &str,
        now: Time,
        (name, path): (&str, Option<&str>),
        (policy, description): (Policy, Option<String>),
        tags: Tags,
    ) -> Result<&ManagedPolicy> {
        let path = path.unwrap_or("/");
        check("policyName", name, 128)?;
        check_path(path)?;
        check_tags(&tags)?;
        check_managed(&policy)?;
        let same = |one: &&ManagedPolicy| one.named.account == account && one.named.name.eq_ignore_ascii_case(name);
        if self.managed_policies.iter().any(|one| same(&one)) {
            return Err(Error::PolicyExists { name: name.to_owned() });
        }
        let unique_id = self.unique_id("ANPA", 17);
        let (account, name, path) = (account.to_owned(), name.to_owned(), path.to_owned());
        let named = Named { account, name, path, unique_id, created: now, tags };
        let arn = named.arn("policy");
        let versions = BTreeMap::from([(1, PolicyVersion { policy, created: now })]);
        self.managed_policies.insert(ManagedPolicy {
            arn: arn.clone(),
            named,
            description,
            updated: now,
            versions,
            default: 1,
            last: 1,
        });
        self.managed_policies.get(&arn).ok_or(Error::NoSuchPolicy { arn })
    }

    /// The account's own policy with that ARN, to be changed.
    pub(super) fn own_policy_mut(&mut self, account: &str, arn: &str) -> Result<&mut ManagedPolicy> {
        if self.policy_in(account, arn)?.named.account != account {
            return Err(Error::AwsOwned { arn: arn.to_owned() });
        }
        self.check_undeclared(arn)?;
        self.managed_policies.get_mut(arn).ok_or_else(|| Error::NoSuchPolicy { arn: arn.to_owned() })
    }

    /// CreatePolicyVersion. Returns the version's number.
    pub fn create_policy_version(
        &mut self,
        account: &str,
        now: Time,
        arn: &str,
        policy: Policy,
        default: bool,
    ) -> Result<u32> {
        let managed = self.own_policy_mut(account, arn)?;
        if managed.versions.len() >= VERSIONS {
            return Err(Error::VersionLimit {});
        }
        check_managed(&policy)?;
        managed.last += 1;
        managed.versions.insert(managed.last, PolicyVersion { policy, created: now });
        if default {
            (managed.default, managed.updated) = (managed.last, now);
        }
        Ok(managed.last)
    }

    /// SetDefaultPolicyVersion.
    pub fn set_default_version(&mut self, account: &str, now: Time, arn: &str, version: &str) -> Result<()> {
        let managed = self.own_policy_mut(account, arn)?;
        let (number, _) = managed.version(version)?;
        (managed.default, managed.updated) = (number, now);
        Ok(())
    }

    /// DeletePolicyVersion.
    pub fn delete_policy_version(&mut self, account: &str, arn: &str, version: &str) -> Result<()> {
        let managed = self.own_policy_mut(account, arn)?;
        let (number, _) = managed.version(version)?;
        if number == managed.default {
            return Err(Error::DefaultVersion {});
        }
        managed.versions.remove(&number);
        Ok(())
    }

    /// DeletePolicy.
    pub fn delete_policy(&mut self, account: &str, arn: &str) -> Result<()> {
        if self.policy_in(account, arn).is_err() {
            return Err(Error::PolicyGone { arn: arn.to_owned() });
        }
        let versions = self.own_policy_mut(account, arn)?.versions.len();
        if self.attached_to(account, arn).chain(self.bounded_by(account, arn)).next().is_some() {
            return Err(Error::PolicyInUse {});
        }
        if versions > 1 {
            return Err(Error::HasVersions {});
        }
        self.managed_policies.remove(arn);
        Ok(())
    }
}
