//! Gateway endpoints.

use super::listing::{Attributes, one, paged};
use super::{tags, text, token, unsuccessful};
use crate::api::action::Actions;
use crate::model::{Caller, Error, Model, Result, VpcEndpoint};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

static ATTRIBUTES: Attributes<VpcEndpoint> = Attributes(&[
    ("ip-address-type", |_, _| one("ipv4")),
    ("service-name", |_, endpoint| one(&endpoint.service)),
    ("service-region", |_, endpoint| one(&endpoint.scope.region)),
    ("vpc-endpoint-id", |_, endpoint| one(&endpoint.id)),
    ("vpc-endpoint-state", |model, endpoint| one(state(model, endpoint))),
    ("vpc-endpoint-type", |_, _| one("Gateway")),
    ("vpc-id", |_, endpoint| one(&endpoint.vpc)),
]);

fn state(model: &Model, endpoint: &VpcEndpoint) -> &'static str {
    if model.vpc_endpoints.get(&endpoint.id).is_some() { "available" } else { "deleted" }
}

fn shown(model: &Model, endpoint: &VpcEndpoint) -> ec2::VpcEndpoint {
    ec2::VpcEndpoint {
        vpc_endpoint_id: text(&endpoint.id),
        vpc_endpoint_type: text("Gateway"),
        vpc_id: text(&endpoint.vpc),
        service_name: text(&endpoint.service),
        state: text(state(model, endpoint)),
        policy_document: text(&endpoint.policy),
        route_table_ids: model.tables_of_endpoint(&endpoint.id).map(|table| table.id.clone()).collect(),
        subnet_ids: Vec::new().into(),
        groups: Vec::new().into(),
        ip_address_type: text("ipv4"),
        private_dns_enabled: Some(false),
        requester_managed: Some(false),
        network_interface_ids: Vec::new().into(),
        dns_entries: Vec::new().into(),
        creation_timestamp: Some(endpoint.created.into()),
        tags: tags::shown(&endpoint.tags),
        owner_id: text(&endpoint.scope.account),
        service_region: text(&endpoint.scope.region),
        ..Default::default()
    }
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: ec2::CreateVpcEndpointRequest,
) -> Result<ec2::CreateVpcEndpointResult> {
    let ec2::CreateVpcEndpointRequest {
        vpc_endpoint_type,
        vpc_id,
        service_name,
        policy_document,
        route_table_ids,
        client_token,
        tag_specifications,
    } = input;
    match vpc_endpoint_type.as_deref() {
        None | Some("Gateway") => {}
        Some(_) => return Err(Error::OnlyGatewayEndpoints {}),
    }
    let service = service_name.ok_or_else(|| Error::missing("ServiceName"))?;
    let tags = tags::of(tag_specifications, "vpc-endpoint")?;
    let id = model.once(caller, "CreateVpcEndpoint", token(&client_token), |model| {
        model.create_vpc_endpoint(caller, &vpc_id, &service, &route_table_ids, policy_document, tags)
    })?;
    let vpc_endpoint = Some(shown(model, model.vpc_endpoints.find(&caller.scope, &id)?));
    Ok(ec2::CreateVpcEndpointResult { vpc_endpoint, client_token: client_token.text })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: ec2::DescribeVpcEndpointsRequest,
) -> Result<ec2::DescribeVpcEndpointsResult> {
    let ec2::DescribeVpcEndpointsRequest { vpc_endpoint_ids, filters, page } = input;
    let all = model.vpc_endpoints.of(&caller.scope).chain(model.departed(caller));
    let endpoints = ATTRIBUTES.choose(model, all, &vpc_endpoint_ids, &filters)?;
    let (endpoints, next_token) = paged(&page, endpoints, |endpoint| &endpoint.id)?;
    let vpc_endpoints = endpoints.into_iter().map(|endpoint| shown(model, endpoint)).collect();
    Ok(ec2::DescribeVpcEndpointsResult { vpc_endpoints, next_token })
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    input: ec2::ModifyVpcEndpointRequest,
) -> Result<ec2::ModifyVpcEndpointResult> {
    let ec2::ModifyVpcEndpointRequest {
        vpc_endpoint_id,
        reset_policy,
        policy_document,
        add_route_table_ids,
        remove_route_table_ids,
    } = input;
    let policy = if reset_policy == Some(true) { text(VpcEndpoint::OPEN) } else { policy_document };
    model.modify_vpc_endpoint(caller, &vpc_endpoint_id, &add_route_table_ids, &remove_route_table_ids, policy)?;
    Ok(ec2::ModifyVpcEndpointResult { r#return: Some(true) })
}

/// What cannot be deleted is told, the rest goes.
fn delete(
    model: &mut Model,
    caller: &Caller,
    input: ec2::DeleteVpcEndpointsRequest,
) -> Result<ec2::DeleteVpcEndpointsResult> {
    let mut delete = |id: &String| Some(unsuccessful(id, &model.delete_vpc_endpoint(caller, id).err()?));
    Ok(ec2::DeleteVpcEndpointsResult { unsuccessful: input.vpc_endpoint_ids.iter().filter_map(&mut delete).collect() })
}
