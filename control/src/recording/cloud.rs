//! The cloud of a recording, at the moment that its replay has come to.

use super::RecordingError;
use crate::store::Rows;
use model::{Model, Platform};
use wire::ControllerRow;

/// A cloud, row by row.
#[derive(Clone, Debug, Default)]
pub struct RecordedCloud {
    platform: String,
    rows: Rows,
}

impl RecordedCloud {
    /// The cloud at the beginning of a recording.
    pub fn begin(platform: String, rows: Vec<ControllerRow>) -> Self {
        let mut cloud = Self { platform, rows: Rows::new() };
        cloud.note(rows);
        cloud
    }

    /// Some rows are others now.
    pub fn note(&mut self, rows: Vec<ControllerRow>) {
        for ControllerRow { collection, id, value } in rows {
            match value {
                Some(value) => self.rows.insert((collection, id), value.into_bytes()),
                None => self.rows.remove(&(collection, id)),
            };
        }
    }

    /// The model.
    ///
    /// # Errors
    /// [`RecordingError`] if a row is not one of this version's.
    pub fn model(&self) -> Result<Model, RecordingError> {
        let platform: Platform = match self.platform.is_empty() {
            true => Platform::default(),
            false => serde_json::from_str(&self.platform)?,
        };
        Ok(Model { platform, ..Model::of_rows(0, self.rows.clone())? })
    }
}
