//! The errors of all transitions of EC2, with EC2's codes and messages (semantics.md §1.4–1.5).

use super::ids::{absent, expected, told};
use super::{IdKind, Result};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why tag specifications are invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagFault {
    /// The resource type is not one that the action creates.
    #[error("'{0}' is not a valid taggable resource type for this operation.")]
    OtherType(String),
    /// The resource type is missing.
    #[error("Tag specification resource type must have a value")]
    NoType,
    /// A specification has no tags.
    #[error("Tag specification must have at least one tag")]
    NoTags,
}

macro_rules! errors {
    ($($name:ident { $($field:ident: $type:ty),* } $code:literal $message:literal;)*) => {
        /// An error of a transition, which has changed nothing. [`Error::code`] is EC2's code. The message is EC2's where it is known.
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        pub enum Error {
            /// The caller has no resource with this id.
            #[error("{}", absent(*kind, id))]
            NotFound {
                /// The kind of the id.
                kind: IdKind,
                /// The id.
                id: String,
            },
            /// The caller has no resources with these ids.
            #[error("The {kind}s '{}' do not exist", told(*kind, &ids.join(", ")))]
            NoneOf {
                /// The kind of the ids.
                kind: IdKind,
                /// The ids.
                ids: Vec<String>,
            },
            /// The id is of a kind of which the platform has no resources.
            #[error("The ID '{id}' does not exist")]
            Absent {
                /// EC2's code.
                code: &'static str,
                /// The id.
                id: String,
            },
            /// The id does not have the form of its kind.
            #[error("Invalid id: \"{id}\"{}", expected(*kind, id))]
            Malformed {
                /// The expected kind.
                kind: IdKind,
                /// The malformed id.
                id: String,
            },
            $(
                #[doc = concat!("`", $code, "`: ", $message)]
                #[error($message)]
                $name { $(#[doc = "See the message."] $field: $type,)* },
            )*
        }

        impl Error {
            /// EC2's error code.
            pub fn code(&self) -> &'static str {
                match self {
                    Error::NotFound { kind, .. } | Error::NoneOf { kind, .. } => kind.not_found(),
                    Error::Absent { code, .. } => code,
                    Error::Malformed { kind, .. } => kind.malformed(),
                    $(Error::$name { .. } => $code,)*
                }
            }
        }
    };
}

errors! {
    // Requests.
    MissingParameter { name: String } "MissingParameter" "The request must contain the parameter {name}";
    UnknownParameter { name: String } "UnknownParameter" "The parameter {name} is not recognized";
    UnsupportedParameter { name: String } "UnsupportedOperation" "The parameter {name} is not supported by this platform.";
    InvalidValue { name: String, value: String } "InvalidParameterValue" "Value ({value}) for parameter {name} is invalid.";
    UnknownAttribute { attribute: String } "InvalidParameterValue" "Value ({attribute}) for parameter attribute is invalid. Unknown attribute.";
    ImpairmentWord { word: String, tag: &'static str, help: &'static str } "InvalidParameterValue" "Value ({word}) for parameter {tag} is invalid. {help}";
    ValueLength { name: String, most: usize } "InvalidParameterValue" "The value of parameter {name} is longer than {most} bytes.";
    BadCharacter { what: String, character: String } "InvalidCharacter" "{what} has the character {character}.";
    NotUtf8 { what: String } "InvalidCharacter" "{what} is not UTF-8.";
    TooManyParameters { most: usize } "InvalidQueryParameter" "The request has more than {most} parameters.";
    OneAttributeAtATime {} "InvalidParameterCombination" "Only one attribute can be modified at a time.";
    OneBlockAtATime {} "InvalidParameterCombination" "Only one address block can be associated at a time.";
    CountOrAddresses {} "InvalidParameterCombination" "The request must contain either Ipv6AddressCount or Ipv6Addresses.";
    BlockOrGroup {} "InvalidParameterCombination" "Specify a CIDR block or a source security group, not both.";
    OneEndOfRule {} "InvalidParameterCombination" "Only one of cidrIp, cidrIpv6, prefixListId, or referencedGroupId can be specified";
    SubnetOrGateway {} "InvalidParameterCombination" "Specify a subnet or a gateway, not both.";
    ConnectEndpointLimit { vpc: String, other: String } "InstanceConnectEndpointLimitExceeded" "The VPC {vpc} has an EC2 Instance Connect Endpoint already: {other}.";
    DeviceTwice { device: String } "InvalidBlockDeviceMapping" "The device '{device}' is used in more than one block-device mapping";
    VpcOrSubnet {} "InvalidParameterCombination" "Specify a VPC or a subnet, not both.";
    OneDestination {} "InvalidParameterCombination" "A route has exactly one destination.";
    OneTarget {} "InvalidParameterCombination" "A route has exactly one target.";
    OneBlockOfEntry {} "InvalidParameterCombination" "An entry has exactly one CIDR block.";
    NoAttribute {} "InvalidParameterCombination" "No attributes specified.";
    OnePrimaryAddress {} "InvalidParameterCombination" "Only one primary private IP address can be specified.";
    Ipv6AddressesOrNumber {} "InvalidParameterCombination" "IPv6 addresses and their number may not be specified on the same request";
    AddressesOrNumber {} "InvalidParameterCombination" "Private IP addresses and their number may not be specified on the same request";
    PrefixesOrNumber {} "InvalidParameterCombination" "Prefixes and their number may not be specified on the same request";
    AddressOr { other: String } "InvalidParameterCombination" "You may specify public IP or {other}, but not both in the same call";
    InstanceOrInterface {} "InvalidParameterCombination" "You may specify an instance or a network interface, but not both in the same call";
    InterfacesOrInstanceLevel { what: String } "InvalidParameterCombination" "Network interfaces and an instance-level {what} may not be specified on the same request";
    IdsOrPages {} "InvalidParameterCombination" "The parameter instancesSet cannot be used with the parameter maxResults";
    TagSpecification { fault: TagFault } "InvalidParameterValue" "{fault}";
    NetworkTagSpecification { fault: TagFault } "InvalidParameter" "{fault}";
    UnsupportedTenancy { tenancy: String } "UnsupportedTenancy" "The tenancy value {tenancy} is not supported.";
    GroupNameWithSubnet {} "InvalidParameterCombination" "The parameter groupName cannot be used with the parameter subnet";
    BadFilter { name: String } "InvalidFilter" "The filter '{name}' is invalid";
    FilterLimit {} "FilterLimitExceeded" "The maximum number of filter values specified on a single call is 200";
    LongFilterValue {} "FilterLimitExceeded" "The maximum length for a filter value is 255 characters";
    BadMaxResults { value: String } "InvalidMaxResults" "The value '{value}' for MaxResults is not valid.";
    BadNextToken { token: String } "InvalidNextToken" "The token '{token}' is not valid.";
    DryRun {} "DryRunOperation" "Request would have succeeded, but DryRun flag is set.";
    NoSuchRegion { region: String } "UnsupportedOperation" "The Region {region} does not exist.";
    NoSuchPeerRegion { region: String, known: String } "InvalidParameterValue" "Value ({region}) for parameter PeerRegion is invalid. There are these Regions: {known}";
    NoSuchZone { zone: String } "InvalidParameterValue" "Invalid availability zone: [{zone}]";
    NoZoneOfSubnets { zone: String, zones: String } "InvalidParameterValue" "Value ({zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: {zones}.";
    NoZoneOfVolumes { zone: String } "InvalidZone.NotFound" "The zone '{zone}' does not exist.";
    IdempotentMismatch {} "IdempotentParameterMismatch" "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).";
    HasDependencies { kind: String, id: String } "DependencyViolation" "The {kind} '{id}' has dependencies and cannot be deleted.";

    // Tags.
    TagKeyLength { key: String } "InvalidParameterValue" "Tag key '{key}' is empty or exceeds the maximum length of 127 characters";
    TagKeyReserved { key: String } "InvalidParameterValue" "Tag key '{key}' must not begin with aws:";
    TagValueLength { value: String } "InvalidParameterValue" "Tag value '{value}' exceeds the maximum length of 255 characters";
    TagKeyTwice { key: String } "InvalidParameterValue" "Duplicate tag key '{key}' specified.";
    TagLimit {} "TagLimitExceeded" "A resource can have at most 50 tags.";
    InvalidId { id: String } "InvalidID" "The ID '{id}' is not valid";

    // VPCs and subnets.
    VpcRange { cidr: String } "InvalidVpc.Range" "The CIDR '{cidr}' is invalid.";
    SubnetRange { cidr: String } "InvalidSubnet.Range" "The CIDR '{cidr}' is invalid.";
    SubnetConflict { cidr: Ipv4Net } "InvalidSubnet.Conflict" "The CIDR '{cidr}' conflicts with another subnet";
    NoBlockOfNative {} "MissingParameter" "Either 'ipv6CidrBlock' or 'ipv6IpamPoolId' should be provided.";
    Ipv6OnlySubnet { subnet: String } "UnsupportedOperation" "The subnet '{subnet}' has IPv6 addresses only; network interfaces have IPv4 addresses here.";
    NativeWithIpv4 {} "InvalidParameterCombination" "When specifying ipv4 parameters, cidrBlock or ipv4IpamPoolId, you cannot set ipv6Native to true.";
    BadCidr { name: String, value: String } "InvalidParameterValue" "Value ({value}) for parameter {name} is invalid. This is not a valid CIDR block.";
    SubnetFull { subnet: String } "InsufficientFreeAddressesInSubnet" "There are not enough free addresses in subnet '{subnet}' to satisfy the requested number of instances.";
    AddressNotInSubnet { address: Ipv4Addr, subnet: String } "InvalidParameterValue" "Address {address} does not fall within the subnet's address range of '{subnet}'";
    AddressReserved { address: Ipv4Addr, subnet: String } "InvalidParameterValue" "Address {address} is in subnet '{subnet}''s reserved address range";
    AddressInUse { address: Ipv4Addr } "InvalidIPAddress.InUse" "Address {address} is in use.";
    DifferentNetworks {} "InvalidParameterValue" "You have specified two resources that belong to different networks.";

    // Route tables.
    MainAssociation { id: String } "InvalidParameterValue" "Cannot disassociate the main route table association {id}";
    AlreadyAssociated { subnet: String } "Resource.AlreadyAssociated" "The specified association for subnet {subnet} conflicts with an existing association";
    LocalRoute { cidr: String, table: String } "InvalidParameterValue" "cannot remove local route {cidr} in route table {table}";
    RouteNetworks { table: String, target: String } "InvalidParameterValue" "route table {table} and {target} belong to different networks";
    RouteInstance { id: String } "InvalidInstanceID" "The instance '{id}' has no network interface in a VPC.";
    RouteInsideLocal { cidr: String, local: String, table: String } "InvalidParameterValue" "Cannot create a more specific route for {cidr} than local route {local} in route table {table}";
    RouteInsideClassicLink { cidr: String, table: String } "InvalidParameterValue" "Cannot create a more specific route for {cidr} than local route 10.0.0.0/8 in route table {table}, which is ClassicLink's. Disable ClassicLink for the VPC and its peering connections first.";
    RemoveClassicLinkRoute { table: String } "InvalidParameterValue" "cannot remove local route 10.0.0.0/8 in route table {table}, which is ClassicLink's. Disable ClassicLink for the VPC and its peering connections instead.";
    ReplaceClassicLinkRoute { table: String } "InvalidParameterValue" "cannot replace local route 10.0.0.0/8 in route table {table}, which is ClassicLink's. Disable ClassicLink for the VPC and its peering connections first.";
    ClassicLinkRouteExists { table: String } "RouteAlreadyExists" "The route identified by 10.0.0.0/8 already exists. It is ClassicLink's in route table {table}: disable ClassicLink for the VPC and its peering connections first.";
    RouteExists { cidr: String } "RouteAlreadyExists" "The route identified by {cidr} already exists.";
    RouteNotDefined { cidr: String } "InvalidParameterValue" "There is no route defined for '{cidr}' in the route table. Use CreateRoute instead.";
    RouteNotFound { cidr: String, table: String } "InvalidRoute.NotFound" "no route with destination-cidr-block {cidr} in route table {table}";
    RouteLimit {} "RouteLimitExceeded" "The maximum number of routes has been reached.";

    TargetFamily { destination: String, target: String } "InvalidParameterValue" "The destination {destination} and the target {target} do not go together.";
    EndpointRoute { destination: String, table: String } "InvalidParameterValue" "cannot remove VPC endpoint route {destination} in route table {table}";
    EndpointRoutes {} "UnsupportedOperation" "Routes to gateway endpoints are made by ModifyVpcEndpoint.";
    GatewayAssociated { gateway: String } "Resource.AlreadyAssociated" "The specified association for gateway {gateway} conflicts with an existing association";
    EdgeRoute { cidr: String, table: String } "InvalidParameterValue" "The route {cidr} cannot be in route table {table} while a gateway uses that: such routes are for addresses of the VPC and lead to a network interface or stay local.";
    LocalTarget { cidr: String, target: String } "InvalidParameterValue" "The route {cidr}, local or inside a local route, cannot lead to {target}: only to a network interface or a NAT gateway.";
    NotALocalRoute { cidr: String } "InvalidParameterValue" "The route {cidr} is no local route whose target could be restored.";

    // Client VPN.
    ClientVpnInUse { id: String } "IncorrectState" "The Client VPN endpoint {id} has target networks. Disassociate them first.";
    ClientVpnAssociated { subnet: String } "InvalidClientVpnDuplicateAssociationException" "The subnet {subnet} is associated with the Client VPN endpoint already.";
    ClientVpnZone { zone: String } "InvalidClientVpnSubnetId.DuplicateAz" "The Client VPN endpoint has a target network in the Availability Zone {zone} already.";
    ClientVpnOverlap { cidr: Ipv4Net, vpc: String } "InvalidClientVpnSubnetId.OverlappingCidr" "The clients' CIDR {cidr} overlaps with a block of the VPC {vpc}.";
    NoClientVpnSubnet { subnet: String } "InvalidClientVpnSubnetId.NotFound" "The subnet {subnet} does not exist.";
    NoClientVpnNetwork { subnet: String } "InvalidClientVpnActiveAssociationNotFound" "The subnet {subnet} is no target network of the Client VPN endpoint.";
    ClientVpnRouteExists { cidr: Ipv4Net } "InvalidClientVpnDuplicateRoute" "The Client VPN endpoint has a route to {cidr} over this target network already.";
    NoClientVpnRoute { cidr: Ipv4Net } "InvalidClientVpnRouteNotFound" "The Client VPN endpoint has no route to {cidr} that could be deleted.";
    ClientVpnRuleExists { cidr: Ipv4Net } "InvalidClientVpnDuplicateAuthorizationRule" "The Client VPN endpoint has such an authorization rule for {cidr} already.";
    ClientVpnRuleLimit { most: usize } "ClientVpnAuthorizationRuleLimitExceeded" "A Client VPN endpoint can have at most {most} authorization rules.";
    ClientVpnRouteLimit { most: usize } "ClientVpnRouteLimitExceeded" "A target network can have at most {most} routes.";
    NoClientVpnRule { cidr: Ipv4Net } "InvalidClientVpnEndpointAuthorizationRuleNotFound" "The Client VPN endpoint has no such authorization rule for {cidr}.";
    GroupOrEveryone {} "InvalidParameterCombination" "Name a group or all groups, one of the two.";

    // IPAM.
    DefaultDiscovery { id: String } "OperationNotPermitted" "{id} came with its IPAM and stays as it is.";
    DiscoveryAssociated { discovery: String, ipam: String } "Resource.AlreadyAssociated" "{discovery} is already associated with {ipam}.";
    IpamRegionInUse { region: String } "InvalidParameterValue" "The Region {region} is the IPAM's home or the locale of one of its pools, and cannot be removed.";
    DefaultIpamScope { id: String } "InvalidParameterValue" "The scope {id} was made with its IPAM and cannot be deleted by itself.";
    SourcePool { id: String } "InvalidParameterValue" "A pool below {id} has the same scope, the same address family and, where that has one, the same locale.";
    PoolDepth { most: u32 } "ResourceLimitExceeded" "At most {most} pools can stand above one another.";
    PoolBlockTaken { cidr: IpNet } "InvalidParameterValue" "The CIDR {cidr} overlaps with one that is in use.";
    PoolBlockInUse { cidr: IpNet } "IncorrectState" "The CIDR {cidr} has allocations and cannot be deprovisioned.";
    OutsidePool { cidr: IpNet } "InvalidParameterValue" "The CIDR {cidr} is not provisioned to the pool.";
    BlockOrLength {} "InvalidParameterCombination" "The request cannot contain both a CIDR and a netmask length.";
    NoAllocationSize {} "InvalidParameterCombination" "The request cannot contain empty CIDR and Netmask Length for a pool with no default allocation netmask length set. Exactly one of them should be provided.";
    AllocationSize { length: u8 } "InvalidParameterValue" "The netmask length {length} is not one that allocations of the pool may have.";
    PoolFull {} "InvalidParameterValue" "The allocation size is too big for the pool.";
    AllocationOfResource { resource: String } "InvalidParameterValue" "The allocation is that of {resource}, and ends with it.";
    UnusablePool { id: String } "InvalidParameterValue" "The pool {id} has no addresses for this: a VPC uses one whose locale is its Region, a subnet one of its VPC, an Elastic IP address a public one.";

    // Internet gateways.
    GatewayAttached { id: String, vpc: String } "Resource.AlreadyAssociated" "resource {id} is already attached to network {vpc}";
    VpcHasGateway { vpc: String, gateway: String } "InvalidParameterValue" "Network {vpc} already has an internet gateway attached: {gateway}";
    GatewayNotAttached { id: String, vpc: String } "Gateway.NotAttached" "resource {id} is not attached to network {vpc}";
    MappedAddresses { vpc: String } "DependencyViolation" "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.";

    // Elastic IP addresses.
    NoAddressTransfer { id: String } "InvalidParameterValue" "The address '{id}' has no pending transfer.";
    TransferOfAssociated { address: Ipv4Addr } "InvalidTransfer.AddressAssociated" "The address {address} is associated. Its owner has to disassociate it first.";
    TransferOfNamed { address: Ipv4Addr } "InvalidTransfer.AddressCustomPtrSet" "The address {address} has a name in reverse. Its owner has to reset that first.";
    AddressLimit {} "AddressLimitExceeded" "The maximum number of addresses has been reached.";
    AddressNotFound { address: Ipv4Addr } "InvalidAddress.NotFound" "Address '{address}' not found.";
    NotYourAddress { address: Ipv4Addr } "AuthFailure" "The address '{address}' does not belong to you.";
    ServiceAttachment {} "OperationNotPermitted" "You are not allowed to manage 'ela-attach' attachments.";
    NotYours {} "AuthFailure" "You do not have permission to access the specified resource.";
    AddressMalformed { address: String } "InvalidAddress.Malformed" "Invalid IP address: '{address}'";
    ClassicNeedsAddress {} "InvalidParameterCombination" "You must specify an IP address when mapping to a non-VPC instance";
    VpcNeedsAllocation {} "InvalidParameterCombination" "You must specify an allocation id when mapping an address to a VPC instance";
    VpcNeedsAssociation {} "InvalidParameterValue" "You must specify an association id when unmapping an address from a VPC instance";
    ReleaseNeedsAllocation {} "InvalidParameterValue" "You must specify an allocation id when releasing a VPC elastic IP address";
    ClassicAddressTags {} "InvalidParameterCombination" "Elastic IP addresses of EC2-Classic cannot be tagged";
    NotRunningForAddress { id: String } "InvalidInstanceID" "The instance '{id}' is not in a valid state for this operation.";
    SeveralInterfaces { id: String } "InvalidInstanceID" "There are multiple interfaces attached to instance '{id}'. Please specify an interface ID for the operation instead.";
    AddressMigrated { address: Ipv4Addr } "EIPMigratedToVpc" "The address '{address}' has been migrated to the EC2-VPC platform.";
    NoSuchPrivate { address: Ipv4Addr, interface: String } "InvalidParameterValue" "The address {address} is not a private address of interface '{interface}'.";
    NoInternetGateway { vpc: String } "Gateway.NotAttached" "Network {vpc} is not attached to any internet gateway";
    AddressAssociated { what: String, association: String } "Resource.AlreadyAssociated" "resource {what} is already associated with associate-id {association}";
    AddressTooYoung { address: Ipv4Addr } "OperationNotPermitted" "The address '{address}' must have been allocated for 24 hours before it can be moved.";
    NeverClassic { address: Ipv4Addr } "OperationNotPermitted" "The address '{address}' was not moved from EC2-Classic and cannot be restored to it.";

    // Network ACLs.
    DefaultAcl { id: String } "InvalidParameterValue" "cannot delete default network ACL {id}";
    AclEntryExists { number: u16 } "NetworkAclEntryAlreadyExists" "The network acl entry identified by {number} already exists.";
    AclEntryNotFound { number: u16, id: String } "InvalidNetworkAclEntry.NotFound" "The network acl entry {number} does not exist in {id}.";
    AclEntryLimit {} "NetworkAclEntryLimitExceeded" "The maximum number of network acl entries has been reached.";

    // VPNs.
    InUse { what: String } "IncorrectState" "{what} is in use.";
    VpnGatewayLimit { vpc: String } "VpnGatewayAttachmentLimitExceeded" "The VPC '{vpc}' already has a virtual private gateway attached.";
    VpnGatewayNotAttached { id: String, vpc: String } "InvalidVpnGatewayAttachment.NotFound" "The attachment of vpnGateway '{id}' to VPC '{vpc}' does not exist.";
    OneVpnEnd {} "InvalidParameterValue" "The request must not contain both parameter vpnGatewayId and transitGatewayId";
    NoTransitGatewayOfVpn { id: String } "InvalidTransitGatewayID.NotFound" "The transitGateway ID '{id}' does not exist";
    NoStaticRoutes {} "InvalidVpnConnection.InvalidType" "The specified VPN connection does not support static routes.";

    // Endpoints.
    NoSuchService { service: String } "InvalidServiceName" "The Vpc Endpoint Service '{service}' does not exist";
    EndpointType { kind: String } "UnsupportedOperation" "Endpoints of the type {kind} are not supported: use Gateway or Interface.";
    EndpointTypeOfService { kind: &'static str, has: &'static str } "InvalidParameter" "Endpoint type ({kind}) does not match available service types ([{has}]).";
    NoPrivateDns { service: String } "InvalidParameter" "Private DNS can't be enabled because the service {service} does not provide a private DNS name.";
    ServiceOrEndpoint {} "InvalidParameterCombination" "A notification is about a service or an endpoint, one of the two.";
    EndpointRejected { id: String } "InvalidState" "The endpoint {id} was rejected, which cannot be undone.";
    ServiceHasEndpoints {} "ExistingVpcEndpointConnections" "Service has existing active VPC Endpoint connections!";
    NoInterfaceEndpoint {} "InvalidParameter" "Subnets, security groups and private DNS are for interface endpoints.";
    NotOfEndpoint { what: String, endpoint: String } "InvalidParameter" "{endpoint} does not have {what}.";
    NoGatewayEndpoint {} "InvalidParameter" "Route tables are for gateway endpoints.";
    PrivateDnsAttributes { vpc: String } "InvalidParameter" "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {vpc}";
    PrivateDnsConflict { name: String, vpc: String } "InvalidParameter" "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {name} in the VPC {vpc}";
    UnknownEndpoint { id: String } "InvalidVpcEndpoint.NotFound" "The Vpc Endpoint Id '{id}' does not exist";
    OneKindOfLoadBalancer {} "InvalidParameter" "exactly one of network_load_balancer_arn or gateway_load_balancer_arn is a required member";
    NameOrNone {} "InvalidParameterCombination" "A private DNS name is either given or removed.";
    NoOfferedName { id: String } "InvalidParameter" "The endpoint service {id} has no private DNS name.";
    UnknownEndpointService { id: String } "InvalidVpcEndpointService.NotFound" "The VpcEndpointService Id '{id}' does not exist";
    MirrorTargets {} "InvalidInput" "Invalid number of inputs. Only 1 of NetworkInterfaceId, NetworkLoadBalancerArn or GatewayLoadBalancerEndpointId required.";
    MirrorRuleNumber { number: i32 } "TrafficMirrorFilterRuleNumberExists" "The rule number {number} is already in use in that direction.";
    MirrorFilterInUse { id: String } "TrafficMirrorFilterInUse" "The filter {id} is used by a session.";
    MirrorTargetInUse { id: String } "TrafficMirrorTargetInUse" "The target {id} is used by a session.";
    MirrorSessionNumber { number: u32, interface: String } "TrafficMirrorSessionNumberExists" "The session number {number} is already in use at {interface}.";
    PrivateNatAddress {} "InvalidParameterCombination" "A private NAT gateway has no Elastic IP address: leave out AllocationId.";
    CountOfPublicNat {} "InvalidParameterCombination" "A public NAT gateway has a secondary private IP address for each secondary Elastic IP address: leave out SecondaryPrivateIpAddressCount.";
    UnpairedNatAddresses {} "InvalidParameterCombination" "There are more private IP addresses than Elastic IP addresses to pair them with.";
    OtherNatKind { id: String } "InvalidParameter" "The connectivity type of the NAT gateway {id} does not fit this request.";
    PrefixListFull { most: usize } "PrefixListMaxEntriesExceeded" "The prefix list can have at most {most} entries.";
    PrefixListVersion {} "PrefixListVersionMismatch" "The prefix list has the incorrect version number";
    SizeOrEntries {} "InvalidParameterCombination" "The entries of a prefix list and its size cannot be modified in one request.";
    NoSuchEntry { cidr: String, list: String } "InvalidParameterValue" "The prefix list {list} has no entry {cidr}.";
    EntryTwice { cidr: String } "InvalidParameterValue" "The entry {cidr} is there more than once.";
    PrefixListRouteNotFound { table: String, list: String } "InvalidRoute.NotFound" "no route with destination-prefix-list-id {list} in route table {table}";
    PrefixListRouteExists { table: String, list: String } "RouteAlreadyExists" "route table {table} already has a route with destination-prefix-list-id {list}";

    // Flow logs.
    FlowLogExists {} "FlowLogAlreadyExists" "Error. There is an existing Flow Log with the same configuration and log destination.";
    FlowLogLimit {} "FlowLogsLimitExceeded" "The maximum number of flow logs of this resource has been reached.";
    FlowLogResource { id: String, kind: String } "InvalidParameter" "Invalid Resource id {id} for resource-type {kind}";
    FlowLogInterval {} "InvalidParameter" "Invalid Flow Log Max Aggregation Interval";
    FlowLogTwoDestinations {} "InvalidParameter" "Please only provide LogGroupName or only provide LogDestination.";
    FlowLogNoDestination {} "InvalidParameter" "LogDestination can't be empty if LogGroupName is not provided.";
    FlowLogGroupOfOtherType {} "InvalidParameter" "LogDestination type must be cloud-watch-logs if LogGroupName is provided.";
    FlowLogArn { arn: String, kind: String } "InvalidParameter" "LogDestination: {arn} is no ARN of {kind}";
    OnlyPlainFlowLogs {} "UnsupportedOperation" "Flow logs are plain text, without partitions.";
    FlowLogFormat { format: String } "InvalidParameterValue" "1 validation error detected: Value '{format}' at 'logFormat' has an invalid format";
    FlowLogFields { fields: String } "InvalidParameter" "Unknown fields provided: {fields}";
    FlowLogsNotFound { count: usize, ids: String } "InvalidFlowLogId.NotFound" "These flow log ids in the input list are not found: [TotalCount: {count}] {ids}";

    // Network interfaces.
    InterfaceAttached { id: String } "InvalidNetworkInterface.InUse" "Network interface '{id}' is currently in use.";
    InterfaceUnattached { id: String } "IncorrectState" "Network interface '{id}' is not attached to an instance.";
    PrimaryInterface {} "OperationNotPermitted" "The network interface at device index 0 cannot be detached.";
    OnlyVpcInterfaces { id: String } "InvalidInstanceID" "The instance '{id}' is in EC2-Classic, where instances have no network interfaces.";
    InterfaceZone {} "InvalidParameterCombination" "You may not attach a network interface to an instance if they are not in the same availability zone";
    DeviceIndexTaken { id: String, index: u16 } "InvalidParameterValue" "Instance '{id}' already has an interface attached at device index '{index}'.";
    DeviceIndexTwice {} "InvalidParameterValue" "Each network interface requires a unique device index.";
    NoPrimaryInterface {} "UnsupportedOperation" "When specifying network interfaces, you must include a device at index 0.";
    PublicForSeveral {} "InvalidParameterCombination" "The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.";
    PublicForExisting {} "InvalidParameterCombination" "The associatePublicIPAddress parameter cannot be specified for a network interface that exists.";
    PrivateAddressLimit { interface: String } "PrivateIpAddressLimitExceeded" "{interface}: Number of private addresses will exceed limit.";
    AddressNotMoved { addresses: String } "InvalidParameterValue" "[{addresses}] assigned, but move is not allowed.";
    PrimaryAddress { address: Ipv4Addr } "InvalidParameterValue" "The primary IP address {address} of an interface cannot be unassigned.";
    NotAssigned { interface: String } "InvalidParameterValue" "Some of the specified addresses are not assigned to interface {interface}";

    // Address blocks.
    RestrictedCidr { cidr: Ipv4Net } "InvalidVpc.Range" "The CIDR '{cidr}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or use a publicly-routable CIDR.";
    OverlappingCidr { cidr: Ipv4Net } "InvalidVpc.Range" "The CIDR '{cidr}' overlaps with a CIDR block of this VPC or of a peer VPC.";
    ClassicLinkCidr { cidr: Ipv4Net, vpc: String } "InvalidVpc.Range" "The CIDR '{cidr}' conflicts with ClassicLink, for which the VPC '{vpc}' routes 10.0.0.0/8 to linked EC2-Classic instances; of that range it can have blocks of 10.0.0.0/16 and 10.1.0.0/16 only. Use such a CIDR, or disable ClassicLink for the VPC and its peering connections first.";
    CidrHoldsRoute { cidr: Ipv4Net, route: String, table: String } "InvalidVpc.Range" "The CIDR '{cidr}' holds the destination {route} of a route in route table {table}.";
    CidrLimit { vpc: String, most: usize } "CidrLimitExceeded" "This network {vpc} has met its maximum number of allowed CIDRs: {most}";
    PrimaryCidr { association: String } "OperationNotPermitted" "The vpc CIDR block with association ID {association} may not be disassociated. It is the primary IPv4 CIDR block of the VPC";
    CidrInUse { association: String } "DependencyViolation" "The CIDR block with association ID {association} is in use.";
    Ipv6SubnetConflict { cidr: Ipv6Net } "InvalidSubnet.Conflict" "The IPv6 CIDR '{cidr}' conflicts with another subnet";
    Ipv6Address { address: Ipv6Addr, subnet: String } "InvalidParameterValue" "The address {address} cannot be used for this in subnet '{subnet}'.";

    // VPC peering connections.
    PeeringExists { id: String } "VpcPeeringConnectionAlreadyExists" "The VPC peering connection {id} between these VPCs already exists.";
    PeeringLimit { vpc: String } "ActiveVpcPeeringConnectionPerVpcLimitExceeded" "The VPC '{vpc}' has the maximum number of active VPC peering connections.";
    NotTheAccepter { account: String, verb: String, id: String } "OperationNotPermitted" "User {account} cannot {verb} peering {id}";
    PeeringStatus { id: String, status: String } "InvalidStateTransition" "The VPC peering connection {id} is {status}, which does not permit this operation.";
    PeeringNotActive { id: String } "OperationNotPermitted" "Peering {id} is not active. Peering options can be added only to active peerings.";
    NotYourSide { account: String, side: String } "OperationNotPermitted" "User {account} does not have permission to modify the {side} side peering options";
    CrossRegionOptions {} "OperationNotPermitted" "Modifying VPC peering connection options AllowEgressFromLocalClassicLinkToRemoteVpc, AllowEgressFromLocalVpcToRemoteClassicLink is not supported for cross-region VPC peering connections";
    PeerDnsHostnames { vpc: String } "InvalidVpcPeeringConnectionState.DnsHostnamesDisabled" "DNS hostnames and DNS support must be enabled for VPC '{vpc}' before its names can be resolved across a peering connection.";

    // Reachability Analyzer.
    InsightsEnd { id: String } "InvalidParameterValue" "A path cannot begin or end at {id}: it leads from an instance or a network interface to one of these or to an Internet gateway.";
    InsightsPathHasAnalyses { id: String } "AnalysisExistsForNetworkInsightsPath" "The path {id} has analyses. Delete them first.";
    InsightsTables {} "InternalError" "The network cannot be analysed.";

    // Transit gateways.
    StillHas { id: String, what: String, others: String } "IncorrectState" "{id} has non-deleted {what}: {others}.";
    TransitGatewayTwice { gateway: String } "DuplicateTransitGatewayAttachment" "{gateway} has non-deleted Transit Gateway Attachments with same VPC ID.";
    SubnetsOfOneZone { zone: String } "DuplicateSubnetsInSameZone" "Duplicate Subnets for same AZ: {zone}.";
    NoTransitSubnet { id: String } "InvalidParameterCombination" "{id} must keep a subnet.";
    DefaultTransitTable { id: String, gateway: String } "IncorrectState" "{id} is a default route table of {gateway}.";
    TransitAssociated { attachment: String, to: &'static str } "Resource.AlreadyAssociated" "Transit Gateway Attachment {attachment} is already associated to a {to} table.";
    TransitNotAssociated { table: String, attachment: String } "InvalidAssociation.NotFound" "Transit Gateway Attachment {attachment} is not associated with {table}.";
    TransitPropagates { table: String, attachment: String } "TransitGatewayRouteTablePropagation.Duplicate" "Propagation {attachment} exists in {table}.";
    TransitDoesNotPropagate { table: String, attachment: String } "TransitGatewayRouteTablePropagation.NotFound" "Propagation {attachment} does not exist in {table}.";
    TransitPeeringPropagates { attachment: String } "UnsupportedOperation" "Transit Gateway Attachment {attachment} is a peering, which propagates no routes. Create static routes.";
    TransitConnectRoute { attachment: String } "UnsupportedOperation" "Transit Gateway Attachment {attachment} is of the type connect, which takes no static routes.";
    ConnectAddress { address: IpAddr, gateway: String } "InvalidParameterValue" "{address} is no free address of the CIDR blocks of {gateway}.";
    NoConnectAddress { gateway: String } "IncorrectState" "{gateway} has no CIDR block with a free address.";
    NoMulticast { gateway: String } "IncorrectState" "{gateway} does not support multicast.";
    NoStaticSources { domain: String } "IncorrectState" "{domain} does not support static sources.";
    MulticastAssociated { subnet: String } "Resource.AlreadyAssociated" "Subnet {subnet} is already associated to a multicast domain.";
    NotMulticast { domain: String, subnet: String } "InvalidTransitGatewayMulticastDomainAssociation.NotFound" "Subnet {subnet} is not associated with {domain}.";
    OutsideMulticast { domain: String, interface: String } "InvalidParameterValue" "The network interface {interface} is in no subnet that is associated with {domain}.";
    NotGroupMember { interface: String } "TransitGatewayMulticastGroupMember.NotFound" "The network interface {interface} is not a member of the group.";
    NotGroupSource { interface: String } "TransitGatewayMulticastGroupSource.NotFound" "The network interface {interface} is not a source of the group.";
    NoPolicyAssociation { table: String, attachment: String } "InvalidTransitGatewayPolicyTableAssociation.NotFound" "Transit Gateway Attachment {attachment} is not associated with {table}.";
    NoPolicyEntry { table: String, number: u32 } "InvalidTransitGatewayPolicyTableEntry.NotFound" "{table} has no entry {number}.";
    PolicyEntryTwice { table: String, number: u32 } "InvalidParameterValue" "{table} already has an entry {number}.";
    TransitRouteTarget {} "InvalidParameterCombination" "A route leads to an attachment or is a blackhole, one of the two.";

    // Route servers.
    RouteServerAssociated { server: String, vpc: String } "IncorrectState" "Route Server {server} is associated with the VPC {vpc}.";
    RouteServerNotAssociated { server: String } "InvalidRouteServerId.NotAssociated" "Route Server {server} is not associated with a VPC.";
    RouteServerPropagates { server: String, table: String } "IncorrectState" "Route Server {server} propagates to {table} already.";
    RouteServerNotPropagated { server: String } "InvalidRouteServerId.NotPropagated" "Route Server {server} does not propagate to the route table.";
    RouteServerPeerTwice { endpoint: String, address: IpAddr } "IncorrectState" "{endpoint} has a peer with the address {address}.";

    // Security groups.
    GroupNameNotFound { name: String, place: String } "InvalidGroup.NotFound" "The security group '{name}' does not exist in {place}";
    GroupDuplicate { name: String, place: String } "InvalidGroup.Duplicate" "The security group '{name}' already exists for {place}";
    GroupLimit {} "SecurityGroupLimitExceeded" "The maximum number of security groups has been reached.";
    GroupReserved { name: String } "InvalidGroup.Reserved" "The security group '{name}' is reserved";
    GroupNameReserved { name: String } "InvalidParameterValue" "Cannot use reserved security group name: {name}";
    GroupUndeletable { id: String, name: String } "CannotDelete" "the specified group: \"{id}\" name: \"{name}\" cannot be deleted by a user";
    GroupInUse { name: String } "InvalidGroup.InUse" "There are active instances or rules using security group '{name}'";
    GroupDependency { id: String } "DependencyViolation" "resource {id} has a dependent object";
    OtherNetworkGroup {} "InvalidGroup.NotFound" "You have specified two resources that belong to different networks.";
    OnlyVpcGroups {} "InvalidParameterValue" "Only Amazon VPC security groups may be used with this operation.";
    GroupNameLikeId { name: String } "InvalidParameterValue" "Value ({name}) for parameter GroupName is invalid. Group names may not be in the format sg-*.";
    NoProtocol {} "InvalidParameterValue" "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.";
    OnePort {} "InvalidParameterValue" "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.";
    InvalidPortRange { range: String } "InvalidParameterValue" "Invalid value '{range}' for portRange.";
    InvalidIcmp { value: i32 } "InvalidParameterValue" "ICMP type or code {value} is out of range.";
    NotInClassic { what: String } "InvalidParameterValue" "Rules of EC2-Classic groups are for tcp, udp and icmp over IPv4, or for another group; not for {what}.";
    NoPeers {} "MissingParameter" "The request must contain a source or destination: a CIDR block, a group or a prefix list.";
    NoPeer {} "MissingParameter" "The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId";
    GroupIdMalformed { id: String } "InvalidGroupId.Malformed" "The security group ID '{id}' is malformed";
    NoRules {} "MissingParameter" "The request must contain the parameter IpPermissions";
    RuleDuplicate { rule: String } "InvalidPermission.Duplicate" "the specified rule \"{rule}\" already exists";
    RuleNotFound {} "InvalidPermission.NotFound" "The specified rule does not exist in this security group.";
    RuleLimit {} "RulesPerSecurityGroupLimitExceeded" "The maximum number of rules per security group has been reached.";
    GroupsPerInterface {} "SecurityGroupsPerInterfaceLimitExceeded" "The maximum number of security groups per interface has been reached.";
    GroupsPerInstance {} "SecurityGroupsPerInstanceLimitExceeded" "The maximum number of security groups per instance has been reached.";

    // Instances.
    NotStopped { id: String } "IncorrectInstanceState" "The instance '{id}' is not in the 'stopped' state.";
    NoInstances {} "InvalidParameterCombination" "No instances specified";
    WrongState { id: String, state: String } "IncorrectInstanceState" "The instance '{id}' is not in a state from which this can be done: it is {state}.";
    TenancyForGood { instance_type: String } "InvalidRequest" "An instance of the type {instance_type} cannot be moved to or from Dedicated Hosts.";
    InstanceStore { id: String } "UnsupportedOperation" "The instance '{id}' does not have an 'ebs' root device type, which this action needs.";
    OneTimeSpot { id: String } "UnsupportedOperation" "You can't stop the Spot Instance '{id}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.";
    NoStop { id: String } "OperationNotPermitted" "The instance '{id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.";
    TokensEnforced {} "UnsupportedOperation" "This account has httpTokensEnforced on: instances must have httpTokens=required.";
    ProfileTwice {} "InvalidParameterCombination" "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'";
    ProfileMalformed { arn: String } "InvalidIamInstanceProfileArn.Malformed" "The instance profile ARN '{arn}' is not valid.";
    ProfileAssociated { id: String } "IncorrectState" "There is an existing association for instance {id}";
    HopLimit { value: i32 } "InvalidParameterValue" "Value ({value}) for parameter HttpPutResponseHopLimit is invalid. It is a number from 1 to 64.";
    NoCredits { id: String } "InvalidParameterCombination" "The instance '{id}' is not of a type with CPU credits: T2, T3, T3a and T4g.";
    CpuOptions { cores: u32, threads: u32, instance_type: String } "InvalidParameterCombination" "{cores} cores of {threads} threads are no CPU options of instance type {instance_type}.";
    NoKey {} "InternalError" "No key could be made.";
    KeyFormat {} "InvalidKey.Format" "Key is not in valid OpenSSH public key format";
    KeyPairExists { name: String } "InvalidKeyPair.Duplicate" "The keypair '{name}' already exists.";
    TemplateName { name: String } "InvalidLaunchTemplateName.MalformedException" "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: ( ) . / _ -; '{name}' is none.";
    TemplateNameTaken {} "InvalidLaunchTemplateName.AlreadyExistsException" "Launch template name already in use.";
    NoSuchTemplate { id: String } "InvalidLaunchTemplateId.NotFound" "The specified launch template, with template ID {id}, does not exist.";
    NoSuchTemplateName { name: String } "InvalidLaunchTemplateName.NotFoundException" "The specified launch template, with template name {name}, does not exist.";
    NoSuchTemplateVersion { id: String, version: String } "InvalidLaunchTemplateId.VersionNotFound" "Could not find the specified version {version} for the launch template with ID {id}.";
    TemplateTwice {} "InvalidParameterCombination" "Either provide launch template ID or launch template name.";
    TemplateOrVersions {} "MissingParameter" "To describe the launch template data for all your launch templates, for ‘--versions’ specify ‘$Latest’, ‘$Default’, or both, and omit ‘--launch-template-id’, ‘--launch-template-name’, and version numbers. To describe the launch template data for a specific launch template, specify ‘--launch-template-id’ or ‘--launch-template-name’, and for ‘--versions’ specify one or more of the following values: ‘$Latest’, ‘$Default’, or one or more version numbers.";
    VersionsOfAllTemplates {} "InvalidParameterValue" "To describe the launch template data for all your launch templates, for ‘--versions’ specify ‘$Latest’, ‘$Default’, or both, and omit ‘--launch-template-id’, ‘--launch-template-name’, and version numbers. To describe the launch template data for a specific launch template, specify ‘--launch-template-id’ or ‘--launch-template-name’, and for ‘--versions’ specify one or more of the following values: ‘$Latest’, ‘$Default’, or one or more version numbers.";
    TemplateNamesMissing {} "InvalidLaunchTemplateName.NotFoundException" "At least one of the launch templates specified in the request does not exist.";
    TemplateIdsMissing {} "InvalidLaunchTemplateId.NotFound" "At least one of the launch templates specified in the request does not exist.";
    TemplateTwiceToModify {} "InvalidParameterCombination" "Either provide launch template ID or launch template name to modify the template.";
    TypeAndRequirements {} "InvalidParameterCombination" "You can specify either InstanceType or InstanceRequirements, but not both.";
    RequirementsOfRun {} "InvalidParameterCombination" "A launch template with InstanceRequirements can be used by Auto Scaling groups and fleets, not by RunInstances.";
    NoTypeFits {} "InvalidParameterValue" "No instance type has the properties that InstanceRequirements asks for.";
    NoVersionToBeDefault { version: String } "InvalidLaunchTemplateId.VersionNotFound" "The launch template version {version} is not found for the specified launch template.";
    UserDataEncoding {} "InvalidUserData.Malformed" "Invalid BASE64 encoding of user data.";
    DhcpServers { key: String } "InvalidParameterValue" "Value for the DHCP option {key} is invalid. Give at most four IPv4 addresses.";
    DhcpDomain { value: String } "InvalidParameterValue" "Value ({value}) for the DHCP option domain-name is invalid. Give domain names, separated by spaces.";
    NetbiosNodeType { value: String } "InvalidParameterValue" "Value ({value}) for the DHCP option netbios-node-type is invalid. It is 1, 2, 4 or 8.";
    DefaultTemplateVersion { version: u64 } "InvalidParameterValue" "Version {version} is the default version of the launch template and cannot be deleted.";
    ReservationOutside { cidr: String } "InvalidParameterValue" "The CIDR '{cidr}' is outside of the subnet's CIDR blocks.";
    ReservationOverlaps { cidr: String } "InvalidParameterValue" "The CIDR '{cidr}' overlaps with an existing CIDR reservation.";
    GroupNotShareable { group: String } "InvalidParameterValue" "The security group '{group}' is a default one, or not of a VPC; it cannot be associated with another VPC.";
    GroupAtHome { group: String, vpc: String } "InvalidParameterValue" "The security group '{group}' is one of '{vpc}' already.";
    GroupNotAssociated { group: String, vpc: String } "InvalidSecurityGroupVpcAssociation.NotFound" "The security group '{group}' is not associated with '{vpc}'.";
    PlacementGroupExists { name: String } "InvalidPlacementGroup.Duplicate" "The placement group '{name}' already exists.";
    PlacementGroupUnknown { name: String } "InvalidPlacementGroup.Unknown" "The Placement Group '{name}' is unknown.";
    PlacementGroupInUse { name: String } "InvalidPlacementGroup.InUse" "The placement group '{name}' is in use and may not be deleted.";
    PartitionsOfOtherStrategy {} "InvalidParameterCombination" "A partition count can only be given for placement groups of strategy 'partition'.";

    HostOccupied { id: String } "Client.InvalidHost.Occupied" "Dedicated host '{id}' cannot be released as it is occupied";
    FamilyOrType {} "InvalidParameterCombination" "Specify an instance family or an instance type, not both.";
    FleetCapacity {} "InvalidTargetCapacitySpecification" "The On-Demand and the Spot target capacity are together at most the total target capacity.";
    FleetLimit { what: &'static str, most: usize } "InvalidParameterValue" "Your request contains more than the maximum allowed number of {what} ({most})";
    FleetNotModifiable { id: String } "InvalidParameterValue" "The fleet {id} cannot be modified: only fleets of the type maintain can, as long as they are there.";
    FleetNotDeletable { id: String } "InvalidParameterValue" "The instant fleet {id} can only be deleted with its instances: TerminateInstances must be true.";
    NotAccepter { id: String } "InvalidParameterValue" "Cannot accept or reject {id} as the one who asked for it.";
    TransitPeeringState { id: String, state: String } "IncorrectState" "{id} is in invalid state: {state}.";
    ImageNotToShare {} "OperationNotPermitted" "You can't publicly share this image: block public access for AMIs is on for this Region.";
    SnapshotNotToShare {} "OperationNotPermitted" "You can't publicly share this snapshot: block public access for snapshots is on for this Region.";
    ImageProtected { id: String } "OperationNotPermitted" "The image '{id}' is protected from deregistration.";
    ImageDisabled { id: String } "InvalidAMIID.Unavailable" "The image ID '{id}' is no longer available: it is disabled.";

    // Volumes, snapshots, images.
    VolumeSize { size: u32, kind: String, least: u32, most: u32 } "InvalidParameterValue" "Volume of {size}GiB is outside the bounds for volume type {kind}: {least} to {most} GiB.";
    VolumeBelowSnapshot { size: u32, least: u32 } "InvalidParameterValue" "Volume of {size}GiB is smaller than its snapshot, expect size >= {least}GiB";
    VolumeShrinks {} "InvalidParameterValue" "New size cannot be smaller than existing size";
    VolumeInUse { id: String, instance: String } "VolumeInUse" "Volume {id} is currently attached to {instance}";
    VolumeAttached { id: String } "VolumeInUse" "{id} is already attached to an instance";
    NeedsParameter { name: String, other: String } "InvalidParameterDependency" "The parameter {name} requires {other}.";
    ShareItem { value: String, kind: String } "InvalidAMIAttributeItemValue" "Invalid attribute item value \"{value}\" for {kind} item type.";
    VolumeAvailable { id: String } "IncorrectState" "Volume '{id}' is in the 'available' state.";
    VolumeZone { id: String, instance: String } "InvalidVolume.ZoneMismatch" "The volume '{id}' is not in the same availability zone as instance '{instance}'";
    VolumeElsewhere { id: String, instance: String, device: String } "InvalidAttachment.NotFound" "The volume '{id}' is attached to instance '{instance}' as device '{device}'.";
    RootVolume { id: String, instance: String } "OperationNotPermitted" "Unable to detach root volume '{id}' from instance '{instance}'";
    UnsharedLicense {} "InvalidParameterValue" "An instance is associated with one or more unshared license configurations.";
    DeviceInUse { device: String } "InvalidParameterValue" "Invalid value '{device}' for unixDevice. Attachment point {device} is already in use";
    NoSuchDevice { instance: String, device: String } "InvalidInstanceAttributeValue" "No device is currently mapped at {device} of instance '{instance}'";
    SnapshotTier { id: String, tier: String } "IncorrectState" "The snapshot {id} is in the {tier} tier.";
    FastRestoreDisabled { snapshot: String, zone: String } "InvalidParameterValue" "Fast snapshot restores are not enabled for {snapshot} in {zone}.";
    SnapshotInUse { id: String, image: String } "InvalidSnapshot.InUse" "The snapshot {id} is currently in use by {image}";
    ImageName { name: String } "InvalidAMIName.Malformed" "AMI names must be between 3 and 128 characters long: '{name}' is not.";
    ImageNameTaken { name: String, image: String } "InvalidAMIName.Duplicate" "AMI name {name} is already in use by AMI {image}";

    StopProtected { id: String } "OperationNotPermitted" "The instance '{id}' may not be terminated. Modify its 'disableApiStop' instance attribute and try again.";
    NoTermination { id: String } "OperationNotPermitted" "The instance '{id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.";
    VpcOnlyType { instance_type: String } "VPCResourceNotSpecified" "The specified instance type {instance_type} can only be used in a VPC. A subnet ID or network interface ID is required to carry out the request.";
    DedicatedNeedsSubnet {} "VPCResourceNotSpecified" "Instances of EC2-Classic run on shared hardware. Another tenancy requires a subnet in which to launch.";
    VpcGroupInClassic {} "InvalidParameterCombination" "VPC security groups may not be used for a non-VPC launch";
    Ipv6NeedsSubnet {} "InvalidParameterCombination" "IPv6 addresses are only valid for VPC instances and thus require a subnet in which to launch";
    NoIpv6InSubnet { subnet: String } "InvalidParameterValue" "Subnet '{subnet}' does not contain any IPv6 CIDR block ranges";
    AddressNeedsSubnet {} "InvalidParameterCombination" "Specifying an IP address is only valid for VPC instances and thus requires a subnet in which to launch";
    OnlyVpcAttribute { attribute: String } "InvalidParameterCombination" "You may only modify the {attribute} attribute for VPC instances";
    OnlyVpcAttributeShown { attribute: String } "InvalidParameterCombination" "You may only describe the {attribute} attribute for VPC instances";
    NoDefaultVpc {} "VPCIdNotSpecified" "No default VPC for this user. Please specify a subnet.";
    NoSuchType { instance_type: String } "InvalidParameterValue" "Invalid value '{instance_type}' for InstanceType.";
    ImageArchitecture { image: String, instance_type: String } "InvalidParameterValue" "Instances of an image for {image} cannot have a type with processors of {instance_type}.";
    UnknownType { instance_type: String } "InvalidInstanceType" "The following supplied instance types do not exist: [{instance_type}]";
    InstanceLimit {} "InstanceLimitExceeded" "You have requested more instances than your current instance limit allows.";
    InterfaceLimit { count: usize, instance_type: String } "AttachmentLimitExceeded" "Interface count {count} exceeds the limit for {instance_type}.";
    InterfaceInUse { id: String } "InvalidNetworkInterface.InUse" "Interface: [{id}] in use.";
    BadCounts { least: u32, most: u32 } "InvalidParameterValue" "MinCount {least} and MaxCount {most}: the first must be at least 1 and at most the second.";
    OneAddressForMany {} "InvalidParameterCombination" "An address can only be given when a single instance is launched.";
    ZoneOfSubnet { zone: String, subnet: String } "InvalidParameterValue" "Value ({zone}) for parameter availabilityZone is invalid. Subnet '{subnet}' is in another zone.";
    OutOfAddresses {} "InsufficientInstanceCapacity" "There is no free address left in this network.";

    NoDefaultSubnet { vpc: String } "MissingInput" "No subnets found for the default VPC '{vpc}' that this could be launched in. Please specify a subnet.";
    DefaultVpcExists {} "DefaultVpcAlreadyExists" "A Default VPC already exists for this account in this region.";
    DefaultVpcInClassic {} "OperationNotPermitted" "Where EC2-Classic is available, an account has no default VPC.";
    DefaultSubnetExists { id: String, zone: String } "DefaultSubnetAlreadyExistsInAvailabilityZone" "'{id}' is already the default subnet in {zone}.";

    // Hosts outside the cloud.
    HostName { name: String } "InvalidParameterValue" "'{name}' is no name for a host: use letters, digits, '-', '_' and '.'.";
    HostNameLikeAddress { name: String } "InvalidParameterValue" "'{name}' is no name for a host: it is an address.";
    HostNameLikeId { name: String } "InvalidParameterValue" "'{name}' is no name for a host: ids of instances look like that.";
    HostNameOfInstance { name: String, instance: String } "InvalidParameterValue" "'{name}' is the Name of the instance {instance} already; choose another name for the host.";
    NotOnInternet { address: Ipv4Addr, range: Ipv4Net, what: String } "InvalidParameterValue" "{address} is no address of an Internet host: {range} is {what}.";
    NotAtSite { address: Ipv4Addr, gateway: String, blocks: String } "InvalidParameterValue" "{address} is not at the site of {gateway}, whose VPN connections have routes to {blocks}.";
    NotUnicast { address: Ipv4Addr } "InvalidParameterValue" "{address} is no host's address.";
    HostExists { name: String } "InvalidParameterValue" "There is a host '{name}' already.";
    NoSuchHost { name: String } "InvalidParameterValue" "There is no host '{name}'.";
    HostSwitchedOff { name: String } "IncorrectState" "The host '{name}' is off because what it belongs to is stopped: start that.";

    WindowTimes {} "InvalidParameterValue" "An event window is open at time ranges or as a cron expression says, one of the two.";
    OneKindOfWindowTarget {} "InvalidParameterValue" "An event window is for instances, for tags or for Dedicated Hosts, one of the three.";
    EndOfUnlimited {} "InvalidParameterCombination" "What is unlimited has no EndDate.";
    SpotFleetNotCancellable { id: String } "InvalidState" "The Spot Fleet request {id} is cancelled already.";
    SpotFleetLaunches {} "InvalidSpotFleetRequestConfig" "A Spot Fleet has either launch specifications or launch templates.";
    NoSpotDatafeed {} "InvalidSpotDatafeed.NotFound" "Spot datafeed subscription does not exist.";

    // ClassicLink.
    NoClassicHere {} "UnsupportedOperation" "The functionality you requested is not available in this region.";
    DedicatedTenancy { vpc: String } "DisallowedForDedicatedTenancyNetwork" "The VPC '{vpc}' has dedicated instance tenancy and cannot be enabled for ClassicLink.";
    VpcCidrConflict { vpc: String, cidr: String, table: String } "VpcCidrConflict" "The VPC '{vpc}' cannot be enabled for ClassicLink: the route {cidr} in route table {table} conflicts with the EC2-Classic range 10.0.0.0/8. Remove the route first.";
    VpcBlockConflict { vpc: String, cidr: String } "VpcCidrConflict" "The VPC '{vpc}' cannot be enabled for ClassicLink: its CIDR {cidr} conflicts with the EC2-Classic range 10.0.0.0/8. Use a VPC outside that range, or in 10.0.0.0/16 or 10.1.0.0/16.";
    CidrConflict { vpc: String, cidr: String, table: String } "CidrConflict" "The VPC '{vpc}' cannot reach what is linked to its peer by ClassicLink: the route {cidr} in route table {table} conflicts with the EC2-Classic range 10.0.0.0/8. Remove the route first.";
    BlockConflict { vpc: String, cidr: String } "CidrConflict" "The VPC '{vpc}' cannot reach what is linked to its peer by ClassicLink: its CIDR {cidr} conflicts with the EC2-Classic range 10.0.0.0/8. Use a VPC outside that range, or in 10.0.0.0/16 or 10.1.0.0/16.";
    NotClassic { id: String } "InvalidInstanceID.NotLinkable" "Only EC2-Classic instances can be linked to a VPC; '{id}' is in a VPC.";
    NotRunning { id: String, state: String } "InvalidInstanceID.NotLinkable" "Only EC2-Classic instances that are running can be linked to a VPC; '{id}' is {state}.";
    VpcNotEnabled { id: String, vpc: String } "InvalidInstanceID.NotLinkable" "The instance '{id}' cannot be linked to VPC '{vpc}', which is not enabled for ClassicLink.";
    AlreadyLinked { id: String, vpc: String } "InstanceAlreadyLinked" "The instance '{id}' is already linked to VPC '{vpc}'. Unlink it first.";
    NotLinked { id: String, vpc: String } "InvalidParameterValue" "The instance '{id}' is not linked to VPC '{vpc}'.";
    VpcHasLinks { vpc: String } "DependencyViolation" "The vpc '{vpc}' has EC2-Classic instances linked to it by ClassicLink and cannot be deleted. Unlink them first.";
    GroupOfLink { id: String, instance: String } "DependencyViolation" "resource {id} has a dependent object: the ClassicLink of instance {instance}. Unlink the instance first.";
    LinksExist { vpc: String } "DependencyViolation" "The VPC '{vpc}' has linked EC2-Classic instances. Unlink them before disabling ClassicLink.";
}

/// Refuses to delete a resource that others depend on. `what` is their kind.
pub(crate) fn refuse_in_use<'m>(id: &str, what: &str, others: impl Iterator<Item = &'m str>) -> Result<()> {
    let others = others.collect::<Vec<_>>().join(", ");
    match others.is_empty() {
        true => Ok(()),
        false => Err(Error::StillHas { id: id.to_owned(), what: what.to_owned(), others }),
    }
}

impl Error {
    /// The error for ids that do not exist. EC2 names all of them. `None` if there are no such ids.
    pub fn of_missing(kind: IdKind, mut ids: Vec<String>) -> Option<Error> {
        match ids.len() {
            0 => None,
            1 => Some(Error::NotFound { kind, id: ids.remove(0) }),
            _ => Some(Error::NoneOf { kind, ids }),
        }
    }

    /// The error for a missing parameter.
    pub fn missing(name: &str) -> Error {
        Error::MissingParameter { name: name.to_owned() }
    }

    /// The error for an invalid value of a parameter.
    pub fn invalid(name: &str, value: impl ToString) -> Error {
        Error::InvalidValue { name: name.to_owned(), value: value.to_string() }
    }
}
