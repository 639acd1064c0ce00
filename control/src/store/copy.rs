//! The copy of the store: the file `cloud.copy` beside it, with an earlier state as text. It is replaced only by a copy
//! that was read back.

use super::contents::Contents;
use super::dump::{self, DumpError, Header, Writer};
use super::{count, durable};
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Writes the copy of a store. `begin` writes the header and the rows. Returns the header and the length in bytes.
pub(super) fn write<E: From<io::Error> + From<DumpError>>(
    store: &Path,
    begin: impl FnOnce(BufWriter<File>) -> Result<Writer<BufWriter<File>>, E>,
) -> Result<(Header, u64), E> {
    durable::replace(&path(store), |new| {
        let file = OpenOptions::new().write(true).open(new)?;
        begin(BufWriter::new(file))?.finish()?;
        let written = File::open(new)?;
        let length = written.metadata()?.len();
        Ok((dump::check(BufReader::new(written), |_, _, _| {})?, length))
    })
}

/// Reads a copy or an export.
pub(super) fn read(path: &Path) -> Result<(Header, Contents), DumpError> {
    dump::read(BufReader::new(File::open(path)?))
}

/// The path of a store's copy.
pub(super) fn path(store: &Path) -> PathBuf {
    store.with_extension("copy")
}

/// The advice to the user about a damaged store.
pub(super) fn remedy(store: &Path) -> String {
    match read(&path(store)) {
        Ok((header, _)) => format!(
            "`classiclink up --restore` goes on with the copy of {}, {}, and keeps the damaged file",
            age(&header),
            lacks(count::stored(store), header.change)
        ),
        Err(error) => format!(
            "put a backup of the file there; its copy {} does not help ({error}), so that without a backup the only way on is to \
             begin anew, with `classiclink up --fresh`",
            path(store).display()
        ),
    }
}

/// When a file was written, and its age.
pub(super) fn age(header: &Header) -> String {
    let written = humantime::parse_rfc3339(&header.written);
    let age = written.ok().and_then(|written| SystemTime::now().duration_since(written).ok()).unwrap_or_default();
    format!("{} ({} ago)", header.written, humantime::format_duration(Duration::from_secs(age.as_secs())))
}

/// How many of the stored changes are missing.
pub(super) fn lacks(stored: Option<u64>, there: u64) -> String {
    match stored.map_or(0, |stored| stored.saturating_sub(there)) {
        0 => "which lacks nothing".to_owned(),
        1 => "which lacks the last change".to_owned(),
        many => format!("which lacks the last {many} changes"),
    }
}
