//! The identity of the machine's current boot.

use std::{fs, io};

/// The kernel's boot id, which differs at every start of the machine.
///
/// # Errors
/// If the kernel has no boot id to read.
pub fn id() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned())
}
