//! The resources of an export, each with its owner and Region, found by the names of their lists.

use super::creations::{ADDRESS_NAMES, POLICY_ASSOCIATIONS};
use super::services::{LEFT_OUT, is_global, known_list};
use super::{
    ImportError, Template, creations, health_checks, load_balancer_settings, parameter_groups, parameter_store,
    spot_requests, template, zone_settings, zones,
};
use crate::explain::printable;
use model::{IdKind, Scope, is_account_id};
use serde_json::{Map, Value as Json};
use shapes::{JsonFault, Shape, ec2, of_json};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

macro_rules! lists {
    ($($(#[$doc:meta])* $field:ident: $item:ty, $list:literal, $id:ident;)*) => {
        /// The resources of an export.
        #[derive(Clone, Debug, Default)]
        pub struct Export {
            $($(#[$doc])* pub $field: Vec<(Scope, $item)>,)*
            /// VPCs' ClassicLink states.
            pub classic_link_vpcs: Vec<(Scope, ec2::VpcClassicLink)>,
            /// VPCs' ClassicLink DNS support.
            pub classic_link_dns: Vec<(Scope, ec2::ClassicLinkDnsSupport)>,
            /// VPCs' attributes.
            pub vpc_attributes: Vec<(Scope, ec2::DescribeVpcAttributeResult)>,
            /// The options of VPC Block Public Access.
            pub block_options: Vec<(Scope, ec2::VpcBlockPublicAccessOptions)>,
            /// Entries of prefix lists, by the list's id.
            pub prefix_list_entries: Vec<(String, ec2::GetManagedPrefixListEntriesResult)>,
            /// Blocks of IPAM pools, by the pool's id.
            pub ipam_pool_cidrs: Vec<(String, ec2::GetIpamPoolCidrsResult)>,
            /// Allocations of IPAM pools, by the pool's id.
            pub ipam_allocations: Vec<(String, ec2::GetIpamPoolAllocationsResult)>,
            /// Routes of transit gateways' route tables, by the table's id.
            pub transit_routes: Vec<(String, ec2::SearchTransitGatewayRoutesResult)>,
            /// Propagations of transit gateways' route tables, by the table's id.
            pub transit_propagations: Vec<(String, ec2::GetTransitGatewayRouteTablePropagationsResult)>,
            /// Routes of Client VPN endpoints.
            pub client_vpn_routes: Vec<(Scope, ec2::ClientVpnRoute)>,
            /// Versions of launch templates.
            pub launch_template_versions: Vec<(Scope, Json)>,
            /// Resources of services, by the name of their list.
            pub of_services: Vec<(Scope, &'static str, Json)>,
            /// CloudFormation templates.
            pub templates: Vec<Template>,
            /// The parts that were left out, a sentence each.
            pub left_out: BTreeSet<String>,
        }

        impl Export {
            /// Whether there is nothing.
            pub fn is_empty(&self) -> bool {
                self.templates.is_empty()
                    && self.of_services.is_empty()
                    && self.classic_link_vpcs.is_empty()
                    && self.classic_link_dns.is_empty()
                    && self.vpc_attributes.is_empty()
                    && self.block_options.is_empty()
                    && self.prefix_list_entries.is_empty()
                    && self.ipam_pool_cidrs.is_empty()
                    && self.ipam_allocations.is_empty()
                    && self.transit_routes.is_empty()
                    && self.transit_propagations.is_empty()
                    && self.client_vpn_routes.is_empty()
                    && self.launch_template_versions.is_empty()
                    $(&& self.$field.is_empty())*
            }

            /// The accounts and Regions of all resources.
            pub fn scopes(&self) -> BTreeSet<Scope> {
                let mut scopes = BTreeSet::new();
                scopes.extend(self.block_options.iter().map(|(scope, _)| scope.clone()));
                $(scopes.extend(self.$field.iter().map(|(scope, _)| scope.clone()));)*
                let mut of_services: Vec<_> = self.of_services.iter().collect();
                of_services.sort_by_key(|(_, list, _)| is_global(list));
                for (scope, list, _) in of_services {
                    // Resources without a Region may be in the files of any Region that the account uses.
                    if !is_global(list) || !scopes.iter().any(|known| known.account == scope.account) {
                        scopes.insert(scope.clone());
                    }
                }
                scopes
            }

            /// The ids of all resources in the lists.
            fn listed(&self) -> Vec<String> {
                let mut ids = Vec::new();
                $(ids.extend(self.$field.iter().filter_map(|(_, item)| item.$id.clone()));)*
                ids
            }

            /// Whether a list of EC2 is known by that name.
            fn is_of_ec2(list: &str) -> bool {
                [$($list),*].contains(&list)
            }

            /// Adds one item of a list. Returns whether the list is known.
            fn take_item(&mut self, list: &str, scope: Scope, item: &Json) -> Result<bool, JsonFault> {
                match list {
                    $($list => self.$field.push((scope, of_json(item)?)),)*
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }
    };
}

lists! {
    /// VPCs.
    vpcs: ec2::Vpc, "Vpcs", vpc_id;
    /// Subnets.
    subnets: ec2::Subnet, "Subnets", subnet_id;
    /// Their blocks from which addresses are only given by name.
    subnet_ipv4_reservations: ec2::SubnetCidrReservation, "SubnetIpv4CidrReservations", subnet_cidr_reservation_id;
    /// The same for IPv6.
    subnet_ipv6_reservations: ec2::SubnetCidrReservation, "SubnetIpv6CidrReservations", subnet_cidr_reservation_id;
    /// Route tables.
    route_tables: ec2::RouteTable, "RouteTables", route_table_id;
    /// Security groups.
    security_groups: ec2::SecurityGroup, "SecurityGroups", group_id;
    /// Their rules with ids.
    security_group_rules: ec2::SecurityGroupRule, "SecurityGroupRules", security_group_rule_id;
    /// Groups in other VPCs than their own.
    group_associations: ec2::SecurityGroupVpcAssociation, "SecurityGroupVpcAssociations", group_id;
    /// Network ACLs.
    network_acls: ec2::NetworkAcl, "NetworkAcls", network_acl_id;
    /// Network interfaces.
    network_interfaces: ec2::NetworkInterface, "NetworkInterfaces", network_interface_id;
    /// Instances, by reservation.
    reservations: ec2::Reservation, "Reservations", reservation_id;
    /// Elastic IP addresses.
    addresses: ec2::Address, "Addresses", allocation_id;
    /// Internet gateways.
    internet_gateways: ec2::InternetGateway, "InternetGateways", internet_gateway_id;
    /// Egress-only Internet gateways.
    egress_only_gateways: ec2::EgressOnlyInternetGateway, "EgressOnlyInternetGateways", egress_only_internet_gateway_id;
    /// Carrier gateways.
    carrier_gateways: ec2::CarrierGateway, "CarrierGateways", carrier_gateway_id;
    /// NAT gateways.
    nat_gateways: ec2::NatGateway, "NatGateways", nat_gateway_id;
    /// Virtual private gateways.
    vpn_gateways: ec2::VpnGateway, "VpnGateways", vpn_gateway_id;
    /// Customer gateways.
    customer_gateways: ec2::CustomerGateway, "CustomerGateways", customer_gateway_id;
    /// VPN connections.
    vpn_connections: ec2::VpnConnection, "VpnConnections", vpn_connection_id;
    /// VPC endpoints.
    vpc_endpoints: ec2::VpcEndpoint, "VpcEndpoints", vpc_endpoint_id;
    /// Endpoint services.
    endpoint_services: ec2::ServiceConfiguration, "ServiceConfigurations", service_id;
    /// Who may have endpoints of them.
    allowed_principals: ec2::AllowedPrincipal, "AllowedPrincipals", service_id;
    /// Client VPN endpoints.
    client_vpn_endpoints: ec2::ClientVpnEndpoint, "ClientVpnEndpoints", client_vpn_endpoint_id;
    /// Their target networks.
    client_vpn_networks: ec2::TargetNetwork, "ClientVpnTargetNetworks", client_vpn_endpoint_id;
    /// Their authorization rules.
    client_vpn_rules: ec2::AuthorizationRule, "AuthorizationRules", client_vpn_endpoint_id;
    /// Endpoints of route servers.
    route_server_endpoints: ec2::RouteServerEndpoint, "RouteServerEndpoints", route_server_endpoint_id;
    /// EC2 Instance Connect Endpoints.
    connect_endpoints: ec2::Ec2InstanceConnectEndpoint, "InstanceConnectEndpoints", instance_connect_endpoint_id;
    /// Peering connections.
    peerings: ec2::VpcPeeringConnection, "VpcPeeringConnections", vpc_peering_connection_id;
    /// DHCP options sets.
    dhcp_options: ec2::DhcpOptions, "DhcpOptions", dhcp_options_id;
    /// Transit gateways.
    transit_gateways: ec2::TransitGateway, "TransitGateways", transit_gateway_id;
    /// Their route tables.
    transit_route_tables: ec2::TransitGatewayRouteTable, "TransitGatewayRouteTables", transit_gateway_route_table_id;
    /// VPCs' attachments to them.
    transit_vpc_attachments: ec2::TransitGatewayVpcAttachment, "TransitGatewayVpcAttachments", transit_gateway_attachment_id;
    /// Their peerings.
    transit_peerings: ec2::TransitGatewayPeeringAttachment, "TransitGatewayPeeringAttachments", transit_gateway_attachment_id;
    /// All attachments, with their route tables.
    transit_attachments: ec2::TransitGatewayAttachment, "TransitGatewayAttachments", transit_gateway_attachment_id;
    /// The exclusions of VPC Block Public Access.
    block_exclusions: ec2::VpcBlockPublicAccessExclusion, "VpcBlockPublicAccessExclusions", exclusion_id;
    /// IPAMs.
    ipams: ec2::Ipam, "Ipams", ipam_id;
    /// Their scopes.
    ipam_scopes: ec2::IpamScope, "IpamScopes", ipam_scope_id;
    /// Their pools.
    ipam_pools: ec2::IpamPool, "IpamPools", ipam_pool_id;
    /// Prefix lists.
    prefix_lists: ec2::ManagedPrefixList, "PrefixLists", prefix_list_id;
    /// Filters of traffic mirroring, with their rules.
    mirror_filters: ec2::TrafficMirrorFilter, "TrafficMirrorFilters", traffic_mirror_filter_id;
    /// Targets of traffic mirroring.
    mirror_targets: ec2::TrafficMirrorTarget, "TrafficMirrorTargets", traffic_mirror_target_id;
    /// Sessions of traffic mirroring.
    mirror_sessions: ec2::TrafficMirrorSession, "TrafficMirrorSessions", traffic_mirror_session_id;
    /// Paths of Reachability Analyzer.
    insights_paths: ec2::NetworkInsightsPath, "NetworkInsightsPaths", network_insights_path_id;
    /// Key pairs.
    key_pairs: ec2::KeyPairInfo, "KeyPairs", key_pair_id;
    /// Volumes.
    volumes: ec2::Volume, "Volumes", volume_id;
    /// Snapshots.
    snapshots: ec2::Snapshot, "Snapshots", snapshot_id;
    /// Images.
    images: ec2::Image, "Images", image_id;
    /// Dedicated Hosts.
    dedicated_hosts: ec2::Host, "Hosts", host_id;
    /// Capacity Reservations.
    capacity_reservations: ec2::CapacityReservation, "CapacityReservations", capacity_reservation_id;
    /// Flow logs.
    flow_logs: ec2::FlowLog, "FlowLogs", flow_log_id;
    /// Placement groups.
    placement_groups: ec2::PlacementGroup, "PlacementGroups", group_id;
    /// Launch templates.
    launch_templates: ec2::LaunchTemplate, "LaunchTemplates", launch_template_id;
    /// Linked instances.
    classic_link_instances: ec2::ClassicLinkInstance, "Instances", instance_id;
}

impl Export {
    /// The ids of all resources that an import makes or changes.
    pub fn ids(&self) -> Vec<String> {
        let mut ids = self.listed();
        for instance in self.reservations.iter().flat_map(|(_, reservation)| reservation.instances.iter()) {
            ids.extend(instance.instance_id.clone());
            ids.extend(instance.network_interfaces.iter().filter_map(|one| one.network_interface_id.clone()));
            ids.extend(
                instance.block_device_mappings.iter().filter_map(|device| device.ebs.as_ref()?.volume_id.clone()),
            );
        }
        // An address of EC2-Classic is its own id.
        ids.extend(self.addresses.iter().filter_map(|(_, address)| address.public_ip.clone()));
        ids.extend(self.classic_link_vpcs.iter().filter_map(|(_, vpc)| vpc.vpc_id.clone()));
        ids.extend(self.classic_link_dns.iter().filter_map(|(_, vpc)| vpc.vpc_id.clone()));
        ids.extend(self.vpc_attributes.iter().filter_map(|(_, vpc)| vpc.vpc_id.clone()));
        let of_services = self.of_services.iter();
        ids.extend(of_services.filter_map(|(_, list, item)| match *list {
            spot_requests::LIST => spot_requests::id(item),
            list => creations::id_in(list, item),
        }));
        ids
    }

    /// Adds the resources of a document, which is a reply. Returns whether it has any that are known.
    ///
    /// # Errors
    /// [`JsonFault`] if a member has another type than in the API.
    pub fn take(&mut self, scope: &Scope, document: &Json) -> Result<bool, JsonFault> {
        let Some(members) = document.as_object() else { return Ok(false) };
        if VPC_ATTRIBUTES.iter().any(|attribute| members.contains_key(*attribute)) {
            self.vpc_attributes.push((scope.clone(), of_json(document)?));
            return Ok(true);
        }
        if let Some(options) = members.get("VpcBlockPublicAccessOptions") {
            self.block_options.push((scope.clone(), of_json(options)?));
            return Ok(true);
        }
        if self.take_part(scope, document)? {
            return Ok(true);
        }
        if is_resource(document) {
            return Ok(false);
        }
        let (mut known, mut unknown) = (false, BTreeSet::new());
        for (list, items) in members {
            let Some(items) = items.as_array() else { continue };
            let mut taken = items.is_empty() && is_known(list);
            for (index, item) in items.iter().enumerate() {
                let item = self.item(list, scope, &with_ids(members, list, item));
                taken |= item.map_err(|fault| fault.within(&format!("{list}[{index}]")))?;
            }
            known |= taken;
            if !taken {
                unknown.insert(list);
            }
        }
        // If nothing of it is known, the file is left out as a whole.
        if known {
            self.left_out.extend(unknown.into_iter().map(|list| format!("{} are not imported", printable(list))));
        }
        Ok(known)
    }

    /// Adds a reply about one resource, whose id the script of `import --how` has put beside it. Returns whether the
    /// document is one.
    fn take_part(&mut self, scope: &Scope, document: &Json) -> Result<bool, JsonFault> {
        let id = |name: &str| document.get(name).and_then(Json::as_str).map(str::to_owned);
        let has = |list: &str| document.get(list).is_some_and(Json::is_array);
        if let Some(id) = id("PrefixListId").filter(|_| has("Entries")) {
            self.prefix_list_entries.push((id, of_json(document)?));
        } else if let Some(id) = id("TransitGatewayRouteTableId").filter(|_| has("Routes")) {
            self.transit_routes.push((id, of_json(document)?));
        } else if let Some(id) = id("TransitGatewayRouteTableId").filter(|_| has(PROPAGATIONS)) {
            self.transit_propagations.push((id, of_json(document)?));
        } else if let Some(routes) = client_vpn_routes(document) {
            for route in routes {
                self.client_vpn_routes.push((scope.clone(), of_json(route)?));
            }
        } else if let Some(id) = id("IpamPoolId").filter(|_| has(POOL_CIDRS)) {
            self.ipam_pool_cidrs.push((id, of_json(document)?));
        } else if let Some(id) = id("IpamPoolId").filter(|_| has(ALLOCATIONS)) {
            self.ipam_allocations.push((id, of_json(document)?));
        } else if document.get(zones::ZONE).is_some_and(Json::is_object) {
            self.of_services.push((scope.clone(), zones::ZONE, document.clone()));
        } else if id("HostedZoneId").is_some() && has(zones::RECORDS) {
            self.of_services.push((scope.clone(), zones::RECORDS, document.clone()));
        } else if document.get(health_checks::TAGS).is_some_and(Json::is_object) {
            self.of_services.push((scope.clone(), health_checks::TAGS, document.clone()));
        } else if document.get(load_balancer_settings::ATTRIBUTES).is_some_and(Json::is_object) {
            self.of_services.push((scope.clone(), load_balancer_settings::ATTRIBUTES, document.clone()));
        } else if parameter_store::is_of_store(document) {
            let versions = document[parameter_groups::PARAMETERS].as_array().into_iter().flatten();
            let versions = versions.map(|version| (scope.clone(), parameter_store::LIST, version.clone()));
            self.of_services.extend(versions);
        } else if parameter_groups::is_parameters(document) {
            self.of_services.push((scope.clone(), parameter_groups::PARAMETERS, document.clone()));
        } else if let Some(list) = PARTS.into_iter().find(|&list| has(list)) {
            let why = "the answer does not say whose they are; the script of `import --how` puts the id beside them";
            self.left_out.insert(format!("{list}: {why}"));
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Whether a list's items cannot be imported. If so they are reported.
    fn is_left_out(&mut self, list: &str, item: &Json) -> bool {
        let Some((_, name, why)) = LEFT_OUT.iter().find(|(known, ..)| *known == list) else { return false };
        let name = item.pointer(name).and_then(Json::as_str).unwrap_or(list);
        self.left_out.insert(format!("{}: {why}", printable(name)));
        true
    }

    /// Sets the parameters of templates.
    ///
    /// # Errors
    /// [`ImportError::Parameter`].
    pub fn with_parameters(mut self, parameters: &BTreeMap<String, String>) -> Result<Export, ImportError> {
        if let Some(unknown) = template::unknown_parameter(&self.templates, parameters) {
            return Err(ImportError::Parameter(unknown.to_owned()));
        }
        self.templates.iter_mut().for_each(|template| template.parameters.clone_from(parameters));
        Ok(self)
    }

    fn item(&mut self, list: &str, scope: &Scope, item: &Json) -> Result<bool, JsonFault> {
        let scope = owner(scope, item);
        match list {
            // Three actions return lists with this name.
            "Vpcs" if item.get("ClassicLinkEnabled").is_some() => take(&mut self.classic_link_vpcs, scope, item),
            "Vpcs" if item.get("ClassicLinkDnsSupported").is_some() => take(&mut self.classic_link_dns, scope, item),
            // An address has a name in another action's list.
            "Addresses" if item.get("PtrRecord").is_some() => {
                self.of_services.push((scope, ADDRESS_NAMES, item.clone()));
                Ok(true)
            }
            // Other actions' instances are linked to no VPC.
            "Instances" if item.get("VpcId").is_none() => Ok(false),
            POLICY_ASSOCIATIONS if item.get("TransitGatewayPolicyTableId").is_none() => Ok(false),
            // Everybody has those of AWS.
            "Images" if item.get("ImageOwnerAlias").is_some_and(Json::is_string) => Ok(true),
            HOSTED_ZONES => {
                let zone = Map::from_iter([(zones::ZONE.to_owned(), item.clone())]);
                self.of_services.push((scope, zones::ZONE, zone.into()));
                Ok(true)
            }
            VERSIONS => {
                self.launch_template_versions.push((scope, item.clone()));
                Ok(true)
            }
            _ => match known_list(list) {
                Some(list) => {
                    self.of_services.push((scope, list, item.clone()));
                    Ok(true)
                }
                None if self.is_left_out(list, item) => Ok(true),
                None => self.take_item(list, scope, item),
            },
        }
    }
}

/// Whether a list is imported, or reported by its items.
fn is_known(list: &str) -> bool {
    let is_reported = || LEFT_OUT.iter().any(|(known, ..)| *known == list);
    Export::is_of_ec2(list) || list == VERSIONS || list == HOSTED_ZONES || known_list(list).is_some() || is_reported()
}

/// Whether a document is a resource, which has an id, as `--query` takes it out of a reply. Some lists have an id beside
/// them too.
pub(super) fn is_resource(document: &Json) -> bool {
    let is_id = |(name, id): (&String, &Json)| name.ends_with("Id") && id.as_str().and_then(IdKind::of).is_some();
    let has_list = |members: &Map<String, Json>| WITH_ID.iter().any(|list| members.contains_key(*list));
    document.as_object().is_some_and(|members| members.iter().any(is_id) && !has_list(members))
}

/// Lists that do not say whose they are.
const PARTS: [&str; 7] =
    ["Entries", "Routes", PROPAGATIONS, POOL_CIDRS, ALLOCATIONS, zones::RECORDS, parameter_groups::PARAMETERS];

/// The attributes of VPCs that are imported.
const VPC_ATTRIBUTES: [&str; 3] = ["EnableDnsHostnames", "EnableDnsSupport", "EnableNetworkAddressUsageMetrics"];

/// The lists of an IPAM pool's blocks, and of its allocations.
const POOL_CIDRS: &str = "IpamPoolCidrs";
const ALLOCATIONS: &str = "IpamPoolAllocations";

/// The list of a launch template's versions.
const VERSIONS: &str = "LaunchTemplateVersions";

/// Lists that have the id or the name of what they belong to beside them.
const WITH_ID: [&str; 15] = [
    VERSIONS,
    "SubnetIpv4CidrReservations",
    "ClientVpnTargetNetworks",
    "AuthorizationRules",
    "AllowedPrincipals",
    "RouteServerAssociations",
    "RouteServerPropagations",
    "MulticastDomainAssociations",
    "MulticastGroups",
    "TransitGatewayPolicyTableEntries",
    POLICY_ASSOCIATIONS,
    "LaunchPermissions",
    "CreateVolumePermissions",
    load_balancer_settings::POLICIES,
    zone_settings::CIDR_BLOCKS,
];

/// An item with the ids and names that are beside its list.
fn with_ids<'j>(document: &Map<String, Json>, list: &str, item: &'j Json) -> Cow<'j, Json> {
    let Some(own) = item.as_object().filter(|_| WITH_ID.contains(&list)) else { return Cow::Borrowed(item) };
    let beside = document.iter().filter(|(_, value)| value.is_string());
    let beside = beside.map(|(name, id)| (name.clone(), id.clone()));
    let own = own.iter().map(|(name, value)| (name.clone(), value.clone()));
    Cow::Owned(beside.chain(own).collect::<Map<_, _>>().into())
}

/// The list of hosted zones.
const HOSTED_ZONES: &str = "HostedZones";

/// What names a Client VPN endpoint.
const CLIENT_VPN: &str = "ClientVpnEndpointId";

/// The routes in a document, if they are a Client VPN endpoint's. They name it, as routes of transit gateways do not.
fn client_vpn_routes(document: &Json) -> Option<&Vec<Json>> {
    let routes = document.get("Routes")?.as_array()?;
    let is_named = document.get(CLIENT_VPN).is_some() || routes.iter().any(|route| route.get(CLIENT_VPN).is_some());
    is_named.then_some(routes)
}

/// The list of a route table's propagations.
const PROPAGATIONS: &str = "TransitGatewayRouteTablePropagations";

fn take<S: Shape + Default>(to: &mut Vec<(Scope, S)>, scope: Scope, item: &Json) -> Result<bool, JsonFault> {
    to.push((scope, of_json(item)?));
    Ok(true)
}

/// An item's owner: the one that it or its ARN names, otherwise the document's.
fn owner(scope: &Scope, item: &Json) -> Scope {
    let text = |name: &str| item.get(name).and_then(Json::as_str);
    let named = text("OwnerId").or(text("GroupOwnerId")).or_else(|| text("Arn")?.split(':').nth(4));
    let account = named.filter(|id| is_account_id(id));
    Scope { account: account.unwrap_or(&scope.account).to_owned(), region: scope.region.clone() }
}
