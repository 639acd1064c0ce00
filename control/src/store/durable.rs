//! Files that are written completely or not at all.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Lets `fill` write a file beside `path`, readable by its owner only, and moves it there once it is complete and
/// on disk.
pub(super) fn replace<T, E: From<io::Error>>(path: &Path, fill: impl FnOnce(&Path) -> Result<T, E>) -> Result<T, E> {
    let new = beside(path, "new");
    // A crash may have left one.
    remove(&new)?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    let filled = fill(&new).and_then(|filled| {
        file.sync_all()?;
        fs::rename(&new, path)?;
        sync_directory(path)?;
        Ok(filled)
    });
    filled.inspect_err(|_| drop(fs::remove_file(&new)))
}

/// Removes a file, if it exists.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The file `path` with a suffix.
pub(super) fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    name.into()
}

/// Syncs the file's directory, so that a renamed file stays renamed.
fn sync_directory(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}
