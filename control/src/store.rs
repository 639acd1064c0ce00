//! The durable store: rows of collections, written all or none.

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::path::Path;

/// Collection and id → the row.
const ROWS: TableDefinition<(&str, &str), &[u8]> = TableDefinition::new("rows");

/// Why the store did not do what it should.
#[derive(Debug, thiserror::Error)]
#[error("the store failed: {0}; is the disk full? a broken store can be started anew with `up --fresh`")]
pub struct StoreError(Box<dyn std::error::Error + Send + Sync>);

impl StoreError {
    /// A row that cannot be encoded.
    pub fn encoding(error: serde_json::Error) -> Self {
        Self(Box::new(error))
    }
}

impl<E: Into<redb::Error>> From<E> for StoreError {
    fn from(error: E) -> Self {
        Self(Box::new(error.into()))
    }
}

/// One row as it shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The kind of thing, in the singular.
    pub collection: &'static str,
    /// Its id in the collection.
    pub id: String,
    /// Its value, encoded; `None` takes the row away.
    pub value: Option<Vec<u8>>,
}

/// An embedded database in one file.
pub struct Store {
    database: Database,
}

impl Store {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be used.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::create(path)?;
        let write = database.begin_write()?;
        write.open_table(ROWS)?;
        write.commit()?;
        Ok(Self { database })
    }

    /// Every row: collection, id, value, in the order of the first two.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub fn load(&self) -> Result<Vec<(String, String, Vec<u8>)>, StoreError> {
        let read = self.database.begin_read()?;
        let rows = read.open_table(ROWS)?;
        let mut all = Vec::new();
        for row in rows.iter()? {
            let (key, value) = row?;
            let (collection, id) = key.value();
            all.push((collection.to_owned(), id.to_owned(), value.value().to_owned()));
        }
        Ok(all)
    }

    /// Writes the rows as one. When this returns they are on disk.
    ///
    /// # Errors
    /// [`StoreError`]; then none is written.
    pub fn write(&self, rows: &[Row]) -> Result<(), StoreError> {
        let write = self.database.begin_write()?;
        {
            let mut table = write.open_table(ROWS)?;
            for row in rows {
                let key = (row.collection, row.id.as_str());
                match &row.value {
                    Some(value) => drop(table.insert(key, value.as_slice())?),
                    None => drop(table.remove(key)?),
                }
            }
        }
        write.commit()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, value: Option<&str>) -> Row {
        Row { collection: "vpc", id: id.into(), value: value.map(Into::into) }
    }

    #[test]
    fn rows_are_there_after_opening_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cloud.redb");
        let store = Store::open(&path).unwrap();
        store.write(&[row("b", Some("2")), row("a", Some("1"))]).unwrap();
        store.write(&[row("b", None), row("c", Some("3"))]).unwrap();
        drop(store);
        let rows = Store::open(&path).unwrap().load().unwrap();
        let expected = [("a", "1"), ("c", "3")].map(|(id, value)| ("vpc".into(), id.into(), value.into()));
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_second_opener_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cloud.redb");
        let _store = Store::open(&path).unwrap();
        assert!(Store::open(&path).is_err());
    }
}
