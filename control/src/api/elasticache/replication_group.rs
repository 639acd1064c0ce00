//! Replication groups: a primary, and replicas that can take its place.

use super::cluster::{endpoint, status_word};
use super::settings::switch;
use super::shards::{self, Asked, shard_id};
use super::{global_member, settings, snapshot, tags, user_group};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, said, said_over, text};
use model::services::{Clash, Deployment, Error, NewDeployment, Result, Settings, Status, Thing};
use model::{Caller, Model};
use shapes::elasticache;

const THING: Thing = Thing::ReplicationGroup;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(test_failover).write(delete)
}

fn create(cx: Change, input: elasticache::CreateReplicationGroupMessage) -> Result<elasticache::ReplicationGroup> {
    let elasticache::CreateReplicationGroupMessage {
        replication_group_id: name,
        replication_group_description: description,
        num_cache_clusters,
        preferred_cache_cluster_a_zs,
        num_node_groups,
        replicas_per_node_group,
        node_group_configuration,
        at_rest_encryption_enabled,
        kms_key_id,
        transit_encryption_mode,
        user_group_ids,
        global_replication_group_id: global,
        settings: asked,
    } = input;
    settings::check(&asked)?;
    if asked.engine.as_ref().is_some_and(|engine| engine.eq_ignore_ascii_case("memcached")) {
        return Err(Clash::GroupsOfRedis {}.into());
    }
    let primary = global.as_ref().map(|id| global_member::primary_for(cx.model, cx.caller, id)).transpose()?;
    let (asked, shards) = match &primary {
        Some(primary) => global_member::like(primary, asked),
        None => (asked, num_node_groups),
    };
    if asked.multi_az_enabled == Some(true) && asked.automatic_failover_enabled != Some(true) {
        return Err(Clash::MultiAzFailsOver {}.into());
    }
    let tls = settings::checked_tls(&asked, transit_encryption_mode.as_deref())?;
    let auth_token_enabled = settings::checked_token(&asked, tls)?;
    let user_group_ids = user_group::checked(cx.model, cx.caller, user_group_ids, tls)?;
    let size = Asked {
        clusters: num_cache_clusters,
        shards,
        replicas: replicas_per_node_group,
        each: node_group_configuration,
        zones: preferred_cache_cluster_a_zs,
        mode: asked.cluster_mode.clone(),
        fails_over: asked.automatic_failover_enabled,
    };
    if asked.primary_cluster_id.is_some() && (size.says_how_many() || global.is_some()) {
        return Err(Clash::PrimaryAlone {}.into());
    }
    let clusters =
        size.clusters(shards::has_shards(cx.model, cx.caller, asked.cache_parameter_group_name.as_deref()))?;
    let own = elasticache::ReplicationGroup {
        at_rest_encryption_enabled,
        auth_token_enabled,
        kms_key_id,
        node_groups: clusters.told.unless_empty(),
        user_group_ids: user_group_ids.unless_empty(),
        ..Default::default()
    };
    if let Some(primary) = &asked.primary_cluster_id {
        let before = &cx.model.deployment(&cx.caller.scope, Thing::CacheCluster, primary)?.settings;
        if tls && !before.tls {
            return Err(Error::unsupported("TransitEncryptionEnabled"));
        }
        let told = settings::told(&asked, &said_over(&before.told, &own));
        let row =
            cx.model.adopt_cluster(cx.caller, primary, &name, (description, told), tags::of(asked.tags.clone())?)?;
        return Ok(elasticache::ReplicationGroup { status: text("creating"), ..shown(cx.model, &row) });
    }
    let mut asked = snapshot::completed(cx.model, cx.caller, asked)?;
    let engine = asked.engine.get_or_insert_with(|| "redis".to_owned());
    if clusters.layout.has_shards() && asked.cache_parameter_group_name.is_none() {
        let version = asked.engine_version.as_deref().unwrap_or_default();
        asked.cache_parameter_group_name = shards::parameters(engine, version)?;
    }
    let own = Settings { tls, description: Some(description), told: said_over("", &own), ..Settings::default() };
    let new = settings::new((THING, name), asked, own)?;
    let new = NewDeployment { zones: clusters.zones, layout: clusters.layout, ..new };
    let row = cx.model.create_deployment(cx.caller, new)?.clone();
    if let Some(global) = &global {
        global_member::join(cx.model, cx.caller, global, &row)?;
    }
    told(cx.model, cx.caller, &row.id)
}

fn mode(row: &Deployment) -> &'static str {
    if row.layout.has_shards() { "enabled" } else { "disabled" }
}

fn describe(
    cx: View,
    input: elasticache::DescribeReplicationGroupsMessage,
) -> Result<Paged<elasticache::ReplicationGroup>> {
    let elasticache::DescribeReplicationGroupsMessage { replication_group_id, page } = input;
    let rows = match replication_group_id {
        Some(name) => vec![cx.model.deployment(&cx.caller.scope, THING, &name)?],
        None => cx.model.deployments_of(&cx.caller.scope, THING).collect(),
    };
    Ok(paged(page, rows, |row: &&Deployment| &row.name)?.map(|row| shown(cx.model, row)))
}

fn modify(cx: Change, input: elasticache::ModifyReplicationGroupMessage) -> Result<elasticache::ReplicationGroup> {
    let elasticache::ModifyReplicationGroupMessage {
        replication_group_id,
        replication_group_description: description,
        snapshotting_cluster_id: _,
        remove_user_groups,
        user_group_ids_to_add: more,
        user_group_ids_to_remove: fewer,
        settings: asked,
    } = input;
    settings::check(&asked)?;
    let before = cx.model.deployment(&cx.caller.scope, THING, &replication_group_id)?.clone();
    if asked.transit_encryption_enabled.is_some_and(|asked| asked != before.settings.tls) {
        return Err(Error::unsupported("TransitEncryptionEnabled"));
    }
    if asked.cluster_mode.as_deref().is_some_and(|asked| asked != mode(&before)) {
        return Err(Error::unsupported("ClusterMode"));
    }
    if asked.primary_cluster_id.is_some() && before.layout.has_shards() {
        return Err(Clash::NotOfShards { name: "PrimaryClusterId" }.into());
    }
    let users = user_group::changed(cx.model, cx.caller, &before, (more, &fewer), remove_user_groups)?;
    let auth_token_enabled = settings::changed_token(&asked, before.settings.tls)?;
    let own = elasticache::ReplicationGroup { auth_token_enabled, ..users };
    let primary = asked.primary_cluster_id.clone();
    let row = change(cx.model, cx.caller, &before, asked)?;
    if let Some(primary) = primary {
        let index = (0..row.hosts.len()).find(|index| row.node_called(*index).eq_ignore_ascii_case(&primary));
        let index = index.ok_or(Error::NotFound { thing: Thing::CacheCluster, name: primary })?;
        cx.model.promote(&row.id, index, cx.caller.now)?;
    }
    cx.model.set_deployment(&row.id, |settings| {
        settings.told = said_over(&settings.told, &own);
        settings.description = description.or(settings.description.take());
    });
    told(cx.model, cx.caller, &row.id)
}

/// Changes the settings that groups and clusters have in common.
pub fn change(
    model: &mut Model,
    caller: &Caller,
    row: &Deployment,
    asked: elasticache::CacheSettings,
) -> Result<Deployment> {
    if asked.automatic_failover_enabled == Some(true) && row.hosts.len() < 2 {
        return Err(Clash::FailoverNeedsTwo {}.into());
    }
    let asked = settings::upgraded(model, caller, row, asked)?;
    model.modify_deployment(caller, THING, &row.name, settings::change(&asked))?;
    model.set_deployment(&row.id, |settings| *settings = settings::over(asked, std::mem::take(settings)));
    model.deployment(&caller.scope, THING, &row.name).cloned()
}

/// Makes a replica the primary. The former primary restarts as a replica.
fn test_failover(cx: Change, input: elasticache::TestFailoverMessage) -> Result<elasticache::ReplicationGroup> {
    let elasticache::TestFailoverMessage { replication_group_id: name, node_group_id: shard } = input;
    let row = cx.model.deployment(&cx.caller.scope, THING, &name)?.clone();
    if row.layout.has_shards() {
        return Err(Error::unsupported("NodeGroupId"));
    }
    if shard != shard_id(0) {
        return Err(Error::NoNodeGroup { shard });
    }
    if shown(cx.model, &row).automatic_failover.as_deref() != Some("enabled") {
        return Err(Clash::FailoverDisabled {}.into());
    }
    cx.model.test_failover(cx.caller, THING, &name)?;
    told(cx.model, cx.caller, &row.id)
}

fn delete(cx: Change, input: elasticache::DeleteReplicationGroupMessage) -> Result<elasticache::ReplicationGroup> {
    let elasticache::DeleteReplicationGroupMessage {
        replication_group_id: name,
        final_snapshot_identifier,
        retain_primary_cluster,
    } = input;
    global_member::check_alone(cx.model, cx.model.deployment(&cx.caller.scope, THING, &name)?)?;
    if let Some(last) = final_snapshot_identifier {
        snapshot::take(cx.model, cx.caller, (THING, &name), &last)?;
    }
    if retain_primary_cluster == Some(true) {
        let gone = cx.model.delete_except_primary(cx.caller, &name)?;
        return Ok(shown(cx.model, &gone));
    }
    let id = cx.model.delete_deployment(cx.caller, THING, &name)?.id.clone();
    told(cx.model, cx.caller, &id)
}

/// A group as it is returned.
pub fn told(model: &Model, caller: &Caller, id: &str) -> Result<elasticache::ReplicationGroup> {
    Ok(shown(model, model.deployment(&caller.scope, THING, id)?))
}

pub fn shown(model: &Model, row: &Deployment) -> elasticache::ReplicationGroup {
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
        user_group_ids: told.user_group_ids.unless_empty(),
        global_replication_group_info: global_member::info(model, row),
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
