//! Clusters restored from snapshots or to a point in time: like their source, except where the request says otherwise.

use super::cluster::{self, THING, check_backtrack, creating, known_engine, scaling, scaling_v2};
use super::instance::{check_network, resource_id};
use super::restore::without_own;
use super::{tags, window};
use crate::api::action::Actions;
use crate::api::deployment::said_over;
use model::services::{Clash, Deployment, Error, Layout, NewDeployment, Result, Settings, Thing, Wanted};
use model::{Caller, Model, Tags};
use shapes::rds;

pub fn actions(all: Actions) -> Actions {
    all.write(from_snapshot).write(to_point_in_time)
}

/// What the request says of the new one.
struct Said {
    name: String,
    version: Option<String>,
    class: Option<String>,
    port: Option<i32>,
    subnet_group: Option<String>,
    public: Option<bool>,
    database: Option<String>,
    groups: Vec<String>,
    protected: Option<bool>,
    backups: Option<i32>,
    parameters: Option<String>,
    options: Option<String>,
    network: Option<String>,
    /// Settings that are returned as they were given; the network does not depend on them.
    told: rds::DBCluster,
    tags: Tags,
}

fn restore(model: &mut Model, caller: &Caller, source: Deployment, said: Said) -> Result<Option<rds::DBCluster>> {
    check_network(said.network.as_deref())?;
    window::check(None, said.told.preferred_backup_window.as_deref())?;
    check_backtrack(known_engine(&source.engine)?, said.told.backtrack_window)?;
    let settings = source.settings;
    let is_aurora = settings.class.is_empty();
    let new = NewDeployment {
        thing: THING,
        name: said.name,
        engine: source.engine,
        settings: Settings {
            version: said.version.unwrap_or(settings.version),
            class: said.class.filter(|_| !is_aurora).unwrap_or(settings.class),
            database: said.database.or(settings.database),
            backups: said.backups.or(settings.backups),
            protected: said.protected.unwrap_or(false),
            // It has the default groups of its family unless the request names others.
            parameters: said.parameters,
            options: said.options,
            // A key encrypts what was not encrypted before.
            encrypted: settings.encrypted || said.told.kms_key_id.is_some(),
            told: said_over(&without_own(&settings.told), &said.told),
            ..settings
        },
        subnet_group: said.subnet_group,
        groups: said.groups,
        access_groups: Vec::new(),
        zones: Vec::new(),
        public: said.public,
        port: said.port.or(Some(source.port.into())),
        layout: Layout::Members,
        tags: said.tags,
    };
    let made = cluster::make(model, caller, new)?;
    Ok(creating(model, &made.id))
}

fn from_snapshot(
    model: &mut Model,
    caller: &Caller,
    input: rds::RestoreDBClusterFromSnapshotMessage,
) -> Result<rds::RestoreDBClusterFromSnapshotResult> {
    let rds::RestoreDBClusterFromSnapshotMessage {
        db_cluster_identifier,
        snapshot_identifier,
        engine,
        engine_version,
        port,
        db_subnet_group_name,
        database_name,
        option_group_name,
        vpc_security_group_ids,
        tags: sent,
        enable_cloudwatch_logs_exports,
        engine_mode,
        db_cluster_parameter_group_name,
        deletion_protection,
        copy_tags_to_snapshot,
        db_cluster_instance_class,
        publicly_accessible,
        network_type,
        backup_retention_period,
        availability_zones,
        storage_type,
        iops,
        kms_key_id,
        backtrack_window,
        enable_iam_database_authentication,
        engine_lifecycle_support,
        monitoring_interval,
        monitoring_role_arn,
        enable_performance_insights,
        performance_insights_kms_key_id,
        performance_insights_retention_period,
        preferred_backup_window,
        scaling_configuration,
        serverless_v2_scaling_configuration,
    } = input;
    let snapshot = model.source_snapshot(&caller.scope, Thing::DbClusterSnapshot, &snapshot_identifier)?;
    let source = snapshot.source.clone();
    if !engine.eq_ignore_ascii_case(&source.engine) {
        let why = Wanted::EngineOfSource { engine: source.engine };
        return Err(Error::Value { name: "Engine", value: engine, why });
    }
    let told = rds::DBCluster {
        availability_zones: availability_zones.unless_empty(),
        storage_type,
        iops,
        kms_key_id,
        backtrack_window,
        iam_database_authentication_enabled: enable_iam_database_authentication,
        engine_lifecycle_support,
        monitoring_interval,
        monitoring_role_arn,
        performance_insights_enabled: enable_performance_insights,
        performance_insights_kms_key_id,
        performance_insights_retention_period,
        preferred_backup_window,
        scaling_configuration_info: scaling_configuration.map(scaling),
        serverless_v2_scaling_configuration: serverless_v2_scaling_configuration.map(scaling_v2),
        enabled_cloudwatch_logs_exports: enable_cloudwatch_logs_exports.unless_empty(),
        engine_mode,
        copy_tags_to_snapshot,
        publicly_accessible,
        db_cluster_instance_class: db_cluster_instance_class.clone(),
        ..Default::default()
    };
    let said = Said {
        name: db_cluster_identifier,
        version: engine_version,
        class: db_cluster_instance_class,
        port,
        subnet_group: db_subnet_group_name,
        public: publicly_accessible,
        database: database_name,
        groups: vpc_security_group_ids.to_vec(),
        protected: deletion_protection,
        backups: backup_retention_period,
        parameters: db_cluster_parameter_group_name,
        options: option_group_name,
        network: network_type,
        told,
        tags: tags::of(sent)?,
    };
    Ok(rds::RestoreDBClusterFromSnapshotResult { db_cluster: restore(model, caller, source, said)? })
}

/// No data is stored, so that every time is as good as the latest.
fn to_point_in_time(
    model: &mut Model,
    caller: &Caller,
    input: rds::RestoreDBClusterToPointInTimeMessage,
) -> Result<rds::RestoreDBClusterToPointInTimeResult> {
    let rds::RestoreDBClusterToPointInTimeMessage {
        db_cluster_identifier,
        source_db_cluster_identifier,
        restore_to_time,
        use_latest_restorable_time,
        port,
        db_subnet_group_name,
        option_group_name,
        vpc_security_group_ids,
        tags: sent,
        enable_cloudwatch_logs_exports,
        db_cluster_parameter_group_name,
        deletion_protection,
        copy_tags_to_snapshot,
        db_cluster_instance_class,
        publicly_accessible,
        network_type,
        source_db_cluster_resource_id,
        engine_mode,
        backup_retention_period,
        storage_type,
        iops,
        kms_key_id,
        backtrack_window,
        enable_iam_database_authentication,
        engine_lifecycle_support,
        monitoring_interval,
        monitoring_role_arn,
        enable_performance_insights,
        performance_insights_kms_key_id,
        performance_insights_retention_period,
        preferred_backup_window,
        scaling_configuration,
        serverless_v2_scaling_configuration,
    } = input;
    if restore_to_time.is_some() == use_latest_restorable_time.unwrap_or(false) {
        return Err(Clash::OneTime {}.into());
    }
    let source = match (source_db_cluster_identifier, source_db_cluster_resource_id) {
        (Some(name), _) => model.deployment(&caller.scope, THING, &name)?.clone(),
        (None, Some(id)) => {
            let found = model.deployments_of(&caller.scope, THING).find(|row| resource_id(row) == id).cloned();
            found.ok_or(Error::NotFound { thing: THING, name: id })?
        }
        (None, None) => {
            return Err(Clash::MustBeGiven { names: "SourceDBClusterIdentifier or SourceDbClusterResourceId" }.into());
        }
    };
    let told = rds::DBCluster {
        storage_type,
        iops,
        kms_key_id,
        backtrack_window,
        iam_database_authentication_enabled: enable_iam_database_authentication,
        engine_lifecycle_support,
        monitoring_interval,
        monitoring_role_arn,
        performance_insights_enabled: enable_performance_insights,
        performance_insights_kms_key_id,
        performance_insights_retention_period,
        preferred_backup_window,
        scaling_configuration_info: scaling_configuration.map(scaling),
        serverless_v2_scaling_configuration: serverless_v2_scaling_configuration.map(scaling_v2),
        enabled_cloudwatch_logs_exports: enable_cloudwatch_logs_exports.unless_empty(),
        engine_mode,
        copy_tags_to_snapshot,
        publicly_accessible,
        db_cluster_instance_class: db_cluster_instance_class.clone(),
        ..Default::default()
    };
    let said = Said {
        name: db_cluster_identifier,
        version: None,
        class: db_cluster_instance_class,
        port,
        subnet_group: db_subnet_group_name,
        public: publicly_accessible,
        database: None,
        groups: vpc_security_group_ids.to_vec(),
        protected: deletion_protection,
        backups: backup_retention_period,
        parameters: db_cluster_parameter_group_name,
        options: option_group_name,
        network: network_type,
        told,
        tags: tags::of(sent)?,
    };
    Ok(rds::RestoreDBClusterToPointInTimeResult { db_cluster: restore(model, caller, source, said)? })
}
