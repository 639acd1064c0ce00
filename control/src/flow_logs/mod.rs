//! Recording flow logs: asks the dataplane what it has counted, sums it up for as long as each flow log says, and writes records.
//!
//! Traffic is recorded by the flow logs that covered a network interface when it passed: whenever that changes, what has passed
//! until then is collected at once. What is summed up and not written yet is lost if the process is killed; AWS promises no more
//! than its best effort either.

mod book;
mod file;
mod record;
mod window;

pub use book::Look;
pub use file::{Stream, streams};

use crate::link::{Link, LinkError};
use book::Book;
use model::FlowLog;
use record::Interface;
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;
use tokio::task::block_in_place;
use wire::{Reply, Request};

/// Writes the records of all flow logs into files below a directory.
pub struct Recorder {
    directory: PathBuf,
    book: Mutex<Book>,
}

impl Recorder {
    /// Records below this directory.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory, book: Mutex::default() }
    }

    /// Where the files are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Collects what was counted since the last call. Writes the records whose interval is over, and those whose flow log no longer
    /// covers the interface; with `all` it writes all.
    ///
    /// # Errors
    /// If the dataplane does not answer; it goes on counting meanwhile.
    pub async fn collect(&self, link: &Link, look: impl FnOnce() -> Look, all: bool) -> Result<(), LinkError> {
        let mut book = self.book.lock().await;
        // The lock comes first: an older look must not replace a newer one.
        let look = look();
        if look.is_empty() && book.is_empty() {
            return Ok(());
        }
        let accounts = match link.ask(Request::Accounts).await? {
            Reply::Accounts(accounts) => accounts,
            other => return Err(LinkError::Nonsense(Box::new(other))),
        };
        block_in_place(|| book.enter(look, &accounts, all, |log, interface, lines| self.write(log, interface, lines)));
        Ok(())
    }

    /// Forgets what was counted, and the records.
    pub async fn forget(&self) {
        let mut book = self.book.lock().await;
        *book = Book::default();
        // What is not there need not be taken away.
        let _ = block_in_place(|| std::fs::remove_dir_all(&self.directory));
    }

    fn write(&self, log: &FlowLog, interface: &Interface, lines: &[String]) {
        let path = file::path(&self.directory, log, &interface.id);
        if let Err(error) = file::append(&path, lines) {
            tracing::warn!("records of {} are lost: cannot write {}: {error}", log.id, path.display());
        }
    }
}
