//! Whether nobody else can write into the state directory, or put another in its place.

use super::StateError;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Others may write.
const OTHERS_WRITE: u32 = 0o002;
/// The group or others may write.
const WRITABLE: u32 = 0o022;
/// Who may write may still not rename or remove what is another's.
const STICKY: u32 = 0o1000;

/// Refuses a directory that is a link, another user's, or writable for others, and one that another user could put another in the
/// place of. What is not there yet is fine.
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

/// Everything that leads to a directory, outermost first: as it is written, then as links lead.
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

/// What is there, links not followed.
fn look(path: &Path) -> io::Result<Option<fs::Metadata>> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

/// Root, this user, and whom a user namespace does not know: that is how it shows the machine's root.
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
        // Nor one that leads nowhere yet, and nothing is made behind either.
        fs::remove_file(&link).unwrap();
        symlink(place.path().join("later"), &link).unwrap();
        assert!(matches!(created(&link), Err(StateError::Link(_))));
        assert!(!place.path().join("later").exists() && fs::read_dir(&target).unwrap().next().is_none());
        // A link of one's own on the way is one's own affair.
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
        // Nor behind a link.
        let link = place.path().join("link");
        symlink(&open, &link).unwrap();
        assert!(matches!(created(&link.join("state")), Err(StateError::Reachable { .. })));
        assert!(fs::read_dir(&open).unwrap().next().is_none());
        // As /tmp is, it is fine.
        allow(&open, 0o1777);
        created(&open.join("state")).unwrap();
    }

    #[test]
    fn what_belongs_to_another_user_is_refused() {
        if !nix::unistd::geteuid().is_root() {
            // Nobody else can give a directory away.
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
