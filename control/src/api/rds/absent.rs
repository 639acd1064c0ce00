//! What RDS has and this platform does not: reservations, recommendations, and databases of newer kinds.

use crate::api::absent::absent;
use crate::api::action::Actions;
use crate::api::deployment::paged;
use model::services::{Error, Result};
use shapes::rds;

absent! { rds:
    reserved_instances DescribeReservedDBInstancesMessage ReservedDBInstanceMessage reserved_db_instances [reserved_db_instance_id "ReservedDBInstanceNotFound"];
    reserved_offerings DescribeReservedDBInstancesOfferingsMessage ReservedDBInstancesOfferingMessage reserved_db_instances_offerings [reserved_db_instances_offering_id "ReservedDBInstancesOfferingNotFound"];
    shard_groups DescribeDBShardGroupsMessage DescribeDBShardGroupsResponse db_shard_groups [db_shard_group_identifier "DBShardGroupNotFound"];
    recommendations DescribeDBRecommendationsMessage DBRecommendationsMessage db_recommendations [];
    integrations DescribeIntegrationsMessage DescribeIntegrationsResponse integrations [integration_identifier "IntegrationNotFoundFault"];
    tenant_databases DescribeTenantDatabasesMessage TenantDatabasesMessage tenant_databases [];
    snapshot_tenant_databases DescribeDBSnapshotTenantDatabasesMessage DBSnapshotTenantDatabasesMessage db_snapshot_tenant_databases [];
}
