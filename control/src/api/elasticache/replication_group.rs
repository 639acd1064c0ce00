//! Replication groups: a primary, and replicas that can take its place.

use super::cluster::{active, check_networks, checked_tls, checked_token, endpoint, notified, status_word, upgraded};
use super::shards::{self, Asked, shard_id};
use super::{snapshot, tags};
use crate::api::action::Actions;
use crate::api::deployment::{paged, said, said_over, text};
use model::services::{
    Clash, Deployment, DeploymentChange, Error, Layout, NewDeployment, Result, Settings, Status, Thing,
};
use model::{Caller, Model};
use shapes::elasticache;

const THING: Thing = Thing::ReplicationGroup;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(test_failover).write(delete)
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
        at_rest_encryption_enabled,
        auto_minor_version_upgrade,
        cache_parameter_group_name,
        kms_key_id,
        multi_az_enabled,
        notification_topic_arn,
        preferred_maintenance_window,
        snapshot_retention_limit,
        snapshot_window,
        ip_discovery,
        network_type,
        num_node_groups,
        replicas_per_node_group,
        node_group_configuration,
        snapshot_name,
        transit_encryption_enabled,
        transit_encryption_mode,
        auth_token,
        cluster_mode,
        primary_cluster_id,
    } = input;
    check_networks(&[network_type.as_deref(), ip_discovery.as_deref()])?;
    let tls = checked_tls(transit_encryption_enabled, transit_encryption_mode.as_deref())?;
    let auth_token_enabled = checked_token(auth_token, tls)?;
    let asked = Asked {
        clusters: num_cache_clusters,
        shards: num_node_groups,
        replicas: replicas_per_node_group,
        each: node_group_configuration,
        zones: preferred_cache_cluster_a_zs,
        mode: cluster_mode,
        fails_over: automatic_failover_enabled,
    };
    if primary_cluster_id.is_some() && asked.says_how_many() {
        return Err(Clash::PrimaryAlone {}.into());
    }
    let clusters = asked.clusters(shards::has_shards(model, caller, cache_parameter_group_name.as_deref()))?;
    let like = snapshot::source(model, caller, snapshot_name.as_deref())?;
    let engine = engine.or(like.engine).unwrap_or_else(|| "redis".to_owned());
    let version = engine_version.or(like.version).unwrap_or_default();
    let parameters = match clusters.layout {
        Layout::Shards { .. } if cache_parameter_group_name.is_none() => shards::parameters(&engine, &version)?,
        _ => cache_parameter_group_name,
    };
    let as_said = Told {
        group: elasticache::ReplicationGroup {
            at_rest_encryption_enabled,
            auth_token_enabled,
            auto_minor_version_upgrade,
            kms_key_id,
            multi_az: multi_az_enabled.map(switch),
            automatic_failover: automatic_failover_enabled.map(switch),
            snapshot_retention_limit,
            snapshot_window: snapshot_window.clone(),
            node_groups: clusters.told.unless_empty(),
            ..Default::default()
        },
        clusters: elasticache::CacheCluster {
            at_rest_encryption_enabled,
            auto_minor_version_upgrade,
            notification_configuration: notification_topic_arn.map(active),
            preferred_maintenance_window,
            snapshot_retention_limit,
            snapshot_window,
            ..Default::default()
        },
    };
    if let Some(primary) = primary_cluster_id {
        let before = &model.deployment(&caller.scope, Thing::CacheCluster, &primary)?.settings;
        if tls && !before.tls {
            return Err(Error::unsupported("TransitEncryptionEnabled"));
        }
        let as_said = (replication_group_description, as_said.over(&before.told));
        let row = model.adopt_cluster(caller, &primary, &replication_group_id, as_said, tags::of(sent)?)?;
        let group = elasticache::ReplicationGroup { status: text("creating"), ..shown(model, &row) };
        return Ok(elasticache::CreateReplicationGroupResult { replication_group: Some(group) });
    }
    let new = NewDeployment {
        thing: THING,
        name: replication_group_id,
        engine,
        settings: Settings {
            tls,
            version,
            class: cache_node_type.or(like.class).unwrap_or_else(|| "cache.m3.medium".to_owned()),
            description: Some(replication_group_description),
            parameters,
            told: as_said.over(""),
            ..Settings::default()
        },
        subnet_group: cache_subnet_group_name,
        groups: security_group_ids.to_vec(),
        access_groups: cache_security_group_names.to_vec(),
        zones: clusters.zones,
        public: Some(false),
        port,
        layout: clusters.layout,
        tags: tags::of(sent)?,
    };
    let id = model.create_deployment(caller, new)?.id.clone();
    Ok(elasticache::CreateReplicationGroupResult { replication_group: told(model, &id) })
}

/// The settings that are returned for a group and for its clusters. One JSON serves both, for members of the same name mean the same.
struct Told {
    group: elasticache::ReplicationGroup,
    clusters: elasticache::CacheCluster,
}

impl Told {
    fn over(&self, before: &str) -> String {
        said_over(&said_over(before, &self.group), &self.clusters)
    }
}

fn switch(on: bool) -> String {
    if on { "enabled" } else { "disabled" }.to_owned()
}

fn mode(row: &Deployment) -> &'static str {
    if row.layout.has_shards() { "enabled" } else { "disabled" }
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
        automatic_failover_enabled,
        auto_minor_version_upgrade,
        cache_parameter_group_name,
        multi_az_enabled,
        notification_topic_arn,
        notification_topic_status,
        preferred_maintenance_window,
        snapshot_retention_limit,
        snapshot_window,
        snapshotting_cluster_id: _,
        ip_discovery,
        transit_encryption_enabled,
        cluster_mode,
    } = input;
    check_networks(&[ip_discovery.as_deref()])?;
    let before = model.deployment(&caller.scope, THING, &replication_group_id)?.clone();
    if transit_encryption_enabled.is_some_and(|asked| asked != before.settings.tls) {
        return Err(Error::unsupported("TransitEncryptionEnabled"));
    }
    if cluster_mode.is_some_and(|asked| asked != mode(&before)) {
        return Err(Error::unsupported("ClusterMode"));
    }
    if primary_cluster_id.is_some() && before.layout.has_shards() {
        return Err(Clash::NotOfShards { name: "PrimaryClusterId" }.into());
    }
    if automatic_failover_enabled == Some(true) && before.hosts.len() < 2 {
        return Err(Clash::FailoverNeedsTwo {}.into());
    }
    let new = upgraded(model, caller, &before, engine_version, cache_parameter_group_name)?;
    let as_said = Told {
        group: elasticache::ReplicationGroup {
            auto_minor_version_upgrade,
            multi_az: multi_az_enabled.map(switch),
            automatic_failover: automatic_failover_enabled.map(switch),
            snapshot_retention_limit,
            snapshot_window: snapshot_window.clone(),
            ..Default::default()
        },
        clusters: elasticache::CacheCluster {
            auto_minor_version_upgrade,
            notification_configuration: notified(notification_topic_arn, notification_topic_status),
            preferred_maintenance_window,
            snapshot_retention_limit,
            snapshot_window,
            ..Default::default()
        },
    };
    let change = DeploymentChange {
        groups: security_group_ids.to_vec(),
        access_groups: cache_security_group_names.to_vec(),
        ..DeploymentChange::default()
    };
    let row = model.modify_deployment(caller, THING, &replication_group_id, change)?.clone();
    if let Some(primary) = primary_cluster_id {
        let index = (0..row.hosts.len()).find(|index| row.node_called(*index).eq_ignore_ascii_case(&primary));
        let index = index.ok_or(Error::NotFound { thing: Thing::CacheCluster, name: primary })?;
        model.promote(&row.id, index, caller.now)?;
    }
    model.set_deployment(&row.id, |settings| {
        settings.class = cache_node_type.unwrap_or_else(|| std::mem::take(&mut settings.class));
        (settings.version, settings.parameters) = new;
        settings.told = as_said.over(&settings.told);
        settings.description = replication_group_description.or(settings.description.take());
    });
    Ok(elasticache::ModifyReplicationGroupResult { replication_group: told(model, &row.id) })
}

/// Has a replica take the place of the primary, which restarts as a replica.
fn test_failover(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::TestFailoverMessage,
) -> Result<elasticache::TestFailoverResult> {
    let elasticache::TestFailoverMessage { replication_group_id: name, node_group_id: shard } = input;
    let row = model.deployment(&caller.scope, THING, &name)?.clone();
    if row.layout.has_shards() {
        return Err(Error::unsupported("NodeGroupId"));
    }
    if shard != shard_id(0) {
        return Err(Error::NoNodeGroup { shard });
    }
    if shown(model, &row).automatic_failover.as_deref() != Some("enabled") {
        return Err(Clash::FailoverDisabled {}.into());
    }
    model.test_failover(caller, THING, &name)?;
    Ok(elasticache::TestFailoverResult { replication_group: told(model, &row.id) })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::DeleteReplicationGroupMessage,
) -> Result<elasticache::DeleteReplicationGroupResult> {
    let elasticache::DeleteReplicationGroupMessage {
        replication_group_id: name,
        final_snapshot_identifier,
        retain_primary_cluster,
    } = input;
    if let Some(last) = final_snapshot_identifier {
        snapshot::take(model, caller, (THING, &name), &last)?;
    }
    if retain_primary_cluster == Some(true) {
        let gone = model.delete_except_primary(caller, &name)?;
        return Ok(elasticache::DeleteReplicationGroupResult { replication_group: Some(shown(model, &gone)) });
    }
    let id = model.delete_deployment(caller, THING, &name)?.id.clone();
    Ok(elasticache::DeleteReplicationGroupResult { replication_group: told(model, &id) })
}

/// A group as it is returned.
pub fn told(model: &Model, id: &str) -> Option<elasticache::ReplicationGroup> {
    model.deployments.get(id).map(|row| shown(model, row))
}

fn shown(model: &Model, row: &Deployment) -> elasticache::ReplicationGroup {
    let status = model.status_of(row);
    let told: elasticache::ReplicationGroup = said(&row.settings.told);
    let fails_over = row.hosts.len() > 1;
    let is_there = status != Status::Creating;
    let configuration = row.layout.has_shards().then(|| endpoint(model.endpoint_name(row), row)).filter(|_| is_there);
    elasticache::ReplicationGroup {
        replication_group_id: text(&row.name),
        description: row.settings.description.clone(),
        status: text(status_word(status)),
        member_clusters: (0..row.hosts.len()).map(|index| row.node_called(index)).collect(),
        node_groups: node_groups(model, row).into(),
        configuration_endpoint: configuration,
        automatic_failover: told.automatic_failover.or_else(|| Some(switch(fails_over))),
        multi_az: told.multi_az.or_else(|| Some(switch(false))),
        snapshot_retention_limit: told.snapshot_retention_limit.or(Some(0)),
        snapshot_window: told.snapshot_window.or(text("03:00-04:00")),
        auto_minor_version_upgrade: told.auto_minor_version_upgrade.or(Some(true)),
        at_rest_encryption_enabled: told.at_rest_encryption_enabled.or(Some(false)),
        auth_token_enabled: told.auth_token_enabled.or(Some(false)),
        transit_encryption_enabled: Some(row.settings.tls),
        transit_encryption_mode: row.settings.tls.then(|| "required".to_owned()),
        pending_modified_values: Some(elasticache::ReplicationGroupPendingModifiedValues::default()),
        data_tiering: text("disabled"),
        network_type: text("ipv4"),
        ip_discovery: text("ipv4"),
        cluster_mode: text(mode(row)),
        cluster_enabled: Some(row.layout.has_shards()),
        cache_node_type: text(&row.settings.class),
        arn: text(&row.id),
        replication_group_create_time: Some(row.created),
        engine: text(&row.engine),
        ..told
    }
}

/// The shards. Without the cluster mode there is one, and who is its primary is told.
fn node_groups(model: &Model, row: &Deployment) -> Vec<elasticache::NodeGroup> {
    let is_there = model.status_of(row) != Status::Creating;
    let only = |is: bool, name: String| Some(endpoint(name, row)).filter(|_| is);
    let has_primary = !row.layout.has_shards();
    let member = |(index, host): (usize, &String)| elasticache::NodeGroupMember {
        cache_cluster_id: Some(row.node_called(index)),
        cache_node_id: text("0001"),
        read_endpoint: model.node_name(row, index).and_then(|name| only(has_primary, name)),
        preferred_availability_zone: model.managed_hosts.get(host).map(|host| host.zone.clone()),
        current_role: text(if index == row.primary { "primary" } else { "replica" }).filter(|_| has_primary),
        ..Default::default()
    };
    let members: Vec<_> = row.hosts.iter().enumerate().map(member).collect();
    let each = if has_primary { members.len() } else { row.layout.each() };
    let group = |(index, members): (usize, &[elasticache::NodeGroupMember])| elasticache::NodeGroup {
        node_group_id: Some(if has_primary { shard_id(index) } else { row.part_called(index) }),
        status: text(status_word(model.status_of(row))),
        primary_endpoint: only(has_primary && is_there, model.endpoint_name(row)),
        reader_endpoint: only(has_primary && is_there, model.reader_name(row)),
        slots: (!has_primary).then(|| row.slots(index)),
        node_group_members: members.to_vec().into(),
    };
    members.chunks(each.max(1)).enumerate().map(group).collect()
}
