//! Clusters that stop, start, restart, fail over, and follow another one no longer.

use super::cluster::{THING, shown, told};
use crate::api::action::Actions;
use crate::api::deployment::text;
use model::services::{Deployment, Error, Phase, Result, Thing};
use model::{Caller, Model};
use shapes::rds::{self, DBCluster};

pub fn actions(all: Actions) -> Actions {
    all.write(stop).write(start).write(reboot).write(fail_over).write(promote)
}

fn with_status(model: &Model, row: &Deployment, status: &str) -> DBCluster {
    DBCluster { status: text(status), ..shown(model, row) }
}

/// The reply shows it as it was before.
fn stop(model: &mut Model, caller: &Caller, input: rds::StopDBClusterMessage) -> Result<DBCluster> {
    let row = model.stop_cluster(caller, &input.db_cluster_identifier)?;
    Ok(with_status(model, &row, "available"))
}

fn start(model: &mut Model, caller: &Caller, input: rds::StartDBClusterMessage) -> Result<DBCluster> {
    let row = model.start_cluster(caller, &input.db_cluster_identifier)?;
    Ok(with_status(model, &row, "starting"))
}

fn reboot(model: &mut Model, caller: &Caller, input: rds::RebootDBClusterMessage) -> Result<DBCluster> {
    let row = model.reboot_cluster(caller, &input.db_cluster_identifier)?;
    Ok(with_status(model, &row, "rebooting"))
}

/// The target is checked before the cluster.
fn fail_over(model: &mut Model, caller: &Caller, input: rds::FailoverDBClusterMessage) -> Result<DBCluster> {
    let rds::FailoverDBClusterMessage { db_cluster_identifier, target_db_instance_identifier: target } = input;
    if let Some(target) = &target {
        let found = model.deployment(&caller.scope, Thing::DbInstance, target);
        let found = found.map_err(|_| Error::NoTarget { name: target.clone() })?;
        if found.phase != Phase::Settled {
            return Err(found.busy());
        }
    }
    let row = model.fail_over_cluster(caller, &db_cluster_identifier, target.as_deref())?;
    Ok(shown(model, &row))
}

fn promote(model: &mut Model, caller: &Caller, input: rds::PromoteReadReplicaDBClusterMessage) -> Result<DBCluster> {
    let id = model.promote_replica(caller, THING, &input.db_cluster_identifier)?.id.clone();
    told(model, caller, &id)
}
