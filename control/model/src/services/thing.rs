//! The kinds of resources that services have, and what each service calls them.

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
            /// The service it is of.
            pub fn service(self) -> ManagedService {
                match self { $(Thing::$name => ManagedService::$service,)* }
            }

            /// What ARNs call it.
            fn in_arn(self) -> &'static str {
                match self { $(Thing::$name => $arn,)* }
            }

            /// What people call it.
            pub fn noun(self) -> &'static str {
                match self { $(Thing::$name => $noun,)* }
            }

            /// The error code for one that is not there.
            pub fn not_found(self) -> &'static str {
                match self { $(Thing::$name => $not_found,)* }
            }

            /// The error code for one that is there already.
            pub fn exists(self) -> &'static str {
                match self { $(Thing::$name => $exists,)* }
            }

            /// The error code for one whose state, or whose use, is in the way.
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
    CacheCluster ElastiCache "cluster" "cache cluster" "CacheClusterNotFound" "CacheClusterAlreadyExists" "InvalidCacheClusterState";
    ReplicationGroup ElastiCache "replicationgroup" "replication group" "ReplicationGroupNotFoundFault" "ReplicationGroupAlreadyExists" "InvalidReplicationGroupState";
    CacheSubnetGroup ElastiCache "subnetgroup" "cache subnet group" "CacheSubnetGroupNotFoundFault" "CacheSubnetGroupAlreadyExists" "CacheSubnetGroupInUse";
    CacheSecurityGroup ElastiCache "securitygroup" "cache security group" "CacheSecurityGroupNotFound" "CacheSecurityGroupAlreadyExists" "InvalidCacheSecurityGroupState";
    Cluster Redshift "cluster" "cluster" "ClusterNotFound" "ClusterAlreadyExists" "InvalidClusterState";
    ClusterSubnetGroup Redshift "subnetgroup" "cluster subnet group" "ClusterSubnetGroupNotFoundFault" "ClusterSubnetGroupAlreadyExists" "InvalidClusterSubnetGroupStateFault";
    ClusterSecurityGroup Redshift "securitygroup" "cluster security group" "ClusterSecurityGroupNotFound" "ClusterSecurityGroupAlreadyExists" "InvalidClusterSecurityGroupState";
}

impl Thing {
    /// The ARN of one, which is the id of its row.
    pub fn arn(self, scope: &Scope, name: &str) -> String {
        let (service, kind) = (self.service().word(), self.in_arn());
        format!("arn:{}:{service}:{}:{}:{kind}:{name}", scope.partition(), scope.region, scope.account)
    }

    /// Its service's kind of group of subnets.
    pub fn subnet_group(self) -> Thing {
        match self.service() {
            ManagedService::ElastiCache => Thing::CacheSubnetGroup,
            ManagedService::Redshift => Thing::ClusterSubnetGroup,
            ManagedService::Rds | ManagedService::LoadBalancing | ManagedService::PrivateLink => Thing::DbSubnetGroup,
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
