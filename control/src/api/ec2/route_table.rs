//! Route tables.

use super::listing::{Attributes, each, one};
use super::{route, tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{Error, FormerAssociation, Model, Result, RouteTable, RouteTableAssociation, RouteTableUser};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete).write(associate).write(disassociate).write(replace_association)
}

static ATTRIBUTES: Attributes<RouteTable> = Attributes(&[
    ("association.gateway-id", |_, table| each(table.associations.iter().filter_map(|a| a.gateway.as_ref()))),
    ("association.main", |_, table| each(table.associations.iter().map(RouteTableAssociation::is_main))),
    ("association.route-table-association-id", |_, table| each(table.associations.iter().map(|a| &a.id))),
    ("association.route-table-id", |_, table| each(table.associations.iter().map(|_| &table.id))),
    ("association.subnet-id", |_, table| each(table.associations.iter().filter_map(|a| a.subnet.as_ref()))),
    ("owner-id", |_, table| one(&table.scope.account)),
    ("route-table-id", |_, table| one(&table.id)),
    ("route.destination-cidr-block", |model, table| of_routes(model, table, |r| r.destination_cidr_block)),
    ("route.destination-ipv6-cidr-block", |model, table| of_routes(model, table, |r| r.destination_ipv6_cidr_block)),
    ("route.destination-prefix-list-id", |model, table| of_routes(model, table, |r| r.destination_prefix_list_id)),
    ("route.egress-only-internet-gateway-id", |model, table| {
        of_routes(model, table, |r| r.egress_only_internet_gateway_id)
    }),
    ("route.gateway-id", |model, table| of_routes(model, table, |r| r.gateway_id)),
    ("route.instance-id", |model, table| of_routes(model, table, |r| r.instance_id)),
    ("route.nat-gateway-id", |model, table| of_routes(model, table, |r| r.nat_gateway_id)),
    ("route.origin", |model, table| of_routes(model, table, |r| r.origin)),
    ("route.state", |model, table| of_routes(model, table, |r| r.state)),
    ("route.vpc-peering-connection-id", |model, table| of_routes(model, table, |r| r.vpc_peering_connection_id)),
    ("vpc-id", |_, table| one(&table.vpc)),
]);

/// The values of a member for all routes of a table.
fn of_routes(model: &Model, table: &RouteTable, member: fn(ec2::Route) -> Option<String>) -> Vec<String> {
    table.routes.iter().filter_map(|row| member(route::shown(model, table, row))).collect()
}

fn associated() -> Option<ec2::RouteTableAssociationState> {
    state("associated")
}

fn state(state: &str) -> Option<ec2::RouteTableAssociationState> {
    Some(ec2::RouteTableAssociationState { state: text(state), status_message: None })
}

fn shown(model: &Model, table: &RouteTable) -> ec2::RouteTable {
    let association = |association: &RouteTableAssociation| ec2::RouteTableAssociation {
        main: Some(association.is_main()),
        route_table_association_id: text(&association.id),
        route_table_id: text(&table.id),
        subnet_id: association.subnet.clone(),
        gateway_id: association.gateway.clone(),
        association_state: associated(),
        ..Default::default()
    };
    let former = |former: &FormerAssociation| ec2::RouteTableAssociation {
        association_state: state("disassociated"),
        ..association(&former.association)
    };
    let propagating = |gateway: &String| ec2::PropagatingVgw { gateway_id: text(gateway) };
    ec2::RouteTable {
        associations: table.associations.iter().map(association).chain(table.former.iter().map(former)).collect(),
        propagating_vgws: table.propagating.iter().map(propagating).collect(),
        route_table_id: text(&table.id),
        routes: table.routes.iter().map(|row| route::shown(model, table, row)).collect(),
        tags: tags::shown(&table.tags),
        vpc_id: text(&table.vpc),
        owner_id: text(&table.scope.account),
    }
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateRouteTableRequest,
) -> Result<ec2::CreateRouteTableResult> {
    let ec2::CreateRouteTableRequest { tag_specifications, client_token, vpc_id } = input;
    let tags = tags::of(tag_specifications, "route-table")?;
    let id = model.once(caller, "CreateRouteTable", token(&client_token), |model| {
        model.create_route_table(caller, &vpc_id, tags)
    })?;
    let route_table = Some(shown(model, model.route_tables.find(&caller.scope, &id)?));
    Ok(ec2::CreateRouteTableResult { route_table, client_token: client_token.text })
}

fn describe(cx: View, input: ec2::DescribeRouteTablesRequest) -> Result<ec2::DescribeRouteTablesResult> {
    ATTRIBUTES.list(cx.model, cx.model.route_tables.of(&cx.caller.scope), input, |table| shown(cx.model, table))
}

fn delete(cx: Change, input: ec2::DeleteRouteTableRequest) -> Result<()> {
    cx.model.delete_route_table(cx.caller, &input.route_table_id)
}

fn associate(cx: Change, input: ec2::AssociateRouteTableRequest) -> Result<ec2::AssociateRouteTableResult> {
    let ec2::AssociateRouteTableRequest { gateway_id, subnet_id, route_table_id } = input;
    let user = match (subnet_id, gateway_id) {
        (Some(subnet), None) => RouteTableUser::Subnet(subnet),
        (None, Some(gateway)) => RouteTableUser::Gateway(gateway),
        (None, None) => return Err(Error::missing("SubnetId or GatewayId")),
        (Some(_), Some(_)) => return Err(Error::SubnetOrGateway {}),
    };
    let association_id = Some(cx.model.associate_route_table(cx.caller, &route_table_id, user)?);
    Ok(ec2::AssociateRouteTableResult { association_id, association_state: associated() })
}

fn disassociate(cx: Change, input: ec2::DisassociateRouteTableRequest) -> Result<()> {
    cx.model.disassociate_route_table(cx.caller, &input.association_id)
}

fn replace_association(
    cx: Change,
    input: ec2::ReplaceRouteTableAssociationRequest,
) -> Result<ec2::ReplaceRouteTableAssociationResult> {
    let ec2::ReplaceRouteTableAssociationRequest { association_id, route_table_id } = input;
    let new = cx.model.replace_route_table_association(cx.caller, &association_id, &route_table_id)?;
    Ok(ec2::ReplaceRouteTableAssociationResult { new_association_id: Some(new), association_state: associated() })
}
