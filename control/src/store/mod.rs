//! The durable store: rows of collections in one redb file, each change written completely or not at all.
//!
//! Two more files are beside it: the number of changes (`cloud.count`), which shows when a store has lost some, and an
//! earlier state as text (`cloud.copy`), which `up --restore` uses then.

mod caught;
mod contents;
mod copy;
mod count;
mod dump;
mod durable;
mod error;
mod file;
mod migration;
mod restore;
mod upkeep;

pub use contents::{Contents, Rows, VERSION};
pub use dump::{DumpError, Header, Writer, read};
pub use error::StoreError;
pub use restore::{RestoreError, restore};
pub use upkeep::COPY_AGE;

use caught::caught;
use count::Count;
use file::{CHANGE_KEY, NUMBERS, ROWS};
use redb::{Database, ReadableDatabase};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};
use upkeep::Upkeep;

/// A file is shrunk if it is this many times larger than its rows as text, and than [`SMALL`].
const LOOSE: u64 = 4;
/// The length in bytes below which a file is never shrunk.
const SMALL: u64 = 1 << 20;

/// One row to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The collection's name.
    pub collection: &'static str,
    /// Its id in the collection.
    pub id: String,
    /// Its value, encoded. `None` removes the row.
    pub value: Option<Vec<u8>>,
}

/// Opens the database file. Tests have an implementation of their own.
type Open = Box<dyn Fn(&Path) -> Result<Database, redb::Error> + Send + Sync>;

/// An embedded database in one file.
pub struct Store {
    path: PathBuf,
    open: Open,
    file: Mutex<File>,
    upkeep: Mutex<Upkeep>,
}

/// The file and its state.
struct File {
    /// `None` after a failure, because redb accepts nothing more until it is opened again.
    database: Option<Database>,
    /// The number of changes stored.
    change: u64,
    /// The rows that a failed change may have left wrong, as they should be. The next change writes them.
    owed: BTreeMap<(String, String), Option<Vec<u8>>>,
    count: Count,
}

impl Store {
    /// Opens the file, or makes it where there never was one, and returns its contents. Rows of older versions are
    /// migrated. If the file cannot be written now, the cloud can still be read, and changes fail.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read or is damaged.
    pub fn open(path: &Path) -> Result<(Self, Contents), StoreError> {
        Self::open_with(path, Box::new(file::open))
    }

    fn open_with(path: &Path, open: Open) -> Result<(Self, Contents), StoreError> {
        let contents = contents_of(path)?;
        let database = match caught(|| open(path)).map_err(|error| StoreError::of(path, error)) {
            Err(error) if error.may_pass() => {
                tracing::error!("{error}; until then the cloud can be read, but not changed");
                None
            }
            database => Some(database?),
        };
        let count = Count::open(path).map_err(|error| StoreError::of(&count::path(path), error.into()))?;
        count.set(contents.change);
        let file = Mutex::new(File { database, change: contents.change, owed: BTreeMap::new(), count });
        Ok((Self { path: path.to_owned(), open, file, upkeep: Mutex::default() }, contents))
    }

    /// Writes rows as one change. They are on disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`]. Nothing is written then. The next attempt may succeed.
    pub fn write(&self, rows: &[Row]) -> Result<(), StoreError> {
        let mut file = self.lock();
        let written = self.commit(&mut file, rows);
        if written.is_err() {
            self.settle(&mut file);
        }
        written
    }

    /// Writes rows as one change. If that fails, the next change writes them.
    pub fn owe(&self, rows: Vec<Row>) {
        let mut file = self.lock();
        file.owed.extend(rows.into_iter().map(|row| ((row.collection.to_owned(), row.id), row.value)));
        self.settle(&mut file);
    }

    /// Refreshes the copy if it is due or wanted `now`, and shrinks the file if it is much too large.
    pub fn keep_up(&self, now: bool) {
        let mut upkeep = self.upkeep.lock().unwrap_or_else(PoisonError::into_inner);
        let (change, begun) = (self.lock().change, Instant::now());
        let due = upkeep.is_due(change, begun) || (now && upkeep.lacks(change));
        if !due {
            return;
        }
        match self.copy().and_then(|(header, length)| self.shrink(length).map(|()| header)) {
            Ok(header) => upkeep.done(header.change, begun, Instant::now()),
            Err(error) if upkeep.failed(Instant::now()) => {
                tracing::warn!("cannot refresh the store's copy: {error}");
            }
            Err(_) => {}
        }
    }

    /// Writes the copy. Returns its header and its length in bytes.
    fn copy(&self) -> Result<(Header, u64), CopyError> {
        copy::write(&self.path, |out| {
            // Changes wait while rows are read, but not while they are written to disk.
            let file = self.lock();
            let Some(database) = &file.database else {
                return Err(io::Error::other("the store has failed and was not reopened yet").into());
            };
            let mut writer = Writer::new(out, &Header::now(file.change))?;
            caught(|| {
                let read = database.begin_read().map_err(redb::Error::from)?;
                file::each_row(&read, |collection, id, value| Ok::<(), CopyError>(writer.row(collection, id, value)?))
            })?;
            Ok(writer)
        })
    }

    /// Shrinks the file if it is far larger than its rows as text.
    fn shrink(&self, text: u64) -> Result<(), CopyError> {
        let mut file = self.lock();
        if fs::metadata(&self.path)?.len() <= SMALL.max(text * LOOSE) {
            return Ok(());
        }
        let Some(database) = &mut file.database else { return Ok(()) };
        let shrunk = caught(|| Ok::<_, redb::Error>(database.compact()?));
        shrunk.inspect_err(|_| self.close(&mut file))?;
        Ok(())
    }

    /// Writes what is owed, if that is possible now.
    fn settle(&self, file: &mut File) {
        if file.owed.is_empty() {
            return;
        }
        if let Err(error) = self.commit(file, &[]) {
            tracing::debug!("cannot write what a failed change left: {error}");
        }
    }

    /// Writes what is owed and the rows, as the next change.
    fn commit(&self, file: &mut File, rows: &[Row]) -> Result<(), StoreError> {
        let File { database, change, owed, .. } = file;
        let next = *change + 1;
        let mut before = Vec::new();
        let written = caught(|| {
            let database = match database {
                Some(database) => database,
                None => database.insert((self.open)(&self.path)?),
            };
            let write = database.begin_write()?;
            {
                let mut table = write.open_table(ROWS)?;
                let mut put = |collection: &str, id: &str, value: Option<&[u8]>| {
                    let key = (collection, id);
                    let old = match value {
                        Some(value) => table.insert(key, value)?,
                        None => table.remove(key)?,
                    };
                    Ok::<_, redb::Error>(old.map(|old| old.value().to_owned()))
                };
                for ((collection, id), value) in owed.iter() {
                    put(collection, id, value.as_deref())?;
                }
                for Row { collection, id, value } in rows {
                    before.push((((*collection).to_owned(), id.clone()), put(collection, id, value.as_deref())?));
                }
                write.open_table(NUMBERS)?.insert(CHANGE_KEY, next)?;
            }
            Ok(write.commit()?)
        });
        match written {
            Ok(()) => {
                file.change = next;
                file.owed.clear();
                file.count.set(next);
                Ok(())
            }
            Err(error) => {
                // The rows may be on disk in spite of the error.
                file.owed.extend(before);
                self.close(file);
                Err(StoreError::of(&self.path, error))
            }
        }
    }

    /// Closes the file, so that it is opened again.
    fn close(&self, file: &mut File) {
        let database = file.database.take();
        let closed = caught(|| database.map_or(Ok(()), |database| database.close().map_err(redb::Error::from)));
        if let Err(error) = closed {
            tracing::debug!("closing {} failed: {error}", self.path.display());
        }
    }

    fn lock(&self) -> MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The store's contents with rows of the present version. A new store is made where there never was one.
fn contents_of(path: &Path) -> Result<Contents, StoreError> {
    let stored = count::stored(path);
    if !path.exists() {
        if stored.is_some() || copy::path(path).exists() {
            return Err(StoreError::damaged(path, "the file is gone"));
        }
        Contents::default().write_file(path)?;
    }
    let mut contents = Contents::of_file(path)?;
    let lost = stored.unwrap_or(0).saturating_sub(contents.change);
    match contents.version {
        _ if lost > 0 => return Err(StoreError::damaged(path, format!("the last {lost} of its changes are missing"))),
        VERSION => {}
        found @ 1..VERSION => {
            migration::migrate(&mut contents)?;
            // An older classiclink can use the older file.
            let kept = durable::beside(path, &format!("version-{found}"));
            let kept = durable::remove(&kept).and_then(|()| fs::hard_link(path, &kept));
            kept.map_err(|error| StoreError::of(path, error.into()))?;
            contents.write_file(path)?;
        }
        found => return Err(StoreError::Version { path: path.to_owned(), found }),
    }
    Ok(contents)
}

/// Removes a store, so that a new one is made: the file, its number of changes and its copy. Damaged files that were
/// kept stay.
///
/// # Errors
/// [`StoreError`] if a file cannot be removed.
pub fn forget(path: &Path) -> Result<(), StoreError> {
    [path.to_owned(), copy::path(path), count::path(path)]
        .iter()
        .try_for_each(|file| durable::remove(file).map_err(|error| StoreError::of(file, error.into())))
}

/// Why the copy was not written.
#[derive(Debug, thiserror::Error)]
enum CopyError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] redb::Error),
    #[error("read back, {0}")]
    Dump(#[from] DumpError),
}

impl Header {
    /// The header of a file written now, with the number of the last change.
    pub fn now(change: u64) -> Self {
        let written = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        Self { version: VERSION, change, written }
    }
}

#[cfg(test)]
pub(crate) mod tests;
