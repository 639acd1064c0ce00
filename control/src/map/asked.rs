//! The parameters of a question in its URL.

use super::refusal::Refusal;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The parameters. If they are not understood, the refusal has the form of all others.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let asked = Query::try_from_uri(&parts.uri);
        asked.map(|Query(asked)| Asked(asked)).map_err(|fault| Refusal::of(fault.body_text()))
    }
}
