//! Errors as clients get them, and those found before a service reads a request.

use shapes::Fault;
use std::error::Error;

/// An error for a client. Each service has a type of its own.
pub trait ApiError: Error {
    /// The code that the service documents.
    fn code(&self) -> &'static str;
    /// The HTTP status. It is 400 for most errors that a client causes.
    fn status(&self) -> u16 {
        400
    }
}

/// A service's error, which also covers faulty parameters.
pub trait ServiceError: ApiError + Sized {
    /// Whether a parameter that an action does not have is refused. Otherwise it has no effect.
    const REFUSES_UNKNOWN: bool = true;

    /// The service's error for a faulty parameter.
    fn of_parameter(fault: Fault) -> Self;
}

/// An error of the request itself. The codes are those of AWS's common errors and of EC2's.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The request names no action.
    #[error("The request is missing an action or a required parameter.")]
    NoAction,
    /// The service has no such action.
    #[error("The action {action} is not valid for this web service.")]
    UnknownAction {
        /// The action.
        action: String,
    },
    /// The service has the action, but the platform does not.
    #[error("The action {action} is not supported by this platform.")]
    UnsupportedAction {
        /// The action.
        action: String,
    },
    /// The action does not exist in that version of the API.
    #[error("The action {action} is not valid for this web service with API version {version}.")]
    BadVersion {
        /// The action.
        action: String,
        /// The version.
        version: String,
    },
    /// The platform has no such service.
    #[error("The service {service} is not supported by this platform.")]
    UnsupportedService {
        /// The service's name in signatures.
        service: String,
    },
    /// A dry run would have succeeded.
    #[error("Request would have succeeded, but DryRun flag is set.")]
    DryRun,
    /// Control does not answer, and `up` does in its place.
    #[error("control does not answer; it is restarted if it stays silent: try again")]
    Silent,
    /// The reply is not XML, so it cannot be written as JSON. This is a bug of the platform.
    #[error("{0}")]
    NoXml(quick_xml::Error),
}

impl ApiError for RequestError {
    fn code(&self) -> &'static str {
        match self {
            RequestError::NoAction => "MissingAction",
            RequestError::UnknownAction { .. } | RequestError::BadVersion { .. } => "InvalidAction",
            RequestError::UnsupportedAction { .. } | RequestError::UnsupportedService { .. } => "UnsupportedOperation",
            RequestError::DryRun => "DryRunOperation",
            RequestError::Silent => "Unavailable",
            RequestError::NoXml(_) => "InternalError",
        }
    }

    fn status(&self) -> u16 {
        match self {
            RequestError::DryRun => 412,
            RequestError::NoXml(_) => 500,
            RequestError::Silent => 503,
            _ => 400,
        }
    }
}
