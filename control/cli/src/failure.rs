//! Errors of commands.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

/// An error message for the user.
pub(super) type Failure = Box<dyn Error>;

/// A file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {error}", .path.display())]
pub(super) struct CannotWrite {
    path: PathBuf,
    error: io::Error,
}

impl CannotWrite {
    /// Adds the file to the system's error.
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self { path, error }
    }
}
