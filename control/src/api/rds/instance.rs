//! DB instances.

use super::{subnet_group, tags};
use crate::api::action::Actions;
use crate::api::deployment::{paged, text};
use crate::model::services::{
    Deployment, DeploymentChange, Error, Layout, NewDeployment, Result, Settings, Status, Thing,
};
use crate::model::{Caller, Model};
use shapes::rds;

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
        db_name,
        db_instance_identifier,
        allocated_storage,
        db_instance_class,
        engine,
        master_username,
        db_security_groups,
        vpc_security_group_ids,
        availability_zone,
        db_subnet_group_name,
        backup_retention_period,
        port,
        multi_az,
        engine_version,
        license_model,
        publicly_accessible,
        tags: sent,
        storage_type,
        storage_encrypted,
        deletion_protection,
    } = input;
    let standby = multi_az.unwrap_or(false);
    if standby && availability_zone.is_some() {
        let why = "Requesting a specific availability zone is not valid for Multi-AZ instances.";
        return Err(Error::Combination { why });
    }
    let new = NewDeployment {
        thing: THING,
        name: db_instance_identifier,
        engine,
        settings: Settings {
            version: engine_version.unwrap_or_default(),
            class: db_instance_class,
            database: db_name,
            user: master_username,
            storage: allocated_storage,
            storage_type,
            encrypted: storage_encrypted.unwrap_or(false),
            license: license_model,
            backups: backup_retention_period,
            protected: deletion_protection.unwrap_or(false),
            ..Settings::default()
        },
        subnet_group: db_subnet_group_name,
        groups: vpc_security_group_ids.to_vec(),
        access_groups: db_security_groups.to_vec(),
        zones: availability_zone.into_iter().collect(),
        public: publicly_accessible,
        port,
        layout: if standby { Layout::Standby } else { Layout::Single },
        tags: tags::of(sent),
    };
    let id = model.create_deployment(caller, new)?.id.clone();
    Ok(rds::CreateDBInstanceResult { db_instance: told(model, &id) })
}

/// By what DB instances can be filtered.
fn matches(row: &Deployment, filter: &rds::Filter) -> bool {
    filter.values.iter().any(|value| match filter.name.as_str() {
        "db-instance-id" => value.eq_ignore_ascii_case(&row.name) || *value == row.id,
        "dbi-resource-id" => *value == resource_id(row),
        "engine" => *value == row.engine,
        _ => false,
    })
}

fn describe(model: &Model, caller: &Caller, input: rds::DescribeDBInstancesMessage) -> Result<rds::DBInstanceMessage> {
    let rds::DescribeDBInstancesMessage { db_instance_identifier, filters, page } = input;
    if let Some(filter) = filters.iter().find(|filter| !filters.documented.contains(&filter.name.as_str())) {
        let why = "it is no filter of DB instances".to_owned();
        return Err(Error::Value { name: "Filters", value: filter.name.clone(), why });
    }
    let scope = &caller.scope;
    let named = db_instance_identifier.map(|name| model.deployment(scope, THING, &name)).transpose()?;
    let all = model.deployments_of(scope, THING).filter(|row| named.is_none_or(|named| named.id == row.id));
    let rows = all.filter(|row| filters.iter().all(|filter| matches(row, filter))).collect();
    let (rows, marker) = paged(page, rows, |row: &&Deployment| &row.name)?;
    let db_instances = rows.into_iter().map(|row| shown(model, row)).collect();
    Ok(rds::DBInstanceMessage { marker, db_instances })
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    input: rds::ModifyDBInstanceMessage,
) -> Result<rds::ModifyDBInstanceResult> {
    let rds::ModifyDBInstanceMessage {
        db_instance_identifier,
        allocated_storage,
        db_instance_class,
        db_security_groups,
        vpc_security_group_ids,
        backup_retention_period,
        multi_az,
        engine_version,
        storage_type,
        publicly_accessible,
        deletion_protection,
    } = input;
    let change = DeploymentChange {
        groups: vpc_security_group_ids.to_vec(),
        access_groups: db_security_groups.to_vec(),
        public: publicly_accessible,
        standby: multi_az,
    };
    let id = model.modify_deployment(caller, THING, &db_instance_identifier, change)?.id.clone();
    model.set_deployment(&id, |settings| {
        settings.storage = allocated_storage.or(settings.storage);
        settings.backups = backup_retention_period.or(settings.backups);
        settings.storage_type = storage_type.or(settings.storage_type.take());
        settings.class = db_instance_class.unwrap_or_else(|| std::mem::take(&mut settings.class));
        settings.version = engine_version.unwrap_or_else(|| std::mem::take(&mut settings.version));
        settings.protected = deletion_protection.unwrap_or(settings.protected);
    });
    Ok(rds::ModifyDBInstanceResult { db_instance: told(model, &id) })
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
    let id = model.delete_deployment(caller, THING, &input.db_instance_identifier)?.id.clone();
    Ok(rds::DeleteDBInstanceResult { db_instance: told(model, &id) })
}

/// A DB instance, by its ARN.
pub fn told(model: &Model, id: &str) -> Option<rds::DBInstance> {
    model.deployments.get(id).map(|row| shown(model, row))
}

/// An id that another DB instance of the same name does not have.
fn resource_id(row: &Deployment) -> String {
    let digest = row.id.bytes().fold(row.created.0, |sum, byte| sum.wrapping_mul(0x100_0000_01b3) ^ u64::from(byte));
    format!("db-{digest:026X}")
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
    let source = row.source.as_ref().and_then(|id| model.deployments.get(id));
    let replicas = model.replicas_of(row).map(|replica| replica.name.clone());
    rds::DBInstance {
        read_replica_source_db_instance_identifier: source.map(|source| source.name.clone()),
        read_replica_db_instance_identifiers: replicas.collect(),
        db_instance_identifier: text(&row.name),
        db_instance_class: text(&settings.class),
        engine: text(&row.engine),
        db_instance_status: text(status_word(status)),
        master_username: settings.user.clone(),
        db_name: settings.database.clone(),
        endpoint: Some(endpoint).filter(|_| status != Status::Creating),
        allocated_storage: settings.storage,
        instance_create_time: Some(row.created.into()).filter(|_| status != Status::Creating),
        backup_retention_period: Some(settings.backups.unwrap_or(1)),
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
        license_model: settings.license.clone(),
        publicly_accessible: Some(row.public),
        storage_type: Some(settings.storage_type.clone().unwrap_or_else(|| "gp2".to_owned())),
        storage_encrypted: Some(settings.encrypted),
        dbi_resource_id: Some(resource_id(row)),
        db_instance_arn: text(&row.id),
        deletion_protection: Some(settings.protected),
        tag_list: tags::shown(&row.tags),
        ..Default::default()
    }
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::Creating => "creating",
        Status::Available => "available",
        Status::Modifying => "modifying",
        Status::Rebooting => "rebooting",
        Status::Deleting => "deleting",
        Status::Failed => "failed",
        Status::Stopped => "stopped",
        Status::Starting => "starting",
    }
}
