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

/// What the request says of the new one.
struct Said {
    name: String,
    class: Option<String>,
    port: Option<i32>,
    zone: Option<String>,
    subnet_group: Option<String>,
    standby: Option<bool>,
    public: Option<bool>,
    database: Option<String>,
    engine: Option<String>,
    storage_type: Option<String>,
    groups: Vec<String>,
    protected: Option<bool>,
    storage: Option<i32>,
    parameters: Option<String>,
    options: Option<String>,
    network: Option<String>,
    license: Option<String>,
    backups: Option<i32>,
    /// Settings that are returned as they were given; the network does not depend on them.
    told: rds::DBInstance,
    tags: Tags,
}

fn restore(model: &mut Model, caller: &Caller, source: Deployment, said: Said) -> Result<Option<rds::DBInstance>> {
    check_network(said.network.as_deref())?;
    window::check(None, said.told.preferred_backup_window.as_deref())?;
    automated_backup::check_retention(said.backups)?;
    storage::check(said.storage.or(source.settings.storage), said.told.max_allocated_storage)?;
    if let Some(other) = said.engine.filter(|engine| !engine.eq_ignore_ascii_case(&source.engine)) {
        let why = Wanted::EngineOfSource { engine: source.engine };
        return Err(Error::Value { name: "Engine", value: other, why });
    }
    if let (Some(asked), Some(least)) = (said.storage, source.settings.storage)
        && asked < least
    {
        return Err(Error::LessStorage { asked, least });
    }
    let standby = said.standby.unwrap_or(false);
    let settings = source.settings;
    let new = NewDeployment {
        thing: Thing::DbInstance,
        name: said.name,
        engine: source.engine,
        settings: Settings {
            class: said.class.unwrap_or(settings.class),
            database: said.database.or(settings.database),
            storage: said.storage.or(settings.storage),
            storage_type: said.storage_type.or(settings.storage_type),
            protected: said.protected.unwrap_or(false),
            // It has the default groups of its family unless the request names others.
            parameters: said.parameters,
            options: said.options,
            license: said.license.or(settings.license),
            backups: said.backups.or(settings.backups),
            told: said_over(&without_own(&settings.told), &said.told),
            ..settings
        },
        subnet_group: said.subnet_group,
        groups: said.groups,
        access_groups: Vec::new(),
        zones: said.zone.into_iter().filter(|_| !standby).collect(),
        public: said.public,
        port: said.port.or(Some(source.port.into())),
        layout: if standby { Layout::Standby } else { Layout::Single },
        tags: said.tags,
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
    let missing = || Clash::Missing { name: "DBSnapshotIdentifier" };
    let name = db_snapshot_identifier.ok_or_else(missing)?;
    let source = model.source_snapshot(&caller.scope, Thing::DbSnapshot, &name)?.source.clone();
    // Tags are not shared with a snapshot.
    let is_own = source.scope.account == caller.scope.account;
    let tags = if sent.is_empty() && is_own { source.tags.clone() } else { tags::of(sent)? };
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
        master_user_secret: (manage_master_user_password == Some(true))
            .then(|| secret::of(&caller.scope, &format!("db-{db_instance_identifier}"), master_user_secret_kms_key_id)),
        processor_features: processor_features.unless_empty(),
        storage_throughput,
        preferred_backup_window,
        ..Default::default()
    };
    let said = Said {
        name: db_instance_identifier,
        class: db_instance_class,
        port,
        zone: availability_zone,
        subnet_group: db_subnet_group_name,
        standby: multi_az,
        public: publicly_accessible,
        database: db_name,
        engine,
        storage_type,
        groups: vpc_security_group_ids.to_vec(),
        protected: deletion_protection,
        storage: allocated_storage,
        parameters: db_parameter_group_name,
        options: option_group_name,
        network: network_type,
        license: license_model,
        backups: backup_retention_period,
        told: as_said,
        tags,
    };
    Ok(rds::RestoreDBInstanceFromDBSnapshotResult { db_instance: restore(model, caller, source, said)? })
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
        master_user_secret: (manage_master_user_password == Some(true)).then(|| {
            secret::of(&caller.scope, &format!("db-{target_db_instance_identifier}"), master_user_secret_kms_key_id)
        }),
        processor_features: processor_features.unless_empty(),
        storage_throughput,
        preferred_backup_window,
        ..Default::default()
    };
    let said = Said {
        name: target_db_instance_identifier,
        class: db_instance_class,
        port,
        zone: availability_zone,
        subnet_group: db_subnet_group_name,
        standby: multi_az,
        public: publicly_accessible,
        database: db_name,
        engine,
        storage_type,
        groups: vpc_security_group_ids.to_vec(),
        protected: deletion_protection,
        storage: allocated_storage,
        parameters: db_parameter_group_name,
        options: option_group_name,
        network: network_type,
        license: license_model,
        backups: backup_retention_period,
        told: as_said,
        tags: tags::of(sent)?,
    };
    Ok(rds::RestoreDBInstanceToPointInTimeResult { db_instance: restore(model, caller, source, said)? })
}
