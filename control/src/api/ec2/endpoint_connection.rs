//! Endpoints of others to the services that an account offers.

use super::listing::{Attributes, one};
use super::vpc_endpoint::{names, state};
use super::{each_id, text};
use crate::api::action::{Actions, Change, View};
use model::{Model, Result, VpcEndpoint, VpcEndpointService};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(accept).write(reject).read(describe)
}

/// The id at the end of a service's name.
fn service_id(endpoint: &VpcEndpoint) -> &str {
    endpoint.service.rsplit('.').next().unwrap_or_default()
}

static ATTRIBUTES: Attributes<VpcEndpoint> = Attributes(&[
    ("ip-address-type", |_, _| one("ipv4")),
    ("service-id", |_, endpoint| one(service_id(endpoint))),
    ("vpc-endpoint-id", |_, endpoint| one(&endpoint.id)),
    ("vpc-endpoint-owner", |_, endpoint| one(&endpoint.scope.account)),
    ("vpc-endpoint-region", |_, endpoint| one(&endpoint.scope.region)),
    ("vpc-endpoint-state", |model, endpoint| one(state(model, endpoint))),
]);

fn accept(
    Change { model, caller }: Change,
    input: ec2::AcceptVpcEndpointConnectionsRequest,
) -> Result<List<ec2::UnsuccessfulItem>> {
    let ec2::AcceptVpcEndpointConnectionsRequest { service_id, vpc_endpoint_ids } = input;
    model.endpoint_services.find(&caller.scope, &service_id)?;
    let (_, unsuccessful) = each_id(vpc_endpoint_ids, |id| model.accept_endpoint(caller, &service_id, id));
    Ok(unsuccessful)
}

fn reject(
    Change { model, caller }: Change,
    input: ec2::RejectVpcEndpointConnectionsRequest,
) -> Result<List<ec2::UnsuccessfulItem>> {
    let ec2::RejectVpcEndpointConnectionsRequest { service_id, vpc_endpoint_ids } = input;
    model.endpoint_services.find(&caller.scope, &service_id)?;
    let (_, unsuccessful) = each_id(vpc_endpoint_ids, |id| model.reject_endpoint(caller, &service_id, id));
    Ok(unsuccessful)
}

fn describe(
    View { model, caller }: View,
    input: ec2::DescribeVpcEndpointConnectionsRequest,
) -> Result<ec2::DescribeVpcEndpointConnectionsResult> {
    let own = model.endpoint_services.of(&caller.scope);
    let all = own.flat_map(|service| model.endpoints_of_service(service));
    let shown = |endpoint: &VpcEndpoint| {
        let service = model.endpoint_services.get(service_id(endpoint));
        shown(model, endpoint, service)
    };
    ATTRIBUTES.list(model, all, input, shown)
}

fn shown(model: &Model, endpoint: &VpcEndpoint, service: Option<&VpcEndpointService>) -> ec2::VpcEndpointConnection {
    ec2::VpcEndpointConnection {
        service_id: text(service_id(endpoint)),
        vpc_endpoint_id: text(&endpoint.id),
        vpc_endpoint_owner: text(&endpoint.scope.account),
        vpc_endpoint_state: text(state(model, endpoint)),
        creation_timestamp: Some(endpoint.created),
        dns_entries: names(model, endpoint).into(),
        network_load_balancer_arns: service.iter().flat_map(|service| &service.offer.network).cloned().collect(),
        ip_address_type: text("ipv4"),
        vpc_endpoint_region: text(&endpoint.scope.region),
        ..Default::default()
    }
}
