//! DB snapshots: on paper, as the storage is that they would be of.

use super::instance::{self, told};
use super::tags;
use crate::api::action::Actions;
use crate::api::deployment::{paged, text};
use model::services::{Error, Layout, NewDeployment, Result, ServiceSnapshot, Settings, Thing};
use model::{Caller, Model};
use shapes::rds;

const THING: Thing = Thing::DbSnapshot;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(copy).read(describe).read(describe_attributes).write(delete).write(restore)
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
    } = input;
    let taken = model.copy_service_snapshot(caller, THING, (&source, &name), tags::of(sent)?)?.clone();
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
    instance::check_filters(&filters, "DB snapshots")?;
    let mut rows = match name {
        Some(name) => vec![model.service_snapshot(&caller.scope, THING, &name)?],
        None => model.service_snapshots_of(&caller.scope, THING).collect(),
    };
    rows.retain(|row| of.as_ref().is_none_or(|of| of.eq_ignore_ascii_case(&row.source.name)));
    rows.retain(|row| dbi_resource_id.as_ref().is_none_or(|id| *id == instance::resource_id(&row.source)));
    rows.retain(|row| filters.iter().all(|filter| matches(row, filter)));
    // Those that a service takes by itself are not there.
    rows.retain(|_| snapshot_type.as_deref().is_none_or(|kind| kind == "manual"));
    let (rows, marker) = paged(page, rows, |row: &&ServiceSnapshot| &row.name)?;
    Ok(rds::DBSnapshotMessage { marker, db_snapshots: rows.into_iter().map(|row| shown(model, row)).collect() })
}

/// By what DB snapshots can be filtered.
fn matches(row: &ServiceSnapshot, filter: &rds::Filter) -> bool {
    filter.values.iter().any(|value| match filter.name.as_str() {
        "db-instance-id" => value.eq_ignore_ascii_case(&row.source.name) || *value == row.source.id,
        "db-snapshot-id" => value.eq_ignore_ascii_case(&row.name),
        "dbi-resource-id" => *value == instance::resource_id(&row.source),
        "snapshot-type" => value == "manual",
        "engine" => *value == row.source.engine,
        _ => false,
    })
}

/// Nobody else may restore from one.
fn describe_attributes(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeDBSnapshotAttributesMessage,
) -> Result<rds::DescribeDBSnapshotAttributesResult> {
    let row = model.service_snapshot(&caller.scope, THING, &input.db_snapshot_identifier)?;
    let restore = rds::DBSnapshotAttribute { attribute_name: text("restore"), attribute_values: Vec::new().into() };
    let result = rds::DBSnapshotAttributesResult {
        db_snapshot_identifier: text(&row.name),
        db_snapshot_attributes: vec![restore].into(),
    };
    Ok(rds::DescribeDBSnapshotAttributesResult { db_snapshot_attributes_result: Some(result) })
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

/// Another DB instance like the one that the snapshot is of; what is said is otherwise.
fn restore(
    model: &mut Model,
    caller: &Caller,
    input: rds::RestoreDBInstanceFromDBSnapshotMessage,
) -> Result<rds::RestoreDBInstanceFromDBSnapshotResult> {
    let rds::RestoreDBInstanceFromDBSnapshotMessage {
        db_instance_identifier,
        db_snapshot_identifier,
        db_instance_class,
        port,
        availability_zone,
        db_subnet_group_name,
        multi_az,
        publicly_accessible,
        db_name,
        engine,
        tags: sent,
        storage_type,
        vpc_security_group_ids,
        deletion_protection,
        allocated_storage,
        db_parameter_group_name,
        option_group_name,
        network_type,
    } = input;
    instance::check_network(network_type.as_deref())?;
    let missing = || Error::Combination { why: "The request must contain the parameter DBSnapshotIdentifier." };
    let snapshot = model.service_snapshot(&caller.scope, THING, &db_snapshot_identifier.ok_or_else(missing)?)?;
    let source = snapshot.source.clone();
    if let Some(other) = engine.filter(|engine| !engine.eq_ignore_ascii_case(&source.engine)) {
        let why = format!("the snapshot is of {}", source.engine);
        return Err(Error::Value { name: "Engine", value: other, why });
    }
    let standby = multi_az.unwrap_or(false);
    let settings = source.settings;
    let new = NewDeployment {
        thing: Thing::DbInstance,
        name: db_instance_identifier,
        engine: source.engine,
        settings: Settings {
            class: db_instance_class.unwrap_or(settings.class),
            database: db_name.or(settings.database),
            storage: allocated_storage.or(settings.storage),
            storage_type: storage_type.or(settings.storage_type),
            protected: deletion_protection.unwrap_or(false),
            // It has the family's own groups unless others are named.
            parameters: db_parameter_group_name,
            options: option_group_name,
            ..settings
        },
        subnet_group: db_subnet_group_name,
        groups: vpc_security_group_ids.to_vec(),
        access_groups: Vec::new(),
        zones: availability_zone.into_iter().filter(|_| !standby).collect(),
        public: publicly_accessible,
        port: port.or(Some(source.port.into())),
        layout: if standby { Layout::Standby } else { Layout::Single },
        tags: tags::of(sent)?,
    };
    let id = model.create_deployment(caller, new)?.id.clone();
    Ok(rds::RestoreDBInstanceFromDBSnapshotResult { db_instance: told(model, &id) })
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
        snapshot_create_time: Some(row.created.into()),
        original_snapshot_create_time: Some(row.created.into()),
        engine: text(&source.engine),
        allocated_storage: settings.storage,
        status: text("available"),
        port: Some(source.port.into()),
        availability_zone: row.zone.clone(),
        vpc_id: group.map(|group| group.vpc.clone()),
        instance_create_time: Some(source.created.into()),
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
