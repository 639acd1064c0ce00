//! Route tables on the wire.

use super::describe::Listing;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, Destination, Error, IdKind, Model, Origin, Result, Route, RouteTable, Target, TargetSpec};

pub const ACTIONS: Actions = &[
    ("CreateRouteTable", Handler::Write(create)),
    ("DescribeRouteTables", Handler::Read(describe)),
    ("DeleteRouteTable", Handler::Write(delete)),
    ("AssociateRouteTable", Handler::Write(associate)),
    ("DisassociateRouteTable", Handler::Write(disassociate)),
    ("ReplaceRouteTableAssociation", Handler::Write(replace_association)),
    ("CreateRoute", Handler::Write(create_route)),
    ("ReplaceRoute", Handler::Write(replace_route)),
    ("DeleteRoute", Handler::Write(delete_route)),
];

static LISTING: Listing<RouteTable> = Listing {
    ids: "RouteTableId",
    set: "routeTableSet",
    filters: &[
        ("route-table-id", |_, table| vec![table.id.clone()]),
        ("vpc-id", |_, table| vec![table.vpc.clone()]),
        ("owner-id", |_, table| vec![table.scope.account.clone()]),
        ("association.route-table-association-id", |_, table| {
            table.associations.iter().map(|a| a.id.clone()).collect()
        }),
        ("association.route-table-id", |_, table| table.associations.iter().map(|_| table.id.clone()).collect()),
        ("association.subnet-id", |_, table| table.associations.iter().filter_map(|a| a.subnet.clone()).collect()),
        ("association.main", |_, table| table.associations.iter().map(|a| a.subnet.is_none().to_string()).collect()),
        ("association.gateway-id", |_, _| Vec::new()),
        ("route.gateway-id", |_, table| table.routes.iter().filter_map(|r| gateway(&r.target)).collect()),
        ("route.state", |model, table| table.routes.iter().map(|r| state(model, table, r).to_owned()).collect()),
        ("route.nat-gateway-id", |_, table| {
            ids(table, |target| if let Target::NatGateway(id) = target { Some(id) } else { None })
        }),
        ("route.vpc-peering-connection-id", |_, table| {
            ids(table, |target| if let Target::VpcPeeringConnection(id) = target { Some(id) } else { None })
        }),
        ("route.egress-only-internet-gateway-id", |_, table| {
            ids(table, |target| if let Target::EgressOnlyInternetGateway(id) = target { Some(id) } else { None })
        }),
        ("route.instance-id", |model, table| {
            let interfaces =
                ids(table, |target| if let Target::NetworkInterface(id) = target { Some(id) } else { None });
            let found = interfaces.iter().filter_map(|id| model.network_interfaces.get(id)?.instance());
            found.map(str::to_owned).collect()
        }),
        ("route.destination-ipv6-cidr-block", |_, table| destinations(table, |d| matches!(d, Destination::V6(_)))),
        ("route.destination-prefix-list-id", |_, table| {
            destinations(table, |d| matches!(d, Destination::PrefixList(_)))
        }),
        ("route.destination-cidr-block", |_, table| destinations(table, |d| matches!(d, Destination::V4(_)))),
        ("route.origin", |_, table| table.routes.iter().map(|r| origin(r).to_owned()).collect()),
    ],
    item,
};

fn origin(route: &Route) -> &'static str {
    match route.origin {
        Origin::CreateRouteTable => "CreateRouteTable",
        Origin::CreateRoute => "CreateRoute",
        Origin::EnableVgwRoutePropagation => "EnableVgwRoutePropagation",
    }
}

fn state(model: &Model, table: &RouteTable, route: &Route) -> &'static str {
    if model.route_is_active(table, route) { "active" } else { "blackhole" }
}

fn ids(table: &RouteTable, id: impl Fn(&Target) -> Option<&String>) -> Vec<String> {
    table.routes.iter().filter_map(|route| id(&route.target).cloned()).collect()
}

fn destinations(table: &RouteTable, wanted: impl Fn(&Destination) -> bool) -> Vec<String> {
    table.routes.iter().map(|route| &route.destination).filter(|d| wanted(d)).map(Destination::to_string).collect()
}

fn gateway(target: &Target) -> Option<String> {
    match target {
        Target::Local => Some("local".into()),
        Target::InternetGateway(id) | Target::VpnGateway(id) | Target::VpcEndpoint(id) => Some(id.clone()),
        _ => None,
    }
}

fn route(model: &Model, table: &RouteTable, route: &Route) -> Node {
    let node = match &route.destination {
        Destination::V4(net) => Node::new().text("destinationCidrBlock", net),
        Destination::V6(net) => Node::new().text("destinationIpv6CidrBlock", net),
        Destination::PrefixList(id) => Node::new().text("destinationPrefixListId", id),
    };
    let node = match &route.target {
        Target::Local => node.text("gatewayId", "local"),
        Target::InternetGateway(id) | Target::VpnGateway(id) | Target::VpcEndpoint(id) => node.text("gatewayId", id),
        Target::EgressOnlyInternetGateway(id) => node.text("egressOnlyInternetGatewayId", id),
        Target::NatGateway(id) => node.text("natGatewayId", id),
        Target::NetworkInterface(id) => {
            let instance = model.network_interfaces.get(id).and_then(|interface| interface.instance());
            let owner = instance.and_then(|id| model.instances.get(id)).map(|instance| &instance.scope.account);
            node.opt("instanceId", instance).opt("instanceOwnerId", owner).text("networkInterfaceId", id)
        }
        Target::VpcPeeringConnection(id) => node.text("vpcPeeringConnectionId", id),
    };
    node.text("state", state(model, table, route)).text("origin", origin(route))
}

fn item(model: &Model, table: &RouteTable) -> Node {
    let association = |association: &crate::model::RouteTableAssociation| {
        Node::new()
            .text("routeTableAssociationId", &association.id)
            .text("routeTableId", &table.id)
            .opt("subnetId", association.subnet.as_ref())
            .text("main", association.subnet.is_none())
            .node("associationState", Node::new().text("state", "associated"))
    };
    Node::new()
        .text("routeTableId", &table.id)
        .text("vpcId", &table.vpc)
        .text("ownerId", &table.scope.account)
        .set("routeSet", table.routes.iter().map(|row| route(model, table, row)))
        .set("associationSet", table.associations.iter().map(association))
        .set("propagatingVgwSet", table.propagating.iter().map(|id| Node::new().text("gatewayId", id)))
        .tags(&table.tags)
}

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let vpc = params.id("VpcId", IdKind::Vpc)?;
    let tags = params.tags("route-table")?;
    params.ignore(&["ClientToken"]);
    params.finish()?;
    let id = model.create_route_table(caller, &vpc, tags)?;
    Ok(Node::new().node("routeTable", item(model, model.route_tables.find(&caller.scope, &id)?)))
}

fn describe(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let all: Vec<&RouteTable> = model.route_tables.of(&caller.scope).collect();
    LISTING.answer(model, params, &all)
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("RouteTableId", IdKind::RouteTable)?;
    params.finish()?;
    model.delete_route_table(caller, &id)?;
    Ok(Node::done())
}

fn associated(id: &str) -> Node {
    Node::new().node("associationState", Node::new().text("state", "associated")).text("associationId", id)
}

fn associate(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let table = params.id("RouteTableId", IdKind::RouteTable)?;
    let subnet = params.id("SubnetId", IdKind::Subnet)?;
    params.finish()?;
    Ok(associated(&model.associate_route_table(caller, &table, &subnet)?))
}

fn disassociate(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let association = params.id("AssociationId", IdKind::RouteTableAssociation)?;
    params.finish()?;
    model.disassociate_route_table(caller, &association)?;
    Ok(Node::done())
}

fn replace_association(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let association = params.id("AssociationId", IdKind::RouteTableAssociation)?;
    let table = params.id("RouteTableId", IdKind::RouteTable)?;
    params.finish()?;
    let new = model.replace_route_table_association(caller, &association, &table)?;
    Ok(Node::new().text("newAssociationId", new).node("associationState", Node::new().text("state", "associated")))
}

fn take_destination(params: &mut Params) -> Result<Destination> {
    let v4 = params.text("DestinationCidrBlock");
    let v6 = params.text("DestinationIpv6CidrBlock");
    let list = params.opt_id("DestinationPrefixListId", IdKind::PrefixList)?;
    match (v4, v6, list) {
        (Some(cidr), None, None) => {
            let bad = |_| Error::BadCidr { name: "destinationCidrBlock".into(), value: cidr.clone() };
            cidr.parse().map(Destination::V4).map_err(bad)
        }
        (None, Some(cidr), None) => {
            let bad = |_| Error::BadCidr { name: "destinationIpv6CidrBlock".into(), value: cidr.clone() };
            cidr.parse().map(Destination::V6).map_err(bad)
        }
        (None, None, Some(id)) => Ok(Destination::PrefixList(id)),
        (None, None, None) => Err(params.missing("destinationCidrBlock")),
        _ => Err(Error::Combination { why: "A route has exactly one destination.".into() }),
    }
}

/// Targets that this cloud does not have.
const UNSUPPORTED: &[&str] =
    &["TransitGatewayId", "LocalGatewayId", "CarrierGatewayId", "CoreNetworkArn", "OdbNetworkArn", "LocalTarget"];

fn take_target(params: &mut Params) -> Result<TargetSpec> {
    if let Some(name) = UNSUPPORTED.iter().find(|name| params.has(name)) {
        return Err(Error::Unsupported { what: format!("Routes with {name} are not supported.") });
    }
    let mut found: Vec<TargetSpec> = Vec::new();
    let mut take = |name: &str, kind: IdKind, target: fn(String) -> Target| -> Result<()> {
        found.extend(params.opt_id(name, kind)?.map(|id| TargetSpec::Target(target(id))));
        Ok(())
    };
    take("NatGatewayId", IdKind::NatGateway, Target::NatGateway)?;
    take("NetworkInterfaceId", IdKind::NetworkInterface, Target::NetworkInterface)?;
    take("VpcPeeringConnectionId", IdKind::VpcPeeringConnection, Target::VpcPeeringConnection)?;
    take("EgressOnlyInternetGatewayId", IdKind::EgressOnlyInternetGateway, Target::EgressOnlyInternetGateway)?;
    take("VpcEndpointId", IdKind::VpcEndpoint, Target::VpcEndpoint)?;
    found.extend(params.opt_id("InstanceId", IdKind::Instance)?.map(TargetSpec::Instance));
    if let Some(id) = params.text("GatewayId") {
        found.push(TargetSpec::Target(match IdKind::of(&id) {
            Some(IdKind::InternetGateway) => Target::InternetGateway(id),
            Some(IdKind::VpnGateway) => Target::VpnGateway(id),
            Some(IdKind::VpcEndpoint) => Target::VpcEndpoint(id),
            _ => return Err(Error::Malformed { kind: IdKind::InternetGateway, id }),
        }));
    }
    match (found.pop(), found.is_empty()) {
        (Some(target), true) => Ok(target),
        (Some(_), false) => Err(Error::Combination { why: "A route has exactly one target.".into() }),
        (None, _) => Err(params.missing("gatewayId")),
    }
}

fn create_route(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let table = params.id("RouteTableId", IdKind::RouteTable)?;
    let destination = take_destination(&mut params)?;
    let target = take_target(&mut params)?;
    params.finish()?;
    model.create_route(caller, &table, destination, target)?;
    Ok(Node::done())
}

fn replace_route(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let table = params.id("RouteTableId", IdKind::RouteTable)?;
    let destination = take_destination(&mut params)?;
    let target = take_target(&mut params)?;
    params.finish()?;
    model.replace_route(caller, &table, destination, target)?;
    Ok(Node::done())
}

fn delete_route(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let table = params.id("RouteTableId", IdKind::RouteTable)?;
    let destination = take_destination(&mut params)?;
    params.finish()?;
    model.delete_route(caller, &table, destination)?;
    Ok(Node::done())
}
