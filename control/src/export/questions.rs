//! The actions that describe a cloud.

use serde_json::Value as Json;
use shapes::{Shape, autoscaling, ec2, elasticache, elb, json_of_xml, rds, redshift};

/// A describing action, and the conversion of its reply to JSON.
pub type Question = (&'static str, fn(&str) -> Option<Json>);

pub fn json<S: Shape + Default>(xml: &str) -> Option<Json> {
    json_of_xml::<S>(xml).ok()
}

/// The actions that are called in every Region.
pub const QUESTIONS: &[Question] = &[
    ("DescribeVpcs", json::<ec2::DescribeVpcsResult>),
    ("DescribeSubnets", json::<ec2::DescribeSubnetsResult>),
    ("DescribeRouteTables", json::<ec2::DescribeRouteTablesResult>),
    ("DescribeSecurityGroups", json::<ec2::DescribeSecurityGroupsResult>),
    ("DescribeSecurityGroupRules", json::<ec2::DescribeSecurityGroupRulesResult>),
    ("DescribeSecurityGroupVpcAssociations", json::<ec2::DescribeSecurityGroupVpcAssociationsResult>),
    ("DescribeNetworkAcls", json::<ec2::DescribeNetworkAclsResult>),
    ("DescribeNetworkInterfaces", json::<ec2::DescribeNetworkInterfacesResult>),
    ("DescribeInstances", json::<ec2::DescribeInstancesResult>),
    ("DescribeAddresses", json::<ec2::DescribeAddressesResult>),
    ("DescribeInternetGateways", json::<ec2::DescribeInternetGatewaysResult>),
    ("DescribeEgressOnlyInternetGateways", json::<ec2::DescribeEgressOnlyInternetGatewaysResult>),
    ("DescribeCarrierGateways", json::<ec2::DescribeCarrierGatewaysResult>),
    ("DescribeNatGateways", json::<ec2::DescribeNatGatewaysResult>),
    ("DescribeVpnGateways", json::<ec2::DescribeVpnGatewaysResult>),
    ("DescribeCustomerGateways", json::<ec2::DescribeCustomerGatewaysResult>),
    ("DescribeVpnConnections", json::<ec2::DescribeVpnConnectionsResult>),
    ("DescribeVpcEndpoints", json::<ec2::DescribeVpcEndpointsResult>),
    ("DescribeVpcPeeringConnections", json::<ec2::DescribeVpcPeeringConnectionsResult>),
    ("DescribeDhcpOptions", json::<ec2::DescribeDhcpOptionsResult>),
    ("DescribeTransitGateways", json::<ec2::DescribeTransitGatewaysResult>),
    ("DescribeTransitGatewayRouteTables", json::<ec2::DescribeTransitGatewayRouteTablesResult>),
    ("DescribeTransitGatewayVpcAttachments", json::<ec2::DescribeTransitGatewayVpcAttachmentsResult>),
    ("DescribeTransitGatewayPeeringAttachments", json::<ec2::DescribeTransitGatewayPeeringAttachmentsResult>),
    ("DescribeTransitGatewayAttachments", json::<ec2::DescribeTransitGatewayAttachmentsResult>),
    ("DescribeVpcBlockPublicAccessOptions", json::<ec2::DescribeVpcBlockPublicAccessOptionsResult>),
    ("DescribeVpcBlockPublicAccessExclusions", json::<ec2::DescribeVpcBlockPublicAccessExclusionsResult>),
    ("DescribeInstanceConnectEndpoints", json::<ec2::DescribeInstanceConnectEndpointsResult>),
    ("DescribeVpcEndpointServiceConfigurations", json::<ec2::DescribeVpcEndpointServiceConfigurationsResult>),
    ("DescribeClientVpnEndpoints", json::<ec2::DescribeClientVpnEndpointsResult>),
    ("DescribeTrafficMirrorFilters", json::<ec2::DescribeTrafficMirrorFiltersResult>),
    ("DescribeTrafficMirrorTargets", json::<ec2::DescribeTrafficMirrorTargetsResult>),
    ("DescribeTrafficMirrorSessions", json::<ec2::DescribeTrafficMirrorSessionsResult>),
    ("DescribeNetworkInsightsPaths", json::<ec2::DescribeNetworkInsightsPathsResult>),
    ("DescribeKeyPairs", json::<ec2::DescribeKeyPairsResult>),
    ("DescribeVolumes", json::<ec2::DescribeVolumesResult>),
    ("DescribeSnapshots", json::<ec2::DescribeSnapshotsResult>),
    ("DescribeImages", json::<ec2::DescribeImagesResult>),
    ("DescribeHosts", json::<ec2::DescribeHostsResult>),
    ("DescribeCapacityReservations", json::<ec2::DescribeCapacityReservationsResult>),
    ("DescribePlacementGroups", json::<ec2::DescribePlacementGroupsResult>),
    ("DescribeManagedPrefixLists", json::<ec2::DescribeManagedPrefixListsResult>),
    ("DescribeIpams", json::<ec2::DescribeIpamsResult>),
    ("DescribeIpamScopes", json::<ec2::DescribeIpamScopesResult>),
    ("DescribeIpamPools", json::<ec2::DescribeIpamPoolsResult>),
    ("DescribeFlowLogs", json::<ec2::DescribeFlowLogsResult>),
    ("DescribeLaunchTemplates", json::<ec2::DescribeLaunchTemplatesResult>),
];

/// The actions of kinds that few networks have. Empty lists are not written.
pub const OF_RARE_KINDS: &[Question] = &[
    ("DescribeTransitGatewayConnects", json::<ec2::DescribeTransitGatewayConnectsResult>),
    ("DescribeTransitGatewayConnectPeers", json::<ec2::DescribeTransitGatewayConnectPeersResult>),
    ("DescribeTransitGatewayMulticastDomains", json::<ec2::DescribeTransitGatewayMulticastDomainsResult>),
    ("DescribeTransitGatewayPolicyTables", json::<ec2::DescribeTransitGatewayPolicyTablesResult>),
    ("DescribeRouteServers", json::<ec2::DescribeRouteServersResult>),
    ("DescribeRouteServerEndpoints", json::<ec2::DescribeRouteServerEndpointsResult>),
    ("DescribeRouteServerPeers", json::<ec2::DescribeRouteServerPeersResult>),
    ("DescribeIpamResourceDiscoveries", json::<ec2::DescribeIpamResourceDiscoveriesResult>),
    ("DescribeIpamResourceDiscoveryAssociations", json::<ec2::DescribeIpamResourceDiscoveryAssociationsResult>),
    ("DescribeNetworkInterfacePermissions", json::<ec2::DescribeNetworkInterfacePermissionsResult>),
    ("DescribeVpcEndpointConnectionNotifications", json::<ec2::DescribeVpcEndpointConnectionNotificationsResult>),
    ("DescribeInstanceEventWindows", json::<ec2::DescribeInstanceEventWindowsResult>),
    ("DescribeSpotInstanceRequests", json::<ec2::DescribeSpotInstanceRequestsResult>),
    ("DescribeFastSnapshotRestores", json::<ec2::DescribeFastSnapshotRestoresResult>),
];

/// Further parameters of these actions.
pub const PARAMETERS: &[(&str, &str)] = &[
    ("DescribeKeyPairs", "&IncludePublicKey=true"),
    ("DescribeSnapshots", "&Owner.1=self"),
    ("DescribeImages", "&Owner.1=self&IncludeDisabled=true"),
];

/// The actions that are called where EC2-Classic exists.
pub const OF_CLASSIC: &[Question] = &[
    ("DescribeVpcClassicLink", json::<ec2::DescribeVpcClassicLinkResult>),
    ("DescribeVpcClassicLinkDnsSupport", json::<ec2::DescribeVpcClassicLinkDnsSupportResult>),
    ("DescribeClassicLinkInstances", json::<ec2::DescribeClassicLinkInstancesResult>),
];

/// The actions of services with hosts in the network: the service, the file and the action. Empty lists are not
/// written.
pub const OF_SERVICES: &[(&str, &str, Question)] = &[
    ("rds", "rds-describe-db-subnet-groups", ("DescribeDBSubnetGroups", json::<rds::DBSubnetGroupMessage>)),
    ("rds", "rds-describe-db-security-groups", ("DescribeDBSecurityGroups", json::<rds::DBSecurityGroupMessage>)),
    ("rds", "rds-describe-db-parameter-groups", ("DescribeDBParameterGroups", json::<rds::DBParameterGroupsMessage>)),
    (
        "rds",
        "rds-describe-db-cluster-parameter-groups",
        ("DescribeDBClusterParameterGroups", json::<rds::DBClusterParameterGroupsMessage>),
    ),
    ("rds", "rds-describe-option-groups", ("DescribeOptionGroups", json::<rds::OptionGroups>)),
    ("rds", "rds-describe-db-clusters", ("DescribeDBClusters", json::<rds::DBClusterMessage>)),
    ("rds", "rds-describe-db-instances", ("DescribeDBInstances", json::<rds::DBInstanceMessage>)),
    (
        "elasticache",
        "elasticache-describe-cache-subnet-groups",
        ("DescribeCacheSubnetGroups", json::<elasticache::CacheSubnetGroupMessage>),
    ),
    (
        "elasticache",
        "elasticache-describe-cache-parameter-groups",
        ("DescribeCacheParameterGroups", json::<elasticache::CacheParameterGroupsMessage>),
    ),
    (
        "elasticache",
        "elasticache-describe-cache-security-groups",
        ("DescribeCacheSecurityGroups", json::<elasticache::CacheSecurityGroupMessage>),
    ),
    (
        "elasticache",
        "elasticache-describe-cache-clusters",
        ("DescribeCacheClusters", json::<elasticache::CacheClusterMessage>),
    ),
    (
        "elasticache",
        "elasticache-describe-replication-groups",
        ("DescribeReplicationGroups", json::<elasticache::ReplicationGroupMessage>),
    ),
    (
        "redshift",
        "redshift-describe-cluster-subnet-groups",
        ("DescribeClusterSubnetGroups", json::<redshift::ClusterSubnetGroupMessage>),
    ),
    (
        "redshift",
        "redshift-describe-cluster-parameter-groups",
        ("DescribeClusterParameterGroups", json::<redshift::ClusterParameterGroupsMessage>),
    ),
    (
        "redshift",
        "redshift-describe-cluster-security-groups",
        ("DescribeClusterSecurityGroups", json::<redshift::ClusterSecurityGroupMessage>),
    ),
    ("redshift", "redshift-describe-clusters", ("DescribeClusters", json::<redshift::ClustersMessage>)),
    (
        "elasticloadbalancing",
        "elb-describe-load-balancers",
        ("DescribeLoadBalancers", json::<elb::DescribeAccessPointsOutput>),
    ),
    (
        "autoscaling",
        "autoscaling-describe-launch-configurations",
        ("DescribeLaunchConfigurations", json::<autoscaling::LaunchConfigurationsType>),
    ),
    (
        "autoscaling",
        "autoscaling-describe-auto-scaling-groups",
        ("DescribeAutoScalingGroups", json::<autoscaling::AutoScalingGroupsType>),
    ),
    ("autoscaling", "autoscaling-describe-policies", ("DescribePolicies", json::<autoscaling::PoliciesType>)),
    (
        "autoscaling",
        "autoscaling-describe-scheduled-actions",
        ("DescribeScheduledActions", json::<autoscaling::ScheduledActionsType>),
    ),
    (
        "autoscaling",
        "autoscaling-describe-notification-configurations",
        ("DescribeNotificationConfigurations", json::<autoscaling::DescribeNotificationConfigurationsAnswer>),
    ),
];
