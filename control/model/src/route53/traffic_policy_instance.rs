//! Traffic policy instances: a version of a traffic policy, applied to a name of a hosted zone as record sets.

use super::domain_name::domain_name;
use super::error::{Result, ZoneError};
use super::record_data::reversed;
use super::record_set::{RecordAction, RecordSet};
use super::traffic_policy_document::{Document, Place};
use crate::{Caller, Model, Row};
use serde::{Deserialize, Serialize};

/// The most traffic policy instances of an account (a quota of Route 53).
pub const MOST_TRAFFIC_POLICY_INSTANCES: usize = 5;

/// An instance of a traffic policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficPolicyInstance {
    /// A UUID.
    pub id: String,
    /// The twelve digits of its account.
    pub account: String,
    /// The id of the hosted zone.
    pub zone: String,
    /// The name, in lower case, with a dot at its end.
    pub name: String,
    /// The type of its records.
    pub kind: String,
    /// What the name is answered by.
    pub applied: AppliedPolicy,
}

/// A version of a traffic policy, and how long resolvers may cache its records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedPolicy {
    /// The id of the traffic policy.
    pub policy: String,
    /// The number of the version.
    pub version: i32,
    /// The time to live of the records, in seconds.
    pub ttl: u32,
}

impl Row for TrafficPolicyInstance {
    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<String> {
        vec![self.zone.clone(), self.applied.policy.clone()]
    }
}

impl TrafficPolicyInstance {
    /// Its place in lists: by zone, name and type.
    pub fn place(&self) -> (String, String, String) {
        (self.zone.clone(), reversed(&self.name), self.kind.clone())
    }
}

impl Model {
    /// CreateTrafficPolicyInstance.
    ///
    /// # Errors
    /// If there is no such zone or policy, if the name has an instance already, if there are too many, or if the records cannot be
    /// made.
    pub fn create_traffic_policy_instance(
        &mut self,
        caller: &Caller,
        zone: &str,
        name: &str,
        applied: AppliedPolicy,
    ) -> Result<TrafficPolicyInstance> {
        let account = caller.scope.account.clone();
        let name = domain_name(name).ok_or_else(|| ZoneError::InvalidDomainName { name: name.to_owned() })?;
        self.zone_of(&account, zone)?;
        let kind = self.traffic_policy_version(&account, &applied.policy, applied.version)?.1.record_type.clone();
        if self.traffic_policy_instances.by(zone).any(|other| (&other.name, &other.kind) == (&name, &kind)) {
            return Err(ZoneError::TrafficPolicyInstanceAlreadyExists { name });
        }
        if self.traffic_policy_instances_of(&account).len() >= MOST_TRAFFIC_POLICY_INSTANCES {
            return Err(ZoneError::TooManyTrafficPolicyInstances {});
        }
        let (id, zone) = (self.new_uuid(), zone.to_owned());
        self.apply_traffic_policy(caller, TrafficPolicyInstance { id, account, zone, name, kind, applied })
    }

    /// UpdateTrafficPolicyInstance.
    ///
    /// # Errors
    /// If there is no such instance or policy, if the policy is for another type, or if the records cannot be made.
    pub fn update_traffic_policy_instance(
        &mut self,
        caller: &Caller,
        id: &str,
        applied: AppliedPolicy,
    ) -> Result<TrafficPolicyInstance> {
        let account = &caller.scope.account;
        let before = self.traffic_policy_instance(account, id)?.clone();
        let (_, version) = self.traffic_policy_version(account, &applied.policy, applied.version)?;
        if version.record_type != before.kind {
            return Err(ZoneError::ConflictingTypes { from: before.kind, to: version.record_type.clone() });
        }
        self.apply_traffic_policy(caller, TrafficPolicyInstance { applied, ..before })
    }

    /// DeleteTrafficPolicyInstance.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchTrafficPolicyInstance`]
    pub fn delete_traffic_policy_instance(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let instance = self.traffic_policy_instance(&caller.scope.account, id)?.clone();
        // Its records may have been replaced, and then its zone deleted.
        if self.zone_of(&instance.account, &instance.zone).is_ok() {
            self.replace_instance_records(caller, &instance, Vec::new())?;
        }
        self.traffic_policy_instances.remove(id);
        Ok(())
    }

    /// The traffic policy instance with that id.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchTrafficPolicyInstance`]
    pub fn traffic_policy_instance(&self, account: &str, id: &str) -> Result<&TrafficPolicyInstance> {
        let found = self.traffic_policy_instances.get(id).filter(|instance| instance.account == account);
        found.ok_or(ZoneError::NoSuchTrafficPolicyInstance {})
    }

    /// The traffic policy instances of an account, by their places.
    pub fn traffic_policy_instances_of(&self, account: &str) -> Vec<&TrafficPolicyInstance> {
        let own = self.traffic_policy_instances.iter().filter(|instance| instance.account == account);
        let mut own: Vec<_> = own.collect();
        own.sort_by_key(|instance| instance.place());
        own
    }

    /// Makes the records of an instance as it is now, instead of those that it had.
    ///
    /// # Errors
    /// If there is no such zone or policy, or if the records cannot be made.
    pub fn apply_traffic_policy(
        &mut self,
        caller: &Caller,
        instance: TrafficPolicyInstance,
    ) -> Result<TrafficPolicyInstance> {
        let AppliedPolicy { policy, version, ttl } = &instance.applied;
        let (_, version) = self.traffic_policy_version(&instance.account, policy, *version)?;
        let zone = self.zone_of(&instance.account, &instance.zone)?;
        let zone = (zone.id.as_str(), zone.name.as_str());
        let place = Place { zone, instance: &instance.id, name: &instance.name, ttl: *ttl };
        let records = Document::read(&version.document)?.records(&place)?;
        self.replace_instance_records(caller, &instance, records)?;
        self.traffic_policy_instances.insert(instance.clone());
        Ok(instance)
    }

    fn replace_instance_records(
        &mut self,
        caller: &Caller,
        instance: &TrafficPolicyInstance,
        records: Vec<RecordSet>,
    ) -> Result<()> {
        let zone = self.zone_of(&instance.account, &instance.zone)?;
        let before = zone.records.values().filter(|set| set.policy_instance.as_ref() == Some(&instance.id));
        let before = before.map(|set| (RecordAction::Delete, set.clone()));
        let changes = before.chain(records.into_iter().map(|set| (RecordAction::Create, set))).collect();
        self.change_records(caller, &instance.zone, changes)
    }
}
