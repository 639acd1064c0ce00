//! Parameter Store's errors, with their codes and messages.

use crate::errors::errors;

/// The result of every transition.
pub type Result<T> = std::result::Result<T, Error>;

errors! {
    /// Why Parameter Store refuses a request.
    Error:
    NotFound { name: String } "ParameterNotFound" 400 "Parameter {name} not found.";
    NoVersion { name: String, version: String } "ParameterVersionNotFound" 400 "Parameter {name} has no version or label {version}.";
    Exists { name: String } "ParameterAlreadyExists" 400 "The parameter {name} already exists. To change its value, set Overwrite.";
    TooMany { most: usize } "ParameterLimitExceeded" 400 "An account has at most {most} parameters in a Region.";
    TooManyVersions { name: String, version: i64 } "ParameterMaxVersionLimitExceeded" 400 "The oldest version, {version}, of parameter {name} has a label and is therefore not deleted for a new one.";
    Levels { most: usize } "HierarchyLevelLimitExceededException" 400 "A parameter's name has at most {most} levels.";
    TypeChange { name: String } "HierarchyTypeMismatchException" 400 "The type of parameter {name} cannot be changed.";
    Pattern { pattern: String } "InvalidAllowedPatternException" 400 "The allowed pattern {pattern} is not a valid regular expression.";
    PatternMismatch { pattern: String } "ParameterPatternMismatchException" 400 "The parameter's value does not match the allowed pattern {pattern}.";
    Policies { most: usize } "PoliciesLimitExceededException" 400 "A parameter has at most {most} policies.";
    PolicyType { sent: String } "InvalidPolicyTypeException" 400 "{sent} is no type of parameter policies: they are Expiration, ExpirationNotification and NoChangeNotification.";
    PolicyAttribute { why: String } "InvalidPolicyAttributeException" 400 "The policies are not valid: {why}.";
    LabelLimit { most: usize } "ParameterVersionLabelLimitExceeded" 400 "A version of a parameter has at most {most} labels.";
    Reserved { name: String } "AccessDeniedException" 400 "The names of parameters under {name} are reserved.";
    BadName { name: String, why: &'static str } "ValidationException" 400 "The parameter's name {name} is not valid: {why}.";
    InvalidValue { name: String, value: String } "ValidationException" 400 "The value {value} of {name} is not valid.";
    Length { name: &'static str, most: usize } "ValidationException" 400 "{name} has at most {most} characters.";
    NoType {} "ValidationException" 400 "A new parameter needs a type.";
    TierValue { most: usize } "ValidationException" 400 "The value of a standard parameter has at most {most} characters. Larger ones need the tier Advanced.";
    Downgrade { name: String } "ValidationException" 400 "The advanced parameter {name} cannot become a standard one.";
    PolicyTier {} "ValidationException" 400 "Only advanced parameters have policies.";
    KeyOfPlain {} "ValidationException" 400 "Only parameters of type SecureString have a key.";
    TagsOfOld {} "ValidationException" 400 "Tags cannot be sent with Overwrite. Use AddTagsToResource.";
    NoResource { id: String } "InvalidResourceId" 400 "There is no parameter {id}.";
    TooManyTags { most: usize } "TooManyTagsError" 400 "A parameter has at most {most} tags.";
    Tag { why: String } "ValidationException" 400 "{why}";
}

impl Error {
    /// The error for a word that is not one of a parameter's values.
    pub(super) fn invalid(name: &str, value: &str) -> Error {
        Error::InvalidValue { name: name.to_owned(), value: value.to_owned() }
    }
}
