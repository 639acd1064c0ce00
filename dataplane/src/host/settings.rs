//! Kernel settings of a new namespace that would otherwise be the machine's own.
//!
//! `/proc/sys/net/ipv4` names a different directory in every namespace, and each path look-up searches those of all
//! namespaces. So each directory is opened once, and its files relative to it.

use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;
use std::fs::File;
use std::io::{self, Write};

/// A directory, and the values of its files.
type Settings = (&'static str, &'static [(&'static str, &'static str)]);

const SETTINGS: [Settings; 2] = [
    // Later interfaces carry IPv4 only. Without this the kernel would send router solicitations.
    ("/proc/sys/net/ipv6", &[("conf/default/disable_ipv6", "1")]),
    (
        "/proc/sys/net/ipv4",
        &[
            ("conf/all/rp_filter", "0"),
            ("conf/default/rp_filter", "0"),
            ("ip_forward", "0"),
            // Ping without privilege; in a user namespace only mapped groups are accepted.
            ("ping_group_range", "0 0"),
            ("ping_group_range", "0 2147483647"),
        ],
    ),
];

/// Applies the settings to this thread's namespace. Where they cannot be written, the kernel's defaults stay.
pub fn set() {
    for (directory, settings) in SETTINGS {
        match File::open(directory) {
            Ok(opened) => settings.iter().for_each(|(name, value)| set_one(&opened, directory, name, value)),
            Err(error) => {
                tracing::debug!(directory, %error, "a new host keeps the kernel's defaults in this directory")
            }
        }
    }
}

fn set_one(directory: &File, path: &str, name: &str, value: &str) {
    if let Err(error) = write(directory, name, value) {
        tracing::debug!(path, name, value, %error, "a new host keeps the kernel's default of this setting");
    }
}

fn write(directory: &File, name: &str, value: &str) -> io::Result<()> {
    let flags = OFlag::O_WRONLY | OFlag::O_CLOEXEC;
    File::from(openat(directory, name, flags, Mode::empty())?).write_all(value.as_bytes())
}
