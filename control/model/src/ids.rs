//! Resource ids: a prefix for the kind, followed by hexadecimal digits.

use crate::uuid::{grouped, is_uuid};
use crate::{Error, Result};
use std::fmt;

macro_rules! id_kinds {
    ($($name:ident $prefix:literal $not_found:literal $malformed:literal $noun:literal;)*) => {
        /// The kinds of ids.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum IdKind {
            $(#[doc = concat!("`", $prefix, "-…`")] $name,)*
        }

        impl IdKind {
            const ALL: &'static [IdKind] = &[$(IdKind::$name,)*];

            /// The prefix of ids of this kind, without the dash.
            pub fn prefix(self) -> &'static str {
                match self { $(IdKind::$name => $prefix,)* }
            }

            /// EC2's error code for an id that does not exist.
            pub fn not_found(self) -> &'static str {
                match self { $(IdKind::$name => $not_found,)* }
            }

            /// EC2's error code for a malformed id. Empty if EC2 looks up any text and publishes no such code. (For subnets it
            /// publishes one and does not send it.)
            pub fn malformed(self) -> &'static str {
                match self { $(IdKind::$name => $malformed,)* }
            }

            fn shape(self) -> &'static str {
                match self { $(IdKind::$name => concat!(stringify!($name), "Id"),)* }
            }

            fn noun(self) -> &'static str {
                match self { $(IdKind::$name => $noun,)* }
            }
        }
    };
}

id_kinds! {
    Vpc "vpc" "InvalidVpcID.NotFound" "InvalidVpcID.Malformed" "vpc ID";
    Subnet "subnet" "InvalidSubnetID.NotFound" "" "subnet ID";
    RouteTable "rtb" "InvalidRouteTableID.NotFound" "InvalidRouteTableId.Malformed" "routeTable ID";
    RouteTableAssociation "rtbassoc" "InvalidAssociationID.NotFound" "" "association ID";
    SecurityGroup "sg" "InvalidGroup.NotFound" "InvalidGroupId.Malformed" "security group";
    SecurityGroupRule "sgr" "InvalidSecurityGroupRuleId.NotFound" "InvalidSecurityGroupRuleId.Malformed" "security group rule ID";
    NetworkAcl "acl" "InvalidNetworkAclID.NotFound" "InvalidNetworkAclId.Malformed" "networkAcl ID";
    NetworkAclAssociation "aclassoc" "InvalidAssociationID.NotFound" "" "association ID";
    NetworkInterface "eni" "InvalidNetworkInterfaceID.NotFound" "InvalidNetworkInterfaceId.Malformed" "networkInterface ID";
    NetworkInterfacePermission "eni-perm" "InvalidPermissionID.NotFound" "" "network interface permission";
    NetworkInterfaceAttachment "eni-attach" "InvalidAttachmentID.NotFound" "InvalidNetworkInterfaceAttachmentId.Malformed" "attachment ID";
    ServiceAttachment "ela-attach" "InvalidAttachmentID.NotFound" "InvalidNetworkInterfaceAttachmentId.Malformed" "attachment ID";
    Instance "i" "InvalidInstanceID.NotFound" "InvalidInstanceID.Malformed" "instance ID";
    IamInstanceProfileAssociation "iip-assoc" "InvalidAssociationID.NotFound" "" "association ID";
    InstanceEventWindow "iew" "InvalidInstanceEventWindowId.NotFound" "" "instance event window";
    Reservation "r" "InvalidReservationID.NotFound" "InvalidReservationID.Malformed" "reservation ID";
    Image "ami" "InvalidAMIID.NotFound" "InvalidAMIID.Malformed" "image id";
    Snapshot "snap" "InvalidSnapshot.NotFound" "InvalidSnapshotID.Malformed" "snapshot";
    LaunchTemplate "lt" "InvalidLaunchTemplateId.NotFound" "InvalidLaunchTemplateId.Malformed" "launch template";
    SpotInstancesRequest "sir" "InvalidSpotInstanceRequestID.NotFound" "InvalidSpotInstanceRequestID.Malformed" "spot instance request ID";
    SubnetCidrReservation "scr" "InvalidSubnetCidrReservationID.NotFound" "" "subnet CIDR reservation ID";
    PlacementGroup "pg" "InvalidPlacementGroup.Unknown" "InvalidPlacementGroupId.Malformed" "placement group";
    Volume "vol" "InvalidVolume.NotFound" "InvalidVolumeID.Malformed" "volume";
    KeyPair "key" "InvalidKeyPair.NotFound" "InvalidKeyPair.Format" "key pair";
    CidrAssociation "vpc-cidr-assoc" "InvalidVpcCidrBlockAssociationID.NotFound" "" "vpc CIDR block association ID";
    SubnetCidrAssociation "subnet-cidr-assoc" "InvalidSubnetCidrBlockAssociationID.NotFound" "" "subnet CIDR block association ID";
    DhcpOptions "dopt" "InvalidDhcpOptionID.NotFound" "InvalidDhcpOptionsId.Malformed" "dhcpOptions ID";
    InternetGateway "igw" "InvalidInternetGatewayID.NotFound" "InvalidInternetGatewayId.Malformed" "internetGateway ID";
    CapacityReservation "cr" "InvalidCapacityReservationId.NotFound" "InvalidCapacityReservationId.Malformed" "Capacity Reservation";
    CarrierGateway "cagw" "InvalidCarrierGatewayID.NotFound" "" "carrier gateway ID";
    DedicatedHost "h" "InvalidHostID.NotFound" "InvalidHostID.Malformed" "host ID";
    Fleet "fleet" "InvalidFleetId.NotFound" "InvalidFleetId.Malformed" "fleet ID";
    SpotFleetRequest "sfr" "InvalidSpotFleetRequestId.NotFound" "InvalidSpotFleetRequestId.Malformed" "spot fleet request ID";
    EgressOnlyInternetGateway "eigw" "InvalidGatewayID.NotFound" "InvalidEgressOnlyInternetGatewayId.Malformed" "eigw ID";
    NatGateway "nat" "NatGatewayNotFound" "NatGatewayMalformed" "NAT gateway";
    VpnGateway "vgw" "InvalidVpnGatewayID.NotFound" "" "vpnGateway ID";
    CustomerGateway "cgw" "InvalidCustomerGatewayID.NotFound" "InvalidCustomerGatewayId.Malformed" "customerGateway ID";
    VpnConnection "vpn" "InvalidVpnConnectionID.NotFound" "" "vpnConnection ID";
    TransitGateway "tgw" "InvalidTransitGatewayID.NotFound" "InvalidTransitGatewayID.Malformed" "transit gateway";
    TransitGatewayAttachment "tgw-attach" "InvalidTransitGatewayAttachmentID.NotFound" "InvalidTransitGatewayAttachmentID.Malformed" "transit gateway attachment";
    TransitGatewayConnectPeer "tgw-connect-peer" "InvalidTransitGatewayConnectPeerID.NotFound" "" "transit gateway connect peer";
    TransitGatewayMulticastDomain "tgw-mcast-domain" "InvalidTransitGatewayMulticastDomainId.NotFound" "" "transit gateway multicast domain";
    TransitGatewayPolicyTable "tgw-ptb" "InvalidTransitGatewayPolicyTableId.NotFound" "" "transit gateway policy table";
    RouteServer "rs" "InvalidRouteServerId.NotFound" "" "route server ID";
    RouteServerEndpoint "rse" "InvalidRouteServerEndpointId.NotFound" "" "route server endpoint ID";
    RouteServerPeer "rsp" "InvalidRouteServerPeerId.NotFound" "" "route server peer ID";
    TransitGatewayRouteTable "tgw-rtb" "InvalidRouteTableID.NotFound" "InvalidRouteTableId.Malformed" "transit gateway route table";
    VpcPeeringConnection "pcx" "InvalidVpcPeeringConnectionID.NotFound" "InvalidVpcPeeringConnectionId.Malformed" "vpcPeeringConnection ID";
    VpcEndpoint "vpce" "InvalidVpcEndpointId.NotFound" "InvalidVpcEndpointId.Malformed" "Vpc Endpoint Id";
    ConnectionNotification "vpce-nfn" "InvalidConnectionNotification" "" "connection notification";
    VpcEndpointService "vpce-svc" "InvalidVpcEndpointServiceId.NotFound" "InvalidVpcEndpointServiceId.Malformed" "VpcEndpointService Id";
    TrafficMirrorFilter "tmf" "InvalidTrafficMirrorFilterId.NotFound" "" "traffic mirror filter";
    TrafficMirrorFilterRule "tmfr" "InvalidTrafficMirrorFilterRuleId.NotFound" "" "traffic mirror filter rule";
    TrafficMirrorSession "tms" "InvalidTrafficMirrorSessionId.NotFound" "" "traffic mirror session";
    TrafficMirrorTarget "tmt" "InvalidTrafficMirrorTargetId.NotFound" "" "traffic mirror target";
    NetworkInsightsPath "nip" "InvalidNetworkInsightsPathId.NotFound" "InvalidNetworkInsightsPathId.Malformed" "network insights path";
    NetworkInsightsAnalysis "nia" "InvalidNetworkInsightsAnalysisId.NotFound" "InvalidNetworkInsightsAnalysisId.Malformed" "network insights analysis";
    InstanceConnectEndpoint "eice" "InvalidInstanceConnectEndpointId.NotFound" "" "instance connect endpoint ID";
    VpcBlockPublicAccessExclusion "vpcbpa-exclude" "InvalidVpcBlockPublicAccessExclusionId.NotFound" "" "VPC block public access exclusion ID";
    Ipam "ipam" "InvalidIpamId.NotFound" "InvalidIpamId.Malformed" "ipam ID";
    IpamScope "ipam-scope" "InvalidIpamScopeId.NotFound" "InvalidIpamScopeId.Malformed" "ipam-scope ID";
    IpamPool "ipam-pool" "InvalidIpamPoolId.NotFound" "InvalidIpamPoolId.Malformed" "ipam-pool ID";
    IpamPoolCidr "ipam-pool-cidr" "InvalidIpamPoolCidrId.NotFound" "" "ipam-pool-cidr ID";
    IpamPoolAllocation "ipam-pool-alloc" "InvalidIpamPoolAllocationId.NotFound" "" "ipam-pool-allocation ID";
    IpamResourceDiscovery "ipam-res-disco" "InvalidIpamResourceDiscoveryId.NotFound" "" "ipam-resource-discovery ID";
    IpamResourceDiscoveryAssociation "ipam-res-disco-assoc" "InvalidIpamResourceDiscoveryAssociationId.NotFound" "" "ipam-resource-discovery-association ID";
    ClientVpnEndpoint "cvpn-endpoint" "InvalidClientVpnEndpointId.NotFound" "" "client VPN endpoint ID";
    ClientVpnAssociation "cvpn-assoc" "InvalidClientVpnAssociationIdNotFound" "" "client VPN association ID";
    VpcFlowLog "fl" "InvalidFlowLogId.NotFound" "" "flow log ID";
    PrefixList "pl" "InvalidPrefixListID.NotFound" "InvalidPrefixListId.Malformed" "prefix list ID";
    Allocation "eipalloc" "InvalidAllocationID.NotFound" "" "allocation ID";
    AddressAssociation "eipassoc" "InvalidAssociationID.NotFound" "" "association ID";
}

/// The factor that spreads neighbouring positions over all 64 bits.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
/// The inverse of [`MULTIPLIER`]: their product is 1, modulo 2⁶⁴.
const DIVISOR: u64 = 0xf1de_83e1_9937_733d;
/// The number of digits that encode an id's position in the sequence.
const DIGITS: usize = 16;

impl IdKind {
    /// Whether the prefix is followed by a UUID.
    fn has_uuids(self) -> bool {
        matches!(self, IdKind::Fleet | IdKind::SpotFleetRequest)
    }

    /// The id at position `n` of a cloud's sequence: 17 digits, as EC2's long ids have, or a UUID. Each `n` has another id.
    pub(super) fn make(self, seed: u64, n: u64) -> String {
        if self.has_uuids() {
            let digits = format!("{:016x}{:016x}", mix(seed ^ n), mix(seed.wrapping_add(n.wrapping_mul(MULTIPLIER))));
            return format!("{}-{}", self.prefix(), grouped(&digits));
        }
        format!("{}-0{:016x}", self.prefix(), mix(seed.wrapping_add(n.wrapping_mul(MULTIPLIER))))
    }

    /// Whether a text has the form of an id of this kind: the prefix and 8 or 17 hexadecimal digits (for ACLs any number of
    /// them), or a UUID. The ids in AWS's documentation count, too.
    pub fn fits(self, id: &str) -> bool {
        // The attachment of a service's interface has ids of another form, which are valid wherever a user's are.
        if self == IdKind::NetworkInterfaceAttachment && IdKind::ServiceAttachment.fits(id) {
            return true;
        }
        if self.has_uuids() {
            return id.strip_prefix(self.prefix()).and_then(|rest| rest.strip_prefix('-')).is_some_and(is_uuid);
        }
        let is_length = |length: usize| matches!(length, 8 | 17) || self == IdKind::NetworkAcl && length > 0;
        id.strip_prefix(self.prefix())
            .and_then(|rest| rest.strip_prefix('-'))
            .is_some_and(|digits| is_length(digits.len()) && is_hexadecimal(digits) || is_documented(digits))
    }

    /// The type of these resources in the tagging actions: `vpc`, `route-table`, …
    pub fn resource_type(self) -> String {
        match self {
            IdKind::NatGateway => return "natgateway".into(),
            IdKind::Allocation => return "elastic-ip".into(),
            _ => {}
        }
        let mut name = String::new();
        for c in format!("{self:?}").chars() {
            if c.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(c.to_ascii_lowercase());
        }
        name
    }

    /// The kind of id for a type's name in the API's model.
    pub fn of_shape(shape: &str) -> Option<IdKind> {
        match shape {
            "PrefixListResourceId" => Some(IdKind::PrefixList),
            "ElasticIpAssociationId" => Some(IdKind::AddressAssociation),
            "VpcCidrAssociationId" => Some(IdKind::CidrAssociation),
            // The conflict with a name beside it is reported before a malformed id.
            "LaunchTemplateId" => None,
            // A malformed id is reported as one that does not exist.
            "VpcEndpointServiceId" => None,
            _ => IdKind::ALL.iter().copied().find(|kind| kind.shape() == shape),
        }
    }

    /// The kind whose form a text has.
    pub fn of(id: &str) -> Option<IdKind> {
        IdKind::ALL.iter().copied().find(|kind| kind.fits(id))
    }
}

impl fmt::Display for IdKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.noun())
    }
}

/// The message for an id that does not exist.
pub(super) fn absent(kind: IdKind, id: &str) -> String {
    match kind {
        IdKind::TransitGateway => format!("Transit Gateway {id} was deleted or does not exist."),
        IdKind::IamInstanceProfileAssociation => format!("An invalid association-id of '{id}' was given"),
        _ => format!("The {kind} '{}' does not exist", told(kind, id)),
    }
}

/// Ids as messages show them. Those of images are in brackets.
pub(super) fn told(kind: IdKind, ids: &str) -> String {
    if kind == IdKind::Image { format!("[{ids}]") } else { ids.to_owned() }
}

/// A note of the expected prefix. Empty if the id has it.
pub(super) fn expected(kind: IdKind, id: &str) -> String {
    match id.strip_prefix(kind.prefix()).is_some_and(|rest| rest.starts_with('-')) {
        true => String::new(),
        false => format!(" (expecting \"{}-...\")", kind.prefix()),
    }
}

impl IdKind {
    /// Refuses an id without the form of this kind.
    pub fn check(self, id: &str) -> Result<()> {
        if self.fits(id) { Ok(()) } else { Err(self.malformed_id(id.to_owned())) }
    }

    /// The error for an id without the form of this kind.
    pub fn malformed_id(self, id: String) -> Error {
        if self.malformed().is_empty() {
            Error::NotFound { kind: self, id }
        } else {
            Error::Malformed { kind: self, id }
        }
    }
}

fn is_hexadecimal(digits: &str) -> bool {
    digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// Whether these are the digits of an id in AWS's documentation, such as `0e9801d129EXAMPLE`.
fn is_documented(digits: &str) -> bool {
    let around = digits.split_once("EXAMPLE").or_else(|| digits.split_once("example"));
    let is_around = around.is_some_and(|(before, after)| is_hexadecimal(before) && is_hexadecimal(after));
    digits == "1234567890abcdefg" || digits.len() <= 17 && is_around
}

/// A bijection that spreads neighbours over all 64 bits (the finaliser of SplitMix64).
pub(super) fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A digest that is not cryptographic. All of its bits depend on every byte.
pub(super) fn digest(text: &str) -> u64 {
    text.bytes().fold(0, |digest, byte| mix(digest ^ u64::from(byte)))
}

/// The inverse of [`mix`].
fn unmix(mut x: u64) -> u64 {
    x = (x ^ (x >> 31) ^ (x >> 62)).wrapping_mul(0x3196_42b2_d24d_8ec3);
    x = (x ^ (x >> 27) ^ (x >> 54)).wrapping_mul(0x96de_1b17_3f11_9089);
    x ^ (x >> 30) ^ (x >> 60)
}

/// The position of an id in a cloud's sequence. It is arbitrary for an id of another cloud. `None` for a short id.
pub(super) fn place(seed: u64, id: &str) -> Option<u64> {
    let (mut made, mut digits) = (0, 0);
    for digit in id.chars().rev().filter(|c| *c != '-').take(DIGITS) {
        made |= u64::from(digit.to_digit(16)?) << (4 * digits);
        digits += 1;
    }
    (digits == DIGITS).then(|| unmix(made).wrapping_sub(seed).wrapping_mul(DIVISOR))
}

/// Removes repeated ids. The order stays.
pub(crate) fn dedup(ids: &mut Vec<String>) {
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(id.clone()));
}
