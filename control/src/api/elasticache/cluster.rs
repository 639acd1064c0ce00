//! Cache clusters, among them those that replication groups consist of.

use super::tags;
use crate::api::action::Actions;
use crate::api::deployment::{paged, text};
use crate::model::services::{
    Deployment, DeploymentChange, Error, Layout, NewDeployment, Result, Settings, Status, Thing,
};
use crate::model::{Caller, ManagedHost, Model};
use shapes::elasticache;

const THING: Thing = Thing::CacheCluster;
/// The most nodes of a cluster.
const NODES: u16 = 20;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(reboot).write(delete)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::CreateCacheClusterMessage,
) -> Result<elasticache::CreateCacheClusterResult> {
    let elasticache::CreateCacheClusterMessage {
        cache_cluster_id,
        preferred_availability_zone,
        preferred_availability_zones,
        num_cache_nodes,
        cache_node_type,
        engine,
        engine_version,
        cache_subnet_group_name,
        cache_security_group_names,
        security_group_ids,
        tags: sent,
        port,
    } = input;
    let engine = engine.unwrap_or_default();
    let nodes = number("NumCacheNodes", num_cache_nodes.unwrap_or(1), NODES)?;
    let layout = if engine.eq_ignore_ascii_case("memcached") { Layout::Nodes(nodes) } else { Layout::Single };
    if layout == Layout::Single && nodes > 1 {
        return Err(Error::Combination { why: "NumCacheNodes should be 1 if engine is redis." });
    }
    let one = preferred_availability_zone.filter(|zone| zone != "Multiple");
    let new = NewDeployment {
        thing: THING,
        name: cache_cluster_id,
        engine,
        settings: Settings {
            version: engine_version.unwrap_or_default(),
            class: cache_node_type.unwrap_or_else(|| "cache.m3.medium".to_owned()),
            ..Settings::default()
        },
        subnet_group: cache_subnet_group_name,
        groups: security_group_ids.to_vec(),
        access_groups: cache_security_group_names.to_vec(),
        zones: one.into_iter().chain(preferred_availability_zones).collect(),
        public: Some(false),
        port,
        layout,
        tags: tags::of(sent),
    };
    let id = model.create_deployment(caller, new)?.id.clone();
    Ok(elasticache::CreateCacheClusterResult { cache_cluster: told(model, &id) })
}

/// A number of nodes: at least one.
pub fn number(name: &'static str, asked: i32, most: u16) -> Result<u16> {
    let fits = u16::try_from(asked).ok().filter(|count| (1..=most).contains(count));
    fits.ok_or_else(|| Error::Value { name, value: asked.to_string(), why: format!("it must be from 1 to {most}") })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: elasticache::DescribeCacheClustersMessage,
) -> Result<elasticache::CacheClusterMessage> {
    let elasticache::DescribeCacheClustersMessage { cache_cluster_id, page } = input;
    let own = model.deployments_of(&caller.scope, THING).map(|row| shown(model, row));
    let groups = model.deployments_of(&caller.scope, Thing::ReplicationGroup);
    let members = groups.flat_map(|group| (0..group.hosts.len()).map(move |index| member(model, group, index)));
    let mut rows: Vec<_> = own.chain(members).collect();
    if let Some(name) = cache_cluster_id {
        rows.retain(|row| row.cache_cluster_id.as_ref().is_some_and(|id| id.eq_ignore_ascii_case(&name)));
        if rows.is_empty() {
            return Err(Error::NotFound { thing: THING, name });
        }
    }
    rows.sort_by(|one, other| one.cache_cluster_id.cmp(&other.cache_cluster_id));
    let (rows, marker) = paged(page, rows, |row| row.cache_cluster_id.as_deref().unwrap_or_default())?;
    Ok(elasticache::CacheClusterMessage { marker, cache_clusters: rows.into() })
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::ModifyCacheClusterMessage,
) -> Result<elasticache::ModifyCacheClusterResult> {
    let elasticache::ModifyCacheClusterMessage {
        cache_cluster_id,
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
    let id = model.modify_deployment(caller, THING, &cache_cluster_id, change)?.id.clone();
    model.set_deployment(&id, |settings| {
        settings.class = cache_node_type.unwrap_or_else(|| std::mem::take(&mut settings.class));
        settings.version = engine_version.unwrap_or_else(|| std::mem::take(&mut settings.version));
    });
    Ok(elasticache::ModifyCacheClusterResult { cache_cluster: told(model, &id) })
}

fn reboot(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::RebootCacheClusterMessage,
) -> Result<elasticache::RebootCacheClusterResult> {
    let id = model.reboot_deployment(caller, THING, &input.cache_cluster_id, false)?.id.clone();
    Ok(elasticache::RebootCacheClusterResult { cache_cluster: told(model, &id) })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::DeleteCacheClusterMessage,
) -> Result<elasticache::DeleteCacheClusterResult> {
    let id = model.delete_deployment(caller, THING, &input.cache_cluster_id)?.id.clone();
    Ok(elasticache::DeleteCacheClusterResult { cache_cluster: told(model, &id) })
}

fn told(model: &Model, id: &str) -> Option<elasticache::CacheCluster> {
    model.deployments.get(id).map(|row| shown(model, row))
}

fn shown(model: &Model, row: &Deployment) -> elasticache::CacheCluster {
    let has_nodes = matches!(row.layout, Layout::Nodes(_));
    let settled = model.status_of(row) != Status::Creating;
    let nodes = (0..row.hosts.len()).filter(|_| settled).filter_map(|index| node(model, row, index));
    elasticache::CacheCluster {
        cache_cluster_id: text(&row.name),
        configuration_endpoint: Some(endpoint(model.endpoint_name(row), row)).filter(|_| has_nodes && settled),
        num_cache_nodes: Some(i32::from(row.layout.hosts())),
        cache_nodes: nodes.collect(),
        arn: text(&row.id),
        preferred_availability_zone: zones(model.hosts_of(row)),
        ..about(model, row)
    }
}

/// One of the clusters of a replication group.
fn member(model: &Model, group: &Deployment, index: usize) -> elasticache::CacheCluster {
    let name = member_name(group, index);
    let host = group.hosts.get(index).and_then(|host| model.managed_hosts.get(host));
    elasticache::CacheCluster {
        num_cache_nodes: Some(1),
        cache_nodes: node(model, group, index).into_iter().collect(),
        arn: Some(THING.arn(&group.scope, &name)),
        cache_cluster_id: Some(name),
        replication_group_id: text(&group.name),
        preferred_availability_zone: host.map(|host| host.zone.clone()),
        ..about(model, group)
    }
}

/// The name of a replication group's cluster, counted from 0.
pub fn member_name(group: &Deployment, index: usize) -> String {
    format!("{}-{:03}", group.name, index + 1)
}

/// What clusters have in common, whatever they are part of.
fn about(model: &Model, row: &Deployment) -> elasticache::CacheCluster {
    let group = row.subnet_group.as_ref().and_then(|id| model.subnet_groups.get(id));
    let in_vpc = group.is_some();
    let of_vpc = |id: &String| elasticache::SecurityGroupMembership {
        security_group_id: Some(id.clone()),
        status: text("active"),
    };
    let of_classic = |id: &String| elasticache::CacheSecurityGroupMembership {
        cache_security_group_name: model.access_groups.get(id).map(|group| group.name.clone()),
        status: text("active"),
    };
    elasticache::CacheCluster {
        cache_node_type: text(&row.settings.class),
        engine: text(&row.engine),
        engine_version: text(&row.settings.version),
        cache_cluster_status: text(status_word(model.status_of(row))),
        cache_cluster_create_time: Some(row.created.into()),
        cache_security_groups: row.groups.iter().filter(|_| !in_vpc).map(of_classic).collect(),
        security_groups: row.groups.iter().filter(|_| in_vpc).map(of_vpc).collect(),
        cache_subnet_group_name: group.map(|group| group.name.clone()),
        ..Default::default()
    }
}

/// The zone of all hosts, or `Multiple`.
fn zones<'h>(hosts: impl Iterator<Item = &'h ManagedHost>) -> Option<String> {
    let mut zones: Vec<&str> = hosts.map(|host| host.zone.as_str()).collect();
    zones.dedup();
    match zones[..] {
        [] => None,
        [zone] => text(zone),
        _ => text("Multiple"),
    }
}

fn node(model: &Model, row: &Deployment, index: usize) -> Option<elasticache::CacheNode> {
    let host = model.managed_hosts.get(row.hosts.get(index)?)?;
    let is_replica = matches!(row.layout, Layout::Replicas(_));
    let name = model.node_name(row, index).unwrap_or_else(|| model.endpoint_name(row));
    Some(elasticache::CacheNode {
        cache_node_id: Some(format!("{:04}", if is_replica { 1 } else { index + 1 })),
        cache_node_status: text(if host.is_up() { "available" } else { "creating" }),
        cache_node_create_time: Some(row.created.into()),
        endpoint: Some(endpoint(name, row)),
        parameter_group_status: text("in-sync"),
        customer_availability_zone: text(&host.zone),
        ..Default::default()
    })
}

/// Where something is reached.
pub fn endpoint(name: String, row: &Deployment) -> elasticache::Endpoint {
    elasticache::Endpoint { address: Some(name), port: Some(row.port.into()) }
}

/// The service's word.
pub fn status_word(status: Status) -> &'static str {
    match status {
        Status::Creating => "creating",
        Status::Available => "available",
        Status::Modifying => "modifying",
        Status::Rebooting => "rebooting cluster nodes",
        Status::Deleting => "deleting",
        Status::Failed => "failed",
        // Of RDS only.
        Status::Stopped => "stopped",
        Status::Starting => "starting",
    }
}
