//! Parameter Store's errors, with their codes and messages.

use crate::errors::errors;

/// The result of every transition.
pub type Result<T> = std::result::Result<T, Error>;

errors! {
    /// Why Parameter Store refuses a request.
    Error:
    NotFound { name: String } "ParameterNotFound" 400 "Parameter {name} not found.";
    NoVersion { name: String, version: String } "ParameterVersionNotFound" 400 "Systems Manager could not find version {version} of {name}. Verify the version and try again.";
    Exists {} "ParameterAlreadyExists" 400 "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
    TooMany { most: usize } "ParameterLimitExceeded" 400 "An account has at most {most} parameters in a Region.";
    TooManyVersions { name: String, version: i64 } "ParameterMaxVersionLimitExceeded" 400 "You attempted to create a new version of {name} by calling the PutParameter API with the overwrite flag. Version {version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.";
    Levels { most: usize } "HierarchyLevelLimitExceededException" 400 "A hierarchy can have a maximum of {most} levels.";
    TypeChange { name: String } "HierarchyTypeMismatchException" 400 "The type of parameter {name} cannot be changed.";
    Pattern { pattern: String } "InvalidAllowedPatternException" 400 "The allowed pattern {pattern} is not a valid regular expression.";
    PatternMismatch { pattern: String } "ParameterPatternMismatchException" 400 "Parameter value, cannot be validated against allowedPattern: {pattern}";
    Policies { most: usize } "PoliciesLimitExceededException" 400 "A parameter has at most {most} policies.";
    PolicyType { sent: String } "InvalidPolicyTypeException" 400 "{sent} is no type of parameter policies: they are Expiration, ExpirationNotification and NoChangeNotification.";
    PolicyAttribute { why: String } "InvalidPolicyAttributeException" 400 "The policies are not valid: {why}.";
    LabelLimit { most: usize } "ParameterVersionLabelLimitExceeded" 400 "A parameter version can have maximum {most} labels.Move one or more labels to another version and try again.";
    Reserved { name: String } "AccessDeniedException" 400 "No access to reserved parameter name: {name}.";
    BadName { why: &'static str } "ValidationException" 400 "{why}";
    InvalidValue { name: String, value: String } "ValidationException" 400 "1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: Member must satisfy enum value set.";
    DataType { sent: String } "ValidationException" 400 "The following data type is not supported: {sent} (Data type names are all lowercase.)";
    Length { name: &'static str, most: usize } "ValidationException" 400 "{name} has at most {most} characters.";
    NoValue {} "ValidationException" 400 "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.";
    NoType {} "ValidationException" 400 "A parameter type is required when you create a parameter.";
    TierValue { most: usize } "ValidationException" 400 "Standard tier parameters support a maximum parameter value of {most} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.";
    Downgrade { name: String } "ValidationException" 400 "The advanced parameter {name} cannot become a standard one.";
    PolicyTier {} "ValidationException" 400 "Only advanced parameters have policies.";
    KeyOfPlain {} "ValidationException" 400 "Only parameters of type SecureString have a key.";
    TagsOfOld {} "ValidationException" 400 "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.";
    NoResource {} "InvalidResourceId" 400 "The resource ID is not valid. Verify that you entered the correct ID and try again.";
    TooManyTags { most: usize } "TooManyTagsError" 400 "A parameter has at most {most} tags.";
    Tag { why: String } "ValidationException" 400 "{why}";
}

impl Error {
    /// The error for a word that is not one of a parameter's values.
    pub(super) fn invalid(name: &str, value: &str) -> Error {
        Error::InvalidValue { name: name.to_owned(), value: value.to_owned() }
    }
}
