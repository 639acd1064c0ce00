//! The errors of the services, with their codes and messages.

use super::Thing;
use super::reason::{Clash, Obstacle, SubnetFault, UserFault, VpcLack, Wanted, WindowFault};

/// The reason why a request is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// The resource does not exist.
    #[error("{}", thing.words_for_missing(name))]
    NotFound {
        /// The kind of resource.
        thing: Thing,
        /// Its name.
        name: String,
    },
    /// The platform has no resources of the kind.
    #[error("{name} not found.")]
    Absent {
        /// The service's code.
        code: &'static str,
        /// Its name.
        name: String,
    },
    /// No resource has the ARN.
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
    /// The name is taken.
    #[error("{}", thing.words_for_existing(name))]
    Exists {
        /// The kind of resource.
        thing: Thing,
        /// Its name.
        name: String,
    },
    /// The quota is exhausted.
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
    /// The deployment cannot be the source of a blue/green deployment.
    #[error("The source {} {arn} isn't supported for a blue/green deployment.", thing.noun())]
    NotBlue {
        /// What it is.
        thing: Thing,
        /// Its ARN.
        arn: String,
    },
    /// A default group cannot be changed.
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
    /// A static parameter cannot be applied at once.
    #[error("cannot use immediate apply method for static parameter {name}")]
    StaticParameter {
        /// Its name.
        name: String,
    },
    /// The group is for another family.
    #[error("The group {group} is for {family} and cannot be used for this instance. Please use one for {wanted}")]
    OtherFamily {
        /// The group.
        group: String,
        /// Its family.
        family: String,
        /// The family that is needed.
        wanted: String,
    },
    /// A snapshot would be shared with too many accounts.
    #[error("You have exceeded the maximum number of accounts that you can share a manual DB snapshot with.")]
    SharedTooWidely {},
    /// There are no backups to restore to a point in time.
    #[error("Point in time restore is not enabled for the DB instance {instance}: its backup retention period is 0.")]
    NoPointInTime {
        /// Its name.
        instance: String,
    },
    /// The role is associated already.
    #[error("Role ARN {role} is already associated with {}: {instance}.", thing.noun())]
    RoleExists {
        /// What it is.
        thing: Thing,
        /// The role.
        role: String,
        /// The name of the deployment.
        instance: String,
    },
    /// The role is not associated.
    #[error("Role ARN {role} cannot be found for {}: {instance}.", thing.noun())]
    NoRole {
        /// What it is.
        thing: Thing,
        /// The role.
        role: String,
        /// The name of the deployment.
        instance: String,
    },
    /// The action has no such filter.
    #[error("Unrecognized filter name: {name}")]
    UnknownFilter {
        /// The filter.
        name: String,
    },
    /// A tag's key is given twice.
    #[error("Tag keys must be unique: the key {key} is specified more than once.")]
    DuplicateTag {
        /// The key.
        key: String,
        /// The service's code.
        code: &'static str,
    },
    /// The state or the use of the resource does not allow the action.
    #[error("The {} {name} {why}.", thing.noun())]
    State {
        /// What it is.
        thing: Thing,
        /// Its name.
        name: String,
        /// The obstacle.
        why: Obstacle,
    },
    /// The state of the cluster does not allow the action.
    #[error("DbCluster {name} is in {word} state but expected it to be one of {wanted}.")]
    ClusterState {
        /// Its name.
        name: String,
        /// Its state.
        word: &'static str,
        /// The states that allow it.
        wanted: &'static str,
    },
    /// The cluster to be deleted has members.
    #[error("Cluster cannot be deleted, it still contains DB instances in non-deleting state.")]
    MembersLeft {},
    /// The cluster for a DB instance does not exist.
    #[error("The source cluster could not be found or cannot be accessed: {name}")]
    NoCluster {
        /// What was asked for.
        name: String,
    },
    /// The global cluster to be deleted has members.
    #[error("Global Cluster {arn} is not empty")]
    GlobalClusterInUse {
        /// Its ARN.
        arn: String,
    },
    /// A password is too short.
    #[error("The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.")]
    ShortPassword {},
    /// The engine does not support backtracking.
    #[error("Backtrack is not enabled for the {engine} engine.")]
    NoBacktrack {
        /// The engine.
        engine: &'static str,
    },
    /// The backtrack window is too long.
    #[error(
        "The specified value ({window}) is not a valid Backtrack Window. Allowed values are within the range of 0 to 259200"
    )]
    Backtrack {
        /// How far, in seconds.
        window: i64,
    },
    /// The target of a failover does not exist.
    #[error("Cannot find or access db instance: {name}")]
    NoTarget {
        /// Its name.
        name: String,
    },
    /// Serverless clusters have no members.
    #[error("Instances cannot be added to Aurora Serverless clusters.")]
    Serverless {},
    /// A global cluster needs an engine or a source cluster.
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
    /// The VPC does not meet a requirement.
    #[error("{why}")]
    Network {
        /// The requirement.
        why: VpcLack,
    },
    /// A subnet does not meet a requirement.
    #[error("The subnet {subnet} {why}.")]
    Subnet {
        /// The subnet.
        subnet: String,
        /// The requirement.
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
    /// Groups of EC2-Classic cannot be used in a VPC.
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
    /// The snapshot is shared with the account already.
    #[error("Account {account} is already authorized to restore snapshot {snapshot}.")]
    SharedAlready {
        /// The account.
        account: String,
        /// The snapshot.
        snapshot: String,
    },
    /// The snapshot is not shared with the account.
    #[error("Account {account} is not authorized to restore snapshot {snapshot}.")]
    SharedNot {
        /// The account.
        account: String,
        /// The snapshot.
        snapshot: String,
    },
    /// The source is admitted already.
    #[error("The authorization of {peer} already exists in {group}.")]
    AuthorizationExists {
        /// The source.
        peer: String,
        /// The group.
        group: String,
    },
    /// The source is not admitted.
    #[error("The authorization of {peer} is not in {group}.")]
    AuthorizationNotFound {
        /// The source.
        peer: String,
        /// The group.
        group: String,
    },
    /// The value is not a valid identifier.
    #[error(
        "The parameter {name} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
    )]
    Identifier {
        /// The parameter.
        name: &'static str,
    },
    /// The name of a snapshot does not begin with a letter.
    #[error("Invalid snapshot identifier:  {name}")]
    SnapshotName {
        /// What was sent.
        name: String,
    },
    /// The authentication of a cache's user is invalid.
    #[error(transparent)]
    User(#[from] UserFault),
    /// The default user cannot be deleted.
    #[error("The user default cannot be deleted.")]
    DefaultUser {},
    /// A user group of Redis must have the default user.
    #[error("You must add default user to a user group.")]
    NoDefaultUser {},
    /// Two users of a group have the same name.
    #[error("A user with this username already exists.")]
    DuplicateUserName {},
    /// A snapshot needs exactly one source.
    #[error("Either ReplicationGroupId or CacheClusterId must be given.")]
    NoSource {},
    /// The duration of a password is out of range.
    #[error("Token duration must be between 900 and 3600 seconds")]
    Duration {},
    /// Copying snapshots of an encrypted cluster needs a grant of a key.
    #[error("SnapshotCopyGrantName is required for Snapshot Copy on KMS encrypted clusters.")]
    NoCopyGrant {},
    /// Snapshots cannot be copied to their own Region.
    #[error("Invalid region {region}")]
    NoCopyRegion {
        /// What was asked for.
        region: String,
    },
    /// The cluster's snapshots are copied already.
    #[error("Snapshot Copy is already enabled on Cluster {name}.")]
    CopiesAlready {
        /// The cluster.
        name: String,
    },
    /// The cluster's snapshots are not copied, so copying cannot be disabled.
    #[error("Snapshot Copy is already disabled on Cluster {name}.")]
    CopiesNot {
        /// The cluster.
        name: String,
    },
    /// The cluster's snapshots are not copied, so copies have no retention period.
    #[error("Snapshot Copy is disabled on Cluster {name}.")]
    NoCopies {
        /// The cluster.
        name: String,
    },
    /// The retention period of manual snapshots is invalid.
    #[error("The retention period {days} is neither -1 nor from 1 to 3653 days.")]
    Retention {
        /// The period, in days.
        days: i32,
    },
    /// A time at which something is carried out cannot be one.
    #[error(
        "The schedule {schedule} is not of the form at(yyyy-mm-ddThh:mm:ss) or cron(minutes hours day month weekday year)."
    )]
    Schedule {
        /// What was sent.
        schedule: String,
    },
    /// The value is invalid.
    #[error("The parameter {name} has the value {value}: {why}.")]
    Value {
        /// The parameter.
        name: &'static str,
        /// What was sent.
        value: String,
        /// The valid values.
        why: Wanted,
    },
    /// A window of time is malformed or overlaps another.
    #[error(transparent)]
    Window(#[from] WindowFault),
    /// Parameters contradict each other.
    #[error(transparent)]
    Combination(#[from] Clash),
    /// A required parameter is missing or empty.
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
    /// The platform does not support the parameter.
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
        /// The API's name for the type of id.
        shape: &'static str,
        /// The value.
        id: String,
    },
    /// The marker or the size of a page is invalid.
    #[error("The marker is invalid.")]
    Marker,
    /// An error of EC2, about a network, a group or an address.
    #[error("{0}")]
    Ec2(#[from] crate::Error),
}

impl Error {
    /// The error for a parameter that the platform does not support.
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
            Error::Retention { .. } => "InvalidRetentionPeriodFault",
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
