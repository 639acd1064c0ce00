//! The reasons of the services' errors, in their words. Each kind of error has a type of its own.

macro_rules! reasons {
    ($(#[$doc:meta])* $name:ident { $($reason:ident { $($field:ident: $type:ty),* } $message:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        pub enum $name {
            $(
                #[doc = $message]
                #[error($message)]
                $reason { $(#[doc = "See the message."] $field: $type,)* },
            )*
        }
    };
}

reasons! {
    /// Why a resource cannot be changed. The sentence begins with its name.
    Obstacle {
        Phase { word: &'static str } "is {word}";
        UsedBy { name: String } "is used by {name}";
        HostsIn { subnet: String } "still has hosts in {subnet}";
        DefaultStays {} "is the default and cannot be deleted";
        Replicas {} "has read replicas, or is one, and cannot be stopped";
        NoBackups {} "has no automated backups, which read replicas need; modify its backup retention period first";
        NoReplica {} "is not a read replica";
        NoStandby {} "has no standby that is running";
        PrimaryOf { group: String } "is the primary of the replication group {group}";
        NoSuchNode {} "has no such node, or the node is not running";
        NoSuchMember { member: String } "has no member {member}";
        Roleless {} "should be in a valid state to add or remove a role";
        SwitchedOver {} "has already been switched over";
        MirroredSqlServer {} "is a Multi-AZ deployment of SQL Server, which cannot be stopped";
        NoReader {} "has no other running member to fail over to";
        Automated {} "is automated: only manual snapshots can be shared or deleted";
        MemberIn { region: String } "has a replication group in {region} already";
        NoJson {} "has contents that are not JSON";
        LimitType { limit: String } "cannot be limited by {limit}";
        Unlimited {} "must be limited to more than 0";
        Unencrypted {} "is not encrypted";
        OtherAccount {} "is for another account";
        OneTarget {} "must have one target action";
        Stream { word: &'static str } "has an activity stream that is {word}";
        Secondaries {} "has secondary replication groups: disassociate them before it is deleted";
        Shared {} "is shared: revoke the other accounts' access before it is deleted";
    }
}

reasons! {
    /// The requirement that a VPC does not meet.
    VpcLack {
        Gateway {} "Cannot create a publicly accessible DBInstance. The specified VPC has no internet gateway attached. Update the VPC and then try again";
        Names {} "Cannot create a publicly accessible DBInstance. The specified VPC does not support DNS resolution, DNS hostnames, or both. Update the VPC and then try again";
    }
}

reasons! {
    /// The requirement that a subnet does not meet. The sentence begins with its id.
    SubnetFault {
        Unknown {} "does not exist";
        OtherVpc { vpc: String } "is not in {vpc} like the other subnets of the group";
        NoneLeft {} "is missing: the group has no subnet left";
    }
}

reasons! {
    /// The valid values of a parameter.
    Wanted {
        Engine { engines: String } "it must be one of {engines}";
        EngineOfSource { engine: String } "the source's engine is {engine}";
        EndpointType {} "it must be READER or ANY";
        Family {} "there is no such parameter group family";
        GroupName {} "use letters, digits, hyphens, underscores and periods";
        SubnetGroupName {} "use letters, digits, hyphens, underscores and periods, and a name other than default";
        Zone { region: String } "the subnet group has no subnet in that zone of {region}";
        From { least: u16, most: u16 } "it must be from {least} to {most}";
        Arn {} "it must be the ARN of something that the service has";
        Option { engine: String, major: String } "{engine} {major} has no such option";
        ClassicGroup { account: String } "it is not an EC2-Classic security group of account {account}";
        Range {} "it is not an address range";
        OneOf { words: String } "it must be one of {words}";
        SourceType {} "it is not a source type";
        Certificate {} "there is no such certificate";
        Ipv4Only { word: &'static str } "this platform's services support IPv4 only; use {word}";
        OfShards {} "this is for replication groups with cluster mode enabled";
        Shard {} "the replication group has no such node group";
        Replica {} "the replication group has no such replica";
        OnlyTrue {} "the only permitted value is true";
        Slots {} "they must be in the form startkey-endkey, from 0 to 16383";
        ShardNumber {} "node groups are numbered from 0001 without gaps";
        Replicas { count: usize } "the group has {count} replicas";
        ClusterType {} "it must be single-node or multi-node";
        SnapshotAttribute {} "the only attribute of a snapshot is restore";
        MonitoringInterval {} "it must be 0, 1, 5, 10, 15, 30 or 60 seconds";
        AccountOrAll {} "it must be an account ID or all";
        Account {} "it must be an account ID";
        InsightsRetention {} "it must be 7, 731, or a multiple of 31 from 31 to 713 days";
        DataApi {} "the cluster's engine has no Data API";
    }
}

reasons! {
    /// Parameters that contradict each other.
    Clash {
        Missing { name: &'static str } "The request must contain the parameter {name}.";
        MustBeGiven { names: &'static str } "{names} must be given.";
        Needs { name: &'static str, other: &'static str } "{name} requires {other}.";
        TooManyParameters {} "At most 20 parameters can be modified by one request.";
        ParameterIncomplete {} "The parameters ParameterName, ParameterValue, and ApplyMethod must be provided.";
        NamesOrAll {} "Specify parameters, or set ResetAllParameters.";
        OtherVpc {} "The new subnets are not in the subnet group's VPC.";
        GroupsNeedVpc {} "VPC security groups require a subnet group.";
        FailoverNeedsStandby {} "ForceFailover cannot be true when the instance is not configured for MultiAZ.";
        NoOptions {} "At least one option must be added, modified, or removed.";
        ZoneOfMultiAz {} "Requesting a specific availability zone is not valid for Multi-AZ instances.";
        FinalSnapshotSkipped {} "FinalDBSnapshotIdentifier cannot be specified when deleting a DB Instance with SkipFinalSnapshot.";
        FinalSnapshotOfReplica {} "FinalDBSnapshotIdentifier can not be specified when deleting a replica instance.";
        FinalSnapshotMissing {} "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.";
        FinalClusterSnapshotSkipped {} "FinalClusterSnapshotIdentifier cannot be specified when SkipFinalClusterSnapshot is true.";
        FinalClusterSnapshotMissing {} "FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is specified.";
        OneNodeOfRedis {} "NumCacheNodes should be 1 if engine is redis.";
        NodesToRemove {} "CacheNodeIdsToRemove must name as many nodes as are removed.";
        LastNodesGo {} "CacheNodeIdsToRemove must name the last nodes: only these can be removed.";
        GroupsOfRedis {} "Replication groups are not supported for Memcached.";
        MemberOnly {} "Cannot specify additional cache cluster parameters when creating a replica cluster.";
        PrimaryAlone {} "PrimaryClusterId cannot be combined with NumCacheClusters, NumNodeGroups, ReplicasPerNodeGroup or GlobalReplicationGroupId.";
        ShardsToGo {} "Fewer node groups require either NodeGroupsToRemove or NodeGroupsToRetain, with as many items as are removed or retained.";
        EncryptionNeedsVpc {} "TransitEncryptionEnabled requires a cache subnet group.";
        OneSource {} "Exactly one of ReplicationGroupId and CacheClusterId must be given.";
        SnapshotsOfRedis {} "Snapshots are supported for Redis only.";
        ShardsConfigured {} "NodeGroupConfiguration must have as many items as NumNodeGroups says.";
        ShardsFailOver {} "Redis with cluster mode enabled cannot be created with auto failover turned off.";
        NotOfShards { name: &'static str } "{name} does not apply to replication groups with cluster mode enabled.";
        FailoverDisabled {} "Automatic failover must be enabled for this replication group.";
        FailoverNeedsTwo {} "AutomaticFailoverEnabled requires at least two clusters.";
        NameOrType {} "Specify tags by using either an ARN or a resource type: ResourceName or ResourceType.";
        RangeOrGroup {} "Specify either an address range or an EC2 security group, not both.";
        NoRangeOrGroup {} "Specify an address range or an EC2 security group.";
        SingleNode {} "Number of nodes must be 1 for single-node clusters.";
        Downgrade { engine: String, from: String, to: String } "Cannot upgrade {engine} from {from} to {to}";
        MultiAzFailsOver {} "Multi-AZ requires automatic failover: set AutomaticFailoverEnabled to true.";
        MultiNode {} "Number of nodes for cluster type multi-node must be greater than or equal to 2";
        ClusterNeedsVpc {} "DB clusters must be in a VPC: specify a DB subnet group.";
        SetForCluster { setting: &'static str } "The requested DB Instance will be a member of a DB Cluster. Set {setting} for the DB Cluster.";
        ModifyForCluster { setting: &'static str } "The specified DB Instance is a member of a cluster. Modify {setting} for the DB Cluster using the ModifyDbCluster API";
        EngineOfCluster { asked: String, engine: String } "The engine name requested for your DB instance ({asked}) doesn't match the engine name of your DB cluster ({engine}).";
        EngineNeedsCluster { engine: String } "DB instances of {engine} must be in a DB cluster: specify DBClusterIdentifier.";
        StopsWithCluster { engine: String } "{engine} DB instances of a cluster are not eligible for stopping and starting: stop or start their cluster.";
        NothingToModify {} "No modifications were requested";
        RotatesAtOnce {} "You must specify apply immediately when rotating the master user password.";
        IopsMissing { kind: String } "The storage type {kind} requires iops to be specified.";
        IopsOfType { engine: String, kind: String, iops: i32 } "Invalid iops value for engine name {engine} and storage type {kind}: {iops}";
        SpeedOfSize { engine: String, least: i32 } "You can't specify IOPS or storage throughput for engine {engine} and a storage size less than {least}.";
        Shrinks { asked: i32, is: i32 } "The allocated storage cannot be reduced from {is} GiB to {asked} GiB.";
        MostStorage {} "Max storage size must be greater than storage size";
        NoPasswordBut { mode: String } "No password required flag is true but provided authentication type is {mode}";
        PasswordsTwice {} "Passwords provided via multiple arguments. Use only one argument";
        NoPasswords { mode: String } "Password field is not allowed with authentication type: {mode}";
        NoPassword {} "A user with Authentication Mode: password, must have at least one password";
        ProtectedCluster {} "Cannot delete protected Cluster, please disable deletion protection and try again.";
        SharedAndNot {} "The same value cannot be in both ValuesToAdd and ValuesToRemove.";
        EngineOfSourceCluster {} "When creating global cluster from existing db cluster, value for engineName should not be specified since it will be inherited from source cluster";
        Protected {} "Cannot delete protected DB Instance, please disable deletion protection and try again.";
        SourceWithoutType {} "Cannot specify source identifier without source type";
        IntervalMissing {} "You must specify a MonitoringInterval value other than 0 when you specify a MonitoringRoleARN value.";
        MonitoringRoleMissing {} "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.";
        LossOfSwitchover {} "AllowDataLoss and Switchover cannot both be specified.";
        PrimaryStays {} "The primary replication group cannot be disassociated from its global replication group.";
        OneDeferral {} "Specify either DeferMaintenanceDuration or DeferMaintenanceEndTime, not both.";
        DeferralEnd {} "DeferMaintenanceEndTime must be within 45 days after the beginning of the deferral.";
        OneTime {} "Specify either RestoreTime or UseLatestRestorableTime, not both.";
        EmptyFilter {} "The parameter Filter.Values must not be empty.";
    }
}

reasons! {
    /// Why a window of time is invalid.
    WindowFault {
        Weekly {} "Invalid maintenance window format. Invalid day:hour:minute value. Should be specified as a range ddd:hh24:mi-ddd:hh24:mi (24H Clock UTC). Example: Sun:23:45-Mon:00:15";
        Daily {} "Invalid backup window format. Should be specified as a range hh24:mi-hh24:mi (24H Clock UTC). Example: 23:45-00:15";
        WeeklyLong {} "Maintenance window must be less than 24 hours.";
        WeeklyShort { minutes: u32 } "The maintenance window must be at least {minutes} minutes.";
        DailyShort { minutes: u32 } "The backup window must be at least {minutes} minutes.";
        Overlap {} "The backup window and maintenance window must not overlap.";
    }
}

reasons! {
    /// Why the authentication of a cache's user is invalid.
    UserFault {
        Mode { mode: String } "Input Authentication type: {mode} is not in the allowed list: [password,no-password-required,iam]";
        Password {} "Passwords length must be between 16-128 characters.";
    }
}
