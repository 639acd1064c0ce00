//! What ElastiCache has and this platform does not: reservations and updates.

use crate::api::absent::absent;
use crate::api::action::Actions;
use crate::api::deployment::paged;
use model::services::{Error, Result};
use shapes::elasticache;

absent! { elasticache:
    reserved_nodes DescribeReservedCacheNodesMessage ReservedCacheNodeMessage reserved_cache_nodes [reserved_cache_node_id "ReservedCacheNodeNotFound"];
    reserved_offerings DescribeReservedCacheNodesOfferingsMessage ReservedCacheNodesOfferingMessage reserved_cache_nodes_offerings [reserved_cache_nodes_offering_id "ReservedCacheNodesOfferingNotFound"];
    service_updates DescribeServiceUpdatesMessage ServiceUpdatesMessage service_updates [service_update_name "ServiceUpdateNotFoundFault"];
    update_actions DescribeUpdateActionsMessage UpdateActionsMessage update_actions [];
}
