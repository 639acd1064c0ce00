//! How a part of the network on a path is described, and what is in the way.

use super::{int, text};
use model::{
    AclEntry, GroupRule, IdKind, Model, Obstacle, Origin, PathHeader, PathPart, PathRule, Route, RulePeer, Scope,
    Target, Traffic, TransitGatewayRoute, arn,
};
use shapes::ec2;

/// Anything by its id.
fn component(model: &Model, scope: &Scope, id: &str) -> ec2::AnalysisComponent {
    let kind = IdKind::of(id).map(IdKind::resource_type).unwrap_or_default();
    let name = model.tags_of(scope, id).and_then(|tags| tags.get("Name").cloned());
    ec2::AnalysisComponent { id: text(id), arn: text(arn(scope, &kind, id)), name }
}

fn port(port: u16) -> ec2::PortRange {
    let port = Some(i32::from(port));
    ec2::PortRange { from: port, to: port }
}

/// The ports that a rule is for.
fn ports(traffic: Traffic) -> Option<ec2::PortRange> {
    let (Traffic::Tcp(from, to) | Traffic::Udp(from, to)) = traffic else { return None };
    Some(ec2::PortRange { from: Some(from.into()), to: Some(to.into()) })
}

fn header(header: PathHeader) -> ec2::AnalysisPacketHeader {
    let ((source, from), (destination, to)) = (header.source, header.destination);
    ec2::AnalysisPacketHeader {
        destination_addresses: vec![format!("{destination}/32")].into(),
        destination_port_ranges: vec![port(to)].into(),
        source_addresses: vec![format!("{source}/32")].into(),
        source_port_ranges: vec![port(from)].into(),
        ..Default::default()
    }
}

fn acl_rule(entry: &AclEntry) -> ec2::AnalysisAclRule {
    ec2::AnalysisAclRule {
        cidr: text(entry.net),
        egress: Some(entry.egress),
        port_range: ports(entry.traffic),
        protocol: text(entry.traffic.protocol()),
        rule_action: text(if entry.allow { "allow" } else { "deny" }),
        rule_number: int(entry.number.into()),
    }
}

fn group_rule(rule: &GroupRule) -> ec2::AnalysisSecurityGroupRule {
    let (mut cidr, mut group, mut list) = (None, None, None);
    match &rule.peer {
        RulePeer::V4(net) => cidr = text(net),
        RulePeer::V6(net) => cidr = text(net),
        RulePeer::Group { id, .. } => group = text(id),
        RulePeer::PrefixList(id) => list = text(id),
    }
    ec2::AnalysisSecurityGroupRule {
        cidr,
        direction: text(direction(rule.egress)),
        security_group_id: group,
        port_range: ports(rule.traffic),
        prefix_list_id: list,
        protocol: text(if rule.traffic.protocol() == "-1" { "all".to_owned() } else { rule.traffic.protocol() }),
    }
}

fn direction(egress: bool) -> &'static str {
    if egress { "egress" } else { "ingress" }
}

fn state(active: bool) -> &'static str {
    if active { "active" } else { "blackhole" }
}

fn route(route: &Route, active: bool) -> ec2::AnalysisRouteTableRoute {
    let mut shown = ec2::AnalysisRouteTableRoute {
        destination_cidr: text(&route.destination),
        origin: text(match route.origin {
            Origin::CreateRouteTable => "createroutetable",
            Origin::CreateRoute => "createroute",
            Origin::EnableVgwRoutePropagation => "enablevgwroutepropagation",
        }),
        state: text(state(active)),
        ..Default::default()
    };
    let to = match &route.target {
        Target::Local | Target::InternetGateway(_) | Target::VpnGateway(_) | Target::VpcEndpoint(_) => {
            &mut shown.gateway_id
        }
        Target::EgressOnlyInternetGateway(_) => &mut shown.egress_only_internet_gateway_id,
        Target::CarrierGateway(_) => &mut shown.carrier_gateway_id,
        Target::NatGateway(_) => &mut shown.nat_gateway_id,
        Target::NetworkInterface(_) => &mut shown.network_interface_id,
        Target::TransitGateway(_) => &mut shown.transit_gateway_id,
        Target::VpcPeeringConnection(_) => &mut shown.vpc_peering_connection_id,
    };
    *to = text(route.target.id().unwrap_or("local"));
    shown
}

fn transit_route(
    model: &Model,
    table: &str,
    route: &TransitGatewayRoute,
    active: bool,
) -> ec2::TransitGatewayRouteTableRoute {
    let table = model.transit_route_tables.get(table);
    let end = table.and_then(|table| model.transit_end(route.attachment.as_ref()?, &table.gateway));
    ec2::TransitGatewayRouteTableRoute {
        destination_cidr: text(route.destination),
        state: text(state(active)),
        route_origin: text(if route.propagated { "propagated" } else { "static" }),
        attachment_id: route.attachment.clone(),
        resource_id: end.as_ref().and_then(|end| text(end.resource_id())),
        resource_type: end.as_ref().and_then(|end| text(end.resource_type())),
        ..Default::default()
    }
}

/// A part of a path. What leaves by it is as its header says.
pub fn path_part(model: &Model, scope: &Scope, number: i32, part: &PathPart) -> ec2::PathComponent {
    let named = |id: &Option<String>| id.as_deref().map(|id| component(model, scope, id));
    let mut shown = ec2::PathComponent {
        sequence_number: Some(number),
        component: Some(component(model, scope, &part.id)),
        vpc: named(&part.vpc),
        subnet: named(&part.subnet),
        outbound_header: part.header.map(header),
        ..Default::default()
    };
    match &part.rule {
        Some(PathRule::Group(rule)) => shown.security_group_rule = Some(group_rule(rule)),
        Some(PathRule::Acl(entry)) => shown.acl_rule = Some(acl_rule(entry)),
        Some(PathRule::Route(row, active)) => shown.route_table_route = Some(route(row, *active)),
        Some(PathRule::Transit(row, active)) => {
            shown.transit_gateway_route_table_route = Some(transit_route(model, &part.id, row, *active));
        }
        None => {}
    }
    shown
}

/// The obstacle on a path.
pub fn explanation(model: &Model, scope: &Scope, obstacle: &Obstacle) -> ec2::Explanation {
    let named = |id: &str| component(model, scope, id);
    let mut shown = ec2::Explanation {
        explanation_code: text(&obstacle.code),
        direction: obstacle.egress.map(|egress| direction(egress).to_owned()),
        security_groups: obstacle.groups.iter().map(|id| named(id)).collect::<shapes::List<_>>().unless_empty(),
        ..Default::default()
    };
    let Some(part) = &obstacle.part else { return shown };
    shown.vpc = part.vpc.as_deref().map(named);
    shown.subnet = part.subnet.as_deref().map(named);
    let it = Some(named(&part.id));
    match IdKind::of(&part.id) {
        Some(IdKind::NetworkInterface) => shown.network_interface = it,
        Some(IdKind::NetworkAcl) => shown.acl = it,
        Some(IdKind::RouteTable) => shown.route_table = it,
        Some(IdKind::InternetGateway) => shown.internet_gateway = it,
        Some(IdKind::TransitGatewayRouteTable) => shown.transit_gateway_route_table = it,
        _ => shown.component = it,
    }
    match &part.rule {
        Some(PathRule::Group(rule)) => shown.security_group_rule = Some(group_rule(rule)),
        Some(PathRule::Acl(entry)) => shown.acl_rule = Some(acl_rule(entry)),
        Some(PathRule::Route(row, active)) => shown.route_table_route = Some(route(row, *active)),
        Some(PathRule::Transit(row, active)) => {
            shown.transit_gateway_route_table_route = Some(transit_route(model, &part.id, row, *active));
        }
        None => {}
    }
    shown
}
