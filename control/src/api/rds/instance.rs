//! DB instances.

use super::instance_item::shown;
use super::storage::{self, Storage};
use super::version_groups::{self, Named, Versions};
use super::{automated_backup, filter, member, pending, resource_id, secret, settings, snapshot};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, said, said_over, unsaid};
use crate::api::window;
use model::services::{Clash, Deployment, DeploymentChange, Engine, Result, Settings, Thing};
use model::{Caller, ManagedService, Model};
use shapes::rds;

pub const THING: Thing = Thing::DbInstance;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(reboot).write(delete)
}

fn create(cx: Change, input: rds::CreateDBInstanceMessage) -> Result<rds::DBInstance> {
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
    Storage::asked(&engine, &asked).check()?;
    let own = rds::DBInstance {
        character_set_name,
        nchar_character_set_name,
        timezone,
        master_user_secret: secret::managed(
            &cx.caller.scope,
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
        let id = member::create(cx.model, cx.caller, &cluster, member::new(name, engine, asked, own)?)?;
        return told(cx.model, cx.caller, &id);
    }
    if Engine::named(ManagedService::Rds, &engine).is_some_and(Engine::is_aurora) {
        return Err(Clash::EngineNeedsCluster { engine }.into());
    }
    if asked.multi_az == Some(true) && asked.availability_zone.is_some() {
        return Err(Clash::ZoneOfMultiAz {}.into());
    }
    let id = cx.model.create_deployment(cx.caller, settings::new(name, engine, asked, own)?)?.id.clone();
    told(cx.model, cx.caller, &id)
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

fn describe(cx: View, input: rds::DescribeDBInstancesMessage) -> Result<Paged<rds::DBInstance>> {
    let named = (THING, "db-instance-id", input.db_instance_identifier);
    let all = cx.model.deployments_of(&cx.caller.scope, THING);
    let rows = filter::found(all, &input.filters, named, |row, name| values(cx.model, row, name))?;
    Ok(paged(input.page, rows, |row: &&Deployment| &row.name)?.map(|row| shown(cx.model, row)))
}

fn modify(cx: Change, mut input: rds::ModifyDBInstanceMessage) -> Result<rds::DBInstance> {
    let row = cx.model.deployment(&cx.caller.scope, THING, &input.db_instance_identifier)?.clone();
    // Changes have a parameter of their own for the port.
    input.settings.port = input.db_port_number;
    if row.cluster.is_some() {
        member::check_change(&input.settings)?;
    }
    settings::check_values(&input.settings)?;
    if let (Some(engine), Some(asked)) = (Engine::named(row.service, &row.engine), &input.settings.engine_version) {
        input.settings.engine_version = Some(engine.upgrade_target(&row.settings.version, asked)?);
    }
    let is = shown(cx.model, &row);
    let storage = input.settings.allocated_storage.map(|asked| storage::grown(is.allocated_storage, asked));
    input.settings.allocated_storage = storage.transpose()?;
    if !pending::is_change(&input, &is) {
        return Err(Clash::NothingToModify {}.into());
    }
    let (now, waits) = pending::split(input, &is);
    change(cx.model, cx.caller, &row, now, waits)
}

/// Changes a DB instance now, and keeps what waits.
fn change(
    model: &mut Model,
    caller: &Caller,
    row: &Deployment,
    now: rds::ModifyDBInstanceMessage,
    waits: rds::PendingModifiedValues,
) -> Result<rds::DBInstance> {
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
            settings.told = unsaid(&settings.told, &["MaxAllocatedStorage"]);
        }
    });
    let id = match new_db_instance_identifier {
        Some(name) => model.rename_deployment(&id, &name)?,
        None => id,
    };
    Ok(rds::DBInstance { master_user_secret: secret.shown(), ..told(model, caller, &id)? })
}

fn reboot(cx: Change, input: rds::RebootDBInstanceMessage) -> Result<rds::DBInstance> {
    let fails_over = input.force_failover.unwrap_or(false);
    let id = cx.model.reboot_deployment(cx.caller, THING, &input.db_instance_identifier, fails_over)?.id.clone();
    told(cx.model, cx.caller, &id)
}

fn delete(cx: Change, input: rds::DeleteDBInstanceMessage) -> Result<rds::DBInstance> {
    let name = input.db_instance_identifier;
    let row = cx.model.deployment(&cx.caller.scope, THING, &name)?;
    // The data of a cluster's member is the cluster's.
    let skips = input.skip_final_snapshot.unwrap_or(false) || row.cluster.is_some();
    let is_replica = row.source.is_some();
    match input.final_db_snapshot_identifier {
        // Protection is reported before any other fault.
        _ if row.settings.protected => {}
        Some(_) if skips => return Err(Clash::FinalSnapshotSkipped {}.into()),
        Some(_) if is_replica => return Err(Clash::FinalSnapshotOfReplica {}.into()),
        Some(last) => snapshot::take_final(cx.model, cx.caller, (THING, &name), &last)?,
        None if skips || is_replica => {}
        None => return Err(Clash::FinalSnapshotMissing {}.into()),
    }
    let row = cx.model.delete_deployment(cx.caller, THING, &name)?.clone();
    let id = row.id.clone();
    if input.delete_automated_backups == Some(false) && row.cluster.is_none() && row.settings.backups != Some(0) {
        automated_backup::retain(cx.model, cx.caller, &row)?;
    }
    told(cx.model, cx.caller, &id)
}

/// A DB instance, by its ARN.
pub fn told(model: &Model, caller: &Caller, id: &str) -> Result<rds::DBInstance> {
    Ok(shown(model, model.deployment(&caller.scope, THING, id)?))
}
