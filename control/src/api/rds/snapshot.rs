//! DB snapshots: on paper, as the storage is that they would be of.

use super::instance;
use super::{filter, tags};
use crate::api::action::Actions;
use crate::api::deployment::{paged, text};
use model::services::{Error, Result, ServiceSnapshot, Thing, Wanted};
use model::{Caller, Model};
use shapes::rds;

const THING: Thing = Thing::DbSnapshot;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(copy).read(describe).read(describe_attributes).write(modify_attributes).write(delete)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: rds::CreateDBSnapshotMessage,
) -> Result<rds::CreateDBSnapshotResult> {
    let rds::CreateDBSnapshotMessage { db_snapshot_identifier: name, db_instance_identifier: of, tags: sent } = input;
    let taken =
        model.create_service_snapshot(caller, (THING, &name), (Thing::DbInstance, &of), tags::of(sent)?)?.clone();
    Ok(rds::CreateDBSnapshotResult { db_snapshot: Some(creating(shown(model, &taken))) })
}

/// A snapshot as the reply shows it that says that it is made.
fn creating(snapshot: rds::DBSnapshot) -> rds::DBSnapshot {
    rds::DBSnapshot { status: text("creating"), percent_progress: Some(0), ..snapshot }
}

fn copy(model: &mut Model, caller: &Caller, input: rds::CopyDBSnapshotMessage) -> Result<rds::CopyDBSnapshotResult> {
    let rds::CopyDBSnapshotMessage {
        source_db_snapshot_identifier: source,
        target_db_snapshot_identifier: name,
        tags: sent,
        copy_tags,
    } = input;
    let mut tags = tags::of(sent)?;
    if tags.is_empty() && copy_tags == Some(true) {
        tags = model.service_snapshot(&caller.scope, THING, &source)?.tags.clone();
    }
    let taken = model.copy_service_snapshot(caller, THING, (&source, &name), tags)?.clone();
    Ok(rds::CopyDBSnapshotResult { db_snapshot: Some(creating(shown(model, &taken))) })
}

fn describe(model: &Model, caller: &Caller, input: rds::DescribeDBSnapshotsMessage) -> Result<rds::DBSnapshotMessage> {
    let rds::DescribeDBSnapshotsMessage {
        db_instance_identifier: of,
        db_snapshot_identifier: name,
        snapshot_type,
        dbi_resource_id,
        filters,
        page,
    } = input;
    filter::check(&filters)?;
    let filters = filter::with(&filters, "db-snapshot-id", name.as_deref());
    let filters = filter::with(&filters, "db-instance-id", of.as_deref());
    let filters = filter::with(&filters, "dbi-resource-id", dbi_resource_id.as_deref());
    let filters = filter::with(&filters, "snapshot-type", snapshot_type.as_deref());
    let all = model.service_snapshots_of(&caller.scope, THING);
    let rows: Vec<_> = all.filter(|row| filter::pass(&filters, |name| values(row, name))).collect();
    if let (Some(name), true) = (name, rows.is_empty()) {
        return Err(Error::NotFound { thing: THING, name });
    }
    let (rows, marker) = paged(page, rows, |row: &&ServiceSnapshot| &row.name)?;
    Ok(rds::DBSnapshotMessage { marker, db_snapshots: rows.into_iter().map(|row| shown(model, row)).collect() })
}

/// By what DB snapshots can be filtered. Those that a service takes by itself are not there.
fn values(row: &ServiceSnapshot, filter: &str) -> Vec<String> {
    match filter {
        "db-instance-id" => vec![row.source.name.clone(), row.source.id.clone()],
        "db-snapshot-id" => vec![row.name.clone(), row.id.clone()],
        "dbi-resource-id" => vec![instance::resource_id(&row.source)],
        "snapshot-type" => vec!["manual".to_owned()],
        "engine" => vec![row.source.engine.clone()],
        _ => Vec::new(),
    }
}

/// Who else may restore from a snapshot. That accounts are named makes no difference: each sees its own snapshots alone.
fn attributes(row: &ServiceSnapshot) -> rds::DBSnapshotAttributesResult {
    let attribute_values = row.restorers.iter().cloned().collect();
    let restore = rds::DBSnapshotAttribute { attribute_name: text("restore"), attribute_values };
    rds::DBSnapshotAttributesResult {
        db_snapshot_identifier: text(&row.name),
        db_snapshot_attributes: vec![restore].into(),
    }
}

fn describe_attributes(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeDBSnapshotAttributesMessage,
) -> Result<rds::DescribeDBSnapshotAttributesResult> {
    let row = model.service_snapshot(&caller.scope, THING, &input.db_snapshot_identifier)?;
    Ok(rds::DescribeDBSnapshotAttributesResult { db_snapshot_attributes_result: Some(attributes(row)) })
}

fn modify_attributes(
    model: &mut Model,
    caller: &Caller,
    input: rds::ModifyDBSnapshotAttributeMessage,
) -> Result<rds::ModifyDBSnapshotAttributeResult> {
    let rds::ModifyDBSnapshotAttributeMessage {
        db_snapshot_identifier: name,
        attribute_name,
        values_to_add: more,
        values_to_remove: fewer,
    } = input;
    if attribute_name != "restore" {
        let why = Wanted::SnapshotAttribute {};
        return Err(Error::Value { name: "AttributeName", value: attribute_name, why });
    }
    let row = model.share_service_snapshot(caller, THING, &name, (&more, &fewer))?;
    Ok(rds::ModifyDBSnapshotAttributeResult { db_snapshot_attributes_result: Some(attributes(row)) })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: rds::DeleteDBSnapshotMessage,
) -> Result<rds::DeleteDBSnapshotResult> {
    let gone = model.delete_service_snapshot(caller, THING, &input.db_snapshot_identifier)?;
    let shown = rds::DBSnapshot { status: text("deleted"), ..shown(model, &gone) };
    Ok(rds::DeleteDBSnapshotResult { db_snapshot: Some(shown) })
}

/// Makes the snapshot that a deletion asks for.
pub fn take_final(model: &mut Model, caller: &Caller, of: &str, name: &str) -> Result<()> {
    let tags = model.deployment(&caller.scope, Thing::DbInstance, of)?.tags.clone();
    model.create_service_snapshot(caller, (THING, name), (Thing::DbInstance, of), tags)?;
    Ok(())
}

fn shown(model: &Model, row: &ServiceSnapshot) -> rds::DBSnapshot {
    let source = &row.source;
    let settings = &source.settings;
    let group = source.subnet_group.as_ref().and_then(|id| model.subnet_groups.get(id));
    rds::DBSnapshot {
        db_snapshot_identifier: text(&row.name),
        db_instance_identifier: text(&source.name),
        snapshot_create_time: Some(row.created),
        original_snapshot_create_time: Some(row.created),
        engine: text(&source.engine),
        allocated_storage: settings.storage,
        status: text("available"),
        port: Some(source.port.into()),
        availability_zone: row.zone.clone(),
        vpc_id: group.map(|group| group.vpc.clone()),
        instance_create_time: Some(source.created),
        master_username: settings.user.clone(),
        engine_version: text(&settings.version),
        license_model: settings.license.clone(),
        snapshot_type: text("manual"),
        option_group_name: settings.options.clone(),
        percent_progress: Some(100),
        source_db_snapshot_identifier: row.copy_of.clone(),
        storage_type: Some(settings.storage_type.clone().unwrap_or_else(|| "gp2".to_owned())),
        encrypted: Some(settings.encrypted),
        db_snapshot_arn: text(&row.id),
        iam_database_authentication_enabled: Some(false),
        dbi_resource_id: Some(instance::resource_id(source)),
        tag_list: tags::shown(&row.tags),
        ..Default::default()
    }
}
