//! The cloud of a recording at a moment of its replay.

use super::RecordingError;
use crate::store::Rows;
use model::{Model, Platform};
use std::collections::BTreeMap;
use wire::ControllerRow;

/// A cloud as rows.
#[derive(Clone, Debug, Default)]
pub struct RecordedCloud {
    platform: String,
    rows: Rows,
    /// The rows that the last change touched, as they were before.
    touched: BTreeMap<(String, String), Option<Vec<u8>>>,
}

impl RecordedCloud {
    /// The cloud at a recording's beginning.
    pub fn begin(platform: String, rows: Vec<ControllerRow>) -> Self {
        let mut cloud = Self { platform, ..Self::default() };
        cloud.note(rows);
        cloud.touched.clear();
        cloud
    }

    /// Applies changed rows.
    pub fn note(&mut self, rows: Vec<ControllerRow>) {
        self.touched.clear();
        for ControllerRow { collection, id, value } in rows {
            let key = (collection, id);
            let old = match value {
                Some(value) => self.rows.insert(key.clone(), value.into_bytes()),
                None => self.rows.remove(&key),
            };
            self.touched.entry(key).or_insert(old);
        }
    }

    /// The model before the last change.
    ///
    /// # Errors
    /// [`RecordingError`] if a row does not have this version's form.
    pub fn model_before(&self) -> Result<Model, RecordingError> {
        let mut before = self.clone();
        for (key, old) in std::mem::take(&mut before.touched) {
            match old {
                Some(old) => before.rows.insert(key, old),
                None => before.rows.remove(&key),
            };
        }
        before.model()
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
