//! Clusters of DB instances: Aurora's, whose members are added one by one, and Multi-AZ clusters, which have theirs from the beginning.

use super::cluster_settings::{self, has_data_api, known_engine, usual_scaling};
use super::settings::exports;
use super::version_groups::{self, Named, Versions};
use super::{cluster_pending, filter, resource_id, secret, snapshot, storage, tags};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, said, said_over, text};
use model::services::{Clash, Deployment, DeploymentChange, Error, NewDeployment, Result, Settings, Thing};
use model::{Caller, Model};
use shapes::rds;

pub const THING: Thing = Thing::DbCluster;
/// The number of zones of a cluster's storage.
const ZONES: usize = 3;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(Change { model, caller }: Change, input: rds::CreateDBClusterMessage) -> Result<rds::DBCluster> {
    let rds::CreateDBClusterMessage {
        db_cluster_identifier: name,
        engine,
        master_username,
        replication_source_identifier,
        storage_encrypted,
        global_cluster_identifier,
        settings: mut asked,
    } = input;
    let known = known_engine(&engine)?;
    cluster_settings::check(known, &asked, &rds::DBCluster::default())?;
    let follows = replication_source_identifier.is_some()
        || super::global_cluster::has_writer(model, caller, global_cluster_identifier.as_deref());
    if !follows {
        require("MasterUsername", master_username.as_deref())?;
        if asked.manage_master_user_password != Some(true) {
            require("MasterUserPassword", asked.master_user_password.as_deref())?;
        }
    }
    if asked.engine_mode.as_deref() == Some("serverless") {
        asked.scaling_configuration.get_or_insert_with(usual_scaling);
    } else if !has_data_api(known, asked.engine_version.as_deref()) {
        asked.enable_http_endpoint = None;
    }
    let managed = (asked.manage_master_user_password, &asked.master_user_secret_kms_key_id);
    let own = rds::DBCluster {
        master_user_secret: secret::managed(&caller.scope, &format!("cluster-{name}"), managed),
        ..Default::default()
    };
    let source = replication_source_identifier.map(|source| model.source_deployment(&caller.scope, THING, &source));
    let source = source.transpose()?.map(|source| source.id.clone());
    // Aurora's members have classes and storage of their own.
    let is_multi_az = !known.is_aurora();
    let own = Settings {
        class: asked.db_cluster_instance_class.clone().filter(|_| is_multi_az).unwrap_or_default(),
        storage: asked.allocated_storage.filter(|_| is_multi_az).or(Some(1)),
        user: master_username,
        encrypted: storage_encrypted.unwrap_or(false),
        told: said_over("", &own),
        ..Settings::default()
    };
    let made = make(model, caller, cluster_settings::new(name, engine, asked, own)?)?;
    if let Some(source) = source {
        model.follow(&made.id, source);
    }
    if let Some(global) = global_cluster_identifier {
        super::global_cluster::join(model, caller, &global, &made.id)?;
    }
    creating(model, caller, &made.id)
}

/// Makes a cluster: of an engine that has clusters.
pub fn make(model: &mut Model, caller: &Caller, new: NewDeployment) -> Result<Deployment> {
    known_engine(&new.engine)?;
    model.create_cluster(caller, new)
}

/// A new cluster as the reply to its creation shows it.
pub fn creating(model: &Model, caller: &Caller, id: &str) -> Result<rds::DBCluster> {
    Ok(rds::DBCluster { status: text("creating"), ..told(model, caller, id)? })
}

fn require(name: &str, value: Option<&str>) -> Result<()> {
    match value {
        Some(value) if !value.is_empty() => Ok(()),
        _ => Err(Error::Missing { name: name.to_owned() }),
    }
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

fn describe(cx: View, input: rds::DescribeDBClustersMessage) -> Result<Paged<rds::DBCluster>> {
    let named = (THING, "db-cluster-id", input.db_cluster_identifier);
    let rows = filter::found(cx.model.deployments_of(&cx.caller.scope, THING), &input.filters, named, values)?;
    Ok(paged(input.page, rows, |row: &&Deployment| &row.name)?.map(|row| shown(cx.model, row)))
}

fn modify(cx: Change, input: rds::ModifyDBClusterMessage) -> Result<rds::DBCluster> {
    let row = cx.model.deployment(&cx.caller.scope, THING, &input.db_cluster_identifier)?.clone();
    let engine = known_engine(&row.engine)?;
    cluster_settings::check(engine, &input.settings, &said(&row.settings.told))?;
    let settings = rds::ClusterSettings {
        engine_version: input
            .settings
            .engine_version
            .map(|asked| engine.upgrade_target(&row.settings.version, &asked))
            .transpose()?,
        allocated_storage: input.settings.allocated_storage.filter(|_| has_own_members(&row)),
        ..input.settings
    };
    let input = rds::ModifyDBClusterMessage { settings, ..input };
    let (now, waits) = cluster_pending::split(input, &shown(cx.model, &row));
    change(cx.model, cx.caller, &row, now, waits)
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
) -> Result<rds::DBCluster> {
    let rds::ModifyDBClusterMessage {
        db_cluster_identifier,
        new_db_cluster_identifier,
        apply_immediately,
        cloudwatch_logs_export_configuration,
        rotate_master_user_password,
        settings: mut asked,
    } = now;
    let before: rds::DBCluster = said(&row.settings.told);
    let versions = Versions { now: asked.engine_version.as_deref(), later: waits.engine_version.as_deref() };
    let parameters = asked.db_cluster_parameter_group_name.as_deref();
    let named = Named { parameters, options: asked.option_group_name.as_deref() };
    (asked.db_cluster_parameter_group_name, asked.option_group_name) =
        version_groups::changed(model, caller, row, versions, named)?;
    let secret = secret::Change {
        manage: asked.manage_master_user_password,
        rotate: rotate_master_user_password.unwrap_or(false),
        at_once: apply_immediately.unwrap_or(false),
        key: asked.master_user_secret_kms_key_id.take(),
    };
    let secret = secret.of(&caller.scope, &format!("cluster-{}", row.name), before.master_user_secret.clone())?;
    let own = rds::DBCluster {
        enabled_cloudwatch_logs_exports: cloudwatch_logs_export_configuration
            .map(|change| exports(&before.enabled_cloudwatch_logs_exports, change))
            .unwrap_or_default(),
        pending_modified_values: Some(waits),
        ..Default::default()
    };
    let change = DeploymentChange {
        groups: asked.vpc_security_group_ids.to_vec(),
        port: asked.port,
        ..DeploymentChange::default()
    };
    let id = model.modify_deployment(caller, THING, &db_cluster_identifier, change)?.id.clone();
    let class = asked.db_cluster_instance_class.as_ref().filter(|_| has_own_members(row));
    model.set_cluster(&id, |settings| {
        settings.backups = asked.backup_retention_period.or(settings.backups);
        settings.storage = asked.allocated_storage.or(settings.storage);
        if let Some(version) = &asked.engine_version {
            settings.version.clone_from(version);
        }
        if let Some(class) = class {
            settings.class.clone_from(class);
        }
    });
    model.set_deployment(&id, |settings| {
        *settings = cluster_settings::over(asked, std::mem::take(settings));
        settings.told = secret.keep(&said_over(&settings.told, &own));
    });
    let id = match new_db_cluster_identifier {
        Some(name) => model.rename_deployment(&id, &name)?,
        None => id,
    };
    Ok(rds::DBCluster { master_user_secret: secret.shown(), ..told(model, caller, &id)? })
}

fn delete(cx: Change, input: rds::DeleteDBClusterMessage) -> Result<rds::DBCluster> {
    let (name, last) = (input.db_cluster_identifier, input.final_db_snapshot_identifier);
    let row = cx.model.deployment(&cx.caller.scope, THING, &name)?.clone();
    match (input.skip_final_snapshot.unwrap_or(false), last) {
        // Protection is reported before any other fault.
        _ if row.settings.protected => {}
        (true, Some(_)) => return Err(Clash::FinalSnapshotSkipped {}.into()),
        (false, None) => return Err(Clash::FinalSnapshotMissing {}.into()),
        (true, None) => {}
        (false, Some(last)) => snapshot::take_final(cx.model, cx.caller, (THING, &name), &last)?,
    }
    let shown = shown(cx.model, &row);
    cx.model.delete_cluster(cx.caller, &name, has_own_members(&row))?;
    super::global_cluster::leave(cx.model, cx.caller, &row.id);
    Ok(rds::DBCluster { status: text("deleting"), ..shown })
}

/// A cluster, by its ARN.
pub fn told(model: &Model, caller: &Caller, id: &str) -> Result<rds::DBCluster> {
    Ok(shown(model, model.deployment(&caller.scope, THING, id)?))
}

/// The zones of a cluster's storage: those it was made with, or the first of its subnets.
pub fn zones(model: &Model, row: &Deployment) -> Vec<String> {
    let group = model.subnet_group_of(row);
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

pub fn shown(model: &Model, row: &Deployment) -> rds::DBCluster {
    let settings = &row.settings;
    let told: rds::DBCluster = said(&settings.told);
    let group = model.subnet_group_of(row);
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
        status: text(row.phase.word()),
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
        activity_stream_status: told.activity_stream_status.or(text("stopped")),
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
