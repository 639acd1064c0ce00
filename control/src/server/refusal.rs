//! Why a request is refused before its parameters are read.

use super::response;
use crate::api::{ApiError, Dialect, Reply};
use axum::body::Body;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::Body as _;
use std::time::Duration;

/// How long a refused client may continue to send. Many clients read the answer only then.
const LINGER: Duration = Duration::from_secs(2);

/// A reason.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request has no `Host` header, or several.
    #[error("The request needs exactly one Host header.")]
    NoHost,
    /// `Host` is not a name of this endpoint. A web page may have pointed its own name here (DNS rebinding).
    #[error("This endpoint does not answer for the host '{0}'. `classiclink up --host {0}` makes it do so.")]
    Host(String),
    /// The request comes from a web page of another site.
    #[error(
        "The request comes from a web page of another site ({0}). Web pages of other sites may not use this endpoint."
    )]
    CrossSite(String),
    /// The method is not GET, POST or DELETE.
    #[error("The method is not supported: use GET, POST or DELETE.")]
    Method,
    /// The request has too many bytes.
    #[error("The request's body is larger than {0} bytes.")]
    TooLarge(usize),
    /// The request took too long to arrive.
    #[error("The request's body did not arrive within {} seconds.", .0.as_secs_f32())]
    TooSlow(Duration),
    /// The client stopped in the middle of the request, or does not speak HTTP.
    #[error("The request's body cannot be read.")]
    Broken,
    /// The body is not UTF-8.
    #[error("The request's body is not UTF-8.")]
    NotText,
    /// The body is not CBOR, or not that of a document.
    #[error("The request's body is not a document in CBOR.")]
    NotCbor,
    /// The endpoint has no memory left for the request.
    #[error("Too many requests are in progress. Try again in a moment.")]
    Busy,
}

impl ApiError for Refusal {
    fn code(&self) -> &'static str {
        self.answer().1
    }

    fn status(&self) -> u16 {
        self.answer().0
    }
}

impl Refusal {
    /// The HTTP status and the error's code.
    fn answer(&self) -> (u16, &'static str) {
        match self {
            Refusal::NoHost => (400, "MalformedQueryString"),
            Refusal::Host(_) | Refusal::CrossSite(_) => (403, "UnauthorizedOperation"),
            Refusal::Method => (405, "InvalidAction"),
            Refusal::TooLarge(_) => (413, "RequestEntityTooLarge"),
            Refusal::TooSlow(_) => (408, "RequestTimeout"),
            Refusal::Broken => (400, "MalformedQueryString"),
            Refusal::NotCbor => (400, "SerializationException"),
            Refusal::NotText => (400, "InvalidCharacter"),
            Refusal::Busy => (503, "RequestLimitExceeded"),
        }
    }
}

/// The response of a refusal. The rest of the request is read and discarded: closing a connection with unread bytes
/// resets it, and the client may lose the response.
pub fn refuse(why: Refusal, headers: &HeaderMap, mut rest: Body) -> Response {
    // A client that waits for `100 Continue` sends no body.
    if !rest.is_end_stream() && !headers.contains_key(header::EXPECT) {
        let discard = async move { while let Some(Ok(_)) = rest.frame().await {} };
        tokio::spawn(tokio::time::timeout(LINGER, discard));
    }
    let Reply { status, request_id, content_type, location: _, body } = Dialect::Ec2.error(&why);
    response(status, request_id, content_type, body)
}
