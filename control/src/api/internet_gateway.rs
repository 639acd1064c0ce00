//! Internet gateways on the wire.

use super::describe::Listing;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, IdKind, InternetGateway, Model, Result};

pub const ACTIONS: Actions = &[
    ("CreateInternetGateway", Handler::Write(create)),
    ("DescribeInternetGateways", Handler::Read(describe)),
    ("AttachInternetGateway", Handler::Write(attach)),
    ("DetachInternetGateway", Handler::Write(detach)),
    ("DeleteInternetGateway", Handler::Write(delete)),
];

static LISTING: Listing<InternetGateway> = Listing {
    ids: "InternetGatewayId",
    set: "internetGatewaySet",
    filters: &[
        ("internet-gateway-id", |_, gateway| vec![gateway.id.clone()]),
        ("attachment.vpc-id", |_, gateway| gateway.vpc.iter().cloned().collect()),
        ("attachment.state", |_, gateway| gateway.vpc.iter().map(|_| "available".to_owned()).collect()),
        ("owner-id", |_, gateway| vec![gateway.scope.account.clone()]),
    ],
    item,
};

fn item(_: &Model, gateway: &InternetGateway) -> Node {
    // EC2 says `available` here, though the type of the element knows only attaching, attached, …
    let attachment = |vpc| Node::new().text("vpcId", vpc).text("state", "available");
    Node::new()
        .text("internetGatewayId", &gateway.id)
        .text("ownerId", &gateway.scope.account)
        .set("attachmentSet", gateway.vpc.iter().map(attachment))
        .tags(&gateway.tags)
}

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let tags = params.tags("internet-gateway")?;
    params.finish()?;
    let id = model.create_internet_gateway(caller, tags)?;
    let gateway = model.internet_gateways.find(&caller.scope, &id)?;
    Ok(Node::new().node("internetGateway", item(model, gateway)))
}

fn describe(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let all: Vec<&InternetGateway> = model.internet_gateways.of(&caller.scope).collect();
    LISTING.answer(model, params, &all)
}

fn attach(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let (id, vpc) = gateway_and_vpc(&mut params)?;
    params.finish()?;
    model.attach_internet_gateway(caller, &id, &vpc)?;
    Ok(Node::done())
}

fn detach(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let (id, vpc) = gateway_and_vpc(&mut params)?;
    params.finish()?;
    model.detach_internet_gateway(caller, &id, &vpc)?;
    Ok(Node::done())
}

fn gateway_and_vpc(params: &mut Params) -> Result<(String, String)> {
    Ok((params.id("InternetGatewayId", IdKind::InternetGateway)?, params.id("VpcId", IdKind::Vpc)?))
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("InternetGatewayId", IdKind::InternetGateway)?;
    params.finish()?;
    model.delete_internet_gateway(caller, &id)?;
    Ok(Node::done())
}
