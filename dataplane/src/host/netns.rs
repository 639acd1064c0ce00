//! Network namespaces that are pinned by a bind mount, as `ip netns` does it.

use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, setns, unshare};
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;

/// The directory of `ip netns`.
pub const STANDARD_DIRECTORY: &str = "/run/netns";

const NONE: Option<&str> = None;

/// Prepares the directory for namespaces. That of `ip netns` becomes a shared mount, as `ip netns` would make it, so
/// that every mount namespace sees new pins.
pub fn prepare_directory(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    if directory != Path::new(STANDARD_DIRECTORY) {
        return Ok(());
    }
    let share = || mount(NONE, directory, NONE, MsFlags::MS_SHARED | MsFlags::MS_REC, NONE);
    match share() {
        // Not a mount point yet.
        Err(Errno::EINVAL) => {
            mount(Some(directory), directory, NONE, MsFlags::MS_BIND | MsFlags::MS_REC, NONE)?;
            Ok(share()?)
        }
        other => Ok(other?),
    }
}

/// Makes a new namespace, pins it at `path`, which must not exist, and runs `setup` inside it.
pub fn create<T: Send>(path: &Path, setup: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    File::create_new(path)?;
    let made = on_own_thread(|| {
        unshare(CloneFlags::CLONE_NEWNET)?;
        mount(Some("/proc/thread-self/ns/net"), path, NONE, MsFlags::MS_BIND, NONE)?;
        setup()
    });
    if made.is_err() {
        // The first error says more than an error of the clean-up would.
        let _ = remove(path);
    }
    made
}

/// Pins an existing namespace at `path`, which must not exist.
pub fn pin(path: &Path, namespace: &OwnedFd) -> io::Result<()> {
    File::create_new(path)?;
    let pinned = mount(Some(&open_file(namespace)), path, NONE, MsFlags::MS_BIND, NONE);
    if pinned.is_err() {
        // The first error says more than an error of the clean-up would.
        let _ = fs::remove_file(path);
    }
    Ok(pinned?)
}

/// Whether this namespace is the one that is pinned at `path`.
pub fn pins(path: &Path, namespace: &OwnedFd) -> bool {
    let identity = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino())).ok();
    identity(path).is_some_and(|pinned| identity(&open_file(namespace)) == Some(pinned))
}

/// The path of an open namespace.
fn open_file(namespace: &OwnedFd) -> PathBuf {
    format!("/proc/self/fd/{}", namespace.as_raw_fd()).into()
}

/// Runs `work` inside the namespace pinned at `path`, on a thread of its own.
pub fn within<T: Send>(path: &Path, work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    let namespace = File::open(path)?;
    on_own_thread(|| {
        setns(namespace, CloneFlags::CLONE_NEWNET)?;
        work()
    })
}

/// Runs `work` inside a new namespace that ends with it, on a thread of its own.
pub fn within_new<T: Send>(work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    on_own_thread(|| {
        unshare(CloneFlags::CLONE_NEWNET)?;
        work()
    })
}

/// Unpins a namespace. The kernel ends it with its last process and socket. Succeeds if it is gone already.
pub fn remove(path: &Path) -> io::Result<()> {
    match umount2(path, MntFlags::MNT_DETACH) {
        Ok(()) | Err(Errno::EINVAL | Errno::ENOENT) => {}
        Err(error) => return Err(error.into()),
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether a live namespace is pinned there, rather than a plain file that a crash left.
pub fn is_pinned(path: &Path) -> bool {
    nix::sys::statfs::statfs(path).is_ok_and(|found| found.filesystem_type() == nix::sys::statfs::NSFS_MAGIC)
}

/// Runs `work` on a thread of its own. A thread cannot return from `unshare` to its old namespace without a handle on
/// that; a short-lived thread is simpler, and cheap.
fn on_own_thread<T: Send>(work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let worker = thread::Builder::new().name("namespace".into()).spawn_scoped(scope, work)?;
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
