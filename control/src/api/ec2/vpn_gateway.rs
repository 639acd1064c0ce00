//! Virtual private gateways.

use super::listing::{Attributes, each, lingering_state, one};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{Error, Model, Result, VpnGateway};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .read(describe)
        .write(attach)
        .write(detach)
        .write(delete)
        .write(enable_propagation)
        .write(disable_propagation)
}

/// The autonomous system of a gateway that is given none.
const AMAZON_ASN: i64 = 64512;

static ATTRIBUTES: Attributes<VpnGateway> = Attributes(&[
    ("amazon-side-asn", |_, gateway| one(gateway.asn)),
    ("attachment.state", |_, gateway| each(attachments(gateway).filter_map(|at| at.state))),
    ("attachment.vpc-id", |_, gateway| each(attachments(gateway).filter_map(|at| at.vpc_id))),
    ("availability-zone", |_, gateway| each(&gateway.zone)),
    ("state", |model, gateway| one(lingering_state(model, &gateway.id))),
    ("type", |_, _| one("ipsec.1")),
    ("vpn-gateway-id", |_, gateway| one(&gateway.id)),
]);

fn attachment(vpc: &str, state: &str) -> ec2::VpcAttachment {
    ec2::VpcAttachment { vpc_id: text(vpc), state: text(state) }
}

/// The VPC that a gateway is attached to, or was.
fn attachments(gateway: &VpnGateway) -> impl Iterator<Item = ec2::VpcAttachment> {
    let past = gateway.detached.iter().map(|was| attachment(&was.vpc, "detached"));
    gateway.vpc.iter().map(|vpc| attachment(vpc, "attached")).chain(past)
}

fn shown(model: &Model, gateway: &VpnGateway) -> ec2::VpnGateway {
    ec2::VpnGateway {
        amazon_side_asn: i64::try_from(gateway.asn).ok(),
        tags: tags::shown(&gateway.tags),
        vpn_gateway_id: text(&gateway.id),
        state: text(lingering_state(model, &gateway.id)),
        r#type: text("ipsec.1"),
        availability_zone: gateway.zone.clone(),
        vpc_attachments: attachments(gateway).collect(),
    }
}

/// The type of a VPN's parts: there is one.
pub fn check_type(sent: &str) -> Result<()> {
    if sent == "ipsec.1" { Ok(()) } else { Err(Error::invalid("Type", sent)) }
}

fn create(cx: Change, input: ec2::CreateVpnGatewayRequest) -> Result<ec2::VpnGateway> {
    let ec2::CreateVpnGatewayRequest { availability_zone, r#type, tag_specifications, amazon_side_asn } = input;
    check_type(&r#type)?;
    let asn = amazon_side_asn.unwrap_or(AMAZON_ASN);
    let asn = u64::try_from(asn).map_err(|_| Error::invalid("AmazonSideAsn", asn))?;
    let tags = tags::of(tag_specifications, "vpn-gateway")?;
    let id = cx.model.create_vpn_gateway(cx.caller, asn, availability_zone, tags)?;
    Ok(shown(cx.model, cx.model.vpn_gateways.find(&cx.caller.scope, &id)?))
}

fn describe(cx: View, input: ec2::DescribeVpnGatewaysRequest) -> Result<ec2::DescribeVpnGatewaysResult> {
    let all = cx.model.vpn_gateways.of(&cx.caller.scope).chain(cx.model.departed(cx.caller));
    ATTRIBUTES.list(cx.model, all, input, |gateway| shown(cx.model, gateway))
}

fn attach(cx: Change, input: ec2::AttachVpnGatewayRequest) -> Result<ec2::VpcAttachment> {
    cx.model.attach_vpn_gateway(cx.caller, &input.vpn_gateway_id, &input.vpc_id)?;
    Ok(attachment(&input.vpc_id, "attached"))
}

fn detach(cx: Change, input: ec2::DetachVpnGatewayRequest) -> Result<()> {
    cx.model.detach_vpn_gateway(cx.caller, &input.vpn_gateway_id, &input.vpc_id)
}

fn delete(cx: Change, input: ec2::DeleteVpnGatewayRequest) -> Result<()> {
    cx.model.delete_vpn_gateway(cx.caller, &input.vpn_gateway_id)
}

fn enable_propagation(cx: Change, input: ec2::EnableVgwRoutePropagationRequest) -> Result<()> {
    cx.model.enable_propagation(cx.caller, &input.route_table_id, &input.gateway_id)
}

fn disable_propagation(cx: Change, input: ec2::DisableVgwRoutePropagationRequest) -> Result<()> {
    cx.model.disable_propagation(cx.caller, &input.route_table_id, &input.gateway_id)
}
