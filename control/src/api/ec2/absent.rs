//! Kinds of resources of which there is none, since nothing here makes one: who takes stock of an account is told so.

use crate::api::action::Actions;
use model::{Caller, Error, Model, Result};
use shapes::ec2;

/// Writes the actions that describe them; one that is named does not exist.
macro_rules! absent {
    ($($describe:ident $input:ident $output:ident $list:ident $ids:ident $code:literal;)*) => {
        pub fn actions(all: Actions) -> Actions {
            all$(.read($describe))*
        }

        $(#[allow(clippy::needless_update, reason = "some replies have no other member")]
        fn $describe(_: &Model, _: &Caller, input: ec2::$input) -> Result<ec2::$output> {
            match input.$ids.first() {
                Some(id) => Err(Error::Absent { code: $code, id: id.clone() }),
                None => Ok(ec2::$output { $list: Vec::new().into(), ..Default::default() }),
            }
        })*
    };
}

absent! {
    reserved_instances DescribeReservedInstancesRequest DescribeReservedInstancesResult reserved_instances reserved_instances_ids "InvalidReservedInstancesId";
    host_reservations DescribeHostReservationsRequest DescribeHostReservationsResult host_reservation_set host_reservation_id_set "InvalidHostReservationID.NotFound";
    bundle_tasks DescribeBundleTasksRequest DescribeBundleTasksResult bundle_tasks bundle_ids "InvalidBundleID.NotFound";
    conversion_tasks DescribeConversionTasksRequest DescribeConversionTasksResult conversion_tasks conversion_task_ids "InvalidConversionTaskId";
    export_tasks DescribeExportTasksRequest DescribeExportTasksResult export_tasks export_task_ids "InvalidExportTaskID.NotFound";
    fpga_images DescribeFpgaImagesRequest DescribeFpgaImagesResult fpga_images fpga_image_ids "InvalidFpgaImageID.NotFound";
    client_vpn_endpoints DescribeClientVpnEndpointsRequest DescribeClientVpnEndpointsResult client_vpn_endpoints client_vpn_endpoint_ids "InvalidClientVpnEndpointId.NotFound";
    local_gateways DescribeLocalGatewaysRequest DescribeLocalGatewaysResult local_gateways local_gateway_ids "InvalidLocalGatewayID.NotFound";
    public_ipv4_pools DescribePublicIpv4PoolsRequest DescribePublicIpv4PoolsResult public_ipv4_pools pool_ids "InvalidPublicIpv4PoolID.NotFound";
    coip_pools DescribeCoipPoolsRequest DescribeCoipPoolsResult coip_pools pool_ids "InvalidPoolID.NotFound";
    instance_connect_endpoints DescribeInstanceConnectEndpointsRequest DescribeInstanceConnectEndpointsResult instance_connect_endpoints instance_connect_endpoint_ids "InvalidInstanceConnectEndpointId.NotFound";
    interface_permissions DescribeNetworkInterfacePermissionsRequest DescribeNetworkInterfacePermissionsResult network_interface_permissions network_interface_permission_ids "InvalidPermissionID.NotFound";
    transit_connects DescribeTransitGatewayConnectsRequest DescribeTransitGatewayConnectsResult transit_gateway_connects transit_gateway_attachment_ids "InvalidTransitGatewayAttachmentID.NotFound";
    multicast_domains DescribeTransitGatewayMulticastDomainsRequest DescribeTransitGatewayMulticastDomainsResult transit_gateway_multicast_domains transit_gateway_multicast_domain_ids "InvalidTransitGatewayMulticastDomainId.NotFound";
    ipams DescribeIpamsRequest DescribeIpamsResult ipams ipam_ids "InvalidIpamId.NotFound";
    ipam_pools DescribeIpamPoolsRequest DescribeIpamPoolsResult ipam_pools ipam_pool_ids "InvalidIpamPoolId.NotFound";
    reserved_instances_modifications DescribeReservedInstancesModificationsRequest DescribeReservedInstancesModificationsResult reserved_instances_modifications reserved_instances_modification_ids "InvalidReservedInstancesModificationId.NotFound";
    import_image_tasks DescribeImportImageTasksRequest DescribeImportImageTasksResult import_image_tasks import_task_ids "InvalidConversionTaskId";
    import_snapshot_tasks DescribeImportSnapshotTasksRequest DescribeImportSnapshotTasksResult import_snapshot_tasks import_task_ids "InvalidConversionTaskId";
    export_image_tasks DescribeExportImageTasksRequest DescribeExportImageTasksResult export_image_tasks export_image_task_ids "InvalidExportImageTaskId.NotFound";
    ipv6_pools DescribeIpv6PoolsRequest DescribeIpv6PoolsResult ipv6_pools pool_ids "InvalidPoolID.NotFound";
    local_gateway_route_tables DescribeLocalGatewayRouteTablesRequest DescribeLocalGatewayRouteTablesResult local_gateway_route_tables local_gateway_route_table_ids "InvalidLocalGatewayRouteTableId.NotFound";
    local_gateway_virtual_interfaces DescribeLocalGatewayVirtualInterfacesRequest DescribeLocalGatewayVirtualInterfacesResult local_gateway_virtual_interfaces local_gateway_virtual_interface_ids "InvalidLocalGatewayVirtualInterfaceId.NotFound";
    capacity_reservation_fleets DescribeCapacityReservationFleetsRequest DescribeCapacityReservationFleetsResult capacity_reservation_fleets capacity_reservation_fleet_ids "InvalidCapacityReservationFleetId.NotFound";
    network_insights_access_scopes DescribeNetworkInsightsAccessScopesRequest DescribeNetworkInsightsAccessScopesResult network_insights_access_scopes network_insights_access_scope_ids "InvalidNetworkInsightsAccessScopeId.NotFound";
    network_insights_access_scope_analyses DescribeNetworkInsightsAccessScopeAnalysesRequest DescribeNetworkInsightsAccessScopeAnalysesResult network_insights_access_scope_analyses network_insights_access_scope_analysis_ids "InvalidNetworkInsightsAccessScopeAnalysisId.NotFound";
    transit_gateway_connect_peers DescribeTransitGatewayConnectPeersRequest DescribeTransitGatewayConnectPeersResult transit_gateway_connect_peers transit_gateway_connect_peer_ids "InvalidTransitGatewayConnectPeerId.NotFound";
    transit_gateway_policy_tables DescribeTransitGatewayPolicyTablesRequest DescribeTransitGatewayPolicyTablesResult transit_gateway_policy_tables transit_gateway_policy_table_ids "InvalidTransitGatewayPolicyTableId.NotFound";
    transit_gateway_route_table_announcements DescribeTransitGatewayRouteTableAnnouncementsRequest DescribeTransitGatewayRouteTableAnnouncementsResult transit_gateway_route_table_announcements transit_gateway_route_table_announcement_ids "InvalidTransitGatewayRouteTableAnnouncementId.NotFound";
    verified_access_endpoints DescribeVerifiedAccessEndpointsRequest DescribeVerifiedAccessEndpointsResult verified_access_endpoints verified_access_endpoint_ids "InvalidVerifiedAccessEndpointId.NotFound";
    verified_access_groups DescribeVerifiedAccessGroupsRequest DescribeVerifiedAccessGroupsResult verified_access_groups verified_access_group_ids "InvalidVerifiedAccessGroupId.NotFound";
    verified_access_instances DescribeVerifiedAccessInstancesRequest DescribeVerifiedAccessInstancesResult verified_access_instances verified_access_instance_ids "InvalidVerifiedAccessInstanceId.NotFound";
    verified_access_trust_providers DescribeVerifiedAccessTrustProvidersRequest DescribeVerifiedAccessTrustProvidersResult verified_access_trust_providers verified_access_trust_provider_ids "InvalidVerifiedAccessTrustProviderId.NotFound";
    ipam_scopes DescribeIpamScopesRequest DescribeIpamScopesResult ipam_scopes ipam_scope_ids "InvalidIpamScopeId.NotFound";
    ipam_resource_discoveries DescribeIpamResourceDiscoveriesRequest DescribeIpamResourceDiscoveriesResult ipam_resource_discoveries ipam_resource_discovery_ids "InvalidIpamResourceDiscoveryId.NotFound";
    ipam_resource_discovery_associations DescribeIpamResourceDiscoveryAssociationsRequest DescribeIpamResourceDiscoveryAssociationsResult ipam_resource_discovery_associations ipam_resource_discovery_association_ids "InvalidIpamResourceDiscoveryAssociationId.NotFound";
    interface_associations DescribeTrunkInterfaceAssociationsRequest DescribeTrunkInterfaceAssociationsResult interface_associations association_ids "InvalidAssociationID.NotFound";
    replace_root_volume_tasks DescribeReplaceRootVolumeTasksRequest DescribeReplaceRootVolumeTasksResult replace_root_volume_tasks replace_root_volume_task_ids "InvalidReplaceRootVolumeTaskId.NotFound";
    snapshots ListSnapshotsInRecycleBinRequest ListSnapshotsInRecycleBinResult snapshots snapshot_ids "InvalidSnapshot.NotFound";
    images ListImagesInRecycleBinRequest ListImagesInRecycleBinResult images image_ids "InvalidAMIID.NotFound";
    vpc_block_public_access_exclusions DescribeVpcBlockPublicAccessExclusionsRequest DescribeVpcBlockPublicAccessExclusionsResult vpc_block_public_access_exclusions exclusion_ids "InvalidVpcBlockPublicAccessExclusionId.NotFound";
    route_servers DescribeRouteServersRequest DescribeRouteServersResult route_servers route_server_ids "InvalidRouteServerId.NotFound";
    route_server_endpoints DescribeRouteServerEndpointsRequest DescribeRouteServerEndpointsResult route_server_endpoints route_server_endpoint_ids "InvalidRouteServerEndpointId.NotFound";
    route_server_peers DescribeRouteServerPeersRequest DescribeRouteServerPeersResult route_server_peers route_server_peer_ids "InvalidRouteServerPeerId.NotFound";
    capacity_blocks DescribeCapacityBlocksRequest DescribeCapacityBlocksResult capacity_blocks capacity_block_ids "InvalidCapacityBlockId.NotFound";
}
