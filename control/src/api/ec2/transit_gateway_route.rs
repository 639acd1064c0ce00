//! Routes of transit gateways' own tables.

use super::cidr::cidr;
use super::listing::{Attributes, each, one, paged};
use super::text;
use crate::api::action::{Actions, Change, View};
use ipnet::IpNet;
use model::{Caller, Error, Model, Result, Tags, TransitEnd, TransitGatewayRoute, TransitGatewayRouteTable};
use shapes::ec2;
use std::net::IpAddr;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(replace).write(delete).read(search)
}

/// A route, and the attachment that it leads to, if that is there.
struct Led {
    route: TransitGatewayRoute,
    to: Option<TransitEnd>,
}

impl Led {
    fn of(model: &Model, table: &TransitGatewayRouteTable, route: TransitGatewayRoute) -> Self {
        let to = route.attachment.as_ref().and_then(|id| model.transit_end(id, &table.gateway));
        Self { route, to }
    }

    fn state(&self) -> &'static str {
        if self.to.as_ref().is_some_and(TransitEnd::is_available) { "active" } else { "blackhole" }
    }
}

static ATTRIBUTES: Attributes<Led> = Attributes(&[
    ("attachment.resource-id", |_, led| each(led.to.as_ref().map(TransitEnd::resource_id))),
    ("attachment.resource-type", |_, led| each(led.to.as_ref().map(TransitEnd::resource_type))),
    ("attachment.transit-gateway-attachment-id", |_, led| each(&led.route.attachment)),
    ("prefix-list-id", |_, led| each(&led.route.list)),
    ("state", |_, led| one(led.state())),
    ("type", |_, led| one(kind(&led.route))),
]);

fn kind(route: &TransitGatewayRoute) -> &'static str {
    if route.propagated { "propagated" } else { "static" }
}

fn shown(led: &Led, state: &str) -> ec2::TransitGatewayRoute {
    let to = led.to.as_ref().map(|end| ec2::TransitGatewayRouteAttachment {
        resource_id: text(end.resource_id()),
        transit_gateway_attachment_id: text(&end.id),
        resource_type: text(end.resource_type()),
    });
    ec2::TransitGatewayRoute {
        destination_cidr_block: text(led.route.destination),
        prefix_list_id: led.route.list.clone(),
        transit_gateway_attachments: to.into_iter().collect::<shapes::List<_>>().unless_empty(),
        r#type: text(kind(&led.route)),
        state: text(state),
        ..Default::default()
    }
}

/// A route of a caller's table.
fn led(model: &Model, caller: &Caller, table: &str, route: TransitGatewayRoute) -> Result<Led> {
    Ok(Led::of(model, model.transit_route_tables.find(&caller.scope, table)?, route))
}

/// The attachment that a request has a route lead to; `None` if it is to be a blackhole.
pub fn target(attachment: Option<String>, blackhole: Option<bool>) -> Result<Option<String>> {
    match (attachment, blackhole == Some(true)) {
        (attachment @ Some(_), false) => Ok(attachment),
        (None, true) => Ok(None),
        (None, false) => Err(Error::missing("TransitGatewayAttachmentId")),
        (Some(_), true) => Err(Error::TransitRouteTarget {}),
    }
}

fn create(cx: Change, input: ec2::CreateTransitGatewayRouteRequest) -> Result<ec2::TransitGatewayRoute> {
    let ec2::CreateTransitGatewayRouteRequest {
        destination_cidr_block,
        transit_gateway_route_table_id: table,
        transit_gateway_attachment_id,
        blackhole,
    } = input;
    let destination = cidr("DestinationCidrBlock", &destination_cidr_block)?;
    let target = target(transit_gateway_attachment_id, blackhole)?;
    let route = cx.model.create_transit_route(cx.caller, &table, destination, target)?;
    let led = led(cx.model, cx.caller, &table, route)?;
    Ok(shown(&led, led.state()))
}

fn replace(cx: Change, input: ec2::ReplaceTransitGatewayRouteRequest) -> Result<ec2::TransitGatewayRoute> {
    let ec2::ReplaceTransitGatewayRouteRequest {
        destination_cidr_block,
        transit_gateway_route_table_id: table,
        transit_gateway_attachment_id,
        blackhole,
    } = input;
    let destination = cidr("DestinationCidrBlock", &destination_cidr_block)?;
    let target = target(transit_gateway_attachment_id, blackhole)?;
    let route = cx.model.replace_transit_route(cx.caller, &table, destination, target)?;
    let led = led(cx.model, cx.caller, &table, route)?;
    Ok(shown(&led, led.state()))
}

fn delete(cx: Change, input: ec2::DeleteTransitGatewayRouteRequest) -> Result<ec2::TransitGatewayRoute> {
    let ec2::DeleteTransitGatewayRouteRequest { transit_gateway_route_table_id: table, destination_cidr_block } = input;
    let destination = cidr("DestinationCidrBlock", &destination_cidr_block)?;
    let route = cx.model.delete_transit_route(cx.caller, &table, destination)?;
    let led = led(cx.model, cx.caller, &table, route)?;
    Ok(shown(&led, "deleted"))
}

fn search(cx: View, input: ec2::SearchTransitGatewayRoutesRequest) -> Result<ec2::SearchTransitGatewayRoutesResult> {
    let ec2::SearchTransitGatewayRoutesRequest { transit_gateway_route_table_id: table, mut filters, page } = input;
    let is_search = |filter: &ec2::Filter| filter.name.as_ref().is_some_and(|name| name.starts_with(SEARCH));
    let searches = filters.take(is_search);
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let table = cx.model.transit_route_tables.find(&cx.caller.scope, &table)?;
    let mut routes = cx.model.transit_routes(table);
    for filter in searches {
        let how = filter.name.as_deref().and_then(|name| name.strip_prefix(SEARCH)).unwrap_or_default();
        routes = found(routes, how, &filter.values);
    }
    let mut routes: Vec<Led> = routes.into_iter().map(|route| Led::of(cx.model, table, route)).collect();
    routes.retain(|led| wanted.pass(cx.model, led, &Tags::new()));
    let routes = routes.into_iter().map(|led| (led.route.destination.to_string(), led)).collect();
    let (routes, next_token) = paged(&page, routes, |(destination, _): &(String, Led)| destination)?;
    Ok(ec2::SearchTransitGatewayRoutesResult {
        routes: routes.iter().map(|(_, led)| shown(led, led.state())).collect(),
        additional_routes_available: Some(next_token.is_some()),
        next_token,
    })
}

/// The beginning of the names of filters that compare blocks.
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
