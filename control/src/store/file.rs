//! A store's file: its tables, and its contents as a whole.

use super::caught::caught;
use super::contents::{Contents, Rows, VERSION};
use super::durable;
use super::error::StoreError;
use super::migration::migrate;
use redb::backends::InMemoryBackend;
use redb::{Builder, Database, ReadTransaction, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition};
use std::fs;
use std::path::Path;

/// Rows by collection and id.
pub(super) const ROWS: TableDefinition<(&str, &str), &[u8]> = TableDefinition::new("rows");
/// Numbers: [`VERSION_KEY`] and [`CHANGE_KEY`]. Version 1 had none.
pub(super) const NUMBERS: TableDefinition<&str, u64> = TableDefinition::new("numbers");
/// The key of the format's version.
const VERSION_KEY: &str = "version";
/// The key of the last change's number.
pub(super) const CHANGE_KEY: &str = "change";

/// The size of redb's page cache in bytes. It is small because the model has the cloud.
const CACHE: usize = 16 << 20;

impl Contents {
    /// Reads a file's contents. The file is checked and not changed: redb repairs a copy in memory.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], or the system's error.
    pub fn of_file(path: &Path) -> Result<Self, StoreError> {
        let bytes = fs::read(path).map_err(|error| StoreError::of(path, error.into()))?;
        if bytes.is_empty() {
            // redb would make a new database of an empty file. Our files are never empty.
            return Err(StoreError::damaged(path, "it is empty"));
        }
        let read = caught(|| {
            let image = InMemoryBackend::new();
            image.set_len(bytes.len() as u64)?;
            image.write(0, &bytes)?;
            drop(bytes);
            Self::read(&builder().create_with_backend(image)?.begin_read()?)
        });
        read.map_err(|error| StoreError::damaged(path, error))
    }

    /// Brings the rows to the present version.
    ///
    /// # Errors
    /// [`StoreError::Version`] if the version is unknown.
    pub fn up_to_date(mut self, path: &Path) -> Result<Self, StoreError> {
        migrate(&mut self)?;
        match self.version {
            VERSION => Ok(self),
            found => Err(StoreError::Version { path: path.to_owned(), found }),
        }
    }

    /// Reads a database's contents.
    fn read(read: &ReadTransaction) -> Result<Self, redb::Error> {
        let mut rows = Rows::new();
        each_row(read, |collection, id, value| {
            rows.insert((collection.to_owned(), id.to_owned()), value.to_owned());
            Ok::<(), redb::Error>(())
        })?;
        let (version, change) = match read.open_table(NUMBERS) {
            Ok(numbers) => {
                let number = |key| Ok::<_, redb::Error>(numbers.get(key)?.map_or(0, |number| number.value()));
                (number(VERSION_KEY)?, number(CHANGE_KEY)?)
            }
            Err(redb::TableError::TableDoesNotExist(_)) => (1, 0),
            Err(redb::TableError::Storage(error)) => return Err(error.into()),
            // The table has this name but another type.
            Err(_) => (0, 0),
        };
        Ok(Self { version, change, rows })
    }

    /// Writes a new file, and replaces an existing one atomically.
    ///
    /// # Errors
    /// The system's error. Nothing has changed then.
    pub fn write_file(&self, path: &Path) -> Result<(), StoreError> {
        durable::replace(path, |new| {
            caught(|| {
                let write = builder().create(new)?.begin_write()?;
                {
                    let mut rows = write.open_table(ROWS)?;
                    for ((collection, id), value) in &self.rows {
                        rows.insert((collection.as_str(), id.as_str()), value.as_slice())?;
                    }
                    let mut numbers = write.open_table(NUMBERS)?;
                    numbers.insert(VERSION_KEY, self.version)?;
                    numbers.insert(CHANGE_KEY, self.change)?;
                }
                Ok(write.commit()?)
            })
        })
        .map_err(|error| StoreError::of(path, error))
    }
}

/// Opens an existing file, checks every page, and repairs what a crash left.
pub(super) fn open(path: &Path) -> Result<Database, redb::Error> {
    Ok(builder().open(path)?)
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
    builder
}

/// Visits every row, sorted by collection and id.
pub(super) fn each_row<E: From<redb::Error>>(
    read: &ReadTransaction,
    mut visit: impl FnMut(&str, &str, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let rows = read.open_table(ROWS).map_err(redb::Error::from)?;
    for row in rows.iter().map_err(redb::Error::from)? {
        let (key, value) = row.map_err(redb::Error::from)?;
        let (collection, id) = key.value();
        visit(collection, id, value.value())?;
    }
    Ok(())
}
