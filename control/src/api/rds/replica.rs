//! Read replicas, and stopping and starting DB instances.

use super::instance::{THING, check_monitoring, check_network, told};
use super::restore::without_own;
use super::{snapshot, tags};
use crate::api::action::Actions;
use crate::api::deployment::said_over;
use model::services::{Clash, Deployment, Layout, NewDeployment, Result, Settings};
use model::{Caller, Model, Tags};
use shapes::rds;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(promote).write(stop).write(start)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: rds::CreateDBInstanceReadReplicaMessage,
) -> Result<rds::CreateDBInstanceReadReplicaResult> {
    let rds::CreateDBInstanceReadReplicaMessage {
        db_instance_identifier,
        source_db_instance_identifier,
        db_instance_class,
        availability_zone,
        port,
        multi_az,
        publicly_accessible,
        tags: sent,
        db_subnet_group_name,
        vpc_security_group_ids,
        storage_type,
        deletion_protection,
        allocated_storage,
        db_parameter_group_name,
        option_group_name,
        auto_minor_version_upgrade,
        copy_tags_to_snapshot,
        monitoring_interval,
        monitoring_role_arn,
        iops,
        kms_key_id,
        max_allocated_storage,
        network_type,
        backup_target,
        ca_certificate_identifier,
        custom_iam_instance_profile,
        database_insights_mode,
        enable_cloudwatch_logs_exports,
        enable_iam_database_authentication,
        enable_performance_insights,
        performance_insights_kms_key_id,
        performance_insights_retention_period,
        processor_features,
        storage_throughput,
    } = input;
    check_network(network_type.as_deref())?;
    check_monitoring(monitoring_interval, monitoring_role_arn.as_deref())?;
    let as_said = rds::DBInstance {
        auto_minor_version_upgrade,
        copy_tags_to_snapshot,
        monitoring_interval,
        monitoring_role_arn,
        iops,
        kms_key_id,
        max_allocated_storage,
        backup_target,
        ca_certificate_identifier,
        custom_iam_instance_profile,
        database_insights_mode,
        enabled_cloudwatch_logs_exports: enable_cloudwatch_logs_exports.unless_empty(),
        iam_database_authentication_enabled: enable_iam_database_authentication,
        performance_insights_enabled: enable_performance_insights,
        performance_insights_kms_key_id,
        performance_insights_retention_period,
        processor_features: processor_features.unless_empty(),
        storage_throughput,
        ..Default::default()
    };
    let missing = || Clash::Missing { name: "SourceDBInstanceIdentifier" };
    let source = source_db_instance_identifier.ok_or_else(missing)?;
    let row = model.source_deployment(&caller.scope, THING, &source)?.clone();
    let alike = like(model, caller, &row);
    let settings = alike.settings;
    let new = NewDeployment {
        name: db_instance_identifier,
        settings: Settings {
            class: db_instance_class.unwrap_or(settings.class),
            storage: allocated_storage.or(settings.storage),
            storage_type: storage_type.or(settings.storage_type),
            protected: deletion_protection.unwrap_or(false),
            parameters: db_parameter_group_name.or(settings.parameters),
            options: option_group_name.or(settings.options),
            told: said_over(&settings.told, &as_said),
            ..settings
        },
        subnet_group: db_subnet_group_name.or(alike.subnet_group),
        groups: vpc_security_group_ids.to_vec(),
        zones: availability_zone.into_iter().collect(),
        public: Some(publicly_accessible.unwrap_or(row.public)),
        port: port.or(Some(row.port.into())),
        layout: if multi_az == Some(true) { Layout::Standby } else { Layout::Single },
        tags: tags::of(sent)?,
        ..alike
    };
    let id = model.create_replica(caller, &source, new)?.id.clone();
    Ok(rds::CreateDBInstanceReadReplicaResult { db_instance: told(model, &id) })
}

/// A new deployment that is like a DB instance and can be its replica.
pub fn like(model: &Model, caller: &Caller, row: &Deployment) -> NewDeployment {
    // Another Region has groups of its own.
    let group = row.subnet_group.as_ref().and_then(|id| model.subnet_groups.get(id));
    let group = group.filter(|group| group.scope == caller.scope);
    let groups = if group.is_some() { row.groups.clone() } else { Vec::new() };
    NewDeployment {
        thing: THING,
        name: row.name.clone(),
        engine: row.engine.clone(),
        settings: Settings {
            // A replica has no backups until they are requested.
            backups: Some(0),
            protected: false,
            told: without_own(&row.settings.told),
            ..row.settings.clone()
        },
        subnet_group: group.map(|group| group.name.clone()),
        groups,
        access_groups: Vec::new(),
        zones: Vec::new(),
        public: Some(row.public),
        port: Some(row.port.into()),
        layout: Layout::Single,
        tags: Tags::new(),
    }
}

fn promote(
    model: &mut Model,
    caller: &Caller,
    input: rds::PromoteReadReplicaMessage,
) -> Result<rds::PromoteReadReplicaResult> {
    let rds::PromoteReadReplicaMessage { db_instance_identifier, backup_retention_period } = input;
    let id = model.promote_replica(caller, THING, &db_instance_identifier)?.id.clone();
    model.set_deployment(&id, |settings| settings.backups = backup_retention_period.or(Some(1)));
    Ok(rds::PromoteReadReplicaResult { db_instance: told(model, &id) })
}

fn stop(model: &mut Model, caller: &Caller, input: rds::StopDBInstanceMessage) -> Result<rds::StopDBInstanceResult> {
    let rds::StopDBInstanceMessage { db_instance_identifier: name, db_snapshot_identifier } = input;
    if let Some(last) = db_snapshot_identifier {
        snapshot::take_final(model, caller, (THING, &name), &last)?;
    }
    let id = model.stop_deployment(caller, THING, &name)?.id.clone();
    let stopping = |row| rds::DBInstance { db_instance_status: Some("stopping".to_owned()), ..row };
    Ok(rds::StopDBInstanceResult { db_instance: told(model, &id).map(stopping) })
}

fn start(model: &mut Model, caller: &Caller, input: rds::StartDBInstanceMessage) -> Result<rds::StartDBInstanceResult> {
    let id = model.start_deployment(caller, THING, &input.db_instance_identifier)?.id.clone();
    Ok(rds::StartDBInstanceResult { db_instance: told(model, &id) })
}
