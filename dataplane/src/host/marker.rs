//! Markers. A marker is a file that says that a host is ours. It has the inode of the host's namespace, because somebody else
//! may pin another namespace at the same path.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Whether a marker names the namespace at a path. An empty marker names any namespace: its process died while it made the
/// host, or the disk was full.
pub fn names(marker: &Path, namespace: &Path) -> bool {
    fs::read_to_string(marker).is_ok_and(|named| named.is_empty() || inode(namespace).is_ok_and(|own| own == named))
}

/// Makes a marker name the namespace at a path.
pub fn write(marker: &Path, namespace: &Path) -> io::Result<()> {
    fs::write(marker, inode(namespace)?)
}

fn inode(namespace: &Path) -> io::Result<String> {
    Ok(fs::metadata(namespace)?.ino().to_string())
}
