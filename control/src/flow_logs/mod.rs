//! Flow logs: fetches the dataplane's counts, aggregates them over each flow log's interval, and writes records.
//!
//! Traffic is recorded by the flow logs that covered its network interface when it passed: whenever the coverage
//! changes, the counts so far are fetched at once. Counts that are aggregated but not yet written are lost if the
//! process is killed; AWS promises best effort only, too.

mod file;
mod pending;
mod record;
mod traffic_path;
mod window;

pub use file::{Stream, streams};
pub use pending::Look;

use crate::link::{Link, LinkError};
use model::FlowLog;
use pending::Pending;
use record::Interface;
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;
use tokio::task::block_in_place;
use wire::{Reply, Request};

/// Writes the records of all flow logs into files below a directory.
pub struct Recorder {
    directory: PathBuf,
    pending: Mutex<Pending>,
}

impl Recorder {
    /// A recorder that writes below this directory.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory, pending: Mutex::default() }
    }

    /// The directory of the files.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Fetches the counts since the last call. Writes the records whose interval is over and those whose flow log no
    /// longer covers the interface; with `all` it writes every record.
    ///
    /// # Errors
    /// If the dataplane does not answer. It keeps its counts.
    pub async fn collect(&self, link: &Link, look: impl FnOnce() -> Look, all: bool) -> Result<(), LinkError> {
        let mut pending = self.pending.lock().await;
        // The lock comes first, so that an older look cannot replace a newer one.
        let look = look();
        if look.is_empty() && pending.is_empty() {
            return Ok(());
        }
        let accounts = match link.ask(Request::Accounts).await? {
            Reply::Accounts(accounts) => accounts,
            other => return Err(LinkError::unexpected(other)),
        };
        block_in_place(|| {
            pending.enter(look, &accounts, all, |log, interface, lines| self.write(log, interface, lines))
        });
        Ok(())
    }

    /// Discards counts and records.
    pub async fn forget(&self) {
        let mut pending = self.pending.lock().await;
        *pending = Pending::default();
        // The directory may not exist.
        let _ = block_in_place(|| std::fs::remove_dir_all(&self.directory));
    }

    fn write(&self, log: &FlowLog, interface: &Interface, lines: &[String]) {
        let path = file::path(&self.directory, log, &interface.id);
        if let Err(error) = file::append(&path, lines) {
            tracing::warn!("records of {} are lost: cannot write {}: {error}", log.id, path.display());
        }
    }
}
