//! Read replicas, and stopping and starting DB instances.

use super::instance::{THING, told};
use super::restore::{inheritable, without_own};
use super::{settings, snapshot};
use crate::api::action::{Actions, Change};
use crate::api::deployment::text;
use model::services::{Clash, Deployment, Layout, NewDeployment, Result, Settings};
use model::{Caller, Model, Tags};
use shapes::rds::{self, DBInstance};

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(promote).write(stop).write(start)
}

fn create(cx: Change, input: rds::CreateDBInstanceReadReplicaMessage) -> Result<DBInstance> {
    let rds::CreateDBInstanceReadReplicaMessage { db_instance_identifier: name, settings: mut asked } = input;
    settings::check(&asked)?;
    let missing = || Clash::Missing { name: "SourceDBInstanceIdentifier" };
    let source = asked.source_db_instance_identifier.take().ok_or_else(missing)?;
    let row = cx.model.source_deployment(&cx.caller.scope, THING, &source)?.clone();
    let like = like(cx.model, cx.caller, &row);
    let base = Settings { told: inheritable(&like.settings.told), ..like.settings };
    let new = settings::new(name, like.engine, asked, base)?;
    let new = NewDeployment {
        subnet_group: new.subnet_group.or(like.subnet_group),
        public: new.public.or(like.public),
        port: new.port.or(like.port),
        ..new
    };
    let id = cx.model.create_replica(cx.caller, &source, new)?.id.clone();
    told(cx.model, cx.caller, &id)
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

fn promote(cx: Change, input: rds::PromoteReadReplicaMessage) -> Result<DBInstance> {
    let rds::PromoteReadReplicaMessage { db_instance_identifier, backup_retention_period } = input;
    let id = cx.model.promote_replica(cx.caller, THING, &db_instance_identifier)?.id.clone();
    cx.model.set_deployment(&id, |settings| settings.backups = backup_retention_period.or(Some(1)));
    told(cx.model, cx.caller, &id)
}

fn stop(cx: Change, input: rds::StopDBInstanceMessage) -> Result<DBInstance> {
    let rds::StopDBInstanceMessage { db_instance_identifier: name, db_snapshot_identifier } = input;
    if let Some(last) = db_snapshot_identifier {
        snapshot::take_final(cx.model, cx.caller, (THING, &name), &last)?;
    }
    let id = cx.model.stop_deployment(cx.caller, THING, &name)?.id.clone();
    Ok(DBInstance { db_instance_status: text("stopping"), ..told(cx.model, cx.caller, &id)? })
}

fn start(cx: Change, input: rds::StartDBInstanceMessage) -> Result<DBInstance> {
    let id = cx.model.start_deployment(cx.caller, THING, &input.db_instance_identifier)?.id.clone();
    told(cx.model, cx.caller, &id)
}
