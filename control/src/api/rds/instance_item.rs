//! How a DB instance is described.

use super::engine::{AUTHORITY, license};
use super::storage::{self, Storage};
use super::{resource_id, subnet_group, tags};
use crate::api::deployment::{said, text};
use model::Model;
use model::services::{Deployment, Layout, Status};
use shapes::{List, rds};

/// A DB instance as replies show it.
pub fn shown(model: &Model, row: &Deployment) -> rds::DBInstance {
    let (status, settings) = (model.status_of(row), &row.settings);
    let endpoint = rds::Endpoint {
        address: Some(model.endpoint_name(row)),
        port: Some(row.port.into()),
        hosted_zone_id: text("Z2R2ITUGPM61AM"),
    };
    let mut hosts = model.hosts_of(row).collect::<Vec<_>>();
    let primary = model.primary_of(row).map(|host| host.id.clone());
    hosts.sort_by_key(|host| Some(&host.id) != primary.as_ref());
    let mut zones = hosts.into_iter().map(|host| host.zone.clone());
    let in_vpc = row.subnet_group.is_some();
    let of_vpc = |id: &String| rds::VpcSecurityGroupMembership {
        vpc_security_group_id: Some(id.clone()),
        status: text("active"),
    };
    let of_classic = |id: &String| rds::DBSecurityGroupMembership {
        db_security_group_name: model.access_groups.get(id).map(|group| group.name.clone()),
        status: text("active"),
    };
    let told: rds::DBInstance = said(&settings.told);
    let in_groups = |name: &String| rds::DBParameterGroupStatus {
        db_parameter_group_name: text(name),
        parameter_apply_status: text("in-sync"),
    };
    let with_options =
        |name: &String| rds::OptionGroupMembership { option_group_name: text(name), status: text("in-sync") };
    let storage = Storage::of(&row.engine, settings, &told);
    let backups = settings.backups.unwrap_or(1);
    let source = row.source.as_ref().and_then(|id| model.deployments.get(id));
    let source_name = |source: &Deployment| match source.scope == row.scope {
        true => source.name.clone(),
        false => source.id.clone(),
    };
    let cluster = row.cluster.as_ref().and_then(|id| model.deployments.get(id));
    let usual = if cluster.is_some() { "01:37-02:07" } else { "06:00-06:30" };
    let of_cluster: rds::DBCluster = cluster.map(|cluster| said(&cluster.settings.told)).unwrap_or_default();
    let replicas = model.replicas_of(row).map(|replica| match replica.scope == row.scope {
        true => replica.name.clone(),
        false => replica.id.clone(),
    });
    rds::DBInstance {
        read_replica_source_db_instance_identifier: source.map(source_name),
        read_replica_db_instance_identifiers: replicas.collect(),
        status_infos: row.source.iter().map(|_| replicating()).collect::<List<_>>().unless_empty(),
        db_cluster_identifier: cluster.map(|cluster| cluster.name.clone()),
        db_instance_identifier: text(&row.name),
        db_instance_class: text(&settings.class),
        engine: text(&row.engine),
        db_instance_status: text(status.word()),
        master_username: settings.user.clone(),
        db_name: settings.database.clone(),
        endpoint: Some(endpoint).filter(|_| status != Status::Creating),
        allocated_storage: settings.storage,
        instance_create_time: Some(row.created).filter(|_| status != Status::Creating),
        backup_retention_period: Some(backups),
        db_security_groups: row.groups.iter().filter(|_| !in_vpc).map(of_classic).collect(),
        vpc_security_groups: row.groups.iter().filter(|_| in_vpc).map(of_vpc).collect(),
        availability_zone: zones.next(),
        secondary_availability_zone: zones.next(),
        db_subnet_group: model.subnet_group_of(row).map(|group| subnet_group::shown(model, group)),
        multi_az: Some(row.layout == Layout::Standby),
        engine_version: text(&settings.version),
        license_model: text(settings.license.as_deref().unwrap_or(license(&row.engine))),
        publicly_accessible: Some(row.public),
        iops: storage.iops(),
        storage_throughput: storage.throughput(),
        storage_type: text(storage.kind),
        storage_encrypted: Some(settings.encrypted),
        dbi_resource_id: Some(resource_id(row)),
        db_instance_arn: text(&row.id),
        deletion_protection: Some(settings.protected),
        tag_list: tags::shown(&row.tags),
        db_parameter_groups: settings.parameters.iter().map(in_groups).collect(),
        option_group_memberships: settings.options.iter().map(with_options).collect(),
        pending_modified_values: told.pending_modified_values.or(Some(rds::PendingModifiedValues::default())),
        latest_restorable_time: Some(row.created).filter(|_| backups > 0 && status != Status::Creating),
        auto_minor_version_upgrade: told.auto_minor_version_upgrade.or(Some(true)),
        preferred_backup_window: told.preferred_backup_window.or(of_cluster.preferred_backup_window).or(text(usual)),
        preferred_maintenance_window: told.preferred_maintenance_window.or(text("sun:04:00-sun:04:30")),
        ca_certificate_identifier: told.ca_certificate_identifier.or(text(AUTHORITY)),
        promotion_tier: told.promotion_tier.or(cluster.map(|_| 1)),
        copy_tags_to_snapshot: told.copy_tags_to_snapshot.or(Some(false)),
        monitoring_interval: told.monitoring_interval.or(Some(0)),
        iam_database_authentication_enabled: told.iam_database_authentication_enabled.or(Some(false)),
        performance_insights_enabled: told.performance_insights_enabled.or(Some(false)),
        kms_key_id: storage::key(row, told.kms_key_id.or(of_cluster.kms_key_id)),
        db_instance_port: Some(0),
        domain_memberships: Vec::new().into(),
        associated_roles: told.associated_roles.to_vec().into(),
        customer_owned_ip_enabled: Some(false),
        network_type: text("IPV4"),
        activity_stream_status: text("stopped"),
        backup_target: told.backup_target.or(text("region")),
        enabled_cloudwatch_logs_exports: told.enabled_cloudwatch_logs_exports.unless_empty(),
        read_replica_db_cluster_identifiers: Vec::new().into(),
        ..told
    }
}

/// The status of a read replica's replication.
fn replicating() -> rds::DBInstanceStatusInfo {
    rds::DBInstanceStatusInfo {
        status_type: text("read replication"),
        normal: Some(true),
        status: text("replicating"),
        ..Default::default()
    }
}
