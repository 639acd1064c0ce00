//! NAT gateways on the wire.

use super::describe::Listing;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, Error, IdKind, Model, NatGateway, NatState, Result};

pub const ACTIONS: Actions = &[
    ("CreateNatGateway", Handler::Write(create)),
    ("DescribeNatGateways", Handler::Read(describe)),
    ("DeleteNatGateway", Handler::Write(delete)),
];

static LISTING: Listing<NatGateway> = Listing {
    ids: "NatGatewayId",
    set: "natGatewaySet",
    filters: &[
        ("nat-gateway-id", |_, gateway| vec![gateway.id.clone()]),
        ("state", |_, gateway| vec![state(gateway).to_owned()]),
        ("subnet-id", |_, gateway| vec![gateway.subnet.clone()]),
        ("vpc-id", |_, gateway| vec![gateway.vpc.clone()]),
    ],
    item: |model, gateway| item(model, gateway, state(gateway)),
};

fn state(gateway: &NatGateway) -> &'static str {
    match gateway.state {
        NatState::Available => "available",
        NatState::Failed { .. } => "failed",
        NatState::Deleted => "deleted",
    }
}

fn item(model: &Model, gateway: &NatGateway, state: &str) -> Node {
    let interface = gateway.interface.as_deref().and_then(|id| model.network_interfaces.get(id));
    let association = interface.and_then(|interface| interface.primary_public()?.elastic.clone());
    let address = Node::new()
        .text("allocationId", &gateway.allocation)
        .opt("associationId", association)
        .opt("networkInterfaceId", gateway.interface.as_ref())
        .opt("privateIp", gateway.private)
        .opt("publicIp", gateway.private.map(|_| gateway.public))
        .text("isPrimary", true)
        .text("status", if gateway.private.is_some() { "succeeded" } else { "failed" });
    let node = Node::new()
        .text("natGatewayId", &gateway.id)
        .text("state", state)
        .text("subnetId", &gateway.subnet)
        .text("vpcId", &gateway.vpc)
        .text("connectivityType", "public")
        .text("createTime", gateway.created)
        .opt("deleteTime", gateway.ended)
        .set("natGatewayAddressSet", [address])
        .tags(&gateway.tags);
    match &gateway.state {
        NatState::Failed { code, message } => node.text("failureCode", code).text("failureMessage", message),
        _ => node,
    }
}

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let subnet = params.id("SubnetId", IdKind::Subnet)?;
    if !matches!(params.text("ConnectivityType").as_deref(), None | Some("public")) {
        return Err(Error::Unsupported { what: "Private NAT gateways are not supported.".into() });
    }
    let allocation = params.id("AllocationId", IdKind::Allocation)?;
    let tags = params.tags("natgateway")?;
    let token = params.text("ClientToken");
    params.finish()?;
    let id = model.create_nat_gateway(caller, &subnet, &allocation, tags)?;
    let gateway = model.nat_gateways.find(&caller.scope, &id)?;
    Ok(Node::new().opt("clientToken", token).node("natGateway", item(model, gateway, "pending")))
}

fn describe(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let visible = model.nat_gateways.of(&caller.scope).filter(|gateway| gateway.is_visible(caller.now));
    LISTING.answer(model, params, &visible.collect::<Vec<_>>())
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("NatGatewayId", IdKind::NatGateway)?;
    params.finish()?;
    model.delete_nat_gateway(caller, &id)?;
    Ok(Node::new().text("natGatewayId", id))
}
