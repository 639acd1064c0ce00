//! Snapshots of clusters: as those of DB instances are, in words of their own.

use super::snapshot::{check_attribute, found, kind, tags_of_copy, tags_of_new};
use super::{cluster, tags};
use crate::api::action::Actions;
use crate::api::deployment::{Paged, same_members, text};
use model::services::{Result, ServiceSnapshot, Thing};
use model::{Caller, Model};
use shapes::rds::{self, DBClusterSnapshot};

const THING: Thing = Thing::DbClusterSnapshot;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(copy).read(describe).read(describe_attributes).write(modify_attributes).write(delete)
}

fn create(model: &mut Model, caller: &Caller, input: rds::CreateDBClusterSnapshotMessage) -> Result<DBClusterSnapshot> {
    let of = (Thing::DbCluster, input.db_cluster_identifier.as_str());
    let named = (THING, input.db_cluster_snapshot_identifier.as_str());
    let tags = tags_of_new(model, caller, of, tags::of(input.tags)?)?;
    let taken = model.create_service_snapshot(caller, named, of, tags)?.clone();
    Ok(creating(model, &taken))
}

/// A new snapshot as the reply to its creation shows it.
fn creating(model: &Model, row: &ServiceSnapshot) -> DBClusterSnapshot {
    DBClusterSnapshot { status: text("creating"), percent_progress: Some(0), ..shown(model, row) }
}

fn copy(model: &mut Model, caller: &Caller, input: rds::CopyDBClusterSnapshotMessage) -> Result<DBClusterSnapshot> {
    let source = input.source_db_cluster_snapshot_identifier;
    let names = (source.as_str(), input.target_db_cluster_snapshot_identifier.as_str());
    let tags = tags_of_copy(model, caller, (THING, &source), (tags::of(input.tags)?, input.copy_tags))?;
    let taken = model.copy_service_snapshot(caller, THING, names, input.kms_key_id.is_some(), tags)?.clone();
    Ok(creating(model, &taken))
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeDBClusterSnapshotsMessage,
) -> Result<Paged<DBClusterSnapshot>> {
    let identifiers = [
        ("db-cluster-snapshot-id", input.db_cluster_snapshot_identifier),
        ("db-cluster-id", input.db_cluster_identifier),
        ("snapshot-type", input.snapshot_type),
        ("db-cluster-resource-id", input.db_cluster_resource_id),
    ];
    let rows = found(model, caller, (THING, identifiers), &input.filters, input.page)?;
    Ok(rows.map(|row| shown(model, row)))
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
) -> Result<rds::DBClusterSnapshotAttributesResult> {
    let row = model.service_snapshot(&caller.scope, THING, &input.db_cluster_snapshot_identifier)?;
    Ok(attributes(row))
}

fn modify_attributes(
    model: &mut Model,
    caller: &Caller,
    input: rds::ModifyDBClusterSnapshotAttributeMessage,
) -> Result<rds::DBClusterSnapshotAttributesResult> {
    check_attribute(input.attribute_name)?;
    let accounts = (&*input.values_to_add, &*input.values_to_remove);
    Ok(attributes(model.share_service_snapshot(caller, THING, &input.db_cluster_snapshot_identifier, accounts)?))
}

fn delete(model: &mut Model, caller: &Caller, input: rds::DeleteDBClusterSnapshotMessage) -> Result<DBClusterSnapshot> {
    let gone = model.delete_service_snapshot(caller, THING, &input.db_cluster_snapshot_identifier)?;
    Ok(DBClusterSnapshot { status: text("deleted"), ..shown(model, &gone) })
}

fn shown(model: &Model, row: &ServiceSnapshot) -> DBClusterSnapshot {
    let source = &row.source;
    DBClusterSnapshot {
        availability_zones: cluster::zones(model, source).into(),
        db_cluster_snapshot_identifier: text(&row.name),
        snapshot_create_time: Some(row.created),
        status: text("available"),
        vpc_id: model.subnet_group_of(source).map(|group| group.vpc.clone()),
        license_model: text(super::engine::license(&source.engine)),
        snapshot_type: text(kind(row)),
        percent_progress: Some(100),
        db_cluster_snapshot_arn: text(&row.id),
        source_db_cluster_snapshot_arn: row.copy_of.clone(),
        tag_list: tags::shown(&row.tags),
        ..same_members(&cluster::shown(model, source))
    }
}
