//! Errors of commands.

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
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

/// Prints a line. Where `println!` would panic, on a full disk, this is an error.
pub(super) fn print_line(line: impl Display) -> Result<(), CannotWrite> {
    writeln!(io::stdout(), "{line}").map_err(CannotWrite::at(Path::new("standard output")))
}
