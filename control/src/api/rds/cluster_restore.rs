//! Clusters restored from snapshots or to a point in time: like their source, except where the request says otherwise.

use super::cluster::{self, THING, check_backtrack, creating, known_engine, scaling, scaling_v2};
use super::instance::{check_network, resource_id};
use super::restore::without_own;
use super::{tags, window};
use crate::api::action::Actions;
use crate::api::deployment::said_over;
use model::services::{Clash, Deployment, Error, Layout, NewDeployment, Result, Settings, Thing, Wanted};
use model::{Caller, Model};
use shapes::rds;

pub fn actions(all: Actions) -> Actions {
    all.write(from_snapshot).write(to_point_in_time)
}

/// Makes a cluster like a source. A restore to a point in time takes the parameters of one from a snapshot.
fn restore(
    model: &mut Model,
    caller: &Caller,
    source: Deployment,
    input: rds::RestoreDBClusterFromSnapshotMessage,
) -> Result<Option<rds::DBCluster>> {
    let rds::RestoreDBClusterFromSnapshotMessage {
        db_cluster_identifier,
        snapshot_identifier: _,
        engine: _,
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
    check_network(network_type.as_deref())?;
    window::check(None, preferred_backup_window.as_deref())?;
    check_backtrack(known_engine(&source.engine)?, backtrack_window)?;
    let settings = source.settings;
    let is_aurora = settings.class.is_empty();
    // A key encrypts what was not encrypted before.
    let encrypted = settings.encrypted || kms_key_id.is_some();
    let as_said = rds::DBCluster {
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
    let new = NewDeployment {
        thing: THING,
        name: db_cluster_identifier,
        engine: source.engine,
        settings: Settings {
            version: engine_version.unwrap_or(settings.version),
            class: db_cluster_instance_class.filter(|_| !is_aurora).unwrap_or(settings.class),
            database: database_name.or(settings.database),
            backups: backup_retention_period.or(settings.backups),
            protected: deletion_protection.unwrap_or(false),
            // It has the default groups of its family unless the request names others.
            parameters: db_cluster_parameter_group_name,
            options: option_group_name,
            encrypted,
            told: said_over(&without_own(&settings.told), &as_said),
            ..settings
        },
        subnet_group: db_subnet_group_name,
        groups: vpc_security_group_ids.to_vec(),
        access_groups: Vec::new(),
        zones: Vec::new(),
        public: publicly_accessible,
        port: port.or(Some(source.port.into())),
        layout: Layout::Members,
        tags: tags::of(sent)?,
    };
    let made = cluster::make(model, caller, new)?;
    Ok(creating(model, &made.id))
}

fn from_snapshot(
    model: &mut Model,
    caller: &Caller,
    input: rds::RestoreDBClusterFromSnapshotMessage,
) -> Result<rds::RestoreDBClusterFromSnapshotResult> {
    let snapshot = model.source_snapshot(&caller.scope, Thing::DbClusterSnapshot, &input.snapshot_identifier)?;
    let source = snapshot.source.clone();
    if !input.engine.eq_ignore_ascii_case(&source.engine) {
        let why = Wanted::EngineOfSource { engine: source.engine };
        return Err(Error::Value { name: "Engine", value: input.engine, why });
    }
    Ok(rds::RestoreDBClusterFromSnapshotResult { db_cluster: restore(model, caller, source, input)? })
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
        tags,
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
    let input = rds::RestoreDBClusterFromSnapshotMessage {
        db_cluster_identifier,
        port,
        db_subnet_group_name,
        option_group_name,
        vpc_security_group_ids,
        tags,
        enable_cloudwatch_logs_exports,
        db_cluster_parameter_group_name,
        deletion_protection,
        copy_tags_to_snapshot,
        db_cluster_instance_class,
        publicly_accessible,
        network_type,
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
        ..Default::default()
    };
    Ok(rds::RestoreDBClusterToPointInTimeResult { db_cluster: restore(model, caller, source, input)? })
}
