//! Clusters of DB instances: Aurora's, whose members are added one by one, and Multi-AZ clusters, which have theirs from the beginning.

use super::instance::{check_network, exports, resource_id};
use super::version_groups::{self, Named, Versions};
use super::{cluster_pending, filter, secret, snapshot, storage, tags, window};
use crate::api::action::Actions;
use crate::api::deployment::{paged, said, said_over, text};
use model::services::{
    Clash, Deployment, DeploymentChange, Engine, Error, Layout, NewDeployment, Phase, Result, Settings, Thing,
};
use model::{Caller, ManagedService, Model};
use shapes::rds;

pub const THING: Thing = Thing::DbCluster;
/// The shortest password.
const SHORTEST_PASSWORD: usize = 8;
/// The longest time that Aurora MySQL can be set back, in seconds.
const LONGEST_BACKTRACK: i64 = 259_200;
/// How many zones a cluster's storage is in.
const ZONES: usize = 3;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: rds::CreateDBClusterMessage,
) -> Result<rds::CreateDBClusterResult> {
    let rds::CreateDBClusterMessage {
        availability_zones,
        backup_retention_period,
        database_name,
        db_cluster_identifier,
        db_cluster_parameter_group_name,
        vpc_security_group_ids,
        db_subnet_group_name,
        engine,
        engine_version,
        port,
        master_username,
        master_user_password,
        option_group_name,
        preferred_backup_window,
        preferred_maintenance_window,
        replication_source_identifier,
        tags: sent,
        storage_encrypted,
        kms_key_id,
        enable_iam_database_authentication,
        backtrack_window,
        enable_cloudwatch_logs_exports,
        engine_mode,
        scaling_configuration,
        db_cluster_instance_class,
        allocated_storage,
        storage_type,
        iops,
        publicly_accessible,
        auto_minor_version_upgrade,
        deletion_protection,
        global_cluster_identifier,
        enable_http_endpoint,
        copy_tags_to_snapshot,
        enable_global_write_forwarding,
        network_type,
        serverless_v2_scaling_configuration,
        monitoring_interval,
        monitoring_role_arn,
        database_insights_mode,
        enable_performance_insights,
        performance_insights_kms_key_id,
        performance_insights_retention_period,
        manage_master_user_password,
        master_user_secret_kms_key_id,
        engine_lifecycle_support,
    } = input;
    check_network(network_type.as_deref())?;
    window::check(preferred_maintenance_window.as_deref(), preferred_backup_window.as_deref())?;
    let known = known_engine(&engine)?;
    check_backtrack(known, backtrack_window)?;
    let follows = replication_source_identifier.is_some()
        || super::global_cluster::has_writer(model, caller, global_cluster_identifier.as_deref());
    if !follows {
        require("MasterUsername", master_username.as_deref())?;
        if manage_master_user_password != Some(true) {
            require("MasterUserPassword", master_user_password.as_deref())?;
        }
    }
    check_password(master_user_password.as_deref())?;
    let scaling = scaling_configuration.map(scaling);
    let is_serverless = engine_mode.as_deref() == Some("serverless");
    let as_said = rds::DBCluster {
        availability_zones: availability_zones.unless_empty(),
        preferred_backup_window,
        preferred_maintenance_window: preferred_maintenance_window.map(|window| window.to_ascii_lowercase()),
        kms_key_id,
        iam_database_authentication_enabled: enable_iam_database_authentication,
        backtrack_window,
        enabled_cloudwatch_logs_exports: enable_cloudwatch_logs_exports.unless_empty(),
        engine_mode,
        scaling_configuration_info: scaling.or_else(|| is_serverless.then(usual_scaling)),
        db_cluster_instance_class: db_cluster_instance_class.clone(),
        storage_type,
        iops,
        publicly_accessible,
        auto_minor_version_upgrade,
        http_endpoint_enabled: enable_http_endpoint.filter(|_| is_serverless),
        copy_tags_to_snapshot,
        global_write_forwarding_requested: enable_global_write_forwarding,
        serverless_v2_scaling_configuration: serverless_v2_scaling_configuration.map(scaling_v2),
        monitoring_interval,
        monitoring_role_arn,
        database_insights_mode,
        performance_insights_enabled: enable_performance_insights,
        performance_insights_kms_key_id,
        performance_insights_retention_period,
        engine_lifecycle_support,
        master_user_secret: (manage_master_user_password == Some(true)).then(|| {
            secret::of(&caller.scope, &format!("cluster-{db_cluster_identifier}"), master_user_secret_kms_key_id)
        }),
        ..Default::default()
    };
    let source = match &replication_source_identifier {
        Some(source) => Some(model.source_deployment(&caller.scope, THING, source)?.id.clone()),
        None => None,
    };
    let new = NewDeployment {
        thing: THING,
        name: db_cluster_identifier,
        engine,
        settings: Settings {
            version: engine_version.unwrap_or_default(),
            // Aurora's members have classes of their own.
            class: db_cluster_instance_class.filter(|_| !known.is_aurora()).unwrap_or_default(),
            database: database_name,
            user: master_username,
            storage: allocated_storage.filter(|_| !known.is_aurora()).or(Some(1)),
            encrypted: storage_encrypted.unwrap_or(false),
            backups: backup_retention_period,
            protected: deletion_protection.unwrap_or(false),
            parameters: db_cluster_parameter_group_name,
            options: option_group_name,
            told: said_over("", &as_said),
            ..Settings::default()
        },
        subnet_group: db_subnet_group_name,
        groups: vpc_security_group_ids.to_vec(),
        access_groups: Vec::new(),
        zones: Vec::new(),
        public: publicly_accessible,
        port,
        layout: Layout::Members,
        tags: tags::of(sent)?,
    };
    let made = make(model, caller, new)?;
    if let Some(source) = source {
        model.follow(&made.id, source);
    }
    if let Some(global) = global_cluster_identifier {
        super::global_cluster::join(model, caller, &global, &made.id)?;
    }
    Ok(rds::CreateDBClusterResult { db_cluster: creating(model, &made.id) })
}

/// The engine of a cluster.
pub fn known_engine(name: &str) -> Result<&'static Engine> {
    let known = Engine::named(ManagedService::Rds, name).filter(|engine| engine.is_clustered());
    known.ok_or_else(|| Error::NoEngine { engine: name.to_owned() })
}

/// Makes a cluster: of an engine that has clusters.
pub fn make(model: &mut Model, caller: &Caller, new: NewDeployment) -> Result<Deployment> {
    known_engine(&new.engine)?;
    model.create_cluster(caller, new)
}

/// A new cluster as the reply to its creation shows it.
pub fn creating(model: &Model, id: &str) -> Option<rds::DBCluster> {
    let creating = |row| rds::DBCluster { status: text("creating"), ..row };
    model.deployments.get(id).map(|row| shown(model, row)).map(creating)
}

fn require(name: &str, value: Option<&str>) -> Result<()> {
    match value {
        Some(value) if !value.is_empty() => Ok(()),
        _ => Err(Error::Missing { name: name.to_owned() }),
    }
}

fn check_password(password: Option<&str>) -> Result<()> {
    match password {
        Some(password) if password.len() < SHORTEST_PASSWORD => Err(Error::ShortPassword {}),
        _ => Ok(()),
    }
}

/// Refuses a time to set back to that the engine, or any, does not have.
pub fn check_backtrack(engine: &Engine, window: Option<i64>) -> Result<()> {
    match window {
        Some(window) if window != 0 && engine.kind != "mysql" => Err(Error::NoBacktrack { engine: engine.kind }),
        Some(window) if !(0..=LONGEST_BACKTRACK).contains(&window) => Err(Error::Backtrack { window }),
        _ => Ok(()),
    }
}

/// The scaling of Aurora Serverless as it is told of.
pub fn scaling(asked: rds::ScalingConfiguration) -> rds::ScalingConfigurationInfo {
    let rds::ScalingConfiguration {
        min_capacity,
        max_capacity,
        auto_pause,
        seconds_until_auto_pause,
        timeout_action,
        seconds_before_timeout,
    } = asked;
    rds::ScalingConfigurationInfo {
        min_capacity,
        max_capacity,
        auto_pause,
        seconds_until_auto_pause,
        timeout_action,
        seconds_before_timeout,
    }
}

/// The defaults of Aurora Serverless.
fn usual_scaling() -> rds::ScalingConfigurationInfo {
    rds::ScalingConfigurationInfo {
        min_capacity: Some(1),
        max_capacity: Some(16),
        auto_pause: Some(true),
        seconds_until_auto_pause: Some(300),
        timeout_action: text("RollbackCapacityChange"),
        seconds_before_timeout: Some(300),
    }
}

/// The scaling of the second generation as it is told of.
pub fn scaling_v2(asked: rds::ServerlessV2ScalingConfiguration) -> rds::ServerlessV2ScalingConfigurationInfo {
    let rds::ServerlessV2ScalingConfiguration { min_capacity, max_capacity, seconds_until_auto_pause } = asked;
    rds::ServerlessV2ScalingConfigurationInfo { min_capacity, max_capacity, seconds_until_auto_pause }
}

/// A cluster's values under a filter's name.
fn values(row: &Deployment, filter: &str) -> Vec<String> {
    match filter {
        "db-cluster-id" => vec![row.name.clone(), row.id.clone()],
        "db-cluster-resource-id" => vec![resource_id(row)],
        "engine" => vec![row.engine.clone()],
        _ => Vec::new(),
    }
}

fn describe(model: &Model, caller: &Caller, input: rds::DescribeDBClustersMessage) -> Result<rds::DBClusterMessage> {
    let rds::DescribeDBClustersMessage { db_cluster_identifier: named, filters, page } = input;
    filter::check(&filters)?;
    let filters = filter::with(&filters, "db-cluster-id", named.as_deref());
    let all = model.deployments_of(&caller.scope, THING);
    let rows: Vec<_> = all.filter(|row| filter::pass(&filters, |name| values(row, name))).collect();
    if let (Some(name), true) = (named, rows.is_empty()) {
        return Err(Error::NotFound { thing: THING, name });
    }
    let (rows, marker) = paged(page, rows, |row: &&Deployment| &row.name)?;
    Ok(rds::DBClusterMessage { marker, db_clusters: rows.into_iter().map(|row| shown(model, row)).collect() })
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    input: rds::ModifyDBClusterMessage,
) -> Result<rds::ModifyDBClusterResult> {
    let row = model.deployment(&caller.scope, THING, &input.db_cluster_identifier)?.clone();
    let engine = known_engine(&row.engine)?;
    check_backtrack(engine, input.backtrack_window)?;
    let engine_version = input.engine_version.map(|asked| engine.version_meant(&asked)).transpose()?;
    let allocated_storage = input.allocated_storage.filter(|_| has_own_members(&row));
    let input = rds::ModifyDBClusterMessage { engine_version, allocated_storage, ..input };
    let (now, waits) = cluster_pending::split(input, &shown(model, &row));
    change(model, caller, &row, now, waits)
}

/// Whether a cluster has a class, and so members from the beginning.
fn has_own_members(row: &Deployment) -> bool {
    !row.settings.class.is_empty()
}

/// Changes a cluster now, and keeps what waits.
fn change(
    model: &mut Model,
    caller: &Caller,
    row: &Deployment,
    now: rds::ModifyDBClusterMessage,
    waits: rds::ClusterPendingModifiedValues,
) -> Result<rds::ModifyDBClusterResult> {
    let rds::ModifyDBClusterMessage {
        db_cluster_identifier,
        new_db_cluster_identifier,
        apply_immediately,
        backup_retention_period,
        db_cluster_parameter_group_name,
        vpc_security_group_ids,
        port,
        master_user_password,
        option_group_name,
        preferred_backup_window,
        preferred_maintenance_window,
        enable_iam_database_authentication,
        backtrack_window,
        cloudwatch_logs_export_configuration,
        engine_version: version,
        scaling_configuration,
        deletion_protection,
        enable_http_endpoint,
        copy_tags_to_snapshot,
        enable_global_write_forwarding,
        db_cluster_instance_class,
        allocated_storage,
        storage_type,
        iops,
        auto_minor_version_upgrade,
        network_type,
        serverless_v2_scaling_configuration,
        monitoring_interval,
        monitoring_role_arn,
        database_insights_mode,
        enable_performance_insights,
        performance_insights_kms_key_id,
        performance_insights_retention_period,
        manage_master_user_password,
        rotate_master_user_password,
        master_user_secret_kms_key_id,
        engine_mode,
    } = now;
    check_network(network_type.as_deref())?;
    check_password(master_user_password.as_deref())?;
    let before: rds::DBCluster = said(&row.settings.told);
    window::check(
        preferred_maintenance_window.as_deref().or(before.preferred_maintenance_window.as_deref()),
        preferred_backup_window.as_deref().or(before.preferred_backup_window.as_deref()),
    )?;
    let versions = Versions { now: version.as_deref(), later: waits.engine_version.as_deref() };
    let named = Named { parameters: db_cluster_parameter_group_name.as_deref(), options: option_group_name.as_deref() };
    let (parameters, options) = version_groups::changed(model, caller, row, versions, named)?;
    let secret = secret::Change {
        manage: manage_master_user_password,
        rotate: rotate_master_user_password.unwrap_or(false),
        at_once: apply_immediately.unwrap_or(false),
        key: master_user_secret_kms_key_id,
    };
    let secret = secret.of(&caller.scope, &format!("cluster-{}", row.name), before.master_user_secret.clone())?;
    let new = rds::DBCluster {
        preferred_backup_window,
        preferred_maintenance_window: preferred_maintenance_window.map(|window| window.to_ascii_lowercase()),
        iam_database_authentication_enabled: enable_iam_database_authentication,
        backtrack_window,
        enabled_cloudwatch_logs_exports: cloudwatch_logs_export_configuration
            .map(|change| exports(&before.enabled_cloudwatch_logs_exports, change))
            .unwrap_or_default(),
        scaling_configuration_info: scaling_configuration.map(scaling),
        http_endpoint_enabled: enable_http_endpoint,
        copy_tags_to_snapshot,
        global_write_forwarding_requested: enable_global_write_forwarding,
        db_cluster_instance_class: db_cluster_instance_class.clone(),
        storage_type,
        iops,
        auto_minor_version_upgrade,
        serverless_v2_scaling_configuration: serverless_v2_scaling_configuration.map(scaling_v2),
        monitoring_interval,
        monitoring_role_arn,
        database_insights_mode,
        performance_insights_enabled: enable_performance_insights,
        performance_insights_kms_key_id,
        performance_insights_retention_period,
        engine_mode,
        pending_modified_values: Some(waits),
        ..Default::default()
    };
    let told = secret.keep(&said_over(&row.settings.told, &new));
    let change = DeploymentChange { groups: vpc_security_group_ids.to_vec(), port, ..DeploymentChange::default() };
    let id = model.modify_deployment(caller, THING, &db_cluster_identifier, change)?.id.clone();
    let with_members = has_own_members(row);
    model.set_cluster(&id, |settings| {
        settings.backups = backup_retention_period.or(settings.backups);
        settings.version = version.clone().unwrap_or_else(|| std::mem::take(&mut settings.version));
        settings.storage = allocated_storage.or(settings.storage);
        if let Some(class) = db_cluster_instance_class.as_ref().filter(|_| with_members) {
            settings.class.clone_from(class);
        }
    });
    model.set_deployment(&id, |settings| {
        settings.protected = deletion_protection.unwrap_or(settings.protected);
        settings.parameters = parameters.or(settings.parameters.take());
        settings.options = options.or(settings.options.take());
        settings.told = told;
    });
    let id = match new_db_cluster_identifier {
        Some(name) => model.rename_deployment(&id, &name)?,
        None => id,
    };
    let db_cluster = told_cluster(model, &id).map(|row| rds::DBCluster { master_user_secret: secret.shown(), ..row });
    Ok(rds::ModifyDBClusterResult { db_cluster })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: rds::DeleteDBClusterMessage,
) -> Result<rds::DeleteDBClusterResult> {
    let rds::DeleteDBClusterMessage {
        db_cluster_identifier: name,
        skip_final_snapshot,
        final_db_snapshot_identifier: last,
    } = input;
    let row = model.deployment(&caller.scope, THING, &name)?.clone();
    match (skip_final_snapshot.unwrap_or(false), last) {
        // Protection is reported before any other fault.
        _ if row.settings.protected => {}
        (true, Some(_)) => return Err(Clash::FinalSnapshotSkipped {}.into()),
        (false, None) => return Err(Clash::FinalSnapshotMissing {}.into()),
        (true, None) => {}
        (false, Some(last)) => snapshot::take_final(model, caller, (THING, &name), &last)?,
    }
    let shown = shown(model, &row);
    model.delete_cluster(caller, &name, has_own_members(&row))?;
    super::global_cluster::leave(model, caller, &row.id);
    let db_cluster = Some(rds::DBCluster { status: text("deleting"), ..shown });
    Ok(rds::DeleteDBClusterResult { db_cluster })
}

/// A cluster, by its ARN.
pub fn told_cluster(model: &Model, id: &str) -> Option<rds::DBCluster> {
    model.deployments.get(id).map(|row| shown(model, row))
}

/// The zones of a cluster's storage: those it was made with, or the first of its subnets.
pub fn zones(model: &Model, row: &Deployment) -> Vec<String> {
    let group = row.subnet_group.as_ref().and_then(|id| model.subnet_groups.get(id));
    let mut zones: Vec<String> =
        group.into_iter().flat_map(|group| model.subnets_in(group)).map(|subnet| subnet.zone.clone()).collect();
    zones.sort();
    zones.dedup();
    zones.truncate(ZONES);
    zones
}

fn is_multi_az(model: &Model, row: &Deployment) -> bool {
    let mut zones: Vec<&str> = model.zones_of_members(row).collect();
    zones.sort_unstable();
    zones.dedup();
    zones.len() > 1
}

fn members(model: &Model, row: &Deployment) -> Vec<rds::DBClusterMember> {
    let writer = model.writer_of(row).map(|writer| &writer.id);
    let member = |member: &Deployment| rds::DBClusterMember {
        db_instance_identifier: text(&member.name),
        is_cluster_writer: Some(writer == Some(&member.id)),
        db_cluster_parameter_group_status: text("in-sync"),
        promotion_tier: said::<rds::DBInstance>(&member.settings.told).promotion_tier.or(Some(1)),
    };
    model.members_of(row).map(member).collect()
}

fn status(row: &Deployment) -> &'static str {
    match row.phase {
        Phase::Creating => "creating",
        Phase::Settled => "available",
        Phase::Modifying => "modifying",
        Phase::Rebooting => "rebooting",
        Phase::Deleting => "deleting",
        Phase::Stopped => "stopped",
        Phase::Starting => "starting",
    }
}

pub fn shown(model: &Model, row: &Deployment) -> rds::DBCluster {
    let settings = &row.settings;
    let told: rds::DBCluster = said(&settings.told);
    let group = row.subnet_group.as_ref().and_then(|id| model.subnet_groups.get(id));
    let of_vpc = |id: &String| rds::VpcSecurityGroupMembership {
        vpc_security_group_id: Some(id.clone()),
        status: text("active"),
    };
    let with_options = |name: &String| rds::DBClusterOptionGroupStatus {
        db_cluster_option_group_name: text(name),
        status: text("in-sync"),
    };
    let custom = model.service_entries_of(&row.scope, Thing::DbClusterEndpoint);
    let custom = custom.filter(|entry| entry.of.as_ref() == Some(&row.id));
    let names = custom.map(|entry| model.database_name(row, &entry.name, "cluster-custom-"));
    rds::DBCluster {
        allocated_storage: settings.storage,
        availability_zones: told
            .availability_zones
            .shown()
            .map_or_else(|| zones(model, row), <[String]>::to_vec)
            .into(),
        backup_retention_period: settings.backups.or(Some(1)),
        database_name: settings.database.clone(),
        db_cluster_identifier: text(&row.name),
        db_cluster_parameter_group: settings.parameters.clone(),
        db_subnet_group: group.map(|group| group.name.clone()),
        status: text(status(row)),
        earliest_restorable_time: Some(row.created),
        endpoint: Some(model.endpoint_name(row)),
        reader_endpoint: Some(model.reader_name(row)),
        custom_endpoints: names.collect::<shapes::List<_>>().unless_empty(),
        multi_az: Some(is_multi_az(model, row)),
        engine: text(&row.engine),
        engine_version: text(&settings.version),
        latest_restorable_time: Some(row.created),
        port: Some(row.port.into()),
        master_username: settings.user.clone(),
        db_cluster_option_group_memberships: settings.options.iter().map(with_options).collect(),
        preferred_backup_window: told.preferred_backup_window.or(text("01:37-02:07")),
        preferred_maintenance_window: told.preferred_maintenance_window.or(text("wed:02:40-wed:03:10")),
        replication_source_identifier: row.source.clone(),
        read_replica_identifiers: model.replicas_of(row).map(|replica| replica.id.clone()).collect(),
        db_cluster_members: members(model, row).into(),
        vpc_security_groups: row.groups.iter().map(of_vpc).collect(),
        hosted_zone_id: text("Z2R2ITUGPM61AM"),
        storage_encrypted: Some(settings.encrypted),
        kms_key_id: storage::key(row, told.kms_key_id),
        db_cluster_resource_id: Some(resource_id(row)),
        db_cluster_arn: text(&row.id),
        associated_roles: told.associated_roles.to_vec().into(),
        iam_database_authentication_enabled: told.iam_database_authentication_enabled.or(Some(false)),
        cluster_create_time: Some(row.created),
        engine_mode: told.engine_mode.or(text("provisioned")),
        deletion_protection: Some(settings.protected),
        http_endpoint_enabled: told.http_endpoint_enabled.or(Some(false)),
        activity_stream_status: text("stopped"),
        enabled_cloudwatch_logs_exports: told.enabled_cloudwatch_logs_exports.unless_empty(),
        copy_tags_to_snapshot: told.copy_tags_to_snapshot.or(Some(false)),
        cross_account_clone: Some(false),
        domain_memberships: Vec::new().into(),
        tag_list: tags::shown(&row.tags),
        global_write_forwarding_requested: told.global_write_forwarding_requested.or(Some(false)),
        auto_minor_version_upgrade: told.auto_minor_version_upgrade.or(Some(true)),
        network_type: text("IPV4"),
        pending_modified_values: told.pending_modified_values.filter(|waits| *waits != Default::default()),
        ..told
    }
}
