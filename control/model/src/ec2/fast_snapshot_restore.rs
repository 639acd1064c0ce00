//! Fast snapshot restores: volumes from a snapshot have their full performance at once, in a zone. They are kept and shown: volumes hold
//! no data here.

use crate::{Caller, Error, Model, Result, Row, Scope, Time};
use serde::{Deserialize, Serialize};

/// A snapshot that is enabled for fast restores in a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FastSnapshotRestore {
    /// `SNAPSHOT/ZONE`.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// The snapshot.
    pub snapshot: String,
    /// The zone.
    pub zone: String,
    /// The time of its creation.
    pub since: Time,
}

impl Row for FastSnapshotRestore {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Model {
    /// Checks that a caller has the snapshot and that the zone is in their Region. Returns the row's id.
    fn fast_restore_id(&self, caller: &Caller, snapshot: &str, zone: &str) -> Result<String> {
        self.snapshots.find(&caller.scope, snapshot)?;
        let zone = self.zone(&caller.scope, Some(zone))?;
        Ok(format!("{snapshot}/{zone}"))
    }

    /// EnableFastSnapshotRestores, of one snapshot in one zone.
    pub fn enable_fast_restore(&mut self, caller: &Caller, snapshot: &str, zone: &str) -> Result<FastSnapshotRestore> {
        let id = self.fast_restore_id(caller, snapshot, zone)?;
        if let Some(row) = self.fast_restores.get(&id) {
            return Ok(row.clone());
        }
        let (scope, since) = (caller.scope.clone(), caller.now);
        let row = FastSnapshotRestore { id, scope, snapshot: snapshot.to_owned(), zone: zone.to_owned(), since };
        self.fast_restores.insert(row.clone());
        Ok(row)
    }

    /// DisableFastSnapshotRestores, of one snapshot in one zone. Returns what was deleted.
    pub fn disable_fast_restore(&mut self, caller: &Caller, snapshot: &str, zone: &str) -> Result<FastSnapshotRestore> {
        let id = self.fast_restore_id(caller, snapshot, zone)?;
        let missing = || Error::FastRestoreDisabled { snapshot: snapshot.to_owned(), zone: zone.to_owned() };
        self.fast_restores.remove(&id).ok_or_else(missing)
    }

    /// The fast restores that a caller enabled.
    pub fn fast_restores_of(&self, caller: &Caller) -> impl Iterator<Item = &FastSnapshotRestore> {
        self.fast_restores.iter().filter(move |row| row.scope == caller.scope)
    }
}
