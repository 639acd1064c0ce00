//! What ElastiCache has and this platform does not: reservations, updates, and caches without servers or of several Regions.

use crate::api::absent::absent;
use crate::api::action::Actions;
use crate::api::deployment::paged;
use model::services::{Error, Result};
use model::{Caller, Model};
use shapes::elasticache;

absent! { elasticache:
    reserved_nodes DescribeReservedCacheNodesMessage ReservedCacheNodeMessage reserved_cache_nodes [reserved_cache_node_id "ReservedCacheNodeNotFound"];
    reserved_offerings DescribeReservedCacheNodesOfferingsMessage ReservedCacheNodesOfferingMessage reserved_cache_nodes_offerings [reserved_cache_nodes_offering_id "ReservedCacheNodesOfferingNotFound"];
    service_updates DescribeServiceUpdatesMessage ServiceUpdatesMessage service_updates [service_update_name "ServiceUpdateNotFoundFault"];
    update_actions DescribeUpdateActionsMessage UpdateActionsMessage update_actions [];
    serverless_caches DescribeServerlessCachesRequest DescribeServerlessCachesResponse serverless_caches [serverless_cache_name "ServerlessCacheNotFoundFault"];
    serverless_snapshots DescribeServerlessCacheSnapshotsRequest DescribeServerlessCacheSnapshotsResponse serverless_cache_snapshots [serverless_cache_snapshot_name "ServerlessCacheSnapshotNotFoundFault"];
    global_groups DescribeGlobalReplicationGroupsMessage DescribeGlobalReplicationGroupsResult global_replication_groups [global_replication_group_id "GlobalReplicationGroupNotFoundFault"];
}
