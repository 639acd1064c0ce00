//! Hosted zones of Route 53, as `aws route53 get-hosted-zone` prints them, and their records, with the zone's id beside them.

use super::Importer;
use super::form::{listed, text};
use super::health_checks::{CHECKS, TAGS};
use crate::api::record_set_of;
use model::{Caller, HostedZone, RecordAction, RecordSet, Scope, Tags, domain_name};
use serde_json::Value as Json;
use shapes::{of_json, route53};
use std::collections::BTreeMap;

/// The list of a description of a zone.
pub const ZONE: &str = "HostedZone";
/// The list of a description of a zone's records.
pub const RECORDS: &str = "ResourceRecordSets";
/// All of Route 53, in an order in which it can be made.
pub const LISTS: [&str; 4] = [CHECKS, ZONE, RECORDS, TAGS];

/// The greatest length of an id of a zone or a delegation set (`ResourceId`, Route 53's API reference).
const LONGEST_ID: usize = 32;

impl Importer<'_> {
    /// Makes health checks and zones, then the zones' records, and the tags of both.
    pub(super) fn zones(&mut self, items: &[(Scope, &'static str, Json)]) {
        let all_of = |list: &'static str| items.iter().filter(move |(_, of, _)| *of == list);
        self.before_zones(items);
        all_of(CHECKS).for_each(|(scope, _, item)| self.health_check(scope, item));
        let mut zones: Vec<_> = all_of(ZONE).collect();
        // A zone may be described by two commands, of which one does not tell its VPCs.
        zones.sort_by_key(|(.., item)| item.get("VPCs").is_none());
        for (scope, _, item) in zones {
            if let Err(why) = self.zone(&scope.account, item) {
                self.leave_out(format!("{}: {why}", id(item, "/HostedZone/Id")));
            }
        }
        all_of(RECORDS).for_each(|(scope, _, item)| self.records(scope, item));
        self.after_zones(items);
        all_of(RECORDS).for_each(|(.., item)| self.leave_out_instances(item));
        all_of(TAGS).for_each(|(scope, _, item)| self.tags_of_dns(scope, item));
    }

    fn zone(&mut self, account: &str, item: &Json) -> Result<(), String> {
        let zone = id(item, "/HostedZone/Id");
        if self.model.hosted_zones.get(&zone).is_some() {
            return Ok(());
        }
        if !is_resource_id(&zone) {
            return Err("this is not the id of a hosted zone".to_owned());
        }
        let name = text(item, "/HostedZone/Name").and_then(|name| domain_name(&name)).ok_or("it has no domain name")?;
        let private = item.pointer("/HostedZone/Config/PrivateZone") == Some(&Json::Bool(true));
        let vpcs = self.vpcs_of_zone(&zone, item);
        // The name servers of a set that is not reusable have no id.
        let reusable = item.get("DelegationSet").filter(|set| is_resource_id(&id(set, "/Id")));
        let set = reusable.map(|set| id(set, "/Id"));
        reusable.into_iter().for_each(|set| self.delegation_set(account, set));
        if private && vpcs.is_empty() {
            return Err("no VPC that sees it is in the files; `aws route53 get-hosted-zone` tells which do".to_owned());
        }
        self.model.adopt_hosted_zone(HostedZone {
            id: zone,
            account: account.to_owned(),
            name,
            reference: text(item, "/HostedZone/CallerReference").unwrap_or_default(),
            comment: text(item, "/HostedZone/Config/Comment"),
            private,
            vpcs,
            tags: Tags::new(),
            delegation_set: set,
            authorised: BTreeMap::new(),
            records: BTreeMap::new(),
        });
        Ok(())
    }

    /// The VPCs that see a zone, with their Regions.
    fn vpcs_of_zone(&mut self, zone: &str, item: &Json) -> BTreeMap<String, String> {
        let mut known = BTreeMap::new();
        for (_, vpc) in listed(item, "/VPCs", "/VPCId", "") {
            match self.model.vpcs.get(&vpc) {
                Some(row) => _ = known.insert(vpc, row.scope.region.clone()),
                None => self.leave_out(format!("{zone}: its VPC {vpc} is not in the files")),
            }
        }
        known
    }

    /// Gives a zone its records.
    fn records(&mut self, scope: &Scope, item: &Json) {
        let zone = id(item, "/HostedZoneId");
        if self.model.zone_of(&scope.account, &zone).is_err() {
            return self.leave_out(format!("the records of {zone}: the hosted zone is not in the files"));
        }
        // Those of traffic policy instances come with the instances.
        let told = records_of(item).filter(|told| instance_of(told).is_none());
        let mut sets: Vec<RecordSet> = told.filter_map(|set| self.record(&scope.account, &zone, set)).collect();
        // Aliases refer to others.
        sets.sort_by_key(|set| set.alias.is_some());
        self.put_records(&Caller::of_account(scope.clone(), self.now), &zone, &sets);
    }

    /// Leaves out records of traffic policy instances that are not there.
    fn leave_out_instances(&mut self, item: &Json) {
        for instance in records_of(item).filter_map(instance_of) {
            if self.model.traffic_policy_instances.get(&instance).is_none() {
                self.leave_out(format!("the records of the traffic policy instance {instance}, which is not there"));
            }
        }
    }

    /// Puts records into a zone: all at once or, if one of them is refused, each half by itself.
    fn put_records(&mut self, caller: &Caller, zone: &str, sets: &[RecordSet]) {
        let all = sets.iter().map(|set| (RecordAction::Upsert, set.clone())).collect();
        let Err(why) = self.model.change_records(caller, zone, all) else { return };
        if let [set] = sets {
            return self.leave_out(format!("{zone}: its record {} {}: {why}", set.name, set.kind));
        }
        let half = sets.len().div_ceil(2).max(1);
        sets.chunks(half).for_each(|half| self.put_records(caller, zone, half));
    }

    fn record(&mut self, account: &str, zone: &str, told: &Json) -> Option<RecordSet> {
        let name = text(told, "/Name").unwrap_or_default();
        let read = of_json::<route53::ResourceRecordSet>(told).map_err(|fault| fault.to_string());
        let set = read.and_then(|resource_record_set| {
            let change = route53::Change { action: "UPSERT".to_owned(), resource_record_set };
            record_set_of(&change).map_err(|why| why.to_string())
        });
        let mut set = set.map_err(|why| self.leave_out(format!("{zone}: its record {name}: {why}"))).ok()?;
        let is_missing = |check: &mut String| self.model.health_check(account, check).is_err();
        if let Some(check) = set.health_check.take_if(is_missing) {
            self.leave_out(format!("{zone}: its record {name} is answered whatever its health check {check} finds"));
        }
        Some(set)
    }
}

/// The records in a document.
fn records_of(item: &Json) -> impl Iterator<Item = &Json> {
    item.get(RECORDS).and_then(Json::as_array).into_iter().flatten()
}

/// The traffic policy instance that a record belongs to.
fn instance_of(record: &Json) -> Option<String> {
    text(record, "/TrafficPolicyInstanceId")
}

/// Whether a text can be the id of a zone or a delegation set.
pub fn is_resource_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// An id without the path before it: `/hostedzone/Z1`.
pub fn id(item: &Json, pointer: &str) -> String {
    let id = text(item, pointer).unwrap_or_default();
    id.rsplit('/').next().unwrap_or_default().to_owned()
}
