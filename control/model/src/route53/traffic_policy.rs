//! Traffic policies of Route 53: documents with versions.

use super::error::{Result, ZoneError};
use super::traffic_policy_document::Document;
use crate::{Caller, Model, Row};
use serde::{Deserialize, Serialize};

/// The most traffic policies of an account (a quota of Route 53).
pub const MOST_TRAFFIC_POLICIES: usize = 50;
/// The most versions of a policy (likewise).
const VERSIONS: i32 = 1000;

/// A traffic policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficPolicy {
    /// A UUID.
    pub id: String,
    /// The twelve digits of its account.
    pub account: String,
    /// Its name.
    pub name: String,
    /// The number of the version that was created last.
    pub latest: i32,
}

/// A version of a traffic policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficPolicyVersion {
    /// The policy's id and the number, in four digits.
    pub id: String,
    /// The policy's id.
    pub policy: String,
    /// Its number.
    pub number: i32,
    /// The document, as it was sent.
    pub document: String,
    /// The type of the records that it is for.
    pub record_type: String,
    /// A comment.
    pub comment: Option<String>,
}

impl Row for TrafficPolicy {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Row for TrafficPolicyVersion {
    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<String> {
        vec![self.policy.clone()]
    }
}

/// The id of a version's row. Sorted by id, versions are sorted by number.
fn key(policy: &str, number: i32) -> String {
    format!("{policy}/{number:04}")
}

impl Model {
    /// CreateTrafficPolicy. Returns the policy's id.
    ///
    /// # Errors
    /// If the document is invalid, if a policy has the name, or if there are too many.
    pub fn create_traffic_policy(
        &mut self,
        caller: &Caller,
        name: String,
        document: String,
        comment: Option<String>,
    ) -> Result<String> {
        let account = caller.scope.account.clone();
        let record_type = Document::read(&document)?.record_type;
        if self.traffic_policies_of(&account).any(|policy| policy.name == name) {
            return Err(ZoneError::TrafficPolicyAlreadyExists { name });
        }
        if self.traffic_policies_of(&account).count() >= MOST_TRAFFIC_POLICIES {
            return Err(ZoneError::TooManyTrafficPolicies {});
        }
        let id = self.new_uuid();
        let first =
            TrafficPolicyVersion { id: key(&id, 1), policy: id.clone(), number: 1, document, record_type, comment };
        self.traffic_policies.insert(TrafficPolicy { id: id.clone(), account, name, latest: 1 });
        self.traffic_policy_versions.insert(first);
        Ok(id)
    }

    /// CreateTrafficPolicyVersion. Returns the version's number.
    ///
    /// # Errors
    /// If there is no such policy, if the document is invalid, or if there are too many versions.
    pub fn create_traffic_policy_version(
        &mut self,
        caller: &Caller,
        id: &str,
        document: String,
        comment: Option<String>,
    ) -> Result<i32> {
        let mut policy = self.traffic_policy(&caller.scope.account, id)?.clone();
        let record_type = Document::read(&document)?.record_type;
        if policy.latest >= VERSIONS {
            return Err(ZoneError::TooManyTrafficPolicyVersions {});
        }
        policy.latest += 1;
        let number = policy.latest;
        let new =
            TrafficPolicyVersion { id: key(id, number), policy: id.to_owned(), number, document, record_type, comment };
        self.traffic_policies.insert(policy);
        self.traffic_policy_versions.insert(new);
        Ok(number)
    }

    /// Adds a version of another cloud's policy, by its number, which `policy` has as the latest one.
    ///
    /// # Errors
    /// If the document is invalid.
    pub fn adopt_traffic_policy(
        &mut self,
        policy: TrafficPolicy,
        document: String,
        comment: Option<String>,
    ) -> Result<()> {
        let record_type = Document::read(&document)?.record_type;
        let (id, number) = (policy.id.clone(), policy.latest);
        let known = self.traffic_policies.get(&id).map_or(number, |known| known.latest);
        self.traffic_policies.insert(TrafficPolicy { latest: known.max(number), ..policy });
        let new = TrafficPolicyVersion { id: key(&id, number), policy: id, number, document, record_type, comment };
        self.traffic_policy_versions.insert(new);
        Ok(())
    }

    /// The traffic policy with that id.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchTrafficPolicy`]
    pub fn traffic_policy(&self, account: &str, id: &str) -> Result<&TrafficPolicy> {
        let found = self.traffic_policies.get(id).filter(|policy| policy.account == account);
        found.ok_or(ZoneError::NoSuchTrafficPolicy {})
    }

    /// A version of a traffic policy.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchTrafficPolicy`]
    pub fn traffic_policy_version(
        &self,
        account: &str,
        id: &str,
        number: i32,
    ) -> Result<(&TrafficPolicy, &TrafficPolicyVersion)> {
        let policy = self.traffic_policy(account, id)?;
        let version = self.traffic_policy_versions.get(&key(id, number));
        Ok((policy, version.ok_or(ZoneError::NoSuchTrafficPolicy {})?))
    }

    /// The versions of a traffic policy that are not deleted, by number.
    pub fn versions_of_traffic_policy(&self, id: &str) -> impl DoubleEndedIterator<Item = &TrafficPolicyVersion> {
        self.traffic_policy_versions.by(id)
    }

    /// The traffic policies of an account, by id.
    pub fn traffic_policies_of<'m>(&'m self, account: &'m str) -> impl Iterator<Item = &'m TrafficPolicy> {
        self.traffic_policies.iter().filter(move |policy| policy.account == account)
    }

    /// UpdateTrafficPolicyComment.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchTrafficPolicy`]
    pub fn comment_traffic_policy(&mut self, caller: &Caller, id: &str, number: i32, comment: String) -> Result<()> {
        let (_, version) = self.traffic_policy_version(&caller.scope.account, id, number)?;
        let changed = TrafficPolicyVersion { comment: Some(comment), ..version.clone() };
        self.traffic_policy_versions.insert(changed);
        Ok(())
    }

    /// DeleteTrafficPolicy: one version, and with the last one the policy.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchTrafficPolicy`], or [`ZoneError::TrafficPolicyInUse`] if it has instances.
    pub fn delete_traffic_policy(&mut self, caller: &Caller, id: &str, number: i32) -> Result<()> {
        self.traffic_policy_version(&caller.scope.account, id, number)?;
        if self.traffic_policy_instances.by(id).any(|instance| instance.applied.version == number) {
            return Err(ZoneError::TrafficPolicyInUse {});
        }
        self.traffic_policy_versions.remove(&key(id, number));
        if self.versions_of_traffic_policy(id).next().is_none() {
            self.traffic_policies.remove(id);
        }
        Ok(())
    }
}
