//! The place of hosts' namespaces: the machine's own for root, otherwise a user namespace.

use control::state::{State, StateError};
use dataplane::host::{Namespaces, STANDARD_DIRECTORY};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{AccessFlags, access, getegid, geteuid};
use std::fs;
use std::io;

/// Why hosts cannot be made here.
#[derive(Debug, thiserror::Error)]
pub enum NamespaceError {
    /// There is no mark for them.
    #[error(transparent)]
    State(#[from] StateError),
    /// Neither root nor a user namespace is available.
    #[error("cannot make network namespaces: not root, and a user namespace is refused here ({error}); {advice}")]
    Forbidden {
        /// The kernel's error.
        error: io::Error,
        /// The advice to the user.
        advice: String,
    },
    /// TUN interfaces cannot be made.
    #[error("cannot make TUN interfaces: {TUN}: {error}; {advice}")]
    Tun {
        /// The kernel's error.
        error: io::Error,
        /// The advice to the user.
        advice: &'static str,
    },
}

/// The device of TUN interfaces, which everybody may use on most systems.
const TUN: &str = "/dev/net/tun";

/// Finds the place for namespaces. A process that may not make them first moves into a user and a mount namespace of
/// its own, which requires that it has only one thread. It stays in the machine's network namespace, where the API
/// listens.
///
/// # Errors
/// [`NamespaceError`], with what to change.
pub fn prepare(state: &State) -> Result<Namespaces, NamespaceError> {
    let privileged = is_privileged();
    let namespaces = state.namespaces(privileged)?;
    if !privileged {
        enter_user_namespace().map_err(|error| NamespaceError::Forbidden { error, advice: advice() })?;
    }
    check_tun()?;
    Ok(namespaces)
}

fn check_tun() -> Result<(), NamespaceError> {
    let opened = fs::OpenOptions::new().read(true).write(true).open(TUN);
    opened.map(drop).map_err(|error| {
        let advice = match error.kind() {
            io::ErrorKind::PermissionDenied => "run as root, or let everybody use it with `chmod 666 /dev/net/tun`",
            _ => "load it with `modprobe tun` (in a container: give it the device with `--device /dev/net/tun`)",
        };
        NamespaceError::Tun { error, advice }
    })
}

/// Whether the process has CAP_NET_ADMIN (12) and CAP_SYS_ADMIN (21), see capabilities(7), and can write to the
/// directory of `ip netns`.
fn is_privileged() -> bool {
    let needed = 1u64 << 12 | 1 << 21;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let effective = effective.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()).unwrap_or(0);
    effective & needed == needed
        && fs::create_dir_all(STANDARD_DIRECTORY).is_ok()
        && access(STANDARD_DIRECTORY, AccessFlags::W_OK).is_ok()
}

fn enter_user_namespace() -> io::Result<()> {
    let (user, group) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)?;
    // The kernel requires this before an unprivileged process maps a group (user_namespaces(7)).
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
    mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>)?;
    Ok(())
}

/// The advice for this machine, according to its settings.
fn advice() -> String {
    let is = |path: &str, value: &str| fs::read_to_string(path).is_ok_and(|found| found.trim() == value);
    let setting = [
        ("/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces=10000"),
        ("/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        (
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    ]
    .into_iter()
    .find(|(path, value, _)| is(path, value));
    match setting {
        Some((_, _, change)) => format!("run as root, or allow it with `sysctl {change}`"),
        None => "run as root, or allow it (in a container: its seccomp profile)".to_owned(),
    }
}
