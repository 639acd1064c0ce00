//! The network section: resources by name, with the API's own parameter names.
//!
//! Wherever a resource is meant, its name stands (no `$`); the set-up puts its id there.

use super::at::At;
use super::rule::{AclRule, Rule};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Resources of one kind by name.
pub type Named<T> = BTreeMap<String, At<T>>;

/// The network, made in the order of the fields.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct Network {
    /// Other accounts by name; what names none belongs to 111122223333.
    #[serde(rename = "accounts")]
    pub accounts: BTreeMap<String, u64>,
    /// The accounts (by name) that have no EC2-Classic.
    #[serde(rename = "vpc-only")]
    pub vpc_only: Vec<String>,
    /// The largest packet that ClassicLink carries, in bytes; 1500 unless said.
    #[serde(rename = "link-mtu")]
    pub link_mtu: Option<u16>,
    /// How many connections one interface of a host may have begun (`up --flow-share`).
    #[serde(rename = "flow-share")]
    pub flow_share: Option<u32>,
    /// VPCs.
    pub vpcs: Named<Vpc>,
    /// Internet gateways.
    pub internet_gateways: Named<InVpc>,
    /// Subnets.
    pub subnets: Named<Subnet>,
    /// Security groups; one without a VPC is an EC2-Classic group.
    pub security_groups: Named<SecurityGroup>,
    /// Instances; one without a subnet is an EC2-Classic instance.
    pub instances: Named<Instance>,
    /// Network interfaces beyond those that instances are launched with.
    pub network_interfaces: Named<NetworkInterface>,
    /// Elastic IP addresses.
    pub addresses: Named<Address>,
    /// NAT gateways. Each public one has an Elastic IP address of its own.
    pub nat_gateways: Named<NatGateway>,
    /// The customers' ends of VPN connections.
    pub customer_gateways: Named<CustomerGateway>,
    /// Virtual private gateways.
    pub vpn_gateways: Named<InVpc>,
    /// VPN connections.
    pub vpn_connections: Named<VpnConnection>,
    /// VPC peering connections.
    pub vpc_peering_connections: Named<VpcPeeringConnection>,
    /// Route tables.
    pub route_tables: Named<RouteTable>,
    /// Gateway endpoints.
    pub vpc_endpoints: Named<VpcEndpoint>,
    /// Network ACLs.
    pub network_acls: Named<NetworkAcl>,
    /// Hosts that are no instances: on the Internet, at a remote site, behind an endpoint.
    #[serde(rename = "hosts")]
    pub hosts: Named<Host>,
}

/// A VPC.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Vpc {
    /// Its primary block.
    pub cidr_block: String,
    /// Further blocks.
    #[serde(default)]
    pub secondary_cidr_blocks: Vec<String>,
    /// `dedicated`, say.
    pub instance_tenancy: Option<String>,
    /// Whether it is enabled for ClassicLink.
    #[serde(default, rename = "classic-link")]
    pub classic_link: bool,
    /// Its owner, by name.
    #[serde(rename = "account")]
    pub account: Option<String>,
    /// Its Region; us-east-1 unless said.
    #[serde(rename = "region")]
    pub region: Option<String>,
}

/// Something attached to a VPC.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct InVpc {
    /// The VPC.
    pub vpc_id: String,
}

/// A subnet.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Subnet {
    /// Its VPC.
    pub vpc_id: String,
    /// Its block.
    pub cidr_block: String,
}

/// A security group.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct SecurityGroup {
    /// Its VPC; without one it is an EC2-Classic group.
    pub vpc_id: Option<String>,
    /// What may come in.
    #[serde(rename = "ingress")]
    pub ingress: Vec<Rule>,
    /// What may go out. Where it is given, the default rule (everything) is revoked first.
    #[serde(rename = "egress")]
    pub egress: Option<Vec<Rule>>,
    /// The owner of an EC2-Classic group.
    #[serde(rename = "account")]
    pub account: Option<String>,
    /// The Region of an EC2-Classic group.
    #[serde(rename = "region")]
    pub region: Option<String>,
}

/// An instance.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct Instance {
    /// Its subnet; without one it is an EC2-Classic instance.
    pub subnet_id: Option<String>,
    /// Its security groups.
    pub security_groups: Vec<String>,
    /// Its private address; chosen by the system unless said.
    pub private_ip_address: Option<Ipv4Addr>,
    /// The secondary private addresses of an instance in a VPC.
    pub secondary_private_ip_addresses: Vec<Ipv4Addr>,
    /// The public address of an EC2-Classic instance; chosen by the system unless said.
    pub public_ip_address: Option<Ipv4Addr>,
    /// Whether an instance in a VPC gets a public address.
    pub associate_public_ip_address: bool,
    /// Whether it must be source or destination of its packets; `false` for a middlebox.
    pub source_dest_check: Option<bool>,
    /// Its type.
    pub instance_type: Option<String>,
    /// Tags, such as `classiclink:mtu`.
    pub tags: BTreeMap<String, String>,
    /// The VPC it is linked to, and with which groups.
    #[serde(rename = "link")]
    pub link: Option<Link>,
    /// The owner of an EC2-Classic instance, by name.
    #[serde(rename = "account")]
    pub account: Option<String>,
    /// The Region of an EC2-Classic instance.
    #[serde(rename = "region")]
    pub region: Option<String>,
}

/// A network interface.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct NetworkInterface {
    /// Its subnet.
    pub subnet_id: String,
    /// Its security groups.
    #[serde(default)]
    pub security_groups: Vec<String>,
    /// Its primary private address; chosen by the system unless said.
    pub private_ip_address: Option<Ipv4Addr>,
    /// Its secondary private addresses.
    #[serde(default)]
    pub secondary_private_ip_addresses: Vec<Ipv4Addr>,
    /// Whether it must be source or destination of its packets.
    pub source_dest_check: Option<bool>,
    /// The instance that it is attached to.
    pub instance_id: Option<String>,
    /// Its place among the instance's interfaces; 1 unless said.
    pub device_index: Option<u16>,
}

/// A ClassicLink.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Link {
    /// To which VPC.
    pub vpc_id: String,
    /// With which of its groups.
    pub security_groups: Vec<String>,
}

/// An Elastic IP address.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct Address {
    /// `standard` (EC2-Classic) or `vpc`.
    pub domain: Option<String>,
    /// The instance it is associated with.
    pub instance_id: Option<String>,
}

/// A NAT gateway.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct NatGateway {
    /// The subnet it stands in.
    pub subnet_id: String,
    /// `private` for a gateway to other private networks, which has no public address.
    pub connectivity_type: Option<String>,
    /// Its private address; chosen by the system unless said.
    pub private_ip_address: Option<Ipv4Addr>,
}

/// The customer's end of a VPN connection.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CustomerGateway {
    /// Its public address.
    pub ip_address: Ipv4Addr,
}

/// A VPN connection.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct VpnConnection {
    /// The VPC's end.
    pub vpn_gateway_id: String,
    /// The customer's end.
    pub customer_gateway_id: String,
    /// The static routes towards the site.
    #[serde(default, rename = "routes")]
    pub routes: Vec<String>,
}

/// A VPC peering connection, accepted unless said.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct VpcPeeringConnection {
    /// The requester's VPC.
    pub vpc_id: String,
    /// The accepter's VPC.
    pub peer_vpc_id: String,
    /// The requester's options that are on, such as `AllowEgressFromLocalClassicLinkToRemoteVpc`.
    #[serde(default)]
    pub requester_peering_connection_options: Vec<String>,
    /// The accepter's options that are on.
    #[serde(default)]
    pub accepter_peering_connection_options: Vec<String>,
    /// Left as it was requested.
    #[serde(default, rename = "pending")]
    pub pending: bool,
}

/// A route table.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct RouteTable {
    /// Its VPC.
    pub vpc_id: String,
    /// The VPC's main table, which is there already.
    #[serde(default, rename = "main")]
    pub main: bool,
    /// The subnets that use it.
    #[serde(default)]
    pub subnet_ids: Vec<String>,
    /// Destination to target: a gateway, an instance, a network interface, a NAT gateway, a peering connection.
    #[serde(default)]
    pub routes: BTreeMap<String, String>,
    /// The virtual private gateways whose routes it gets.
    #[serde(default, rename = "propagates")]
    pub propagates: Vec<String>,
}

/// A gateway endpoint.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct VpcEndpoint {
    /// Its VPC.
    pub vpc_id: String,
    /// The service, such as `com.amazonaws.us-east-1.s3`.
    pub service_name: String,
    /// The route tables that lead to it.
    pub route_table_ids: Vec<String>,
}

/// A network ACL.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct NetworkAcl {
    /// Its VPC.
    pub vpc_id: String,
    /// The subnets it guards.
    #[serde(default)]
    pub subnet_ids: Vec<String>,
    /// What may enter the subnet.
    #[serde(default, rename = "ingress")]
    pub ingress: Vec<AclRule>,
    /// What may leave it.
    #[serde(default, rename = "egress")]
    pub egress: Vec<AclRule>,
}

/// A host that is no instance.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Host {
    /// On the Internet, at this address.
    Internet(Ipv4Addr),
    /// At a remote site.
    Site {
        /// The site's customer gateway.
        gateway: String,
        /// The host's address there.
        address: Ipv4Addr,
    },
    /// Behind a gateway endpoint.
    Service {
        /// The service's name, such as `com.amazonaws.us-east-1.s3`.
        name: String,
        /// The host's address.
        address: Ipv4Addr,
    },
}
