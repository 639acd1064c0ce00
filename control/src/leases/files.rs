//! Hosts' leases as files, a directory a host. `exec` mounts them over the machine's own files inside the host. They
//! are rewritten in place, so that running programs see changes.

use super::lease::{Lease, Machine};
use nix::errno::Errno;
use nix::fcntl::{FallocateFlags, fallocate};
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The leases of the hosts in which a program was run.
#[derive(Debug)]
pub struct Leases {
    directory: PathBuf,
    /// The leases as they were last written. `None` for those of an earlier process, and for those that may be damaged.
    known: Mutex<BTreeMap<String, Option<Lease>>>,
}

impl Leases {
    /// Takes over the leases in a directory.
    pub fn of(directory: PathBuf) -> Self {
        let there = fs::read_dir(&directory).into_iter().flatten().filter_map(Result::ok);
        let known = there.map(|entry| (entry.file_name().to_string_lossy().into_owned(), None)).collect();
        Self { directory, known: Mutex::new(known) }
    }

    /// Writes a host's lease as it is now, if the host exists. The model is not locked while files are written.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn grant(&self, host: &str, lease: impl FnOnce(&str) -> Option<Lease>) -> io::Result<()> {
        // From here on no other thread can write an older lease.
        let mut known = self.known();
        // Somebody may have removed or damaged its files. If they cannot be written now, they are renewed later.
        if let Some(written) = known.get_mut(host) {
            *written = None;
        }
        self.bring_about(&mut known, host, lease(host))
    }

    /// Rewrites the leases that have changed, and removes those whose hosts are gone.
    pub fn renew(&self, lease: impl Fn(&str) -> Option<Lease>) {
        let mut known = self.known();
        let hosts: Vec<String> = known.keys().cloned().collect();
        for host in hosts {
            if let Err(error) = self.bring_about(&mut known, &host, lease(&host)) {
                tracing::warn!(%error, host, "cannot rewrite a host's lease; the host keeps its old names and servers");
            }
        }
    }

    fn bring_about(
        &self,
        known: &mut BTreeMap<String, Option<Lease>>,
        host: &str,
        lease: Option<Lease>,
    ) -> io::Result<()> {
        let directory = self.directory.join(host);
        match lease {
            None => {
                known.remove(host);
                gone(fs::remove_dir_all(directory))
            }
            Some(lease) if known.get(host).and_then(Option::as_ref) == Some(&lease) => Ok(()),
            Some(lease) => {
                write(&directory, &lease)?;
                known.insert(host.to_owned(), Some(lease));
                Ok(())
            }
        }
    }

    /// Locks the leases. A lease whose writing a panic interrupted is written again.
    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Option<Lease>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(directory: &Path, lease: &Lease) -> io::Result<()> {
    let own = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let machine = Machine { nsswitch: own("/etc/nsswitch.conf"), timesyncd: own("/etc/systemd/timesyncd.conf") };
    for (name, content) in lease.files(&machine) {
        let path = directory.join(name);
        let written =
            path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| rewrite(&path, content.as_bytes()));
        written.map_err(|error| io::Error::new(error.kind(), format!("cannot write {}: {error}", path.display())))?;
    }
    Ok(())
}

/// Rewrites a file in place, because a mount refers to the file, not to its name. Space is reserved first, so that a
/// full disk leaves the old content.
fn rewrite(path: &Path, content: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|there| there == content) {
        return Ok(());
    }
    let length = content.len() as u64;
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
    if length > file.metadata()?.len() {
        match fallocate(&file, FallocateFlags::FALLOC_FL_KEEP_SIZE, 0, length as i64) {
            // Not every file system can.
            Ok(()) | Err(Errno::EOPNOTSUPP) => {}
            Err(error) => return Err(error.into()),
        }
    }
    file.write_all(content)?;
    file.set_len(length)
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leases::lease;
    use model::{HostPlace, Model};

    #[test]
    fn leases_come_and_go_with_their_hosts() {
        let directory = tempfile::tempdir().unwrap();
        let mut model = Model::new(1);
        model.add_host("visitor", HostPlace::Internet, [203, 0, 113, 1].into()).unwrap();
        let leases = Leases::of(directory.path().to_owned());
        leases.grant("visitor", |host| lease(&model, host)).unwrap();
        leases.grant("nobody", |host| lease(&model, host)).unwrap();
        // What somebody has removed or damaged is written again.
        fs::remove_dir_all(directory.path().join("visitor")).unwrap();
        leases.grant("visitor", |host| lease(&model, host)).unwrap();
        fs::write(directory.path().join("visitor/resolv.conf"), b"\xff").unwrap();
        leases.grant("visitor", |host| lease(&model, host)).unwrap();
        let resolv = directory.path().join("visitor/resolv.conf");
        assert_eq!(fs::read_to_string(&resolv).unwrap(), "nameserver 192.88.99.53\n");
        assert!(!directory.path().join("nobody").exists());
        // What cannot be written at once is written when it can be.
        fs::remove_file(&resolv).unwrap();
        fs::create_dir(&resolv).unwrap();
        assert!(leases.grant("visitor", |host| lease(&model, host)).is_err());
        fs::remove_dir(&resolv).unwrap();
        leases.renew(|host| lease(&model, host));
        assert_eq!(fs::read_to_string(&resolv).unwrap(), "nameserver 192.88.99.53\n");

        // Another process takes them over.
        fs::write(&resolv, "nameserver 192.0.2.9\n").unwrap();
        let leases = Leases::of(directory.path().to_owned());
        leases.renew(|host| lease(&model, host));
        assert_eq!(fs::read_to_string(&resolv).unwrap(), "nameserver 192.88.99.53\n");
        model.remove_host("visitor").unwrap();
        leases.renew(|host| lease(&model, host));
        assert!(!directory.path().join("visitor").exists());
    }

    #[test]
    fn a_rewritten_file_has_the_new_content_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("resolv.conf");
        for content in ["nameserver 192.88.99.53\n", "short\n", "search corp.example\nnameserver 192.168.0.2\n", ""] {
            rewrite(&path, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }
}
