//! Fast snapshot restores.

use super::listing::{Attributes, one};
use super::subnet::zone;
use super::{each_of, text};
use crate::api::action::{Actions, Change, View};
use crate::api::said::same_members;
use model::{Caller, Error, FastSnapshotRestore, Model, Result, zone_id};
use shapes::{List, ec2};
use std::collections::BTreeSet;

pub fn actions(all: Actions) -> Actions {
    all.write(enable).write(disable).read(describe)
}

static ATTRIBUTES: Attributes<FastSnapshotRestore> = Attributes(&[
    ("availability-zone", |_, row| one(&row.zone)),
    ("availability-zone-id", |_, row| one(zone_id(&row.zone))),
    ("owner-id", |_, row| one(&row.scope.account)),
    ("snapshot-id", |_, row| one(&row.snapshot)),
    ("state", |_, _| one("enabled")),
]);

/// Each snapshot in each zone that a request names. An unknown zone is an error of the whole request.
fn places(
    model: &Model,
    caller: &Caller,
    snapshots: &[String],
    zones: List<String>,
    zone_ids: List<String>,
) -> Result<Vec<(String, String)>> {
    let by_name = zones.into_iter().map(|name| model.zone(&caller.scope, Some(&name)));
    let by_id = zone_ids.into_iter().map(|id| zone(caller, None, Some(id), |zone| Error::NoSuchZone { zone }));
    let zones: BTreeSet<String> = by_name.chain(by_id.filter_map(Result::transpose)).collect::<Result<_>>()?;
    if zones.is_empty() {
        return Err(Error::missing("AvailabilityZone"));
    }
    let of_snapshot = |snapshot: &String| zones.iter().map(|zone| (snapshot.clone(), zone.clone())).collect::<Vec<_>>();
    Ok(snapshots.iter().flat_map(of_snapshot).collect())
}

/// The reason of a change of the state.
const BY_USER: &str = "Client.UserInitiated";

/// A snapshot and a zone for which the request failed.
fn failed((snapshot, zone): (String, String), error: Error) -> ec2::EnableFastSnapshotRestoreErrorItem {
    let error = ec2::EnableFastSnapshotRestoreStateError { code: text(error.code()), message: text(error) };
    let item = ec2::EnableFastSnapshotRestoreStateErrorItem {
        availability_zone: Some(zone),
        error: Some(error),
        ..Default::default()
    };
    ec2::EnableFastSnapshotRestoreErrorItem {
        snapshot_id: Some(snapshot),
        fast_snapshot_restore_state_errors: vec![item].into(),
    }
}

fn enable(
    Change { model, caller }: Change,
    input: ec2::EnableFastSnapshotRestoresRequest,
) -> Result<ec2::EnableFastSnapshotRestoresResult> {
    let ec2::EnableFastSnapshotRestoresRequest { availability_zones, availability_zone_ids, source_snapshot_ids } =
        input;
    let places = places(model, caller, &source_snapshot_ids, availability_zones, availability_zone_ids)?;
    let (successful, unsuccessful) = each_of(
        places,
        |(snapshot, zone)| model.enable_fast_restore(caller, snapshot, zone),
        |_, row| ec2::EnableFastSnapshotRestoreSuccessItem {
            snapshot_id: text(&row.snapshot),
            availability_zone: text(&row.zone),
            availability_zone_id: text(zone_id(&row.zone)),
            state: text("enabling"),
            state_transition_reason: text(BY_USER),
            owner_id: text(&row.scope.account),
            enabling_time: Some(row.since),
            ..Default::default()
        },
        failed,
    );
    Ok(ec2::EnableFastSnapshotRestoresResult { successful, unsuccessful })
}

fn disable(
    Change { model, caller }: Change,
    input: ec2::DisableFastSnapshotRestoresRequest,
) -> Result<ec2::DisableFastSnapshotRestoresResult> {
    let ec2::DisableFastSnapshotRestoresRequest { availability_zones, availability_zone_ids, source_snapshot_ids } =
        input;
    let places = places(model, caller, &source_snapshot_ids, availability_zones, availability_zone_ids)?;
    let (successful, unsuccessful) = each_of(
        places,
        |(snapshot, zone)| model.disable_fast_restore(caller, snapshot, zone),
        |_, row| ec2::DisableFastSnapshotRestoreSuccessItem {
            snapshot_id: text(&row.snapshot),
            availability_zone: text(&row.zone),
            availability_zone_id: text(zone_id(&row.zone)),
            state: text("disabling"),
            state_transition_reason: text(BY_USER),
            owner_id: text(&row.scope.account),
            enabling_time: Some(row.since),
            enabled_time: Some(row.since),
            disabling_time: Some(caller.now),
            ..Default::default()
        },
        |place, error| same_members(&failed(place, error)),
    );
    Ok(ec2::DisableFastSnapshotRestoresResult { successful, unsuccessful })
}

fn shown(row: &FastSnapshotRestore) -> ec2::DescribeFastSnapshotRestoreSuccessItem {
    ec2::DescribeFastSnapshotRestoreSuccessItem {
        snapshot_id: text(&row.snapshot),
        availability_zone: text(&row.zone),
        availability_zone_id: text(zone_id(&row.zone)),
        state: text("enabled"),
        state_transition_reason: text(BY_USER),
        owner_id: text(&row.scope.account),
        enabling_time: Some(row.since),
        optimizing_time: Some(row.since),
        enabled_time: Some(row.since),
        ..Default::default()
    }
}

fn describe(
    cx: View,
    input: ec2::DescribeFastSnapshotRestoresRequest,
) -> Result<ec2::DescribeFastSnapshotRestoresResult> {
    let all = cx.model.fast_restores_of(cx.caller);
    let (rows, next_token) =
        ATTRIBUTES.page_of_parts(cx.model, all, &input.filters, &input.page, |row| row.id.clone())?;
    let fast_snapshot_restores = rows.into_iter().map(shown).collect();
    Ok(ec2::DescribeFastSnapshotRestoresResult { fast_snapshot_restores, next_token })
}
