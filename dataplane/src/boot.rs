//! Which start of the machine this is.

use std::{fs, io};

/// A value that every start of the machine has for itself.
///
/// # Errors
/// If the kernel does not tell.
pub fn id() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned())
}
