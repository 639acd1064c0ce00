//! The file of a recording.

use nix::libc::{O_NOFOLLOW, O_NONBLOCK};
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// A file that this process has locked for a recording, until this is dropped.
#[derive(Debug)]
pub struct Prepared {
    /// Whether it was created.
    pub is_new: bool,
    _locked: File,
}

/// Creates a file, or empties an existing one, so that it belongs to the user who records.
///
/// # Errors
/// The system's error; or the file is not a regular file; or it is being recorded to.
pub fn prepare(path: &Path) -> io::Result<Prepared> {
    let (file, is_new) = match File::create_new(path) {
        Ok(file) => (file, true),
        // Opening a pipe that nobody reads would block otherwise.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            (OpenOptions::new().write(true).custom_flags(O_NOFOLLOW | O_NONBLOCK).open(path)?, false)
        }
        Err(error) => return Err(error),
    };
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    // Two processes may prepare the same file at once: the second must not empty what the first has begun.
    match file.try_lock() {
        Ok(()) => file.set_len(0)?,
        Err(TryLockError::WouldBlock) => return Err(io::Error::other("another recording is being written to it")),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    Ok(Prepared { is_new, _locked: file })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_a_running_recording_is_not_emptied() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("recording");
        let first = prepare(&path).unwrap();
        std::fs::write(&path, "packets").unwrap();
        assert!(prepare(&path).unwrap_err().to_string().contains("another recording is being written to it"));
        assert_eq!(std::fs::read(&path).unwrap(), b"packets");
        assert!(first.is_new);
        drop(first);
        assert!(!prepare(&path).unwrap().is_new);
        assert_eq!(std::fs::read(&path).unwrap(), b"");
    }
}
