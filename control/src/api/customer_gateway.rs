//! Customer gateways on the wire.

use super::describe::Listing;
use super::params::Params;
use super::vpn_gateway::ipsec;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, CustomerGateway, IdKind, Model, Result};
use std::net::Ipv4Addr;

pub const ACTIONS: Actions = &[
    ("CreateCustomerGateway", Handler::Write(create)),
    ("DescribeCustomerGateways", Handler::Read(describe)),
    ("DeleteCustomerGateway", Handler::Write(delete)),
];

/// The autonomous system of a site that names none.
const PRIVATE_ASN: u32 = 65000;

static LISTING: Listing<CustomerGateway> = Listing {
    ids: "CustomerGatewayId",
    set: "customerGatewaySet",
    filters: &[
        ("customer-gateway-id", |_, gateway| vec![gateway.id.clone()]),
        ("ip-address", |_, gateway| vec![gateway.address.to_string()]),
        ("bgp-asn", |_, gateway| vec![gateway.asn.to_string()]),
        ("state", |_, _| vec!["available".into()]),
        ("type", |_, _| vec!["ipsec.1".into()]),
    ],
    item,
};

fn item(_: &Model, gateway: &CustomerGateway) -> Node {
    Node::new()
        .text("customerGatewayId", &gateway.id)
        .text("state", "available")
        .text("type", "ipsec.1")
        .text("ipAddress", gateway.address)
        .text("bgpAsn", gateway.asn)
        .tags(&gateway.tags)
}

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    ipsec(&mut params)?;
    // `IpAddress` is the old name of `PublicIp`, and today's again.
    let address: Option<Ipv4Addr> = match params.get("IpAddress")? {
        Some(address) => Some(address),
        None => params.get("PublicIp")?,
    };
    let address = address.ok_or_else(|| params.missing("IpAddress"))?;
    let asn = match params.get("BgpAsn")? {
        Some(asn) => asn,
        None => params.get("BgpAsnExtended")?.unwrap_or(PRIVATE_ASN),
    };
    let tags = params.tags("customer-gateway")?;
    params.ignore(&["DeviceName", "CertificateArn"]);
    params.finish()?;
    let id = model.create_customer_gateway(caller, address, asn, tags)?;
    Ok(Node::new().node("customerGateway", item(model, model.customer_gateways.find(&caller.scope, &id)?)))
}

fn describe(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let all: Vec<&CustomerGateway> = model.customer_gateways.of(&caller.scope).collect();
    let chosen = LISTING.choose(model, params, &all)?;
    Ok(Node::new().set(LISTING.set, chosen.into_iter().map(|gateway| item(model, gateway))))
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("CustomerGatewayId", IdKind::CustomerGateway)?;
    params.finish()?;
    model.delete_customer_gateway(caller, &id)?;
    Ok(Node::done())
}
