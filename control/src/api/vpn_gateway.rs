//! Virtual private gateways on the wire.

use super::describe::Listing;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, IdKind, Model, Result, VpnGateway};

pub const ACTIONS: Actions = &[
    ("CreateVpnGateway", Handler::Write(create)),
    ("DescribeVpnGateways", Handler::Read(describe)),
    ("AttachVpnGateway", Handler::Write(attach)),
    ("DetachVpnGateway", Handler::Write(detach)),
    ("DeleteVpnGateway", Handler::Write(delete)),
    ("EnableVgwRoutePropagation", Handler::Write(enable_propagation)),
    ("DisableVgwRoutePropagation", Handler::Write(disable_propagation)),
];

/// The autonomous system of a gateway that is given none.
const AMAZON_ASN: u64 = 64512;

static LISTING: Listing<VpnGateway> = Listing {
    ids: "VpnGatewayId",
    set: "vpnGatewaySet",
    filters: &[
        ("vpn-gateway-id", |_, gateway| vec![gateway.id.clone()]),
        ("amazon-side-asn", |_, gateway| vec![gateway.asn.to_string()]),
        ("attachment.vpc-id", |_, gateway| gateway.vpc.iter().cloned().collect()),
        ("attachment.state", |_, gateway| gateway.vpc.iter().map(|_| "attached".to_owned()).collect()),
        ("availability-zone", |_, gateway| gateway.zone.iter().cloned().collect()),
        ("state", |_, _| vec!["available".into()]),
        ("type", |_, _| vec!["ipsec.1".into()]),
    ],
    item,
};

fn attachment(vpc: &str) -> Node {
    Node::new().text("vpcId", vpc).text("state", "attached")
}

fn item(_: &Model, gateway: &VpnGateway) -> Node {
    Node::new()
        .text("vpnGatewayId", &gateway.id)
        .text("state", "available")
        .text("type", "ipsec.1")
        .text("amazonSideAsn", gateway.asn)
        .opt("availabilityZone", gateway.zone.as_ref())
        .set("attachments", gateway.vpc.iter().map(|vpc| attachment(vpc)))
        .tags(&gateway.tags)
}

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    ipsec(&mut params)?;
    let zone = params.text("AvailabilityZone");
    let asn = params.get("AmazonSideAsn")?.unwrap_or(AMAZON_ASN);
    let tags = params.tags("vpn-gateway")?;
    params.finish()?;
    let id = model.create_vpn_gateway(caller, asn, zone, tags)?;
    Ok(Node::new().node("vpnGateway", item(model, model.vpn_gateways.find(&caller.scope, &id)?)))
}

/// Takes the type of a VPN's part: there is one.
pub fn ipsec(params: &mut Params) -> Result<()> {
    match params.required("Type")?.as_str() {
        "ipsec.1" => Ok(()),
        other => Err(params.invalid("Type", other)),
    }
}

fn describe(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let all: Vec<&VpnGateway> = model.vpn_gateways.of(&caller.scope).collect();
    let chosen = LISTING.choose(model, params, &all)?;
    Ok(Node::new().set(LISTING.set, chosen.into_iter().map(|gateway| item(model, gateway))))
}

fn gateway_and_vpc(params: &mut Params) -> Result<(String, String)> {
    Ok((params.id("VpnGatewayId", IdKind::VpnGateway)?, params.id("VpcId", IdKind::Vpc)?))
}

fn attach(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let (id, vpc) = gateway_and_vpc(&mut params)?;
    params.finish()?;
    model.attach_vpn_gateway(caller, &id, &vpc)?;
    Ok(Node::new().node("attachment", attachment(&vpc)))
}

fn detach(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let (id, vpc) = gateway_and_vpc(&mut params)?;
    params.finish()?;
    model.detach_vpn_gateway(caller, &id, &vpc)?;
    Ok(Node::done())
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("VpnGatewayId", IdKind::VpnGateway)?;
    params.finish()?;
    model.delete_vpn_gateway(caller, &id)?;
    Ok(Node::done())
}

fn table_and_gateway(params: &mut Params) -> Result<(String, String)> {
    Ok((params.id("RouteTableId", IdKind::RouteTable)?, params.id("GatewayId", IdKind::VpnGateway)?))
}

fn enable_propagation(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let (table, gateway) = table_and_gateway(&mut params)?;
    params.finish()?;
    model.enable_propagation(caller, &table, &gateway)?;
    Ok(Node::done())
}

fn disable_propagation(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let (table, gateway) = table_and_gateway(&mut params)?;
    params.finish()?;
    model.disable_propagation(caller, &table, &gateway)?;
    Ok(Node::done())
}
