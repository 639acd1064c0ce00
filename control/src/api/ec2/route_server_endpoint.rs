//! Endpoints of route servers.

use super::listing::{Attributes, lingering_state, one};
use super::{tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{Result, RouteServerEndpoint};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

static ATTRIBUTES: Attributes<RouteServerEndpoint> = Attributes(&[
    ("route-server-endpoint-id", |_, endpoint| one(&endpoint.id)),
    ("route-server-id", |_, endpoint| one(&endpoint.server)),
    ("state", |model, endpoint| one(lingering_state(model, &endpoint.id))),
    ("subnet-id", |_, endpoint| one(&endpoint.subnet)),
    ("vpc-id", |_, endpoint| one(&endpoint.vpc)),
]);

fn shown(endpoint: &RouteServerEndpoint, state: &str) -> ec2::RouteServerEndpoint {
    ec2::RouteServerEndpoint {
        route_server_id: text(&endpoint.server),
        route_server_endpoint_id: text(&endpoint.id),
        vpc_id: text(&endpoint.vpc),
        subnet_id: text(&endpoint.subnet),
        eni_id: text(&endpoint.interface),
        eni_address: endpoint.address.map(|address| address.to_string()),
        state: text(state),
        failure_reason: None,
        tags: tags::shown(&endpoint.tags),
    }
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateRouteServerEndpointRequest,
) -> Result<ec2::RouteServerEndpoint> {
    let ec2::CreateRouteServerEndpointRequest { client_token, route_server_id, subnet_id, tag_specifications } = input;
    let tags = tags::of(tag_specifications, "route-server-endpoint")?;
    let id = model.once(caller, "CreateRouteServerEndpoint", token(&client_token), |model| {
        model.create_route_server_endpoint(caller, &route_server_id, &subnet_id, tags)
    })?;
    Ok(shown(model.route_server_endpoints.find(&caller.scope, &id)?, "pending"))
}

fn describe(
    cx: View,
    input: ec2::DescribeRouteServerEndpointsRequest,
) -> Result<ec2::DescribeRouteServerEndpointsResult> {
    ATTRIBUTES.list_lingering(cx, &cx.model.route_server_endpoints, input, shown)
}

fn delete(cx: Change, input: ec2::DeleteRouteServerEndpointRequest) -> Result<ec2::RouteServerEndpoint> {
    let endpoint = cx.model.delete_route_server_endpoint(cx.caller, &input.route_server_endpoint_id)?;
    Ok(shown(&endpoint, "deleting"))
}
