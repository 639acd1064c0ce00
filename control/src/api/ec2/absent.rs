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
    capacity_reservations DescribeCapacityReservationsRequest DescribeCapacityReservationsResult capacity_reservations capacity_reservation_ids "InvalidCapacityReservationId.NotFound";
    reserved_instances DescribeReservedInstancesRequest DescribeReservedInstancesResult reserved_instances reserved_instances_ids "InvalidReservedInstancesId";
    host_reservations DescribeHostReservationsRequest DescribeHostReservationsResult host_reservation_set host_reservation_id_set "InvalidHostReservationID.NotFound";
    bundle_tasks DescribeBundleTasksRequest DescribeBundleTasksResult bundle_tasks bundle_ids "InvalidBundleID.NotFound";
    conversion_tasks DescribeConversionTasksRequest DescribeConversionTasksResult conversion_tasks conversion_task_ids "InvalidConversionTaskId";
    export_tasks DescribeExportTasksRequest DescribeExportTasksResult export_tasks export_task_ids "InvalidExportTaskID.NotFound";
    fpga_images DescribeFpgaImagesRequest DescribeFpgaImagesResult fpga_images fpga_image_ids "InvalidFpgaImageID.NotFound";
    spot_fleets DescribeSpotFleetRequestsRequest DescribeSpotFleetRequestsResponse spot_fleet_request_configs spot_fleet_request_ids "InvalidSpotFleetRequestId.NotFound";
    mirror_sessions DescribeTrafficMirrorSessionsRequest DescribeTrafficMirrorSessionsResult traffic_mirror_sessions traffic_mirror_session_ids "InvalidTrafficMirrorSessionId.NotFound";
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
    event_windows DescribeInstanceEventWindowsRequest DescribeInstanceEventWindowsResult instance_event_windows instance_event_window_ids "InvalidInstanceEventWindowId.NotFound";
}
