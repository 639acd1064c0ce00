//! Route 53's errors, with their codes and messages.

use crate::errors::errors;

/// What every transition answers with.
pub(super) type Result<T> = std::result::Result<T, ZoneError>;

/// What is wrong with the document of a traffic policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentFault {
    /// It has too many characters.
    #[error("it is too long")]
    TooLong,
    /// It is not JSON.
    #[error("it is not JSON at line {line}, column {column}")]
    NoJson {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
    },
    /// It does not name the version of its format.
    #[error("AWSPolicyFormatVersion is missing")]
    NoVersion,
    /// It names no type of records that can be made.
    #[error("RecordType is missing or unknown")]
    RecordType,
    /// It has no beginning.
    #[error("StartRule or StartEndpoint is missing")]
    NoStart,
}

errors! {
    /// The reason why a request is refused.
    ZoneError:
    NoSuchHostedZone { id: String } "NoSuchHostedZone" 404 "No hosted zone found with ID: {id}";
    HostedZoneAlreadyExists {} "HostedZoneAlreadyExists" 409 "A hosted zone has already been created with the specified caller reference.";
    InvalidDomainName { name: String } "InvalidDomainName" 400 "{name} is not a valid domain name";
    ReservedDomain { name: String } "InvalidDomainName" 400 "{name} is reserved by AWS!";
    HostedZoneNotEmpty {} "HostedZoneNotEmpty" 400 "The specified hosted zone contains non-required resource record sets and so cannot be deleted.";
    InvalidVpcId { vpc: String, region: String } "InvalidVPCId" 400 "The VPC ID is invalid.";
    NotAuthorized { vpc: String } "NotAuthorizedException" 401 "The VPC: {vpc} has not been authorized to associate with your hosted zone.";
    PublicZoneVpcAssociation {} "PublicZoneVPCAssociation" 400 "You're trying to associate a VPC with a public hosted zone. Amazon Route 53 doesn't support associating a VPC with a public hosted zone.";
    ConflictingDomainExists { vpc: String, name: String } "ConflictingDomainExists" 400 "The VPC {vpc} is already associated with a hosted zone of the domain {name}.";
    ConflictingDelegation { set: String, name: String } "ConflictingDomainExists" 400 "Cannot create hosted zone with DelegationSetId {set} as the DNS name {name} conflicts with an existing one.";
    VpcAssociationNotFound { vpc: String } "VPCAssociationNotFound" 404 "The VPC: {vpc} is currently not associated with the hosted zone.";
    VpcAssociationAuthorizationNotFound { vpc: String } "VPCAssociationAuthorizationNotFound" 404 "The VPC: {vpc} is not authorized to be associated with the hosted zone.";
    LastVpcAssociation {} "LastVPCAssociation" 400 "The VPC that you're trying to disassociate from the private hosted zone is the last VPC that is associated with the hosted zone. Amazon Route 53 doesn't support disassociating the last VPC from a hosted zone.";
    InvalidChangeBatch { faults: String } "InvalidChangeBatch" 400 "[{faults}]";
    NoSuchChange { id: String } "NoSuchChange" 404 "Could not find resource with ID: {id}";
    HostedZoneNotPrivate { id: String } "HostedZoneNotPrivate" 400 "The hosted zone {id} is not private, and so no VPC sees it.";
    NoSuchHealthCheck { id: String } "NoSuchHealthCheck" 404 "A health check with id {id} does not exist.";
    HealthCheckAlreadyExists {} "HealthCheckAlreadyExists" 409 "A health check has already been created with the specified caller reference, and other settings.";
    HealthCheckVersionMismatch { version: i64 } "HealthCheckVersionMismatch" 409 "The health check has version {version} now.";
    NoSuchDelegationSet { id: String } "NoSuchDelegationSet" 400 "A reusable delegation set with the ID {id} does not exist.";
    DelegationSetAlreadyCreated {} "DelegationSetAlreadyCreated" 400 "A delegation set with the same owner and caller reference combination has already been created.";
    DelegationSetInUse {} "DelegationSetInUse" 400 "The specified delegation set contains associated hosted zones which must be deleted before the reusable delegation set can be deleted.";
    PrivateZoneDelegated {} "InvalidInput" 400 "A reusable delegation set is for public hosted zones. Leave out DelegationSetId, or the VPC.";
    NoSuchCidrCollection { id: String } "NoSuchCidrCollectionException" 404 "The CIDR collection with ID {id} does not exist.";
    NoSuchCidrLocation { name: String } "NoSuchCidrLocationException" 404 "The CIDR collection has no location {name}.";
    CidrCollectionAlreadyExists { name: String } "CidrCollectionAlreadyExistsException" 400 "A CIDR collection with the name {name} and a different caller reference already exists in this account.";
    CidrCollectionVersionMismatch { version: i64 } "CidrCollectionVersionMismatchException" 409 "The CIDR collection has version {version} now.";
    CidrCollectionInUse {} "CidrCollectionInUseException" 400 "This CIDR collection is in use, and isn't empty.";
    CidrBlockInUse { what: String } "CidrBlockInUseException" 400 "This CIDR block is already in use. {what}.";
    LimitsExceeded { what: &'static str, most: usize } "LimitsExceeded" 400 "There are at most {most} {what}.";
    NoSuchQueryLoggingConfig {} "NoSuchQueryLoggingConfig" 404 "The query logging configuration does not exist";
    QueryLoggingConfigAlreadyExists {} "QueryLoggingConfigAlreadyExists" 409 "A query logging configuration already exists for this hosted zone.";
    BadLogGroup {} "InvalidInput" 400 "The ARN for the CloudWatch Logs log group is invalid";
    PrivateZoneLogged { id: String } "InvalidInput" 400 "Query logging is for public hosted zones, and {id} is private.";
    InvalidPaginationToken {} "InvalidPaginationToken" 400 "Route 53 can't get the next page of query logging configurations because the specified value for NextToken is invalid.";
    NoSuchTrafficPolicy {} "NoSuchTrafficPolicy" 404 "No traffic policy exists with the specified ID and version.";
    TrafficPolicyAlreadyExists { name: String } "TrafficPolicyAlreadyExists" 409 "A traffic policy with the name {name} already exists.";
    InvalidTrafficPolicyDocument { why: DocumentFault } "InvalidTrafficPolicyDocument" 400 "The traffic policy document is invalid: {why}.";
    TooManyTrafficPolicies {} "TooManyTrafficPolicies" 400 "The account has as many traffic policies as it can have.";
    TooManyTrafficPolicyVersions {} "TooManyTrafficPolicyVersionsForCurrentPolicy" 400 "The traffic policy has as many versions as it can have.";
    InvalidInput { why: String } "InvalidInput" 400 "{why}";
}

impl ZoneError {
    /// A parameter is invalid.
    pub fn invalid(why: impl Into<String>) -> ZoneError {
        ZoneError::InvalidInput { why: why.into() }
    }

    /// These changes of a batch are refused.
    pub fn in_batch(faults: &[String]) -> ZoneError {
        ZoneError::InvalidChangeBatch { faults: faults.join(", ") }
    }
}
