//! DB snapshots, without data.

use super::engine::license;
use super::instance;
use super::storage::Storage;
use super::{filter, tags};
use crate::api::action::Actions;
use crate::api::deployment::{paged, said, text};
use model::services::{Error, Result, ServiceSnapshot, Thing, Wanted};
use model::{Caller, Model, Tags};
use shapes::{Page, rds};

const THING: Thing = Thing::DbSnapshot;

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .write(copy)
        .read(describe)
        .write(modify)
        .read(describe_attributes)
        .write(modify_attributes)
        .write(delete)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: rds::CreateDBSnapshotMessage,
) -> Result<rds::CreateDBSnapshotResult> {
    let rds::CreateDBSnapshotMessage { db_snapshot_identifier: name, db_instance_identifier: of, tags: sent } = input;
    let tags = tags_of_new(model, caller, (Thing::DbInstance, &of), tags::of(sent)?)?;
    let taken = model.create_service_snapshot(caller, (THING, &name), (Thing::DbInstance, &of), tags)?.clone();
    Ok(rds::CreateDBSnapshotResult { db_snapshot: Some(creating(shown(model, &taken))) })
}

/// The tags of a new snapshot: those of the request, or else those of its source if they are to be copied.
pub fn tags_of_new(model: &Model, caller: &Caller, (thing, of): (Thing, &str), own: Tags) -> Result<Tags> {
    let source = model.deployment(&caller.scope, thing, of)?;
    Ok(if own.is_empty() && source.copies_tags() { source.tags.clone() } else { own })
}

/// A new snapshot as the reply to its creation shows it.
fn creating(snapshot: rds::DBSnapshot) -> rds::DBSnapshot {
    rds::DBSnapshot { status: text("creating"), percent_progress: Some(0), ..snapshot }
}

fn copy(model: &mut Model, caller: &Caller, input: rds::CopyDBSnapshotMessage) -> Result<rds::CopyDBSnapshotResult> {
    let rds::CopyDBSnapshotMessage {
        source_db_snapshot_identifier: source,
        target_db_snapshot_identifier: name,
        tags: sent,
        copy_tags,
        kms_key_id,
    } = input;
    let tags = tags_of_copy(model, caller, (THING, &source), (tags::of(sent)?, copy_tags))?;
    let taken = model.copy_service_snapshot(caller, THING, (&source, &name), kms_key_id.is_some(), tags)?.clone();
    Ok(rds::CopyDBSnapshotResult { db_snapshot: Some(creating(shown(model, &taken))) })
}

/// The tags of a copy: those of the request, or else those of the snapshot if they are to be copied.
pub fn tags_of_copy(
    model: &Model,
    caller: &Caller,
    (thing, source): (Thing, &str),
    (said, copies): (Tags, Option<bool>),
) -> Result<Tags> {
    let source = model.source_snapshot(&caller.scope, thing, source)?;
    Ok(if said.is_empty() && copies == Some(true) { source.tags.clone() } else { said })
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
    let filters = filter::with(&filters, "dbi-resource-id", dbi_resource_id.as_deref());
    let named = Named { thing: THING, name, of, kind: snapshot_type };
    let (rows, marker) = found(model, caller, named, &filters, page)?;
    Ok(rds::DBSnapshotMessage { marker, db_snapshots: rows.into_iter().map(|row| shown(model, row)).collect() })
}

/// Which snapshots a request names.
pub struct Named {
    /// Of DB instances or of clusters.
    pub thing: Thing,
    /// The snapshot's name.
    pub name: Option<String>,
    /// What they are of.
    pub of: Option<String>,
    /// Automated ones or manual ones.
    pub kind: Option<String>,
}

/// The snapshots that are named and pass filters: each name is one more value of a filter, and an error only if nothing is found by it
/// alone.
pub fn found<'m>(
    model: &'m Model,
    caller: &'m Caller,
    named: Named,
    filters: &[rds::Filter],
    page: Page,
) -> Result<(Vec<&'m ServiceSnapshot>, Option<String>)> {
    let Named { thing, name, of, kind } = named;
    let (by_name, by_source) = match thing {
        Thing::DbClusterSnapshot => ("db-cluster-snapshot-id", "db-cluster-id"),
        _ => ("db-snapshot-id", "db-instance-id"),
    };
    let filters = filter::with(filters, by_name, name.as_deref());
    let filters = filter::with(&filters, by_source, of.as_deref());
    let filters = filter::with(&filters, "snapshot-type", kind.as_deref());
    let all = model.service_snapshots_of(&caller.scope, thing);
    let rows: Vec<_> = all.filter(|row| filter::pass(&filters, |name| values(row, name))).collect();
    if let (Some(name), None, true) = (name, of, rows.is_empty()) {
        return Err(Error::NotFound { thing, name });
    }
    paged(page, rows, |row: &&ServiceSnapshot| &row.name)
}

/// Whether a snapshot is automated.
pub fn kind(row: &ServiceSnapshot) -> &'static str {
    if row.is_automated() { "automated" } else { "manual" }
}

/// A snapshot's values under a filter's name.
fn values(row: &ServiceSnapshot, filter: &str) -> Vec<String> {
    match filter {
        "db-instance-id" | "db-cluster-id" => vec![row.source.name.clone(), row.source.id.clone()],
        "db-snapshot-id" | "db-cluster-snapshot-id" => vec![row.name.clone(), row.id.clone()],
        "dbi-resource-id" | "db-cluster-resource-id" => vec![instance::resource_id(&row.source)],
        "snapshot-type" => vec![kind(row).to_owned()],
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

/// A snapshot has one attribute.
pub fn check_attribute(name: String) -> Result<()> {
    match name.as_str() {
        "restore" => Ok(()),
        _ => Err(Error::Value { name: "AttributeName", value: name, why: Wanted::SnapshotAttribute {} }),
    }
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
    check_attribute(attribute_name)?;
    let row = model.share_service_snapshot(caller, THING, &name, (&more, &fewer))?;
    Ok(rds::ModifyDBSnapshotAttributeResult { db_snapshot_attributes_result: Some(attributes(row)) })
}

/// An upgrade of the engine's version, or another option group.
fn modify(
    model: &mut Model,
    caller: &Caller,
    input: rds::ModifyDBSnapshotMessage,
) -> Result<rds::ModifyDBSnapshotResult> {
    let rds::ModifyDBSnapshotMessage { db_snapshot_identifier: name, engine_version, option_group_name } = input;
    let row = model.set_service_snapshot(caller, THING, &name, |settings| {
        settings.version = engine_version.unwrap_or_else(|| std::mem::take(&mut settings.version));
        settings.options = option_group_name.or(settings.options.take());
    })?;
    Ok(rds::ModifyDBSnapshotResult { db_snapshot: Some(shown(model, &row)) })
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

/// Takes the final snapshot of a deletion.
pub fn take_final(model: &mut Model, caller: &Caller, of: (Thing, &str), name: &str) -> Result<()> {
    let tags = tags_of_new(model, caller, of, Tags::new())?;
    model.create_service_snapshot(caller, (of.0.snapshot(), name), of, tags)?;
    Ok(())
}

fn shown(model: &Model, row: &ServiceSnapshot) -> rds::DBSnapshot {
    let source = &row.source;
    let settings = &source.settings;
    let told: rds::DBInstance = said(&settings.told);
    let group = source.subnet_group.as_ref().and_then(|id| model.subnet_groups.get(id));
    let storage = Storage::of(&source.engine, settings, &told);
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
        license_model: text(settings.license.as_deref().unwrap_or(license(&source.engine))),
        snapshot_type: text(kind(row)),
        option_group_name: settings.options.clone(),
        percent_progress: Some(100),
        source_db_snapshot_identifier: row.copy_of.clone(),
        storage_type: text(storage.kind),
        iops: storage.iops(),
        storage_throughput: storage.throughput(),
        encrypted: Some(settings.encrypted),
        db_snapshot_arn: text(&row.id),
        iam_database_authentication_enabled: told.iam_database_authentication_enabled.or(Some(false)),
        dbi_resource_id: Some(instance::resource_id(source)),
        tag_list: tags::shown(&row.tags),
        ..Default::default()
    }
}
