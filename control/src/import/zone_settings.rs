//! What zones of Route 53 share or are given: reusable delegation sets, CIDR collections, traffic policies with their instances, and
//! query logging.

use super::form::text;
use super::zones::{id, is_resource_id};
use super::{Importer, version};
use model::{
    AppliedPolicy, Caller, CidrCollection, DelegationSet, QueryLoggingConfig, Scope, TrafficPolicy,
    TrafficPolicyInstance, domain_name, is_uuid,
};
use serde_json::Value as Json;
use shapes::{Shape, of_json, route53};
use std::collections::BTreeMap;

const DELEGATION_SETS: &str = "DelegationSets";
const CIDR_COLLECTIONS: &str = "CidrCollections";
/// The blocks of a CIDR collection. The collection's id is beside them.
pub const CIDR_BLOCKS: &str = "CidrBlocks";
/// Versions of traffic policies.
const TRAFFIC_POLICIES: &str = "TrafficPolicies";
const INSTANCES: &str = "TrafficPolicyInstances";
const QUERY_LOGGING: &str = "QueryLoggingConfigs";

/// All lists of these.
pub const LISTS: [&str; 6] =
    [DELEGATION_SETS, CIDR_COLLECTIONS, CIDR_BLOCKS, TRAFFIC_POLICIES, INSTANCES, QUERY_LOGGING];

impl Importer<'_> {
    /// Makes what zones and their records refer to.
    pub(super) fn before_zones(&mut self, items: &[(Scope, &'static str, Json)]) {
        for (scope, list, item) in items {
            match *list {
                DELEGATION_SETS => self.delegation_set(&scope.account, item),
                CIDR_COLLECTIONS => self.cidr_collection(&scope.account, item),
                TRAFFIC_POLICIES => self.described(item, |importer, told| importer.traffic_policy(scope, told)),
                _ => {}
            }
        }
        let blocks = items.iter().filter(|(_, list, _)| *list == CIDR_BLOCKS);
        blocks.for_each(|(.., item)| self.cidr_block(item));
    }

    /// Makes what refers to zones.
    pub(super) fn after_zones(&mut self, items: &[(Scope, &'static str, Json)]) {
        for (scope, list, item) in items {
            match *list {
                INSTANCES => self.described(item, |importer, told| importer.traffic_policy_instance(scope, told)),
                QUERY_LOGGING => self.described(item, |importer, told| importer.query_logging(scope, told)),
                _ => {}
            }
        }
    }

    /// Makes what an item describes, or reports that it has another form.
    fn described<S: Shape + Default>(&mut self, item: &Json, make: impl FnOnce(&mut Self, S) -> Result<(), String>) {
        let made = of_json(item).map_err(|fault| fault.to_string()).and_then(|told| make(self, told));
        if let Err(why) = made {
            self.leave_out(format!("{}: {why}", text(item, "/Id").unwrap_or_default()));
        }
    }

    /// A delegation set, which zones describe, too.
    pub(super) fn delegation_set(&mut self, account: &str, item: &Json) {
        let id = id(item, "/Id");
        if !is_resource_id(&id) {
            return self.leave_out(format!("{id:?} is not the id of a delegation set"));
        }
        let servers = item.get("NameServers").and_then(Json::as_array).into_iter().flatten();
        self.model.delegation_sets.adopt(DelegationSet {
            id,
            account: account.to_owned(),
            reference: text(item, "/CallerReference").unwrap_or_default(),
            name_servers: servers.filter_map(Json::as_str).map(str::to_owned).collect(),
        });
    }

    fn cidr_collection(&mut self, account: &str, item: &Json) {
        let id = text(item, "/Id").unwrap_or_default();
        if !is_uuid(&id) {
            return self.leave_out(format!("{id:?} is not the id of a CIDR collection"));
        }
        self.model.cidr_collections.adopt(CidrCollection {
            account: account.to_owned(),
            name: text(item, "/Name").unwrap_or_default(),
            // No description has the caller reference.
            reference: id.clone(),
            version: version(item.get("Version").and_then(Json::as_i64)),
            blocks: BTreeMap::new(),
            id,
        });
    }

    fn cidr_block(&mut self, item: &Json) {
        let id = text(item, "/CollectionId").unwrap_or_default();
        let Some(mut collection) = self.model.cidr_collections.get(&id).cloned() else {
            return self.leave_out(format!("the blocks of the CIDR collection {id}, which is not in the files"));
        };
        let Some(block) = self.parsed(&id, "CidrBlock", text(item, "/CidrBlock")) else { return };
        collection.blocks.insert(block, text(item, "/LocationName").unwrap_or_default());
        self.model.cidr_collections.adopt(collection);
    }

    fn traffic_policy(&mut self, scope: &Scope, told: route53::TrafficPolicy) -> Result<(), String> {
        if !is_uuid(&told.id) {
            return Err("this is not the id of a traffic policy".to_owned());
        }
        let account = scope.account.clone();
        let policy = TrafficPolicy { id: told.id, account, name: told.name, latest: told.version };
        self.model.adopt_traffic_policy(policy, told.document, told.comment).map_err(|why| why.to_string())
    }

    fn traffic_policy_instance(&mut self, scope: &Scope, told: route53::TrafficPolicyInstance) -> Result<(), String> {
        if !is_uuid(&told.id) {
            return Err("this is not the id of a traffic policy instance".to_owned());
        }
        let instance = TrafficPolicyInstance {
            id: told.id,
            account: scope.account.clone(),
            zone: told.hosted_zone_id,
            name: domain_name(&told.name).ok_or("it has no domain name")?,
            kind: told.traffic_policy_type,
            applied: AppliedPolicy {
                policy: told.traffic_policy_id,
                version: told.traffic_policy_version,
                ttl: u32::try_from(told.ttl).unwrap_or_default(),
            },
        };
        let caller = Caller::of_account(scope.clone(), self.now);
        self.model.apply_traffic_policy(&caller, instance).map(drop).map_err(|why| why.to_string())
    }

    fn query_logging(&mut self, scope: &Scope, told: route53::QueryLoggingConfig) -> Result<(), String> {
        if !is_uuid(&told.id) {
            return Err("this is not the id of a query logging configuration".to_owned());
        }
        let (account, zone) = (scope.account.clone(), told.hosted_zone_id);
        self.model.zone_of(&account, &zone).map_err(|why| why.to_string())?;
        let log_group = told.cloud_watch_logs_log_group_arn;
        self.model.query_logging_configs.adopt(QueryLoggingConfig { id: told.id, account, zone, log_group });
        Ok(())
    }
}
