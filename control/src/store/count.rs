//! The number of stored changes, in a file of its own: it shows when a store has lost some.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The file `cloud.count` beside a store `cloud.redb`.
pub(super) struct Count(File);

impl Count {
    /// Opens the file, or makes it.
    pub(super) fn open(store: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path(store))?;
        Ok(Self(file))
    }

    /// Writes the number of stored changes. It may lag behind after a power failure, or if it cannot be written.
    pub(super) fn set(&self, change: u64) {
        if let Err(error) = self.0.write_all_at(format!("{change:020}\n").as_bytes(), 0) {
            tracing::debug!("cannot write the number of changes ({change}): {error}");
        }
    }
}

/// The least number of changes that were stored. `None` if there never was a store.
pub(super) fn stored(store: &Path) -> Option<u64> {
    let text = fs::read(path(store)).ok()?;
    Some(std::str::from_utf8(&text).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0))
}

/// The path of the file.
pub(super) fn path(store: &Path) -> PathBuf {
    store.with_extension("count")
}
