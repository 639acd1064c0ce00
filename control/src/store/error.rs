//! Errors of the store, and what to do about them.

use super::contents::VERSION;
use super::copy;
use nix::errno::Errno;
use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

/// Why the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no space.
    #[error("cannot write {}, because {why}: {error}; make room and try again", path.display())]
    Full {
        /// The file.
        path: PathBuf,
        /// The exhausted resource.
        why: &'static str,
        /// The system's error.
        error: io::Error,
    },
    /// The system refuses it for another reason.
    #[error("cannot use the store {}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// Its file is damaged.
    #[error("the store {} is damaged: {why}; {remedy}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The evidence of the damage.
        why: String,
        /// The advice to the user.
        remedy: String,
    },
    /// Its file has another version's format. It was not changed.
    #[error(
        "the store {} has a format of another version of classiclink ({found}; this one knows 1 to {VERSION}): start that one, or take \
         the rows out with `classiclink backup`", path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
    },
    /// Another process uses it.
    #[error("another process has the store {} open; stop it", .0.display())]
    Taken(PathBuf),
    /// A row cannot be written as JSON, or is not JSON.
    #[error("a row cannot be encoded: {0}")]
    Encoding(#[from] serde_json::Error),
}

impl StoreError {
    /// The error for a file, from redb or the system.
    pub(super) fn of(path: &Path, error: redb::Error) -> Self {
        let path = path.to_owned();
        match error {
            redb::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => Self::damaged(&path, error),
            redb::Error::Io(error) => match used_up(&error) {
                Some(why) => Self::Full { path, why, error },
                None => Self::Io { path, error },
            },
            redb::Error::Backend(error) => Self::Io { path, error: io::Error::other(error) },
            redb::Error::DatabaseAlreadyOpen => Self::Taken(path),
            other => Self::damaged(&path, other),
        }
    }

    /// The error for a damaged file, with what to do now.
    pub(super) fn damaged(path: &Path, why: impl Display) -> Self {
        Self::Damaged { path: path.to_owned(), why: why.to_string(), remedy: copy::remedy(path) }
    }

    /// Whether the file is sound and only cannot be written now.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Self::Full { .. } | Self::Io { .. })
    }
}

/// The exhausted resource, if that is the reason of an error.
fn used_up(error: &io::Error) -> Option<&'static str> {
    match Errno::from_raw(error.raw_os_error()?) {
        Errno::ENOSPC => Some("the disk is full"),
        Errno::EDQUOT => Some("the disk quota is used up"),
        Errno::EFBIG => Some("files may not be larger here (ulimit -f)"),
        _ => None,
    }
}
