//! Checks that no other user can write into the state directory, or replace it.

use super::StateError;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Others may write.
const OTHERS_WRITE: u32 = 0o002;
/// The group or others may write.
const WRITABLE: u32 = 0o022;
/// The sticky bit: whoever can write to the directory still cannot rename or remove the files of others.
const STICKY: u32 = 0o1000;

/// Refuses a directory that is a link, belongs to another user, is writable for others, or can be replaced by another
/// user. One that does not exist yet is accepted.
pub(super) fn check(directory: &Path) -> Result<(), StateError> {
    let unusable = |error| StateError::Unusable { path: directory.to_owned(), error };
    let Some(parent) = directory.parent() else { return Err(StateError::Open(directory.to_owned())) };
    for path in way(parent).map_err(unusable)? {
        let Some(there) = look(&path).map_err(unusable)? else { break };
        if !is_trusted(there.uid()) || (there.is_dir() && there.mode() & (OTHERS_WRITE | STICKY) == OTHERS_WRITE) {
            return Err(StateError::Reachable { directory: directory.to_owned(), path });
        }
    }
    match look(directory).map_err(unusable)? {
        Some(there) if there.is_symlink() => Err(StateError::Link(directory.to_owned())),
        Some(there) if there.uid() != nix::unistd::geteuid().as_raw() => Err(StateError::Foreign(directory.to_owned())),
        Some(there) if there.mode() & WRITABLE != 0 => Err(StateError::Open(directory.to_owned())),
        _ => Ok(()),
    }
}

/// Everything on the path to a directory, outermost first: as the path is written, and as links lead.
fn way(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut way: Vec<PathBuf> = directory.ancestors().map(Path::to_owned).collect();
    way.reverse();
    match directory.canonicalize() {
        Ok(real) if real != directory => {
            way.extend(real.ancestors().map(Path::to_owned).collect::<Vec<_>>().into_iter().rev())
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    Ok(way)
}

/// The metadata of a path, without following a link.
fn look(path: &Path) -> io::Result<Option<fs::Metadata>> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

/// Whether a user is trusted: root, this user, and users that a user namespace does not map, which is how it shows the
/// machine's root.
fn is_trusted(user: u32) -> bool {
    let unknown = || fs::read_to_string("/proc/sys/kernel/overflowuid").ok().and_then(|id| id.trim().parse().ok());
    user == 0 || user == nix::unistd::geteuid().as_raw() || Some(user) == unknown()
}

#[cfg(test)]
mod tests {
    use crate::state::{State, StateError};
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, chown, symlink};
    use std::path::Path;

    fn created(path: &Path) -> Result<(), StateError> {
        State::at(Some(path.to_owned())).create()
    }

    fn allow(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_directory_that_others_can_write_into_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("state");
        fs::create_dir(&directory).unwrap();
        for (mode, fine) in
            [(0o700, true), (0o755, true), (0o777, false), (0o1777, false), (0o770, false), (0o702, false)]
        {
            allow(&directory, mode);
            let created = created(&directory);
            assert_eq!(created.is_ok(), fine, "{mode:o}");
            assert!(fine || matches!(created, Err(StateError::Open(_))), "{created:?}");
        }
    }

    #[test]
    fn a_planted_link_is_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let (target, link) = (place.path().join("target"), place.path().join("link"));
        fs::create_dir(&target).unwrap();
        allow(&target, 0o700);
        symlink(&target, &link).unwrap();
        assert!(matches!(created(&link), Err(StateError::Link(_))));
        // A link that leads nowhere yet is refused too, and nothing is made behind it.
        fs::remove_file(&link).unwrap();
        symlink(place.path().join("later"), &link).unwrap();
        assert!(matches!(created(&link), Err(StateError::Link(_))));
        assert!(!place.path().join("later").exists() && fs::read_dir(&target).unwrap().next().is_none());
        // The user's own link on the path is accepted.
        fs::remove_file(&link).unwrap();
        symlink(&target, &link).unwrap();
        created(&link.join("state")).unwrap();
    }

    #[test]
    fn a_place_where_others_can_rename_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let open = place.path().join("open");
        fs::create_dir(&open).unwrap();
        allow(&open, 0o777);
        assert!(matches!(created(&open.join("state")), Err(StateError::Reachable { path, .. }) if path == open));
        // The same holds behind a link.
        let link = place.path().join("link");
        symlink(&open, &link).unwrap();
        assert!(matches!(created(&link.join("state")), Err(StateError::Reachable { .. })));
        assert!(fs::read_dir(&open).unwrap().next().is_none());
        // With the sticky bit, as on /tmp, it is accepted.
        allow(&open, 0o1777);
        created(&open.join("state")).unwrap();
    }

    #[test]
    fn a_directory_of_another_user_is_refused() {
        if !nix::unistd::geteuid().is_root() {
            // Only root can give a directory away.
            return;
        }
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("another's");
        fs::create_dir(&directory).unwrap();
        allow(&directory, 0o700);
        chown(&directory, Some(12345), None).unwrap();
        assert!(matches!(created(&directory), Err(StateError::Foreign(_))));
        assert!(matches!(created(&directory.join("state")), Err(StateError::Reachable { .. })));
    }
}
