//! Hosts: network namespaces with a TUN interface for each of their ports, made, changed and removed by netlink.
//!
//! A host that we made has a marker ([`is_marked`]), a file with the host's name. A namespace that no marker of ours names is
//! never touched, unless an open queue shows that it is ours. The namespace's name begins with the system's mark
//! ([`Namespaces`]).

mod interface;
mod marker;
mod namespaces;
mod netlink;
mod netns;
mod processes;
mod proof;
mod settings;

pub use marker::names as is_marked;
pub use namespaces::Namespaces;
pub use netns::{STANDARD_DIRECTORY, within};
pub use proof::prove;

use crate::descriptors::Keeper;
use crate::port::{self, Queue, Steering};
use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;
use wire::{Port, interface_name};

/// Why a host cannot be made, changed or removed.
#[derive(Debug, Error)]
pub enum HostError {
    /// The name cannot be a namespace's.
    #[error("{0:?} cannot be a host's name: use letters, digits, '-', '_' and '.'")]
    Name(String),
    /// A namespace of this name exists, and no marker of ours names it.
    #[error(
        "the namespace {path} was not made here ({marker} does not name it) and is left alone; \
         `ip netns pids {}` shows who uses it",
        path.file_name().unwrap_or_default().display()
    )]
    Foreign {
        /// The namespace.
        path: PathBuf,
        /// The marker that would make it ours.
        marker: PathBuf,
    },
    /// The kernel or the file system refused.
    #[error("cannot {doing}: {source}{}", hint(.source))]
    System {
        /// What was attempted.
        doing: String,
        /// The system's error.
        source: io::Error,
    },
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => " (this needs CAP_NET_ADMIN and CAP_SYS_ADMIN)",
        _ => "",
    }
}

/// The hosts of one system.
#[derive(Clone, Debug)]
pub struct Hosts {
    namespaces: Namespaces,
    hosts_dir: PathBuf,
    queues: usize,
    steering: Option<Arc<Steering>>,
    keeper: Option<Keeper>,
}

impl Hosts {
    /// Prepares both directories. Interfaces with offloads get `queues` queues.
    ///
    /// # Errors
    /// [`HostError::System`] if a directory cannot be made.
    pub fn new(namespaces: Namespaces, hosts_dir: &Path, queues: usize) -> Result<Self, HostError> {
        let directory = &namespaces.directory;
        netns::prepare_directory(directory).map_err(doing(|| format!("prepare {}", directory.display())))?;
        fs::create_dir_all(hosts_dir).map_err(doing(|| format!("make {}", hosts_dir.display())))?;
        Ok(Self { namespaces, hosts_dir: hosts_dir.to_owned(), queues, steering: None, keeper: None })
    }

    /// The same hosts, with a program that chooses the queues of interfaces that are opened later.
    #[must_use]
    pub fn steered(self, steering: Option<Arc<Steering>>) -> Self {
        Self { steering, ..self }
    }

    /// The same hosts, with a keeper of their queues for the next process.
    #[must_use]
    pub fn kept_by(self, keeper: Option<Keeper>) -> Self {
        Self { keeper, ..self }
    }

    /// Makes a port's host unless it exists, makes and configures the port's interface, and opens the interface's queues.
    ///
    /// # Errors
    /// [`HostError`]. A host that did not exist before does not exist afterwards either.
    pub fn open(&self, port: &Port) -> Result<Vec<Queue>, HostError> {
        let (path, marker) = self.paths(&port.host)?;
        let open = || interface::open(port, self.queues, self.steering.as_deref());
        let result = if self.holds(&port.host) {
            // A kept queue would prevent another kind of interface, or take packets that nobody reads.
            self.forget(&interface_key(&port.host, port.interface));
            netns::within(&path, open)
        } else {
            self.claim(&path, &marker)?;
            // Kept queues would keep alive the namespace of an earlier host with this name, which somebody else removed.
            self.forget(&host_key(&port.host));
            let made = netns::create(&path, || {
                settings::set();
                open()
            });
            if made.is_err() {
                let _ = fs::remove_file(&marker);
            }
            made
        };
        let queues = result.map_err(doing(|| format!("open host {}", port.host)))?;
        name(&marker, &path, port.boot);
        self.keep(port, &path, &queues);
        Ok(queues)
    }

    /// The kept queues of an interface that an earlier process opened, unless they are of no use any more. The interface is as
    /// that process left it.
    pub fn kept(&self, port: &Port) -> Option<Vec<Queue>> {
        let keeper = self.keeper.as_ref()?;
        let (path, _) = self.paths(&port.host).ok()?;
        let kept = keeper.take(&port_key(port), path.metadata().ok()?.ino()).ok()?;
        port::reopen(port.kind, self.queues, kept)
    }

    /// Has queues kept. If that fails, the next process opens others, and the packets that wait in these are lost.
    fn keep(&self, port: &Port, path: &Path, queues: &[Queue]) {
        let Some(keeper) = &self.keeper else { return };
        let descriptors: Vec<_> = queues.iter().map(AsFd::as_fd).collect();
        let kept = path.metadata().and_then(|found| keeper.keep(&port_key(port), found.ino(), &descriptors));
        if let Err(error) = kept {
            tracing::debug!(%error, "the queues of host {} are not kept", port.host);
        }
    }

    /// Has the queues of an interface or of a whole host kept no longer.
    fn forget(&self, name: &str) {
        if let Some(keeper) = &self.keeper
            && let Err(error) = keeper.forget(name)
        {
            tracing::debug!(%error, "{name} may be kept for longer than it is needed");
        }
    }

    /// Pins and marks a host's namespace again after somebody else has removed its pin or marker. The interface of this queue is
    /// in the namespace, and the host is of this boot. Returns whether the namespace could be found.
    ///
    /// # Errors
    /// [`HostError`]. The host's packets are still forwarded, and this may be tried again.
    pub fn restore(&self, host: &str, queue: &Queue, boot: u32) -> Result<bool, HostError> {
        let (path, marker) = self.paths(host)?;
        let namespace = match queue.namespace() {
            Ok(namespace) => namespace,
            Err(error) => {
                tracing::warn!(%error, "cannot find the namespace of host {host}; it is made anew");
                return Ok(false);
            }
        };
        if !netns::pins(&path, &namespace) {
            self.claim(&path, &marker)?;
            netns::pin(&path, &namespace).map_err(doing(|| format!("bring back host {host}")))?;
        }
        self.mark(&marker).map_err(doing(|| format!("write the marker {}", marker.display())))?;
        name(&marker, &path, boot);
        Ok(true)
    }

    /// Configures an existing interface as its port says.
    ///
    /// # Errors
    /// [`HostError::System`] if the kernel refuses.
    pub fn alter(&self, port: &Port) -> Result<(), HostError> {
        let (path, _) = self.paths(&port.host)?;
        netns::within(&path, || interface::configure(port)).map_err(doing(|| format!("change host {}", port.host)))
    }

    /// Steers and configures an interface whose queues were kept, as if it had been opened now.
    ///
    /// # Errors
    /// [`HostError::System`] if the kernel refuses.
    pub fn adopt(&self, port: &Port, queues: &[Queue]) -> Result<(), HostError> {
        if let (Some(steering), [Queue::Offload(any), ..]) = (&self.steering, queues) {
            steering.attach(any).map_err(doing(|| format!("steer the packets of host {}", port.host)))?;
        }
        self.alter(port)
    }

    /// Removes an interface of a host. The host and its other interfaces stay. Succeeds if it is gone already.
    ///
    /// # Errors
    /// [`HostError::System`] if the kernel refuses.
    pub fn close(&self, host: &str, interface: u16) -> Result<(), HostError> {
        let (path, _) = self.paths(host)?;
        self.forget(&interface_key(host, interface));
        if !self.holds(host) {
            return Ok(());
        }
        let closed = netns::within(&path, || interface::close(interface));
        closed.map_err(doing(|| format!("remove {} of host {host}", interface_name(interface))))
    }

    /// The indices of a host's interfaces. Empty if the host does not exist or is not ours.
    ///
    /// # Errors
    /// [`HostError::System`] if the kernel refuses.
    pub fn interfaces(&self, host: &str) -> Result<Vec<u16>, HostError> {
        if !self.holds(host) {
            return Ok(Vec::new());
        }
        let (path, _) = self.paths(host)?;
        netns::within(&path, interface::present).map_err(doing(|| format!("list the interfaces of host {host}")))
    }

    /// Kills the processes of hosts that are ours, as if the machines were switched off.
    pub fn switch_off<'h>(&self, hosts: impl IntoIterator<Item = &'h String>) {
        let ours = hosts.into_iter().filter(|host| self.holds(host)).filter_map(|host| self.paths(host).ok());
        processes::end(&ours.map(|(path, _)| path).collect::<Vec<_>>());
    }

    /// Removes a host. Its namespace ends with the last process and queue in it. Succeeds if it is gone already.
    ///
    /// # Errors
    /// [`HostError::Foreign`] if it is not ours, [`HostError::System`] if the kernel refuses.
    pub fn remove(&self, host: &str) -> Result<(), HostError> {
        let (path, marker) = self.paths(host)?;
        // A kept queue would keep the namespace alive.
        self.forget(&host_key(host));
        if is_foreign(&path, &marker) {
            // The host itself is gone, or nobody reaches it any more.
            let _ = fs::remove_file(&marker);
            return Err(HostError::Foreign { path, marker });
        }
        if !marker.exists() {
            return Ok(());
        }
        let gone = netns::remove(&path).and_then(|()| fs::remove_file(&marker));
        gone.map_err(doing(|| format!("remove host {host}")))
    }

    /// Whether a host exists and is ours.
    pub fn holds(&self, host: &str) -> bool {
        self.paths(host).is_ok_and(|(path, marker)| marker::names(&marker, &path) && netns::is_pinned(&path))
    }

    /// The number of a host's boot, if its marker has one.
    pub fn boot(&self, host: &str) -> Option<u32> {
        self.paths(host).ok().and_then(|(_, marker)| marker::boot(&marker))
    }

    /// The hosts with our marker.
    ///
    /// # Errors
    /// [`HostError::System`] if the markers cannot be read.
    pub fn ours(&self) -> Result<Vec<String>, HostError> {
        let names = fs::read_dir(&self.hosts_dir)
            .and_then(|entries| entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect());
        names.map_err(doing(|| format!("read {}", self.hosts_dir.display())))
    }

    /// Makes a host's empty marker, and removes what a crash left at its path.
    ///
    /// # Errors
    /// [`HostError::Foreign`] if a namespace that is not ours is at the path.
    fn claim(&self, path: &Path, marker: &Path) -> Result<(), HostError> {
        if is_foreign(path, marker) {
            return Err(HostError::Foreign { path: path.to_owned(), marker: marker.to_owned() });
        }
        // An earlier process may have died between making the marker and pinning the namespace.
        let ready = self.mark(marker).and_then(|()| netns::remove(path));
        ready.map_err(doing(|| format!("write the marker {}", marker.display())))
    }

    /// Makes an empty marker.
    fn mark(&self, marker: &Path) -> io::Result<()> {
        // Somebody may have removed the directory; then this makes it again.
        let _ = fs::create_dir(&self.hosts_dir);
        File::create(marker).map(drop)
    }

    fn paths(&self, host: &str) -> Result<(PathBuf, PathBuf), HostError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if host.is_empty() || host.starts_with('.') || host.len() > 255 || !host.bytes().all(plain) {
            return Err(HostError::Name(host.to_owned()));
        }
        Ok((self.namespaces.path_of(host), self.hosts_dir.join(host)))
    }
}

/// Whether something is at a host's path that is not ours. A plain file is ours if there is a marker: a crash left it.
fn is_foreign(path: &Path, marker: &Path) -> bool {
    let is_ours = if netns::is_pinned(path) { marker::names(marker, path) } else { marker.exists() };
    path.exists() && !is_ours
}

/// Writes a namespace's inode and boot to its marker. If that fails, any namespace at the path counts as ours.
fn name(marker: &Path, namespace: &Path, boot: u32) {
    if let Err(error) = marker::write(marker, namespace, boot) {
        tracing::debug!(%error, "the marker {} stays empty", marker.display());
    }
}

/// Removes every host with a marker in `hosts_dir`; first ends its processes.
///
/// # Errors
/// The first [`HostError`]. The other hosts are removed all the same.
pub fn clean_up(namespaces: Namespaces, hosts_dir: &Path) -> Result<(), HostError> {
    if !hosts_dir.exists() {
        return Ok(());
    }
    let hosts = Hosts { namespaces, hosts_dir: hosts_dir.to_owned(), queues: 0, steering: None, keeper: None };
    let ours = hosts.ours()?;
    hosts.switch_off(&ours);
    let results: Vec<_> = ours.iter().map(|host| hosts.remove(host)).collect();
    results.into_iter().collect()
}

/// The keeper's name of all queues of a host.
fn host_key(host: &str) -> String {
    format!("queues/{host}")
}

/// The keeper's name of all queues of an interface, whatever their kind.
fn interface_key(host: &str, interface: u16) -> String {
    format!("{}/{interface}", host_key(host))
}

/// The keeper's name of the queues of a port.
fn port_key(Port { host, interface, kind, .. }: &Port) -> String {
    format!("{}/{kind:?}", interface_key(host, *interface))
}

fn doing(what: impl FnOnce() -> String) -> impl FnOnce(io::Error) -> HostError {
    |source| HostError::System { doing: what(), source }
}
