//! Clusters restored from snapshots or to a point in time: like their source, except where the request says otherwise.

use super::cluster::{self, THING, creating};
use super::cluster_settings::{self, known_engine};
use super::instance::resource_id;
use super::restore::inheritable;
use crate::api::action::Actions;
use model::services::{Clash, Deployment, Error, NewDeployment, Result, Settings, Thing, Wanted};
use model::{Caller, Model};
use shapes::rds;

pub fn actions(all: Actions) -> Actions {
    all.write(from_snapshot).write(to_point_in_time)
}

/// Makes a cluster like a source.
fn restore(
    model: &mut Model,
    caller: &Caller,
    (name, source): (String, Deployment),
    asked: rds::ClusterSettings,
) -> Result<Option<rds::DBCluster>> {
    cluster_settings::check(known_engine(&source.engine)?, &asked, &rds::DBCluster::default())?;
    let before = source.settings;
    let class = asked.db_cluster_instance_class.clone().filter(|_| !before.class.is_empty());
    let like = Settings {
        class: class.unwrap_or(before.class),
        // A key encrypts what was not encrypted before.
        encrypted: before.encrypted || asked.kms_key_id.is_some(),
        protected: false,
        // It has the default groups of its family unless the request names others.
        parameters: None,
        options: None,
        told: inheritable(&before.told),
        ..before
    };
    let new = cluster_settings::new(name, source.engine, asked, like)?;
    let new = NewDeployment { port: new.port.or(Some(source.port.into())), ..new };
    let made = cluster::make(model, caller, new)?;
    Ok(creating(model, &made.id))
}

fn from_snapshot(
    model: &mut Model,
    caller: &Caller,
    input: rds::RestoreDBClusterFromSnapshotMessage,
) -> Result<rds::RestoreDBClusterFromSnapshotResult> {
    let snapshot = model.source_snapshot(&caller.scope, Thing::DbClusterSnapshot, &input.snapshot_identifier)?;
    let source = snapshot.source.clone();
    if !input.engine.eq_ignore_ascii_case(&source.engine) {
        let why = Wanted::EngineOfSource { engine: source.engine };
        return Err(Error::Value { name: "Engine", value: input.engine, why });
    }
    let db_cluster = restore(model, caller, (input.db_cluster_identifier, source), input.settings)?;
    Ok(rds::RestoreDBClusterFromSnapshotResult { db_cluster })
}

/// No data is stored, so that every time is as good as the latest.
fn to_point_in_time(
    model: &mut Model,
    caller: &Caller,
    input: rds::RestoreDBClusterToPointInTimeMessage,
) -> Result<rds::RestoreDBClusterToPointInTimeResult> {
    let rds::RestoreDBClusterToPointInTimeMessage {
        db_cluster_identifier: name,
        source_db_cluster_identifier,
        restore_to_time,
        use_latest_restorable_time,
        source_db_cluster_resource_id,
        settings: asked,
    } = input;
    if restore_to_time.is_some() == use_latest_restorable_time.unwrap_or(false) {
        return Err(Clash::OneTime {}.into());
    }
    let source = match (source_db_cluster_identifier, source_db_cluster_resource_id) {
        (Some(name), _) => model.deployment(&caller.scope, THING, &name)?.clone(),
        (None, Some(id)) => {
            let found = model.deployments_of(&caller.scope, THING).find(|row| resource_id(row) == id).cloned();
            found.ok_or(Error::NotFound { thing: THING, name: id })?
        }
        (None, None) => {
            return Err(Clash::MustBeGiven { names: "SourceDBClusterIdentifier or SourceDbClusterResourceId" }.into());
        }
    };
    Ok(rds::RestoreDBClusterToPointInTimeResult { db_cluster: restore(model, caller, (name, source), asked)? })
}
