//! The whole model as stored rows.

use super::{Kind, Model};
use std::collections::BTreeMap;
use std::str::Utf8Error;

/// Why a stored row is invalid.
#[derive(Debug, thiserror::Error)]
pub enum RowFault {
    /// The model has no such collection.
    #[error("there is no such collection")]
    NoCollection,
    /// It is not UTF-8.
    #[error(transparent)]
    Text(#[from] Utf8Error),
    /// It is not JSON, or not that of a row of its collection.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// A stored row that cannot be read. Most likely another version has written it.
#[derive(Debug, thiserror::Error)]
#[error(
    "the stored {collection} {id} is not understood ({why}); go on with the version of classiclink that has written it, or take the rows \
     out with `classiclink backup`"
)]
pub struct RowError {
    /// Its collection.
    pub collection: String,
    /// Its id.
    pub id: String,
    /// The reason.
    pub why: RowFault,
}

impl Model {
    /// The cloud with these rows, which are given by collection and id.
    ///
    /// # Errors
    /// [`RowError`] for the first row that cannot be read.
    pub fn of_rows(seed: u64, rows: BTreeMap<(String, String), Vec<u8>>) -> Result<Model, RowError> {
        let mut model = Model::new(seed);
        for ((collection, id), value) in rows {
            model.load_row(&collection, &value).map_err(|why| RowError { collection, id, why })?;
        }
        model.name_all_endpoint_hosts();
        // The values that follow from the rows are no changes that could be undone.
        model.take_changes();
        Ok(model)
    }

    fn load_row(&mut self, collection: &str, value: &[u8]) -> Result<(), RowFault> {
        let kind = Kind::ALL.iter().find(|kind| kind.name() == collection).ok_or(RowFault::NoCollection)?;
        Ok(self.load(*kind, std::str::from_utf8(value)?)?)
    }

    /// All rows, by collection and id.
    ///
    /// # Errors
    /// The error of a row that cannot be written as JSON.
    pub fn to_rows(&self) -> serde_json::Result<BTreeMap<(String, String), Vec<u8>>> {
        let row = |(kind, id): (Kind, &str)| {
            let value = self.row(kind, id).transpose()?.unwrap_or_default();
            Ok(((kind.name().to_owned(), id.to_owned()), value.into_bytes()))
        };
        self.rows().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Caller, Scope, Tags, Tenancy, Time};

    #[test]
    fn a_model_is_its_rows() {
        let mut model = Model::new(7);
        let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
        let caller = Caller::of_account(scope, Time(5));
        model.ensure_defaults(&caller).unwrap();
        model.create_vpc(&caller, "10.0.0.0/16".parse().unwrap(), Tenancy::Default, Tags::new()).unwrap();
        let rows = model.to_rows().unwrap();
        assert!(rows.len() > 4, "{rows:?}");
        assert_eq!(Model::of_rows(1, rows.clone()).unwrap().to_rows().unwrap(), rows);
    }

    #[test]
    fn a_row_that_is_not_understood_is_named() {
        let rows = |collection: &str| BTreeMap::from([((collection.to_owned(), "vpc-1".to_owned()), b"{}".to_vec())]);
        for collection in ["vpcs", "moons"] {
            let error = Model::of_rows(1, rows(collection)).unwrap_err().to_string();
            assert!(error.contains(&format!("{collection} vpc-1")), "{error}");
        }
    }
}
