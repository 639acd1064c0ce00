//! The state directory: what a running system keeps on the machine, and checks of its ownership.

mod mark;
mod trust;

use dataplane::host::{Namespaces, STANDARD_DIRECTORY, is_marked};
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Why a state directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It, or a file in it, could not be made or read.
    #[error("cannot use {}: {error}; correct that, or give another state directory with --state DIR", path.display())]
    Unusable {
        /// The directory or file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// It belongs to another user.
    #[error("the state directory {} belongs to another user; give one of your own with --state DIR", .0.display())]
    Foreign(PathBuf),
    /// It is a symbolic link.
    #[error("the state directory {} is a link; give the directory itself with --state DIR", .0.display())]
    Link(PathBuf),
    /// Others can write into it.
    #[error("others may write into the state directory {}; make it yours alone with `chmod 700`, or give another with --state DIR", .0.display())]
    Open(PathBuf),
    /// Another user can replace it.
    #[error(
        "another user could put another directory in the place of the state directory {}, because {} is theirs or writable for all; give \
         one elsewhere with --state DIR", directory.display(), path.display()
    )]
    Reachable {
        /// The state directory.
        directory: PathBuf,
        /// The place on the path to it that the other user can change.
        path: PathBuf,
    },
    /// Another `up` runs on it.
    #[error("a system is already up in {} (process {pid}); stop it, or give another directory with --state DIR", path.display())]
    Busy {
        /// The directory.
        path: PathBuf,
        /// The process id of the other `up`, as it wrote it.
        pid: String,
    },
    /// No system runs there.
    #[error("no system is up in {}; start one with `classiclink up`, or say which with --state DIR", .0.display())]
    NotUp(PathBuf),
}

/// A state directory's paths.
#[derive(Clone, Debug)]
pub struct State {
    path: PathBuf,
}

impl State {
    /// The given directory, or the user's default: `/run/classiclink` for root, otherwise `classiclink` in
    /// `$XDG_RUNTIME_DIR`.
    pub fn at(path: Option<PathBuf>) -> Self {
        let path = path.unwrap_or_else(default_path);
        Self { path: std::path::absolute(&path).unwrap_or(path) }
    }

    /// The directory for the option `--state`; `None` if it is the user's default.
    pub fn option(&self) -> Option<&Path> {
        (self.path != default_path()).then_some(&self.path)
    }

    /// Makes the directory, readable by its owner only, if it does not exist. One that others can change is refused.
    ///
    /// # Errors
    /// [`StateError::Unusable`], [`StateError::Foreign`], [`StateError::Link`], [`StateError::Open`],
    /// [`StateError::Reachable`].
    pub fn create(&self) -> Result<(), StateError> {
        trust::check(&self.path)?;
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        for directory in [self.path.clone(), self.hosts()] {
            builder.create(&directory).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => unusable(&directory)(io::ErrorKind::NotADirectory.into()),
                _ => unusable(&directory)(error),
            })?;
        }
        // Checked again, because another process may have made it meanwhile.
        trust::check(&self.path)
    }

    /// Locks the directory for this process, until the lock is dropped or the process ends.
    ///
    /// # Errors
    /// [`StateError::Busy`] if another `up` has locked it.
    pub fn lock(&self) -> Result<File, StateError> {
        let path = self.pid_file();
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = file.map_err(unusable(&path))?;
        fcntl(&file, FcntlArg::F_OFD_SETLK(&whole_file())).map_err(|errno| match errno {
            nix::Error::EAGAIN | nix::Error::EACCES => StateError::Busy {
                path: self.path.clone(),
                pid: fs::read_to_string(&path).unwrap_or_default().trim().to_owned(),
            },
            other => unusable(&path)(other.into()),
        })?;
        let written = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        written.map_err(unusable(&path))?;
        Ok(file)
    }

    /// The process id of the `up` that has locked this directory.
    ///
    /// # Errors
    /// [`StateError::NotUp`] if none has.
    pub fn running(&self) -> Result<i32, StateError> {
        let not_up = || StateError::NotUp(self.path.clone());
        let file = File::open(self.pid_file()).map_err(|_| not_up())?;
        // Only queries the lock: taking it for a moment could make an `up` fail that starts just now.
        let mut held = whole_file();
        fcntl(&file, FcntlArg::F_OFD_GETLK(&mut held)).map_err(|_| not_up())?;
        if held.l_type == libc::F_UNLCK as libc::c_short {
            return Err(not_up());
        }
        let pid = fs::read_to_string(self.pid_file()).map_err(|_| not_up())?;
        pid.trim().parse().map_err(|_| not_up())
    }

    /// Removes what only a running system needs. The store and the identity key stay.
    pub fn clear(&self) {
        let flows = dataplane::flow::flows_path(&self.dataplane_socket());
        let proof = dataplane::agent::proof_path(&self.dataplane_socket());
        let sockets = [self.control_socket(), self.balancers_socket(), self.dataplane_socket(), self.keeper()];
        let certificates = [self.certificate(), self.authorities()];
        let files = [self.endpoint(), self.pid_file(), flows, self.tables(), proof];
        for path in sockets.into_iter().chain(files).chain(certificates) {
            // A file may be missing; one that cannot be removed is replaced by the next `up`.
            let _ = fs::remove_file(path);
        }
        let _ = fs::remove_dir_all(self.leases());
        let _ = fs::remove_dir_all(self.programs());
        let _ = fs::remove_dir_all(self.map_files());
    }

    /// The recordings and clouds that the map shows.
    pub fn map_files(&self) -> PathBuf {
        self.path.join("map")
    }

    /// The dataplane's tables, which the next dataplane begins with.
    pub fn tables(&self) -> PathBuf {
        dataplane::agent::tables_path(&self.dataplane_socket())
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The hosts' leases, a directory a host.
    pub fn leases(&self) -> PathBuf {
        self.path.join("leases")
    }

    /// The socket on which control listens for operators.
    pub fn control_socket(&self) -> PathBuf {
        self.path.join("control.sock")
    }

    /// The socket on which control listens for balancers.
    pub fn balancers_socket(&self) -> PathBuf {
        self.path.join("balancers.sock")
    }

    /// The socket on which the dataplane listens for control.
    pub fn dataplane_socket(&self) -> PathBuf {
        self.path.join("dataplane.sock")
    }

    /// Where `up` keeps descriptors that outlive control and the dataplane.
    pub fn keeper(&self) -> PathBuf {
        self.path.join("keeper.sock")
    }

    /// Control's durable store.
    pub fn store(&self) -> PathBuf {
        self.path.join("cloud.redb")
    }

    /// The records of flow logs.
    pub fn flow_logs(&self) -> PathBuf {
        self.path.join("flow-logs")
    }

    /// What is known of the programs on services' hosts, a file a host.
    pub fn programs(&self) -> PathBuf {
        self.path.join("programs")
    }

    /// The data and the log of services' programs, a directory a host.
    pub fn service_data(&self) -> PathBuf {
        self.path.join("services")
    }

    /// The API's certificate inside hosts, and its key.
    pub fn certificate(&self) -> PathBuf {
        self.path.join("api.pem")
    }

    /// The key that signs instance identity documents, and its certificate.
    pub fn identity(&self) -> PathBuf {
        self.path.join("identity.pem")
    }

    /// The authorities that programs in hosts trust, the machine's and ours, in one file.
    pub fn authorities(&self) -> PathBuf {
        self.path.join("authorities.pem")
    }

    /// The scripts that instances run at first boot, and their output, a file each.
    pub fn consoles(&self) -> PathBuf {
        self.path.join("consoles")
    }

    /// The file with the URL of the API's endpoint while a system is up.
    pub fn endpoint(&self) -> PathBuf {
        self.path.join("endpoint")
    }

    /// The markers of our hosts.
    pub fn hosts(&self) -> PathBuf {
        self.path.join("hosts")
    }

    /// The place of hosts' namespaces. Root's are in the directory of `ip netns`, others in the state directory.
    ///
    /// # Errors
    /// [`StateError::Unusable`] if there is no [mark](State::mark).
    pub fn namespaces(&self, of_root: bool) -> Result<Namespaces, StateError> {
        let directory = if of_root { STANDARD_DIRECTORY.into() } else { self.path.join("netns") };
        Ok(Namespaces { directory, mark: self.mark()? })
    }

    /// The namespace of a host, and its inode, if it is there and ours.
    pub fn namespace_of(&self, host: &str) -> Option<(PathBuf, u64)> {
        [true, false].into_iter().find_map(|of_root| {
            let path = self.namespaces(of_root).ok()?.path_of(host);
            let inode = path.metadata().ok()?.ino();
            is_marked(&self.hosts().join(host), &path).then_some((path, inode))
        })
    }

    fn pid_file(&self) -> PathBuf {
        self.path.join("up.pid")
    }
}

/// The error for the state directory, or for a file in it.
pub fn unusable(path: &Path) -> impl FnOnce(io::Error) -> StateError + use<> {
    let path = path.to_owned();
    |error| StateError::Unusable { path, error }
}

/// An exclusive lock of a whole file that belongs to its open file description (fcntl(2)).
fn whole_file() -> libc::flock {
    libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    }
}

fn default_path() -> PathBuf {
    let user = nix::unistd::geteuid();
    if user.is_root() {
        return PathBuf::from("/run/classiclink");
    }
    match std::env::var_os("XDG_RUNTIME_DIR") {
        Some(directory) => PathBuf::from(directory).join("classiclink"),
        None => std::env::temp_dir().join(format!("classiclink-{user}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn state() -> (tempfile::TempDir, State) {
        let directory = tempfile::tempdir().unwrap();
        let state = State::at(Some(directory.path().join("state")));
        state.create().unwrap();
        (directory, state)
    }

    #[test]
    fn only_one_up_has_a_directory() {
        let (_directory, state) = state();
        let lock = state.lock().unwrap();
        assert!(matches!(state.lock(), Err(StateError::Busy { pid, .. }) if pid == std::process::id().to_string()));
        assert_eq!(state.running().unwrap(), std::process::id() as i32);
        drop(lock);
        assert!(matches!(state.running(), Err(StateError::NotUp(_))));
        state.lock().unwrap();
    }

    #[test]
    fn what_stands_in_the_way_is_named() {
        let (directory, state) = state();
        let told = |result: Result<(), StateError>| result.unwrap_err().to_string();
        fs::create_dir(state.pid_file()).unwrap();
        assert!(told(state.lock().map(drop)).contains("/state/up.pid: "));
        let file = directory.path().join("file");
        fs::write(&file, "").unwrap();
        let why = told(State::at(Some(file)).create());
        assert!(why.contains("/file: not a directory"), "{why}");
    }

    #[test]
    fn looking_does_not_lock() {
        let (_directory, state) = state();
        let looks = std::sync::atomic::AtomicBool::new(true);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while looks.load(std::sync::atomic::Ordering::Relaxed) {
                        let _ = state.running();
                    }
                });
            }
            let refused = (0..5000).filter(|_| state.lock().is_err()).count();
            looks.store(false, std::sync::atomic::Ordering::Relaxed);
            assert_eq!(refused, 0);
        });
    }

    #[test]
    fn clearing_keeps_the_store_and_the_identity_key() {
        let (_directory, state) = state();
        for path in [state.store(), state.identity(), state.endpoint(), state.control_socket()] {
            fs::write(path, "").unwrap();
        }
        state.clear();
        assert!(state.store().exists() && state.identity().exists());
        assert!(!state.endpoint().exists() && !state.control_socket().exists());
    }
}
