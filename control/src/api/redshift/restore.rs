//! Clusters that are restored from snapshots. Settings that the request does not give are the source's.

use super::cluster::{THING, told};
use super::settings::{self, nodes};
use crate::api::action::{Actions, Change};
use crate::api::deployment::{said_over, text, unsaid};
use model::services::{Clash, Error, NewDeployment, Result, Settings};
use shapes::redshift::{self, Cluster};

/// The settings that a restored cluster does not inherit from its source.
const OWN: [&str; 2] = ["ClusterSnapshotCopyStatus", "DeferredMaintenanceWindows"];

pub fn actions(all: Actions) -> Actions {
    all.write(restore)
}

fn restore(cx: Change, input: redshift::RestoreFromClusterSnapshotMessage) -> Result<Cluster> {
    let redshift::RestoreFromClusterSnapshotMessage {
        cluster_identifier,
        snapshot_identifier,
        snapshot_arn,
        snapshot_cluster_identifier,
        owner_account,
        settings: mut asked,
    } = input;
    settings::check(&asked)?;
    let missing = Error::from(Clash::MustBeGiven { names: "SnapshotIdentifier or SnapshotArn" });
    let name = snapshot_identifier.or(snapshot_arn).ok_or(missing)?;
    let snapshot = match owner_account {
        Some(owner) => cx.model.shared_snapshot(&cx.caller.scope, THING.snapshot(), &owner, &name)?,
        None => cx.model.source_snapshot(&cx.caller.scope, THING.snapshot(), &name)?,
    };
    let source = snapshot.source.clone();
    if snapshot_cluster_identifier.is_some_and(|of| of != "*" && !of.eq_ignore_ascii_case(&source.name)) {
        return Err(Error::NotFound { thing: THING.snapshot(), name });
    }
    let schedule = asked.snapshot_schedule_identifier.take();
    let completed = Cluster {
        restore_status: Some(redshift::RestoreStatus { status: text("completed"), ..Default::default() }),
        ..Default::default()
    };
    let like = Settings {
        nodes: Some(nodes(None, asked.number_of_nodes.or(source.settings.nodes))?),
        parameters: None,
        told: said_over(&unsaid(&source.settings.told, &OWN), &completed),
        ..source.settings
    };
    let new = settings::new(cluster_identifier, asked, like);
    let new = NewDeployment { port: new.port.or(Some(source.port.into())), ..new };
    let row = cx.model.create_deployment(cx.caller, new)?.clone();
    super::schedule::follow(cx.model, cx.caller, row.name, schedule.as_deref())?;
    told(cx.model, cx.caller, &row.id)
}
