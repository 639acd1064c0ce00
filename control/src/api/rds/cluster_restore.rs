//! Clusters restored from snapshots or to a point in time: like their source, except where the request says otherwise.

use super::cluster::{self, THING, creating};
use super::cluster_settings::{self, known_engine};
use super::restore::{inheritable, source};
use crate::api::action::{Actions, Change};
use model::services::{Deployment, Error, NewDeployment, Result, Settings, Thing, Wanted};
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
) -> Result<rds::DBCluster> {
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
    creating(model, caller, &made.id)
}

fn from_snapshot(cx: Change, input: rds::RestoreDBClusterFromSnapshotMessage) -> Result<rds::DBCluster> {
    let snapshot = cx.model.source_snapshot(&cx.caller.scope, Thing::DbClusterSnapshot, &input.snapshot_identifier)?;
    let source = snapshot.source.clone();
    if !input.engine.eq_ignore_ascii_case(&source.engine) {
        let why = Wanted::EngineOfSource { engine: source.engine };
        return Err(Error::Value { name: "Engine", value: input.engine, why });
    }
    restore(cx.model, cx.caller, (input.db_cluster_identifier, source), input.settings)
}

/// No data is stored, so that every time is as good as the latest.
fn to_point_in_time(cx: Change, input: rds::RestoreDBClusterToPointInTimeMessage) -> Result<rds::DBCluster> {
    let members = "SourceDBClusterIdentifier or SourceDbClusterResourceId";
    let named = (input.source_db_cluster_identifier, input.source_db_cluster_resource_id);
    let times = (input.restore_to_time, input.use_latest_restorable_time);
    let source = source(cx.model, cx.caller, (THING, members), named, times)?;
    restore(cx.model, cx.caller, (input.db_cluster_identifier, source), input.settings)
}
