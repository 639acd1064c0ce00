//! NAT gateways.

use super::cidr::address;
use super::listing::{Attributes, one};
use super::private_address::{addresses, number};
use super::{nat_address, tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{Error, Model, NatGateway, NatState, NewNatGateway, Result, SecondaryAddresses};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

static ATTRIBUTES: Attributes<NatGateway> = Attributes(&[
    ("nat-gateway-id", |_, gateway| one(&gateway.id)),
    ("state", |_, gateway| one(state(gateway))),
    ("subnet-id", |_, gateway| one(&gateway.subnet)),
    ("vpc-id", |_, gateway| one(&gateway.vpc)),
]);

fn state(gateway: &NatGateway) -> &'static str {
    match gateway.state {
        NatState::Available => "available",
        NatState::Failed { .. } => "failed",
        NatState::Deleted => "deleted",
    }
}

fn shown(model: &Model, gateway: &NatGateway) -> ec2::NatGateway {
    let failure = match &gateway.state {
        NatState::Failed { code, message } => Some((code.clone(), message.clone())),
        NatState::Available | NatState::Deleted => None,
    };
    let (failure_code, failure_message) = failure.unzip();
    ec2::NatGateway {
        create_time: Some(gateway.created),
        delete_time: gateway.ended,
        failure_code,
        failure_message,
        nat_gateway_addresses: nat_address::shown(model, gateway),
        nat_gateway_id: text(&gateway.id),
        state: text(state(gateway)),
        subnet_id: text(&gateway.subnet),
        vpc_id: text(&gateway.vpc),
        tags: tags::shown(&gateway.tags),
        connectivity_type: text(if gateway.is_private() { "private" } else { "public" }),
        availability_mode: text("zonal"),
        ..Default::default()
    }
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateNatGatewayRequest,
) -> Result<ec2::CreateNatGatewayResult> {
    let ec2::CreateNatGatewayRequest {
        availability_mode,
        allocation_id,
        client_token,
        subnet_id,
        tag_specifications,
        connectivity_type,
        private_ip_address,
        secondary_allocation_ids,
        secondary_private_ip_addresses,
        secondary_private_ip_address_count,
    } = input;
    if availability_mode.is_some_and(|mode| mode != "zonal") {
        return Err(Error::UnsupportedParameter { name: "AvailabilityMode".into() });
    }
    match (connectivity_type.as_deref(), &allocation_id) {
        (None | Some("public"), None) => return Err(Error::missing("AllocationId")),
        (Some("private"), Some(_)) => return Err(Error::PrivateNatAddress {}),
        (None | Some("public"), Some(_)) | (Some("private"), None) => {}
        (Some(other), _) => return Err(Error::invalid("ConnectivityType", other)),
    }
    let subnet = subnet_id.ok_or_else(|| Error::missing("SubnetId"))?;
    let private = private_ip_address.map(|text| address("PrivateIpAddress", &text)).transpose()?;
    let secondary = SecondaryAddresses {
        allocations: secondary_allocation_ids.into_iter().collect(),
        private: addresses(&secondary_private_ip_addresses)?,
        count: number("SecondaryPrivateIpAddressCount", secondary_private_ip_address_count)?,
    };
    let tags = tags::of(tag_specifications, "natgateway")?;
    let id = model.once(caller, "CreateNatGateway", token(&client_token), |model| {
        model.create_nat_gateway(caller, NewNatGateway { subnet, allocation: allocation_id, private, secondary, tags })
    })?;
    let gateway = shown(model, model.nat_gateways.find(&caller.scope, &id)?);
    Ok(ec2::CreateNatGatewayResult {
        client_token: client_token.text,
        nat_gateway: Some(ec2::NatGateway { state: text("pending"), ..gateway }),
    })
}

fn describe(cx: View, input: ec2::DescribeNatGatewaysRequest) -> Result<ec2::DescribeNatGatewaysResult> {
    let visible = cx.model.nat_gateways.of(&cx.caller.scope).filter(|gateway| gateway.is_visible(cx.caller.now));
    ATTRIBUTES.list(cx.model, visible, input, |gateway| shown(cx.model, gateway))
}

fn delete(cx: Change, input: ec2::DeleteNatGatewayRequest) -> Result<String> {
    cx.model.delete_nat_gateway(cx.caller, &input.nat_gateway_id)?;
    Ok(input.nat_gateway_id)
}
