//! The cloud of a recording at a moment of its replay.

use super::RecordingError;
use crate::store::Rows;
use model::{Model, Platform};
use wire::ControllerRow;

/// A cloud as rows.
#[derive(Clone, Debug, Default)]
pub struct RecordedCloud {
    platform: String,
    rows: Rows,
}

impl RecordedCloud {
    /// The cloud at a recording's beginning.
    pub fn begin(platform: String, rows: Vec<ControllerRow>) -> Self {
        let mut cloud = Self { platform, rows: Rows::new() };
        cloud.note(rows);
        cloud
    }

    /// Applies changed rows.
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
    /// [`RecordingError`] if a row does not have this version's form.
    pub fn model(&self) -> Result<Model, RecordingError> {
        let platform: Platform = match self.platform.is_empty() {
            true => Platform::default(),
            false => serde_json::from_str(&self.platform)?,
        };
        Ok(Model { platform, ..Model::of_rows(0, self.rows.clone())? })
    }
}
