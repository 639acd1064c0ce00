//! The hosts of a replication group: a primary and its replicas, or several shards of these in cluster mode.

use crate::api::deployment::number;
use model::services::{Clash, Engine, Error, Layout, ParameterGroup, Result, Thing, Wanted, slot_ranges};
use model::{Caller, ManagedService, Model};
use shapes::{List, elasticache};

/// The most clusters of a shard, or of a group without shards.
pub const CLUSTERS: u16 = 6;
/// The most shards of a group, and the most nodes of all its shards.
pub const SHARDS: u16 = 90;
const NODES: u16 = 90;

/// The parameters of a group's clusters.
pub struct Asked {
    /// The number of clusters, if there is one shard.
    pub clusters: Option<i32>,
    /// The number of shards.
    pub shards: Option<i32>,
    /// The number of replicas in a shard.
    pub replicas: Option<i32>,
    /// The configuration of each shard.
    pub each: List<elasticache::NodeGroupConfiguration>,
    /// The zones of the clusters, where there is one shard.
    pub zones: List<String>,
    /// Whether the cluster mode is enabled.
    pub mode: Option<String>,
    /// Whether a replica takes the place of a primary that fails.
    pub fails_over: Option<bool>,
}

/// The clusters of a group.
pub struct Clusters {
    /// Their number.
    pub layout: Layout,
    /// Their zones, as far as they are given.
    pub zones: Vec<String>,
    /// The slots of the shards, as far as they are given.
    pub told: List<elasticache::NodeGroup>,
}

impl Asked {
    /// Whether it says how many clusters or shards there are.
    pub fn says_how_many(&self) -> bool {
        let counts = [self.clusters, self.shards, self.replicas];
        counts.iter().any(Option::is_some) || !self.each.is_empty()
    }

    /// What the clusters are like; `has_shards` tells whether the parameter group is for several shards.
    ///
    /// # Errors
    /// What is wrong with the numbers, and what is not supported.
    pub fn clusters(self, has_shards: bool) -> Result<Clusters> {
        let mut each = self.each.to_vec();
        each.sort_by(|one, other| one.node_group_id.cmp(&other.node_group_id));
        check(&each)?;
        let configured = i32::try_from(each.len()).ok().filter(|count| *count > 0);
        let shards = number("NumNodeGroups", self.shards.or(configured).unwrap_or(1), SHARDS)?;
        if configured.is_some_and(|count| count != i32::from(shards)) {
            return Err(Clash::ShardsConfigured {}.into());
        }
        let replicas = same(each.iter().filter_map(replicas))?.or(self.replicas);
        let asked = self.clusters.or(replicas.map(|replicas| replicas.saturating_add(1)));
        let clusters = number("NumCacheClusters", asked.unwrap_or(1), CLUSTERS)?;
        check_nodes(shards, clusters)?;
        let is_clustered = match self.mode.as_deref() {
            Some("compatible") => return Err(Error::unsupported("ClusterMode")),
            mode => has_shards || shards > 1 || mode == Some("enabled"),
        };
        match (is_clustered, self.fails_over) {
            (true, Some(true)) => {}
            (true, _) => return Err(Clash::ShardsFailOver {}.into()),
            (false, Some(true)) if clusters < 2 => return Err(Clash::FailoverNeedsTwo {}.into()),
            (false, _) => {}
        }
        let slots = |group: &elasticache::NodeGroupConfiguration| elasticache::NodeGroup {
            slots: group.slots.clone(),
            ..Default::default()
        };
        Ok(Clusters {
            layout: match is_clustered {
                true => Layout::Shards { shards, each: clusters },
                false => Layout::Replicas(clusters),
            },
            told: each.iter().map(slots).collect(),
            // Zones have an order, so that they count up to the first shard that does not say all of its own.
            zones: each.iter().map_while(|group| zones(group, clusters)).flatten().chain(self.zones).collect(),
        })
    }
}

/// Refuses so many shards of so many nodes that a group has too many.
pub fn check_nodes(shards: u16, each: u16) -> Result<()> {
    match shards.saturating_mul(each) > NODES {
        true => Err(Error::TooManyNodes { most: NODES }),
        false => Ok(()),
    }
}

/// Refuses shards with names of their own, which are numbered, and slots that do not exist.
fn check(each: &[elasticache::NodeGroupConfiguration]) -> Result<()> {
    for (index, group) in each.iter().enumerate() {
        if group.primary_outpost_arn.is_some() || !group.replica_outpost_arns.is_empty() {
            return Err(Error::unsupported("NodeGroupConfiguration.PrimaryOutpostArn"));
        }
        if let Some(id) = group.node_group_id.as_ref().filter(|id| **id != shard_id(index)) {
            return Err(Error::Value { name: "NodeGroupId", value: id.clone(), why: Wanted::ShardNumber {} });
        }
        if let Some(slots) = group.slots.as_ref().filter(|slots| slot_ranges(slots).is_none()) {
            return Err(Error::Value { name: "Slots", value: slots.clone(), why: Wanted::Slots {} });
        }
    }
    Ok(())
}

/// The number of replicas that all shards have, if one says it.
fn same(mut counts: impl Iterator<Item = i32>) -> Result<Option<i32>> {
    let first = counts.next();
    match counts.all(|count| Some(count) == first) {
        true => Ok(first),
        false => Err(Error::unsupported("NodeGroupConfiguration.ReplicaCount")),
    }
}

fn replicas(group: &elasticache::NodeGroupConfiguration) -> Option<i32> {
    let zones = i32::try_from(group.replica_availability_zones.len()).ok().filter(|count| *count > 0);
    group.replica_count.or(zones)
}

/// The zones of a shard's clusters, the primary's first, if it says all.
fn zones(group: &elasticache::NodeGroupConfiguration, clusters: u16) -> Option<Vec<String>> {
    let of_replicas = group.replica_availability_zones.iter();
    let all: Vec<String> = group.primary_availability_zone.iter().chain(of_replicas).cloned().collect();
    (all.len() == usize::from(clusters)).then_some(all)
}

/// Whether the parameter group that a request names is for several shards.
pub fn has_shards(model: &Model, caller: &Caller, group: Option<&str>) -> bool {
    let found = group.map(|name| model.parameter_group(&caller.scope, Thing::CacheParameterGroup, name));
    found.is_some_and(|group| group.is_ok_and(|group| group.is_of_clusters()))
}

/// The default parameter group of a group with several shards.
pub fn parameters(engine: &str, version: &str) -> Result<Option<String>> {
    let Some(known) = Engine::named(ManagedService::ElastiCache, engine) else { return Ok(None) };
    let version = known.matching_version(version)?;
    Ok(Some(ParameterGroup::default_of_clusters(engine, &version)))
}

/// The id of a shard, counted from 0.
pub fn shard_id(index: usize) -> String {
    format!("{:04}", index + 1)
}
