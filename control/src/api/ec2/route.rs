//! Routes.

use super::cidr::cidr;
use super::text;
use crate::api::action::{Actions, Change};
use model::{Destination, Error, IdKind, Model, Origin, Result, Route, RouteTable, Target, TargetSpec};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(replace).write(delete)
}

/// A route, as its table shows it.
pub fn shown(model: &Model, table: &RouteTable, route: &Route) -> ec2::Route {
    let to = match &route.target {
        Target::Local => ec2::Route { gateway_id: text("local"), ..Default::default() },
        Target::InternetGateway(id) | Target::VpnGateway(id) | Target::VpcEndpoint(id) => {
            ec2::Route { gateway_id: text(id), ..Default::default() }
        }
        Target::EgressOnlyInternetGateway(id) => {
            ec2::Route { egress_only_internet_gateway_id: text(id), ..Default::default() }
        }
        Target::CarrierGateway(id) => ec2::Route { carrier_gateway_id: text(id), ..Default::default() },
        Target::TransitGateway(id) => ec2::Route { transit_gateway_id: text(id), ..Default::default() },
        Target::NatGateway(id) => ec2::Route { nat_gateway_id: text(id), ..Default::default() },
        Target::VpcPeeringConnection(id) => ec2::Route { vpc_peering_connection_id: text(id), ..Default::default() },
        Target::NetworkInterface(id) => {
            let instance = model.network_interfaces.get(id).and_then(|interface| interface.instance());
            let owner = instance.and_then(|id| model.instances.get(id)).map(|instance| &instance.scope.account);
            ec2::Route {
                instance_id: instance.map(str::to_owned),
                instance_owner_id: owner.cloned(),
                network_interface_id: text(id),
                ..Default::default()
            }
        }
    };
    let (mut v4, mut v6, mut list) = (None, None, None);
    match &route.destination {
        Destination::V4(net) => v4 = text(net),
        Destination::V6(net) => v6 = text(net),
        Destination::PrefixList(id) => list = text(id),
    }
    ec2::Route {
        destination_cidr_block: v4,
        destination_ipv6_cidr_block: v6,
        destination_prefix_list_id: list,
        state: text(if model.route_is_active(table, route) { "active" } else { "blackhole" }),
        origin: text(match route.origin {
            Origin::CreateRouteTable => "CreateRouteTable",
            Origin::CreateRoute => "CreateRoute",
            Origin::EnableVgwRoutePropagation => "EnableVgwRoutePropagation",
        }),
        ..to
    }
}

/// The one destination of a route: a block of IPv4, of IPv6, or a prefix list.
fn destination(sent: &ec2::RouteSettings) -> Result<Destination> {
    match (&sent.destination_cidr_block, &sent.destination_ipv6_cidr_block, &sent.destination_prefix_list_id) {
        (Some(block), None, None) => cidr("destinationCidrBlock", block).map(Destination::V4),
        (None, Some(block), None) => cidr("destinationIpv6CidrBlock", block).map(Destination::V6),
        (None, None, Some(id)) => Ok(Destination::PrefixList(id.clone())),
        (None, None, None) => Err(Error::missing("destinationCidrBlock")),
        _ => Err(Error::OneDestination {}),
    }
}

/// The one target of a route, out of all that a request may name.
fn target(sent: ec2::RouteSettings, is_local: bool) -> Result<TargetSpec> {
    let named = [
        is_local.then_some(TargetSpec::Target(Target::Local)),
        gateway(sent.gateway_id)?,
        sent.instance_id.map(TargetSpec::Instance),
        to(Target::VpcEndpoint, sent.vpc_endpoint_id),
        to(Target::EgressOnlyInternetGateway, sent.egress_only_internet_gateway_id),
        to(Target::CarrierGateway, sent.carrier_gateway_id),
        to(Target::NetworkInterface, sent.network_interface_id),
        to(Target::VpcPeeringConnection, sent.vpc_peering_connection_id),
        to(Target::NatGateway, sent.nat_gateway_id),
        to(Target::TransitGateway, sent.transit_gateway_id),
    ];
    let mut named = named.into_iter().flatten();
    match (named.next(), named.next()) {
        (Some(target), None) => Ok(target),
        (Some(_), Some(_)) => Err(Error::OneTarget {}),
        (None, _) => Err(Error::missing("gatewayId")),
    }
}

fn to(target: fn(String) -> Target, id: Option<String>) -> Option<TargetSpec> {
    id.map(target).map(TargetSpec::Target)
}

/// `GatewayId`, which names gateways of several kinds.
fn gateway(id: Option<String>) -> Result<Option<TargetSpec>> {
    let Some(id) = id else { return Ok(None) };
    Ok(Some(TargetSpec::Target(match IdKind::of(&id) {
        Some(IdKind::InternetGateway) => Target::InternetGateway(id),
        Some(IdKind::VpnGateway) => Target::VpnGateway(id),
        Some(IdKind::VpcEndpoint) => Target::VpcEndpoint(id),
        _ => return Err(Error::Malformed { kind: IdKind::InternetGateway, id }),
    })))
}

fn create(cx: Change, input: ec2::CreateRouteRequest) -> Result<()> {
    let ec2::CreateRouteRequest { route_table_id, settings } = input;
    let destination = destination(&settings)?;
    cx.model.create_route(cx.caller, &route_table_id, destination, target(settings, false)?)
}

fn replace(cx: Change, input: ec2::ReplaceRouteRequest) -> Result<()> {
    let ec2::ReplaceRouteRequest { route_table_id, local_target, settings } = input;
    let destination = destination(&settings)?;
    cx.model.replace_route(cx.caller, &route_table_id, destination, target(settings, local_target == Some(true))?)
}

fn delete(cx: Change, input: ec2::DeleteRouteRequest) -> Result<()> {
    cx.model.delete_route(cx.caller, &input.route_table_id, destination(&input.settings)?)
}
