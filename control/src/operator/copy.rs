//! A copy of the whole cloud, for verbs that look at it by themselves.

use crate::model::{Model, Platform, RowError};
use crate::store::{self, DumpError, Header, Writer};
use serde::{Deserialize, Serialize};
use std::io;

/// Why a copy cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Its text.
    #[error("the running cloud cannot be copied: {0}")]
    Text(#[from] DumpError),
    /// A row.
    #[error(transparent)]
    Row(#[from] RowError),
}

/// A whole cloud, as control hands it out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CloudCopy {
    /// What does not change while it runs.
    platform: Platform,
    /// Its rows as text.
    rows: String,
}

impl CloudCopy {
    /// Of a model.
    ///
    /// # Errors
    /// If a row cannot be written.
    pub fn of(model: &Model) -> io::Result<Self> {
        let mut rows = Vec::new();
        let mut writer = Writer::new(&mut rows, &Header::now(0))?;
        for ((collection, id), value) in model.to_rows()? {
            writer.row(&collection, &id, &value)?;
        }
        writer.finish()?;
        let rows = String::from_utf8(rows).map_err(io::Error::other)?;
        Ok(Self { platform: model.platform.clone(), rows })
    }

    /// The model.
    ///
    /// # Errors
    /// [`CopyError`].
    pub fn model(self) -> Result<Model, CopyError> {
        let (_, contents) = store::read(self.rows.as_bytes())?;
        Ok(Model { platform: self.platform, ..Model::of_rows(0, contents.rows)? })
    }
}
