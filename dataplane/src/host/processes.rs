//! The processes of a host: those in its network namespace.

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often the process list is searched. A process that forks during one round leaves its child to the next.
const ROUNDS: usize = 5;
/// How long each round waits for the processes it killed.
const PATIENCE: Duration = Duration::from_secs(1);

/// A namespace's identity: device and inode of any file that stands for it.
type Namespace = (u64, u64);

fn namespace(file: &Path) -> io::Result<Namespace> {
    let found = fs::metadata(file)?;
    Ok((found.dev(), found.ino()))
}

/// Kills the processes in the namespaces pinned at these paths, and no others. Processes that may not be inspected or
/// killed are left.
pub fn end(pinned: &[PathBuf]) {
    let mut wanted: HashSet<Namespace> = pinned.iter().filter_map(|path| namespace(path).ok()).collect();
    // This process's own namespace is never a host's, whatever the paths say.
    match namespace(Path::new("/proc/self/ns/net")) {
        Ok(own) => wanted.remove(&own),
        Err(_) => return,
    };
    if wanted.is_empty() {
        return;
    }
    for _ in 0..ROUNDS {
        let killed = kill_all(&wanted);
        if killed.is_empty() {
            return;
        }
        wait_for(&killed);
    }
}

/// Kills the processes that exist now.
fn kill_all(wanted: &HashSet<Namespace>) -> Vec<File> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    numbers.filter_map(|process| kill(process, wanted).ok()).collect()
}

/// Waits until they have exited, or a moment has passed: the kernel may delay an exit.
fn wait_for(killed: &[File]) {
    let until = Instant::now() + PATIENCE;
    for process in killed {
        let left = PollTimeout::try_from(until.saturating_duration_since(Instant::now())).unwrap_or(PollTimeout::ZERO);
        // If waiting fails, the next round finds the process again.
        let _ = poll(&mut [PollFd::new(process.as_fd(), PollFlags::POLLIN)], left);
    }
}

/// Kills a process if it is in one of these namespaces, and returns a handle on it. The handle is taken before the
/// namespace is checked: if the process id is reused in between, the signal reaches nobody.
fn kill(process: libc::pid_t, wanted: &HashSet<Namespace>) -> io::Result<File> {
    let handle = handle(process)?;
    if !wanted.contains(&namespace(Path::new(&format!("/proc/{process}/ns/net")))?) {
        return Err(io::ErrorKind::NotFound.into());
    }
    let no_details: *const libc::siginfo_t = std::ptr::null();
    // SAFETY: the descriptor is open, and a null pointer means a plain signal.
    let sent = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, handle.as_raw_fd(), libc::SIGKILL, no_details, 0) };
    if sent == 0 { Ok(handle) } else { Err(io::Error::last_os_error()) }
}

/// A handle on a process that stays with it when the id is reused (pidfd_open(2)).
fn handle(process: libc::pid_t) -> io::Result<File> {
    // SAFETY: the call takes two numbers.
    let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, process, 0) };
    match i32::try_from(descriptor) {
        // SAFETY: the kernel just returned this descriptor, and nothing else owns it.
        Ok(descriptor) if descriptor >= 0 => Ok(unsafe { File::from_raw_fd(descriptor) }),
        _ => Err(io::Error::last_os_error()),
    }
}
