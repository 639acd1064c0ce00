//! Resources that the platform never has. Describing them gives an empty list, because tools that take stock of an account ask for
//! them.

use super::listing::{Attributes, paged};
use crate::api::action::{Actions, View};
use model::{Error, Result};
use shapes::ec2;

/// Only the documented filters are known, and nothing passes them.
static ATTRIBUTES: Attributes<()> = Attributes(&[]);

/// Writes the actions that describe them, with the members for ids of theirs, filters and pages that they have. One that is named does
/// not exist.
macro_rules! absent {
    ($($describe:ident $input:ident $output:ident $list:ident [$($ids:ident $code:literal)?] [$($filters:ident)?] [$($page:ident)?];)*) => {
        pub fn actions(all: Actions) -> Actions {
            all$(.read($describe))*
        }

        $(#[allow(clippy::needless_update, reason = "some replies have no other member")]
        fn $describe(_: View, input: ec2::$input) -> Result<ec2::$output> {
            $(ATTRIBUTES.wanted(&input.$filters)?;)?
            $(paged(&input.$page, Vec::<String>::new(), |id| id)?;)?
            $(if let Some(id) = input.$ids.first() {
                return Err(Error::Absent { code: $code, id: id.clone() });
            })?
            Ok(ec2::$output { $list: Vec::new().into(), ..Default::default() })
        })*
    };
}

absent! {
    reserved_instances DescribeReservedInstancesRequest DescribeReservedInstancesResult reserved_instances [reserved_instances_ids "InvalidReservedInstancesId"] [filters] [];
    host_reservations DescribeHostReservationsRequest DescribeHostReservationsResult host_reservation_set [host_reservation_id_set "InvalidHostReservationID.NotFound"] [filter] [page];
    bundle_tasks DescribeBundleTasksRequest DescribeBundleTasksResult bundle_tasks [bundle_ids "InvalidBundleID.NotFound"] [filters] [];
    conversion_tasks DescribeConversionTasksRequest DescribeConversionTasksResult conversion_tasks [conversion_task_ids "InvalidConversionTaskId"] [] [];
    export_tasks DescribeExportTasksRequest DescribeExportTasksResult export_tasks [export_task_ids "InvalidExportTaskID.NotFound"] [] [];
    fpga_images DescribeFpgaImagesRequest DescribeFpgaImagesResult fpga_images [fpga_image_ids "InvalidFpgaImageID.NotFound"] [filters] [page];
    local_gateways DescribeLocalGatewaysRequest DescribeLocalGatewaysResult local_gateways [local_gateway_ids "InvalidLocalGatewayID.NotFound"] [filters] [page];
    public_ipv4_pools DescribePublicIpv4PoolsRequest DescribePublicIpv4PoolsResult public_ipv4_pools [pool_ids "InvalidPublicIpv4PoolID.NotFound"] [] [page];
    coip_pools DescribeCoipPoolsRequest DescribeCoipPoolsResult coip_pools [pool_ids "InvalidPoolID.NotFound"] [filters] [page];
    reserved_instances_modifications DescribeReservedInstancesModificationsRequest DescribeReservedInstancesModificationsResult reserved_instances_modifications [reserved_instances_modification_ids "InvalidReservedInstancesModificationId.NotFound"] [filters] [];
    import_image_tasks DescribeImportImageTasksRequest DescribeImportImageTasksResult import_image_tasks [import_task_ids "InvalidConversionTaskId"] [] [page];
    import_snapshot_tasks DescribeImportSnapshotTasksRequest DescribeImportSnapshotTasksResult import_snapshot_tasks [import_task_ids "InvalidConversionTaskId"] [] [page];
    export_image_tasks DescribeExportImageTasksRequest DescribeExportImageTasksResult export_image_tasks [export_image_task_ids "InvalidExportImageTaskId.NotFound"] [] [page];
    ipv6_pools DescribeIpv6PoolsRequest DescribeIpv6PoolsResult ipv6_pools [pool_ids "InvalidPoolID.NotFound"] [] [page];
    local_gateway_route_tables DescribeLocalGatewayRouteTablesRequest DescribeLocalGatewayRouteTablesResult local_gateway_route_tables [local_gateway_route_table_ids "InvalidLocalGatewayRouteTableId.NotFound"] [filters] [page];
    local_gateway_virtual_interfaces DescribeLocalGatewayVirtualInterfacesRequest DescribeLocalGatewayVirtualInterfacesResult local_gateway_virtual_interfaces [local_gateway_virtual_interface_ids "InvalidLocalGatewayVirtualInterfaceId.NotFound"] [filters] [page];
    capacity_reservation_fleets DescribeCapacityReservationFleetsRequest DescribeCapacityReservationFleetsResult capacity_reservation_fleets [capacity_reservation_fleet_ids "InvalidCapacityReservationFleetId.NotFound"] [filters] [page];
    network_insights_access_scopes DescribeNetworkInsightsAccessScopesRequest DescribeNetworkInsightsAccessScopesResult network_insights_access_scopes [network_insights_access_scope_ids "InvalidNetworkInsightsAccessScopeId.NotFound"] [] [page];
    network_insights_access_scope_analyses DescribeNetworkInsightsAccessScopeAnalysesRequest DescribeNetworkInsightsAccessScopeAnalysesResult network_insights_access_scope_analyses [network_insights_access_scope_analysis_ids "InvalidNetworkInsightsAccessScopeAnalysisId.NotFound"] [] [page];
    transit_gateway_route_table_announcements DescribeTransitGatewayRouteTableAnnouncementsRequest DescribeTransitGatewayRouteTableAnnouncementsResult transit_gateway_route_table_announcements [transit_gateway_route_table_announcement_ids "InvalidTransitGatewayRouteTableAnnouncementId.NotFound"] [] [page];
    verified_access_endpoints DescribeVerifiedAccessEndpointsRequest DescribeVerifiedAccessEndpointsResult verified_access_endpoints [verified_access_endpoint_ids "InvalidVerifiedAccessEndpointId.NotFound"] [] [page];
    verified_access_groups DescribeVerifiedAccessGroupsRequest DescribeVerifiedAccessGroupsResult verified_access_groups [verified_access_group_ids "InvalidVerifiedAccessGroupId.NotFound"] [] [page];
    verified_access_instances DescribeVerifiedAccessInstancesRequest DescribeVerifiedAccessInstancesResult verified_access_instances [verified_access_instance_ids "InvalidVerifiedAccessInstanceId.NotFound"] [] [page];
    verified_access_trust_providers DescribeVerifiedAccessTrustProvidersRequest DescribeVerifiedAccessTrustProvidersResult verified_access_trust_providers [verified_access_trust_provider_ids "InvalidVerifiedAccessTrustProviderId.NotFound"] [] [page];
    interface_associations DescribeTrunkInterfaceAssociationsRequest DescribeTrunkInterfaceAssociationsResult interface_associations [association_ids "InvalidAssociationID.NotFound"] [filters] [page];
    replace_root_volume_tasks DescribeReplaceRootVolumeTasksRequest DescribeReplaceRootVolumeTasksResult replace_root_volume_tasks [replace_root_volume_task_ids "InvalidReplaceRootVolumeTaskId.NotFound"] [filters] [page];
    snapshots ListSnapshotsInRecycleBinRequest ListSnapshotsInRecycleBinResult snapshots [snapshot_ids "InvalidSnapshot.NotFound"] [] [page];
    images ListImagesInRecycleBinRequest ListImagesInRecycleBinResult images [image_ids "InvalidAMIID.NotFound"] [] [page];
    byoip_cidrs DescribeByoipCidrsRequest DescribeByoipCidrsResult byoip_cidrs [] [] [page];
    capacity_blocks DescribeCapacityBlocksRequest DescribeCapacityBlocksResult capacity_blocks [capacity_block_ids "InvalidCapacityBlockId.NotFound"] [filters] [page];
    vpc_endpoint_associations DescribeVpcEndpointAssociationsRequest DescribeVpcEndpointAssociationsResult vpc_endpoint_associations [] [filters] [page];
    vpc_encryption_controls DescribeVpcEncryptionControlsRequest DescribeVpcEncryptionControlsResult vpc_encryption_controls [vpc_encryption_control_ids "InvalidVpcEncryptionControlId.NotFound"] [] [page];
    instance_topology DescribeInstanceTopologyRequest DescribeInstanceTopologyResult instances [] [filters] [page];
    locked_snapshots DescribeLockedSnapshotsRequest DescribeLockedSnapshotsResult snapshots [] [filters] [page];
    fast_launch_images DescribeFastLaunchImagesRequest DescribeFastLaunchImagesResult fast_launch_images [] [filters] [page];
    store_image_tasks DescribeStoreImageTasksRequest DescribeStoreImageTasksResult store_image_task_results [] [filters] [page];
    mac_hosts DescribeMacHostsRequest DescribeMacHostsResult mac_hosts [] [filters] [page];
    declarative_policies_reports DescribeDeclarativePoliciesReportsRequest DescribeDeclarativePoliciesReportsResult reports [report_ids "InvalidDeclarativePoliciesReportId.NotFound"] [] [page];
    scheduled_instances DescribeScheduledInstancesRequest DescribeScheduledInstancesResult scheduled_instance_set [] [filters] [page];
    elastic_gpus DescribeElasticGpusRequest DescribeElasticGpusResult elastic_gpu_set [elastic_gpu_ids "InvalidElasticGpuID.NotFound"] [filters] [page];
    volumes_in_recycle_bin ListVolumesInRecycleBinRequest ListVolumesInRecycleBinResult volumes [volume_ids "InvalidVolume.NotFound"] [] [page];
    reserved_instances_listings DescribeReservedInstancesListingsRequest DescribeReservedInstancesListingsResult reserved_instances_listings [] [filters] [];
    host_reservation_offerings DescribeHostReservationOfferingsRequest DescribeHostReservationOfferingsResult offering_set [] [filter] [page];
    service_link_virtual_interfaces DescribeServiceLinkVirtualInterfacesRequest DescribeServiceLinkVirtualInterfacesResult service_link_virtual_interfaces [service_link_virtual_interface_ids "InvalidServiceLinkVirtualInterfaceId.NotFound"] [filters] [page];
    capacity_reservation_billing_requests DescribeCapacityReservationBillingRequestsRequest DescribeCapacityReservationBillingRequestsResult capacity_reservation_billing_requests [] [filters] [page];
    ipam_byoasn DescribeIpamByoasnRequest DescribeIpamByoasnResult byoasns [] [] [page];
    ipam_external_resource_verification_tokens DescribeIpamExternalResourceVerificationTokensRequest DescribeIpamExternalResourceVerificationTokensResult ipam_external_resource_verification_tokens [ipam_external_resource_verification_token_ids "InvalidIpamExternalResourceVerificationTokenId.NotFound"] [filters] [page];
    outpost_lags DescribeOutpostLagsRequest DescribeOutpostLagsResult outpost_lags [outpost_lag_ids "InvalidOutpostLagId.NotFound"] [filters] [page];
    image_usage_reports DescribeImageUsageReportsRequest DescribeImageUsageReportsResult image_usage_reports [] [filters] [page];
    vpn_concentrators DescribeVpnConcentratorsRequest DescribeVpnConcentratorsResult vpn_concentrators [vpn_concentrator_ids "InvalidVpnConcentratorID.NotFound"] [] [page];
    transit_gateway_metering_policies DescribeTransitGatewayMeteringPoliciesRequest DescribeTransitGatewayMeteringPoliciesResult transit_gateway_metering_policies [transit_gateway_metering_policy_ids "InvalidTransitGatewayMeteringPolicyId.NotFound"] [] [page];
    local_gateway_route_table_vpc_associations DescribeLocalGatewayRouteTableVpcAssociationsRequest DescribeLocalGatewayRouteTableVpcAssociationsResult local_gateway_route_table_vpc_associations [local_gateway_route_table_vpc_association_ids "InvalidLocalGatewayRouteTableVpcAssociationID.NotFound"] [filters] [page];
    local_gateway_route_table_virtual_interface_group_associations DescribeLocalGatewayRouteTableVirtualInterfaceGroupAssociationsRequest DescribeLocalGatewayRouteTableVirtualInterfaceGroupAssociationsResult local_gateway_route_table_virtual_interface_group_associations [local_gateway_route_table_virtual_interface_group_association_ids "InvalidLocalGatewayRouteTableVirtualInterfaceGroupAssociationID.NotFound"] [filters] [page];
    local_gateway_virtual_interface_groups DescribeLocalGatewayVirtualInterfaceGroupsRequest DescribeLocalGatewayVirtualInterfaceGroupsResult local_gateway_virtual_interface_groups [local_gateway_virtual_interface_group_ids "InvalidLocalGatewayVirtualInterfaceGroupID.NotFound"] [filters] [page];
    mac_modification_tasks DescribeMacModificationTasksRequest DescribeMacModificationTasksResult mac_modification_tasks [mac_modification_task_ids "InvalidMacModificationTaskId.NotFound"] [filters] [page];
}
