//! Snapshots of clusters: on paper.

use super::tags;
use crate::api::action::Actions;
use crate::api::deployment::{paged, text};
use model::services::{Result, ServiceSnapshot, Thing};
use model::{Caller, Model};
use shapes::redshift;

const THING: Thing = Thing::ClusterSnapshot;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: redshift::CreateClusterSnapshotMessage,
) -> Result<redshift::CreateClusterSnapshotResult> {
    let redshift::CreateClusterSnapshotMessage { snapshot_identifier: name, cluster_identifier: of, tags: sent } =
        input;
    let taken = model.create_service_snapshot(caller, (THING, &name), (Thing::Cluster, &of), tags::of(sent)?)?.clone();
    let snapshot = redshift::Snapshot { status: text("creating"), ..shown(model, &taken) };
    Ok(redshift::CreateClusterSnapshotResult { snapshot: Some(snapshot) })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: redshift::DescribeClusterSnapshotsMessage,
) -> Result<redshift::SnapshotMessage> {
    let redshift::DescribeClusterSnapshotsMessage { cluster_identifier, snapshot_identifier, snapshot_type, page } =
        input;
    let mut rows: Vec<&ServiceSnapshot> = match snapshot_identifier {
        Some(name) => vec![model.service_snapshot(&caller.scope, THING, &name)?],
        None => model.service_snapshots_of(&caller.scope, THING).collect(),
    };
    rows.retain(|row| cluster_identifier.as_ref().is_none_or(|of| of.eq_ignore_ascii_case(&row.source.name)));
    // Those that the service takes by itself are not there.
    rows.retain(|_| snapshot_type.as_deref().is_none_or(|kind| kind == "manual"));
    let (rows, marker) = paged(page, rows, |row: &&ServiceSnapshot| &row.name)?;
    Ok(redshift::SnapshotMessage { marker, snapshots: rows.into_iter().map(|row| shown(model, row)).collect() })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: redshift::DeleteClusterSnapshotMessage,
) -> Result<redshift::DeleteClusterSnapshotResult> {
    let redshift::DeleteClusterSnapshotMessage { snapshot_identifier: name, snapshot_cluster_identifier: of } = input;
    let row = model.service_snapshot(&caller.scope, THING, &name)?;
    if of.is_some_and(|of| !of.eq_ignore_ascii_case(&row.source.name)) {
        return Err(model::services::Error::NotFound { thing: THING, name });
    }
    let gone = model.delete_service_snapshot(caller, THING, &name)?;
    let snapshot = redshift::Snapshot { status: text("deleted"), ..shown(model, &gone) };
    Ok(redshift::DeleteClusterSnapshotResult { snapshot: Some(snapshot) })
}

fn shown(model: &Model, row: &ServiceSnapshot) -> redshift::Snapshot {
    let source = &row.source;
    let group = source.subnet_group.as_ref().and_then(|id| model.subnet_groups.get(id));
    redshift::Snapshot {
        snapshot_identifier: text(&row.name),
        cluster_identifier: text(&source.name),
        snapshot_create_time: Some(row.created.into()),
        status: text("available"),
        port: Some(source.port.into()),
        availability_zone: row.zone.clone(),
        cluster_create_time: Some(source.created.into()),
        master_username: source.settings.user.clone(),
        cluster_version: text(&source.settings.version),
        snapshot_type: text("manual"),
        node_type: text(&source.settings.class),
        number_of_nodes: source.settings.nodes,
        db_name: source.settings.database.clone(),
        vpc_id: group.map(|group| group.vpc.clone()),
        encrypted: Some(source.settings.encrypted),
        owner_account: text(&row.scope.account),
        tags: tags::shown(&row.tags),
        manual_snapshot_retention_period: Some(-1),
        snapshot_arn: text(&row.id),
        ..Default::default()
    }
}
