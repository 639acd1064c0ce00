//! Automated backups: each DB instance has one unless they are off; one can be kept when its instance is deleted.

use super::instance::resource_id;
use super::{filter, tags};
use crate::api::action::Actions;
use crate::api::deployment::{paged, said_over, text};
use crate::api::entry;
use model::services::{Deployment, Error, Result, ServiceEntry, Thing, Wanted};
use model::{Caller, Model, Tags};
use shapes::rds;

const THING: Thing = Thing::AutomatedBackup;
/// The longest retention of backups, in days.
const MOST_DAYS: u16 = 35;

pub fn actions(all: Actions) -> Actions {
    all.read(describe).write(delete).read(describe_logs)
}

/// Refuses a retention period that RDS does not have.
pub fn check_retention(days: Option<i32>) -> Result<()> {
    match days {
        Some(days) if !(0..=i32::from(MOST_DAYS)).contains(&days) => {
            let why = Wanted::From { least: 0, most: MOST_DAYS };
            Err(Error::Value { name: "BackupRetentionPeriod", value: days.to_string(), why })
        }
        _ => Ok(()),
    }
}

/// Keeps the backup of an instance that is deleted.
pub fn retain(model: &mut Model, caller: &Caller, row: &Deployment) -> Result<()> {
    let backup = rds::DBInstanceAutomatedBackup { status: text("retained"), ..shown(model, row) };
    let (id, told) = (resource_id(row), said_over("", &backup));
    model.create_service_entry(
        caller,
        (THING, &id, &id.to_ascii_lowercase()),
        (Some(row.id.clone()), told),
        Tags::new(),
    )?;
    Ok(())
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeDBInstanceAutomatedBackupsMessage,
) -> Result<rds::DBInstanceAutomatedBackupMessage> {
    let rds::DescribeDBInstanceAutomatedBackupsMessage {
        dbi_resource_id,
        db_instance_identifier,
        filters,
        page,
        db_instance_automated_backups_arn: arn,
    } = input;
    filter::check(&filters)?;
    let filters = filter::with(&filters, "dbi-resource-id", dbi_resource_id.as_deref());
    let filters = filter::with(&filters, "db-instance-id", db_instance_identifier.as_deref());
    let retained = || model.service_entries_of(&caller.scope, THING);
    // Another instance may have had the same ARN.
    let is_retained = |row: &Deployment| {
        let id = resource_id(row);
        retained().any(|entry| entry.name == id)
    };
    let instances = model.deployments_of(&caller.scope, Thing::DbInstance);
    let active = instances.filter(|row| row.settings.backups != Some(0) && row.cluster.is_none() && !is_retained(row));
    let all = active.map(|row| shown(model, row)).chain(retained().map(of_entry));
    let is_asked = |backup: &rds::DBInstanceAutomatedBackup| {
        (arn.is_none() || backup.db_instance_automated_backups_arn == arn)
            && filter::pass(&filters, |name| values(backup, name))
    };
    let rows: Vec<_> = all.filter(is_asked).collect();
    let (rows, marker) = paged(page, rows, |row| row.dbi_resource_id.as_deref().unwrap_or_default())?;
    Ok(rds::DBInstanceAutomatedBackupMessage { marker, db_instance_automated_backups: rows.into() })
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

fn of_entry(entry: &ServiceEntry) -> rds::DBInstanceAutomatedBackup {
    entry::told(entry)
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: rds::DeleteDBInstanceAutomatedBackupMessage,
) -> Result<rds::DeleteDBInstanceAutomatedBackupResult> {
    let rds::DeleteDBInstanceAutomatedBackupMessage { dbi_resource_id, db_instance_automated_backups_arn: arn } = input;
    let name = dbi_resource_id.or(arn).ok_or(Error::Missing { name: "DbiResourceId".to_owned() })?;
    let entry = model.delete_service_entry(&caller.scope, THING, &name)?;
    model.forget_automated_snapshots(entry.of.as_deref().unwrap_or_default());
    let backup = rds::DBInstanceAutomatedBackup { status: text("deleting"), ..of_entry(&entry) };
    Ok(rds::DeleteDBInstanceAutomatedBackupResult { db_instance_automated_backup: Some(backup) })
}

fn shown(model: &Model, row: &Deployment) -> rds::DBInstanceAutomatedBackup {
    let settings = &row.settings;
    let group = row.subnet_group.as_ref().and_then(|id| model.subnet_groups.get(id));
    let id = resource_id(row);
    rds::DBInstanceAutomatedBackup {
        db_instance_arn: text(&row.id),
        db_instance_automated_backups_arn: text(THING.arn(&row.scope, &id.to_ascii_lowercase())),
        dbi_resource_id: Some(id),
        region: text(&row.scope.region),
        db_instance_identifier: text(&row.name),
        allocated_storage: settings.storage,
        status: text("active"),
        port: Some(row.port.into()),
        availability_zone: model.primary_of(row).map(|host| host.zone.clone()),
        vpc_id: group.map(|group| group.vpc.clone()),
        instance_create_time: Some(row.created),
        master_username: settings.user.clone(),
        engine: text(&row.engine),
        engine_version: text(&settings.version),
        license_model: text(settings.license.as_deref().unwrap_or(super::engine::license(&row.engine))),
        option_group_name: settings.options.clone(),
        encrypted: Some(settings.encrypted),
        backup_retention_period: settings.backups.or(Some(1)),
        backup_target: text("region"),
        tag_list: tags::shown(&row.tags),
        ..Default::default()
    }
}

/// The one log that every server has, which is empty.
fn describe_logs(
    model: &Model,
    caller: &Caller,
    input: rds::DescribeDBLogFilesMessage,
) -> Result<rds::DescribeDBLogFilesResponse> {
    let rds::DescribeDBLogFilesMessage {
        db_instance_identifier: name,
        filename_contains: part,
        file_last_written: since,
        file_size: least,
        filters,
        page,
    } = input;
    filter::check(&filters)?;
    let row = model.deployment(&caller.scope, Thing::DbInstance, &name)?;
    let log = match row.engine.as_str() {
        "postgres" | "aurora-postgresql" => "error/postgres.log",
        name if name.starts_with("oracle") => "trace/alert_ORCL.log",
        name if name.starts_with("sqlserver") => "log/ERROR",
        _ => "error/mysql-error.log",
    };
    let written = i64::try_from(row.created.0).ok();
    let is_asked = part.is_none_or(|part| log.contains(&part))
        && since.is_none_or(|since| written >= Some(since))
        && least.is_none_or(|least| least < 0);
    let (rows, marker) = paged(page, Vec::from_iter(is_asked.then_some(log)), |log: &&str| log)?;
    let file =
        |log: &str| rds::DescribeDBLogFilesDetails { log_file_name: text(log), last_written: written, size: Some(0) };
    Ok(rds::DescribeDBLogFilesResponse { describe_db_log_files: rows.into_iter().map(file).collect(), marker })
}
