//! What is written of a program that was started, so that another control knows its process again.

use super::command::Command;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::Path;

/// A process that was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Its number.
    pub process: i32,
    /// When it began, as the kernel counts: another process of that number began at another time.
    pub began: u64,
    /// The inode of its network namespace.
    pub namespace: u64,
    /// How it was started.
    pub command: Command,
    /// How often its host's program was to begin anew by then.
    pub restarts: u32,
}

impl Record {
    /// What was written last, if it is understood.
    pub fn read(path: &Path) -> Option<Record> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// Writes it, so that it is there whole or not at all.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let new = path.with_extension("new");
        fs::write(&new, serde_json::to_vec(self)?)?;
        fs::rename(new, path)
    }
}
