//! The record of a started program, by which the next control finds its process.

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
    /// Its start time as the kernel counts it, which distinguishes processes with the same number.
    pub began: u64,
    /// The inode of its network namespace.
    pub namespace: u64,
    /// How it was started.
    pub command: Command,
    /// The host's count of restarts by then.
    pub restarts: u32,
}

impl Record {
    /// Reads the last record, if it is valid.
    pub fn read(path: &Path) -> Option<Record> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// Writes the record atomically.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let new = path.with_extension("new");
        fs::write(&new, serde_json::to_vec(self)?)?;
        fs::rename(new, path)
    }
}
