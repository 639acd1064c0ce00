//! The maintenance of clusters: tracks, revisions, deferrals and the rotation of keys.

use super::cluster::{THING, shown, told};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, said, said_over, text, within};
use model::Caller;
use model::services::{Clash, Deployment, Error, Obstacle, Result};
use shapes::redshift::{self, Cluster, DeferredMaintenanceWindow};
use std::time::Duration;

/// The most days for which maintenance is deferred ("ModifyClusterMaintenance", Redshift API reference).
const DEFERRAL: u16 = 45;
const DAY: Duration = Duration::from_secs(24 * 3600);
/// The tracks, each with its version.
const TRACKS: [(&str, &str); 2] = [("current", "1.0"), ("trailing", "1.0")];

pub fn actions(all: Actions) -> Actions {
    all.read(describe_tracks).read(describe_revisions).write(defer).write(rotate_key)
}

fn describe_tracks(
    _: View,
    input: redshift::DescribeClusterTracksMessage,
) -> Result<Paged<redshift::MaintenanceTrack>> {
    let redshift::DescribeClusterTracksMessage { maintenance_track_name: name, page } = input;
    let is_asked = |(track, _): &(&str, &str)| name.as_deref().is_none_or(|asked| asked == *track);
    let rows: Vec<(&str, &str)> = TRACKS.into_iter().filter(is_asked).collect();
    if let (Some(name), true) = (name, rows.is_empty()) {
        return Err(Error::Absent { code: "InvalidClusterTrack", name });
    }
    let target = |(track, version): (&str, &str)| redshift::UpdateTarget {
        maintenance_track_name: text(track),
        database_version: text(version),
        ..Default::default()
    };
    let one = |(track, version): (&str, &str)| redshift::MaintenanceTrack {
        maintenance_track_name: text(track),
        database_version: text(version),
        update_targets: TRACKS.into_iter().filter(|(other, _)| *other != track).map(target).collect(),
    };
    Ok(paged(page, rows, |(track, _)| track)?.map(one))
}

/// The revisions of clusters. There is one, the current one.
fn describe_revisions(
    cx: View,
    input: redshift::DescribeClusterDbRevisionsMessage,
) -> Result<Paged<redshift::ClusterDbRevision>> {
    let redshift::DescribeClusterDbRevisionsMessage { cluster_identifier, page } = input;
    let rows: Vec<&Deployment> = match cluster_identifier {
        Some(name) => vec![cx.model.deployment(&cx.caller.scope, THING, &name)?],
        None => cx.model.deployments_of(&cx.caller.scope, THING).collect(),
    };
    let one = |row: &Deployment| redshift::ClusterDbRevision {
        cluster_identifier: text(&row.name),
        current_database_revision: shown(cx.model, row).cluster_revision_number,
        database_revision_release_date: Some(row.created),
        revision_targets: Vec::new().into(),
    };
    Ok(paged(page, rows, |row: &&Deployment| &row.name)?.map(one))
}

/// Defers maintenance, changes a deferral, or ends it.
fn defer(cx: Change, input: redshift::ModifyClusterMaintenanceMessage) -> Result<Cluster> {
    let row = cx.model.deployment(&cx.caller.scope, THING, &input.cluster_identifier)?.clone();
    let mut windows = said::<Cluster>(&row.settings.told).deferred_maintenance_windows.to_vec();
    let name = input.defer_maintenance_identifier.clone();
    let is_named = |window: &DeferredMaintenanceWindow| name.is_none() || window.defer_maintenance_identifier == name;
    windows.retain(|window| !is_named(window));
    if input.defer_maintenance != Some(false) {
        windows.push(window(cx.caller, &input)?);
    }
    let with = Cluster { deferred_maintenance_windows: windows.into(), ..Default::default() };
    cx.model.set_deployment(&row.id, |settings| settings.told = said_over(&settings.told, &with));
    told(cx.model, cx.caller, &row.id)
}

/// The deferred window of a request, which has either its end or its duration.
fn window(caller: &Caller, input: &redshift::ModifyClusterMaintenanceMessage) -> Result<DeferredMaintenanceWindow> {
    within("DeferMaintenanceDuration", input.defer_maintenance_duration, (1, DEFERRAL))?;
    let start = input.defer_maintenance_start_time.unwrap_or(caller.now);
    let days = input.defer_maintenance_duration.and_then(|days| u32::try_from(days).ok());
    let end = match (days.map(|days| start.after(DAY * days)), input.defer_maintenance_end_time) {
        (Some(end), None) => end,
        (None, Some(end)) if (start..=start.after(DAY * u32::from(DEFERRAL))).contains(&end) => end,
        (None, Some(_)) => return Err(Clash::DeferralEnd {}.into()),
        (Some(_), Some(_)) => return Err(Clash::OneDeferral {}.into()),
        (None, None) => {
            return Err(Clash::MustBeGiven { names: "DeferMaintenanceDuration or DeferMaintenanceEndTime" }.into());
        }
    };
    let made = || Some(format!("dfm-{:016x}", caller.now.0));
    Ok(DeferredMaintenanceWindow {
        defer_maintenance_identifier: input.defer_maintenance_identifier.clone().or_else(made),
        defer_maintenance_start_time: Some(start),
        defer_maintenance_end_time: Some(end),
    })
}

/// Rotates the key of an encrypted cluster. No key is stored.
fn rotate_key(cx: Change, input: redshift::RotateEncryptionKeyMessage) -> Result<Cluster> {
    let row = cx.model.deployment(&cx.caller.scope, THING, &input.cluster_identifier)?;
    match row.settings.encrypted {
        true => Ok(Cluster { cluster_status: text("rotating-keys"), ..shown(cx.model, row) }),
        false => Err(Error::State { thing: THING, name: row.name.clone(), why: Obstacle::Unencrypted {} }),
    }
}
