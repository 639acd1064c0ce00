//! CloudWatch Logs' errors, with their codes and messages.

use crate::errors::errors;

/// The result of every transition.
pub type Result<T> = std::result::Result<T, Error>;

errors! {
    /// Why CloudWatch Logs refuses a request.
    Error:
    NoGroup {} "ResourceNotFoundException" 400 "The specified log group does not exist.";
    NoStream {} "ResourceNotFoundException" 400 "The specified log stream does not exist.";
    NoPolicy { name: String } "ResourceNotFoundException" 400 "Policy with name [{name}] does not exist.";
    NoResource {} "ResourceNotFoundException" 400 "The specified resource does not exist.";
    GroupExists {} "ResourceAlreadyExistsException" 400 "The specified log group already exists";
    StreamExists {} "ResourceAlreadyExistsException" 400 "The specified log stream already exists";
    TooMany {} "LimitExceededException" 400 "Resource limit exceeded.";
    TooManyTags { most: usize } "TooManyTagsException" 400 "A resource can have no more than {most} tags.";
    Tag { why: String } "InvalidParameterException" 400 "{why}";
    Reserved {} "InvalidParameterException" 400 "Log group names cannot start with aws/.";
    BadPolicy {} "InvalidParameterException" 400 "The policy document is not a JSON object.";
    Constraint { name: String, value: String, constraint: String } "InvalidParameterException" 400 "1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: {constraint}";
    Protected {} "ValidationException" 400 "Cannot delete log group with deletion protection enabled. Disable deletion protection first.";
}

impl Error {
    /// The error for a value that a parameter cannot have.
    pub(super) fn constraint(name: &str, value: impl ToString, constraint: String) -> Error {
        Error::Constraint { name: name.to_owned(), value: value.to_string(), constraint }
    }

    /// The error for a word that is not one of a parameter's values.
    pub(super) fn invalid(name: &str, value: &str) -> Error {
        Error::constraint(name, value, "Member must satisfy enum value set".to_owned())
    }
}
