//! DB instances.

use super::engine::{AUTHORITY, license};
use super::storage::{self, Storage};
use super::version_groups::{self, Named, Versions};
use super::{automated_backup, filter, member, pending, secret, settings, snapshot, subnet_group, tags, window};
use crate::api::action::Actions;
use crate::api::deployment::{paged, said, said_over, text, unsaid};
use model::services::{Clash, Deployment, DeploymentChange, Engine, Error, Layout, Result, Settings, Status, Thing};
use model::{Caller, ManagedService, Model, fnv1};
use shapes::{List, rds};

pub const THING: Thing = Thing::DbInstance;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(reboot).write(delete)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: rds::CreateDBInstanceMessage,
) -> Result<rds::CreateDBInstanceResult> {
    let rds::CreateDBInstanceMessage {
        db_instance_identifier: name,
        db_instance_class: class,
        engine,
        master_username,
        storage_encrypted,
        character_set_name,
        nchar_character_set_name,
        timezone,
        db_cluster_identifier,
        settings: asked,
    } = input;
    settings::check(&asked)?;
    storage::check(asked.allocated_storage, asked.max_allocated_storage)?;
    let own = rds::DBInstance {
        character_set_name,
        nchar_character_set_name,
        timezone,
        master_user_secret: secret::managed(
            &caller.scope,
            &format!("db-{name}"),
            (asked.manage_master_user_password, &asked.master_user_secret_kms_key_id),
        ),
        ..Default::default()
    };
    let own = Settings {
        class,
        user: master_username,
        encrypted: storage_encrypted.unwrap_or(false),
        told: said_over("", &own),
        ..Settings::default()
    };
    if let Some(cluster) = db_cluster_identifier {
        return member::create(model, caller, &cluster, member::new(name, engine, asked, own)?);
    }
    if Engine::named(ManagedService::Rds, &engine).is_some_and(Engine::is_aurora) {
        return Err(Clash::EngineNeedsCluster { engine }.into());
    }
    if asked.multi_az == Some(true) && asked.availability_zone.is_some() {
        return Err(Clash::ZoneOfMultiAz {}.into());
    }
    let id = model.create_deployment(caller, settings::new(name, engine, asked, own)?)?.id.clone();
    Ok(rds::CreateDBInstanceResult { db_instance: told(model, &id) })
}

/// A DB instance's values under a filter's name.
fn values(model: &Model, row: &Deployment, filter: &str) -> Vec<String> {
    let cluster = || row.cluster.as_ref().and_then(|id| model.deployments.get(id));
    match filter {
        "db-cluster-id" => cluster().into_iter().flat_map(|row| [row.name.clone(), row.id.clone()]).collect(),
        "db-instance-id" => vec![row.name.clone(), row.id.clone()],
        "dbi-resource-id" => vec![resource_id(row)],
        "engine" => vec![row.engine.clone()],
        _ => Vec::new(),
    }
}

/// An identifier counts as one more value of the filter by identifier, and is an error only if nothing is found.
fn describe(model: &Model, caller: &Caller, input: rds::DescribeDBInstancesMessage) -> Result<rds::DBInstanceMessage> {
    let rds::DescribeDBInstancesMessage { db_instance_identifier: named, filters, page } = input;
    filter::check(&filters)?;
    let filters = filter::with(&filters, "db-instance-id", named.as_deref());
    let all = model.deployments_of(&caller.scope, THING);
    let rows: Vec<_> = all.filter(|row| filter::pass(&filters, |name| values(model, row, name))).collect();
    if let (Some(name), true) = (named, rows.is_empty()) {
        return Err(Error::NotFound { thing: THING, name });
    }
    let (rows, marker) = paged(page, rows, |row: &&Deployment| &row.name)?;
    let db_instances = rows.into_iter().map(|row| shown(model, row)).collect();
    Ok(rds::DBInstanceMessage { marker, db_instances })
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    mut input: rds::ModifyDBInstanceMessage,
) -> Result<rds::ModifyDBInstanceResult> {
    let row = model.deployment(&caller.scope, THING, &input.db_instance_identifier)?.clone();
    // Changes have a parameter of their own for the port.
    input.settings.port = input.db_port_number;
    if row.cluster.is_some() {
        member::check_change(&input.settings)?;
    }
    automated_backup::check_retention(input.settings.backup_retention_period)?;
    if let (Some(engine), Some(asked)) = (Engine::named(row.service, &row.engine), &input.settings.engine_version) {
        input.settings.engine_version = Some(engine.version_meant(asked)?);
    }
    let is = shown(model, &row);
    if !pending::is_change(&input, &is) {
        return Err(Clash::NothingToModify {}.into());
    }
    let (now, waits) = pending::split(input, &is);
    change(model, caller, &row, now, waits)
}

/// Changes a DB instance now, and keeps what waits.
fn change(
    model: &mut Model,
    caller: &Caller,
    row: &Deployment,
    now: rds::ModifyDBInstanceMessage,
    waits: rds::PendingModifiedValues,
) -> Result<rds::ModifyDBInstanceResult> {
    let rds::ModifyDBInstanceMessage {
        db_instance_identifier,
        cloudwatch_logs_export_configuration,
        new_db_instance_identifier,
        db_port_number: _,
        apply_immediately,
        rotate_master_user_password,
        settings: mut asked,
    } = now;
    settings::check_network(asked.network_type.as_deref())?;
    let versions = Versions { now: asked.engine_version.as_deref(), later: waits.engine_version.as_deref() };
    let named =
        Named { parameters: asked.db_parameter_group_name.as_deref(), options: asked.option_group_name.as_deref() };
    (asked.db_parameter_group_name, asked.option_group_name) =
        version_groups::changed(model, caller, row, versions, named)?;
    let before: rds::DBInstance = said(&row.settings.told);
    window::check(
        asked.preferred_maintenance_window.as_deref().or(before.preferred_maintenance_window.as_deref()),
        asked.preferred_backup_window.as_deref().or(before.preferred_backup_window.as_deref()),
    )?;
    if asked.monitoring_interval.is_some() || asked.monitoring_role_arn.is_some() {
        let role = asked.monitoring_role_arn.as_deref().or(before.monitoring_role_arn.as_deref());
        settings::check_monitoring(asked.monitoring_interval.or(before.monitoring_interval), role)?;
    }
    let exports = cloudwatch_logs_export_configuration
        .map(|change| settings::exports(&before.enabled_cloudwatch_logs_exports, change));
    let secret = secret::Change {
        manage: asked.manage_master_user_password,
        rotate: rotate_master_user_password.unwrap_or(false),
        at_once: apply_immediately.unwrap_or(false),
        key: asked.master_user_secret_kms_key_id.take(),
    };
    let secret = secret.of(&caller.scope, &format!("db-{}", row.name), before.master_user_secret.clone())?;
    let storage = waits.allocated_storage.or(asked.allocated_storage).or(row.settings.storage);
    storage::check(storage, asked.max_allocated_storage)?;
    let grows = asked.max_allocated_storage.is_none() || asked.max_allocated_storage != storage;
    let own = rds::DBInstance {
        enabled_cloudwatch_logs_exports: exports.unwrap_or_default(),
        pending_modified_values: Some(waits),
        ..Default::default()
    };
    let change = DeploymentChange {
        groups: asked.vpc_security_group_ids.to_vec(),
        access_groups: asked.db_security_groups.to_vec(),
        public: asked.publicly_accessible,
        standby: asked.multi_az,
        port: asked.port,
    };
    let id = model.modify_deployment(caller, THING, &db_instance_identifier, change)?.id.clone();
    model.set_deployment(&id, |settings| {
        *settings = settings::over(asked, std::mem::take(settings));
        settings.told = secret.keep(&said_over(&settings.told, &own));
        if !grows {
            settings.told = unsaid(&settings.told, "MaxAllocatedStorage");
        }
    });
    let id = match new_db_instance_identifier {
        Some(name) => model.rename_deployment(&id, &name)?,
        None => id,
    };
    let db_instance = told(model, &id).map(|row| rds::DBInstance { master_user_secret: secret.shown(), ..row });
    Ok(rds::ModifyDBInstanceResult { db_instance })
}

fn reboot(
    model: &mut Model,
    caller: &Caller,
    input: rds::RebootDBInstanceMessage,
) -> Result<rds::RebootDBInstanceResult> {
    let rds::RebootDBInstanceMessage { db_instance_identifier, force_failover } = input;
    let row = model.reboot_deployment(caller, THING, &db_instance_identifier, force_failover.unwrap_or(false))?;
    let id = row.id.clone();
    Ok(rds::RebootDBInstanceResult { db_instance: told(model, &id) })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: rds::DeleteDBInstanceMessage,
) -> Result<rds::DeleteDBInstanceResult> {
    let rds::DeleteDBInstanceMessage {
        db_instance_identifier: name,
        skip_final_snapshot,
        final_db_snapshot_identifier,
        delete_automated_backups,
    } = input;
    let row = model.deployment(&caller.scope, THING, &name)?;
    // What a member of a cluster stores is the cluster's.
    let skips = skip_final_snapshot.unwrap_or(false) || row.cluster.is_some();
    let is_replica = row.source.is_some();
    match final_db_snapshot_identifier {
        // Protection is reported before any other fault.
        _ if row.settings.protected => {}
        Some(_) if skips => {
            return Err(Clash::FinalSnapshotSkipped {}.into());
        }
        Some(_) if is_replica => {
            return Err(Clash::FinalSnapshotOfReplica {}.into());
        }
        Some(last) => snapshot::take_final(model, caller, (THING, &name), &last)?,
        None if skips || is_replica => {}
        None => {
            return Err(Clash::FinalSnapshotMissing {}.into());
        }
    }
    let row = model.delete_deployment(caller, THING, &name)?.clone();
    let id = row.id.clone();
    if delete_automated_backups == Some(false) && row.cluster.is_none() && row.settings.backups != Some(0) {
        automated_backup::retain(model, caller, &row)?;
    }
    Ok(rds::DeleteDBInstanceResult { db_instance: told(model, &id) })
}

/// A DB instance, by its ARN.
pub fn told(model: &Model, id: &str) -> Option<rds::DBInstance> {
    model.deployments.get(id).map(|row| shown(model, row))
}

/// The resource id: a later DB instance or cluster of the same name has another one, and a rename does not change it.
pub fn resource_id(row: &Deployment) -> String {
    let kind = if row.thing == Thing::DbCluster { "cluster" } else { "db" };
    let made = || format!("{kind}-{:026X}", fnv1(row.created.0, row.made_as()));
    row.resource_id.clone().unwrap_or_else(made)
}

fn shown(model: &Model, row: &Deployment) -> rds::DBInstance {
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
        db_subnet_group: row
            .subnet_group
            .as_ref()
            .and_then(|id| model.subnet_groups.get(id))
            .map(|group| subnet_group::shown(model, group)),
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
