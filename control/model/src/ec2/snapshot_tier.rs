//! The tier that a snapshot is kept in. A move takes no time here, for nothing is in a snapshot.

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

    /// What the last move was, and how far it is, in the API's word.
    pub fn tiering(&self) -> Option<&'static str> {
        Some(match self.moved.as_ref()?.to {
            SnapshotTier::Archive => "archival-completed",
            SnapshotTier::Borrowed(_) => "temporary-restore-completed",
            SnapshotTier::Standard => "permanent-restore-completed",
        })
    }

    /// Whether nothing can be made of it: it is in the archive, and not back for some days.
    pub fn is_archived(&self, now: Time) -> bool {
        self.tier() == "archive" && self.borrowed_until().is_none_or(|until| until <= now)
    }

    /// When a snapshot that is back for some days goes to the archive again.
    pub fn borrowed_until(&self) -> Option<Time> {
        match self.moved.as_ref()? {
            SnapshotMove { at, to: SnapshotTier::Borrowed(days) } => Some(at.after(DAY * *days)),
            _ => None,
        }
    }
}

impl Model {
    /// ModifySnapshotTier and RestoreSnapshotTier: to the archive what is not there, back what is.
    pub fn move_snapshot(&mut self, caller: &Caller, id: &str, to: SnapshotTier) -> Result<()> {
        let snapshot = self.snapshots.find_mut(&caller.scope, id)?;
        if (snapshot.tier() == "archive") == (to == SnapshotTier::Archive) {
            return Err(Error::SnapshotTier { id: id.to_owned(), tier: snapshot.tier().to_owned() });
        }
        snapshot.moved = Some(SnapshotMove { at: caller.now, to });
        Ok(())
    }
}
