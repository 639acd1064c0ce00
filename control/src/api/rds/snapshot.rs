//! DB snapshots, without data.

use super::{filter, instance_item, resource_id, tags};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, same_members, text};
use model::services::{Error, Result, ServiceSnapshot, Thing, Wanted};
use model::{Caller, Model, Tags};
use shapes::{Filters, Page, rds};

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

fn create(cx: Change, input: rds::CreateDBSnapshotMessage) -> Result<rds::DBSnapshot> {
    let of = (Thing::DbInstance, input.db_instance_identifier.as_str());
    let tags = tags_of_new(cx.model, cx.caller, of, tags::of(input.tags)?)?;
    let taken = cx.model.create_service_snapshot(cx.caller, (THING, &input.db_snapshot_identifier), of, tags)?.clone();
    Ok(creating(cx.model, &taken))
}

/// The tags of a new snapshot: those of the request, or else those of its source if they are to be copied.
pub fn tags_of_new(model: &Model, caller: &Caller, (thing, of): (Thing, &str), own: Tags) -> Result<Tags> {
    let source = model.deployment(&caller.scope, thing, of)?;
    Ok(if own.is_empty() && source.copies_tags() { source.tags.clone() } else { own })
}

/// A new snapshot as the reply to its creation shows it.
fn creating(model: &Model, row: &ServiceSnapshot) -> rds::DBSnapshot {
    rds::DBSnapshot { status: text("creating"), percent_progress: Some(0), ..shown(model, row) }
}

fn copy(cx: Change, input: rds::CopyDBSnapshotMessage) -> Result<rds::DBSnapshot> {
    let (source, name) = (input.source_db_snapshot_identifier, input.target_db_snapshot_identifier);
    let tags = tags_of_copy(cx.model, cx.caller, (THING, &source), (tags::of(input.tags)?, input.copy_tags))?;
    let encrypts = input.kms_key_id.is_some();
    let taken = cx.model.copy_service_snapshot(cx.caller, THING, (&source, &name), encrypts, tags)?.clone();
    Ok(creating(cx.model, &taken))
}

/// The tags of a copy: those of the request, or else those of the snapshot if they are to be copied. An ARN of something else is no
/// snapshot's name.
pub fn tags_of_copy(
    model: &Model,
    caller: &Caller,
    (thing, source): (Thing, &str),
    (said, copies): (Tags, Option<bool>),
) -> Result<Tags> {
    if source.starts_with("arn:") && Thing::of_arn(source).is_none_or(|(other, _)| other != thing) {
        let of_cluster = thing == Thing::DbClusterSnapshot;
        let name = if of_cluster { "SourceDBClusterSnapshotIdentifier" } else { "SourceDBSnapshotIdentifier" };
        return Err(Error::Identifier { name });
    }
    let source = model.source_snapshot(&caller.scope, thing, source)?;
    Ok(if said.is_empty() && copies == Some(true) { source.tags.clone() } else { said })
}

fn describe(cx: View, input: rds::DescribeDBSnapshotsMessage) -> Result<Paged<rds::DBSnapshot>> {
    let identifiers = [
        ("db-snapshot-id", input.db_snapshot_identifier),
        ("db-instance-id", input.db_instance_identifier),
        ("snapshot-type", input.snapshot_type),
        ("dbi-resource-id", input.dbi_resource_id),
    ];
    let rows = found(cx.model, cx.caller, (THING, identifiers), &input.filters, input.page)?;
    Ok(rows.map(|row| shown(cx.model, row)))
}

/// The snapshots of a kind that pass filters. Each identifier counts as one more value of a filter. The first is the snapshot's own, and
/// is an error if nothing is found by it; the second is that of the source.
pub fn found<'m>(
    model: &'m Model,
    caller: &'m Caller,
    (thing, identifiers): (Thing, [(&str, Option<String>); 4]),
    filters: &Filters<rds::Filter>,
    page: Page,
) -> Result<Paged<&'m ServiceSnapshot>> {
    filter::check(filters)?;
    let with = |all: Vec<rds::Filter>, (by, value): &(&str, Option<String>)| filter::with(&all, by, value.as_deref());
    let filters = identifiers.iter().fold(filters.to_vec(), with);
    let all = model.service_snapshots_of(&caller.scope, thing);
    let rows: Vec<_> = all.filter(|row| filter::pass(&filters, |name| values(row, name))).collect();
    let [(_, own), (_, of), ..] = identifiers;
    match own.filter(|_| of.is_none() && rows.is_empty()) {
        Some(name) => Err(Error::NotFound { thing, name }),
        None => paged(page, rows, |row: &&ServiceSnapshot| &row.name),
    }
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
        "dbi-resource-id" | "db-cluster-resource-id" => vec![resource_id(&row.source)],
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
    cx: View,
    input: rds::DescribeDBSnapshotAttributesMessage,
) -> Result<rds::DBSnapshotAttributesResult> {
    let row = cx.model.service_snapshot(&cx.caller.scope, THING, &input.db_snapshot_identifier)?;
    Ok(attributes(row))
}

/// A snapshot has one attribute.
pub fn check_attribute(name: String) -> Result<()> {
    match name.as_str() {
        "restore" => Ok(()),
        _ => Err(Error::Value { name: "AttributeName", value: name, why: Wanted::SnapshotAttribute {} }),
    }
}

fn modify_attributes(
    cx: Change,
    input: rds::ModifyDBSnapshotAttributeMessage,
) -> Result<rds::DBSnapshotAttributesResult> {
    check_attribute(input.attribute_name)?;
    let accounts = (&*input.values_to_add, &*input.values_to_remove);
    Ok(attributes(cx.model.share_service_snapshot(cx.caller, THING, &input.db_snapshot_identifier, accounts)?))
}

/// An upgrade of the engine's version, or another option group.
fn modify(cx: Change, input: rds::ModifyDBSnapshotMessage) -> Result<rds::DBSnapshot> {
    let rds::ModifyDBSnapshotMessage { db_snapshot_identifier: name, engine_version, option_group_name } = input;
    let row = cx.model.set_service_snapshot(cx.caller, THING, &name, |settings| {
        settings.version = engine_version.unwrap_or_else(|| std::mem::take(&mut settings.version));
        settings.options = option_group_name.or(settings.options.take());
    })?;
    Ok(shown(cx.model, &row))
}

fn delete(cx: Change, input: rds::DeleteDBSnapshotMessage) -> Result<rds::DBSnapshot> {
    let gone = cx.model.delete_service_snapshot(cx.caller, THING, &input.db_snapshot_identifier)?;
    Ok(rds::DBSnapshot { status: text("deleted"), ..shown(cx.model, &gone) })
}

/// Takes the final snapshot of a deletion.
pub fn take_final(model: &mut Model, caller: &Caller, of: (Thing, &str), name: &str) -> Result<()> {
    let tags = tags_of_new(model, caller, of, Tags::new())?;
    model.create_service_snapshot(caller, (of.0.snapshot(), name), of, tags)?;
    Ok(())
}

fn shown(model: &Model, row: &ServiceSnapshot) -> rds::DBSnapshot {
    let source = &row.source;
    rds::DBSnapshot {
        db_snapshot_identifier: text(&row.name),
        snapshot_create_time: Some(row.created),
        original_snapshot_create_time: Some(row.created),
        status: text("available"),
        port: Some(source.port.into()),
        availability_zone: row.zone.clone(),
        vpc_id: model.subnet_group_of(source).map(|group| group.vpc.clone()),
        instance_create_time: Some(source.created),
        snapshot_type: text(kind(row)),
        option_group_name: source.settings.options.clone(),
        percent_progress: Some(100),
        source_db_snapshot_identifier: row.copy_of.clone(),
        encrypted: Some(source.settings.encrypted),
        db_snapshot_arn: text(&row.id),
        tag_list: tags::shown(&row.tags),
        ..same_members(&instance_item::shown(model, source))
    }
}
