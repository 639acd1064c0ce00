//! Signatures of requests: what was signed, and whether a secret gives the same signature.
//!
//! Version 4 is in a header or in the query (AWS General Reference, "Signature Version 4 signing process"). Version 2,
//! of older clients, is in the query.

mod encoding;
mod error;
mod v2;
mod v4;

pub use error::{AuthenticationError, IncompleteSignature};
pub use v4::field;

use super::Params;
use model::Time;
use std::time::Duration;

/// The greatest difference between a client's clock and the server's.
const SKEW: Duration = Duration::from_secs(15 * 60);

/// The parts of an HTTP request that are signed.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// `GET`, `POST` or `DELETE`.
    pub method: &'a str,
    /// The path of its URL, as it was sent.
    pub path: &'a str,
    /// The query of its URL, as it was sent.
    pub query: &'a str,
    /// Names and values of its headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// Its body, as it was sent.
    pub body: &'a [u8],
    /// The real time at which it arrived.
    pub received: Time,
}

/// A request's signature, with everything needed to check it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    algorithm: Algorithm,
    /// The text that was signed.
    text: String,
    /// The signature that was sent.
    value: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Algorithm {
    /// Version 4, with the key's day, Region and service.
    V4 { scope: [String; 3] },
    /// Version 2, with HMAC-SHA256 or HMAC-SHA1.
    V2 { sha256: bool },
}

impl Signature {
    /// Reads a request's signature.
    ///
    /// # Errors
    /// [`AuthenticationError`] if the signature is missing or incomplete, or is not valid now.
    pub fn of(signed: &Signed<'_>, params: &Params) -> Result<Signature, AuthenticationError> {
        match signed.header("authorization") {
            Some(header) => v4::of_header(signed, header),
            None if params.has("X-Amz-Signature") || params.has("X-Amz-Credential") => v4::of_query(signed, params),
            // Version 2 signs parameters, and a document has none.
            None if signed.is_document() => Err(AuthenticationError::NotSigned),
            None if params.has("Signature") || params.has("AWSAccessKeyId") => v2::of_query(signed, params),
            None => Err(AuthenticationError::NotSigned),
        }
    }

    /// Whether a secret gives this signature. The comparison takes constant time.
    pub fn is_by(&self, secret: &str) -> bool {
        match &self.algorithm {
            Algorithm::V4 { scope } => v4::is_by(secret, scope, &self.text, &self.value),
            Algorithm::V2 { sha256 } => v2::is_by(secret, *sha256, &self.text, &self.value),
        }
    }
}

impl Signed<'_> {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// Whether the body is a document, as the path or a header says.
    fn is_document(&self) -> bool {
        let says = |name: &str| self.header(name).is_some();
        shapes::has_path(self.path) || says("x-amz-target") || says("smithy-protocol")
    }

    /// Refuses a time that differs too much from now.
    fn check_time(&self, signed: Time) -> Result<(), AuthenticationError> {
        let now = self.received;
        if now.since(signed) > SKEW || signed.since(now) > SKEW {
            Err(AuthenticationError::Expired { signed, now })
        } else {
            Ok(())
        }
    }
}

/// A time in ISO 8601: `20150107T120000Z`, `2015-01-07T12:00:00Z`.
fn moment(text: &str) -> Option<Time> {
    let text = text.trim();
    let is_basic = text.len() == 16 && text.is_ascii() && !text.contains('-');
    let extended = if is_basic { extended(text)? } else { text.to_owned() };
    humantime::parse_rfc3339_weak(&extended).ok().map(Time::from)
}

/// The extended format of a time in ISO 8601's basic format.
fn extended(basic: &str) -> Option<String> {
    let (date, time) = basic.split_once('T')?;
    let (year, month, day) = (date.get(..4)?, date.get(4..6)?, date.get(6..)?);
    let (hour, minute, second) = (time.get(..2)?, time.get(2..4)?, time.get(4..)?);
    Some(format!("{year}-{month}-{day}T{hour}:{minute}:{second}"))
}

#[cfg(test)]
mod tests;
