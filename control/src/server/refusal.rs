//! Why a request is refused before anybody looks at its parameters.

use super::response;
use crate::api::{ApiError, Dialect, Reply};
use axum::body::Body;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::Body as _;
use std::time::Duration;

/// How long a client that is refused may go on sending. It reads the answer only then.
const LINGER: Duration = Duration::from_secs(2);

/// The reasons.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No one name that it is sent to.
    #[error("The request must say in one Host header which host it is sent to.")]
    NoHost,
    /// Sent to a name that is none of ours, as by a web page whose name has been pointed here.
    #[error("This endpoint does not answer for the host '{0}'. `classiclink up --host {0}` makes it do so.")]
    Host(String),
    /// A web page sends it.
    #[error("The request comes from a web page of another site ({0}), which must not use this endpoint.")]
    CrossSite(String),
    /// Neither GET nor POST.
    #[error("Requests are sent by GET or POST.")]
    Method,
    /// Too many bytes.
    #[error("The request's body is larger than {0} bytes.")]
    TooLarge(usize),
    /// Too many seconds.
    #[error("The request's body was not there within {} seconds.", .0.as_secs_f32())]
    TooSlow(Duration),
    /// The client has stopped in the middle, or what it sends is no HTTP.
    #[error("The request's body cannot be read.")]
    Broken,
    /// Bytes that are no text.
    #[error("The request's body is not UTF-8.")]
    NotText,
    /// There is no memory to spare.
    #[error("Too many requests are at work; send it again in a moment.")]
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
            Refusal::NotText => (400, "InvalidCharacter"),
            Refusal::Busy => (503, "RequestLimitExceeded"),
        }
    }
}

/// The response of a refusal. What the client still sends meanwhile is thrown away: a connection that is closed before it has
/// sent everything may take the response with it.
pub fn refuse(why: Refusal, headers: &HeaderMap, mut rest: Body) -> Response {
    // Who waits to be told to go on has been told no.
    if !rest.is_end_stream() && !headers.contains_key(header::EXPECT) {
        let discard = async move { while let Some(Ok(_)) = rest.frame().await {} };
        tokio::spawn(tokio::time::timeout(LINGER, discard));
    }
    let Reply { status, request_id, content_type, body } = Dialect::Ec2.error(&why);
    response(status, request_id, content_type, body)
}
