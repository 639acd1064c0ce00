//! Address blocks of VPCs and subnets on the wire, and IPv6 addresses of interfaces.

use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Block, Caller, Error, IdKind, Ipv6Block, Model, Result, VpcCidr};
use ipnet::{Ipv4Net, Ipv6Net};
use std::net::Ipv6Addr;

pub const ACTIONS: Actions = &[
    ("AssociateVpcCidrBlock", Handler::Write(associate_vpc)),
    ("DisassociateVpcCidrBlock", Handler::Write(disassociate_vpc)),
    ("AssociateSubnetCidrBlock", Handler::Write(associate_subnet)),
    ("DisassociateSubnetCidrBlock", Handler::Write(disassociate_subnet)),
    ("AssignIpv6Addresses", Handler::Write(assign)),
    ("UnassignIpv6Addresses", Handler::Write(unassign)),
];

/// An IPv4 block as it is described.
pub fn v4(block: &VpcCidr, state: &str) -> Node {
    Node::new()
        .text("associationId", &block.association)
        .text("cidrBlock", block.cidr)
        .node("cidrBlockState", Node::new().text("state", state))
}

/// An IPv6 block as it is described.
pub fn v6(block: &Ipv6Block, state: &str) -> Node {
    Node::new()
        .text("associationId", &block.association)
        .text("ipv6CidrBlock", block.cidr)
        .node("ipv6CidrBlockState", Node::new().text("state", state))
        .text("ipSource", "amazon")
        .text("ipv6AddressAttribute", "public")
}

/// An IPv6 block of a VPC as it is described.
pub fn vpc_v6(block: &Ipv6Block, region: &str, state: &str) -> Node {
    v6(block, state).text("ipv6Pool", "Amazon").text("networkBorderGroup", region)
}

fn associate_vpc(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("VpcId", IdKind::Vpc)?;
    let cidr = params.text("CidrBlock");
    let amazon = params.flag("AmazonProvidedIpv6CidrBlock")?.unwrap_or(false);
    params.ignore(&["Ipv6CidrBlockNetworkBorderGroup"]);
    let missing = params.missing("CidrBlock or AmazonProvidedIpv6CidrBlock");
    params.finish()?;
    let node = Node::new().text("vpcId", &id);
    match (cidr, amazon) {
        (Some(cidr), false) => {
            let cidr: Ipv4Net = cidr.parse().map_err(|_| Error::BadCidr { name: "cidrBlock".into(), value: cidr })?;
            let block = model.associate_vpc_cidr(caller, &id, cidr)?;
            Ok(node.node("cidrBlockAssociation", v4(&block, "associating")))
        }
        (None, true) => {
            let block = model.associate_vpc_ipv6(caller, &id)?;
            Ok(node.node("ipv6CidrBlockAssociation", vpc_v6(&block, &caller.scope.region, "associating")))
        }
        (None, false) => Err(missing),
        (Some(_), true) => {
            Err(Error::Combination { why: "Only one address block can be associated at a time.".into() })
        }
    }
}

fn disassociate_vpc(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let association = params.id("AssociationId", IdKind::CidrAssociation)?;
    params.finish()?;
    let (id, block) = model.disassociate_vpc_cidr(caller, &association)?;
    let node = Node::new().text("vpcId", id);
    Ok(match &block {
        Block::V4(block) => node.node("cidrBlockAssociation", v4(block, "disassociating")),
        Block::V6(block) => {
            node.node("ipv6CidrBlockAssociation", vpc_v6(block, &caller.scope.region, "disassociating"))
        }
    })
}

fn associate_subnet(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("SubnetId", IdKind::Subnet)?;
    let cidr = take_v6(&mut params)?.ok_or_else(|| params.missing("Ipv6CidrBlock"))?;
    params.finish()?;
    let block = model.associate_subnet_cidr(caller, &id, cidr)?;
    Ok(Node::new().text("subnetId", id).node("ipv6CidrBlockAssociation", v6(&block, "associating")))
}

/// `Ipv6CidrBlock`
pub fn take_v6(params: &mut Params) -> Result<Option<Ipv6Net>> {
    let bad = |cidr: String| Error::BadCidr { name: "ipv6CidrBlock".into(), value: cidr };
    params.text("Ipv6CidrBlock").map(|cidr| cidr.parse().map_err(|_| bad(cidr))).transpose()
}

fn disassociate_subnet(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let association = params.id("AssociationId", IdKind::SubnetCidrAssociation)?;
    params.finish()?;
    let (id, block) = model.disassociate_subnet_cidr(caller, &association)?;
    Ok(Node::new().text("subnetId", id).node("ipv6CidrBlockAssociation", v6(&block, "disassociating")))
}

fn addresses(params: &mut Params) -> Result<Vec<Ipv6Addr>> {
    let list = params.list("Ipv6Addresses")?;
    let bad = |value| Error::InvalidValue { name: "Ipv6Addresses".into(), value };
    list.into_iter().map(|address| address.parse().map_err(|_| bad(address))).collect()
}

/// A Classic instance has no interface to be named here, so nothing gives it an IPv6 address (M4).
fn assign(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("NetworkInterfaceId", IdKind::NetworkInterface)?;
    let asked = addresses(&mut params)?;
    let count: Option<u32> = params.get("Ipv6AddressCount")?;
    if asked.is_empty() == count.is_none() {
        let why = "The request must contain either Ipv6AddressCount or Ipv6Addresses.".into();
        return Err(Error::Combination { why });
    }
    params.finish()?;
    let new = model.assign_ipv6(caller, &id, &asked, count.unwrap_or(0))?;
    Ok(Node::new().text("networkInterfaceId", id).texts("assignedIpv6Addresses", new))
}

fn unassign(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("NetworkInterfaceId", IdKind::NetworkInterface)?;
    let gone = addresses(&mut params)?;
    if gone.is_empty() {
        return Err(params.missing("Ipv6Addresses"));
    }
    params.finish()?;
    model.unassign_ipv6(caller, &id, &gone)?;
    Ok(Node::new().text("networkInterfaceId", id).texts("unassignedIpv6Addresses", gone))
}
