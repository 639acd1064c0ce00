//! Snapshots of clusters: as those of DB instances are, in words of their own.

use super::snapshot::{check_attribute, found, kind, tags_of_copy, tags_of_new};
use super::{cluster, tags};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, same_members, text};
use model::Model;
use model::services::{Result, ServiceSnapshot, Thing};
use shapes::rds::{self, DBClusterSnapshot};

const THING: Thing = Thing::DbClusterSnapshot;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(copy).read(describe).read(describe_attributes).write(modify_attributes).write(delete)
}

fn create(cx: Change, input: rds::CreateDBClusterSnapshotMessage) -> Result<DBClusterSnapshot> {
    let of = (Thing::DbCluster, input.db_cluster_identifier.as_str());
    let named = (THING, input.db_cluster_snapshot_identifier.as_str());
    let tags = tags_of_new(cx.model, cx.caller, of, tags::of(input.tags)?)?;
    let taken = cx.model.create_service_snapshot(cx.caller, named, of, tags)?.clone();
    Ok(creating(cx.model, &taken))
}

/// A new snapshot as the reply to its creation shows it.
fn creating(model: &Model, row: &ServiceSnapshot) -> DBClusterSnapshot {
    DBClusterSnapshot { status: text("creating"), percent_progress: Some(0), ..shown(model, row) }
}

fn copy(cx: Change, input: rds::CopyDBClusterSnapshotMessage) -> Result<DBClusterSnapshot> {
    let source = input.source_db_cluster_snapshot_identifier;
    let names = (source.as_str(), input.target_db_cluster_snapshot_identifier.as_str());
    let tags = tags_of_copy(cx.model, cx.caller, (THING, &source), (tags::of(input.tags)?, input.copy_tags))?;
    let taken = cx.model.copy_service_snapshot(cx.caller, THING, names, input.kms_key_id.is_some(), tags)?.clone();
    Ok(creating(cx.model, &taken))
}

fn describe(cx: View, input: rds::DescribeDBClusterSnapshotsMessage) -> Result<Paged<DBClusterSnapshot>> {
    let identifiers = [
        ("db-cluster-snapshot-id", input.db_cluster_snapshot_identifier),
        ("db-cluster-id", input.db_cluster_identifier),
        ("snapshot-type", input.snapshot_type),
        ("db-cluster-resource-id", input.db_cluster_resource_id),
    ];
    let rows = found(cx.model, cx.caller, (THING, identifiers), &input.filters, input.page)?;
    Ok(rows.map(|row| shown(cx.model, row)))
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
    cx: View,
    input: rds::DescribeDBClusterSnapshotAttributesMessage,
) -> Result<rds::DBClusterSnapshotAttributesResult> {
    let row = cx.model.service_snapshot(&cx.caller.scope, THING, &input.db_cluster_snapshot_identifier)?;
    Ok(attributes(row))
}

fn modify_attributes(
    cx: Change,
    input: rds::ModifyDBClusterSnapshotAttributeMessage,
) -> Result<rds::DBClusterSnapshotAttributesResult> {
    check_attribute(input.attribute_name)?;
    let accounts = (&*input.values_to_add, &*input.values_to_remove);
    Ok(attributes(cx.model.share_service_snapshot(
        cx.caller,
        THING,
        &input.db_cluster_snapshot_identifier,
        accounts,
    )?))
}

fn delete(cx: Change, input: rds::DeleteDBClusterSnapshotMessage) -> Result<DBClusterSnapshot> {
    let gone = cx.model.delete_service_snapshot(cx.caller, THING, &input.db_cluster_snapshot_identifier)?;
    Ok(DBClusterSnapshot { status: text("deleted"), ..shown(cx.model, &gone) })
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
