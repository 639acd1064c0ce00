//! Read replicas, and stopping and starting DB instances.

use super::instance::{THING, told};
use super::restore::{inheritable, without_own};
use super::{settings, snapshot};
use crate::api::action::Actions;
use crate::api::deployment::text;
use model::services::{Clash, Deployment, Layout, NewDeployment, Result, Settings};
use model::{Caller, Model, Tags};
use shapes::rds::{self, DBInstance};

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(promote).write(stop).write(start)
}

fn create(model: &mut Model, caller: &Caller, input: rds::CreateDBInstanceReadReplicaMessage) -> Result<DBInstance> {
    let rds::CreateDBInstanceReadReplicaMessage { db_instance_identifier: name, settings: mut asked } = input;
    settings::check(&asked)?;
    let missing = || Clash::Missing { name: "SourceDBInstanceIdentifier" };
    let source = asked.source_db_instance_identifier.take().ok_or_else(missing)?;
    let row = model.source_deployment(&caller.scope, THING, &source)?.clone();
    let like = like(model, caller, &row);
    let base = Settings { told: inheritable(&like.settings.told), ..like.settings };
    let new = settings::new(name, like.engine, asked, base)?;
    let new = NewDeployment {
        subnet_group: new.subnet_group.or(like.subnet_group),
        public: new.public.or(like.public),
        port: new.port.or(like.port),
        ..new
    };
    let id = model.create_replica(caller, &source, new)?.id.clone();
    told(model, caller, &id)
}

/// A new deployment that is like a DB instance and can be its replica.
pub fn like(model: &Model, caller: &Caller, row: &Deployment) -> NewDeployment {
    // Another Region has groups of its own.
    let group = model.subnet_group_of(row);
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

fn promote(model: &mut Model, caller: &Caller, input: rds::PromoteReadReplicaMessage) -> Result<DBInstance> {
    let rds::PromoteReadReplicaMessage { db_instance_identifier, backup_retention_period } = input;
    let id = model.promote_replica(caller, THING, &db_instance_identifier)?.id.clone();
    model.set_deployment(&id, |settings| settings.backups = backup_retention_period.or(Some(1)));
    told(model, caller, &id)
}

fn stop(model: &mut Model, caller: &Caller, input: rds::StopDBInstanceMessage) -> Result<DBInstance> {
    let rds::StopDBInstanceMessage { db_instance_identifier: name, db_snapshot_identifier } = input;
    if let Some(last) = db_snapshot_identifier {
        snapshot::take_final(model, caller, (THING, &name), &last)?;
    }
    let id = model.stop_deployment(caller, THING, &name)?.id.clone();
    Ok(DBInstance { db_instance_status: text("stopping"), ..told(model, caller, &id)? })
}

fn start(model: &mut Model, caller: &Caller, input: rds::StartDBInstanceMessage) -> Result<DBInstance> {
    let id = model.start_deployment(caller, THING, &input.db_instance_identifier)?.id.clone();
    told(model, caller, &id)
}
