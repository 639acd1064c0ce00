//! VPCs and what they contain: subnets, route tables, network ACLs, DHCP options.

use super::{Importer, parse, tags, v4, v6};
use ipnet::{IpNet, Ipv4Net};
use model::{
    AclAssociation, AclEntry, Destination, DhcpOptions, HostnameType, IdKind, Ipv6Block, LAST_RULE, NetworkAcl, Origin,
    PrivateDnsNameOptions, Route, RouteTable, RouteTableAssociation, Scope, Subnet, Target, Tenancy, Traffic, Vpc,
    VpcCidr, prefix_list_id,
};
use shapes::ec2;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// The only state of a VPC and of its blocks here.
const ASSOCIATED: &str = "associated";
/// The DHCP options set that every VPC may have, which no description lists.
const DEFAULT_OPTIONS: &str = "default";

impl Importer<'_> {
    pub(super) fn dhcp_options(&mut self, scope: &Scope, set: ec2::DhcpOptions) {
        let Some(id) = self.id(IdKind::DhcpOptions, set.dhcp_options_id) else { return };
        let values = set.dhcp_configurations.into_iter().filter_map(|option| {
            let values = option.values.into_iter().filter_map(|value| value.value).collect();
            Some((option.key?, values))
        });
        let values = values.collect();
        let default = self.model.could_be_default_dhcp_options(scope, &values);
        self.model.dhcp_options.adopt(DhcpOptions { id, scope: scope.clone(), tags: tags(set.tags), values, default });
    }

    pub(super) fn vpc(&mut self, scope: &Scope, vpc: ec2::Vpc) {
        let Some(id) = self.id(IdKind::Vpc, vpc.vpc_id) else { return };
        let Some(primary) = self.parsed(&id, "CidrBlock", vpc.cidr_block) else { return };
        let mut cidrs: Vec<VpcCidr> = Vec::new();
        for block in vpc.cidr_block_association_set {
            let there = is_there(block.cidr_block_state.and_then(|is| is.state));
            if let (Some(association), Some(cidr), true) = (block.association_id, v4(block.cidr_block.as_ref()), there)
            {
                cidrs.push(VpcCidr { association, cidr });
            }
        }
        if !cidrs.iter().any(|block| block.cidr == primary) {
            cidrs.push(VpcCidr { association: self.model.new_id(IdKind::CidrAssociation), cidr: primary });
        }
        cidrs.sort_by_key(|block| block.cidr != primary);
        let ipv6 = vpc.ipv6_cidr_block_association_set.into_iter().filter_map(|block| {
            is_there(block.ipv6_cidr_block_state.and_then(|is| is.state)).then_some(())?;
            let (association, cidr) = (block.association_id?, v6(block.ipv6_cidr_block.as_ref())?);
            Some(Ipv6Block { association, cidr, of_pool: block.ipv6_pool.as_deref() == Some("IPAM Managed") })
        });
        let ipv6 = ipv6.collect();
        let tenancy = match vpc.instance_tenancy.as_deref() {
            Some("dedicated") => Tenancy::Dedicated,
            Some("host") => Tenancy::Host,
            _ => Tenancy::Default,
        };
        let (own_options, lost_options): (Option<String>, Option<String>) = match vpc.dhcp_options_id {
            Some(options) if self.model.dhcp_options.get(&options).is_some() => (Some(options), None),
            other => (None, other.filter(|options| options != DEFAULT_OPTIONS)),
        };
        if let Some(options) = lost_options {
            self.leave_out(format!("{id}: its DHCP options set {options} is not in the files"));
        }
        let default = vpc.is_default == Some(true);
        let (number, links_number) = (self.model.number(), self.model.number());
        self.model.vpcs.adopt(Vpc {
            id,
            scope: scope.clone(),
            tags: tags(vpc.tags),
            number,
            links_number,
            cidrs,
            ipv6,
            former: Vec::new(),
            dhcp_options: own_options,
            tenancy,
            dns_support: true,
            dns_hostnames: default,
            usage_metrics: false,
            classic_link: false,
            classic_link_dns: false,
            default,
        });
    }

    /// Changes an imported VPC.
    fn change_vpc(&mut self, id: Option<String>, change: impl FnOnce(&mut Vpc)) {
        let Some(id) = self.vpc_of("a VPC's attributes", id) else { return };
        if let Some(mut vpc) = self.model.vpcs.get(&id).cloned() {
            change(&mut vpc);
            self.model.vpcs.adopt(vpc);
        }
    }

    pub(super) fn classic_link_vpc(&mut self, link: ec2::VpcClassicLink) {
        self.change_vpc(link.vpc_id, |vpc| vpc.classic_link = link.classic_link_enabled == Some(true));
    }

    pub(super) fn classic_link_dns(&mut self, dns: ec2::ClassicLinkDnsSupport) {
        self.change_vpc(dns.vpc_id, |vpc| vpc.classic_link_dns = dns.classic_link_dns_supported == Some(true));
    }

    pub(super) fn vpc_attribute(&mut self, attributes: ec2::DescribeVpcAttributeResult) {
        let on = |attribute: Option<ec2::AttributeBooleanValue>| attribute.and_then(|attribute| attribute.value);
        let (support, hostnames) = (on(attributes.enable_dns_support), on(attributes.enable_dns_hostnames));
        let metrics = on(attributes.enable_network_address_usage_metrics);
        self.change_vpc(attributes.vpc_id, |vpc| {
            vpc.usage_metrics = metrics.unwrap_or(vpc.usage_metrics);
            vpc.dns_support = support.unwrap_or(vpc.dns_support);
            vpc.dns_hostnames = hostnames.unwrap_or(vpc.dns_hostnames);
        });
    }

    pub(super) fn subnet(&mut self, scope: &Scope, subnet: ec2::Subnet) {
        let Some(id) = self.id(IdKind::Subnet, subnet.subnet_id) else { return };
        let Some(vpc) = self.vpc_of(&id, subnet.vpc_id) else { return };
        let cidr = match subnet.ipv6_native == Some(true) {
            true => None,
            false => match self.parsed(&id, "CidrBlock", subnet.cidr_block) {
                Some(cidr) => Some(cidr),
                None => return,
            },
        };
        if let Some(cidr) = cidr {
            if let Some(why) = self.misplaced(&id, &vpc, cidr) {
                return self.leave_out(format!("{id}: {why}"));
            }
            self.subnet_blocks.insert((vpc.clone(), cidr.network()), (cidr, id.clone()));
        }
        let ipv6 = subnet.ipv6_cidr_block_association_set.into_iter().find_map(|block| {
            is_there(block.ipv6_cidr_block_state.and_then(|is| is.state)).then_some(())?;
            let (association, cidr) = (block.association_id?, v6(block.ipv6_cidr_block.as_ref())?);
            Some(Ipv6Block { association, cidr, of_pool: false })
        });
        let names = subnet.private_dns_name_options_on_launch.map(|told| PrivateDnsNameOptions {
            hostname: match told.hostname_type.as_deref() {
                Some("resource-name") => HostnameType::ResourceName,
                _ => HostnameType::IpName,
            },
            a_record: told.enable_resource_name_dns_a_record == Some(true),
            aaaa_record: told.enable_resource_name_dns_aaaa_record == Some(true),
        });
        let number = self.model.number();
        self.model.subnets.adopt(Subnet {
            id,
            scope: scope.clone(),
            tags: tags(subnet.tags),
            number,
            vpc,
            cidr,
            ipv6,
            former: Vec::new(),
            ipv6_on_creation: subnet.assign_ipv6_address_on_creation == Some(true),
            zone: subnet.availability_zone.unwrap_or_default(),
            public_on_launch: subnet.map_public_ip_on_launch == Some(true),
            default_for_zone: subnet.default_for_az == Some(true),
            names: names.unwrap_or_default(),
            dns64: subnet.enable_dns64 == Some(true),
        });
    }

    /// Why a VPC cannot have a subnet of that block.
    fn misplaced(&self, id: &str, vpc: &str, block: Ipv4Net) -> Option<String> {
        if !self.model.vpcs.get(vpc)?.blocks().any(|whole| whole.contains(&block)) {
            return Some(format!("its block {block} is not in its VPC's"));
        }
        let first = |address| (vpc.to_owned(), address);
        let before = self.subnet_blocks.range(first(Ipv4Addr::UNSPECIFIED)..=first(block.broadcast())).rev();
        // Blocks that do not overlap end in the order in which they begin.
        let mut overlapping =
            before.map(|(_, other)| other).take_while(|(other, _)| other.broadcast() >= block.network());
        let (_, other) = overlapping.find(|(_, other)| other != id)?;
        Some(format!("its block {block} overlaps that of {other}"))
    }

    pub(super) fn network_acl(&mut self, scope: &Scope, acl: ec2::NetworkAcl) {
        let Some(id) = self.id(IdKind::NetworkAcl, acl.network_acl_id) else { return };
        let Some(vpc) = self.vpc_of(&id, acl.vpc_id) else { return };
        let mut entries: Vec<AclEntry> = Vec::new();
        let mut numbers = BTreeSet::new();
        for entry in acl.entries {
            let Some(entry) = self.acl_entry(&id, entry) else { continue };
            match numbers.insert((entry.egress, entry.number)) {
                true => entries.push(entry),
                false => self.leave_out(format!("{id}: its second rule {}", entry.number)),
            }
        }
        let mut associations = Vec::new();
        for association in acl.associations {
            let Some((of, subnet)) = association.network_acl_association_id.zip(association.subnet_id) else {
                continue;
            };
            let other = self.model.network_acls.by(&subnet).find(|other| other.id != id).map(|other| other.id.clone());
            match (self.model.subnets.get(&subnet).is_some(), other) {
                (true, None) => associations.push(AclAssociation { id: of, subnet }),
                (true, Some(other)) => self.leave_out(format!("{id}: {subnet}, which uses it, uses {other}")),
                (false, _) => self.leave_out(format!("{id}: {subnet}, which uses it, is not in the files")),
            }
        }
        let (default, tags) = (acl.is_default == Some(true), tags(acl.tags));
        let number = self.model.number();
        let scope = scope.clone();
        self.model.network_acls.adopt(NetworkAcl { id, scope, tags, number, vpc, default, entries, associations });
    }

    /// A rule of a network ACL. The last rule, which denies, is not stored.
    fn acl_entry(&mut self, acl: &str, entry: ec2::NetworkAclEntry) -> Option<AclEntry> {
        let told = entry.rule_number.unwrap_or(-1);
        let Ok(number) = u16::try_from(told) else {
            self.leave_out(format!("{acl}: its rule {told} is not understood"));
            return None;
        };
        if number >= LAST_RULE {
            return None;
        }
        let protocol = entry.protocol.unwrap_or_default();
        let (from, to) = match (&entry.port_range, &entry.icmp_type_code) {
            (Some(ports), _) => (ports.from, ports.to),
            (None, Some(icmp)) => (icmp.r#type, icmp.code),
            (None, None) => (Some(-1), Some(-1)),
        };
        let net = v4(entry.cidr_block.as_ref()).map(IpNet::V4).or(v6(entry.ipv6_cidr_block.as_ref()).map(IpNet::V6));
        let traffic = Traffic::new(&protocol, from, to);
        let (Ok(traffic), Some(net)) = (traffic, net) else {
            self.leave_out(format!("{acl}: its rule {number} is not understood"));
            return None;
        };
        let allow = entry.rule_action.is_some_and(|action| action == "allow");
        Some(AclEntry { number, egress: entry.egress == Some(true), traffic, net, allow })
    }

    pub(super) fn route_table(&mut self, scope: &Scope, table: ec2::RouteTable) {
        let Some(id) = self.id(IdKind::RouteTable, table.route_table_id) else { return };
        let Some(vpc) = self.vpc_of(&id, table.vpc_id) else { return };
        let mut routes: Vec<Route> = Vec::new();
        let mut destinations = BTreeSet::new();
        for route in table.routes {
            let Some(route) = self.route(&id, route) else { continue };
            // A propagated route may exist beside a static one.
            let is_propagated = route.origin == Origin::EnableVgwRoutePropagation;
            match destinations.insert((route.destination.clone(), is_propagated)) {
                true => routes.push(route),
                false => self.leave_out(format!("{id}: its second route {}", route.destination)),
            }
        }
        let mut associations = Vec::new();
        for association in table.associations {
            let Some(of) = association.route_table_association_id else { continue };
            let (subnet, gateway) = (association.subnet_id, association.gateway_id);
            if !is_there(association.association_state.and_then(|is| is.state)) {
                continue;
            }
            if let Some(other) = self.other_table(&id, subnet.as_ref(), gateway.as_ref()) {
                let user = subnet.or(gateway).unwrap_or_default();
                self.leave_out(format!("{id}: {user}, which uses it, uses {other}"));
                continue;
            }
            let is_known = match (&subnet, &gateway) {
                (Some(subnet), _) => self.model.subnets.get(subnet).is_some(),
                (None, Some(gateway)) => self.has_gateway(gateway),
                (None, None) => association.main == Some(true),
            };
            let is_main = subnet.is_none() && gateway.is_none();
            let has_main = || self.model.route_tables.by(&vpc).any(|other| other.id != id && other.is_main());
            match subnet.as_ref().or(gateway.as_ref()) {
                _ if is_known && is_main && has_main() => {
                    self.leave_out(format!("{id}: it is not the main one of {vpc}, which has another"));
                }
                _ if is_known => associations.push(RouteTableAssociation { id: of, subnet, gateway }),
                Some(user) => self.leave_out(format!("{id}: {user}, which uses it, is not in the files")),
                None => self.leave_out(format!("{id}: what uses it by {of} is not known here")),
            }
        }
        let mut propagating = Vec::new();
        for gateway in table.propagating_vgws.into_iter().filter_map(|gateway| gateway.gateway_id) {
            match self.model.vpn_gateways.get(&gateway).is_some() {
                true => propagating.push(gateway),
                false => self.leave_out(format!("{id}: {gateway}, which propagates routes to it, is not in the files")),
            }
        }
        let (scope, tags, number) = (scope.clone(), tags(table.tags), self.model.number());
        let table = RouteTable { id, scope, tags, number, vpc, routes, associations, former: Vec::new(), propagating };
        self.model.route_tables.adopt(table);
    }

    /// Another route table that a subnet or a gateway uses.
    fn other_table(&self, id: &str, subnet: Option<&String>, gateway: Option<&String>) -> Option<String> {
        let is_its = |at: &RouteTableAssociation| (at.subnet.as_ref(), at.gateway.as_ref()) == (subnet, gateway);
        let mut tables = self.model.route_tables.by(subnet.or(gateway)?);
        let other = tables.find(|other| other.id != id && other.associations.iter().any(is_its));
        other.map(|other| other.id.clone())
    }

    /// Whether a gateway that lets packets into a VPC was imported.
    fn has_gateway(&self, id: &str) -> bool {
        self.model.internet_gateways.get(id).is_some() || self.model.vpn_gateways.get(id).is_some()
    }

    fn route(&mut self, table: &str, route: ec2::Route) -> Option<Route> {
        let target = target(&route);
        let list = || match &target {
            // Prefix lists have other ids here, so an endpoint's list is found by its service.
            Some(Target::VpcEndpoint(id)) => {
                self.model.vpc_endpoints.get(id).map(|endpoint| prefix_list_id(&endpoint.service))
            }
            _ => route.destination_prefix_list_id.clone().map(|id| self.list_id(id)),
        };
        let destination = if let Some(net) = v4(route.destination_cidr_block.as_ref()) {
            Destination::V4(net)
        } else if let Some(net) = v6(route.destination_ipv6_cidr_block.as_ref()) {
            Destination::V6(net)
        } else if route.destination_prefix_list_id.is_some() {
            match list() {
                Some(list) => Destination::PrefixList(list),
                None => {
                    self.leave_out(format!(
                        "{table}: its route to a prefix list leads to an endpoint that is left out"
                    ));
                    return None;
                }
            }
        } else {
            self.leave_out(format!("{table}: it has a route whose destination is not understood"));
            return None;
        };
        let Some(target) = target else {
            let hops = [&route.local_gateway_id, &route.carrier_gateway_id, &route.core_network_arn];
            let hop = hops.into_iter().flatten().next().map_or("a target that is not known here", String::as_str);
            self.leave_out(format!("{table}: its route {destination} → {hop}; such targets are not known here"));
            return None;
        };
        let origin = match route.origin.as_deref() {
            Some("CreateRouteTable") => Origin::CreateRouteTable,
            Some("EnableVgwRoutePropagation") => Origin::EnableVgwRoutePropagation,
            _ => Origin::CreateRoute,
        };
        Some(Route { destination, target, origin })
    }
}

/// Whether an association is still there, as far as it says so.
fn is_there(state: Option<String>) -> bool {
    state.is_none_or(|state| state == ASSOCIATED)
}

fn target(route: &ec2::Route) -> Option<Target> {
    if let Some(id) = &route.network_interface_id {
        return Some(Target::NetworkInterface(id.clone()));
    }
    if let Some(id) = &route.nat_gateway_id {
        return Some(Target::NatGateway(id.clone()));
    }
    if let Some(id) = &route.transit_gateway_id {
        return Some(Target::TransitGateway(id.clone()));
    }
    if let Some(id) = &route.vpc_peering_connection_id {
        return Some(Target::VpcPeeringConnection(id.clone()));
    }
    if let Some(id) = &route.egress_only_internet_gateway_id {
        return Some(Target::EgressOnlyInternetGateway(id.clone()));
    }
    if let Some(id) = &route.carrier_gateway_id {
        return Some(Target::CarrierGateway(id.clone()));
    }
    let gateway = route.gateway_id.as_ref()?;
    match IdKind::of(gateway) {
        _ if gateway == "local" => Some(Target::Local),
        Some(IdKind::InternetGateway) => Some(Target::InternetGateway(gateway.clone())),
        Some(IdKind::VpnGateway) => Some(Target::VpnGateway(gateway.clone())),
        Some(IdKind::VpcEndpoint) => Some(Target::VpcEndpoint(gateway.clone())),
        _ => None,
    }
}

/// A number in a text.
pub(super) fn number<T: std::str::FromStr>(text: Option<String>) -> Option<T> {
    parse(text.as_ref())
}
