//! Settings of clusters that creations, changes and restores have in common.

use super::{settings, tags};
use crate::api::deployment::{said_over, same_members, within};
use crate::api::window;
use model::ManagedService;
use model::services::{Engine, Error, Layout, NewDeployment, Result, Settings, Thing};
use shapes::rds;

/// For how many days backups are kept. They cannot be switched off.
const RETENTION: (u16, u16) = (1, 35);
/// The shortest password.
const SHORTEST_PASSWORD: usize = 8;
/// The longest time that Aurora MySQL can be set back, in seconds.
const LONGEST_BACKTRACK: i64 = 259_200;

/// The engine of a cluster.
pub fn known_engine(name: &str) -> Result<&'static Engine> {
    let known = Engine::named(ManagedService::Rds, name).filter(|engine| engine.is_clustered());
    known.ok_or_else(|| Error::NoEngine { engine: name.to_owned() })
}

/// Whether clusters that are not serverless have the Data API: Aurora's have, but for MySQL 5 (Aurora User Guide, "Data API").
pub fn has_data_api(engine: &Engine, version: Option<&str>) -> bool {
    engine.is_aurora() && !version.unwrap_or_else(|| engine.version()).starts_with("5.")
}

/// Refuses settings that are invalid for the engine. `before` are those that a cluster has already.
pub fn check(engine: &Engine, asked: &rds::ClusterSettings, before: &rds::DBCluster) -> Result<()> {
    settings::check_network(asked.network_type.as_deref())?;
    window::check(
        asked.preferred_maintenance_window.as_deref().or(before.preferred_maintenance_window.as_deref()),
        asked.preferred_backup_window.as_deref().or(before.preferred_backup_window.as_deref()),
    )?;
    within("BackupRetentionPeriod", asked.backup_retention_period, RETENTION)?;
    settings::check_insights(asked.performance_insights_retention_period)?;
    check_backtrack(engine, asked.backtrack_window)?;
    match &asked.master_user_password {
        Some(password) if password.len() < SHORTEST_PASSWORD => Err(Error::ShortPassword {}),
        _ => Ok(()),
    }
}

/// Refuses a time to set back to that the engine, or any, does not have.
fn check_backtrack(engine: &Engine, window: Option<i64>) -> Result<()> {
    match window {
        Some(window) if window != 0 && engine.kind != "mysql" => Err(Error::NoBacktrack { engine: engine.kind }),
        Some(window) if !(0..=LONGEST_BACKTRACK).contains(&window) => Err(Error::Backtrack { window }),
        _ => Ok(()),
    }
}

/// A new cluster with the settings of a request over those of what it is like.
pub fn new(name: String, engine: String, asked: rds::ClusterSettings, like: Settings) -> Result<NewDeployment> {
    Ok(NewDeployment {
        thing: Thing::DbCluster,
        name,
        engine,
        subnet_group: asked.db_subnet_group_name.clone(),
        groups: asked.vpc_security_group_ids.to_vec(),
        access_groups: Vec::new(),
        zones: Vec::new(),
        public: asked.publicly_accessible,
        port: asked.port,
        layout: Layout::Members,
        tags: tags::of(asked.tags.clone())?,
        settings: over(asked, like),
    })
}

/// The settings of a request over those that were there before. The class and the storage are left out, because Aurora's members have
/// their own.
pub fn over(asked: rds::ClusterSettings, before: Settings) -> Settings {
    Settings {
        told: said_over(&before.told, &told(asked.clone())),
        version: asked.engine_version.unwrap_or(before.version),
        database: asked.database_name.or(before.database),
        backups: asked.backup_retention_period.or(before.backups),
        protected: asked.deletion_protection.unwrap_or(before.protected),
        parameters: asked.db_cluster_parameter_group_name.or(before.parameters),
        options: asked.option_group_name.or(before.options),
        ..before
    }
}

/// The settings that are returned as they were given.
fn told(asked: rds::ClusterSettings) -> rds::DBCluster {
    rds::DBCluster {
        auto_minor_version_upgrade: asked.auto_minor_version_upgrade,
        availability_zones: asked.availability_zones.unless_empty(),
        backtrack_window: asked.backtrack_window,
        copy_tags_to_snapshot: asked.copy_tags_to_snapshot,
        database_insights_mode: asked.database_insights_mode,
        db_cluster_instance_class: asked.db_cluster_instance_class,
        enabled_cloudwatch_logs_exports: asked.enable_cloudwatch_logs_exports.unless_empty(),
        engine_lifecycle_support: asked.engine_lifecycle_support,
        engine_mode: asked.engine_mode,
        global_write_forwarding_requested: asked.enable_global_write_forwarding,
        http_endpoint_enabled: asked.enable_http_endpoint,
        iam_database_authentication_enabled: asked.enable_iam_database_authentication,
        iops: asked.iops,
        kms_key_id: asked.kms_key_id,
        monitoring_interval: asked.monitoring_interval,
        monitoring_role_arn: asked.monitoring_role_arn,
        performance_insights_enabled: asked.enable_performance_insights,
        performance_insights_kms_key_id: asked.performance_insights_kms_key_id,
        performance_insights_retention_period: asked.performance_insights_retention_period,
        preferred_backup_window: asked.preferred_backup_window,
        preferred_maintenance_window: asked.preferred_maintenance_window.map(|window| window.to_ascii_lowercase()),
        publicly_accessible: asked.publicly_accessible,
        scaling_configuration_info: asked.scaling_configuration.as_ref().map(same_members),
        serverless_v2_scaling_configuration: asked.serverless_v2_scaling_configuration.as_ref().map(same_members),
        storage_type: asked.storage_type,
        ..Default::default()
    }
}

/// The defaults of Aurora Serverless.
pub fn usual_scaling() -> rds::ScalingConfiguration {
    rds::ScalingConfiguration {
        min_capacity: Some(1),
        max_capacity: Some(16),
        auto_pause: Some(true),
        seconds_until_auto_pause: Some(300),
        timeout_action: Some("RollbackCapacityChange".to_owned()),
        seconds_before_timeout: Some(300),
    }
}
