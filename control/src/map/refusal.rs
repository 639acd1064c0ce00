//! Refusals, in the form that the page reads.

use super::json;
use crate::link::LinkError;
use crate::operator::Failure;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A route's result.
pub type Answer = Result<Response, Refusal>;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    why: String,
    /// Whether the viewer would get an answer with a signature.
    sign_in: bool,
}

impl Refusal {
    /// The question is invalid, or cannot be answered now.
    pub fn of(why: impl ToString) -> Refusal {
        Refusal { status: StatusCode::BAD_REQUEST, why: why.to_string(), sign_in: false }
    }

    /// There is no such thing.
    pub fn missing(why: impl ToString) -> Refusal {
        Refusal { status: StatusCode::NOT_FOUND, ..Refusal::of(why) }
    }

    /// The viewer is not allowed.
    pub fn forbidden(why: impl ToString) -> Refusal {
        Refusal { status: StatusCode::FORBIDDEN, ..Refusal::of(why) }
    }

    /// The request must be signed.
    pub fn unsigned(why: impl ToString) -> Refusal {
        Refusal { status: StatusCode::UNAUTHORIZED, sign_in: true, ..Refusal::of(why) }
    }
}

/// A refusal as the page reads it.
#[derive(Serialize)]
struct Refused {
    error: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sign_in: bool,
}

impl From<Failure> for Refusal {
    fn from(why: Failure) -> Refusal {
        let is_passing = why.downcast_ref::<LinkError>().is_some_and(LinkError::is_passing);
        let status = if is_passing { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::BAD_REQUEST };
        Refusal { status, ..Refusal::of(why) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Refusal { status, why, sign_in } = self;
        json(status, &Refused { error: why, sign_in })
    }
}
