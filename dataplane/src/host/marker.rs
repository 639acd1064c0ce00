//! Markers. A marker is a file that says that a host is ours. It has the inode of the host's namespace, because somebody else
//! may pin another namespace at the same path, and the number of the host's boot.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Whether a marker names the namespace at a path. An empty marker names any namespace: its process died while it made the
/// host, or the disk was full.
pub fn names(marker: &Path, namespace: &Path) -> bool {
    let is_named = |text: String| {
        let named = text.split(' ').next().unwrap_or_default();
        named.is_empty() || inode(namespace).is_ok_and(|own| own == named)
    };
    fs::read_to_string(marker).is_ok_and(is_named)
}

/// The number of the host's boot in a marker. Markers of earlier versions have none.
pub fn boot(marker: &Path) -> Option<u32> {
    let text = fs::read_to_string(marker).ok()?;
    text.split_once(' ').and_then(|(_, boot)| boot.parse().ok())
}

/// Writes a marker with the namespace at a path and the number of the host's boot.
pub fn write(marker: &Path, namespace: &Path, boot: u32) -> io::Result<()> {
    fs::write(marker, format!("{} {boot}", inode(namespace)?))
}

fn inode(namespace: &Path) -> io::Result<String> {
    Ok(fs::metadata(namespace)?.ino().to_string())
}
