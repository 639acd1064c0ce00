//! IAM's errors, with their codes and messages.

use crate::errors::errors;
use policy::{Malformed, PolicyError};

/// The constraint of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// The minimum length in characters or elements.
    #[error("Member must have length greater than or equal to {0}")]
    LeastLength(usize),
    /// The maximum length.
    #[error("Member must have length less than or equal to {0}")]
    MostLength(usize),
    /// The maximum length of tags, for which IAM's sentence ends differently.
    #[error("Member must have length less than or equal to {0}.")]
    MostLengthOfTags(usize),
    /// The minimum value.
    #[error("Member must have value greater than or equal to {0}")]
    LeastValue(u64),
    /// The maximum value.
    #[error("Member must have value less than or equal to {0}")]
    MostValue(u64),
    /// A regular expression.
    #[error("Member must satisfy regular expression pattern: {0}")]
    Pattern(&'static str),
}

errors! {
    /// The reason why a request is refused.
    Error:
    NoSuch { noun: &'static str, name: String } "NoSuchEntity" 404 "The {noun} with name {name} cannot be found.";
    NoSuchPolicy { arn: String } "NoSuchEntity" 404 "Policy {arn} does not exist or is not attachable.";
    NoSuchInline { noun: &'static str, policy: String } "NoSuchEntity" 404 "The {noun} policy with name {policy} cannot be found.";
    NoSuchVersion { arn: String, version: String } "NoSuchEntity" 404 "Policy {arn} version {version} does not exist or is not attachable.";
    NoSuchKey { id: String } "NoSuchEntity" 404 "The Access Key with id {id} cannot be found.";
    NoSuchProfile { name: String } "NoSuchEntity" 404 "Instance Profile {name} cannot be found.";
    NoSuchCertificate { name: String } "NoSuchEntity" 404 "The Server Certificate with name {name} cannot be found.";
    CertificateExists { name: String } "EntityAlreadyExists" 409 "The Server Certificate with name {name} already exists.";
    CertificateInUse { id: String, user: String } "DeleteConflict" 409 "Certificate: {id} is currently in use by {user}. Please remove it first before deleting it from IAM.";
    CertificateLimit {} "LimitExceeded" 409 "Cannot exceed quota for ServerCertificatesPerAccount: 20";
    KeyMismatch {} "KeyPairMismatch" 400 "Private key does not match the public key of the certificate.";
    NoSuchLogin { name: String } "NoSuchEntity" 404 "Login Profile for User {name} cannot be found.";
    LoginExists { name: String } "EntityAlreadyExists" 409 "Login Profile for user {name} already exists.";
    NoSuchCredential { noun: &'static str, id: String } "NoSuchEntity" 404 "The {noun} with id {id} cannot be found.";
    Constraint { field: String, value: String, rule: Rule } "ValidationError" 400 "1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: {rule}";
    QuotaExceeded { quota: &'static str, most: usize } "LimitExceeded" 409 "Cannot exceed quota for {quota}: {most}";
    BadSshKey {} "InvalidPublicKey" 400 "The body of the SSH public key is not a key of type ssh-rsa.";
    BadEncoding { value: String } "UnrecognizedPublicKeyEncoding" 400 "The encoding {value} is neither SSH nor PEM.";
    NoSuchDevice { serial: String } "NoSuchEntity" 404 "VirtualMFADevice with serial number {serial} doesn't exist.";
    DeviceExists {} "EntityAlreadyExists" 409 "MFADevice entity at the same path and name already exists.";
    DeviceInUse {} "EntityAlreadyExists" 409 "MFA device is already in use.";
    DeviceHeld {} "DeleteConflict" 409 "MFA device must be deactivated before it is deleted.";
    BadAuthenticationCode {} "InvalidAuthenticationCode" 403 "An authentication code has six digits.";
    HasCredentials { what: &'static str } "DeleteConflict" 409 "Cannot delete entity, must delete {what} first.";
    NoSuchAlias { alias: String } "NoSuchEntity" 404 "The account alias {alias} cannot be found.";
    AliasExists { alias: String } "EntityAlreadyExists" 409 "The account alias {alias} already exists.";
    NoPasswordPolicy { account: String } "NoSuchEntity" 404 "The Password Policy with domain name {account} cannot be found.";
    NothingToDelete {} "NoSuchEntity" 404 "The account policy with name PasswordPolicy cannot be found.";
    NoAccessReport { id: String } "NoSuchEntity" 404 "Job with the specified id {id} is not found.";
    NoSuchArn { arn: String } "NoSuchEntity" 404 "ARN {arn} is not found.";
    NotAUser {} "InvalidUserType" 400 "Only IAM Users can change their own password.";
    NoReport {} "ReportNotPresent" 410 "There is no report: ask for one with GenerateCredentialReport.";
    ReportExpired {} "ReportExpired" 410 "The report is more than four hours old: ask for one with GenerateCredentialReport.";
    NoSuchProvider { arn: String } "NoSuchEntity" 404 "OpenIDConnect Provider not found for arn {arn}";
    NoSuchSaml { arn: String } "NoSuchEntity" 404 "Manifest not found for arn {arn}";
    ProviderExists { arn: String } "EntityAlreadyExists" 409 "The identity provider {arn} already exists.";
    BadProviderUrl { url: String } "ValidationError" 400 "Invalid Open ID Connect Provider URL: {url} does not begin with https:// and a name.";
    Thumbprints {} "InvalidInput" 400 "Thumbprint list must contain fewer than 5 entries.";
    BadSaml {} "InvalidInput" 400 "A SAML metadata document has 1,000 to 10,000,000 characters.";
    ServiceRoleTaken { name: String } "InvalidInput" 400 "Service role name {name} has been taken in this account, please try a different suffix.";
    NoSuffix { service: String } "InvalidInput" 400 "Custom suffix is not allowed for {service}";
    NotServiceLinked { name: String } "InvalidInput" 400 "The role {name} is not a service-linked role.";
    Protected { name: String } "UnmodifiableEntity" 400 "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS";
    NoSuchTask { id: String } "NoSuchEntity" 404 "There is no deletion task {id}.";
    NotAttached { arn: String } "NoSuchEntity" 404 "Policy {arn} was not found.";
    NotInProfile { role: String, profile: String } "NoSuchEntity" 404 "Role {role} in Instance Profile {profile} cannot be found.";
    Exists { noun: &'static str, name: String } "EntityAlreadyExists" 409 "{noun} with name {name} already exists.";
    PolicyExists { name: String } "EntityAlreadyExists" 409 "A policy called {name} already exists. Duplicate names are not allowed.";
    ProfileExists { name: String } "EntityAlreadyExists" 409 "Instance Profile {name} already exists.";
    HasPolicies {} "DeleteConflict" 409 "Cannot delete entity, must delete policies first.";
    HasAttached {} "DeleteConflict" 409 "Cannot delete entity, must detach all policies first.";
    HasKeys {} "DeleteConflict" 409 "Cannot delete entity, must delete access keys first.";
    HasGroups {} "DeleteConflict" 409 "Cannot delete entity, must remove users from group first.";
    HasProfiles {} "DeleteConflict" 409 "Cannot delete entity, must remove roles from instance profile first.";
    PolicyInUse {} "DeleteConflict" 409 "Cannot delete a policy attached to entities.";
    HasVersions {} "DeleteConflict" 409 "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.";
    DefaultVersion {} "DeleteConflict" 409 "Cannot delete the default version of a policy.";
    VersionLimit {} "LimitExceeded" 409 "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.";
    KeyLimit {} "LimitExceeded" 409 "Cannot exceed quota for AccessKeysPerUser: 2";
    ProfileFull {} "LimitExceeded" 409 "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1";
    InlineTooLarge { most: usize, noun: &'static str, name: String } "LimitExceeded" 409 "Maximum policy size of {most} bytes exceeded for {noun} {name}";
    TagLimit {} "LimitExceeded" 409 "A resource can have at most 50 tags.";
    AwsOwned { arn: String } "AccessDenied" 403 "The policy {arn} is managed by AWS and cannot be changed.";
    Declared { id: String } "UnmodifiableEntity" 400 "{id} is declared by the file of accounts: change it there.";
    BadPolicy { why: Malformed } "MalformedPolicyDocument" 400 "{why}";
    BadPolicyAt { why: Malformed, place: PolicyError } "MalformedPolicyDocument" 400 "{why} ({place})";
    BadName { field: &'static str } "ValidationError" 400 "The specified value for {field} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-";
    BadPath {} "ValidationError" 400 "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.";
    SessionTagTwice {} "InvalidParameterValue" 400 "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    SessionTagHeld {} "InvalidParameterValue" 400 "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.";
    SessionTagMissing {} "InvalidParameterValue" 400 "The specified transitive tag key must be included in the requested tags.";
    InvalidArn {} "ValidationError" 400 "Invalid ARN:  Could not be parsed!";
    NoSuchService { service: String } "NoSuchEntity" 404 "No such service {service} is supported for Service Specific Credentials";
    NoSuchSpecific { id: String } "NoSuchEntity" 404 "No such credential {id} exists";
    BadSpecific {} "ValidationError" 400 r"1 validation error detected: Value at 'serviceSpecificCredentialId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w]+";
    BadStatus {} "ValidationError" 400 "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set";
    HasReferences {} "DeleteConflict" 409 "Cannot delete entity, must remove referenced objects first.";
    PolicyGone { arn: String } "NoSuchEntity" 404 "Policy {arn} was not found.";
    TagKeyTwice {} "InvalidInput" 400 "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    BadTag { why: Box<crate::Error> } "InvalidInput" 400 "{why}";
    BadValue { field: &'static str, value: String } "ValidationError" 400 "1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint";
    OrganizationNotFound {} "OrganizationNotFoundException" 400 "The account is not a member of an organization.";
    MustNameUser {} "ValidationError" 400 "Must specify userName when calling with non-User credentials";
}

impl Error {
    /// The error for a value that violates a constraint.
    pub fn constraint(field: impl Into<String>, value: impl Into<String>, rule: Rule) -> Error {
        Error::Constraint { field: field.into(), value: value.into(), rule }
    }
}
