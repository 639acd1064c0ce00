//! Errors as clients get them, and those that a request meets before any service looks at it.

use shapes::Fault;
use std::error::Error;

/// An error with what a client needs; each service has a type of its own.
pub trait ApiError: Error {
    /// The code that the service documents.
    fn code(&self) -> &'static str;
    /// The HTTP status.
    fn status(&self) -> u16;
}

/// The error of a service, which also says what is wrong with parameters.
pub trait ServiceError: ApiError + Sized {
    /// What the service says of a parameter that is not as it must be.
    fn of_parameter(fault: Fault) -> Self;
}

/// What is wrong with a request as such. The codes are those of AWS's common errors and of EC2's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// It names no action.
    #[error("The request is missing an action or a required parameter.")]
    NoAction,
    /// The service's clients know no such action.
    #[error("The action {action} is not valid for this web service.")]
    UnknownAction {
        /// The action.
        action: String,
    },
    /// The service has the action, and the platform has not.
    #[error("The action {action} is not supported by this platform.")]
    UnsupportedAction {
        /// The action.
        action: String,
    },
    /// The action is not served in that version of the API.
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
        /// The service as its clients' signatures name it.
        service: String,
    },
    /// A dry run would have done it.
    #[error("Request would have succeeded, but DryRun flag is set.")]
    DryRun,
    /// It cannot be done just now; nothing was changed.
    #[error("{message}")]
    Unavailable {
        /// What is in the way.
        message: String,
    },
    /// A failure of the platform; nothing was changed.
    #[error("{message}")]
    Internal {
        /// What failed.
        message: String,
    },
}

impl ApiError for RequestError {
    fn code(&self) -> &'static str {
        match self {
            RequestError::NoAction => "MissingAction",
            RequestError::UnknownAction { .. } | RequestError::BadVersion { .. } => "InvalidAction",
            RequestError::UnsupportedAction { .. } | RequestError::UnsupportedService { .. } => "UnsupportedOperation",
            RequestError::DryRun => "DryRunOperation",
            RequestError::Unavailable { .. } => "Unavailable",
            RequestError::Internal { .. } => "InternalError",
        }
    }

    fn status(&self) -> u16 {
        match self {
            RequestError::DryRun => 412,
            RequestError::Internal { .. } => 500,
            RequestError::Unavailable { .. } => 503,
            _ => 400,
        }
    }
}
