//! The storage tiers of snapshots. A move takes no time, because snapshots have no data.

use crate::{Caller, Error, Model, Result, Snapshot, SnapshotMove, SnapshotTier, Time};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Snapshot {
    /// The tier, in the API's word.
    pub fn tier(&self) -> &'static str {
        match self.moved.as_ref().map(|moved| moved.to) {
            None | Some(SnapshotTier::Standard) => "standard",
            Some(SnapshotTier::Archive | SnapshotTier::Borrowed(_)) => "archive",
        }
    }

    /// The last move and its progress, in the API's word.
    pub fn tiering(&self) -> Option<&'static str> {
        Some(match self.moved.as_ref()?.to {
            SnapshotTier::Archive => "archival-completed",
            SnapshotTier::Borrowed(_) => "temporary-restore-completed",
            SnapshotTier::Standard => "permanent-restore-completed",
        })
    }

    /// Whether it cannot be used, because it is in the archive and not restored for some days.
    pub fn is_archived(&self, now: Time) -> bool {
        self.tier() == "archive" && self.borrowed_until().is_none_or(|until| until <= now)
    }

    /// The time at which a temporary restore ends.
    pub fn borrowed_until(&self) -> Option<Time> {
        match self.moved.as_ref()? {
            SnapshotMove { at, to: SnapshotTier::Borrowed(days) } => Some(at.after(DAY * *days)),
            _ => None,
        }
    }
}

impl Model {
    /// ModifySnapshotTier and RestoreSnapshotTier: moves a snapshot to the archive or back.
    pub fn move_snapshot(&mut self, caller: &Caller, id: &str, to: SnapshotTier) -> Result<()> {
        let snapshot = self.snapshots.find_mut(&caller.scope, id)?;
        if (snapshot.tier() == "archive") == (to == SnapshotTier::Archive) {
            return Err(Error::SnapshotTier { id: id.to_owned(), tier: snapshot.tier().to_owned() });
        }
        snapshot.moved = Some(SnapshotMove { at: caller.now, to });
        Ok(())
    }
}
