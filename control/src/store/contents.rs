//! Everything that a store holds, and its file as a whole.

use super::StoreError;
use super::caught::caught;
use super::durable;
use super::migration::{VERSION, migrate};
use redb::backends::InMemoryBackend;
use redb::{Builder, Database, ReadTransaction, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Collection and id → the row.
pub(super) const ROWS: TableDefinition<(&str, &str), &[u8]> = TableDefinition::new("rows");
/// What is counted: [`VERSION_KEY`] and [`CHANGE_KEY`]. Version 1 did not have it.
pub(super) const NUMBERS: TableDefinition<&str, u64> = TableDefinition::new("numbers");
/// The version of the format.
const VERSION_KEY: &str = "version";
/// The number of the last change.
pub(super) const CHANGE_KEY: &str = "change";

/// The memory that redb keeps pages in, in bytes; the cloud itself is in the model.
const CACHE: usize = 16 << 20;

/// Collection and id → the row.
pub type Rows = BTreeMap<(String, String), Vec<u8>>;

/// Everything that a store holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The version of the format ([`VERSION`]); 0 if it cannot be told.
    pub version: u64,
    /// How many changes have been stored.
    pub change: u64,
    /// The rows.
    pub rows: Rows,
}

impl Default for Contents {
    fn default() -> Self {
        Self { version: VERSION, change: 0, rows: Rows::new() }
    }
}

impl Contents {
    /// What a file holds. It is checked, and not touched: whatever redb repairs, it repairs in memory.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], or what the system says.
    pub fn of_file(path: &Path) -> Result<Self, StoreError> {
        let bytes = fs::read(path).map_err(|error| StoreError::of(path, error.into()))?;
        if bytes.is_empty() {
            // redb would make a new database of it. Ours come into being whole.
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

    /// The same in rows of the present version.
    ///
    /// # Errors
    /// [`StoreError::Version`] if that is not known here.
    pub fn up_to_date(mut self, path: &Path) -> Result<Self, StoreError> {
        migrate(&mut self)?;
        match self.version {
            VERSION => Ok(self),
            found => Err(StoreError::Version { path: path.to_owned(), found }),
        }
    }

    /// What a database holds.
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
            // A table of that name that is not as we know it.
            Err(_) => (0, 0),
        };
        Ok(Self { version, change, rows })
    }

    /// Writes a new file, in the place of one that may be there: the old one or the new one is there, never a part.
    ///
    /// # Errors
    /// What the system says; then nothing has changed.
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

/// Opens a file that is there, checks every page of it, and repairs what a crash has left.
pub(super) fn open(path: &Path) -> Result<Database, redb::Error> {
    Ok(builder().open(path)?)
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
    builder
}

/// Visits every row: collection, id, value, in the order of the first two.
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
