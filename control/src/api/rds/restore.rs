//! DB instances restored from snapshots or to a point in time: like their source, except where the request says otherwise.

use super::instance::{check_network, resource_id, told};
use super::{automated_backup, secret, storage, tags, window};
use crate::api::action::Actions;
use crate::api::deployment::{said_over, unsaid};
use model::services::{Clash, Deployment, Error, Layout, NewDeployment, Result, Settings, Thing, Wanted};
use model::{Caller, Model, Tags};
use shapes::rds;

pub fn actions(all: Actions) -> Actions {
    all.write(from_snapshot).write(to_point_in_time)
}

/// Makes a DB instance like a source. A restore to a point in time takes the parameters of one from a snapshot, and
/// `MaxAllocatedStorage`.
fn restore(
    model: &mut Model,
    caller: &Caller,
    source: Deployment,
    tags: Tags,
    max_allocated_storage: Option<i32>,
    input: rds::RestoreDBInstanceFromDBSnapshotMessage,
) -> Result<Option<rds::DBInstance>> {
    let rds::RestoreDBInstanceFromDBSnapshotMessage {
        db_instance_identifier,
        db_snapshot_identifier: _,
        db_instance_class,
        port,
        availability_zone,
        db_subnet_group_name,
        multi_az,
        publicly_accessible,
        db_name,
        engine,
        tags: _,
        storage_type,
        vpc_security_group_ids,
        deletion_protection,
        allocated_storage,
        db_parameter_group_name,
        option_group_name,
        network_type,
        auto_minor_version_upgrade,
        backup_target,
        ca_certificate_identifier,
        copy_tags_to_snapshot,
        custom_iam_instance_profile,
        enable_cloudwatch_logs_exports,
        enable_iam_database_authentication,
        engine_lifecycle_support,
        iops,
        manage_master_user_password,
        master_user_secret_kms_key_id,
        processor_features,
        storage_throughput,
        backup_retention_period,
        preferred_backup_window,
        license_model,
    } = input;
    check_network(network_type.as_deref())?;
    window::check(None, preferred_backup_window.as_deref())?;
    automated_backup::check_retention(backup_retention_period)?;
    storage::check(allocated_storage.or(source.settings.storage), max_allocated_storage)?;
    if let Some(other) = engine.filter(|engine| !engine.eq_ignore_ascii_case(&source.engine)) {
        let why = Wanted::EngineOfSource { engine: source.engine };
        return Err(Error::Value { name: "Engine", value: other, why });
    }
    if let (Some(asked), Some(least)) = (allocated_storage, source.settings.storage)
        && asked < least
    {
        return Err(Error::LessStorage { asked, least });
    }
    let as_said = rds::DBInstance {
        auto_minor_version_upgrade,
        backup_target,
        ca_certificate_identifier,
        copy_tags_to_snapshot,
        custom_iam_instance_profile,
        enabled_cloudwatch_logs_exports: enable_cloudwatch_logs_exports.unless_empty(),
        iam_database_authentication_enabled: enable_iam_database_authentication,
        engine_lifecycle_support,
        iops,
        max_allocated_storage,
        master_user_secret: (manage_master_user_password == Some(true))
            .then(|| secret::of(&caller.scope, &format!("db-{db_instance_identifier}"), master_user_secret_kms_key_id)),
        processor_features: processor_features.unless_empty(),
        storage_throughput,
        preferred_backup_window,
        ..Default::default()
    };
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
            // It has the default groups of its family unless the request names others.
            parameters: db_parameter_group_name,
            options: option_group_name,
            license: license_model.or(settings.license),
            backups: backup_retention_period.or(settings.backups),
            told: said_over(&without_own(&settings.told), &as_said),
            ..settings
        },
        subnet_group: db_subnet_group_name,
        groups: vpc_security_group_ids.to_vec(),
        access_groups: Vec::new(),
        zones: availability_zone.into_iter().filter(|_| !standby).collect(),
        public: publicly_accessible,
        port: port.or(Some(source.port.into())),
        layout: if standby { Layout::Standby } else { Layout::Single },
        tags,
    };
    let id = model.create_deployment(caller, new)?.id.clone();
    Ok(told(model, &id))
}

/// What is told of a source that stays its own, and is not told of what is made like it.
const OWN: [&str; 3] = ["MasterUserSecret", "AssociatedRoles", "PendingModifiedValues"];

/// The settings that a copy takes over from its source: all but what is its own.
pub fn without_own(told: &str) -> String {
    OWN.into_iter().fold(told.to_owned(), |told, member| unsaid(&told, member))
}

fn from_snapshot(
    model: &mut Model,
    caller: &Caller,
    mut input: rds::RestoreDBInstanceFromDBSnapshotMessage,
) -> Result<rds::RestoreDBInstanceFromDBSnapshotResult> {
    let missing = || Clash::Missing { name: "DBSnapshotIdentifier" };
    let name = input.db_snapshot_identifier.take().ok_or_else(missing)?;
    let source = model.source_snapshot(&caller.scope, Thing::DbSnapshot, &name)?.source.clone();
    // Tags are not shared with a snapshot.
    let is_own = source.scope.account == caller.scope.account;
    let sent = std::mem::take(&mut input.tags);
    let tags = if sent.is_empty() && is_own { source.tags.clone() } else { tags::of(sent)? };
    let db_instance = restore(model, caller, source, tags, None, input)?;
    Ok(rds::RestoreDBInstanceFromDBSnapshotResult { db_instance })
}

/// No data is stored, so that every time is as good as the latest.
fn to_point_in_time(
    model: &mut Model,
    caller: &Caller,
    input: rds::RestoreDBInstanceToPointInTimeMessage,
) -> Result<rds::RestoreDBInstanceToPointInTimeResult> {
    let rds::RestoreDBInstanceToPointInTimeMessage {
        source_db_instance_identifier,
        target_db_instance_identifier,
        restore_time,
        use_latest_restorable_time,
        db_instance_class,
        port,
        availability_zone,
        db_subnet_group_name,
        multi_az,
        publicly_accessible,
        db_name,
        engine,
        option_group_name,
        tags: sent,
        storage_type,
        vpc_security_group_ids,
        db_parameter_group_name,
        deletion_protection,
        source_dbi_resource_id,
        network_type,
        allocated_storage,
        max_allocated_storage,
        auto_minor_version_upgrade,
        backup_target,
        ca_certificate_identifier,
        copy_tags_to_snapshot,
        custom_iam_instance_profile,
        enable_cloudwatch_logs_exports,
        enable_iam_database_authentication,
        engine_lifecycle_support,
        iops,
        manage_master_user_password,
        master_user_secret_kms_key_id,
        processor_features,
        storage_throughput,
        backup_retention_period,
        preferred_backup_window,
        license_model,
    } = input;
    if restore_time.is_some() == use_latest_restorable_time.unwrap_or(false) {
        return Err(Clash::OneTime {}.into());
    }
    let source = match (source_db_instance_identifier, source_dbi_resource_id) {
        (Some(name), _) => model.deployment(&caller.scope, Thing::DbInstance, &name)?.clone(),
        (None, Some(id)) => {
            let mut all = model.deployments_of(&caller.scope, Thing::DbInstance);
            let found = all.find(|row| resource_id(row) == id).cloned();
            found.ok_or(Error::NotFound { thing: Thing::DbInstance, name: id })?
        }
        (None, None) => {
            return Err(Clash::MustBeGiven { names: "SourceDBInstanceIdentifier or SourceDbiResourceId" }.into());
        }
    };
    if source.settings.backups == Some(0) {
        return Err(Error::NoPointInTime { instance: source.name });
    }
    let input = rds::RestoreDBInstanceFromDBSnapshotMessage {
        db_instance_identifier: target_db_instance_identifier,
        db_instance_class,
        port,
        availability_zone,
        db_subnet_group_name,
        multi_az,
        publicly_accessible,
        db_name,
        engine,
        option_group_name,
        storage_type,
        vpc_security_group_ids,
        db_parameter_group_name,
        deletion_protection,
        network_type,
        allocated_storage,
        auto_minor_version_upgrade,
        backup_target,
        ca_certificate_identifier,
        copy_tags_to_snapshot,
        custom_iam_instance_profile,
        enable_cloudwatch_logs_exports,
        enable_iam_database_authentication,
        engine_lifecycle_support,
        iops,
        manage_master_user_password,
        master_user_secret_kms_key_id,
        processor_features,
        storage_throughput,
        backup_retention_period,
        preferred_backup_window,
        license_model,
        ..Default::default()
    };
    let db_instance = restore(model, caller, source, tags::of(sent)?, max_allocated_storage, input)?;
    Ok(rds::RestoreDBInstanceToPointInTimeResult { db_instance })
}
