//! The kinds of services' resources, and their names in each service.

use crate::{ManagedService, Scope};
use serde::{Deserialize, Serialize};

macro_rules! things {
    ($($name:ident $service:ident $arn:literal $noun:literal $not_found:literal $exists:literal $state:literal;)*) => {
        /// A kind of resource.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Thing {
            $(#[doc = concat!("A ", $noun, ".")] $name,)*
        }

        impl Thing {
            /// Its service.
            pub fn service(self) -> ManagedService {
                match self { $(Thing::$name => ManagedService::$service,)* }
            }

            /// Its name in ARNs.
            pub(super) fn in_arn(self) -> &'static str {
                match self { $(Thing::$name => $arn,)* }
            }

            /// Every kind.
            pub const ALL: &'static [Thing] = &[$(Thing::$name,)*];

            /// Its name in sentences.
            pub fn noun(self) -> &'static str {
                match self { $(Thing::$name => $noun,)* }
            }

            /// The error code for one that does not exist.
            pub fn not_found(self) -> &'static str {
                match self { $(Thing::$name => $not_found,)* }
            }

            /// The error code for one that already exists.
            pub fn exists(self) -> &'static str {
                match self { $(Thing::$name => $exists,)* }
            }

            /// The error code for an action that its state, or its use, does not allow.
            pub fn state(self) -> &'static str {
                match self { $(Thing::$name => $state,)* }
            }
        }
    };
}

things! {
    DbInstance Rds "db" "DB instance" "DBInstanceNotFound" "DBInstanceAlreadyExists" "InvalidDBInstanceState";
    DbSubnetGroup Rds "subgrp" "DB subnet group" "DBSubnetGroupNotFoundFault" "DBSubnetGroupAlreadyExists" "InvalidDBSubnetGroupStateFault";
    DbSecurityGroup Rds "secgrp" "DB security group" "DBSecurityGroupNotFound" "DBSecurityGroupAlreadyExists" "InvalidDBSecurityGroupState";
    DbParameterGroup Rds "pg" "DB parameter group" "DBParameterGroupNotFound" "DBParameterGroupAlreadyExists" "InvalidDBParameterGroupState";
    OptionGroup Rds "og" "option group" "OptionGroupNotFoundFault" "OptionGroupAlreadyExistsFault" "InvalidOptionGroupStateFault";
    DbSnapshot Rds "snapshot" "DB snapshot" "DBSnapshotNotFound" "DBSnapshotAlreadyExists" "InvalidDBSnapshotState";
    DbCluster Rds "cluster" "DB cluster" "DBClusterNotFoundFault" "DBClusterAlreadyExistsFault" "InvalidDBClusterStateFault";
    DbClusterParameterGroup Rds "cluster-pg" "DB cluster parameter group" "DBParameterGroupNotFound" "DBParameterGroupAlreadyExists" "InvalidDBParameterGroupState";
    DbClusterSnapshot Rds "cluster-snapshot" "DB cluster snapshot" "DBClusterSnapshotNotFoundFault" "DBClusterSnapshotAlreadyExistsFault" "InvalidDBClusterSnapshotStateFault";
    DbClusterEndpoint Rds "cluster-endpoint" "DB cluster endpoint" "DBClusterEndpointNotFoundFault" "DBClusterEndpointAlreadyExistsFault" "InvalidDBClusterEndpointStateFault";
    GlobalCluster Rds "global-cluster" "global cluster" "GlobalClusterNotFoundFault" "GlobalClusterAlreadyExistsFault" "InvalidGlobalClusterStateFault";
    DbEventSubscription Rds "es" "event subscription" "SubscriptionNotFound" "SubscriptionAlreadyExist" "InvalidEventSubscriptionState";
    DbProxy Rds "db-proxy" "DB proxy" "DBProxyNotFoundFault" "DBProxyAlreadyExistsFault" "InvalidDBProxyStateFault";
    DbProxyTargetGroup Rds "target-group" "target group" "DBProxyTargetGroupNotFoundFault" "DBProxyTargetGroupAlreadyExistsFault" "InvalidDBProxyStateFault";
    DbProxyTarget Rds "proxy-target" "proxy target" "DBProxyTargetNotFoundFault" "DBProxyTargetAlreadyRegisteredFault" "InvalidDBProxyStateFault";
    DbProxyEndpoint Rds "db-proxy-endpoint" "DB proxy endpoint" "DBProxyEndpointNotFoundFault" "DBProxyEndpointAlreadyExistsFault" "InvalidDBProxyEndpointStateFault";
    ExportTask Rds "export-task" "export task" "ExportTaskNotFound" "ExportTaskAlreadyExists" "InvalidExportTaskStateFault";
    AutomatedBackup Rds "auto-backup" "automated backup" "DBInstanceAutomatedBackupNotFound" "DBInstanceAutomatedBackupAlreadyExists" "InvalidDBInstanceAutomatedBackupState";
    BlueGreenDeployment Rds "deployment" "blue/green deployment" "BlueGreenDeploymentNotFoundFault" "BlueGreenDeploymentAlreadyExistsFault" "InvalidBlueGreenDeploymentStateFault";
    CacheCluster ElastiCache "cluster" "cache cluster" "CacheClusterNotFound" "CacheClusterAlreadyExists" "InvalidCacheClusterState";
    ReplicationGroup ElastiCache "replicationgroup" "replication group" "ReplicationGroupNotFoundFault" "ReplicationGroupAlreadyExists" "InvalidReplicationGroupState";
    CacheSubnetGroup ElastiCache "subnetgroup" "cache subnet group" "CacheSubnetGroupNotFoundFault" "CacheSubnetGroupAlreadyExists" "CacheSubnetGroupInUse";
    CacheSecurityGroup ElastiCache "securitygroup" "cache security group" "CacheSecurityGroupNotFound" "CacheSecurityGroupAlreadyExists" "InvalidCacheSecurityGroupState";
    CacheParameterGroup ElastiCache "parametergroup" "cache parameter group" "CacheParameterGroupNotFound" "CacheParameterGroupAlreadyExists" "InvalidCacheParameterGroupState";
    CacheUser ElastiCache "user" "user" "UserNotFound" "UserAlreadyExists" "InvalidUserState";
    CacheUserGroup ElastiCache "usergroup" "user group" "UserGroupNotFound" "UserGroupAlreadyExists" "InvalidUserGroupState";
    CacheSnapshot ElastiCache "snapshot" "snapshot" "SnapshotNotFoundFault" "SnapshotAlreadyExistsFault" "InvalidSnapshotState";
    ServerlessCache ElastiCache "serverlesscache" "serverless cache" "ServerlessCacheNotFoundFault" "ServerlessCacheAlreadyExistsFault" "InvalidServerlessCacheStateFault";
    ServerlessCacheSnapshot ElastiCache "serverlesscachesnapshot" "serverless cache snapshot" "ServerlessCacheSnapshotNotFoundFault" "ServerlessCacheSnapshotAlreadyExistsFault" "InvalidServerlessCacheSnapshotStateFault";
    GlobalReplicationGroup ElastiCache "globalreplicationgroup" "global replication group" "GlobalReplicationGroupNotFoundFault" "GlobalReplicationGroupAlreadyExistsFault" "InvalidGlobalReplicationGroupState";
    Cluster Redshift "cluster" "cluster" "ClusterNotFound" "ClusterAlreadyExists" "InvalidClusterState";
    ClusterSubnetGroup Redshift "subnetgroup" "cluster subnet group" "ClusterSubnetGroupNotFoundFault" "ClusterSubnetGroupAlreadyExists" "InvalidClusterSubnetGroupStateFault";
    ClusterSecurityGroup Redshift "securitygroup" "cluster security group" "ClusterSecurityGroupNotFound" "ClusterSecurityGroupAlreadyExists" "InvalidClusterSecurityGroupState";
    ClusterParameterGroup Redshift "parametergroup" "cluster parameter group" "ClusterParameterGroupNotFound" "ClusterParameterGroupAlreadyExists" "InvalidClusterParameterGroupState";
    ClusterSnapshot Redshift "snapshot" "cluster snapshot" "ClusterSnapshotNotFound" "ClusterSnapshotAlreadyExists" "InvalidClusterSnapshotState";
    ClusterEventSubscription Redshift "eventsubscription" "event subscription" "SubscriptionNotFound" "SubscriptionAlreadyExist" "InvalidSubscriptionStateFault";
    ClusterLogging Redshift "logging" "logging" "LoggingNotFound" "LoggingAlreadyExists" "InvalidClusterState";
    SnapshotCopyGrant Redshift "snapshotcopygrant" "snapshot copy grant" "SnapshotCopyGrantNotFoundFault" "SnapshotCopyGrantAlreadyExistsFault" "InvalidSnapshotCopyGrantStateFault";
    SnapshotSchedule Redshift "snapshotschedule" "snapshot schedule" "SnapshotScheduleNotFound" "SnapshotScheduleAlreadyExists" "InvalidClusterSnapshotScheduleState";
    UsageLimit Redshift "usagelimit" "usage limit" "UsageLimitNotFound" "UsageLimitAlreadyExists" "InvalidUsageLimit";
    AuthenticationProfile Redshift "authenticationprofile" "authentication profile" "AuthenticationProfileNotFoundFault" "AuthenticationProfileAlreadyExistsFault" "InvalidAuthenticationProfileRequestFault";
    ScheduledAction Redshift "scheduledaction" "scheduled action" "ScheduledActionNotFound" "ScheduledActionAlreadyExists" "InvalidScheduledAction";
    EndpointAccess Redshift "managedvpcendpoint" "endpoint" "EndpointNotFound" "EndpointAlreadyExists" "InvalidEndpointState";
    HsmClientCertificate Redshift "hsmclientcertificate" "HSM client certificate" "HsmClientCertificateNotFoundFault" "HsmClientCertificateAlreadyExistsFault" "InvalidHsmClientCertificateStateFault";
    HsmConfiguration Redshift "hsmconfiguration" "HSM configuration" "HsmConfigurationNotFoundFault" "HsmConfigurationAlreadyExistsFault" "InvalidHsmConfigurationStateFault";
    Partner Redshift "partner" "partner integration" "PartnerNotFound" "PartnerAlreadyExists" "UnauthorizedPartnerIntegration";
    ResourcePolicy Redshift "resourcepolicy" "resource policy" "ResourceNotFoundFault" "ResourceAlreadyExists" "InvalidPolicyFault";
}

impl Thing {
    /// The kind and the name of the resource with an ARN.
    pub fn of_arn(arn: &str) -> Option<(Thing, &str)> {
        let parts: Vec<&str> = arn.splitn(7, ':').collect();
        let [_, _, service, _, _, kind, name] = parts[..] else { return None };
        let is_it = |thing: &&Thing| thing.service().word() == service && thing.in_arn() == kind;
        Thing::ALL.iter().find(is_it).map(|thing| (*thing, name))
    }

    /// The message of its service for one that does not exist.
    pub fn words_for_missing(self, name: &str) -> String {
        match self {
            Thing::DbInstance => format!("DBInstance {name} not found."),
            Thing::DbSnapshot => format!("DBSnapshot {name} not found."),
            Thing::DbParameterGroup => format!("DBParameterGroup not found: {name}"),
            Thing::DbCluster => format!("DBCluster {name} not found."),
            Thing::DbClusterSnapshot => format!("DBClusterSnapshot {name} not found."),
            Thing::DbClusterParameterGroup => format!("DBClusterParameterGroup not found: {name}"),
            Thing::GlobalCluster => format!("Global cluster {name} not found."),
            Thing::DbEventSubscription | Thing::ClusterEventSubscription => format!("Subscription {name} not found."),
            Thing::DbProxy => format!(
                "The specified proxy name {name} doesn't correspond to a proxy owned by your Amazon Web Services account in the specified Amazon Web Services Region."
            ),
            Thing::OptionGroup => format!("Specified OptionGroupName: {name} not found."),
            Thing::CacheCluster => format!("CacheCluster not found: {name}"),
            Thing::ReplicationGroup => format!("ReplicationGroup {name} not found."),
            Thing::CacheSubnetGroup => format!("CacheSubnetGroup {name} not found."),
            Thing::CacheParameterGroup => format!("CacheParameterGroup not found: {name}"),
            Thing::CacheUser => format!("User {name} not found."),
            Thing::CacheUserGroup => format!("User group {name} not found."),
            Thing::CacheSnapshot => format!("Snapshot {name} not found."),
            Thing::Cluster => format!("Cluster {name} not found."),
            Thing::ClusterSnapshot => format!("Snapshot {name} not found."),
            Thing::ClusterParameterGroup => format!("ClusterParameterGroup not found: {name}"),
            Thing::ClusterSubnetGroup => format!("Subnet group {name} not found."),
            Thing::ClusterSecurityGroup => format!("Security group {name} not found."),
            _ => format!("The {} {name} does not exist.", self.noun()),
        }
    }

    /// The longest name of one.
    pub(super) fn longest_name(self) -> usize {
        match self {
            Thing::DbSnapshot
            | Thing::ClusterSnapshot
            | Thing::DbParameterGroup
            | Thing::DbClusterParameterGroup
            | Thing::OptionGroup
            | Thing::CacheParameterGroup
            | Thing::ClusterParameterGroup => 255,
            Thing::CacheCluster => 50,
            Thing::ReplicationGroup | Thing::ServerlessCache => 40,
            Thing::EndpointAccess => 30,
            _ => 63,
        }
    }

    /// The parameter that names one.
    pub fn identifier(self) -> &'static str {
        match self {
            Thing::DbInstance => "DBInstanceIdentifier",
            Thing::DbCluster => "DBClusterIdentifier",
            Thing::DbSnapshot => "DBSnapshotIdentifier",
            Thing::DbClusterSnapshot => "DBClusterSnapshotIdentifier",
            Thing::DbParameterGroup => "DBParameterGroupName",
            Thing::DbClusterParameterGroup => "DBClusterParameterGroupName",
            Thing::OptionGroup => "OptionGroupName",
            Thing::CacheCluster => "CacheClusterId",
            Thing::ReplicationGroup => "ReplicationGroupId",
            Thing::ServerlessCache => "ServerlessCacheName",
            Thing::ServerlessCacheSnapshot => "ServerlessCacheSnapshotName",
            Thing::CacheSnapshot => "SnapshotName",
            Thing::CacheParameterGroup => "CacheParameterGroupName",
            Thing::Cluster => "ClusterIdentifier",
            Thing::EndpointAccess => "EndpointName",
            Thing::ClusterSnapshot => "SnapshotIdentifier",
            Thing::ClusterParameterGroup => "ParameterGroupName",
            _ => "Identifier",
        }
    }

    /// The message of its service for one that already exists.
    pub fn words_for_existing(self, name: &str) -> String {
        match self {
            Thing::DbInstance => "DB instance already exists".to_owned(),
            Thing::Cluster => "Cluster already exists".to_owned(),
            Thing::DbCluster => "DB Cluster already exists".to_owned(),
            Thing::DbEventSubscription | Thing::ClusterEventSubscription => {
                format!("Subscription {name} already exists.")
            }
            Thing::DbSnapshot | Thing::DbClusterSnapshot => {
                format!("Cannot create the snapshot because a snapshot with the identifier {name} already exists.")
            }
            Thing::DbProxy => {
                format!("Cannot create the DBProxy because a DBProxy with the identifier {name} already exists.")
            }
            Thing::BlueGreenDeployment => {
                format!("A blue/green deployment with the specified name {name} already exists.")
            }
            Thing::ExportTask => {
                format!("Cannot start export task because a task with the identifier {name} already exists.")
            }
            Thing::CacheUser => format!("User {name} already exists."),
            Thing::CacheUserGroup => format!("User Group {name} already exists."),
            Thing::CacheSnapshot => format!("Snapshot {name} already exists."),
            _ => format!("The {} {name} already exists.", self.noun()),
        }
    }

    /// The ARN of one, which is the id of its row.
    pub fn arn(self, scope: &Scope, name: &str) -> String {
        let (service, kind) = (self.service().word(), self.in_arn());
        let region = if self.is_global() { "" } else { &scope.region };
        format!("arn:{}:{service}:{region}:{}:{kind}:{name}", scope.partition(), scope.account)
    }

    /// Whether it is in no Region.
    fn is_global(self) -> bool {
        matches!(self, Thing::GlobalCluster | Thing::GlobalReplicationGroup)
    }

    /// The error code for exceeding the quota.
    pub fn limit(self) -> &'static str {
        match self {
            Thing::DbParameterGroup | Thing::DbClusterParameterGroup => "DBParameterGroupQuotaExceeded",
            Thing::CacheParameterGroup => "CacheParameterGroupQuotaExceeded",
            Thing::ClusterParameterGroup => "ClusterParameterGroupQuotaExceeded",
            _ => "QuotaExceeded",
        }
    }

    /// Its service's kind of group of subnets.
    pub fn subnet_group(self) -> Thing {
        match self.service() {
            ManagedService::ElastiCache => Thing::CacheSubnetGroup,
            ManagedService::Redshift => Thing::ClusterSubnetGroup,
            ManagedService::Rds | ManagedService::LoadBalancing | ManagedService::PrivateLink => Thing::DbSubnetGroup,
        }
    }

    /// Its service's kind of parameter group.
    pub fn parameter_group(self) -> Thing {
        match self.service() {
            _ if self == Thing::DbCluster => Thing::DbClusterParameterGroup,
            ManagedService::ElastiCache => Thing::CacheParameterGroup,
            ManagedService::Redshift => Thing::ClusterParameterGroup,
            ManagedService::Rds | ManagedService::LoadBalancing | ManagedService::PrivateLink => {
                Thing::DbParameterGroup
            }
        }
    }

    /// Its service's kind of snapshot.
    pub fn snapshot(self) -> Thing {
        match self.service() {
            _ if self == Thing::DbCluster => Thing::DbClusterSnapshot,
            ManagedService::ElastiCache => Thing::CacheSnapshot,
            ManagedService::Redshift => Thing::ClusterSnapshot,
            ManagedService::Rds | ManagedService::LoadBalancing | ManagedService::PrivateLink => Thing::DbSnapshot,
        }
    }

    /// Its service's kind of group in EC2-Classic.
    pub fn access_group(self) -> Thing {
        match self.service() {
            ManagedService::ElastiCache => Thing::CacheSecurityGroup,
            ManagedService::Redshift => Thing::ClusterSecurityGroup,
            ManagedService::Rds | ManagedService::LoadBalancing | ManagedService::PrivateLink => Thing::DbSecurityGroup,
        }
    }
}
