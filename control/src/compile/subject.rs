//! Subjects: the parts of the model that are compiled one by one, each by the file for its kind.

use super::{instances, managed, nat, outside, routes, rules, sites, transit};
use model::{Changes, Model};
use std::collections::BTreeSet;
use wire::Entry;

/// A part of the model that has entries of its own in the tables.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The constant part: the tables of the Internet and of EC2-Classic.
    Platform,
    /// A VPC: the route table of the instances linked to it.
    Vpc(String),
    /// A subnet: its segment and route table.
    Subnet(String),
    /// A network ACL.
    Acl(String),
    /// A security group.
    Group(String),
    /// An instance: its port, its attachments, its addresses.
    Instance(String),
    /// A NAT gateway: its NAT and its address.
    NatGateway(String),
    /// A gateway endpoint: its NAT, its address and its route table.
    Endpoint(String),
    /// A route table of a transit gateway.
    TransitTable(String),
    /// An attachment to a transit gateway: the route table for packets that it brings into its VPC.
    Entrance(String),
    /// A customer gateway: the route table of its site.
    Site(String),
    /// A host outside the cloud.
    Host(String),
    /// A host of a service: its port, its attachment, its addresses.
    ManagedHost(String),
}

/// Compiles a subject's entries. `None` if it does not exist.
pub(super) fn compile(model: &Model, subject: &Subject) -> Option<Vec<Entry>> {
    match subject {
        Subject::Platform => Some(outside::platform(model)),
        Subject::Vpc(id) => model.vpcs.get(id).map(|vpc| vec![routes::linked_table(model, vpc)]),
        Subject::Subnet(id) => model.subnets.get(id).map(|subnet| routes::subnet(model, subnet)),
        Subject::Acl(id) => model.network_acls.get(id).map(|acl| vec![rules::acl(acl)]),
        Subject::Group(id) => model.security_groups.get(id).map(|group| vec![rules::group(model, group)]),
        Subject::Instance(id) => model.instances.get(id).map(|instance| instances::instance(model, instance)),
        Subject::NatGateway(id) => model.nat_gateways.get(id).map(|gateway| nat::gateway(model, gateway)),
        Subject::Endpoint(id) => model.vpc_endpoints.get(id).map(|endpoint| nat::endpoint(model, endpoint)),
        Subject::TransitTable(id) => model.transit_route_tables.get(id).map(|table| vec![transit::table(model, table)]),
        Subject::Entrance(id) => {
            let attachment = model.transit_attachments.get(id);
            attachment.map(|attachment| transit::entrance(model, attachment).into_iter().collect())
        }
        Subject::Site(id) => model.customer_gateways.get(id).map(|site| vec![sites::table(model, site)]),
        Subject::Host(name) => model.hosts.get(name).map(|host| outside::host(model, host)),
        Subject::ManagedHost(name) => model.managed_hosts.get(name).map(|host| managed::host(model, host)),
    }
}

/// The subjects that the changed rows are themselves. A new one has not been read yet.
pub(super) fn touched_subjects(changes: &Changes) -> impl Iterator<Item = Subject> {
    let vpcs = changes.vpcs.keys().cloned().map(Subject::Vpc);
    let subnets = changes.subnets.keys().cloned().map(Subject::Subnet);
    let acls = changes.network_acls.keys().cloned().map(Subject::Acl);
    let groups = changes.security_groups.keys().cloned().map(Subject::Group);
    let instances = changes.instances.keys().cloned().map(Subject::Instance);
    let nat_gateways = changes.nat_gateways.keys().cloned().map(Subject::NatGateway);
    let endpoints = changes.vpc_endpoints.keys().cloned().map(Subject::Endpoint);
    let transit_tables = changes.transit_route_tables.keys().cloned().map(Subject::TransitTable);
    let entrances = changes.transit_attachments.keys().cloned().map(Subject::Entrance);
    let sites = changes.customer_gateways.keys().cloned().map(Subject::Site);
    let hosts = changes.hosts.keys().cloned().map(Subject::Host);
    let managed_hosts = changes.managed_hosts.keys().cloned().map(Subject::ManagedHost);
    vpcs.chain(subnets)
        .chain(acls)
        .chain(groups)
        .chain(instances)
        .chain(nat_gateways)
        .chain(endpoints)
        .chain(transit_tables)
        .chain(entrances)
        .chain(sites)
        .chain(hosts)
        .chain(managed_hosts)
}

/// All subjects of a model.
pub(super) fn subjects(model: &Model) -> BTreeSet<Subject> {
    let mut all = BTreeSet::from([Subject::Platform]);
    all.extend(model.vpcs.iter().map(|vpc| Subject::Vpc(vpc.id.clone())));
    all.extend(model.subnets.iter().map(|subnet| Subject::Subnet(subnet.id.clone())));
    all.extend(model.network_acls.iter().map(|acl| Subject::Acl(acl.id.clone())));
    all.extend(model.security_groups.iter().map(|group| Subject::Group(group.id.clone())));
    all.extend(model.instances.iter().map(|instance| Subject::Instance(instance.id.clone())));
    all.extend(model.nat_gateways.iter().map(|gateway| Subject::NatGateway(gateway.id.clone())));
    all.extend(model.vpc_endpoints.iter().map(|endpoint| Subject::Endpoint(endpoint.id.clone())));
    all.extend(model.transit_route_tables.iter().map(|table| Subject::TransitTable(table.id.clone())));
    all.extend(model.transit_attachments.iter().map(|attachment| Subject::Entrance(attachment.id.clone())));
    all.extend(model.customer_gateways.iter().map(|site| Subject::Site(site.id.clone())));
    all.extend(model.hosts.iter().map(|host| Subject::Host(host.name.clone())));
    all.extend(model.managed_hosts.iter().map(|host| Subject::ManagedHost(host.id.clone())));
    all
}
