//! The API actions that describe rows. A viewer who may not call them does not see the rows.

use model::{Kind, ManagedService, Model};

/// A service's name in policies, and its action.
pub type Action = (&'static str, &'static str);

/// Rows that databases, caches and warehouses share are shown to viewers who may describe all three.
const ENGINES: &[Action] =
    &[("rds", "DescribeDBInstances"), ("elasticache", "DescribeCacheClusters"), ("redshift", "DescribeClusters")];

/// The action that describes the resource of a service's host.
pub fn of_service(service: ManagedService) -> Action {
    match service {
        ManagedService::Rds => ENGINES[0],
        ManagedService::ElastiCache => ENGINES[1],
        ManagedService::Redshift => ENGINES[2],
        ManagedService::LoadBalancing => ("elasticloadbalancing", "DescribeLoadBalancers"),
        ManagedService::PrivateLink => ("ec2", "DescribeVpcEndpoints"),
    }
}

/// The actions that describe a row, all of which the viewer must be allowed. If there are none, viewers with an
/// account do not see the row.
pub fn described_by(model: &Model, kind: Kind, id: &str) -> Vec<Action> {
    let of_ec2 = |action| vec![("ec2", action)];
    match kind {
        Kind::Vpc => of_ec2("DescribeVpcs"),
        Kind::Subnet => of_ec2("DescribeSubnets"),
        Kind::RouteTable => of_ec2("DescribeRouteTables"),
        Kind::SecurityGroup => of_ec2("DescribeSecurityGroups"),
        Kind::NetworkAcl => of_ec2("DescribeNetworkAcls"),
        Kind::NetworkInterface => of_ec2("DescribeNetworkInterfaces"),
        Kind::Instance => of_ec2("DescribeInstances"),
        Kind::Volume => of_ec2("DescribeVolumes"),
        Kind::Snapshot => of_ec2("DescribeSnapshots"),
        Kind::Image => of_ec2("DescribeImages"),
        Kind::KeyPair => of_ec2("DescribeKeyPairs"),
        Kind::LaunchTemplate => of_ec2("DescribeLaunchTemplates"),
        Kind::SpotRequest => of_ec2("DescribeSpotInstanceRequests"),
        Kind::PlacementGroup => of_ec2("DescribePlacementGroups"),
        Kind::InternetGateway => of_ec2("DescribeInternetGateways"),
        Kind::EgressOnlyInternetGateway => of_ec2("DescribeEgressOnlyInternetGateways"),
        Kind::CarrierGateway => of_ec2("DescribeCarrierGateways"),
        Kind::InstanceConnectEndpoint => of_ec2("DescribeInstanceConnectEndpoints"),
        Kind::BlockExclusion => of_ec2("DescribeVpcBlockPublicAccessExclusions"),
        Kind::ClientVpnEndpoint => of_ec2("DescribeClientVpnEndpoints"),
        Kind::Ipam => of_ec2("DescribeIpams"),
        Kind::IpamScope => of_ec2("DescribeIpamScopes"),
        Kind::InterfacePermission => of_ec2("DescribeNetworkInterfacePermissions"),
        Kind::FastSnapshotRestore => of_ec2("DescribeFastSnapshotRestores"),
        Kind::IpamResourceDiscovery => of_ec2("DescribeIpamResourceDiscoveries"),
        Kind::IpamDiscoveryAssociation => of_ec2("DescribeIpamResourceDiscoveryAssociations"),
        Kind::IpamPool => of_ec2("DescribeIpamPools"),
        Kind::IpamAllocation => of_ec2("GetIpamPoolAllocations"),
        Kind::ElasticAddress => of_ec2("DescribeAddresses"),
        Kind::NatGateway => of_ec2("DescribeNatGateways"),
        Kind::VpnGateway => of_ec2("DescribeVpnGateways"),
        Kind::CustomerGateway => of_ec2("DescribeCustomerGateways"),
        Kind::VpnConnection => of_ec2("DescribeVpnConnections"),
        Kind::TransitGateway => of_ec2("DescribeTransitGateways"),
        Kind::TransitGatewayAttachment | Kind::TransitGatewayVpn => of_ec2("DescribeTransitGatewayAttachments"),
        Kind::RouteServer => of_ec2("DescribeRouteServers"),
        Kind::RouteServerEndpoint => of_ec2("DescribeRouteServerEndpoints"),
        Kind::RouteServerPeer => of_ec2("DescribeRouteServerPeers"),
        Kind::TransitGatewayConnect => of_ec2("DescribeTransitGatewayConnects"),
        Kind::TransitGatewayConnectPeer => of_ec2("DescribeTransitGatewayConnectPeers"),
        Kind::TransitGatewayMulticastDomain => of_ec2("DescribeTransitGatewayMulticastDomains"),
        Kind::TransitGatewayPolicyTable => of_ec2("DescribeTransitGatewayPolicyTables"),
        Kind::TransitGatewayPeering => of_ec2("DescribeTransitGatewayPeeringAttachments"),
        Kind::TransitGatewayRouteTable => of_ec2("DescribeTransitGatewayRouteTables"),
        Kind::VpcEndpoint => of_ec2("DescribeVpcEndpoints"),
        Kind::VpcPeeringConnection => of_ec2("DescribeVpcPeeringConnections"),
        Kind::EndpointNotification => of_ec2("DescribeVpcEndpointConnectionNotifications"),
        Kind::VpcEndpointService => of_ec2("DescribeVpcEndpointServiceConfigurations"),
        Kind::TrafficMirrorFilter => of_ec2("DescribeTrafficMirrorFilters"),
        Kind::TrafficMirrorFilterRule => of_ec2("DescribeTrafficMirrorFilterRules"),
        Kind::TrafficMirrorSession => of_ec2("DescribeTrafficMirrorSessions"),
        Kind::TrafficMirrorTarget => of_ec2("DescribeTrafficMirrorTargets"),
        Kind::PrefixList => of_ec2("DescribeManagedPrefixLists"),
        Kind::DhcpOptions => of_ec2("DescribeDhcpOptions"),
        Kind::FlowLog => of_ec2("DescribeFlowLogs"),
        Kind::DedicatedHost => of_ec2("DescribeHosts"),
        Kind::CapacityReservation => of_ec2("DescribeCapacityReservations"),
        Kind::Fleet => of_ec2("DescribeFleets"),
        Kind::InstanceEventWindow => of_ec2("DescribeInstanceEventWindows"),
        Kind::SpotFleet => of_ec2("DescribeSpotFleetRequests"),
        Kind::SubnetCidrReservation => of_ec2("GetSubnetCidrReservations"),
        Kind::NetworkInsightsPath => of_ec2("DescribeNetworkInsightsPaths"),
        Kind::NetworkInsightsAnalysis => of_ec2("DescribeNetworkInsightsAnalyses"),
        Kind::ManagedHost => {
            let host = model.managed_hosts.get(id);
            host.map(|host| of_service(host.owner.service)).into_iter().collect()
        }
        Kind::Deployment
        | Kind::SubnetGroup
        | Kind::AccessGroup
        | Kind::ParameterGroup
        | Kind::OptionGroup
        | Kind::ServiceSnapshot
        | Kind::ServiceEntry
        | Kind::ServiceEvent => ENGINES.to_vec(),
        Kind::LoadBalancer => vec![of_service(ManagedService::LoadBalancing)],
        Kind::LaunchConfiguration => vec![("autoscaling", "DescribeLaunchConfigurations")],
        Kind::AutoScalingGroup => vec![("autoscaling", "DescribeAutoScalingGroups")],
        Kind::ScalingActivity => vec![("autoscaling", "DescribeScalingActivities")],
        Kind::ScalingPolicy => vec![("autoscaling", "DescribePolicies")],
        Kind::ScheduledAction => vec![("autoscaling", "DescribeScheduledActions")],
        Kind::LogGroup => vec![("logs", "DescribeLogGroups")],
        Kind::LogPolicy => vec![("logs", "DescribeResourcePolicies")],
        Kind::LogStream => vec![("logs", "DescribeLogStreams")],
        Kind::Parameter => vec![("ssm", "DescribeParameters")],
        Kind::HostedZone => vec![("route53", "ListHostedZones")],
        // Rows without an owner, of an account as a whole, or that are no resource of their own.
        Kind::Counters
        | Kind::Visit
        | Kind::Console
        | Kind::RegionSettings
        | Kind::TokenedRequest
        | Kind::Departure
        | Kind::Host
        | Kind::HealthCheck
        | Kind::DelegationSet
        | Kind::QueryLoggingConfig
        | Kind::TrafficPolicy
        | Kind::TrafficPolicyVersion
        | Kind::TrafficPolicyInstance
        | Kind::CidrCollection
        | Kind::Identity
        | Kind::ManagedPolicy
        | Kind::InstanceProfile
        | Kind::ServerCertificate
        | Kind::AccessKey
        | Kind::MfaDevice
        | Kind::IdentityProvider
        | Kind::AccountSettings
        | Kind::Session
        | Kind::LastUse => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_described_by_actions_that_the_api_has() {
        let (model, actions) = (Model::new(1), include_str!("../../../docs/actions.md"));
        for (service, action) in Kind::ALL.iter().flat_map(|kind| described_by(&model, *kind, "")) {
            assert!(actions.contains(&format!("\n| {action} |")), "{service}:{action}");
        }
    }
}
