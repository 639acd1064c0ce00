//! A copy of the whole cloud, for commands that work on a copy.

use super::{Failure, Operator, Question};
use crate::store::{self, DumpError, Header, Writer};
use model::iam::ServerCertificate;
use model::{Kind, Model, Platform, RowError};
use serde::{Deserialize, Serialize};
use std::io;

/// Why a copy cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The text is invalid.
    #[error("the running cloud cannot be copied: {0}")]
    Text(#[from] DumpError),
    /// A row is invalid.
    #[error(transparent)]
    Row(#[from] RowError),
}

/// Asks for a copy of the whole cloud.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CopyCloud;

impl Question for CopyCloud {
    type Answer = CloudCopy;

    async fn answer(self, operator: &Operator) -> Result<CloudCopy, Failure> {
        // A clone shares all rows, so changes do not wait while they are written.
        Ok(CloudCopy::of(&operator.service.look(Model::clone))?)
    }
}

/// A copy of the cloud, as control sends it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CloudCopy {
    /// The platform's settings.
    platform: Platform,
    /// Its rows as text.
    rows: String,
}

impl CloudCopy {
    /// Copies a model without the private keys of its certificates, which no reader needs.
    ///
    /// # Errors
    /// If a row cannot be written.
    pub fn of(model: &Model) -> io::Result<Self> {
        let mut rows = Vec::new();
        let mut writer = Writer::new(&mut rows, &Header::now(0))?;
        for ((collection, id), mut value) in model.to_rows()? {
            if collection == Kind::ServerCertificate.name() {
                value = without_key(&value)?;
            }
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

/// The row of a server certificate without its private key.
fn without_key(row: &[u8]) -> serde_json::Result<Vec<u8>> {
    let certificate: ServerCertificate = serde_json::from_slice(row)?;
    serde_json::to_vec(&ServerCertificate { private_key: String::new(), ..certificate })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::iam::NewServerCertificate;
    use model::{Tags, Time};

    #[test]
    fn a_copy_has_no_private_key() {
        let new = NewServerCertificate {
            name: "shop".into(),
            path: None,
            body: "the body".into(),
            chain: None,
            private_key: "the key".into(),
            expires: None,
            tags: Tags::new(),
        };
        assert!(!format!("{new:?}").contains("the key"));
        let mut model = Model::new(1);
        let uploaded = model.upload_server_certificate("111122223333", Time(0), new).unwrap();
        assert!(!format!("{uploaded:?}").contains("the key"));
        let copy = CloudCopy::of(&model).unwrap();
        assert!(copy.rows.contains("the body") && !copy.rows.contains("the key"));
        let copied = copy.model().unwrap();
        assert_eq!(copied.server_certificate("111122223333", "shop").unwrap().private_key, "");
    }
}
