//! Route tables on the wire.

use super::describe::Listing;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, Destination, IdKind, Model, Origin, Result, Route, RouteTable, Target};

pub const ACTIONS: Actions = &[
    ("CreateRouteTable", Handler::Write(create)),
    ("DescribeRouteTables", Handler::Read(describe)),
    ("DeleteRouteTable", Handler::Write(delete)),
    ("AssociateRouteTable", Handler::Write(associate)),
    ("DisassociateRouteTable", Handler::Write(disassociate)),
    ("ReplaceRouteTableAssociation", Handler::Write(replace_association)),
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
        ("route.destination-cidr-block", |_, table| table.routes.iter().map(|r| r.destination.to_string()).collect()),
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

fn route(_: &Model, route: &Route) -> Node {
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
        Target::NetworkInterface(id) => node.text("networkInterfaceId", id),
        Target::VpcPeeringConnection(id) => node.text("vpcPeeringConnectionId", id),
    };
    node.text("state", "active").text("origin", origin(route))
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
        .set("routeSet", table.routes.iter().map(|row| route(model, row)))
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
    LISTING.answer(model, caller, params, &all)
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
