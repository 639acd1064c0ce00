//! Automated backups: each DB instance has one unless they are off; one can be kept when its instance is deleted.

use super::{filter, instance_item, resource_id};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, said_over, same_members, text};
use crate::api::entry;
use model::services::{Deployment, Error, Result, Thing};
use model::{Caller, Model, Tags};
use shapes::rds;

const THING: Thing = Thing::AutomatedBackup;

pub fn actions(all: Actions) -> Actions {
    all.read(describe).write(delete)
}

/// Keeps the backup of an instance that is deleted.
pub fn retain(model: &mut Model, caller: &Caller, row: &Deployment) -> Result<()> {
    let backup = rds::DBInstanceAutomatedBackup { status: text("retained"), ..shown(model, row) };
    let (name, of) = (resource_id(row), Some(row.id.clone()));
    let id = name.to_ascii_lowercase();
    model.create_service_entry(caller, (THING, &name, &id), (of, said_over("", &backup)), Tags::new())?;
    Ok(())
}

fn describe(
    View { model, caller }: View,
    input: rds::DescribeDBInstanceAutomatedBackupsMessage,
) -> Result<Paged<rds::DBInstanceAutomatedBackup>> {
    filter::check(&input.filters)?;
    let filters = filter::with(&input.filters, "dbi-resource-id", input.dbi_resource_id.as_deref());
    let filters = filter::with(&filters, "db-instance-id", input.db_instance_identifier.as_deref());
    let arn = input.db_instance_automated_backups_arn;
    let retained = || model.service_entries_of(&caller.scope, THING);
    // Another instance may have had the same ARN.
    let is_retained = |row: &Deployment| {
        let id = resource_id(row);
        retained().any(|entry| entry.name == id)
    };
    let instances = model.deployments_of(&caller.scope, Thing::DbInstance);
    let active = instances.filter(|row| row.settings.backups != Some(0) && row.cluster.is_none() && !is_retained(row));
    let all = active.map(|row| shown(model, row)).chain(retained().map(entry::told));
    let is_asked = |backup: &rds::DBInstanceAutomatedBackup| {
        (arn.is_none() || backup.db_instance_automated_backups_arn == arn)
            && filter::pass(&filters, |name| values(backup, name))
    };
    let rows: Vec<_> = all.filter(is_asked).collect();
    paged(input.page, rows, |row| row.dbi_resource_id.as_deref().unwrap_or_default())
}

/// A backup's values under a filter's name.
fn values(backup: &rds::DBInstanceAutomatedBackup, filter: &str) -> Vec<String> {
    let values = match filter {
        "status" => [&backup.status, &None],
        "db-instance-id" => [&backup.db_instance_identifier, &backup.db_instance_arn],
        "dbi-resource-id" => [&backup.dbi_resource_id, &None],
        _ => [&None, &None],
    };
    values.into_iter().flatten().cloned().collect()
}

fn delete(cx: Change, input: rds::DeleteDBInstanceAutomatedBackupMessage) -> Result<rds::DBInstanceAutomatedBackup> {
    let rds::DeleteDBInstanceAutomatedBackupMessage { dbi_resource_id, db_instance_automated_backups_arn: arn } = input;
    let name = dbi_resource_id.or(arn).ok_or(Error::Missing { name: "DbiResourceId".to_owned() })?;
    let entry = cx.model.delete_service_entry(&cx.caller.scope, THING, &name)?;
    cx.model.forget_automated_snapshots(entry.of.as_deref().unwrap_or_default());
    Ok(rds::DBInstanceAutomatedBackup { status: text("deleting"), ..entry::told(&entry) })
}

fn shown(model: &Model, row: &Deployment) -> rds::DBInstanceAutomatedBackup {
    rds::DBInstanceAutomatedBackup {
        db_instance_automated_backups_arn: text(THING.arn(&row.scope, &resource_id(row).to_ascii_lowercase())),
        region: text(&row.scope.region),
        status: text("active"),
        port: Some(row.port.into()),
        vpc_id: model.subnet_group_of(row).map(|group| group.vpc.clone()),
        instance_create_time: Some(row.created),
        option_group_name: row.settings.options.clone(),
        encrypted: Some(row.settings.encrypted),
        ..same_members(&instance_item::shown(model, row))
    }
}
