//! The body of a request, limited in size and time.

use super::cbor;
use super::connections::{Full, Held};
use super::limits::Limits;
use super::refusal::{Refusal, refuse};
use axum::body::Body;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use http_body_util::BodyExt;
use std::borrow::Cow;
use tokio::time::timeout;

/// Reads a body to its end. One that is too large is refused as soon as its size is known.
pub async fn read(headers: &HeaderMap, mut body: Body, held: &mut Held, limits: &Limits) -> Result<Vec<u8>, Response> {
    match timeout(limits.body_time, take(headers, &mut body, held, limits.body)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(why)) => Err(refuse(why, headers, body)),
        Err(_) => Err(refuse(Refusal::TooSlow(limits.body_time), headers, body)),
    }
}

async fn take(headers: &HeaderMap, body: &mut Body, held: &mut Held, most: usize) -> Result<Vec<u8>, Refusal> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let announced: usize = announced.unwrap_or(0);
    if announced > most {
        return Err(Refusal::TooLarge(most));
    }
    let mut bytes = Vec::with_capacity(announced);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::Broken)?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > most {
            return Err(Refusal::TooLarge(most));
        }
        held.grow(data.len()).map_err(|Full| Refusal::Busy)?;
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

/// A body as the API reads it.
///
/// # Errors
/// [`Refusal::NotText`] and [`Refusal::NotCbor`].
pub fn text<'b>(headers: &HeaderMap, body: &'b [u8]) -> Result<Cow<'b, str>, Refusal> {
    match cbor::is_spoken(headers) {
        true => cbor::to_json(body).map(Cow::Owned).map_err(|_| Refusal::NotCbor),
        false => str::from_utf8(body).map(Cow::Borrowed).map_err(|_| Refusal::NotText),
    }
}
