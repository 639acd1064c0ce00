//! Cache clusters, among them those that replication groups consist of.

use super::shards::CLUSTERS;
use super::{settings, snapshot};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, number, paged, said, said_over, text};
use model::services::{Clash, Deployment, Error, Layout, NewDeployment, Result, Settings, Status, Thing};
use model::{Caller, ManagedHost, Model};
use shapes::elasticache::{self, CacheCluster};

const THING: Thing = Thing::CacheCluster;
/// The most nodes of a cluster.
const NODES: u16 = 20;

/// The page from which AWS gives clients of caches.
const CLIENTS: &str = "https://console.aws.amazon.com/elasticache/home#client-download:";

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(reboot).write(delete)
}

fn create(cx: Change, input: elasticache::CreateCacheClusterMessage) -> Result<CacheCluster> {
    let elasticache::CreateCacheClusterMessage {
        cache_cluster_id: name,
        preferred_availability_zone: zone,
        preferred_availability_zones: zones,
        replication_group_id,
        settings: asked,
    } = input;
    settings::check(&asked)?;
    cx.model.check_cache_name(&cx.caller.scope, &name)?;
    if let Some(group) = replication_group_id {
        return create_member(cx.model, cx.caller, (&group, &name), zone, &asked);
    }
    let tls = settings::checked_tls(&asked, None)?;
    let own = CacheCluster { auth_token_enabled: settings::checked_token(&asked, tls)?, ..Default::default() };
    let own = Settings { tls, told: said_over("", &own), ..Settings::default() };
    let asked = snapshot::completed(cx.model, cx.caller, asked)?;
    let nodes = number("NumCacheNodes", asked.num_cache_nodes.unwrap_or(1), NODES)?;
    let new = settings::new((THING, name), asked, own)?;
    let layout = if new.engine.eq_ignore_ascii_case("memcached") { Layout::Nodes(nodes) } else { Layout::Single };
    if layout == Layout::Single && nodes > 1 {
        return Err(Clash::OneNodeOfRedis {}.into());
    }
    let one = zone.filter(|zone| zone != "Multiple");
    let new = NewDeployment { layout, zones: one.into_iter().chain(zones).collect(), ..new };
    let id = cx.model.create_deployment(cx.caller, new)?.id.clone();
    told(cx.model, cx.caller, &id)
}

/// Makes a replica in a replication group, whose settings it has.
fn create_member(
    model: &mut Model,
    caller: &Caller,
    (group, name): (&str, &str),
    zone: Option<String>,
    asked: &elasticache::CacheSettings,
) -> Result<CacheCluster> {
    let of_group = [
        &asked.engine,
        &asked.engine_version,
        &asked.cache_node_type,
        &asked.cache_subnet_group_name,
        &asked.cache_parameter_group_name,
    ];
    if of_group.into_iter().any(Option::is_some) {
        return Err(Clash::MemberOnly {}.into());
    }
    let layout = model.deployment(&caller.scope, Thing::ReplicationGroup, group)?.layout;
    if matches!(layout, Layout::Replicas(CLUSTERS..)) {
        return Err(Error::TooManyNodes { most: CLUSTERS });
    }
    model.add_replica(caller, group, name, zone.into_iter().collect())?;
    told_member(model, caller, name)
}

fn describe(cx: View, input: elasticache::DescribeCacheClustersMessage) -> Result<Paged<CacheCluster>> {
    let elasticache::DescribeCacheClustersMessage {
        cache_cluster_id,
        show_cache_clusters_not_in_replication_groups: only_own,
        page,
    } = input;
    let own = cx.model.deployments_of(&cx.caller.scope, THING).map(|row| shown(cx.model, row));
    let groups = cx.model.deployments_of(&cx.caller.scope, Thing::ReplicationGroup);
    let members = groups.flat_map(|group| (0..group.hosts.len()).map(move |index| member(cx.model, group, index)));
    let mut rows: Vec<_> = own.chain(members.filter(|_| only_own != Some(true))).collect();
    if let Some(name) = cache_cluster_id {
        rows.retain(|row| row.cache_cluster_id.as_ref().is_some_and(|id| id.eq_ignore_ascii_case(&name)));
        if rows.is_empty() {
            return Err(not_found(name));
        }
    }
    rows.sort_by(|one, other| one.cache_cluster_id.cmp(&other.cache_cluster_id));
    paged(page, rows, |row| row.cache_cluster_id.as_deref().unwrap_or_default())
}

fn modify(cx: Change, input: elasticache::ModifyCacheClusterMessage) -> Result<CacheCluster> {
    let elasticache::ModifyCacheClusterMessage {
        cache_cluster_id,
        cache_node_ids_to_remove,
        new_availability_zones: _,
        settings: asked,
    } = input;
    settings::check(&asked)?;
    let row = cx.model.deployment(&cx.caller.scope, THING, &cache_cluster_id)?.clone();
    let nodes = asked.num_cache_nodes.map(|nodes| number("NumCacheNodes", nodes, NODES)).transpose()?;
    if let Some(nodes) = nodes.filter(|nodes| *nodes != row.layout.hosts()) {
        check_resizing(&row, nodes, &cache_node_ids_to_remove)?;
    }
    let own =
        CacheCluster { auth_token_enabled: settings::changed_token(&asked, row.settings.tls)?, ..Default::default() };
    let asked = settings::upgraded(cx.model, cx.caller, &row, asked)?;
    let id = cx.model.modify_deployment(cx.caller, THING, &cache_cluster_id, settings::change(&asked))?.id.clone();
    cx.model.set_deployment(&id, |settings| {
        *settings = settings::over(asked, std::mem::take(settings));
        settings.told = said_over(&settings.told, &own);
    });
    if let Some(nodes) = nodes {
        cx.model.resize_deployment(cx.caller, &id, nodes, &[])?;
    }
    told(cx.model, cx.caller, &id)
}

/// Refuses another number of nodes for one of Redis, and nodes to remove that are not the last ones.
fn check_resizing(row: &Deployment, nodes: u16, removed: &[String]) -> Result<()> {
    if !matches!(row.layout, Layout::Nodes(_)) {
        return Err(Clash::OneNodeOfRedis {}.into());
    }
    let gone = usize::from(row.layout.hosts().saturating_sub(nodes));
    if !removed.is_empty() && removed.len() != gone {
        return Err(Clash::NodesToRemove {}.into());
    }
    let last: Vec<String> = (nodes..row.layout.hosts()).map(|index| node_id(index.into())).collect();
    match removed.iter().all(|id| last.contains(id)) {
        true => Ok(()),
        false => Err(Clash::LastNodesGo {}.into()),
    }
}

fn reboot(cx: Change, input: elasticache::RebootCacheClusterMessage) -> Result<CacheCluster> {
    let name = input.cache_cluster_id;
    if let Some((group, index)) = cx.model.group_of(&cx.caller.scope, &name) {
        let id = group.id.clone();
        cx.model.reboot_node(&id, index)?;
        return told_member(cx.model, cx.caller, &name);
    }
    let id = cx.model.reboot_deployment(cx.caller, THING, &name, false)?.id.clone();
    told(cx.model, cx.caller, &id)
}

fn delete(cx: Change, input: elasticache::DeleteCacheClusterMessage) -> Result<CacheCluster> {
    let elasticache::DeleteCacheClusterMessage { cache_cluster_id: name, final_snapshot_identifier } = input;
    if let Some((group, index)) = cx.model.group_of(&cx.caller.scope, &name) {
        let gone = CacheCluster { cache_cluster_status: text("deleting"), ..member(cx.model, group, index) };
        let group = group.clone();
        cx.model.remove_replica(cx.caller, &group, index)?;
        return Ok(gone);
    }
    if let Some(last) = final_snapshot_identifier {
        snapshot::take(cx.model, cx.caller, (THING, &name), &last)?;
    }
    let id = cx.model.delete_deployment(cx.caller, THING, &name)?.id.clone();
    told(cx.model, cx.caller, &id)
}

fn told(model: &Model, caller: &Caller, id: &str) -> Result<CacheCluster> {
    Ok(shown(model, model.deployment(&caller.scope, THING, id)?))
}

/// A cluster of a replication group, by its name.
fn told_member(model: &Model, caller: &Caller, name: &str) -> Result<CacheCluster> {
    let (group, index) = model.group_of(&caller.scope, name).ok_or_else(|| not_found(name.to_owned()))?;
    Ok(member(model, group, index))
}

fn not_found(name: String) -> Error {
    Error::NotFound { thing: THING, name }
}

fn shown(model: &Model, row: &Deployment) -> CacheCluster {
    let has_nodes = matches!(row.layout, Layout::Nodes(_));
    let settled = model.status_of(row) != Status::Creating;
    let nodes = (0..row.hosts.len()).filter(|_| settled).filter_map(|index| node(model, row, index));
    CacheCluster {
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
fn member(model: &Model, group: &Deployment, index: usize) -> CacheCluster {
    let name = group.node_called(index);
    let host = group.hosts.get(index).and_then(|host| model.managed_hosts.get(host));
    CacheCluster {
        num_cache_nodes: Some(1),
        cache_nodes: node(model, group, index).into_iter().collect(),
        arn: Some(THING.arn(&group.scope, &name)),
        cache_cluster_id: Some(name),
        replication_group_id: text(&group.name),
        preferred_availability_zone: host.map(|host| host.zone.clone()),
        ..about(model, group)
    }
}

/// The common members of clusters.
fn about(model: &Model, row: &Deployment) -> CacheCluster {
    let group = model.subnet_group_of(row);
    let in_vpc = group.is_some();
    let of_vpc = |id: &String| elasticache::SecurityGroupMembership {
        security_group_id: Some(id.clone()),
        status: text("active"),
    };
    let of_classic = |id: &String| elasticache::CacheSecurityGroupMembership {
        cache_security_group_name: model.access_groups.get(id).map(|group| group.name.clone()),
        status: text("active"),
    };
    let told: CacheCluster = said(&row.settings.told);
    let parameters = row.settings.parameters.as_ref().map(|name| elasticache::CacheParameterGroupStatus {
        cache_parameter_group_name: text(name),
        parameter_apply_status: text("in-sync"),
        cache_node_ids_to_reboot: Vec::new().into(),
    });
    CacheCluster {
        cache_parameter_group: parameters,
        client_download_landing_page: text(CLIENTS),
        auto_minor_version_upgrade: told.auto_minor_version_upgrade.or(Some(true)),
        preferred_maintenance_window: told.preferred_maintenance_window.or(text("sun:05:00-sun:06:00")),
        snapshot_retention_limit: told.snapshot_retention_limit.or(Some(0)).filter(|_| row.engine != "memcached"),
        snapshot_window: told.snapshot_window.or(text("03:00-04:00")).filter(|_| row.engine != "memcached"),
        pending_modified_values: Some(elasticache::PendingModifiedValues::default()),
        auth_token_enabled: told.auth_token_enabled.or(Some(false)),
        transit_encryption_enabled: Some(row.settings.tls),
        transit_encryption_mode: row.settings.tls.then(|| "required".to_owned()),
        at_rest_encryption_enabled: told.at_rest_encryption_enabled.or(Some(false)),
        network_type: text("ipv4"),
        ip_discovery: text("ipv4"),
        cache_node_type: text(&row.settings.class),
        engine: text(&row.engine),
        engine_version: text(&row.settings.version),
        cache_cluster_status: text(status_word(model.status_of(row))),
        cache_cluster_create_time: Some(row.created),
        cache_security_groups: row.groups.iter().filter(|_| !in_vpc).map(of_classic).collect(),
        security_groups: row.groups.iter().filter(|_| in_vpc).map(of_vpc).collect(),
        cache_subnet_group_name: group.map(|group| group.name.clone()),
        ..told
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

/// The id of a node of a cluster.
fn node_id(index: usize) -> String {
    format!("{:04}", index + 1)
}

fn node(model: &Model, row: &Deployment, index: usize) -> Option<elasticache::CacheNode> {
    let host = model.managed_hosts.get(row.hosts.get(index)?)?;
    let is_alone = matches!(row.layout, Layout::Replicas(_) | Layout::Shards { .. });
    let name = model.node_name(row, index).unwrap_or_else(|| model.endpoint_name(row));
    Some(elasticache::CacheNode {
        cache_node_id: Some(node_id(if is_alone { 0 } else { index })),
        cache_node_status: text(if host.is_up() { "available" } else { "creating" }),
        cache_node_create_time: Some(row.created),
        endpoint: Some(endpoint(name, row)),
        parameter_group_status: text("in-sync"),
        customer_availability_zone: text(&host.zone),
        ..Default::default()
    })
}

/// An endpoint.
pub fn endpoint(name: String, row: &Deployment) -> elasticache::Endpoint {
    elasticache::Endpoint { address: Some(name), port: Some(row.port.into()) }
}

/// The service's word.
pub fn status_word(status: Status) -> &'static str {
    match status {
        Status::Rebooting => "rebooting cluster nodes",
        other => other.word(),
    }
}
