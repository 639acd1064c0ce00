//! Routes of transit gateways' own tables.

use super::listing::{Attributes, each, one, paged};
use super::text;
use super::vpc_cidr::cidr;
use crate::api::action::Actions;
use ipnet::IpNet;
use model::{Caller, Error, Model, Result, Tags, TransitGatewayRoute};
use shapes::ec2;
use std::net::IpAddr;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(replace).write(delete).read(search)
}

static ATTRIBUTES: Attributes<TransitGatewayRoute> = Attributes(&[
    ("attachment.resource-id", |model, route| {
        let attachment = route.attachment.as_ref().and_then(|id| model.transit_attachments.get(id));
        each(attachment.map(|attachment| &attachment.vpc))
    }),
    ("attachment.resource-type", |_, route| each(route.attachment.as_ref().map(|_| "vpc"))),
    ("attachment.transit-gateway-attachment-id", |_, route| each(&route.attachment)),
    ("state", |model, route| one(state(model, route))),
    ("type", |_, route| one(kind(route))),
]);

fn state(model: &Model, route: &TransitGatewayRoute) -> &'static str {
    if model.transit_route_is_active(route) { "active" } else { "blackhole" }
}

fn kind(route: &TransitGatewayRoute) -> &'static str {
    if route.propagated { "propagated" } else { "static" }
}

fn shown(model: &Model, route: &TransitGatewayRoute, state: &str) -> ec2::TransitGatewayRoute {
    let attachment = route.attachment.as_ref().and_then(|id| model.transit_attachments.get(id));
    let to = attachment.map(|attachment| ec2::TransitGatewayRouteAttachment {
        resource_id: text(&attachment.vpc),
        transit_gateway_attachment_id: text(&attachment.id),
        resource_type: text("vpc"),
    });
    ec2::TransitGatewayRoute {
        destination_cidr_block: text(route.destination),
        transit_gateway_attachments: to.into_iter().collect::<shapes::List<_>>().unless_empty(),
        r#type: text(kind(route)),
        state: text(state),
        ..Default::default()
    }
}

/// The attachment that a request has a route lead to; `None` if it is to be a blackhole.
fn target(attachment: Option<String>, blackhole: Option<bool>) -> Result<Option<String>> {
    match (attachment, blackhole == Some(true)) {
        (attachment @ Some(_), false) => Ok(attachment),
        (None, true) => Ok(None),
        (None, false) => Err(Error::missing("TransitGatewayAttachmentId")),
        (Some(_), true) => Err(Error::TransitRouteTarget {}),
    }
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: ec2::CreateTransitGatewayRouteRequest,
) -> Result<ec2::CreateTransitGatewayRouteResult> {
    let ec2::CreateTransitGatewayRouteRequest {
        destination_cidr_block,
        transit_gateway_route_table_id: table,
        transit_gateway_attachment_id,
        blackhole,
    } = input;
    let destination = cidr("DestinationCidrBlock", &destination_cidr_block)?;
    let target = target(transit_gateway_attachment_id, blackhole)?;
    let route = model.create_transit_route(caller, &table, destination, target)?;
    let route = Some(shown(model, &route, state(model, &route)));
    Ok(ec2::CreateTransitGatewayRouteResult { route })
}

fn replace(
    model: &mut Model,
    caller: &Caller,
    input: ec2::ReplaceTransitGatewayRouteRequest,
) -> Result<ec2::ReplaceTransitGatewayRouteResult> {
    let ec2::ReplaceTransitGatewayRouteRequest {
        destination_cidr_block,
        transit_gateway_route_table_id: table,
        transit_gateway_attachment_id,
        blackhole,
    } = input;
    let destination = cidr("DestinationCidrBlock", &destination_cidr_block)?;
    let target = target(transit_gateway_attachment_id, blackhole)?;
    let route = model.replace_transit_route(caller, &table, destination, target)?;
    let route = Some(shown(model, &route, state(model, &route)));
    Ok(ec2::ReplaceTransitGatewayRouteResult { route })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: ec2::DeleteTransitGatewayRouteRequest,
) -> Result<ec2::DeleteTransitGatewayRouteResult> {
    let ec2::DeleteTransitGatewayRouteRequest { transit_gateway_route_table_id: table, destination_cidr_block } = input;
    let destination = cidr("DestinationCidrBlock", &destination_cidr_block)?;
    let route = model.delete_transit_route(caller, &table, destination)?;
    Ok(ec2::DeleteTransitGatewayRouteResult { route: Some(shown(model, &route, "deleted")) })
}

fn search(
    model: &Model,
    caller: &Caller,
    input: ec2::SearchTransitGatewayRoutesRequest,
) -> Result<ec2::SearchTransitGatewayRoutesResult> {
    let ec2::SearchTransitGatewayRoutesRequest { transit_gateway_route_table_id: table, mut filters, page } = input;
    let is_search = |filter: &ec2::Filter| filter.name.as_ref().is_some_and(|name| name.starts_with(SEARCH));
    let searches = filters.take(is_search);
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let mut routes = model.transit_routes(model.transit_route_tables.find(&caller.scope, &table)?);
    for filter in searches {
        let how = filter.name.as_deref().and_then(|name| name.strip_prefix(SEARCH)).unwrap_or_default();
        routes = found(routes, how, &filter.values);
    }
    routes.retain(|route| wanted.pass(model, route, &Tags::new()));
    let routes = routes.into_iter().map(|route| (route.destination.to_string(), route)).collect();
    let (routes, next_token) = paged(&page, routes, |(destination, _)| destination)?;
    Ok(ec2::SearchTransitGatewayRoutesResult {
        routes: routes.iter().map(|(_, route)| shown(model, route, state(model, route))).collect(),
        additional_routes_available: Some(next_token.is_some()),
        next_token,
    })
}

/// What the names of filters that compare blocks begin with.
const SEARCH: &str = "route-search.";

/// The routes that have to do with one of these blocks, or addresses, in the way that a filter names. What is no block matches nothing.
fn found(routes: Vec<TransitGatewayRoute>, how: &str, values: &[String]) -> Vec<TransitGatewayRoute> {
    let address = |value: &String| value.parse::<IpAddr>().ok().map(IpNet::from);
    let block = |value: &String| value.parse().ok().or_else(|| address(value));
    let blocks: Vec<IpNet> = values.iter().filter_map(block).collect();
    let longest = |block: &IpNet| {
        let around = routes.iter().map(|route| route.destination).filter(|destination| destination.contains(block));
        around.max_by_key(IpNet::prefix_len)
    };
    let fits = |destination: IpNet, block: &IpNet| match how {
        "exact-match" => destination == *block,
        "subnet-of-match" => block.contains(&destination),
        "supernet-of-match" => destination.contains(block),
        "longest-prefix-match" => longest(block) == Some(destination),
        _ => false,
    };
    let wanted = |route: &&TransitGatewayRoute| blocks.iter().any(|block| fits(route.destination, block));
    routes.iter().filter(wanted).cloned().collect()
}
