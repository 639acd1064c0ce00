//! Egress-only Internet gateways on the wire.

use super::describe::Listing;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, EgressOnlyInternetGateway, IdKind, Model, Result};

pub const ACTIONS: Actions = &[
    ("CreateEgressOnlyInternetGateway", Handler::Write(create)),
    ("DescribeEgressOnlyInternetGateways", Handler::Read(describe)),
    ("DeleteEgressOnlyInternetGateway", Handler::Write(delete)),
];

static LISTING: Listing<EgressOnlyInternetGateway> =
    Listing { ids: "EgressOnlyInternetGatewayId", set: "egressOnlyInternetGatewaySet", filters: &[], item };

fn item(_: &Model, gateway: &EgressOnlyInternetGateway) -> Node {
    Node::new()
        .text("egressOnlyInternetGatewayId", &gateway.id)
        .set("attachmentSet", [Node::new().text("vpcId", &gateway.vpc).text("state", "attached")])
        .tags(&gateway.tags)
}

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let vpc = params.id("VpcId", IdKind::Vpc)?;
    let tags = params.tags("egress-only-internet-gateway")?;
    let token = params.text("ClientToken");
    params.finish()?;
    let id = model.create_egress_only_gateway(caller, &vpc, tags)?;
    let gateway = model.egress_only_gateways.find(&caller.scope, &id)?;
    Ok(Node::new().node("egressOnlyInternetGateway", item(model, gateway)).opt("clientToken", token))
}

fn describe(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let all: Vec<&EgressOnlyInternetGateway> = model.egress_only_gateways.of(&caller.scope).collect();
    LISTING.answer(model, params, &all)
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("EgressOnlyInternetGatewayId", IdKind::EgressOnlyInternetGateway)?;
    params.finish()?;
    model.delete_egress_only_gateway(caller, &id)?;
    Ok(Node::new().text("returnCode", true))
}
