//! Snapshots of clusters: as those of DB instances are, in words of their own.

use super::instance::resource_id;
use super::snapshot::{Named, check_attribute, found, kind, tags_of_copy, tags_of_new};
use super::{filter, tags};
use crate::api::action::Actions;
use crate::api::deployment::{said, text};
use model::services::{Result, ServiceSnapshot, Thing};
use model::{Caller, Model};
use shapes::rds;

const THING: Thing = Thing::DbClusterSnapshot;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(copy).read(describe).read(describe_attributes).write(modify_attributes).write(delete)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: rds::CreateDBClusterSnapshotMessage,
) -> Result<rds::CreateDBClusterSnapshotResult> {
    let rds::CreateDBClusterSnapshotMessage {
        db_cluster_snapshot_identifier: name,
        db_cluster_identifier: of,
        tags: sent,
    } = input;
    let of = (Thing::DbCluster, of.as_str());
    let tags = tags_of_new(model, caller, of, tags::of(sent)?)?;
    let taken = model.create_service_snapshot(caller, (THING, &name), of, tags)?.clone();
    Ok(rds::CreateDBClusterSnapshotResult { db_cluster_snapshot: Some(creating(model, &taken)) })
}

/// A new snapshot as the reply to its creation shows it.
fn creating(model: &Model, row: &ServiceSnapshot) -> rds::DBClusterSnapshot {
    rds::DBClusterSnapshot { status: text("creating"), percent_progress: Some(0), ..shown(model, row) }
}

fn copy(
    model: &mut Model,
    caller: &Caller,
    input: rds::CopyDBClusterSnapshotMessage,
) -> Result<rds::CopyDBClusterSnapshotResult> {
    let rds::CopyDBClusterSnapshotMessage {
        source_db_cluster_snapshot_identifier: source,
        target_db_cluster_snapshot_identifier: name,
        kms_key_id,
        copy_tags,
        tags: sent,
    } = input;
    let tags = tags_of_copy(model, caller, (THING, &source), (tags::of(sent)?, copy_tags))?;
    let taken = model.copy_service_snapshot(caller, THING, (&source, &name), kms_key_id.is_some(), tags)?.clone();
    Ok(rds::CopyDBClusterSnapshotResult { db_cluster_snapshot: Some(creating(model, &taken)) })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeDBClusterSnapshotsMessage,
) -> Result<rds::DBClusterSnapshotMessage> {
    let rds::DescribeDBClusterSnapshotsMessage {
        db_cluster_identifier: of,
        db_cluster_snapshot_identifier: name,
        snapshot_type: kind,
        filters,
        page,
        db_cluster_resource_id,
    } = input;
    filter::check(&filters)?;
    let filters = filter::with(&filters, "db-cluster-resource-id", db_cluster_resource_id.as_deref());
    let (rows, marker) = found(model, caller, Named { thing: THING, name, of, kind }, &filters, page)?;
    let db_cluster_snapshots = rows.into_iter().map(|row| shown(model, row)).collect();
    Ok(rds::DBClusterSnapshotMessage { marker, db_cluster_snapshots })
}

fn attributes(row: &ServiceSnapshot) -> rds::DBClusterSnapshotAttributesResult {
    let attribute_values = row.restorers.iter().cloned().collect();
    let restore = rds::DBClusterSnapshotAttribute { attribute_name: text("restore"), attribute_values };
    rds::DBClusterSnapshotAttributesResult {
        db_cluster_snapshot_identifier: text(&row.name),
        db_cluster_snapshot_attributes: vec![restore].into(),
    }
}

fn describe_attributes(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeDBClusterSnapshotAttributesMessage,
) -> Result<rds::DescribeDBClusterSnapshotAttributesResult> {
    let row = model.service_snapshot(&caller.scope, THING, &input.db_cluster_snapshot_identifier)?;
    let db_cluster_snapshot_attributes_result = Some(attributes(row));
    Ok(rds::DescribeDBClusterSnapshotAttributesResult { db_cluster_snapshot_attributes_result })
}

fn modify_attributes(
    model: &mut Model,
    caller: &Caller,
    input: rds::ModifyDBClusterSnapshotAttributeMessage,
) -> Result<rds::ModifyDBClusterSnapshotAttributeResult> {
    let rds::ModifyDBClusterSnapshotAttributeMessage {
        db_cluster_snapshot_identifier: name,
        attribute_name,
        values_to_add: more,
        values_to_remove: fewer,
    } = input;
    check_attribute(attribute_name)?;
    let row = model.share_service_snapshot(caller, THING, &name, (&more, &fewer))?;
    let db_cluster_snapshot_attributes_result = Some(attributes(row));
    Ok(rds::ModifyDBClusterSnapshotAttributeResult { db_cluster_snapshot_attributes_result })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: rds::DeleteDBClusterSnapshotMessage,
) -> Result<rds::DeleteDBClusterSnapshotResult> {
    let gone = model.delete_service_snapshot(caller, THING, &input.db_cluster_snapshot_identifier)?;
    let shown = rds::DBClusterSnapshot { status: text("deleted"), ..shown(model, &gone) };
    Ok(rds::DeleteDBClusterSnapshotResult { db_cluster_snapshot: Some(shown) })
}

fn shown(model: &Model, row: &ServiceSnapshot) -> rds::DBClusterSnapshot {
    let (source, settings) = (&row.source, &row.source.settings);
    let told: rds::DBCluster = said(&settings.told);
    let group = source.subnet_group.as_ref().and_then(|id| model.subnet_groups.get(id));
    rds::DBClusterSnapshot {
        availability_zones: super::cluster::zones(model, source).into(),
        db_cluster_snapshot_identifier: text(&row.name),
        db_cluster_identifier: text(&source.name),
        snapshot_create_time: Some(row.created),
        engine: text(&source.engine),
        engine_mode: told.engine_mode.or(text("provisioned")),
        allocated_storage: settings.storage,
        status: text("available"),
        port: Some(source.port.into()),
        vpc_id: group.map(|group| group.vpc.clone()),
        cluster_create_time: Some(source.created),
        master_username: settings.user.clone(),
        engine_version: text(&settings.version),
        license_model: text(super::engine::license(&source.engine)),
        snapshot_type: text(kind(row)),
        percent_progress: Some(100),
        storage_encrypted: Some(settings.encrypted),
        db_cluster_snapshot_arn: text(&row.id),
        source_db_cluster_snapshot_arn: row.copy_of.clone(),
        iam_database_authentication_enabled: told.iam_database_authentication_enabled.or(Some(false)),
        tag_list: tags::shown(&row.tags),
        db_cluster_resource_id: Some(resource_id(source)),
        ..Default::default()
    }
}
