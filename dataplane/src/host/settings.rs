//! The kernel's settings of a new namespace that would otherwise follow the machine's own.
//!
//! `/proc/sys/net/ipv4` is another directory in every namespace under one name, and the kernel looks through those of all namespaces for
//! the right one; so each of these directories is opened once, and its files by way of it.

use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;
use std::fs::File;
use std::io::{self, Write};

/// A directory, and what its files are to say.
type Settings = (&'static str, &'static [(&'static str, &'static str)]);

const SETTINGS: [Settings; 2] = [
    // Interfaces to come carry IPv4 only; without this the kernel would send router solicitations.
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

/// Gives this thread's namespace its settings. Where they may not be written, the kernel's defaults have to do.
pub fn set() {
    for (directory, settings) in SETTINGS {
        match File::open(directory) {
            Ok(opened) => settings.iter().for_each(|(name, value)| set_one(&opened, directory, name, value)),
            Err(error) => tracing::debug!(directory, %error, "a new host has no such settings"),
        }
    }
}

fn set_one(directory: &File, path: &str, name: &str, value: &str) {
    if let Err(error) = write(directory, name, value) {
        tracing::debug!(path, name, value, %error, "a kernel setting of a new host stays as it is");
    }
}

fn write(directory: &File, name: &str, value: &str) -> io::Result<()> {
    let flags = OFlag::O_WRONLY | OFlag::O_CLOEXEC;
    File::from(openat(directory, name, flags, Mode::empty())?).write_all(value.as_bytes())
}
