//! Clusters that stop, start, restart, fail over, and follow another one no longer.

use super::cluster::{THING, shown, told};
use crate::api::action::{Actions, Change};
use crate::api::deployment::text;
use model::Model;
use model::services::{Deployment, Error, Phase, Result, Thing};
use shapes::rds::{self, DBCluster};

pub fn actions(all: Actions) -> Actions {
    all.write(stop).write(start).write(reboot).write(fail_over).write(promote)
}

fn with_status(model: &Model, row: &Deployment, status: &str) -> DBCluster {
    DBCluster { status: text(status), ..shown(model, row) }
}

/// The reply shows it as it was before.
fn stop(cx: Change, input: rds::StopDBClusterMessage) -> Result<DBCluster> {
    let row = cx.model.stop_cluster(cx.caller, &input.db_cluster_identifier)?;
    Ok(with_status(cx.model, &row, "available"))
}

fn start(cx: Change, input: rds::StartDBClusterMessage) -> Result<DBCluster> {
    let row = cx.model.start_cluster(cx.caller, &input.db_cluster_identifier)?;
    Ok(with_status(cx.model, &row, "starting"))
}

fn reboot(cx: Change, input: rds::RebootDBClusterMessage) -> Result<DBCluster> {
    let row = cx.model.reboot_cluster(cx.caller, &input.db_cluster_identifier)?;
    Ok(with_status(cx.model, &row, "rebooting"))
}

/// The target is checked before the cluster.
fn fail_over(cx: Change, input: rds::FailoverDBClusterMessage) -> Result<DBCluster> {
    let rds::FailoverDBClusterMessage { db_cluster_identifier, target_db_instance_identifier: target } = input;
    if let Some(target) = &target {
        let found = cx.model.deployment(&cx.caller.scope, Thing::DbInstance, target);
        let found = found.map_err(|_| Error::NoTarget { name: target.clone() })?;
        if found.phase != Phase::Settled {
            return Err(found.busy());
        }
    }
    let row = cx.model.fail_over_cluster(cx.caller, &db_cluster_identifier, target.as_deref())?;
    Ok(shown(cx.model, &row))
}

fn promote(cx: Change, input: rds::PromoteReadReplicaDBClusterMessage) -> Result<DBCluster> {
    let id = cx.model.promote_replica(cx.caller, THING, &input.db_cluster_identifier)?.id.clone();
    told(cx.model, cx.caller, &id)
}
