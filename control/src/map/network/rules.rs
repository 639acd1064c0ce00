//! Routes and rules: route tables, security groups, network ACLs.

use super::Identity;
use model::{
    self, GroupRule, Model, Origin, RulePeer, SecurityGroup, Traffic, TransitGatewayRoute, TransitGatewayRouteTable,
};
use serde::Serialize;

/// A security group. Instances, links and interfaces name the groups that they use.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    #[serde(flatten)]
    identity: Identity,
    /// The group's name. `name` is its tag.
    group_name: String,
    description: String,
    /// `None`: in EC2-Classic.
    vpc: Option<String>,
    rules: Vec<Rule>,
}

#[derive(Debug, Serialize)]
struct Rule {
    id: String,
    egress: bool,
    #[serde(flatten)]
    traffic: TrafficRow,
    peer: Peer,
    description: Option<String>,
}

/// The peer of a rule: a block, a group, or a prefix list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Peer {
    Cidr(String),
    Group(String),
    PrefixList(String),
}

/// Traffic as in the API: `-1` is every protocol; the ports are a range, or ICMP's type and code.
#[derive(Debug, Serialize)]
struct TrafficRow {
    protocol: String,
    from_port: Option<i32>,
    to_port: Option<i32>,
}

#[derive(Debug, Serialize)]
pub(super) struct RouteTable {
    #[serde(flatten)]
    identity: Identity,
    vpc: String,
    main: bool,
    /// The subnets that use it.
    subnets: Vec<String>,
    routes: Vec<Route>,
}

#[derive(Debug, Serialize)]
struct Route {
    destination: String,
    /// An id, or `local`.
    target: String,
    /// Whether it was propagated by a gateway.
    propagated: bool,
    /// Whether its target exists.
    active: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Acl {
    #[serde(flatten)]
    identity: Identity,
    vpc: String,
    default: bool,
    /// The subnets that use it.
    subnets: Vec<String>,
    entries: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Entry {
    number: u16,
    egress: bool,
    #[serde(flatten)]
    traffic: TrafficRow,
    cidr: String,
    allow: bool,
}

pub(super) fn group(group: &SecurityGroup) -> Group {
    Group {
        identity: Identity::of(&group.id, &group.scope, &group.tags),
        group_name: group.name.clone(),
        description: group.description.clone(),
        vpc: group.vpc.clone(),
        rules: group.rules.iter().map(rule).collect(),
    }
}

fn rule(rule: &GroupRule) -> Rule {
    let peer = match &rule.peer {
        RulePeer::V4(net) => Peer::Cidr(net.to_string()),
        RulePeer::V6(net) => Peer::Cidr(net.to_string()),
        RulePeer::Group { id, .. } => Peer::Group(id.clone()),
        RulePeer::PrefixList(id) => Peer::PrefixList(id.clone()),
    };
    let (id, description) = (rule.id.clone(), rule.description.clone());
    Rule { id, egress: rule.egress, traffic: traffic(rule.traffic), peer, description }
}

fn traffic(traffic: Traffic) -> TrafficRow {
    let range = traffic.range();
    TrafficRow {
        protocol: traffic.protocol(),
        from_port: range.map(|(from, _)| from),
        to_port: range.map(|(_, to)| to),
    }
}

pub(super) fn table(model: &Model, table: &model::RouteTable) -> RouteTable {
    let users = model.subnets.iter().filter(|subnet| subnet.vpc == table.vpc);
    let uses = |subnet: &&model::Subnet| model.route_table_of(&subnet.id).is_some_and(|used| used.id == table.id);
    RouteTable {
        identity: Identity::of(&table.id, &table.scope, &table.tags),
        vpc: table.vpc.clone(),
        main: table.is_main(),
        subnets: users.filter(uses).map(|subnet| subnet.id.clone()).collect(),
        routes: table.routes.iter().map(|route| self::route(model, table, route)).collect(),
    }
}

fn route(model: &Model, table: &model::RouteTable, route: &model::Route) -> Route {
    let target = route.target.id().unwrap_or("local").to_owned();
    Route {
        destination: route.destination.to_string(),
        target,
        propagated: route.origin == Origin::EnableVgwRoutePropagation,
        active: model.route_is_active(table, route),
    }
}

/// A route table of a transit gateway, with its own and its propagated routes.
#[derive(Debug, Serialize)]
pub(super) struct TransitTable {
    #[serde(flatten)]
    identity: Identity,
    gateway: String,
    /// The attachments associated with it.
    attachments: Vec<String>,
    routes: Vec<TransitRoute>,
}

#[derive(Debug, Serialize)]
struct TransitRoute {
    destination: String,
    /// An attachment. `None`: a blackhole.
    target: Option<String>,
    /// Whether it was propagated by that attachment.
    propagated: bool,
}

pub(super) fn transit_table(model: &Model, table: &TransitGatewayRouteTable) -> TransitTable {
    let attached = model.transit_associated(&table.id).into_iter();
    let route = |route: TransitGatewayRoute| TransitRoute {
        destination: route.destination.to_string(),
        target: route.attachment,
        propagated: route.propagated,
    };
    TransitTable {
        identity: Identity::of(&table.id, &table.scope, &table.tags),
        gateway: table.gateway.clone(),
        attachments: attached.map(|end| end.id).collect(),
        routes: model.transit_routes(table).into_iter().map(route).collect(),
    }
}

pub(super) fn acl(acl: &model::NetworkAcl) -> Acl {
    let entry = |entry: &model::AclEntry| Entry {
        number: entry.number,
        egress: entry.egress,
        traffic: traffic(entry.traffic),
        cidr: entry.net.to_string(),
        allow: entry.allow,
    };
    Acl {
        identity: Identity::of(&acl.id, &acl.scope, &acl.tags),
        vpc: acl.vpc.clone(),
        default: acl.default,
        subnets: acl.associations.iter().map(|association| association.subnet.clone()).collect(),
        entries: acl.entries.iter().map(entry).collect(),
    }
}
