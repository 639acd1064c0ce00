//! Which subjects a change of the model can have touched: those of the rows themselves, before and after, and those whose entries
//! are compiled from them.

use super::Subject;
use crate::model::{
    Changes, Destination, Host, HostPlace, Instance, Model, NetworkAcl, NetworkInterface, RouteTable, Row, RulePeer,
    SecurityGroup, Target, VpnConnection, VpnGateway,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn affected(model: &Model, changes: &Changes) -> BTreeSet<Subject> {
    let mut all = BTreeSet::new();
    all.extend(changes.vpcs.keys().cloned().map(Subject::Vpc));
    all.extend(changes.subnets.keys().cloned().map(Subject::Subnet));
    all.extend(changes.network_acls.keys().cloned().map(Subject::Acl));
    all.extend(changes.security_groups.keys().cloned().map(Subject::Group));
    all.extend(changes.instances.keys().cloned().map(Subject::Instance));
    all.extend(changes.nat_gateways.keys().cloned().map(Subject::NatGateway));
    all.extend(changes.vpc_endpoints.keys().cloned().map(Subject::Endpoint));
    all.extend(changes.customer_gateways.keys().cloned().map(Subject::Site));
    all.extend(changes.hosts.keys().cloned().map(Subject::Host));

    let interfaces = versions(&changes.network_interfaces, |id| model.network_interfaces.get(id));
    all.extend(interfaces.filter_map(NetworkInterface::instance).map(|id| Subject::Instance(id.into())));
    for log in versions(&changes.flow_logs, |id| model.flow_logs.get(id)) {
        let covered = model.network_interfaces.iter().filter(|interface| log.covers(interface));
        all.extend(covered.filter_map(NetworkInterface::instance).map(|id| Subject::Instance(id.into())));
    }
    for acl in versions(&changes.network_acls, |id| model.network_acls.get(id)) {
        all.extend(behind(acl));
    }
    let targets = touched_interfaces(model, changes);
    let leads_there = |table: &&RouteTable| {
        table.routes.iter().any(|route| matches!(&route.target, Target::NetworkInterface(id) if targets.contains(id)))
    };
    if !targets.is_empty() {
        all.extend(model.route_tables.iter().filter(leads_there).flat_map(|table| users(model, table)));
    }
    for gateway in versions(&changes.internet_gateways, |id| model.internet_gateways.get(id)) {
        all.extend(gateway.vpc.iter().flat_map(|vpc| subnets(model, vpc).chain(public_instances(model, vpc))));
    }
    all.extend(sites(model, changes));
    if !changes.prefix_lists.is_empty() {
        all.extend(users_of_prefix_lists(model));
    }
    let mut hosts = versions(&changes.hosts, |name| model.hosts.get(name));
    if hosts.any(|host| host.service.is_some()) {
        all.extend(users_of_prefix_lists(model));
    }
    for endpoint in versions(&changes.vpc_endpoints, |id| model.vpc_endpoints.get(id)) {
        all.extend(subnets(model, &endpoint.vpc));
    }
    let of_vpc = model.vpc_endpoints.iter().filter(|endpoint| changes.vpcs.contains_key(&endpoint.vpc));
    all.extend(of_vpc.map(|endpoint| Subject::Endpoint(endpoint.id.clone())));
    for gateway in versions(&changes.nat_gateways, |id| model.nat_gateways.get(id)) {
        all.extend(subnets(model, &gateway.vpc));
    }
    for peering in versions(&changes.peerings, |id| model.peerings.get(id)) {
        for side in [&peering.requester, &peering.accepter] {
            all.insert(Subject::Vpc(side.vpc.clone()));
            all.extend(subnets(model, &side.vpc));
            all.extend(model.linked_to(&side.vpc).map(|instance| Subject::Instance(instance.id.clone())));
        }
    }
    for table in versions(&changes.route_tables, |id| model.route_tables.get(id)) {
        all.extend(users(model, table));
    }
    let gone = |id: &&String| model.security_groups.get(id).is_none();
    if changes.security_groups.keys().any(|id| gone(&id)) {
        all.extend(stale(model, changes));
    }
    all
}

/// The touched rows, as they were and as they are.
fn versions<'a, T: Row>(
    changes: &'a BTreeMap<String, Option<T>>,
    now: impl Fn(&str) -> Option<&'a T>,
) -> impl Iterator<Item = &'a T> {
    changes.iter().flat_map(move |(id, before)| before.as_ref().into_iter().chain(now(id)))
}

fn behind(acl: &NetworkAcl) -> impl Iterator<Item = Subject> {
    acl.associations.iter().map(|association| Subject::Subnet(association.subnet.clone()))
}

/// The subnets that use a table; if it is a main one, all of the VPC's, and the instances linked to it.
fn users(model: &Model, table: &RouteTable) -> Vec<Subject> {
    let own = table.associations.iter().filter_map(|association| association.subnet.clone());
    let mut users: Vec<Subject> = own.map(Subject::Subnet).collect();
    if table.is_main() {
        users.push(Subject::Vpc(table.vpc.clone()));
        users.extend(subnets(model, &table.vpc));
    }
    users
}

fn subnets<'a>(model: &'a Model, vpc: &'a str) -> impl Iterator<Item = Subject> + 'a {
    let subnets = model.subnets.iter().filter(move |subnet| subnet.vpc == vpc);
    subnets.map(|subnet| Subject::Subnet(subnet.id.clone()))
}

fn public_instances<'a>(model: &'a Model, vpc: &'a str) -> impl Iterator<Item = Subject> + 'a {
    let public =
        model.network_interfaces.iter().filter(move |interface| interface.vpc == vpc && !interface.public.is_empty());
    public.filter_map(NetworkInterface::instance).map(|id| Subject::Instance(id.to_owned()))
}

/// The network interfaces that were touched, or whose instances were: routes to them may be blackholes now, or no longer.
fn touched_interfaces<'a>(model: &'a Model, changes: &'a Changes) -> BTreeSet<&'a String> {
    let instances = versions(&changes.instances, |id| model.instances.get(id));
    let theirs = instances.filter_map(Instance::vpc).flat_map(|place| &place.interfaces);
    changes.network_interfaces.keys().chain(theirs).collect()
}

/// The groups with rules that name a group that is gone.
fn stale(model: &Model, changes: &Changes) -> Vec<Subject> {
    let names_touched =
        |peer: &RulePeer| matches!(peer, RulePeer::Group { id, .. } if changes.security_groups.contains_key(id));
    let groups = model.security_groups.iter().filter(|group| group.rules.iter().any(|rule| names_touched(&rule.peer)));
    groups.map(|group| Subject::Group(group.id.clone())).collect()
}

/// The subnets and sites at both ends of every VPN connection that can have changed.
fn sites(model: &Model, changes: &Changes) -> BTreeSet<Subject> {
    let mut all = BTreeSet::new();
    let mut connections: Vec<&VpnConnection> =
        versions(&changes.vpn_connections, |id| model.vpn_connections.get(id)).collect();
    let attached = model
        .vpn_gateways
        .iter()
        .filter(|gateway| gateway.vpc.as_ref().is_some_and(|vpc| changes.vpcs.contains_key(vpc)));
    let gateways: Vec<&VpnGateway> =
        versions(&changes.vpn_gateways, |id| model.vpn_gateways.get(id)).chain(attached).collect();
    for gateway in &gateways {
        all.extend(gateway.vpc.iter().flat_map(|vpc| subnets(model, vpc)));
        connections.extend(model.connections_of(&gateway.id));
    }
    for vpn in connections {
        all.insert(Subject::Site(vpn.customer_gateway.clone()));
        let vpc = model.vpn_gateways.get(&vpn.vpn_gateway).and_then(|gateway| gateway.vpc.as_ref());
        all.extend(vpc.into_iter().flat_map(|vpc| subnets(model, vpc)));
    }
    let at = |host: &&Host| matches!(&host.place, HostPlace::Site(gateway) if changes.customer_gateways.contains_key(gateway));
    all.extend(model.hosts.iter().filter(at).map(|host| Subject::Host(host.name.clone())));
    all
}

/// Everything whose entries name the blocks of a prefix list.
fn users_of_prefix_lists(model: &Model) -> BTreeSet<Subject> {
    let lists =
        |table: &&RouteTable| table.routes.iter().any(|route| matches!(route.destination, Destination::PrefixList(_)));
    let names = |group: &&SecurityGroup| group.rules.iter().any(|rule| matches!(rule.peer, RulePeer::PrefixList(_)));
    let tables = model.route_tables.iter().filter(lists).flat_map(|table| users(model, table));
    let groups = model.security_groups.iter().filter(names).map(|group| Subject::Group(group.id.clone()));
    tables.chain(groups).collect()
}
