//! Customer gateways.

use super::listing::{Attributes, lingering_state, one};
use super::vpn_gateway::check_type;
use super::{cidr, tags, text};
use crate::api::action::{Actions, Change, View};
use model::{CustomerGateway, Error, Model, Result};
use shapes::ec2;
use std::net::Ipv4Addr;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

/// The autonomous system of a site that names none.
const PRIVATE_ASN: u32 = 65000;

static ATTRIBUTES: Attributes<CustomerGateway> = Attributes(&[
    ("bgp-asn", |_, gateway| one(gateway.asn)),
    ("customer-gateway-id", |_, gateway| one(&gateway.id)),
    ("ip-address", |_, gateway| one(gateway.address)),
    ("state", |model, gateway| one(lingering_state(model, &gateway.id))),
    ("type", |_, _| one("ipsec.1")),
]);

fn shown(model: &Model, gateway: &CustomerGateway) -> ec2::CustomerGateway {
    // A number of 31 bits and a longer one are members of their own.
    let (bgp_asn, bgp_asn_extended) = match i32::try_from(gateway.asn) {
        Ok(asn) => (text(asn), None),
        Err(_) => (None, text(gateway.asn)),
    };
    ec2::CustomerGateway {
        tags: tags::shown(&gateway.tags),
        customer_gateway_id: text(&gateway.id),
        state: text(lingering_state(model, &gateway.id)),
        r#type: text("ipsec.1"),
        ip_address: text(gateway.address),
        bgp_asn,
        bgp_asn_extended,
        device_name: gateway.device.clone(),
        certificate_arn: gateway.certificate.clone(),
    }
}

fn asn(number: Option<i32>, extended: Option<i64>) -> Result<u32> {
    let number = number.map(i64::from).or(extended).unwrap_or(PRIVATE_ASN.into());
    u32::try_from(number).map_err(|_| Error::invalid("BgpAsn", number))
}

/// `IpAddress` is the old name of `PublicIp`, and today's again.
fn create(cx: Change, input: ec2::CreateCustomerGatewayRequest) -> Result<ec2::CustomerGateway> {
    let ec2::CreateCustomerGatewayRequest {
        bgp_asn,
        public_ip,
        r#type,
        tag_specifications,
        ip_address,
        bgp_asn_extended,
        device_name,
        certificate_arn,
    } = input;
    check_type(&r#type)?;
    let address = ip_address.or(public_ip).ok_or_else(|| Error::missing("IpAddress"))?;
    let address: Ipv4Addr = cidr::address("IpAddress", &address)?;
    let tags = tags::of(tag_specifications, "customer-gateway")?;
    let end = (address, asn(bgp_asn, bgp_asn_extended)?);
    let id = cx.model.create_customer_gateway(cx.caller, end, (device_name, certificate_arn), tags)?;
    Ok(shown(cx.model, cx.model.customer_gateways.find(&cx.caller.scope, &id)?))
}

fn describe(cx: View, input: ec2::DescribeCustomerGatewaysRequest) -> Result<ec2::DescribeCustomerGatewaysResult> {
    let all = cx.model.customer_gateways.of(&cx.caller.scope).chain(cx.model.departed(cx.caller));
    ATTRIBUTES.list(cx.model, all, input, |gateway| shown(cx.model, gateway))
}

fn delete(cx: Change, input: ec2::DeleteCustomerGatewayRequest) -> Result<()> {
    cx.model.delete_customer_gateway(cx.caller, &input.customer_gateway_id)
}
