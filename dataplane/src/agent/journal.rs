//! The tables in force, kept in a file. A dataplane that replaces a killed one forwards by them before a controller
//! connects.
//!
//! The file holds frames of the wire: a [`Header`], the whole tables, and then one update after another. Nothing is
//! synced to disk, because only the next process reads it. After a restart of the machine, or for another build of the
//! program, the file is ignored.

use crate::boot;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use wire::{Change, Entry, Key, Update};

/// How much the file may exceed the whole tables in it, in bytes and as a factor, before it is written anew.
const SPARE: u64 = 1 << 20;
const GROWTH: u64 = 4;

/// The path of the tables file, beside the dataplane's socket.
pub fn tables_path(socket: &Path) -> PathBuf {
    socket.with_file_name("tables")
}

/// The program that wrote the file, and the boot of the machine in which it ran.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    boot: String,
    /// The program's file: its device, inode, size in bytes, and time of modification in nanoseconds since 1970.
    program: [u64; 4],
}

impl Header {
    fn ours() -> io::Result<Self> {
        let program = fs::metadata("/proc/self/exe")?;
        let modified = (program.mtime() * 1_000_000_000 + program.mtime_nsec()).cast_unsigned();
        Ok(Self { boot: boot::id()?, program: [program.dev(), program.ino(), program.size(), modified] })
    }
}

/// The journal. Writing fails softly: without it a restart waits for the controller.
pub struct Journal {
    path: PathBuf,
    /// The open file. `None` while it cannot be written; the next whole tables create it again.
    open: Option<Open>,
}

struct Open {
    file: File,
    /// Lengths in bytes: now, and when the file held the whole tables only.
    length: u64,
    whole: u64,
}

impl Journal {
    /// Opens the file and reads the tables in it. A file that is of no use is logged and replaced later.
    pub fn open(path: PathBuf) -> (Self, Option<Update>) {
        let mut journal = Self { path, open: None };
        let tables = match read(&journal.path) {
            Ok(tables) => tables,
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!(path = %journal.path.display(), %error, "cannot read the tables that the previous dataplane left; waiting for the controller to send them");
                None
            }
        };
        if let Some(tables) = &tables {
            // Writing it anew removes a frame that the writer's death cut off.
            journal.note(tables);
        }
        (journal, tables)
    }

    /// Notes an update before it is put in force.
    pub fn note(&mut self, update: &Update) {
        let noted = if update.whole { self.replace(update) } else { self.append(update) };
        if let Err(error) = noted {
            tracing::warn!(path = %self.path.display(), %error, "cannot write the tables; a restarted dataplane will wait for its controller");
            self.forget();
        }
    }

    /// Removes the file, because outdated tables must never be found.
    fn forget(&mut self) {
        self.open = None;
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(path = %self.path.display(), %error, "cannot remove the outdated tables file; remove it by hand before the dataplane starts again");
            }
            _ => {}
        }
    }

    fn append(&mut self, update: &Update) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let frame = wire::encode(update)?;
        open.file.write_all(&frame)?;
        open.length += frame.len() as u64;
        if open.length > open.whole * GROWTH + SPARE
            && let Some(tables) = read(&self.path)?
        {
            self.replace(&tables)?;
        }
        Ok(())
    }

    /// Writes the whole tables, all or nothing.
    fn replace(&mut self, tables: &Update) -> io::Result<()> {
        let mut frames = wire::encode(&Header::ours()?)?;
        frames.extend(wire::encode(tables)?);
        let beside = self.path.with_extension("new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(&frames)?;
        fs::rename(&beside, &self.path)?;
        let length = frames.len() as u64;
        self.open = Some(Open { file, length, whole: length });
        Ok(())
    }
}

/// Reads the tables in a file. `None` if another program or an earlier boot of the machine wrote them.
fn read(path: &Path) -> io::Result<Option<Update>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut reader = BufReader::new(&mut file);
    let header: Header = wire::read_frame(&mut (&mut reader).take(length))?;
    if header != Header::ours()? {
        return Ok(None);
    }
    let (mut entries, mut version): (BTreeMap<Key, Entry>, _) = (BTreeMap::new(), None);
    while let Some(update) = next(&mut reader, length)? {
        version = Some(update.version);
        if update.whole {
            entries.clear();
        }
        for change in update.changes {
            match change {
                Change::Set(entry) => entries.insert(entry.key(), entry),
                Change::Remove(key) => entries.remove(&key),
            };
        }
    }
    let whole = |version| Update { version, whole: true, changes: entries.into_values().map(Change::Set).collect() };
    Ok(version.map(whole))
}

/// Reads the next update. An update that was cut off was never in force.
fn next(reader: &mut BufReader<&mut File>, length: u64) -> io::Result<Option<Update>> {
    let left = length.saturating_sub(reader.stream_position()?);
    let mut header = [0; 4];
    if left < header.len() as u64 {
        return Ok(None);
    }
    reader.read_exact(&mut header)?;
    let body = wire::body_length(header)?;
    if left < (header.len() + body) as u64 {
        return Ok(None);
    }
    let mut bytes = vec![0; body];
    reader.read_exact(&mut bytes)?;
    wire::decode(&bytes).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use wire::{AclId, Filter, FilterId, Segment, SegmentId};

    fn set(id: u32, acl: u32) -> Change {
        Change::Set(Entry::Segment(SegmentId(id), Segment { acl: AclId(acl) }))
    }

    fn update(version: u64, whole: bool, changes: Vec<Change>) -> Update {
        Update { version, whole, changes }
    }

    fn directory() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    /// The tables that the next dataplane would find.
    fn found(path: &Path) -> Option<Update> {
        Journal::open(path.to_owned()).1
    }

    #[test]
    fn the_next_process_finds_the_tables_in_force() {
        let directory = directory();
        let path = directory.path().join("tables");
        let (mut journal, before) = Journal::open(path.clone());
        assert_eq!(before, None);
        journal.note(&update(1, true, vec![set(1, 1), set(2, 1)]));
        journal.note(&update(2, false, vec![set(2, 7), Change::Remove(Key::Segment(SegmentId(1)))]));
        assert_eq!(found(&path), Some(update(2, true, vec![set(2, 7)])));
        // Reading the file does not remove it.
        assert_eq!(found(&path), Some(update(2, true, vec![set(2, 7)])));
    }

    #[test]
    fn changes_before_any_whole_tables_are_not_noted() {
        let directory = directory();
        let path = directory.path().join("tables");
        Journal::open(path.clone()).0.note(&update(2, false, vec![set(1, 1)]));
        assert_eq!(found(&path), None);
    }

    #[test]
    fn an_update_that_is_cut_off_is_ignored() {
        let directory = directory();
        let path = directory.path().join("tables");
        let (mut journal, _) = Journal::open(path.clone());
        journal.note(&update(1, true, vec![set(1, 1)]));
        let whole = fs::read(&path).unwrap().len();
        journal.note(&update(2, false, vec![set(1, 2)]));
        let bytes = fs::read(&path).unwrap();
        for length in whole..bytes.len() {
            fs::write(&path, &bytes[..length]).unwrap();
            assert_eq!(found(&path), Some(update(1, true, vec![set(1, 1)])), "{length} bytes");
        }
    }

    #[test]
    fn tables_of_another_program_or_boot_are_ignored() {
        let directory = directory();
        let path = directory.path().join("tables");
        let ours = || Header::ours().unwrap();
        let [device, inode, size, modified] = ours().program;
        let program = [device, inode, size, modified + 1];
        for header in [Header { boot: "another".into(), ..ours() }, Header { program, ..ours() }] {
            let mut frames = wire::encode(&header).unwrap();
            frames.extend(wire::encode(&update(1, true, vec![set(1, 1)])).unwrap());
            fs::write(&path, frames).unwrap();
            assert_eq!(found(&path), None, "{header:?}");
        }
    }

    #[test]
    fn outdated_tables_are_never_found() {
        let directory = directory();
        let path = directory.path().join("tables");
        let (mut journal, _) = Journal::open(path.clone());
        journal.note(&update(1, true, vec![set(1, 1)]));
        // A device that is always full.
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        journal.open.as_mut().unwrap().file = full;
        journal.note(&update(2, false, vec![set(1, 2)]));
        assert_eq!(found(&path), None);
        journal.note(&update(3, false, vec![set(1, 3)]));
        assert_eq!(found(&path), None);
        journal.note(&update(4, true, vec![set(1, 4)]));
        assert_eq!(found(&path), Some(update(4, true, vec![set(1, 4)])));
    }

    #[test]
    fn the_files_size_is_bounded() {
        let directory = directory();
        let path = directory.path().join("tables");
        let (mut journal, _) = Journal::open(path.clone());
        journal.note(&update(1, true, vec![set(1, 1)]));
        let many: Vec<_> = (0..1000).map(|id| Change::Set(Entry::Filter(FilterId(id), Filter::default()))).collect();
        for version in 2..500 {
            journal.note(&update(version, false, many.clone()));
        }
        assert!(fs::metadata(&path).unwrap().len() < 2 * SPARE);
        assert_eq!(found(&path).unwrap().changes.len(), 1001);
    }

    proptest! {
        #[test]
        fn bytes_that_nobody_wrote_are_tables_or_an_error(mut tail in proptest::collection::vec(any::<u8>(), 0..300)) {
            let directory = directory();
            let path = directory.path().join("tables");
            let mut frames = wire::encode(&Header::ours().unwrap()).unwrap();
            frames.append(&mut tail);
            fs::write(&path, frames).unwrap();
            found(&path);
        }
    }
}
