//! What the services refuse, with their codes and words.

use super::Thing;
use super::reason::{Clash, Obstacle, SubnetFault, VpcLack, Wanted, WindowFault};

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// There is none of that name.
    #[error("{}", thing.words_for_missing(name))]
    NotFound {
        /// What was meant.
        thing: Thing,
        /// Its name.
        name: String,
    },
    /// Nothing has an ARN.
    #[error("{} ({name}) not found.", thing.noun())]
    NoResource {
        /// What would have it.
        thing: Thing,
        /// Its name.
        name: String,
    },
    /// What should be an ARN is none.
    #[error("Invalid resource ARN: {arn}")]
    BadArn {
        /// What was sent.
        arn: String,
    },
    /// There is one of that name.
    #[error("{}", thing.words_for_existing(name))]
    Exists {
        /// What was to be made.
        thing: Thing,
        /// Its name.
        name: String,
    },
    /// There are as many as there may be.
    #[error("You have reached the quota of {}s.", thing.noun())]
    Limit {
        /// What was to be made.
        thing: Thing,
    },
    /// The service has no such engine.
    #[error("Invalid DB engine: {engine}")]
    NoEngine {
        /// What was asked for.
        engine: String,
    },
    /// The engine has no such version.
    #[error("Cannot find version {version} for {engine}")]
    NoVersion {
        /// The engine.
        engine: &'static str,
        /// What was asked for.
        version: String,
    },
    /// What a family has by itself stays as it is.
    #[error("The group {name} is a default one, which cannot be modified or deleted.")]
    DefaultGroup {
        /// The group.
        name: String,
    },
    /// There is no such parameter.
    #[error("Could not find parameter with name: {name}")]
    NoParameter {
        /// Its name.
        name: String,
    },
    /// The parameter cannot be changed.
    #[error("The parameter {name} cannot be modified.")]
    FixedParameter {
        /// Its name.
        name: String,
    },
    /// The parameter is taken up at a start only.
    #[error("cannot use immediate apply method for static parameter {name}")]
    StaticParameter {
        /// Its name.
        name: String,
    },
    /// A group is for other versions.
    #[error("The group {group} is for {family} and cannot be used for this instance. Please use one for {wanted}")]
    OtherFamily {
        /// The group.
        group: String,
        /// What it is for.
        family: String,
        /// What it should be for.
        wanted: String,
    },
    /// A snapshot is for more accounts than there may be.
    #[error("You have exceeded the maximum number of accounts that you can share a manual DB snapshot with.")]
    SharedTooWidely {},
    /// Nothing is kept of what it was at other times.
    #[error("Point in time restore is not enabled for the DB instance {instance}: its backup retention period is 0.")]
    NoPointInTime {
        /// Its name.
        instance: String,
    },
    /// It acts in that role already.
    #[error("Role ARN {role} is already associated with DB Instance: {instance}.")]
    RoleExists {
        /// The role.
        role: String,
        /// Who acts in it.
        instance: String,
    },
    /// It does not act in that role.
    #[error("Role ARN {role} cannot be found for DB Instance: {instance}.")]
    NoRole {
        /// The role.
        role: String,
        /// Who does not act in it.
        instance: String,
    },
    /// Nothing can be filtered by that.
    #[error("Unrecognized filter name: {name}")]
    UnknownFilter {
        /// The filter.
        name: String,
    },
    /// A tag's key is there twice.
    #[error("Tag keys must be unique: the key {key} is specified more than once.")]
    DuplicateTag {
        /// The key.
        key: String,
        /// The service's code.
        code: &'static str,
    },
    /// Its state, or its use, is in the way.
    #[error("The {} {name} {why}.", thing.noun())]
    State {
        /// What it is.
        thing: Thing,
        /// Its name.
        name: String,
        /// What is in the way.
        why: Obstacle,
    },
    /// The VPC is not as it must be.
    #[error("{why}")]
    Network {
        /// What it lacks.
        why: VpcLack,
    },
    /// A subnet is not as it must be.
    #[error("The subnet {subnet} {why}.")]
    Subnet {
        /// The subnet.
        subnet: String,
        /// What is wrong with it.
        why: SubnetFault,
    },
    /// The group's subnets are in too few zones.
    #[error(
        "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: {zones}. Add subnets to cover at least 2 AZs."
    )]
    Coverage {
        /// The zones.
        zones: String,
    },
    /// Groups of EC2-Classic are for what is there.
    #[error("{} groups are of EC2-Classic; in a VPC name the VPC's security groups.", thing.noun())]
    ClassicOnly {
        /// The kind of group.
        thing: Thing,
    },
    /// That is admitted already.
    #[error("The authorization of {peer} already exists in {group}.")]
    AuthorizationExists {
        /// Who.
        peer: String,
        /// The group.
        group: String,
    },
    /// That is not admitted.
    #[error("The authorization of {peer} is not in {group}.")]
    AuthorizationNotFound {
        /// Who.
        peer: String,
        /// The group.
        group: String,
    },
    /// A value is not as it must be.
    #[error("The parameter {name} has the value {value}: {why}.")]
    Value {
        /// The parameter.
        name: &'static str,
        /// What was sent.
        value: String,
        /// What it must be.
        why: Wanted,
    },
    /// A window of time is none, or overlaps another.
    #[error(transparent)]
    Window(#[from] WindowFault),
    /// Parameters do not go together.
    #[error(transparent)]
    Combination(#[from] Clash),
    /// A parameter must be there and is not.
    #[error("{name} is missing.")]
    Missing {
        /// The parameter.
        name: String,
    },
    /// The action has no such parameter.
    #[error("{name} is not recognized.")]
    Unknown {
        /// The parameter.
        name: String,
    },
    /// The platform cannot do what the parameter asks for.
    #[error("{name} is not supported.")]
    Unsupported {
        /// The parameter.
        name: String,
    },
    /// The value is not of the parameter's type.
    #[error("{value} is no value of {name}.")]
    Invalid {
        /// The parameter.
        name: String,
        /// The value.
        value: String,
    },
    /// The value cannot be an id of that kind.
    #[error("{id} is no {shape}.")]
    Malformed {
        /// What the API calls the type of id.
        shape: &'static str,
        /// The value.
        id: String,
    },
    /// A page cannot be found.
    #[error("The marker is invalid.")]
    Marker,
    /// What EC2 says of a network, a group or an address.
    #[error("{0}")]
    Ec2(#[from] crate::Error),
}

impl Error {
    /// The platform cannot do what this parameter asks for.
    pub fn unsupported(name: &str) -> Error {
        Error::Unsupported { name: name.to_owned() }
    }

    /// The service's code.
    pub fn code(&self) -> &'static str {
        match self {
            Error::NotFound { thing, .. } => thing.not_found(),
            Error::NoResource { .. } => "ResourceNotFoundFault",
            Error::BadArn { .. } => "InvalidARN",
            Error::Exists { thing, .. } => thing.exists(),
            Error::State { thing, .. } => thing.state(),
            Error::Limit { thing } => thing.limit(),
            Error::UnknownFilter { .. } | Error::Window(_) | Error::NoEngine { .. } | Error::NoParameter { .. } => {
                "InvalidParameterValue"
            }
            Error::NoVersion { .. } | Error::OtherFamily { .. } => "InvalidParameterCombination",
            Error::DefaultGroup { .. } | Error::FixedParameter { .. } => "InvalidParameterValue",
            Error::StaticParameter { .. } => "InvalidParameterCombination",
            Error::SharedTooWidely {} => "SharedSnapshotQuotaExceeded",
            Error::NoPointInTime { .. } => "PointInTimeRestoreNotEnabled",
            Error::RoleExists { .. } => "DBInstanceRoleAlreadyExists",
            Error::NoRole { .. } => "DBInstanceRoleNotFound",
            Error::DuplicateTag { code, .. } => code,
            Error::Network { .. } => "InvalidVPCNetworkStateFault",
            Error::Subnet { .. } => "InvalidSubnet",
            Error::Coverage { .. } => "DBSubnetGroupDoesNotCoverEnoughAZs",
            Error::ClassicOnly { .. } | Error::Combination(_) => "InvalidParameterCombination",
            Error::AuthorizationExists { .. } => "AuthorizationAlreadyExists",
            Error::AuthorizationNotFound { .. } => "AuthorizationNotFound",
            Error::Missing { .. } => "MissingParameter",
            Error::Unsupported { .. } => "UnsupportedOperation",
            Error::Value { .. }
            | Error::Unknown { .. }
            | Error::Invalid { .. }
            | Error::Malformed { .. }
            | Error::Marker => "InvalidParameterValue",
            Error::Ec2(crate::Error::SubnetFull { .. }) => "InvalidSubnet",
            Error::Ec2(_) => "InvalidParameterValue",
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Error::NotFound { .. }
            | Error::NoResource { .. }
            | Error::AuthorizationNotFound { .. }
            | Error::NoRole { .. } => 404,
            _ => 400,
        }
    }
}
