//! DB instances made of snapshots, or of what another was at some time: like their source, but for what is said otherwise.

use super::instance::{check_network, resource_id, told};
use super::tags;
use crate::api::action::Actions;
use crate::api::deployment::unsaid;
use model::services::{Clash, Deployment, Error, Layout, NewDeployment, Result, Settings, Thing, Wanted};
use model::{Caller, Model, Tags};
use shapes::rds;

pub fn actions(all: Actions) -> Actions {
    all.write(from_snapshot).write(to_point_in_time)
}

/// What is said of the new one.
struct Said {
    name: String,
    class: Option<String>,
    port: Option<i32>,
    zone: Option<String>,
    subnet_group: Option<String>,
    standby: Option<bool>,
    public: Option<bool>,
    database: Option<String>,
    engine: Option<String>,
    storage_type: Option<String>,
    groups: Vec<String>,
    protected: Option<bool>,
    storage: Option<i32>,
    parameters: Option<String>,
    options: Option<String>,
    network: Option<String>,
    tags: Tags,
}

fn restore(model: &mut Model, caller: &Caller, source: Deployment, said: Said) -> Result<Option<rds::DBInstance>> {
    check_network(said.network.as_deref())?;
    if let Some(other) = said.engine.filter(|engine| !engine.eq_ignore_ascii_case(&source.engine)) {
        let why = Wanted::EngineOfSource { engine: source.engine };
        return Err(Error::Value { name: "Engine", value: other, why });
    }
    if let (Some(asked), Some(least)) = (said.storage, source.settings.storage)
        && asked < least
    {
        return Err(Error::LessStorage { asked, least });
    }
    let standby = said.standby.unwrap_or(false);
    let settings = source.settings;
    let new = NewDeployment {
        thing: Thing::DbInstance,
        name: said.name,
        engine: source.engine,
        settings: Settings {
            class: said.class.unwrap_or(settings.class),
            database: said.database.or(settings.database),
            storage: said.storage.or(settings.storage),
            storage_type: said.storage_type.or(settings.storage_type),
            protected: said.protected.unwrap_or(false),
            // It has the family's own groups unless others are named.
            parameters: said.parameters,
            options: said.options,
            told: without_own(&settings.told),
            ..settings
        },
        subnet_group: said.subnet_group,
        groups: said.groups,
        access_groups: Vec::new(),
        zones: said.zone.into_iter().filter(|_| !standby).collect(),
        public: said.public,
        port: said.port.or(Some(source.port.into())),
        layout: if standby { Layout::Standby } else { Layout::Single },
        tags: said.tags,
    };
    let id = model.create_deployment(caller, new)?.id.clone();
    Ok(told(model, &id))
}

/// What is told of a source that stays its own, and is not told of what is made like it.
const OWN: [&str; 3] = ["MasterUserSecret", "AssociatedRoles", "PendingModifiedValues"];

/// What is told of a source and of what is made like it.
pub fn without_own(told: &str) -> String {
    OWN.into_iter().fold(told.to_owned(), |told, member| unsaid(&told, member))
}

fn from_snapshot(
    model: &mut Model,
    caller: &Caller,
    input: rds::RestoreDBInstanceFromDBSnapshotMessage,
) -> Result<rds::RestoreDBInstanceFromDBSnapshotResult> {
    let rds::RestoreDBInstanceFromDBSnapshotMessage {
        db_instance_identifier,
        db_snapshot_identifier,
        db_instance_class,
        port,
        availability_zone,
        db_subnet_group_name,
        multi_az,
        publicly_accessible,
        db_name,
        engine,
        tags: sent,
        storage_type,
        vpc_security_group_ids,
        deletion_protection,
        allocated_storage,
        db_parameter_group_name,
        option_group_name,
        network_type,
    } = input;
    let missing = || Clash::Missing { name: "DBSnapshotIdentifier" };
    let name = db_snapshot_identifier.ok_or_else(missing)?;
    let source = model.source_snapshot(&caller.scope, Thing::DbSnapshot, &name)?.source.clone();
    let said = Said {
        name: db_instance_identifier,
        class: db_instance_class,
        port,
        zone: availability_zone,
        subnet_group: db_subnet_group_name,
        standby: multi_az,
        public: publicly_accessible,
        database: db_name,
        engine,
        storage_type,
        groups: vpc_security_group_ids.to_vec(),
        protected: deletion_protection,
        storage: allocated_storage,
        parameters: db_parameter_group_name,
        options: option_group_name,
        network: network_type,
        tags: tags::of(sent)?,
    };
    Ok(rds::RestoreDBInstanceFromDBSnapshotResult { db_instance: restore(model, caller, source, said)? })
}

/// Nothing is stored, so that every time is as good as the latest.
fn to_point_in_time(
    model: &mut Model,
    caller: &Caller,
    input: rds::RestoreDBInstanceToPointInTimeMessage,
) -> Result<rds::RestoreDBInstanceToPointInTimeResult> {
    let rds::RestoreDBInstanceToPointInTimeMessage {
        source_db_instance_identifier,
        target_db_instance_identifier,
        restore_time,
        use_latest_restorable_time,
        db_instance_class,
        port,
        availability_zone,
        db_subnet_group_name,
        multi_az,
        publicly_accessible,
        db_name,
        engine,
        option_group_name,
        tags: sent,
        storage_type,
        vpc_security_group_ids,
        db_parameter_group_name,
        deletion_protection,
        source_dbi_resource_id,
        network_type,
        allocated_storage,
    } = input;
    if restore_time.is_some() == use_latest_restorable_time.unwrap_or(false) {
        return Err(Clash::OneTime {}.into());
    }
    let source = match (source_db_instance_identifier, source_dbi_resource_id) {
        (Some(name), _) => model.deployment(&caller.scope, Thing::DbInstance, &name)?.clone(),
        (None, Some(id)) => {
            let mut all = model.deployments_of(&caller.scope, Thing::DbInstance);
            let found = all.find(|row| resource_id(row) == id).cloned();
            found.ok_or(Error::NotFound { thing: Thing::DbInstance, name: id })?
        }
        (None, None) => {
            return Err(Clash::MustBeGiven { names: "SourceDBInstanceIdentifier or SourceDbiResourceId" }.into());
        }
    };
    if source.settings.backups == Some(0) {
        return Err(Error::NoPointInTime { instance: source.name });
    }
    let said = Said {
        name: target_db_instance_identifier,
        class: db_instance_class,
        port,
        zone: availability_zone,
        subnet_group: db_subnet_group_name,
        standby: multi_az,
        public: publicly_accessible,
        database: db_name,
        engine,
        storage_type,
        groups: vpc_security_group_ids.to_vec(),
        protected: deletion_protection,
        storage: allocated_storage,
        parameters: db_parameter_group_name,
        options: option_group_name,
        network: network_type,
        tags: tags::of(sent)?,
    };
    Ok(rds::RestoreDBInstanceToPointInTimeResult { db_instance: restore(model, caller, source, said)? })
}
