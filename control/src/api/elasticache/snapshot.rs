//! Snapshots of caches: on paper.

use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, text};
use model::services::{Clash, Error, Result, ServiceSnapshot, Thing};
use model::{Caller, Model, Tags};
use shapes::elasticache::{self, CacheSettings, Snapshot};

const THING: Thing = Thing::CacheSnapshot;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(copy).read(describe).write(delete)
}

fn create(cx: Change, input: elasticache::CreateSnapshotMessage) -> Result<Snapshot> {
    let elasticache::CreateSnapshotMessage { replication_group_id, cache_cluster_id, snapshot_name, tags: sent } =
        input;
    let source = match (&replication_group_id, &cache_cluster_id) {
        (Some(group), None) => (Thing::ReplicationGroup, group.as_str()),
        (None, Some(cluster)) => (Thing::CacheCluster, cluster.as_str()),
        (None, None) => return Err(Error::NoSource {}),
        _ => {
            return Err(Clash::OneSource {}.into());
        }
    };
    let row = cx.model.deployment(&cx.caller.scope, source.0, source.1)?;
    if row.engine == "memcached" {
        return Err(Clash::SnapshotsOfRedis {}.into());
    }
    let taken = cx.model.create_service_snapshot(cx.caller, (THING, &snapshot_name), source, tags::of(sent)?)?.clone();
    Ok(Snapshot { snapshot_status: text("creating"), ..shown(cx.model, &taken) })
}

fn copy(cx: Change, input: elasticache::CopySnapshotMessage) -> Result<Snapshot> {
    let elasticache::CopySnapshotMessage { source_snapshot_name: source, target_snapshot_name: name, tags: sent } =
        input;
    let taken = cx.model.copy_service_snapshot(cx.caller, THING, (&source, &name), false, tags::of(sent)?)?.clone();
    Ok(Snapshot { snapshot_status: text("creating"), ..shown(cx.model, &taken) })
}

/// The settings of a new cache. What the request leaves out is as in the snapshot that it names.
///
/// # Errors
/// [`Error::NotFound`]
pub fn completed(model: &Model, caller: &Caller, asked: CacheSettings) -> Result<CacheSettings> {
    let Some(name) = &asked.snapshot_name else { return Ok(asked) };
    let of = &model.service_snapshot(&caller.scope, THING, name)?.source;
    Ok(CacheSettings {
        engine: asked.engine.or(text(&of.engine)),
        engine_version: asked.engine_version.or(text(&of.settings.version)),
        cache_node_type: asked.cache_node_type.or(text(&of.settings.class)),
        ..asked
    })
}

/// Takes the final snapshot of a deletion.
pub fn take(model: &mut Model, caller: &Caller, of: (Thing, &str), name: &str) -> Result<()> {
    model.create_service_snapshot(caller, (THING, name), of, Tags::new())?;
    Ok(())
}

fn describe(cx: View, input: elasticache::DescribeSnapshotsMessage) -> Result<Paged<Snapshot>> {
    let elasticache::DescribeSnapshotsMessage {
        replication_group_id,
        cache_cluster_id,
        snapshot_name,
        snapshot_source,
        page,
    } = input;
    if replication_group_id.is_some() && cache_cluster_id.is_some() {
        return Err(Clash::OneSource {}.into());
    }
    let mut rows: Vec<&ServiceSnapshot> = match snapshot_name {
        Some(name) => vec![cx.model.service_snapshot(&cx.caller.scope, THING, &name)?],
        None => cx.model.service_snapshots_of(&cx.caller.scope, THING).collect(),
    };
    let of = |row: &ServiceSnapshot, thing: Thing, name: &Option<String>| {
        name.as_ref().is_none_or(|name| row.source.thing == thing && row.source.name.eq_ignore_ascii_case(name))
    };
    rows.retain(|row| of(row, Thing::ReplicationGroup, &replication_group_id));
    rows.retain(|row| of(row, Thing::CacheCluster, &cache_cluster_id));
    rows.retain(|row| match snapshot_source.as_deref() {
        Some("system") => row.is_automated(),
        Some("user") => !row.is_automated(),
        _ => true,
    });
    // A deleted cache may still have snapshots.
    if let (Some(name), true) = (&replication_group_id, rows.is_empty()) {
        cx.model.deployment(&cx.caller.scope, Thing::ReplicationGroup, name)?;
    }
    if let (Some(name), true) = (&cache_cluster_id, rows.is_empty()) {
        cx.model.deployment(&cx.caller.scope, Thing::CacheCluster, name)?;
    }
    Ok(paged(page, rows, |row: &&ServiceSnapshot| &row.name)?.map(|row| shown(cx.model, row)))
}

fn delete(cx: Change, input: elasticache::DeleteSnapshotMessage) -> Result<Snapshot> {
    let gone = cx.model.delete_service_snapshot(cx.caller, THING, &input.snapshot_name)?;
    Ok(Snapshot { snapshot_status: text("deleting"), ..shown(cx.model, &gone) })
}

fn shown(model: &Model, row: &ServiceSnapshot) -> Snapshot {
    let source = &row.source;
    let group = model.subnet_group_of(source);
    let named = |thing: Thing| (source.thing == thing).then(|| source.name.clone());
    Snapshot {
        snapshot_name: text(&row.name),
        replication_group_id: named(Thing::ReplicationGroup),
        replication_group_description: source.settings.description.clone(),
        cache_cluster_id: named(Thing::CacheCluster),
        snapshot_status: text("available"),
        snapshot_source: text("manual"),
        cache_node_type: text(&source.settings.class),
        engine: text(&source.engine),
        engine_version: text(&source.settings.version),
        num_cache_nodes: Some(1),
        preferred_availability_zone: row.zone.clone(),
        cache_cluster_create_time: Some(source.created),
        port: Some(source.port.into()),
        cache_parameter_group_name: source.settings.parameters.clone(),
        cache_subnet_group_name: group.map(|group| group.name.clone()),
        vpc_id: group.map(|group| group.vpc.clone()),
        arn: text(&row.id),
        ..Default::default()
    }
}
