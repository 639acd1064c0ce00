//! More or fewer replicas and shards of a replication group.

use super::replication_group::told;
use super::shards::{CLUSTERS, SHARDS, check_nodes};
use crate::api::action::{Actions, Change};
use crate::api::deployment::{number, unsaid};
use model::services::{Clash, Deployment, Error, Layout, Result, Thing, Wanted};
use model::{Caller, Model};
use shapes::elasticache;

const THING: Thing = Thing::ReplicationGroup;

pub fn actions(all: Actions) -> Actions {
    all.write(increase).write(decrease).write(reshard)
}

fn increase(cx: Change, input: elasticache::IncreaseReplicaCountMessage) -> Result<elasticache::ReplicationGroup> {
    let elasticache::IncreaseReplicaCountMessage { replication_group_id: name, new_replica_count } = input;
    let row = cx.model.deployment(&cx.caller.scope, THING, &name)?.clone();
    resize(cx.model, cx.caller, &row, new_replica_count, |before, after| after > before, &[])?;
    told(cx.model, cx.caller, &row.id)
}

fn decrease(cx: Change, input: elasticache::DecreaseReplicaCountMessage) -> Result<elasticache::ReplicationGroup> {
    let elasticache::DecreaseReplicaCountMessage { replication_group_id: name, new_replica_count, replicas_to_remove } =
        input;
    let row = cx.model.deployment(&cx.caller.scope, THING, &name)?.clone();
    if row.layout.has_shards() && !replicas_to_remove.is_empty() {
        return Err(Error::unsupported("ReplicasToRemove"));
    }
    let mut leaving: Vec<String> = replicas_to_remove.iter().map(|name| name.to_ascii_lowercase()).collect();
    leaving.sort_unstable();
    leaving.dedup();
    let replicas = (0..row.hosts.len()).filter(|index| *index != row.primary);
    let replicas: Vec<String> = replicas.map(|index| row.node_called(index)).collect();
    if let Some(other) = leaving.iter().find(|name| !replicas.contains(name)) {
        return Err(Error::Value { name: "ReplicasToRemove", value: other.clone(), why: Wanted::Replica {} });
    }
    let fewer = i32::try_from(replicas.len().saturating_sub(leaving.len())).ok().filter(|_| !leaving.is_empty());
    let fits = |before: usize, after: usize| after < before && after + leaving.len() <= before;
    resize(cx.model, cx.caller, &row, new_replica_count.or(fewer), fits, &leaving)?;
    told(cx.model, cx.caller, &row.id)
}

/// Gives a group another number of replicas, or each of its shards. Those that are named leave first.
fn resize(
    model: &mut Model,
    caller: &Caller,
    row: &Deployment,
    replicas: Option<i32>,
    fits: impl Fn(usize, usize) -> bool,
    leaving: &[String],
) -> Result<()> {
    let replicas = replicas.ok_or(Clash::MustBeGiven { names: "NewReplicaCount" })?;
    let clusters = number("NewReplicaCount", replicas.saturating_add(1), CLUSTERS)?;
    let before = match row.layout {
        Layout::Shards { each, .. } => usize::from(each),
        _ => row.hosts.len(),
    };
    if !fits(before, usize::from(clusters)) {
        let why = Wanted::Replicas { count: before.saturating_sub(1) };
        return Err(Error::Value { name: "NewReplicaCount", value: replicas.to_string(), why });
    }
    match row.layout {
        Layout::Shards { shards, .. } => {
            check_nodes(shards, clusters)?;
            model.reshard_deployment(caller, &row.id, (shards, clusters), &[], Vec::new())
        }
        _ => model.resize_deployment(caller, &row.id, clusters, leaving),
    }
}

/// Changes the number of shards. They share the slots evenly from then on.
fn reshard(
    cx: Change,
    input: elasticache::ModifyReplicationGroupShardConfigurationMessage,
) -> Result<elasticache::ReplicationGroup> {
    let elasticache::ModifyReplicationGroupShardConfigurationMessage {
        replication_group_id: name,
        node_group_count,
        apply_immediately,
        resharding_configuration,
        node_groups_to_remove,
        node_groups_to_retain,
    } = input;
    let row = cx.model.deployment(&cx.caller.scope, THING, &name)?.clone();
    let Layout::Shards { shards: before, each } = row.layout else {
        return Err(Error::Value { name: "ReplicationGroupId", value: name, why: Wanted::OfShards {} });
    };
    if !apply_immediately {
        let why = Wanted::OnlyTrue {};
        return Err(Error::Value { name: "ApplyImmediately", value: apply_immediately.to_string(), why });
    }
    let shards = number("NodeGroupCount", node_group_count, SHARDS)?;
    check_nodes(shards, each)?;
    let leaving = leaving(&row, (before, shards), &node_groups_to_remove, &node_groups_to_retain)?;
    let zones = resharding_configuration.into_iter().flat_map(|shard| shard.preferred_availability_zones).collect();
    cx.model.reshard_deployment(cx.caller, &row.id, (shards, each), &leaving, zones)?;
    cx.model.set_deployment(&row.id, |settings| settings.told = unsaid(&settings.told, &["NodeGroups"]));
    told(cx.model, cx.caller, &row.id)
}

/// The ids of the shards that are removed: those that are named, or those that are not to be retained.
fn leaving(row: &Deployment, (before, after): (u16, u16), gone: &[String], kept: &[String]) -> Result<Vec<String>> {
    let all: Vec<String> = (0..usize::from(before)).map(|shard| row.part_called(shard)).collect();
    for (name, ids) in [("NodeGroupsToRemove", gone), ("NodeGroupsToRetain", kept)] {
        if let Some(id) = ids.iter().find(|id| !all.contains(id)) {
            return Err(Error::Value { name, value: id.clone(), why: Wanted::Shard {} });
        }
    }
    let stays = |id: &String| if kept.is_empty() { !gone.contains(id) } else { kept.contains(id) };
    let leaving: Vec<String> = all.into_iter().filter(|id| !stays(id)).collect();
    let is_clear = gone.is_empty() || kept.is_empty();
    match is_clear && leaving.len() == usize::from(before.saturating_sub(after)) {
        true => Ok(leaving),
        false => Err(Clash::ShardsToGo {}.into()),
    }
}
