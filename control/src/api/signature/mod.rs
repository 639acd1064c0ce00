//! Signatures of requests: what was signed, and whether a secret gives the same signature.
//!
//! Version 4 in a header or in the query (AWS General Reference, "Signature Version 4 signing process"), and version 2 in the
//! query, as older clients sign.

mod encoding;
mod v2;
mod v4;

pub use v4::field;

use super::Params;
use super::service::Service;
use model::Time;
use std::time::Duration;

/// The greatest difference between a client's clock and ours.
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
    /// Its body.
    pub body: &'a str,
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

/// Why a request's sender is not authenticated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// It is not signed.
    #[error("The request must contain either a valid (registered) AWS access key ID or X.509 certificate.")]
    NotSigned,
    /// The signature is incomplete.
    #[error("The request signature does not conform to AWS standards: {0}.")]
    Incomplete(&'static str),
    /// The key is unknown.
    #[error("AWS was not able to validate the provided access credentials")]
    UnknownKey,
    /// The signature does not match.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and \
         signing method. Consult the service documentation for details."
    )]
    Mismatch,
    /// It was signed too long ago, or for the future.
    #[error("Request has expired: it is signed for {signed}, and it is {now}.")]
    Expired {
        /// When it was signed, or when it expired.
        signed: Time,
        /// The time.
        now: Time,
    },
    /// The session has expired.
    #[error("The security token included in the request is expired")]
    SessionOver,
    /// The token does not belong to the session.
    #[error("The security token included in the request is invalid.")]
    WrongToken,
}

impl Signature {
    /// Reads a request's signature.
    ///
    /// # Errors
    /// [`Distrust`] if there is none, it is incomplete, or its time is not now.
    pub fn of(signed: &Signed<'_>, params: &Params) -> Result<Signature, Distrust> {
        match signed.header("authorization") {
            Some(header) => v4::of_header(signed, header),
            None if params.has("X-Amz-Signature") || params.has("X-Amz-Credential") => v4::of_query(signed, params),
            // Version 2 signs parameters, and a document has none.
            None if signed.is_document() => Err(Distrust::NotSigned),
            None if params.has("Signature") || params.has("AWSAccessKeyId") => v2::of_query(signed, params),
            None => Err(Distrust::NotSigned),
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

    /// Whether the body is a document, as the path or the header `X-Amz-Target` says.
    fn is_document(&self) -> bool {
        Service::at(self.path).is_some() || self.header("x-amz-target").is_some()
    }

    /// Refuses a time that differs too much from now.
    fn check_time(&self, signed: Time) -> Result<(), Distrust> {
        let now = self.received;
        if now.since(signed) > SKEW || signed.since(now) > SKEW {
            Err(Distrust::Expired { signed, now })
        } else {
            Ok(())
        }
    }
}

/// A time in ISO 8601: `20150107T120000Z`, `2015-01-07T12:00:00Z`.
fn moment(text: &str) -> Option<Time> {
    let text = text.trim();
    let basic = text.len() == 16 && text.is_ascii() && !text.contains('-');
    let whole = match basic {
        true => {
            let (date, time) = text.split_once('T')?;
            let (date, time) =
                ((date.get(..4)?, date.get(4..6)?, date.get(6..)?), (time.get(..2)?, time.get(2..4)?, time.get(4..)?));
            format!("{}-{}-{}T{}:{}:{}", date.0, date.1, date.2, time.0, time.1, time.2)
        }
        false => text.to_owned(),
    };
    humantime::parse_rfc3339_weak(&whole).ok().map(Time::from)
}

#[cfg(test)]
mod tests;
