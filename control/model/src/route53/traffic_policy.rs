//! Traffic policies of Route 53: documents with versions. There are no instances of them, so they route nothing.

use super::hosted_zone::ZoneError;
use crate::{Caller, Model, Row};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most traffic policies of an account (a quota of Route 53).
pub const MOST_TRAFFIC_POLICIES: usize = 50;
/// The most versions of a policy (likewise).
const VERSIONS: i32 = 1000;
/// The longest document, in characters.
const LONGEST: usize = 102_400;
/// The types of records for which there are policies.
const TYPES: [&str; 9] = ["A", "AAAA", "CAA", "CNAME", "MX", "PTR", "SPF", "SRV", "TXT"];

/// A traffic policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficPolicy {
    /// A UUID.
    pub id: String,
    /// The twelve digits of its account.
    pub account: String,
    /// Its name.
    pub name: String,
    /// The versions that are not deleted, by number.
    pub versions: BTreeMap<i32, TrafficPolicyVersion>,
    /// The number of the version that was created last.
    pub latest: i32,
}

/// A version of a traffic policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficPolicyVersion {
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

type Result<T> = std::result::Result<T, ZoneError>;

impl TrafficPolicyVersion {
    /// Checks the parts of a document that every one has.
    fn new(document: String, comment: Option<String>) -> Result<TrafficPolicyVersion> {
        let bad = |why: &str| ZoneError::InvalidTrafficPolicyDocument { why: why.to_owned() };
        if document.chars().count() > LONGEST {
            return Err(bad("it is too long"));
        }
        let read: serde_json::Value = serde_json::from_str(&document).map_err(|error| bad(&error.to_string()))?;
        let record_type = read.get("RecordType").and_then(serde_json::Value::as_str).unwrap_or_default();
        match () {
            () if read.get("AWSPolicyFormatVersion").is_none() => Err(bad("AWSPolicyFormatVersion is missing")),
            () if !TYPES.contains(&record_type) => Err(bad("RecordType is missing or unknown")),
            () if read.get("StartRule").or(read.get("StartEndpoint")).is_none() => {
                Err(bad("StartRule or StartEndpoint is missing"))
            }
            () => Ok(TrafficPolicyVersion { record_type: record_type.to_owned(), document, comment }),
        }
    }
}

impl Model {
    /// CreateTrafficPolicy.
    ///
    /// # Errors
    /// If the document is invalid, if a policy has the name, or if there are too many.
    pub fn create_traffic_policy(
        &mut self,
        caller: &Caller,
        name: String,
        document: String,
        comment: Option<String>,
    ) -> Result<TrafficPolicy> {
        let account = caller.scope.account.clone();
        let first = TrafficPolicyVersion::new(document, comment)?;
        if self.traffic_policies_of(&account).any(|policy| policy.name == name) {
            return Err(ZoneError::TrafficPolicyAlreadyExists { name });
        }
        if self.traffic_policies_of(&account).count() >= MOST_TRAFFIC_POLICIES {
            return Err(ZoneError::TooManyTrafficPolicies);
        }
        let id = self.new_uuid();
        let new = TrafficPolicy { id, account, name, versions: BTreeMap::from([(1, first)]), latest: 1 };
        self.traffic_policies.insert(new.clone());
        Ok(new)
    }

    /// CreateTrafficPolicyVersion.
    ///
    /// # Errors
    /// If there is no such policy, if the document is invalid, or if there are too many versions.
    pub fn create_traffic_policy_version(
        &mut self,
        caller: &Caller,
        id: &str,
        document: String,
        comment: Option<String>,
    ) -> Result<TrafficPolicy> {
        let mut policy = self.traffic_policy(&caller.scope.account, id)?.clone();
        let new = TrafficPolicyVersion::new(document, comment)?;
        if policy.latest >= VERSIONS {
            return Err(ZoneError::TooManyTrafficPolicyVersions);
        }
        policy.latest += 1;
        policy.versions.insert(policy.latest, new);
        self.traffic_policies.insert(policy.clone());
        Ok(policy)
    }

    /// The traffic policy of that id.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchTrafficPolicy`]
    pub fn traffic_policy(&self, account: &str, id: &str) -> Result<&TrafficPolicy> {
        let found = self.traffic_policies.get(id).filter(|policy| policy.account == account);
        found.ok_or(ZoneError::NoSuchTrafficPolicy)
    }

    /// The traffic policies of an account, by id.
    pub fn traffic_policies_of<'m>(&'m self, account: &'m str) -> impl Iterator<Item = &'m TrafficPolicy> {
        self.traffic_policies.iter().filter(move |policy| policy.account == account)
    }

    /// UpdateTrafficPolicyComment.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchTrafficPolicy`]
    pub fn comment_traffic_policy(
        &mut self,
        caller: &Caller,
        id: &str,
        version: i32,
        comment: String,
    ) -> Result<TrafficPolicy> {
        let mut policy = self.traffic_policy(&caller.scope.account, id)?.clone();
        policy.versions.get_mut(&version).ok_or(ZoneError::NoSuchTrafficPolicy)?.comment = Some(comment);
        self.traffic_policies.insert(policy.clone());
        Ok(policy)
    }

    /// DeleteTrafficPolicy: one version, and with the last one the policy.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchTrafficPolicy`]
    pub fn delete_traffic_policy(&mut self, caller: &Caller, id: &str, version: i32) -> Result<()> {
        let mut policy = self.traffic_policy(&caller.scope.account, id)?.clone();
        policy.versions.remove(&version).ok_or(ZoneError::NoSuchTrafficPolicy)?;
        if policy.versions.is_empty() {
            self.traffic_policies.remove(id);
        } else {
            self.traffic_policies.insert(policy);
        }
        Ok(())
    }
}
