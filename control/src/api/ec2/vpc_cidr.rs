//! Address blocks of VPCs and subnets, and IPv6 addresses of interfaces.

use super::cidr::address;
use super::ipam_allocation::{NewBlock, SaidOfBlock};
use super::private_address::prefixes;
use super::{count, text};
use crate::api::action::{Actions, Change};
use ipnet::Ipv6Net;
use model::{Block, Caller, Error, FormerBlock, Ipv6Block, Ipv6PrefixWish, Model, Result, Subnet, Vpc, VpcCidr};
use shapes::{List, ec2};
use std::net::Ipv6Addr;

pub fn actions(all: Actions) -> Actions {
    all.write(associate_vpc)
        .write(disassociate_vpc)
        .write(associate_subnet)
        .write(disassociate_subnet)
        .write(assign)
        .write(unassign)
}

/// An IPv6 block of a VPC.
pub enum VpcIpv6 {
    /// One that Amazon chooses.
    Amazons,
    /// One of a pool.
    OfPool(NewBlock<Ipv6Net>),
}

impl VpcIpv6 {
    /// Reads what a request says. A block without a pool would be one that its owner has brought, which nobody has here.
    pub fn read(model: &Model, caller: &Caller, amazons: Option<bool>, said: SaidOfBlock) -> Result<Option<VpcIpv6>> {
        if said.cidr.is_some() && said.pool.is_none() {
            return Err(Error::missing("Ipv6Pool"));
        }
        let of_pool = said.v6(|pool, wish| model.block_for_vpc(caller, pool, wish))?;
        match (amazons == Some(true), of_pool) {
            (true, Some(_)) => Err(Error::OneBlockAtATime {}),
            (true, None) => Ok(Some(VpcIpv6::Amazons)),
            (false, of_pool) => Ok(of_pool.map(VpcIpv6::OfPool)),
        }
    }

    /// Gives it to a VPC.
    pub fn associate(self, model: &mut Model, caller: &Caller, vpc: &str) -> Result<Ipv6Block> {
        let VpcIpv6::OfPool(new) = self else { return model.associate_vpc_ipv6(caller, vpc, None) };
        let block = model.associate_vpc_ipv6(caller, vpc, Some(new.cidr))?;
        new.keep(model, caller, vpc);
        Ok(block)
    }
}

fn block_state(state: &str) -> Option<ec2::VpcCidrBlockState> {
    Some(ec2::VpcCidrBlockState { state: text(state), status_message: None })
}

/// An IPv4 block of a VPC.
fn v4(block: &VpcCidr, state: &str) -> ec2::VpcCidrBlockAssociation {
    ec2::VpcCidrBlockAssociation {
        association_id: text(&block.association),
        cidr_block: text(block.cidr),
        cidr_block_state: block_state(state),
    }
}

/// An IPv6 block of a VPC.
fn vpc_v6(block: &Ipv6Block, region: &str, state: &str) -> ec2::VpcIpv6CidrBlockAssociation {
    let is_private = block.cidr.addr().is_unique_local();
    ec2::VpcIpv6CidrBlockAssociation {
        association_id: text(&block.association),
        ipv6_cidr_block: text(block.cidr),
        ipv6_cidr_block_state: block_state(state),
        network_border_group: text(region),
        ipv6_pool: text(if block.of_pool { "IPAM Managed" } else { "Amazon" }),
        ipv6_address_attribute: text(if is_private { "private" } else { "public" }),
        ip_source: text(if is_private { "none" } else { "amazon" }),
    }
}

/// The IPv4 blocks of a VPC, and those that it had.
pub fn v4_of_vpc(vpc: &Vpc) -> List<ec2::VpcCidrBlockAssociation> {
    let former = vpc.former.iter().filter_map(|former| match &former.block {
        Block::V4(block) => Some(v4(block, "disassociated")),
        Block::V6(_) => None,
    });
    vpc.cidrs.iter().map(|block| v4(block, "associated")).chain(former).collect()
}

/// The IPv6 blocks that a VPC had, and those that it has, in this order.
pub fn v6_of_vpc(vpc: &Vpc) -> List<ec2::VpcIpv6CidrBlockAssociation> {
    let region = &vpc.scope.region;
    let former = former_v6(&vpc.former).map(|block| vpc_v6(block, region, "disassociated"));
    former.chain(vpc.ipv6.iter().map(|block| vpc_v6(block, region, "associated"))).collect()
}

/// The IPv6 blocks that a subnet had, and the one that it has, in this order.
pub fn v6_of_subnet(subnet: &Subnet) -> List<ec2::SubnetIpv6CidrBlockAssociation> {
    let former = former_v6(&subnet.former).map(|block| subnet_v6(block, "disassociated"));
    former.chain(subnet.ipv6.iter().map(|block| subnet_v6(block, "associated"))).collect()
}

fn former_v6(former: &[FormerBlock]) -> impl Iterator<Item = &Ipv6Block> {
    former.iter().filter_map(|former| match &former.block {
        Block::V6(block) => Some(block),
        Block::V4(_) => None,
    })
}

/// An IPv6 block of a subnet.
fn subnet_v6(block: &Ipv6Block, state: &str) -> ec2::SubnetIpv6CidrBlockAssociation {
    ec2::SubnetIpv6CidrBlockAssociation {
        association_id: text(&block.association),
        ipv6_cidr_block: text(block.cidr),
        ipv6_cidr_block_state: Some(ec2::SubnetCidrBlockState { state: text(state), status_message: None }),
        ipv6_address_attribute: text("public"),
        ip_source: text("amazon"),
    }
}

fn associate_vpc(
    Change { model, caller }: Change,
    input: ec2::AssociateVpcCidrBlockRequest,
) -> Result<ec2::AssociateVpcCidrBlockResult> {
    let ec2::AssociateVpcCidrBlockRequest {
        vpc_id,
        cidr_block,
        amazon_provided_ipv6_cidr_block,
        ipv4_ipam_pool_id,
        ipv4_netmask_length,
        ipv6_cidr_block,
        ipv6_ipam_pool_id,
        ipv6_netmask_length,
    } = input;
    let told = ec2::AssociateVpcCidrBlockResult { vpc_id: text(&vpc_id), ..Default::default() };
    let said = SaidOfBlock { cidr: cidr_block, pool: ipv4_ipam_pool_id, length: ipv4_netmask_length };
    let ipv4 = said.v4(|pool, wish| model.block_for_vpc(caller, pool, wish))?;
    let said = SaidOfBlock { cidr: ipv6_cidr_block, pool: ipv6_ipam_pool_id, length: ipv6_netmask_length };
    let ipv6 = VpcIpv6::read(model, caller, amazon_provided_ipv6_cidr_block, said)?;
    match (ipv4, ipv6) {
        (Some(new), None) => {
            let block = model.associate_vpc_cidr(caller, &vpc_id, new.cidr)?;
            new.keep(model, caller, &vpc_id);
            let cidr_block_association = Some(v4(&block, "associating"));
            Ok(ec2::AssociateVpcCidrBlockResult { cidr_block_association, ..told })
        }
        (None, Some(new)) => {
            let block = new.associate(model, caller, &vpc_id)?;
            let ipv6_cidr_block_association = Some(vpc_v6(&block, &caller.scope.region, "associating"));
            Ok(ec2::AssociateVpcCidrBlockResult { ipv6_cidr_block_association, ..told })
        }
        (None, None) => Err(Error::missing("CidrBlock or AmazonProvidedIpv6CidrBlock")),
        (Some(_), Some(_)) => Err(Error::OneBlockAtATime {}),
    }
}

fn disassociate_vpc(
    cx: Change,
    input: ec2::DisassociateVpcCidrBlockRequest,
) -> Result<ec2::DisassociateVpcCidrBlockResult> {
    let (id, block) = cx.model.disassociate_vpc_cidr(cx.caller, &input.association_id)?;
    let told = ec2::DisassociateVpcCidrBlockResult { vpc_id: text(id), ..Default::default() };
    Ok(match &block {
        Block::V4(block) => {
            let cidr_block_association = Some(v4(block, "disassociating"));
            ec2::DisassociateVpcCidrBlockResult { cidr_block_association, ..told }
        }
        Block::V6(block) => {
            let ipv6_cidr_block_association = Some(vpc_v6(block, &cx.caller.scope.region, "disassociating"));
            ec2::DisassociateVpcCidrBlockResult { ipv6_cidr_block_association, ..told }
        }
    })
}

fn associate_subnet(
    Change { model, caller }: Change,
    input: ec2::AssociateSubnetCidrBlockRequest,
) -> Result<ec2::AssociateSubnetCidrBlockResult> {
    let ec2::AssociateSubnetCidrBlockRequest { subnet_id, ipv6_cidr_block, ipv6_ipam_pool_id, ipv6_netmask_length } =
        input;
    let said = SaidOfBlock { cidr: ipv6_cidr_block, pool: ipv6_ipam_pool_id, length: ipv6_netmask_length };
    let vpc = &model.subnets.find(&caller.scope, &subnet_id)?.vpc;
    let new = said.v6(|pool, wish| model.block_for_subnet(caller, vpc, pool, wish))?;
    let new = new.ok_or_else(|| Error::missing("Ipv6CidrBlock"))?;
    let block = model.associate_subnet_cidr(caller, &subnet_id, new.cidr)?;
    new.keep(model, caller, &subnet_id);
    Ok(ec2::AssociateSubnetCidrBlockResult {
        subnet_id: Some(subnet_id),
        ipv6_cidr_block_association: Some(subnet_v6(&block, "associating")),
    })
}

fn disassociate_subnet(
    cx: Change,
    input: ec2::DisassociateSubnetCidrBlockRequest,
) -> Result<ec2::DisassociateSubnetCidrBlockResult> {
    let (id, block) = cx.model.disassociate_subnet_cidr(cx.caller, &input.association_id)?;
    Ok(ec2::DisassociateSubnetCidrBlockResult {
        subnet_id: Some(id),
        ipv6_cidr_block_association: Some(subnet_v6(&block, "disassociating")),
    })
}

/// The IPv6 prefixes that a request asks for.
pub fn ipv6_prefix_wish(named: &[String], count: Option<i32>) -> Result<Ipv6PrefixWish> {
    let (named, count) = prefixes(["Ipv6Prefix", "Ipv6PrefixCount"], named, count)?;
    Ok(Ipv6PrefixWish { named, count })
}

fn addresses(list: &[String]) -> Result<Vec<Ipv6Addr>> {
    list.iter().map(|one| address("Ipv6Addresses", one)).collect()
}

/// A Classic instance has no interface to be named here, so nothing gives it an IPv6 address (M4).
fn assign(cx: Change, input: ec2::AssignIpv6AddressesRequest) -> Result<ec2::AssignIpv6AddressesResult> {
    let ec2::AssignIpv6AddressesRequest {
        network_interface_id,
        ipv6_addresses,
        ipv6_address_count,
        ipv6_prefixes,
        ipv6_prefix_count,
    } = input;
    let prefixes = ipv6_prefix_wish(&ipv6_prefixes, ipv6_prefix_count)?;
    match (ipv6_addresses.is_empty(), ipv6_address_count.is_none()) {
        (true, true) if prefixes.is_empty() => return Err(Error::CountOrAddresses {}),
        (false, false) => return Err(Error::CountOrAddresses {}),
        _ => {}
    }
    let count = count("Ipv6AddressCount", ipv6_address_count.unwrap_or(0))?;
    let new = cx.model.assign_ipv6(cx.caller, &network_interface_id, &addresses(&ipv6_addresses)?, count)?;
    let prefixes = cx.model.assign_ipv6_prefixes(cx.caller, &network_interface_id, &prefixes)?;
    Ok(ec2::AssignIpv6AddressesResult {
        network_interface_id: Some(network_interface_id),
        assigned_ipv6_addresses: new.iter().map(ToString::to_string).collect(),
        assigned_ipv6_prefixes: prefixes.iter().map(ToString::to_string).collect::<List<_>>().unless_empty(),
    })
}

fn unassign(cx: Change, input: ec2::UnassignIpv6AddressesRequest) -> Result<ec2::UnassignIpv6AddressesResult> {
    let ec2::UnassignIpv6AddressesRequest { network_interface_id, ipv6_addresses, ipv6_prefixes } = input;
    if ipv6_addresses.is_empty() && ipv6_prefixes.is_empty() {
        return Err(Error::missing("Ipv6Addresses"));
    }
    let gone = ipv6_prefix_wish(&ipv6_prefixes, None)?.named;
    cx.model.unassign_ipv6_prefixes(cx.caller, &network_interface_id, &gone)?;
    cx.model.unassign_ipv6(cx.caller, &network_interface_id, &addresses(&ipv6_addresses)?)?;
    Ok(ec2::UnassignIpv6AddressesResult {
        network_interface_id: Some(network_interface_id),
        unassigned_ipv6_addresses: ipv6_addresses,
        unassigned_ipv6_prefixes: ipv6_prefixes,
    })
}
