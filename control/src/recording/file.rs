//! The file that a recording is to be written to.

use nix::libc::{O_NOFOLLOW, O_NONBLOCK};
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// A file that is this process's alone to have recorded to, as long as this is kept.
#[derive(Debug)]
pub struct Prepared {
    /// Whether it was not there before.
    pub is_new: bool,
    _locked: File,
}

/// Makes a file, or empties the one that is there, so that it belongs to who records.
///
/// # Errors
/// What the system says, that it is no regular file, or that somebody else has it recorded to.
pub fn prepare(path: &Path) -> io::Result<Prepared> {
    let (file, is_new) = match File::create_new(path) {
        Ok(file) => (file, true),
        // Nobody may ever read from a pipe: that must not be waited for.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            (OpenOptions::new().write(true).custom_flags(O_NOFOLLOW | O_NONBLOCK).open(path)?, false)
        }
        Err(error) => return Err(error),
    };
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    // Two who come in the same instant find it unlike: whoever is second must not empty what the first has begun.
    match file.try_lock() {
        Ok(()) => file.set_len(0)?,
        Err(TryLockError::WouldBlock) => return Err(io::Error::other("somebody records to it")),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    Ok(Prepared { is_new, _locked: file })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_recorded_to_is_not_emptied() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("recording");
        let first = prepare(&path).unwrap();
        std::fs::write(&path, "packets").unwrap();
        assert!(prepare(&path).unwrap_err().to_string().contains("somebody records to it"));
        assert_eq!(std::fs::read(&path).unwrap(), b"packets");
        assert!(first.is_new);
        drop(first);
        assert!(!prepare(&path).unwrap().is_new);
        assert_eq!(std::fs::read(&path).unwrap(), b"");
    }
}
