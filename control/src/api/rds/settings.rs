//! Settings of DB instances that creations, changes, restores and replicas have in common.

use super::tags;
use crate::api::deployment::{said_over, within};
use crate::api::window;
use model::services::{Clash, Error, Layout, NewDeployment, Result, Settings, Thing, Wanted};
use shapes::{List, rds};

/// Refuses settings of a new DB instance that are invalid or contradict each other.
pub fn check(asked: &rds::InstanceSettings) -> Result<()> {
    check_network(asked.network_type.as_deref())?;
    window::check(asked.preferred_maintenance_window.as_deref(), asked.preferred_backup_window.as_deref())?;
    check_monitoring(asked.monitoring_interval, asked.monitoring_role_arn.as_deref())?;
    check_values(asked)
}

/// For how many days backups are kept.
const RETENTION: (u16, u16) = (0, 35);
/// The promotion tiers of a cluster's members.
const TIERS: (u16, u16) = (0, 15);

/// Refuses numbers out of range.
pub fn check_values(asked: &rds::InstanceSettings) -> Result<()> {
    within("BackupRetentionPeriod", asked.backup_retention_period, RETENTION)?;
    within("PromotionTier", asked.promotion_tier, TIERS)?;
    check_insights(asked.performance_insights_retention_period)
}

/// Performance Insights are kept for a week, for up to 23 months of 31 days, or for two years.
pub fn check_insights(retention: Option<i32>) -> Result<()> {
    match retention {
        None | Some(7 | 731) => Ok(()),
        Some(days) if days % 31 == 0 && (1..=23).contains(&(days / 31)) => Ok(()),
        Some(days) => {
            let why = Wanted::InsightsRetention {};
            Err(Error::Value { name: "PerformanceInsightsRetentionPeriod", value: days.to_string(), why })
        }
    }
}

/// Enhanced monitoring needs a role, and a role an interval.
pub fn check_monitoring(interval: Option<i32>, role: Option<&str>) -> Result<()> {
    match (interval.unwrap_or(0), role) {
        (0, Some(_)) => Err(Clash::IntervalMissing {}.into()),
        (0, None) => Ok(()),
        (_, None) => Err(Clash::MonitoringRoleMissing {}.into()),
        (1 | 5 | 10 | 15 | 30 | 60, Some(_)) => Ok(()),
        (other, Some(_)) => {
            let why = Wanted::MonitoringInterval {};
            Err(Error::Value { name: "MonitoringInterval", value: other.to_string(), why })
        }
    }
}

/// Only IPv4 is carried.
pub fn check_network(asked: Option<&str>) -> Result<()> {
    match asked {
        None | Some("IPV4") => Ok(()),
        Some(other) => {
            let why = Wanted::Ipv4Only { word: "IPV4" };
            Err(Error::Value { name: "NetworkType", value: other.to_owned(), why })
        }
    }
}

/// Which logs are exported after a change.
pub fn exports(before: &List<String>, change: rds::CloudwatchLogsExportConfiguration) -> List<String> {
    let rds::CloudwatchLogsExportConfiguration { enable_log_types: more, disable_log_types: fewer } = change;
    let mut all = before.to_vec();
    all.retain(|kind| !fewer.contains(kind) && !more.contains(kind));
    all.into_iter().chain(more).collect()
}

/// A new DB instance with the settings of a request over those of what it is like.
pub fn new(name: String, engine: String, asked: rds::InstanceSettings, like: Settings) -> Result<NewDeployment> {
    let standby = asked.multi_az == Some(true);
    Ok(NewDeployment {
        thing: Thing::DbInstance,
        name,
        engine,
        subnet_group: asked.db_subnet_group_name.clone(),
        groups: asked.vpc_security_group_ids.to_vec(),
        access_groups: asked.db_security_groups.to_vec(),
        zones: asked.availability_zone.clone().into_iter().filter(|_| !standby).collect(),
        public: asked.publicly_accessible,
        port: asked.port,
        layout: if standby { Layout::Standby } else { Layout::Single },
        tags: tags::of(asked.tags.clone())?,
        settings: over(asked, like),
    })
}

/// The settings of a request over those that were there before.
pub fn over(asked: rds::InstanceSettings, before: Settings) -> Settings {
    Settings {
        told: said_over(&before.told, &told(asked.clone())),
        version: asked.engine_version.unwrap_or(before.version),
        class: asked.db_instance_class.unwrap_or(before.class),
        database: asked.db_name.or(before.database),
        storage: asked.allocated_storage.or(before.storage),
        storage_type: asked.storage_type.or(before.storage_type),
        license: asked.license_model.or(before.license),
        backups: asked.backup_retention_period.or(before.backups),
        protected: asked.deletion_protection.unwrap_or(before.protected),
        parameters: asked.db_parameter_group_name.or(before.parameters),
        options: asked.option_group_name.or(before.options),
        ..before
    }
}

/// The settings that are returned as they were given.
fn told(asked: rds::InstanceSettings) -> rds::DBInstance {
    rds::DBInstance {
        auto_minor_version_upgrade: asked.auto_minor_version_upgrade,
        backup_target: asked.backup_target,
        ca_certificate_identifier: asked.ca_certificate_identifier,
        copy_tags_to_snapshot: asked.copy_tags_to_snapshot,
        custom_iam_instance_profile: asked.custom_iam_instance_profile,
        database_insights_mode: asked.database_insights_mode,
        enabled_cloudwatch_logs_exports: asked.enable_cloudwatch_logs_exports.unless_empty(),
        engine_lifecycle_support: asked.engine_lifecycle_support,
        iam_database_authentication_enabled: asked.enable_iam_database_authentication,
        iops: asked.iops,
        kms_key_id: asked.kms_key_id,
        max_allocated_storage: asked.max_allocated_storage,
        monitoring_interval: asked.monitoring_interval,
        monitoring_role_arn: asked.monitoring_role_arn,
        performance_insights_enabled: asked.enable_performance_insights,
        performance_insights_kms_key_id: asked.performance_insights_kms_key_id,
        performance_insights_retention_period: asked.performance_insights_retention_period,
        preferred_backup_window: asked.preferred_backup_window,
        preferred_maintenance_window: asked.preferred_maintenance_window.map(|window| window.to_ascii_lowercase()),
        processor_features: asked.processor_features.unless_empty(),
        promotion_tier: asked.promotion_tier,
        storage_throughput: asked.storage_throughput,
        ..Default::default()
    }
}
