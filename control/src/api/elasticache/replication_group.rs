//! Replication groups: a primary, and replicas that can take its place.

use super::cluster::{endpoint, member_name, number, status_word};
use super::tags;
use crate::api::action::Actions;
use crate::api::deployment::{paged, text};
use crate::model::services::{
    Deployment, DeploymentChange, Error, Layout, NewDeployment, Result, Settings, Status, Thing,
};
use crate::model::{Caller, Model};
use shapes::elasticache;

const THING: Thing = Thing::ReplicationGroup;
/// The most clusters of a group.
const CLUSTERS: u16 = 6;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::CreateReplicationGroupMessage,
) -> Result<elasticache::CreateReplicationGroupResult> {
    let elasticache::CreateReplicationGroupMessage {
        replication_group_id,
        replication_group_description,
        automatic_failover_enabled,
        num_cache_clusters,
        preferred_cache_cluster_a_zs,
        cache_node_type,
        engine,
        engine_version,
        cache_subnet_group_name,
        cache_security_group_names,
        security_group_ids,
        tags: sent,
        port,
    } = input;
    let clusters = number("NumCacheClusters", num_cache_clusters.unwrap_or(1), CLUSTERS)?;
    if automatic_failover_enabled == Some(true) && clusters < 2 {
        let why = "AutomaticFailoverEnabled needs at least two clusters.";
        return Err(Error::Combination { why });
    }
    let new = NewDeployment {
        thing: THING,
        name: replication_group_id,
        engine: engine.unwrap_or_else(|| "redis".to_owned()),
        settings: Settings {
            version: engine_version.unwrap_or_default(),
            class: cache_node_type.unwrap_or_else(|| "cache.m3.medium".to_owned()),
            description: Some(replication_group_description),
            ..Settings::default()
        },
        subnet_group: cache_subnet_group_name,
        groups: security_group_ids.to_vec(),
        access_groups: cache_security_group_names.to_vec(),
        zones: preferred_cache_cluster_a_zs.to_vec(),
        public: Some(false),
        port,
        layout: Layout::Replicas(clusters),
        tags: tags::of(sent),
    };
    let id = model.create_deployment(caller, new)?.id.clone();
    Ok(elasticache::CreateReplicationGroupResult { replication_group: told(model, &id) })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: elasticache::DescribeReplicationGroupsMessage,
) -> Result<elasticache::ReplicationGroupMessage> {
    let elasticache::DescribeReplicationGroupsMessage { replication_group_id, page } = input;
    let rows = match replication_group_id {
        Some(name) => vec![model.deployment(&caller.scope, THING, &name)?],
        None => model.deployments_of(&caller.scope, THING).collect(),
    };
    let (rows, marker) = paged(page, rows, |row: &&Deployment| &row.name)?;
    let replication_groups = rows.into_iter().map(|row| shown(model, row)).collect();
    Ok(elasticache::ReplicationGroupMessage { marker, replication_groups })
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::ModifyReplicationGroupMessage,
) -> Result<elasticache::ModifyReplicationGroupResult> {
    let elasticache::ModifyReplicationGroupMessage {
        replication_group_id,
        replication_group_description,
        primary_cluster_id,
        cache_security_group_names,
        security_group_ids,
        engine_version,
        cache_node_type,
    } = input;
    let change = DeploymentChange {
        groups: security_group_ids.to_vec(),
        access_groups: cache_security_group_names.to_vec(),
        ..DeploymentChange::default()
    };
    let row = model.modify_deployment(caller, THING, &replication_group_id, change)?.clone();
    if let Some(primary) = primary_cluster_id {
        let index = (0..row.hosts.len()).find(|index| member_name(&row, *index).eq_ignore_ascii_case(&primary));
        let index = index.ok_or(Error::NotFound { thing: Thing::CacheCluster, name: primary })?;
        model.promote(&row.id, index, caller.now)?;
    }
    model.set_deployment(&row.id, |settings| {
        settings.class = cache_node_type.unwrap_or_else(|| std::mem::take(&mut settings.class));
        settings.version = engine_version.unwrap_or_else(|| std::mem::take(&mut settings.version));
        settings.description = replication_group_description.or(settings.description.take());
    });
    Ok(elasticache::ModifyReplicationGroupResult { replication_group: told(model, &row.id) })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::DeleteReplicationGroupMessage,
) -> Result<elasticache::DeleteReplicationGroupResult> {
    let id = model.delete_deployment(caller, THING, &input.replication_group_id)?.id.clone();
    Ok(elasticache::DeleteReplicationGroupResult { replication_group: told(model, &id) })
}

fn told(model: &Model, id: &str) -> Option<elasticache::ReplicationGroup> {
    model.deployments.get(id).map(|row| shown(model, row))
}

fn shown(model: &Model, row: &Deployment) -> elasticache::ReplicationGroup {
    let status = model.status_of(row);
    let member = |(index, host): (usize, &String)| elasticache::NodeGroupMember {
        cache_cluster_id: Some(member_name(row, index)),
        cache_node_id: text("0001"),
        read_endpoint: model.node_name(row, index).map(|name| endpoint(name, row)),
        preferred_availability_zone: model.managed_hosts.get(host).map(|host| host.zone.clone()),
        current_role: text(if index == row.primary { "primary" } else { "replica" }),
        ..Default::default()
    };
    let nodes = elasticache::NodeGroup {
        node_group_id: text("0001"),
        status: text(status_word(status)),
        primary_endpoint: Some(endpoint(model.endpoint_name(row), row)).filter(|_| status != Status::Creating),
        node_group_members: row.hosts.iter().enumerate().map(member).collect(),
        ..Default::default()
    };
    elasticache::ReplicationGroup {
        replication_group_id: text(&row.name),
        description: row.settings.description.clone(),
        status: text(status_word(status)),
        member_clusters: (0..row.hosts.len()).map(|index| member_name(row, index)).collect(),
        node_groups: std::iter::once(nodes).collect(),
        automatic_failover: text(if row.hosts.len() > 1 { "enabled" } else { "disabled" }),
        cluster_enabled: Some(false),
        cache_node_type: text(&row.settings.class),
        arn: text(&row.id),
        replication_group_create_time: Some(row.created.into()),
        engine: text(&row.engine),
        ..Default::default()
    }
}
