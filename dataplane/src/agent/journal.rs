//! The tables in force, in a file: a dataplane that takes the place of a killed one forwards by them before any controller is there.
//!
//! The file holds frames of the wire: a [`Header`], the whole tables, then update after update. Nothing is synced to disk, for the file
//! is of use to the next process only: after a restart of the machine, or to another program than the one that wrote it, it says nothing.

use crate::boot;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use wire::{Change, Entry, Key, Update};

/// How much longer the file may be than the whole tables in it, in bytes and as a factor, before it is written anew.
const SPARE: u64 = 1 << 20;
const GROWTH: u64 = 4;

/// The file of tables, beside the dataplane's socket.
pub fn tables_path(socket: &Path) -> PathBuf {
    socket.with_file_name("tables")
}

/// Who has written the file, and since which start of the machine.
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

/// The file, as far as it can be written.
pub struct Journal {
    path: PathBuf,
    /// Nothing is written without it: the file is gone then, and comes back with the next whole tables.
    open: Option<Open>,
}

struct Open {
    file: File,
    /// In bytes: now, and when it held whole tables and no more.
    length: u64,
    whole: u64,
}

impl Journal {
    /// Opens the file; with the tables in it, if it is of any use. If it is not, that is told of, and it is replaced in time.
    pub fn open(path: PathBuf) -> (Self, Option<Update>) {
        let mut journal = Self { path, open: None };
        let tables = match read(&journal.path) {
            Ok(tables) => tables,
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!(path = %journal.path.display(), %error, "the tables of before cannot be read; the controller has them");
                None
            }
        };
        if let Some(tables) = &tables {
            // A frame that was cut off by the writer's end is not there any more then.
            journal.note(tables);
        }
        (journal, tables)
    }

    /// Notes an update that is about to be in force.
    pub fn note(&mut self, update: &Update) {
        let noted = if update.whole { self.replace(update) } else { self.append(update) };
        if let Err(error) = noted {
            tracing::warn!(path = %self.path.display(), %error, "cannot note the tables: a dataplane that is started anew waits for its controller");
            self.forget();
        }
    }

    /// Tables that are not the latest must not be found.
    fn forget(&mut self) {
        self.open = None;
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(path = %self.path.display(), %error, "cannot remove the file of tables, which is out of date");
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

    /// Writes whole tables, all or nothing.
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

/// The tables in a file; none if another program or an earlier start of the machine left it.
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

/// The next update. One that is cut off was never in force.
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

    /// What the next dataplane finds.
    fn found(path: &Path) -> Option<Update> {
        Journal::open(path.to_owned()).1
    }

    #[test]
    fn the_next_one_finds_what_was_in_force() {
        let directory = directory();
        let path = directory.path().join("tables");
        let (mut journal, before) = Journal::open(path.clone());
        assert_eq!(before, None);
        journal.note(&update(1, true, vec![set(1, 1), set(2, 1)]));
        journal.note(&update(2, false, vec![set(2, 7), Change::Remove(Key::Segment(SegmentId(1)))]));
        assert_eq!(found(&path), Some(update(2, true, vec![set(2, 7)])));
        // Found once, it is still there.
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
    fn an_update_that_is_cut_off_anywhere_was_never_in_force() {
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
    fn another_programs_tables_and_those_of_before_a_restart_of_the_machine_are_left() {
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
    fn what_cannot_be_noted_is_not_found_out_of_date() {
        let directory = directory();
        let path = directory.path().join("tables");
        let (mut journal, _) = Journal::open(path.clone());
        journal.note(&update(1, true, vec![set(1, 1)]));
        // A device that is full.
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
    fn the_file_does_not_grow_with_the_number_of_changes() {
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
