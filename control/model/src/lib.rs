//! The cloud as plain data, and the transitions that change it: a folder a service, one file a resource. It has no I/O, no
//! clock and no packets.
//!
//! A transition is a method of [`Model`]. It checks first and changes then. Its [`Error`] has EC2's code and message. Whoever
//! calls it undoes a transition that fails half-way, for example because there is no address for the second of two instances.
//!
//! Each [`Collection`] records its changes. [`Model::take_changes`] hands them to the store and the compiler, and
//! [`Model::undo`] takes them back.

pub mod auto_scaling;
mod caller;
mod client_token;
mod collection;
mod collections;
mod counters;
mod default_vpc;
mod departed;
mod ec2;
mod error;
mod errors;
mod fnv;
mod forget;
pub mod iam;
mod ids;
mod index;
pub mod load_balancer;
pub mod logs;
pub mod platform_host;
mod reads;
mod region;
mod route53;
mod row;
mod scope;
pub mod services;
pub mod ssm;
mod stored;
mod text;
mod uuid;
mod words;

pub use caller::{Caller, SessionStart, arn};
pub use client_token::TokenedRequest;
pub use collection::{Collection, Resource};
pub use counters::{Counters, FIRST_NUMBER};
pub use default_vpc::Visit;
pub use departed::{Departure, Lingers};
pub use ec2::address::{
    CLASSIC_RANGE, INTERNET_ROUTER, NEVER_CLASSIC, PRIVATE_IP_TAG, PUBLIC_IP_TAG, PUBLIC_POOL, PublicAddress, is_public,
};
pub use ec2::address_prefix::{INTERFACE_PREFIX_LENGTH, PrefixWish, addresses_of};
pub use ec2::block_device::{DeviceMapping, ImageVolume, MappedVolume};
pub use ec2::block_public_access::{BlockExclusion, ExclusionMode};
pub use ec2::capacity_reservation::{CapacityChange, CapacityReservation, CapacityTerms, InstanceMatch};
pub use ec2::carrier_gateway::CarrierGateway;
pub use ec2::client_vpn_access::{AuthorizationRule, ClientVpnRoute, LOCAL as CLIENT_VPN_LOCAL};
pub use ec2::client_vpn_endpoint::{
    ClientAuthentication, ClientAuthenticationType, ClientVpnEndpoint, ClientVpnOptions, ClientVpnTransport,
    ConnectionLog, NewClientVpnEndpoint, SelfServicePortal,
};
pub use ec2::client_vpn_network::{INTERFACE as CLIENT_VPN_INTERFACE, TargetNetwork};
pub use ec2::connection_tracking::ConnectionTracking;
pub use ec2::console::Console;
pub use ec2::customer_gateway::CustomerGateway;
pub use ec2::dedicated_host::{DedicatedHost, HostChange, HostKind, OnOff};
pub use ec2::dhcp_options::DhcpOptions;
pub use ec2::egress_only_internet_gateway::EgressOnlyInternetGateway;
pub use ec2::elastic_address::{AddressHolder, AddressName, AddressTarget, AddressTransfer, Domain, ElasticAddress};
pub use ec2::ena_srd::EnaSrd;
pub use ec2::endpoint_connection::is_offered;
pub use ec2::endpoint_notification::EndpointNotification;
pub use ec2::endpoint_service::{
    AllowedPrincipal, ListChange, OfferedName, ServiceOffer, ServiceOfferChange, VpcEndpointService,
};
pub use ec2::event_window::{InstanceEventWindow, WeekTime, WindowTarget, WindowTimes};
pub use ec2::fast_snapshot_restore::FastSnapshotRestore;
pub use ec2::fleet::{
    Fleet, FleetConfig, FleetError, FleetInstance, FleetKind, FleetOverride, FleetTarget, FleetTemplate, units,
};
pub use ec2::flow_log::{FlowLog, LogDestination, LoggedKind, LoggedTraffic, NewFlowLogs};
pub use ec2::flow_log_field::{DEFAULT_FORMAT, Field, format_text, parse_format};
pub use ec2::host::{Host, HostPlace};
pub use ec2::image::{BootMode, Firmware, Image, ImagePlatform, NewImage, RootDeviceType, public_images};
pub use ec2::impairment::{
    HostImpairments, IMPAIR_TAG, PathEnd, directions_text, impairment_text, impairments_of, impairments_text,
    parse_directions, parse_impairments,
};
pub use ec2::instance::{
    ClassicPlace, ClientToken, Instance, InstanceChange, InstanceState, Link, MTU_TAG, Network, PORT_TAG, VpcPlace,
};
pub use ec2::instance_connect_endpoint::InstanceConnectEndpoint;
pub use ec2::instance_host::InstanceHost;
pub use ec2::instance_options::{
    Automatic, BandwidthWeighting, BootImages, CapacityPreference, CpuCredits, CpuOptions, HostnameType, HttpTokens,
    InstanceOptions, MetadataOptions, PrivateDnsNameOptions, ProfileAssociation, Switch,
};
pub use ec2::instance_placement::PlacementChange;
pub use ec2::instance_type::{Disk, InstanceType, instance_types};
pub use ec2::interface_endpoint::{InterfaceEndpointChange, NewInterfaceEndpoint};
pub use ec2::interface_permission::{InterfacePermission, InterfacePurpose};
pub use ec2::interface_service::{interface_services, private_name, service_name};
pub use ec2::interface_settings::{InterfaceSettings, Ipv6Wish};
pub use ec2::internet_gateway::InternetGateway;
pub use ec2::ipam::{Ipam, IpamChange, IpamTier};
pub use ec2::ipam_allocation::IpamAllocation;
pub use ec2::ipam_block::BlockWish;
pub use ec2::ipam_discovery::{IpamDiscoveryAssociation, IpamResourceDiscovery};
pub use ec2::ipam_pool::{AllocationRules, IpFamily, IpamPool, PoolChange, PoolCidr, PoolForm};
pub use ec2::ipam_resource::IpamResource;
pub use ec2::ipam_scope::IpamScope;
pub use ec2::ipv6_prefix::Ipv6PrefixWish;
pub use ec2::key_pair::{Key, KeyPair, KeyType};
pub use ec2::launch::{INSTANCES, Launch, LaunchInterface};
pub use ec2::launch_form::LaunchForm;
pub use ec2::launch_specification::{
    BlockDevice, ClassicLinkAtLaunch, EbsDevice, FurtherInterface, LaunchSpecification,
};
pub use ec2::launch_template::{LaunchTemplate, LaunchTemplateVersion, NewVersion};
pub use ec2::managed_host::{
    Condition, ManagedHost, ManagedNews, ManagedPlace, ManagedService, NewManagedHost, NewPlace, Owner, Power, Program,
};
pub use ec2::nat_address::SecondaryAddresses;
pub use ec2::nat_gateway::{NatGateway, NatState, NewNatGateway};
pub use ec2::network_acl::{AclAssociation, AclEntry, LAST_RULE, NetworkAcl};
pub use ec2::network_insights::{
    Findings, InsightsProtocol, NetworkInsightsAnalysis, NetworkInsightsPath, Obstacle, PathHeader, PathPart, PathRule,
};
pub use ec2::network_interface::{InterfaceAttachment, InterfaceChange, NetworkInterface, NewNetworkInterface};
pub use ec2::placement_group::{PlacementGroup, PlacementStrategy, SpreadLevel};
pub use ec2::prefix_list::{NewPrefixList, PrefixList, PrefixListChange, PrefixListEntry, PrefixListState};
pub use ec2::private_address::AddressWish;
pub use ec2::public_snapshot::public_snapshots;
pub use ec2::region_settings::{
    AllowedImages, ImageCriterion, InternetBlock, MetadataDefaults, MetricSubscription, RegionSettings,
    SnapshotSharing, SpotDatafeed,
};
pub use ec2::route::TargetSpec;
pub use ec2::route_server::{RouteServer, RouteServerOptions};
pub use ec2::route_server_endpoint::RouteServerEndpoint;
pub use ec2::route_server_peer::{PeerLiveness, RouteServerPeer};
pub use ec2::route_table::{
    Destination, FormerAssociation, Origin, Route, RouteTable, RouteTableAssociation, RouteTableUser, Target,
};
pub use ec2::security_group::{BALANCERS, BALANCERS_GROUP, GroupRule, RulePeer, SecurityGroup};
pub use ec2::security_group_rule::{PeerSpec, RuleSpec};
pub use ec2::snapshot::{Encryption, Snapshot, SnapshotMove, SnapshotTier};
pub use ec2::spot_fleet::{SpotFleet, SpotFleetEvent, SpotFleetInstance};
pub use ec2::spot_request::{
    INTERRUPTION_NOTICE, Interruption, InterruptionNotice, NoInterruption, SpotRequest, SpotState, SpotTerms,
};
pub use ec2::subnet::Subnet;
pub use ec2::subnet_cidr_reservation::{ReservationKind, SubnetCidrReservation};
pub(crate) use ec2::tags;
pub use ec2::tags::check as check_tags;
pub use ec2::traffic::Traffic;
pub use ec2::traffic_mirror::{
    MirrorAction, MirrorDirection, MirrorRule, MirrorTarget, TrafficMirrorFilter, TrafficMirrorFilterRule,
    TrafficMirrorTarget,
};
pub use ec2::traffic_mirror_session::{MirrorSession, TrafficMirrorSession};
pub use ec2::transit_end::{TransitEnd, TransitResource};
pub use ec2::transit_gateway::{Support, TransitGateway, TransitGatewayChange, TransitGatewayOptions};
pub use ec2::transit_gateway_attachment::{
    TransitAttachmentChange, TransitAttachmentOptions, TransitGatewayAttachment, TransitSubnet,
};
pub use ec2::transit_gateway_connect::TransitGatewayConnect;
pub use ec2::transit_gateway_connect_peer::{NewConnectPeer, TransitGatewayConnectPeer};
pub use ec2::transit_gateway_multicast_domain::{
    MulticastAssociation, MulticastMember, MulticastOptions, TransitGatewayMulticastDomain,
};
pub use ec2::transit_gateway_peering::{TransitGatewayPeering, TransitPeer, TransitPeeringState};
pub use ec2::transit_gateway_policy_table::{PolicyEntry, PolicyRule, TransitGatewayPolicyTable};
pub use ec2::transit_gateway_route_table::{PrefixListReference, TransitGatewayRoute, TransitGatewayRouteTable};
pub use ec2::transit_gateway_vpn::TransitGatewayVpn;
pub use ec2::volume::{NewVolume, Volume, VolumeAttachment, VolumeChange, VolumeModification, VolumeShape, VolumeType};
pub use ec2::vpc::{Tenancy, Vpc};
pub use ec2::vpc_block::{Block, FormerBlock, Ipv6Block, VpcCidr};
pub use ec2::vpc_endpoint::{
    Acceptance, InterfaceEndpoint, VpcEndpoint, endpoint_services, is_prefix_list, prefix_list_id, service_prefix_lists,
};
pub use ec2::vpc_peering_connection::{
    PEERING_REQUEST_LIFE, PeeringOptions, PeeringOptionsChange, PeeringSide, PeeringStatus, VpcPeeringConnection,
};
pub use ec2::vpn_connection::{VpnConnection, VpnEnd};
pub use ec2::vpn_gateway::{Detachment, VpnGateway};
pub use ec2::vpn_options::{TunnelLog, VpnOptions, VpnTunnel};
pub use error::{Error, TagFault};
pub use fnv::{FNV_OFFSET, fnv1, fnv1a};
pub use ids::IdKind;
pub use moment::Time;
pub use reads::{Read, Reads};
pub use region::{REGIONS, Region, zone_id};
pub use route53::cidr_collection::{CidrChange, CidrCollection};
pub use route53::delegation_set::DelegationSet;
pub use route53::domain_name::{dns_name, domain_name, escaped_name, spelled};
pub use route53::error::{DocumentFault, Faults, RecordFault, SetName, ShapeFault, TextFault, ZoneError};
pub use route53::health_check::HealthCheck;
pub use route53::hosted_zone::{HostedZone, NAME_SERVERS, ZoneVpc};
pub use route53::query_logging::QueryLoggingConfig;
pub use route53::record_change::MOST_RECORDS;
pub use route53::record_data::{rdata, reversed};
pub use route53::record_set::{
    AliasTarget, CidrRouting, Failover, Geoproximity, Location, MOST_BIAS, RECORD_TYPES, RecordAction, RecordSet,
    ResourceLocation, empty_set,
};
pub use route53::traffic_policy::{MOST_TRAFFIC_POLICIES, TrafficPolicy, TrafficPolicyVersion};
pub use route53::traffic_policy_instance::{AppliedPolicy, MOST_TRAFFIC_POLICY_INSTANCES, TrafficPolicyInstance};
pub use row::{Numbered, Row, Tags};
pub use scope::{Scope, is_account_id};
pub use stored::{RowError, RowFault};
pub use text::{not_in_xml, xml_has};
pub use uuid::{is_uuid, random_uuid, uuid};

use auto_scaling::{AutoScalingGroup, LaunchConfiguration, ScalingActivity, ScalingPolicy, ScheduledAction};
use collections::collections;
use iam::{
    AccessKey, AccountSettings, Identity, IdentityProvider, InstanceProfile, LastUse, ManagedPolicy, MfaDevice,
    ServerCertificate, Session,
};
use load_balancer::LoadBalancer;
use logs::{LogGroup, LogPolicy, LogStream};
use serde::{Deserialize, Serialize};
use services::{
    AccessGroup, Deployment, OptionGroup, ParameterGroup, ServiceEntry, ServiceEvent, ServiceSnapshot, SubnetGroup,
};
use ssm::Parameter;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The result of a transition.
pub type Result<T> = std::result::Result<T, Error>;

/// How long a deleted resource is described, if AWS publishes no time. It is the time published for NAT gateways.
const LINGER: Duration = Duration::from_secs(3600);

/// The number of the Internet's address space (a VRF). Assigned numbers begin with [`FIRST_NUMBER`].
pub const INTERNET: u32 = 1;
/// The number of the address space (a VRF) of the platform's services and their clients.
pub const PLATFORM: u32 = 100;
/// The platform's settings, which do not change while the cloud runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Platform {
    /// Accounts without EC2-Classic in any Region.
    pub vpc_only_accounts: BTreeSet<String>,
    /// The names of the Regions that have EC2-Classic.
    #[serde(default = "region::with_classic")]
    pub classic_regions: BTreeSet<String>,
    /// The MTU of links of ClassicLink, in bytes (semantics.md §11).
    pub link_mtu: u16,
    /// Whether requests must be signed with a known key, because accounts are declared.
    pub accounts_known: bool,
    /// The ids of rows that the file of accounts declares. Requests cannot change these rows.
    pub declared: BTreeSet<String>,
    /// The ids that the next resources of these kinds get, while an import creates them.
    #[serde(skip)]
    pub given_ids: BTreeMap<IdKind, String>,
}

impl Default for Platform {
    fn default() -> Self {
        Self {
            vpc_only_accounts: BTreeSet::new(),
            classic_regions: region::with_classic(),
            link_mtu: 1500,
            accounts_known: false,
            declared: BTreeSet::new(),
            given_ids: BTreeMap::new(),
        }
    }
}

collections! {
    /// The counters, which are one row.
    counters: Counters;
    /// The Regions in which accounts have their default resources.
    visits: Visit;
    /// VPCs.
    vpcs: Vpc;
    /// Subnets.
    subnets: Subnet;
    /// Route tables.
    route_tables: RouteTable;
    /// Security groups, of VPCs and of EC2-Classic.
    security_groups: SecurityGroup;
    /// Network ACLs.
    network_acls: NetworkAcl;
    /// Network interfaces.
    network_interfaces: NetworkInterface;
    /// Instances, including terminated ones for a while.
    instances: Instance;
    /// The console output of instances.
    consoles: Console;
    /// Volumes.
    volumes: Volume;
    /// Snapshots of volumes.
    snapshots: Snapshot;
    /// Images that accounts made.
    images: Image;
    /// Key pairs.
    key_pairs: KeyPair;
    /// Launch templates.
    launch_templates: LaunchTemplate;
    /// Spot Instance requests, as long as their instances are described.
    spot_requests: SpotRequest;
    /// Subnet CIDR reservations.
    subnet_cidr_reservations: SubnetCidrReservation;
    /// Placement groups.
    placement_groups: PlacementGroup;
    /// Internet gateways.
    internet_gateways: InternetGateway;
    /// Elastic IP addresses.
    elastic_addresses: ElasticAddress;
    /// NAT gateways.
    nat_gateways: NatGateway;
    /// Virtual private gateways.
    vpn_gateways: VpnGateway;
    /// Customer gateways: remote sites.
    customer_gateways: CustomerGateway;
    /// VPN connections.
    vpn_connections: VpnConnection;
    /// Transit gateways.
    transit_gateways: TransitGateway;
    /// Attachments of VPCs to transit gateways.
    transit_attachments: TransitGatewayAttachment;
    /// Route tables of transit gateways.
    transit_route_tables: TransitGatewayRouteTable;
    /// Endpoints of VPCs.
    vpc_endpoints: VpcEndpoint;
    /// Endpoint services.
    endpoint_services: VpcEndpointService;
    /// Connection notifications of VPC endpoints.
    endpoint_notifications: EndpointNotification;
    /// Traffic mirror filters.
    mirror_filters: TrafficMirrorFilter;
    /// Traffic mirror filter rules.
    mirror_rules: TrafficMirrorFilterRule;
    /// Traffic mirror sessions.
    mirror_sessions: TrafficMirrorSession;
    /// Traffic mirror targets.
    mirror_targets: TrafficMirrorTarget;
    /// Customer-managed prefix lists.
    prefix_lists: PrefixList;
    /// Egress-only Internet gateways.
    egress_only_gateways: EgressOnlyInternetGateway;
    /// Carrier gateways.
    carrier_gateways: CarrierGateway;
    /// Dedicated Hosts.
    dedicated_hosts: DedicatedHost;
    /// Capacity Reservations.
    capacity_reservations: CapacityReservation;
    /// EC2 Fleets.
    fleets: Fleet;
    /// Event windows of instances.
    event_windows: InstanceEventWindow;
    /// Spot Fleet requests.
    spot_fleets: SpotFleet;
    /// Peering attachments of transit gateways.
    transit_peerings: TransitGatewayPeering;
    /// VPN attachments of transit gateways.
    transit_vpns: TransitGatewayVpn;
    /// Connect attachments of transit gateways.
    transit_connects: TransitGatewayConnect;
    /// Connect peers of transit gateways.
    connect_peers: TransitGatewayConnectPeer;
    /// Multicast domains of transit gateways.
    multicast_domains: TransitGatewayMulticastDomain;
    /// Route servers.
    route_servers: RouteServer;
    /// Endpoints of route servers.
    route_server_endpoints: RouteServerEndpoint;
    /// Peers of route servers' endpoints.
    route_server_peers: RouteServerPeer;
    /// Policy tables of transit gateways.
    policy_tables: TransitGatewayPolicyTable;
    /// EC2 Instance Connect Endpoints.
    connect_endpoints: InstanceConnectEndpoint;
    /// Exclusions from VPC Block Public Access.
    block_exclusions: BlockExclusion;
    /// IPAMs.
    ipams: Ipam;
    /// IPAM scopes.
    ipam_scopes: IpamScope;
    /// IPAM pools.
    ipam_pools: IpamPool;
    /// Allocations of IPAM pools.
    ipam_allocations: IpamAllocation;
    /// Resource discoveries of IPAM, without the default ones.
    ipam_discoveries: IpamResourceDiscovery;
    /// Associations of these with IPAMs.
    ipam_discovery_associations: IpamDiscoveryAssociation;
    /// Permissions of other accounts to use network interfaces.
    interface_permissions: InterfacePermission;
    /// Snapshots that are enabled for fast restores.
    fast_restores: FastSnapshotRestore;
    /// Client VPN endpoints.
    client_vpn_endpoints: ClientVpnEndpoint;
    /// Settings of accounts for a Region.
    region_settings: RegionSettings;
    /// Paths of Reachability Analyzer.
    insights_paths: NetworkInsightsPath;
    /// Analyses of Reachability Analyzer.
    insights_analyses: NetworkInsightsAnalysis;
    /// DHCP options sets.
    dhcp_options: DhcpOptions;
    /// Flow logs.
    flow_logs: FlowLog;
    /// VPC peering connections.
    peerings: VpcPeeringConnection;
    /// Requests with a client token, for a day.
    tokened_requests: TokenedRequest;
    /// Deleted resources that are still described.
    departures: Departure;
    /// Hosts outside the cloud.
    hosts: Host;
    /// Hosts of services.
    managed_hosts: ManagedHost;
    /// DB instances and clusters, caches, and Redshift clusters.
    deployments: Deployment;
    /// Subnet groups of services.
    subnet_groups: SubnetGroup;
    /// DB, cache and cluster security groups, which control access in EC2-Classic.
    access_groups: AccessGroup;
    /// Parameter groups of services.
    parameter_groups: ParameterGroup;
    /// Option groups of RDS.
    option_groups: OptionGroup;
    /// Snapshots of databases, caches and warehouses.
    service_snapshots: ServiceSnapshot;
    /// Other resources of services, which have no effect on the network: subscriptions, proxies, users.
    service_entries: ServiceEntry;
    /// Events of services' resources.
    service_events: ServiceEvent;
    /// Hosted zones of Route 53.
    hosted_zones: HostedZone;
    /// Health checks of Route 53.
    health_checks: HealthCheck;
    /// Reusable delegation sets of Route 53.
    delegation_sets: DelegationSet;
    /// CIDR collections of Route 53.
    cidr_collections: CidrCollection;
    /// Query logging configurations of Route 53.
    query_logging_configs: QueryLoggingConfig;
    /// Traffic policies of Route 53.
    traffic_policies: TrafficPolicy;
    /// Versions of traffic policies of Route 53.
    traffic_policy_versions: TrafficPolicyVersion;
    /// Traffic policies applied to names of hosted zones.
    traffic_policy_instances: TrafficPolicyInstance;
    /// Parameters of Systems Manager.
    parameters: Parameter;
    /// Log groups of CloudWatch Logs.
    log_groups: LogGroup;
    /// Streams of log groups.
    log_streams: LogStream;
    /// Policies of CloudWatch Logs for services.
    log_policies: LogPolicy;
    /// Load balancers.
    load_balancers: LoadBalancer;
    /// Launch configurations of Auto Scaling.
    launch_configurations: LaunchConfiguration;
    /// Auto Scaling groups.
    auto_scaling_groups: AutoScalingGroup;
    /// Scaling activities of Auto Scaling groups, for a while.
    scaling_activities: ScalingActivity;
    /// Scaling policies of Auto Scaling groups.
    scaling_policies: ScalingPolicy;
    /// Scheduled actions of Auto Scaling groups.
    scheduled_actions: ScheduledAction;
    /// Users, groups and roles of IAM.
    identities: Identity;
    /// Managed policies of IAM.
    managed_policies: ManagedPolicy;
    /// Instance profiles.
    instance_profiles: InstanceProfile;
    /// Server certificates.
    server_certificates: ServerCertificate;
    /// Access keys.
    access_keys: AccessKey;
    /// MFA devices.
    mfa_devices: MfaDevice;
    /// Identity providers: SAML and OpenID Connect.
    identity_providers: IdentityProvider;
    /// Settings of accounts in IAM: aliases, password policies.
    account_settings: AccountSettings;
    /// Sessions of roles and users, including expired ones for a while.
    sessions: Session;
    /// The last uses of access keys, users and roles.
    last_uses: LastUse;
}

#[cfg(test)]
mod tests;
