//! The hosts that a user's word means: `reach --from` and `--to`.

use super::{Host, HostName};
use ipnet::Ipv4Net;
use model::{
    HostPlace, Instance, ManagedHost, ManagedPlace, Model, NetworkInterface, PrefixList, Scope, Subnet, Tags, Vpc,
};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// The hosts in EC2-Classic.
const CLASSIC: &str = "classic";
/// The hosts on the Internet.
const INTERNET: &str = "internet";
/// The hosts at remote sites.
const ON_PREMISES: &str = "on-premises";
/// The beginning of a word for a tag, `tag:env=prod`, as filters of the API have it.
const TAG: &str = "tag:";

/// A user's word for hosts.
pub(super) struct Selection<'m> {
    model: &'m Model,
    word: &'m str,
    /// The networks that it means: an address, a CIDR block, or the entries of a prefix list.
    nets: Vec<Ipv4Net>,
    /// The tag that it means.
    tag: Option<(&'m str, &'m str)>,
}

impl<'m> Selection<'m> {
    pub(super) fn of(model: &'m Model, word: &'m str) -> Self {
        let net = word.parse().or_else(|_| word.parse::<Ipv4Addr>().map(Ipv4Net::from)).ok();
        let list = model.prefix_lists.get(word).into_iter().flat_map(PrefixList::v4);
        let tag = word.strip_prefix(TAG).and_then(|tag| tag.split_once('='));
        Self { model, word, nets: net.into_iter().chain(list).collect(), tag }
    }

    /// Whether the word means this host.
    pub(super) fn has(&self, host: &Host) -> bool {
        let is_in = |net: &Ipv4Net| host.addresses.iter().any(|(_, address)| net.contains(address));
        let is_tagged = |(key, value): (&str, &str)| {
            tags(self.model, &host.name.id).and_then(|tags| tags.get(key)).is_some_and(|own| own == value)
        };
        self.nets.iter().any(is_in)
            || self.tag.is_some_and(is_tagged)
            || Words::of(self.model, &host.name).0.contains(self.word)
    }
}

/// The tags of an instance, or of the resource that has a service's host.
fn tags<'m>(model: &'m Model, host: &str) -> Option<&'m Tags> {
    if let Some(instance) = model.instances.get(host) {
        return Some(&instance.tags);
    }
    let resource = &model.managed_hosts.get(host)?.owner.resource;
    let deployment = model.deployments.get(resource).map(|deployment| &deployment.tags);
    let balancer = || model.load_balancers.get(resource).map(|balancer| &balancer.tags);
    let endpoint = || model.vpc_endpoints.get(resource).map(|endpoint| &endpoint.tags);
    deployment.or_else(balancer).or_else(endpoint)
}

/// The words for a host: its own names, and those of everything that it belongs to.
struct Words<'m>(BTreeSet<&'m str>);

impl<'m> Words<'m> {
    fn of(model: &'m Model, HostName { id, name }: &'m HostName) -> Self {
        let mut words = Self(name.as_deref().into_iter().chain([&**id]).collect());
        if let Some(instance) = model.instances.get(id) {
            words.add_instance(model, instance);
        } else if let Some(host) = model.managed_hosts.get(id) {
            words.add_managed(model, host);
        } else if let Some(host) = model.hosts.get(id) {
            words.add_place(model, &host.place);
        }
        words
    }

    fn add_instance(&mut self, model: &'m Model, instance: &'m Instance) {
        self.add_scope(&instance.scope, &instance.zone);
        if let Some(place) = instance.classic() {
            self.0.insert(CLASSIC);
            self.add_groups(model, &place.groups);
            if let Some(link) = &place.link {
                self.add_groups(model, &link.groups);
                self.add_vpc(model.vpcs.get(&link.vpc));
            }
        }
        let interfaces = instance.vpc().into_iter().flat_map(|place| &place.interfaces);
        interfaces.for_each(|interface| self.add_interface(model, interface));
    }

    fn add_managed(&mut self, model: &'m Model, host: &'m ManagedHost) {
        self.add_scope(&host.scope, &host.zone);
        self.0.extend([host.owner.service.word(), host.owner.name()]);
        self.0.extend(host.names.iter().map(String::as_str));
        self.0.extend(tags(model, &host.id).and_then(|tags| tags.get("Name")).map(String::as_str));
        match &host.place {
            ManagedPlace::Vpc { interface, .. } => self.add_interface(model, interface),
            ManagedPlace::Classic { groups, .. } => {
                self.0.insert(CLASSIC);
                self.add_groups(model, groups);
            }
        }
    }

    fn add_place(&mut self, model: &'m Model, place: &'m HostPlace) {
        let HostPlace::Site(gateway) = place else {
            self.0.insert(INTERNET);
            return;
        };
        self.0.insert(ON_PREMISES);
        if let Some(gateway) = model.customer_gateways.get(gateway) {
            self.add_resource(&gateway.id, &gateway.tags);
        }
        let connections = model.vpn_connections.iter().filter(|connection| connection.customer_gateway == *gateway);
        connections.for_each(|connection| self.add_resource(&connection.id, &connection.tags));
    }

    fn add_interface(&mut self, model: &'m Model, id: &str) {
        let Some(interface) = model.network_interfaces.get(id) else { return };
        let NetworkInterface { id, tags, groups, vpc, subnet, .. } = interface;
        self.add_resource(id, tags);
        self.add_groups(model, groups);
        self.add_vpc(model.vpcs.get(vpc));
        if let Some(Subnet { id, tags, .. }) = model.subnets.get(subnet) {
            self.add_resource(id, tags);
        }
        if let Some(table) = model.route_table_of(subnet) {
            self.add_resource(&table.id, &table.tags);
        }
        if let Some(acl) = model.acl_of_subnet(subnet) {
            self.add_resource(&acl.id, &acl.tags);
        }
    }

    fn add_groups(&mut self, model: &'m Model, groups: &[String]) {
        for group in groups.iter().filter_map(|id| model.security_groups.get(id)) {
            self.add_resource(&group.id, &group.tags);
            self.0.insert(&group.name);
        }
    }

    fn add_vpc(&mut self, vpc: Option<&'m Vpc>) {
        if let Some(Vpc { id, tags, .. }) = vpc {
            self.add_resource(id, tags);
        }
    }

    fn add_scope(&mut self, scope: &'m Scope, zone: &'m str) {
        self.0.extend([&*scope.account, &*scope.region, zone]);
    }

    fn add_resource(&mut self, id: &'m str, tags: &'m Tags) {
        self.0.extend(tags.get("Name").map(String::as_str).into_iter().chain([id]));
    }
}
