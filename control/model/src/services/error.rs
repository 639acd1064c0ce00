//! What the services refuse, with their codes and words.

use super::Thing;
use super::reason::{Clash, Obstacle, SubnetFault, UserFault, VpcLack, Wanted, WindowFault};

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// There is no resource of that name.
    #[error("{}", thing.words_for_missing(name))]
    NotFound {
        /// The kind of resource.
        thing: Thing,
        /// Its name.
        name: String,
    },
    /// There is none of its kind.
    #[error("{name} not found.")]
    Absent {
        /// The service's code.
        code: &'static str,
        /// Its name.
        name: String,
    },
    /// Nothing has an ARN.
    #[error("{} ({name}) not found.", thing.in_arn())]
    NoResource {
        /// The kind of resource.
        thing: Thing,
        /// Its name.
        name: String,
    },
    /// The value is not an ARN.
    #[error("Invalid resource ARN: {arn}")]
    BadArn {
        /// What was sent.
        arn: String,
    },
    /// There is already a resource of that name.
    #[error("{}", thing.words_for_existing(name))]
    Exists {
        /// The kind of resource.
        thing: Thing,
        /// Its name.
        name: String,
    },
    /// The quota is used up.
    #[error("You have reached the quota of {}s.", thing.noun())]
    Limit {
        /// The kind of resource.
        thing: Thing,
    },
    /// A group would have too many nodes.
    #[error("A replication group can have {most} nodes at most.")]
    TooManyNodes {
        /// The quota.
        most: u16,
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
    /// The engine has no such major version.
    #[error("Cannot find major version {version} for {engine}")]
    NoMajorVersion {
        /// The engine.
        engine: String,
        /// What was asked for.
        version: String,
    },
    /// Storage does not shrink.
    #[error("The allocated storage ({asked} GiB) cannot be less than that of the source ({least} GiB).")]
    LessStorage {
        /// What was asked for.
        asked: i32,
        /// What the source has.
        least: i32,
    },
    /// The source cannot have a green one beside it.
    #[error("The source {} {arn} isn't supported for a blue/green deployment.", thing.noun())]
    NotBlue {
        /// What it is.
        thing: Thing,
        /// Its ARN.
        arn: String,
    },
    /// What a family has by itself stays as it is.
    #[error("The group {name} is a default group, which cannot be modified or deleted.")]
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
    #[error("Role ARN {role} is already associated with {}: {instance}.", thing.noun())]
    RoleExists {
        /// What it is.
        thing: Thing,
        /// The role.
        role: String,
        /// Who acts in it.
        instance: String,
    },
    /// It does not act in that role.
    #[error("Role ARN {role} cannot be found for {}: {instance}.", thing.noun())]
    NoRole {
        /// What it is.
        thing: Thing,
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
    /// Its state, or its use, does not allow it.
    #[error("The {} {name} {why}.", thing.noun())]
    State {
        /// What it is.
        thing: Thing,
        /// Its name.
        name: String,
        /// What prevents it.
        why: Obstacle,
    },
    /// A cluster's state does not allow it.
    #[error("DbCluster {name} is in {word} state but expected it to be one of {wanted}.")]
    ClusterState {
        /// Its name.
        name: String,
        /// Its state.
        word: &'static str,
        /// The states in which it could be done.
        wanted: &'static str,
    },
    /// A cluster that is to be deleted has members.
    #[error("Cluster cannot be deleted, it still contains DB instances in non-deleting state.")]
    MembersLeft {},
    /// A DB instance is to be in a cluster that is not there.
    #[error("The source cluster could not be found or cannot be accessed: {name}")]
    NoCluster {
        /// What was asked for.
        name: String,
    },
    /// A global cluster that is to be deleted has members.
    #[error("Global Cluster {arn} is not empty")]
    GlobalClusterInUse {
        /// Its ARN.
        arn: String,
    },
    /// A password is too short.
    #[error("The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.")]
    ShortPassword {},
    /// The engine cannot be set back.
    #[error("Backtrack is not enabled for the {engine} engine.")]
    NoBacktrack {
        /// The engine.
        engine: &'static str,
    },
    /// A cluster cannot be set back as far as that.
    #[error(
        "The specified value ({window}) is not a valid Backtrack Window. Allowed values are within the range of 0 to 259200"
    )]
    Backtrack {
        /// How far, in seconds.
        window: i64,
    },
    /// What a cluster is to fail over to is not there.
    #[error("Cannot find or access db instance: {name}")]
    NoTarget {
        /// Its name.
        name: String,
    },
    /// Members are for other clusters.
    #[error("Instances cannot be added to Aurora Serverless clusters.")]
    Serverless {},
    /// A global cluster is made of an engine or of a cluster.
    #[error("When creating standalone global cluster, value for engineName should be specified")]
    NoEngineOfGlobal {},
    /// The value is not a cluster's ARN.
    #[error("Malformed db cluster arn {arn}")]
    NoClusterArn {
        /// What was sent.
        arn: String,
    },
    /// There is no such task.
    #[error("Cannot cancel export task because a task with the identifier {name} is not exist.")]
    NoTask {
        /// Its name.
        name: String,
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
    #[error("{}s are for EC2-Classic only; in a VPC, specify VPC security groups.", thing.noun())]
    ClassicOnly {
        /// The kind of group.
        thing: Thing,
    },
    /// A replication group has no such shard.
    #[error("NodeGroup {shard} not found.")]
    NoNodeGroup {
        /// The id that was asked for.
        shard: String,
    },
    /// An account may restore from a snapshot already.
    #[error("Account {account} is already authorized to restore snapshot {snapshot}.")]
    SharedAlready {
        /// The account.
        account: String,
        /// The snapshot.
        snapshot: String,
    },
    /// An account may not restore from a snapshot anyway.
    #[error("Account {account} is not authorized to restore snapshot {snapshot}.")]
    SharedNot {
        /// The account.
        account: String,
        /// The snapshot.
        snapshot: String,
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
    /// A name cannot be one.
    #[error(
        "The parameter {name} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
    )]
    Identifier {
        /// The parameter.
        name: &'static str,
    },
    /// A snapshot's name cannot be one: it begins with something else than a letter.
    #[error("Invalid snapshot identifier:  {name}")]
    SnapshotName {
        /// What was sent.
        name: String,
    },
    /// How a user of a cache proves who it is cannot be so.
    #[error(transparent)]
    User(#[from] UserFault),
    /// The default user cannot be deleted.
    #[error("The user default cannot be deleted.")]
    DefaultUser {},
    /// A group of users of Redis has the default user.
    #[error("You must add default user to a user group.")]
    NoDefaultUser {},
    /// Two users of a group have the same name.
    #[error("A user with this username already exists.")]
    DuplicateUserName {},
    /// A snapshot is of one thing.
    #[error("Either ReplicationGroupId or CacheClusterId must be given.")]
    NoSource {},
    /// A password is good for so long.
    #[error("Token duration must be between 900 and 3600 seconds")]
    Duration {},
    /// An encrypted cluster's snapshots are copied by a grant of a key.
    #[error("SnapshotCopyGrantName is required for Snapshot Copy on KMS encrypted clusters.")]
    NoCopyGrant {},
    /// Snapshots are copied to another Region.
    #[error("Invalid region {region}")]
    NoCopyRegion {
        /// What was asked for.
        region: String,
    },
    /// A cluster's snapshots are copied already.
    #[error("Snapshot Copy is already enabled on Cluster {name}.")]
    CopiesAlready {
        /// The cluster.
        name: String,
    },
    /// A cluster's snapshots are not copied, so that nothing can stop it.
    #[error("Snapshot Copy is already disabled on Cluster {name}.")]
    CopiesNot {
        /// The cluster.
        name: String,
    },
    /// A cluster's snapshots are not copied, so that no copy is kept for any time.
    #[error("Snapshot Copy is disabled on Cluster {name}.")]
    NoCopies {
        /// The cluster.
        name: String,
    },
    /// A time at which something is carried out cannot be one.
    #[error(
        "The schedule {schedule} is not of the form at(yyyy-mm-ddThh:mm:ss) or cron(minutes hours day month weekday year)."
    )]
    Schedule {
        /// What was sent.
        schedule: String,
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
    /// A parameter must be there and is not, or is blank.
    #[error("The parameter {name} must be provided and must not be blank.")]
    Missing {
        /// The parameter.
        name: String,
    },
    /// The action has no such parameter.
    #[error("The parameter {name} is not recognized.")]
    Unknown {
        /// The parameter.
        name: String,
    },
    /// The platform cannot do what the parameter asks for.
    #[error("The parameter {name} is not supported by this platform.")]
    Unsupported {
        /// The parameter.
        name: String,
    },
    /// The value is not of the parameter's type.
    #[error("{value} is not a valid value for the parameter {name}.")]
    Invalid {
        /// The parameter.
        name: String,
        /// The value.
        value: String,
    },
    /// The value cannot be an id of that kind.
    #[error("{id} is not a valid {shape}.")]
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
            Error::TooManyNodes { .. } => "NodeQuotaForClusterExceeded",
            Error::ClusterState { .. } | Error::MembersLeft {} => Thing::DbCluster.state(),
            Error::NoCluster { .. } => Thing::DbCluster.not_found(),
            Error::GlobalClusterInUse { .. } => Thing::GlobalCluster.state(),
            Error::DefaultUser {} => "DefaultUserAssociatedToUserGroup",
            Error::NoDefaultUser {} => "DefaultUserRequired",
            Error::DuplicateUserName {} => "DuplicateUserName",
            Error::NoCopyRegion { .. } => "UnknownSnapshotCopyRegionFault",
            Error::CopiesAlready { .. } => "SnapshotCopyAlreadyEnabledFault",
            Error::CopiesNot { .. } => "SnapshotCopyAlreadyDisabledFault",
            Error::NoCopies { .. } => "SnapshotCopyDisabledFault",
            Error::Schedule { .. } => "InvalidSchedule",
            Error::NoTask { .. } => Thing::ExportTask.not_found(),
            Error::UnknownFilter { .. } | Error::Window(_) | Error::NoEngine { .. } | Error::NoParameter { .. } => {
                "InvalidParameterValue"
            }
            Error::NotBlue { thing: Thing::DbCluster, .. } => "SourceClusterNotSupportedFault",
            Error::NotBlue { .. } => "SourceDatabaseNotSupportedFault",
            Error::NoVersion { .. } | Error::NoMajorVersion { .. } | Error::OtherFamily { .. } => {
                "InvalidParameterCombination"
            }
            Error::DefaultGroup { .. } | Error::FixedParameter { .. } => "InvalidParameterValue",
            Error::StaticParameter { .. } => "InvalidParameterCombination",
            Error::SharedTooWidely {} => "SharedSnapshotQuotaExceeded",
            Error::NoPointInTime { .. } => "PointInTimeRestoreNotEnabled",
            Error::RoleExists { thing: Thing::DbCluster, .. } => "DBClusterRoleAlreadyExists",
            Error::NoRole { thing: Thing::DbCluster, .. } => "DBClusterRoleNotFound",
            Error::RoleExists { .. } => "DBInstanceRoleAlreadyExists",
            Error::NoRole { .. } => "DBInstanceRoleNotFound",
            Error::Absent { code, .. } | Error::DuplicateTag { code, .. } => code,
            Error::Network { .. } => "InvalidVPCNetworkStateFault",
            Error::Subnet { .. } => "InvalidSubnet",
            Error::Coverage { .. } => "DBSubnetGroupDoesNotCoverEnoughAZs",
            Error::ClassicOnly { .. } | Error::Combination(_) => "InvalidParameterCombination",
            Error::NoNodeGroup { .. } => "NodeGroupNotFoundFault",
            Error::AuthorizationExists { .. } | Error::SharedAlready { .. } => "AuthorizationAlreadyExists",
            Error::AuthorizationNotFound { .. } | Error::SharedNot { .. } => "AuthorizationNotFound",
            Error::Unsupported { .. } => "UnsupportedOperation",
            Error::Value { .. }
            | Error::Identifier { .. }
            | Error::User(_)
            | Error::NoSource {}
            | Error::Duration {}
            | Error::NoCopyGrant {}
            | Error::LessStorage { .. }
            | Error::SnapshotName { .. }
            | Error::Missing { .. }
            | Error::ShortPassword {}
            | Error::NoBacktrack { .. }
            | Error::Backtrack { .. }
            | Error::NoTarget { .. }
            | Error::Serverless {}
            | Error::NoEngineOfGlobal {}
            | Error::NoClusterArn { .. }
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
            | Error::Absent { .. }
            | Error::NoResource { .. }
            | Error::NoCluster { .. }
            | Error::NoTask { .. }
            | Error::NoNodeGroup { .. }
            | Error::AuthorizationNotFound { .. }
            | Error::SharedNot { .. }
            | Error::NoRole { .. } => 404,
            _ => 400,
        }
    }
}
