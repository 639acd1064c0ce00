//! EC2 Instance Connect Endpoints.

use super::listing::{Attributes, one};
use super::{tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{Error, InstanceConnectEndpoint, Model, Result, arn};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

static ATTRIBUTES: Attributes<InstanceConnectEndpoint> = Attributes(&[
    ("instance-connect-endpoint-id", |_, endpoint| one(&endpoint.id)),
    ("state", |_, _| one("create-complete")),
    ("subnet-id", |_, endpoint| one(&endpoint.subnet)),
    ("vpc-id", |_, endpoint| one(&endpoint.vpc)),
]);

fn shown(model: &Model, endpoint: &InstanceConnectEndpoint, state: &str) -> ec2::Ec2InstanceConnectEndpoint {
    let interface = model.network_interfaces.get(&endpoint.interface);
    let region = &endpoint.scope.region;
    ec2::Ec2InstanceConnectEndpoint {
        owner_id: text(&endpoint.scope.account),
        instance_connect_endpoint_id: text(&endpoint.id),
        instance_connect_endpoint_arn: text(arn(&endpoint.scope, "instance-connect-endpoint", &endpoint.id)),
        state: text(state),
        state_message: text(""),
        dns_name: text(format!("{}.ec2-instance-connect-endpoint.{region}.amazonaws.com", endpoint.id)),
        network_interface_ids: vec![endpoint.interface.clone()].into(),
        vpc_id: text(&endpoint.vpc),
        availability_zone: model.subnets.get(&endpoint.subnet).map(|subnet| subnet.zone.clone()),
        created_at: Some(endpoint.created),
        subnet_id: text(&endpoint.subnet),
        preserve_client_ip: Some(endpoint.preserves_client),
        security_group_ids: interface.iter().flat_map(|interface| interface.groups.iter().cloned()).collect(),
        tags: tags::shown(&endpoint.tags),
        ip_address_type: text("ipv4"),
        ..Default::default()
    }
}

/// Refuses addresses that endpoints of any kind do not have here.
pub fn ipv4_only(address_type: Option<String>) -> Result<()> {
    match address_type.as_deref() {
        None | Some("ipv4") => Ok(()),
        Some("dualstack" | "ipv6") => Err(Error::UnsupportedParameter { name: "IpAddressType".into() }),
        Some(other) => Err(Error::invalid("IpAddressType", other)),
    }
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateInstanceConnectEndpointRequest,
) -> Result<ec2::CreateInstanceConnectEndpointResult> {
    let ec2::CreateInstanceConnectEndpointRequest {
        subnet_id,
        security_group_ids,
        preserve_client_ip,
        client_token,
        tag_specifications,
        ip_address_type,
    } = input;
    ipv4_only(ip_address_type)?;
    let tags = tags::of(tag_specifications, "instance-connect-endpoint")?;
    let (groups, preserves) = (security_group_ids.into_iter().collect(), preserve_client_ip.unwrap_or(false));
    let id = model.once(caller, "CreateInstanceConnectEndpoint", token(&client_token), |model| {
        model.create_connect_endpoint(caller, &subnet_id, groups, preserves, tags)
    })?;
    let endpoint = shown(model, model.connect_endpoints.find(&caller.scope, &id)?, "create-in-progress");
    Ok(ec2::CreateInstanceConnectEndpointResult {
        instance_connect_endpoint: Some(endpoint),
        client_token: client_token.text,
    })
}

fn describe(
    cx: View,
    input: ec2::DescribeInstanceConnectEndpointsRequest,
) -> Result<ec2::DescribeInstanceConnectEndpointsResult> {
    let all = cx.model.connect_endpoints.of(&cx.caller.scope);
    ATTRIBUTES.list(cx.model, all, input, |endpoint| shown(cx.model, endpoint, "create-complete"))
}

fn modify(cx: Change, input: ec2::ModifyInstanceConnectEndpointRequest) -> Result<()> {
    let ec2::ModifyInstanceConnectEndpointRequest {
        instance_connect_endpoint_id: id,
        ip_address_type,
        security_group_ids,
        preserve_client_ip,
    } = input;
    ipv4_only(ip_address_type)?;
    cx.model.modify_connect_endpoint(cx.caller, &id, security_group_ids.into_iter().collect(), preserve_client_ip)
}

fn delete(cx: Change, input: ec2::DeleteInstanceConnectEndpointRequest) -> Result<ec2::Ec2InstanceConnectEndpoint> {
    let id = input.instance_connect_endpoint_id;
    let endpoint = shown(cx.model, cx.model.connect_endpoints.find(&cx.caller.scope, &id)?, "delete-in-progress");
    cx.model.delete_connect_endpoint(cx.caller, &id)?;
    Ok(endpoint)
}
