//! The files of flow logs' records: a directory for each destination, with a file for each network interface and kind
//! of traffic, named as CloudWatch Logs names its streams: `eni-…-all`, `eni-…-accept`, `eni-…-reject`.

use model::FlowLog;
use serde::{Deserialize, Serialize};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The records in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// The file.
    pub file: PathBuf,
    /// The network interface.
    pub interface: String,
    /// The records, the oldest first.
    pub records: Vec<String>,
}

/// The file of a flow log's records of a network interface.
pub(super) fn path(directory: &Path, log: &FlowLog, interface: &str) -> PathBuf {
    let parts = log.destination.name().split('/').filter(|part| !part.is_empty()).map(safe);
    let place = parts.fold(directory.to_owned(), |path, part| path.join(part));
    place.join(format!("{interface}-{}", log.traffic.name().to_ascii_lowercase()))
}

/// A user-given name as a file name that cannot leave the directory.
fn safe(part: &str) -> String {
    let plain = |index: usize, c: char| c.is_ascii_alphanumeric() || "-_#".contains(c) || (c == '.' && index > 0);
    let byte = |c: char| c.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    part.char_indices().map(|(index, c)| if plain(index, c) { c.to_string() } else { byte(c) }).collect()
}

/// Appends records to a file, and makes the file if it does not exist.
pub(super) fn append(path: &Path, lines: &[String]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(lines.iter().flat_map(|line| [line, "\n"]).collect::<String>().as_bytes())
}

/// The records of the wanted network interfaces, by file.
///
/// # Errors
/// If a file cannot be read.
pub fn streams(directory: &Path, wanted: impl Fn(&str) -> bool) -> io::Result<Vec<Stream>> {
    let mut streams = Vec::new();
    for file in files(directory)? {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some((interface, _)) = name.rsplit_once('-').filter(|(interface, _)| wanted(interface)) {
            let records = fs::read_to_string(&file)?.lines().map(str::to_owned).collect();
            streams.push(Stream { interface: interface.to_owned(), file, records });
        }
    }
    Ok(streams)
}

/// All files below a directory, by path. Empty if the directory does not exist.
fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() { files.extend(self::files(&entry.path())?) } else { files.push(entry.path()) }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_the_directory() {
        assert_eq!(safe("shop.logs_2-a#"), "shop.logs_2-a#");
        assert_eq!([safe(".."), safe("."), safe(".a")], ["%2E.", "%2E", "%2Ea"]);
        assert_eq!(safe("a b\\é"), "a%20b%5C%C3%A9");
    }

    #[test]
    fn records_that_were_written_are_read_again() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(streams(&directory.path().join("none"), |_| true).unwrap(), []);
        let (one, other) = (directory.path().join("a/b/eni-1-all"), directory.path().join("eni-2-reject"));
        append(&one, &["first".into(), "second".into()]).unwrap();
        append(&one, &["third".into()]).unwrap();
        append(&other, &["another".into()]).unwrap();
        let read = streams(directory.path(), |interface| interface == "eni-1").unwrap();
        let records = ["first", "second", "third"].map(str::to_owned).to_vec();
        assert_eq!(read, [Stream { file: one, interface: "eni-1".into(), records }]);
        assert_eq!(streams(directory.path(), |_| true).unwrap().len(), 2);
    }
}
