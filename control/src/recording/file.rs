//! The file that a recording is to be written to.

use nix::libc::{O_NOFOLLOW, O_NONBLOCK};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Makes a file, or empties the one that is there, so that it belongs to who records. Whether it is new.
///
/// # Errors
/// What the system says, or that it is no regular file.
pub fn prepare(path: &Path) -> io::Result<bool> {
    match File::create_new(path) {
        Ok(_) => return Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    // Nobody may ever read from a pipe: that must not be waited for.
    let file = OpenOptions::new().write(true).custom_flags(O_NOFOLLOW | O_NONBLOCK).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    file.set_len(0)?;
    Ok(false)
}
