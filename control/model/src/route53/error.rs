//! Route 53's errors, with their codes and messages.

use crate::errors::errors;
use ipnet::IpNet;
use std::fmt;

/// The result of a transition.
pub(super) type Result<T> = std::result::Result<T, ZoneError>;

/// What is wrong with the document of a traffic policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentFault {
    /// It has too many characters.
    #[error("it is too long")]
    TooLong,
    /// It is not JSON, or not what a document has there.
    #[error("it cannot be read at line {line}, column {column}")]
    Unreadable {
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
    /// It refers to a rule or an endpoint that it does not have.
    #[error("a reference does not lead to exactly one rule or endpoint")]
    Reference,
}

/// What is wrong with the members of a record set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeFault {
    /// It has neither values nor a target.
    #[error(
        "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none"
    )]
    NoValues,
    /// It has both.
    #[error(
        "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found more than one"
    )]
    SeveralValues,
    /// It has an identifier, but no routing policy.
    #[error("Expected exactly one of [Weight, Region, Failover, GeoLocation, or MultiValueAnswer], but found none")]
    NoRouting,
    /// It has several routing policies.
    #[error(
        "Expected exactly one of [Weight, Region, Failover, GeoLocation, or MultiValueAnswer], but found more than one"
    )]
    SeveralRoutings,
    /// It has a routing policy, but no identifier.
    #[error("Missing field 'SetIdentifier'")]
    NoIdentifier,
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
    InvalidChangeBatch { faults: Faults } "InvalidChangeBatch" 400 "[{faults}]";
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
    CidrBlockInUse { block: IpNet } "CidrBlockInUseException" 400 "This CIDR block is already in use. The CIDR block {block} has another location.";
    CidrLocationInUse { location: String } "CidrBlockInUseException" 400 "This CIDR block is already in use. Records refer to the location {location}.";
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
    TrafficPolicyInUse {} "TrafficPolicyInUse" 400 "One or more traffic policy instances were created by using the specified traffic policy.";
    NoSuchTrafficPolicyInstance {} "NoSuchTrafficPolicyInstance" 404 "No traffic policy instance exists with the specified ID.";
    TrafficPolicyInstanceAlreadyExists { name: String } "TrafficPolicyInstanceAlreadyExists" 409 "There is already a traffic policy instance for {name} and this type of records.";
    TooManyTrafficPolicyInstances {} "TooManyTrafficPolicyInstances" 400 "The account has as many traffic policy instances as it can have.";
    ConflictingTypes { from: String, to: String } "ConflictingTypes" 400 "The instance is for records of type {from}, and the traffic policy for {to}.";
    BadTags { why: Box<crate::Error> } "InvalidInput" 400 "{why}";
    NoTagChange {} "InvalidInput" 400 "Give tags to add, or keys of tags to remove";
    LongId { id: String, most: usize } "InvalidInput" 400 "1 validation error detected: Value '{id}' at 'resourceId' failed to satisfy constraint: Member must have length less than or equal to {most}";
    TooManyResources { most: usize } "InvalidInput" 400 "At most {most} resources can be asked about at a time";
    NotTaggable { kind: String } "InvalidInput" 400 "{kind} is not a type of resource that has tags";
    NoZoneType { kind: String } "InvalidInput" 400 "{kind} is not a type of hosted zone";
    NoLimitType { kind: String } "InvalidInput" 400 "{kind} is not a type of limit";
    NoPageSize { size: String } "InvalidInput" 400 "{size} is not a number of items";
    NoVersionNumber { number: String } "InvalidInput" 400 "{number} is not the number of a version";
    NoVpcRegion {} "InvalidInput" 400 "VPCId and VPCRegion are required";
    NoCidrAction { action: String } "InvalidInput" 400 "{action} is neither PUT nor DELETE_IF_EXISTS";
    NoCidrBlock { block: String } "InvalidInput" 400 "{block} is not a CIDR block with a prefix of 1 to 24 bits (IPv4) or 1 to 48 bits (IPv6)";
    BadCidrName { name: String, longest: usize } "InvalidInput" 400 r"'{name}' does not match [0-9A-Za-z_\-]{{1,{longest}}}";
    BadCidrToken {} "InvalidInput" 400 "The token is not one of this list's";
    NoHealthCheckType { kind: String } "InvalidInput" 400 "{kind} is not a type of health check";
    NoCheckers { kind: String } "InvalidInput" 400 "A health check of type {kind} has no checkers";
    NotResettable { element: String } "InvalidInput" 400 "{element} cannot be reset";
    NoEndpoint {} "InvalidInput" 400 "Either IPAddress or FullyQualifiedDomainName must be given";
    NoPort {} "InvalidInput" 400 "A health check of type TCP needs a Port";
    BadPort {} "InvalidInput" 400 "Port is from 1 to 65535";
    NoSearchString {} "InvalidInput" 400 "A health check that looks for a text needs a SearchString";
    BadInterval {} "InvalidInput" 400 "RequestInterval is 10 or 30";
    TooFewRegions {} "InvalidInput" 400 "At least three Regions must be given";
    NoRecordAction { action: String } "InvalidInput" 400 "Invalid XML ; cvc-enumeration-valid: Value '{action}' is not facet-valid with respect to enumeration '[CREATE, DELETE, UPSERT]'. It must be a value from the enumeration.";
    BadShape { fault: ShapeFault, action: String, name: String, kind: String, identifier: String } "InvalidInput" 400 "Invalid request: {fault} in Change with [Action={action}, Name={name}, Type={kind}, SetIdentifier={identifier}]";
    UnsupportedType { kind: String } "InvalidInput" 400 "{kind} is not a supported record type";
    UnsupportedCharacter { wrong: char } "InvalidInput" 400 "FATAL problem: UnsupportedCharacter (Value contains unsupported characters) encountered with '{wrong}'";
    StartWithoutName {} "InvalidInput" 400 "The input is not valid";
    OutOfRange { name: &'static str, least: i64, most: i64, value: String } "InvalidInput" 400 "{name} is from {least} to {most}, not {value}";
    NoLocation {} "InvalidInput" 400 "A GeoLocation is a continent, a country, or a subdivision of US or UA";
    NoSuchGeoLocation {} "NoSuchGeoLocation" 404 "Amazon Route 53 doesn't support the specified geographic location.";
    NoResourceLocation {} "InvalidInput" 400 "A GeoProximityLocation has exactly one of AWSRegion, LocalZoneGroup and Coordinates";
    NoRegion { name: String } "InvalidInput" 400 "{name} is not a Region";
    NoFailoverRole { role: String } "InvalidInput" 400 "Failover is PRIMARY or SECONDARY, not {role}";
    PrivateZoneTested {} "InvalidInput" 400 "TestDNSAnswer is for public hosted zones. Query a private one from a VPC that it is associated with";
    NoAddress { text: String } "InvalidInput" 400 "{text} is not an IP address";
    OutsideZone { name: String, zone: String } "InvalidInput" 400 "{name} is not in the zone {zone}";
}

errors! {
    /// The reason why a change of a batch is refused.
    RecordFault:
    NoCidrCollection { id: String } "InvalidChangeBatch" 400 "The CIDR collection with ID {id} does not exist.";
    NoCidrLocation { collection: String, location: String } "InvalidChangeBatch" 400 "The CIDR collection {collection} has no location {location}";
    TooManySets { most: usize } "InvalidChangeBatch" 400 "A hosted zone has at most {most} resource record sets";
    TooManySetsOfName { name: String, kind: String, most: usize } "InvalidChangeBatch" 400 "Number of RRSets with DNS name {name}, type {kind} exceeds the limit of {most}";
    TooManyRecords { most: usize } "InvalidChangeBatch" 400 "Number of records limit of {most} exceeded.";
    TooManyCharacters { most: usize } "InvalidChangeBatch" 400 "Number of characters limit of {most} exceeded.";
    OutsideZone { name: String, zone: String } "InvalidChangeBatch" 400 "RRSet with DNS name {name} is not permitted in zone {zone}";
    Exists { set: SetName } "InvalidChangeBatch" 400 "Tried to create resource record set {set} but it already exists";
    NotFound { set: SetName } "InvalidChangeBatch" 400 "Tried to delete resource record set {set} but it was not found";
    OtherValues { set: SetName } "InvalidChangeBatch" 400 "Tried to delete resource record set {set} but the values provided do not match the current values";
    Own { set: SetName } "InvalidChangeBatch" 400 "A HostedZone must contain at least one NS record for the zone itself, and a SOA record: {set}";
    Asterisk { set: SetName } "InvalidChangeBatch" 400 "An asterisk in the first label of a DNS name must be the whole label: {set}";
    CnameAtApex { name: String, zone: String } "InvalidChangeBatch" 400 "RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {zone}";
    CnameBesideOthers { name: String, zone: String } "InvalidChangeBatch" 400 "RRSet of type CNAME with DNS name {name} is not permitted because a conflicting RRSet with the same DNS name already exists in zone {zone}";
    SoaBelowApex { name: String } "InvalidChangeBatch" 400 "RRSet of type SOA with DNS name {name} is permitted at apex only";
    PrivateDs { name: String } "InvalidChangeBatch" 400 "RRSet of type DS with DNS name {name} is not permitted in a private zone";
    PrivateCidr { set: SetName } "InvalidChangeBatch" 400 "IP-based routing is not permitted in a private zone: {set}";
    Multivalue { set: SetName } "InvalidChangeBatch" 400 "Multivalue answer routing is not permitted for aliases and for types CNAME and NS: {set}";
    SameRouting { set: SetName } "InvalidChangeBatch" 400 "RRSet {set} cannot be created because another one already has the same routing";
    OtherRouting { name: String, kind: String } "InvalidChangeBatch" 400 "RRSet with DNS name {name}, type {kind} cannot be created as other RRSets exist with the same name and type and another routing policy";
    TooManyValues { set: SetName, most: usize } "InvalidChangeBatch" 400 "Number of records in RRSet exceeds the limit of {most}: {set}";
    SeveralValues { name: String, kind: String } "InvalidChangeBatch" 400 "RRSet of type {kind} with DNS name {name} has more than one value";
    DuplicateValue { value: String } "InvalidChangeBatch" 400 "Duplicate Resource Record: '{value}'";
    BadValue { value: String, kind: String, set: SetName } "InvalidChangeBatch" 400 "Invalid Resource Record: \"{value}\" is no value of type {kind} in {set}";
    BadText { fault: TextFault, value: String } "InvalidChangeBatch" 400 "Invalid Resource Record: FATAL problem: {fault} encountered with '{value}'";
    NoAliasTarget { name: String, kind: String, zone: String } "InvalidChangeBatch" 400 "Tried to create an alias that targets {name}, type {kind} in zone {zone}, but that target was not found";
    AliasOutsideZone { name: String, kind: String, zone: String } "InvalidChangeBatch" 400 "Tried to create an alias that targets {name}, type {kind} in zone {zone}, but the alias target name does not lie within the target zone";
}

/// A record set, as errors call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetName {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// Its identifier.
    pub identifier: Option<String>,
}

impl fmt::Display for SetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let identifier = self.identifier.as_ref().map(|id| format!(", set identifier='{id}'")).unwrap_or_default();
        write!(f, "[name='{}', type='{}'{identifier}]", self.name, self.kind)
    }
}

/// What is wrong with a TXT record's value, in Route 53's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// It is not strings in quotation marks.
    #[error("InvalidCharacterString (Value should be enclosed in quotation marks)")]
    NoStrings,
    /// It, or a string of it, has too many characters.
    #[error("CharacterStringTooLong (Value is too long)")]
    TooLong,
}

/// The reasons why changes of a batch are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<RecordFault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(RecordFault::to_string).collect();
        f.write_str(&all.join(", "))
    }
}

impl ZoneError {
    /// These changes of a batch are refused.
    pub fn in_batch(faults: Vec<RecordFault>) -> ZoneError {
        ZoneError::InvalidChangeBatch { faults: Faults(faults) }
    }
}
