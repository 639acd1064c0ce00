//! Imports real networks: the output of `aws ec2 describe-…` becomes a cloud with the same ids.
//!
//! Files are read (`files`) and split into resources (`export`). Each resource becomes a row of the model, after those
//! that it refers to. What is not understood, or refers to something missing, is left out and reported in a sentence.

mod anonymous;
mod block_public_access;
mod calls;
mod capacity;
mod client_vpn;
mod connect_endpoints;
mod creations;
mod doubles;
mod endpoint_services;
mod engine_versions;
mod export;
mod files;
mod flow_logs;
mod form;
mod gateways;
mod groups;
mod health_checks;
mod hosts;
mod identities;
mod insights_paths;
mod instance_options;
mod ipam;
mod kept;
mod key_pairs;
mod lists;
mod load_balancer_settings;
mod log_groups;
mod network;
mod option_groups;
mod parameter_groups;
mod parameter_store;
mod placement_groups;
mod replication_groups;
mod route_server_endpoints;
mod scaling;
mod scaling_actions;
mod services;
mod spot_requests;
mod storage;
mod subnet_reservations;
mod template;
mod text_encoding;
mod traffic_mirroring;
mod transit;
mod vpn_tunnels;
mod zone_settings;
mod zones;

#[cfg(test)]
mod tests;

pub use anonymous::Anonymous;
pub use export::Export;
pub use files::{File, FileError, is_wanted, read};
pub use template::Template;

use crate::compile::Compiler;
use crate::explain::printable;
use dataplane::policy::{ApplyError, Snapshot};
use ipnet::{Ipv4Net, Ipv6Net};
use model::{IdKind, Kind, Model, Scope, Tags, Time};
use shapes::{List, ec2};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::str::FromStr;
use wire::Update;

/// How many resources an import takes. They fit into a few GiB of memory, and no account has so many that concern its
/// network.
const MOST: usize = 250_000;
/// The script that gathers a network with the aws command line.
pub const HOW: &str = include_str!("gather.sh");

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The cloud has such a resource already.
    #[error("{0} is there already; import into a new system: `classiclink up --fresh`, or another with --state DIR")]
    Taken(String),
    /// The files contradict each other.
    #[error("what the files say cannot all be true of one network: {0}")]
    Contradiction(#[from] ApplyError),
    /// There are too many resources.
    #[error("the files describe {0} resources, and an import takes {most}; leave out what the network does not need", most = MOST)]
    Many(usize),
    /// A parameter is given that no template has.
    #[error("no template of the files has the parameter {0}")]
    Parameter(String),
    /// The files hold no network, for these reasons.
    #[error("the files hold no network{}; `classiclink import --how` prints a script that gathers one", reasons(.0))]
    Nothing(BTreeSet<String>),
}

/// The result of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Imported {
    /// The numbers of resources by kind: `VPCs`, 2.
    pub counts: Vec<(String, usize)>,
    /// The parts that were left out, a sentence each.
    pub left_out: Vec<String>,
}

/// Imports an export into a model. Instances have no host until one is asked for.
///
/// # Errors
/// [`ImportError`]. The model may have changed then.
pub fn import(model: &mut Model, export: Export, now: Time) -> Result<Imported, ImportError> {
    if export.is_empty() {
        return Err(ImportError::Nothing(export.left_out));
    }
    let ids = export.ids();
    let count = ids.len() + export.of_services.len();
    if count > MOST {
        return Err(ImportError::Many(count));
    }
    let is_taken = |id: &String| Kind::ALL.iter().any(|kind| model.has(*kind, id));
    if let Some(taken) = ids.into_iter().find(is_taken) {
        return Err(ImportError::Taken(taken));
    }
    let before = counts(model);
    let (left_out, services_lists) = (BTreeSet::new(), BTreeMap::new());
    let (attached, addresses, subnet_blocks) = (BTreeMap::new(), HashMap::new(), BTreeMap::new());
    let (exports, templates) = (template::Exports::new(), Rc::default());
    let mut importer = Importer {
        model,
        now,
        left_out,
        services_lists,
        attached,
        addresses,
        subnet_blocks,
        exports,
        templates,
        stacks: 0,
    };
    importer.take(export);
    let left_out = importer.left_out.into_iter().collect();
    check(model)?;
    let counts = counts(model).into_iter().zip(before).map(|((what, after), (_, before))| (what, after - before));
    Ok(Imported { counts: counts.filter(|(_, count)| *count > 0).collect(), left_out })
}

/// The first of some reasons.
fn reasons(all: &BTreeSet<String>) -> String {
    let more = if all.len() > 1 { ", and so on" } else { "" };
    all.first().map_or_else(String::new, |first| format!(" ({first}{more})"))
}

/// Checks that the dataplane accepts the tables with a host for every instance. Otherwise every later change would
/// fail.
fn check(model: &Model) -> Result<(), ApplyError> {
    let mut awake = model.clone();
    awake.give_hosts(|_| true);
    let update = Update { version: 1, whole: true, changes: Compiler::whole(&awake).1.whole() };
    Snapshot::empty().apply(&update).map(|_| ())
}

fn counts(model: &Model) -> Vec<(String, usize)> {
    [
        ("VPCs", model.vpcs.len()),
        ("subnets", model.subnets.len()),
        ("route tables", model.route_tables.len()),
        ("subnet CIDR reservations", model.subnet_cidr_reservations.len()),
        ("security groups", model.security_groups.len()),
        ("network ACLs", model.network_acls.len()),
        ("network interfaces", model.network_interfaces.len()),
        ("instances", model.instances.len()),
        ("Elastic IP addresses", model.elastic_addresses.len()),
        ("Internet gateways", model.internet_gateways.len()),
        ("NAT gateways", model.nat_gateways.len()),
        ("virtual private gateways", model.vpn_gateways.len()),
        ("customer gateways", model.customer_gateways.len()),
        ("VPN connections", model.vpn_connections.len()),
        ("endpoints", model.vpc_endpoints.len()),
        ("endpoint services", model.endpoint_services.len()),
        ("instance connect endpoints", model.connect_endpoints.len()),
        ("Client VPN endpoints", model.client_vpn_endpoints.len()),
        ("peering connections", model.peerings.len()),
        ("egress-only Internet gateways", model.egress_only_gateways.len()),
        ("carrier gateways", model.carrier_gateways.len()),
        ("DHCP options sets", model.dhcp_options.len()),
        ("transit gateways", model.transit_gateways.len()),
        ("transit gateway attachments", model.transit_attachments.len() + model.transit_vpns.len()),
        ("transit gateway peerings", model.transit_peerings.len()),
        ("transit gateway Connect attachments", model.transit_connects.len()),
        ("transit gateway Connect peers", model.connect_peers.len()),
        ("transit gateway multicast domains", model.multicast_domains.len()),
        ("transit gateway policy tables", model.policy_tables.len()),
        ("transit gateway route tables", model.transit_route_tables.len()),
        ("route servers", model.route_servers.len()),
        ("prefix lists", model.prefix_lists.len()),
        ("IPAMs", model.ipams.len()),
        ("IPAM scopes", model.ipam_scopes.len()),
        ("IPAM pools", model.ipam_pools.len()),
        ("IPAM resource discoveries", model.ipam_discoveries.len()),
        ("exclusions from blocks of public access", model.block_exclusions.len()),
        ("filters of traffic mirroring", model.mirror_filters.len()),
        ("targets of traffic mirroring", model.mirror_targets.len()),
        ("sessions of traffic mirroring", model.mirror_sessions.len()),
        ("paths of Reachability Analyzer", model.insights_paths.len()),
        ("permissions for network interfaces", model.interface_permissions.len()),
        ("notifications of endpoints", model.endpoint_notifications.len()),
        ("event windows of instances", model.event_windows.len()),
        ("key pairs", model.key_pairs.len()),
        ("Spot Instance requests", model.spot_requests.len()),
        ("volumes of no instance", model.free_volumes().count()),
        ("snapshots", model.snapshots.len()),
        ("images", model.images.len()),
        ("Dedicated Hosts", model.dedicated_hosts.len()),
        ("Capacity Reservations", model.capacity_reservations.len()),
        ("placement groups", model.placement_groups.len()),
        ("launch templates", model.launch_templates.len()),
        ("launch configurations", model.launch_configurations.len()),
        ("Auto Scaling groups", model.auto_scaling_groups.len()),
        ("scaling policies and scheduled actions", model.scaling_policies.len() + model.scheduled_actions.len()),
        ("hosted zones", model.hosted_zones.len()),
        ("health checks", model.health_checks.len()),
        ("traffic policies", model.traffic_policies.len()),
        ("CIDR collections", model.cidr_collections.len()),
        ("flow logs", model.flow_logs.len()),
        ("parameter groups", model.parameter_groups.len()),
        ("option groups", model.option_groups.len()),
        ("parameters of Systems Manager", model.parameters.len()),
        ("log groups", model.log_groups.len()),
        ("subnet groups of services", model.subnet_groups.len()),
        ("security groups of services", model.access_groups.len()),
        ("databases, caches and warehouses", model.deployments.len()),
        ("load balancers", model.load_balancers.len()),
        ("hosts of services", model.managed_hosts.len()),
        ("users, groups and roles", model.identities.len()),
        ("managed policies", model.managed_policies.len()),
        ("instance profiles", model.instance_profiles.len()),
    ]
    .map(|(what, count)| (what.to_owned(), count))
    .into()
}

/// An import in progress.
struct Importer<'m> {
    model: &'m mut Model,
    now: Time,
    left_out: BTreeSet<String>,
    /// The ids of services' prefix lists here, by their ids in the files.
    services_lists: BTreeMap<String, String>,
    /// The attachments of the platform's own network interfaces, by interface.
    attached: BTreeMap<String, String>,
    /// The interfaces that have an address in a subnet.
    addresses: HashMap<(String, Ipv4Addr), String>,
    /// The blocks of VPCs' subnets, by VPC and first address, with the subnets.
    subnet_blocks: BTreeMap<(String, Ipv4Addr), (Ipv4Net, String)>,
    /// What templates export.
    exports: template::Exports,
    /// All templates. Some may nest others.
    templates: Rc<[Template]>,
    /// How many nested stacks were made.
    stacks: usize,
}

impl Importer<'_> {
    /// Imports everything, in an order in which each resource refers only to earlier ones.
    fn take(&mut self, export: Export) {
        for scope in export.scopes() {
            self.model.note_defaults(&scope);
        }
        self.left_out.extend(export.left_out.iter().cloned());
        each(export.dhcp_options, |scope, item| self.dhcp_options(scope, item));
        each(export.vpcs, |scope, item| self.vpc(scope, item));
        each(export.classic_link_vpcs, |_, item| self.classic_link_vpc(item));
        each(export.classic_link_dns, |_, item| self.classic_link_dns(item));
        each(export.vpc_attributes, |_, item| self.vpc_attribute(item));
        each(export.subnets, |scope, item| self.subnet(scope, item));
        each(export.subnet_ipv4_reservations, |_, item| self.subnet_reservation(item));
        each(export.subnet_ipv6_reservations, |_, item| self.subnet_reservation(item));
        each(export.block_options, |scope, item| self.block_options(scope, item));
        each(export.block_exclusions, |_, item| self.block_exclusion(item));
        each(export.network_acls, |scope, item| self.network_acl(scope, item));
        each(export.ipams, |scope, item| self.ipam(scope, item));
        each(export.ipam_scopes, |scope, item| self.ipam_scope(scope, item));
        self.miss_ipam_scopes();
        self.ipam_pools(export.ipam_pools);
        export.ipam_pool_cidrs.into_iter().for_each(|(id, item)| self.ipam_pool_cidrs(&id, item));
        export.ipam_allocations.into_iter().for_each(|(id, item)| self.ipam_allocations(&id, item));
        each(export.prefix_lists, |scope, item| self.prefix_list(scope, item));
        export.prefix_list_entries.into_iter().for_each(|(id, item)| self.prefix_list_entries(&id, item));
        self.groups(export.security_groups, export.security_group_rules);
        each(export.group_associations, |_, item| self.group_association(item));
        each(export.internet_gateways, |scope, item| self.internet_gateway(scope, item));
        each(export.egress_only_gateways, |scope, item| self.egress_only_gateway(scope, item));
        each(export.carrier_gateways, |scope, item| self.carrier_gateway(scope, item));
        each(export.transit_gateways, |scope, item| self.transit_gateway(scope, item));
        each(export.customer_gateways, |scope, item| self.customer_gateway(scope, item));
        each(export.vpn_gateways, |scope, item| self.vpn_gateway(scope, item));
        each(export.vpn_connections, |scope, item| self.vpn_connection(scope, item));
        each(export.peerings, |scope, item| self.peering(scope, item));
        each(export.endpoint_services, |scope, item| self.endpoint_service(scope, item));
        each(export.allowed_principals, |_, item| self.allowed_principal(item));
        each(export.vpc_endpoints.clone(), |scope, item| self.gateway_endpoint(scope, item));
        each(export.addresses.clone(), |scope, item| self.address(scope, item));
        each(export.network_interfaces, |scope, item| self.network_interface(scope, item));
        each(export.client_vpn_endpoints, |scope, item| self.client_vpn_endpoint(scope, item));
        each(export.client_vpn_networks, |_, item| self.client_vpn_network(item));
        each(export.client_vpn_routes, |_, item| self.client_vpn_route(item));
        each(export.client_vpn_rules, |_, item| self.client_vpn_rule(item));
        each(export.connect_endpoints, |scope, item| self.connect_endpoint(scope, item));
        each(export.mirror_filters, |scope, item| self.mirror_filter(scope, item));
        each(export.mirror_targets, |scope, item| self.mirror_target(scope, item));
        each(export.mirror_sessions, |scope, item| self.mirror_session(scope, item));
        each(export.insights_paths, |scope, item| self.insights_path(scope, item));
        each(export.key_pairs, |scope, item| self.key_pair(scope, item));
        each(export.dedicated_hosts, |scope, item| self.dedicated_host(scope, item));
        each(export.capacity_reservations, |scope, item| self.capacity_reservation(scope, item));
        each(export.snapshots, |scope, item| self.snapshot(scope, item));
        each(export.images, |scope, item| self.image(scope, item));
        each(export.placement_groups, |scope, item| self.placement_group(scope, item));
        each(export.reservations, |scope, item| self.reservation(scope, item));
        each(export.volumes, |scope, item| self.volume(scope, item));
        each(export.addresses, |_, item| self.address_association(item));
        self.detach_from_nobody();
        each(export.flow_logs, |scope, item| self.flow_log(scope, item));
        each(export.vpc_endpoints, |scope, item| self.interface_endpoint(scope, item));
        each(export.transit_vpc_attachments, |scope, item| self.transit_vpc_attachment(scope, item));
        each(export.transit_peerings, |_, item| self.transit_peering(item));
        // A Connect attachment would propagate to a table that is there already.
        self.create(creations::ATTACHMENTS, &export.of_services);
        each(export.transit_route_tables, |scope, item| self.transit_route_table(scope, item));
        each(export.transit_attachments, |scope, item| self.transit_attachment(scope, item));
        self.attach_transit_vpns();
        export.transit_routes.into_iter().for_each(|(id, item)| self.transit_routes(&id, item));
        export.transit_propagations.into_iter().for_each(|(id, item)| self.transit_propagations(&id, item));
        self.launch_templates(export.launch_templates, export.launch_template_versions);
        each(export.classic_link_instances, |_, item| self.link(item));
        each(export.nat_gateways, |scope, item| self.nat_gateway(scope, item));
        self.identities(&export.of_services);
        self.zones(&export.of_services);
        self.log_groups(&export.of_services);
        self.parameter_store(&export.of_services);
        self.services(&export.of_services);
        self.templates(&export.templates);
        each(export.route_tables, |scope, item| self.route_table(scope, item));
        self.create(creations::ROUTE_SERVERS, &export.of_services);
        each(export.route_server_endpoints, |scope, item| self.route_server_endpoint(scope, item));
        self.create(creations::OTHERS, &export.of_services);
        self.spot_requests(&export.of_services);
    }

    fn leave_out(&mut self, what: impl Into<String>) {
        self.left_out.insert(printable(&what.into()));
    }

    /// An id, if it is valid for that kind. Otherwise the resource is left out.
    fn id(&mut self, kind: IdKind, id: Option<String>) -> Option<String> {
        match id {
            Some(id) if kind.fits(&id) => Some(id),
            Some(id) => {
                self.leave_out(format!("{id} is not a valid {kind}"));
                None
            }
            None => {
                let kind = kind.resource_type();
                self.leave_out(format!("a {kind} without an id, which `--query` or another service may have made"));
                None
            }
        }
    }

    /// The id of a VPC, if it was imported. Otherwise the resource that names it is left out.
    fn vpc_of(&mut self, what: &str, vpc: Option<String>) -> Option<String> {
        match vpc {
            Some(vpc) if self.model.vpcs.get(&vpc).is_some() => Some(vpc),
            Some(vpc) => {
                self.leave_out(format!("{what}: its VPC {vpc} is not in the files"));
                None
            }
            None => {
                self.leave_out(format!("{what}: it names no VPC"));
                None
            }
        }
    }

    /// A required value, if it can be parsed. Otherwise the resource is left out.
    fn parsed<T: FromStr>(&mut self, what: &str, name: &str, text: Option<String>) -> Option<T> {
        let parsed = text.as_ref().and_then(|text| text.parse().ok());
        if parsed.is_none() {
            self.leave_out(format!("{what}: its {name} {} is not understood", text.unwrap_or_else(|| "(none)".into())));
        }
        parsed
    }
}

fn each<T>(items: Vec<(Scope, T)>, mut take: impl FnMut(&Scope, T)) {
    items.into_iter().for_each(|(scope, item)| take(&scope, item));
}

fn tags(tags: List<ec2::Tag>) -> Tags {
    tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()
}

fn parse<T: FromStr>(text: Option<&String>) -> Option<T> {
    text?.parse().ok()
}

/// A number that is not negative.
fn unsigned(told: Option<i32>) -> Option<u32> {
    told.and_then(|number| u32::try_from(number).ok())
}

/// A version's number, after which there is always another one.
fn version(told: Option<i64>) -> i64 {
    told.filter(|number| (1..i64::MAX).contains(number)).unwrap_or(1)
}

fn v4(text: Option<&String>) -> Option<Ipv4Net> {
    parse::<Ipv4Net>(text).map(|net| net.trunc())
}

fn v6(text: Option<&String>) -> Option<Ipv6Net> {
    parse::<Ipv6Net>(text).map(|net| net.trunc())
}
