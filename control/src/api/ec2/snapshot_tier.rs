//! The tiers that snapshots are kept in.

use super::listing::{Attributes, one};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{Error, Result, Snapshot, SnapshotTier};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(modify).write(restore).read(describe)
}

static ATTRIBUTES: Attributes<Snapshot> = Attributes(&[
    ("last-tiering-operation", |_, snapshot| snapshot.tiering().map(str::to_owned).into_iter().collect()),
    ("snapshot-id", |_, snapshot| one(&snapshot.id)),
    ("volume-id", |_, snapshot| one(&snapshot.volume)),
]);

fn modify(cx: Change, input: ec2::ModifySnapshotTierRequest) -> Result<ec2::ModifySnapshotTierResult> {
    let ec2::ModifySnapshotTierRequest { snapshot_id, storage_tier } = input;
    if let Some(word) = storage_tier.filter(|word| word != "archive") {
        return Err(Error::invalid("StorageTier", word));
    }
    cx.model.move_snapshot(cx.caller, &snapshot_id, SnapshotTier::Archive)?;
    Ok(ec2::ModifySnapshotTierResult { snapshot_id: Some(snapshot_id), tiering_start_time: Some(cx.caller.now) })
}

fn restore(cx: Change, input: ec2::RestoreSnapshotTierRequest) -> Result<ec2::RestoreSnapshotTierResult> {
    let ec2::RestoreSnapshotTierRequest { snapshot_id, temporary_restore_days: days, permanent_restore } = input;
    let for_good = permanent_restore.unwrap_or(false);
    let to = match (for_good, days) {
        (true, _) => SnapshotTier::Standard,
        (false, Some(days)) => {
            let fits = u32::try_from(days).ok().filter(|days| (1..=180).contains(days));
            SnapshotTier::Borrowed(fits.ok_or_else(|| Error::invalid("TemporaryRestoreDays", days))?)
        }
        (false, None) => return Err(Error::missing("TemporaryRestoreDays")),
    };
    cx.model.move_snapshot(cx.caller, &snapshot_id, to)?;
    Ok(ec2::RestoreSnapshotTierResult {
        snapshot_id: Some(snapshot_id),
        restore_start_time: Some(cx.caller.now),
        restore_duration: days.filter(|_| !for_good),
        is_permanent_restore: Some(for_good),
    })
}

fn describe(cx: View, input: ec2::DescribeSnapshotTierStatusRequest) -> Result<ec2::DescribeSnapshotTierStatusResult> {
    let shown = |snapshot: &Snapshot| ec2::SnapshotTierStatus {
        snapshot_id: text(&snapshot.id),
        volume_id: text(&snapshot.volume),
        status: text("completed"),
        owner_id: text(&snapshot.scope.account),
        tags: tags::shown(&snapshot.tags),
        storage_tier: text(snapshot.tier()),
        last_tiering_start_time: snapshot.moved.as_ref().map(|moved| moved.at),
        last_tiering_progress: snapshot.moved.as_ref().map(|_| 100),
        last_tiering_operation_status: snapshot.tiering().map(str::to_owned),
        restore_expiry_time: snapshot.borrowed_until(),
        ..Default::default()
    };
    ATTRIBUTES.list(cx.model, cx.model.snapshots.of(&cx.caller.scope), input, shown)
}
