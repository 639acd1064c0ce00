//! More address blocks for VPCs and subnets: secondary IPv4 ones, and Amazon's IPv6 ones (semantics.md §5.2).
//!
//! IPv6 is a matter of the API only: nothing of it crosses a link (M4), and the dataplane carries IPv4.

use crate::ec2::classic_link::conflicts;
use crate::ec2::vpc_block::{is_block, net};
use crate::{
    Block, Caller, Destination, Error, FormerBlock, IdKind, Ipv6Block, Model, Origin, Result, Route, Subnet, Target,
    Vpc, VpcCidr,
};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::collections::BTreeSet;
use std::net::Ipv6Addr;

/// The blocks that a VPC may have, of IPv4 as well as of IPv6.
const BLOCKS: usize = 5;
/// The prefix lengths that a VPC's IPv6 block may have.
const IPV6_VPCS: [u8; 5] = [44, 48, 52, 56, 60];
/// The prefix lengths that a subnet's IPv6 block may have.
const IPV6_SUBNETS: [u8; 6] = [44, 48, 52, 56, 60, 64];

/// The private ranges of RFC 1918. A VPC's private blocks must be in one of them.
const FAMILIES: [Ipv4Net; 3] = [net(10, 0, 8), net(172, 16, 12), net(192, 168, 16)];
/// The block that cannot be added to any VPC.
const RESERVED: Ipv4Net = net(198, 19, 16);

/// Whether a VPC with these blocks cannot have another one (semantics.md §5.2, the table of families).
fn is_restricted(vpc: &Vpc, cidr: &Ipv4Net) -> bool {
    let family = |net: &Ipv4Net| FAMILIES.iter().position(|family| family.contains(net));
    let other_family = family(cidr).is_some() && family(cidr) != family(&vpc.cidr());
    let low_ten = net(10, 0, 15).contains(&vpc.cidr()) && net(10, 0, 16).contains(cidr);
    let default_vpcs = net(172, 16, 12).contains(&vpc.cidr()) && net(172, 31, 16).contains(cidr);
    other_family || low_ten || default_vpcs || RESERVED.contains(cidr)
}

fn overlap(one: &Ipv4Net, other: &Ipv4Net) -> bool {
    one.contains(other) || other.contains(one)
}

/// An IPv6 block that Amazon has for a VPC: one for every number.
fn amazons_ipv6(number: u32) -> Ipv6Net {
    let [_, a, b, c] = number.to_be_bytes();
    let address = Ipv6Addr::new(0x2600, 0x1f18, u16::from_be_bytes([a, b]), u16::from_be_bytes([c, 0]), 0, 0, 0, 0);
    Ipv6Net::new_assert(address, 56)
}

impl Model {
    /// AssociateVpcCidrBlock, for an IPv4 block.
    pub fn associate_vpc_cidr(&mut self, caller: &Caller, id: &str, cidr: Ipv4Net) -> Result<VpcCidr> {
        let vpc = self.vpcs.find(&caller.scope, id)?;
        // EC2 uses the canonical form of a block.
        let cidr = cidr.trunc();
        self.check_block(vpc, &cidr)?;
        let block = VpcCidr { association: self.new_id(IdKind::CidrAssociation), cidr };
        self.vpcs.find_mut(&caller.scope, id)?.cidrs.push(block.clone());
        self.route_tables.update(|table| table.vpc == id, |table| table.routes.push(Route::local(cidr)));
        Ok(block)
    }

    fn check_block(&self, vpc: &Vpc, cidr: &Ipv4Net) -> Result<()> {
        if vpc.cidrs.len() >= BLOCKS {
            return Err(Error::CidrLimit { vpc: vpc.id.clone(), most: BLOCKS });
        }
        if !is_block(cidr) {
            return Err(Error::VpcRange { cidr: cidr.to_string() });
        }
        // While 10.0.0.0/8 is for linked instances, only blocks are allowed with which the VPC could be enabled.
        let links_range = self.needs_classic_route(vpc) && conflicts(&Route::local(*cidr));
        if is_restricted(vpc, cidr) {
            return Err(Error::RestrictedCidr { cidr: *cidr });
        }
        if links_range {
            return Err(Error::ClassicLinkCidr { cidr: *cidr, vpc: vpc.id.clone() });
        }
        let mut peers =
            self.active_peerings(&vpc.id).filter_map(|peering| self.vpcs.get(&peering.peer_of(&vpc.id)?.vpc));
        if vpc.blocks().any(|own| overlap(&own, cidr)) || peers.any(|peer| peer.blocks().any(|b| overlap(&b, cidr))) {
            return Err(Error::OverlappingCidr { cidr: *cidr });
        }
        let block = Destination::V4(*cidr);
        for table in self.route_tables.by(&vpc.id) {
            let inside = |route: &&Route| !route.is_platforms() && route.destination.within(&block);
            if let Some(route) = table.routes.iter().find(inside) {
                let (route, table) = (route.destination.to_string(), table.id.clone());
                return Err(Error::CidrHoldsRoute { cidr: *cidr, route, table });
            }
        }
        Ok(())
    }

    /// AssociateVpcCidrBlock: an IPv6 block, Amazon's own unless it is one of a pool.
    pub fn associate_vpc_ipv6(&mut self, caller: &Caller, id: &str, of_pool: Option<Ipv6Net>) -> Result<Ipv6Block> {
        let vpc = self.vpcs.find(&caller.scope, id)?;
        if vpc.ipv6.len() >= BLOCKS {
            return Err(Error::CidrLimit { vpc: id.into(), most: BLOCKS });
        }
        let cidr = of_pool.unwrap_or_else(|| amazons_ipv6(self.number()));
        if !IPV6_VPCS.contains(&cidr.prefix_len()) {
            return Err(Error::VpcRange { cidr: cidr.to_string() });
        }
        let association = self.new_id(IdKind::CidrAssociation);
        let block = Ipv6Block { association, cidr, of_pool: of_pool.is_some() };
        self.vpcs.find_mut(&caller.scope, id)?.ipv6.push(block.clone());
        let destination = Destination::V6(cidr);
        let route = Route { destination, target: Target::Local, origin: Origin::CreateRouteTable };
        self.route_tables.update(|table| table.vpc == id, |table| table.routes.push(route.clone()));
        self.allow_ipv6_egress(id);
        Ok(block)
    }

    /// DisassociateVpcCidrBlock. The primary block and one with subnets are refused. Returns the VPC and the block.
    pub fn disassociate_vpc_cidr(&mut self, caller: &Caller, association: &str) -> Result<(String, Block)> {
        let v4 = |vpc: &Vpc| vpc.cidrs.iter().find(|block| block.association == association).cloned().map(Block::V4);
        let v6 = |vpc: &Vpc| vpc.ipv6.iter().find(|block| block.association == association).cloned().map(Block::V6);
        let found = self.vpcs.of(&caller.scope).find_map(|vpc| Some((vpc, v4(vpc).or_else(|| v6(vpc))?)));
        let (vpc, block) =
            found.ok_or_else(|| Error::NotFound { kind: IdKind::CidrAssociation, id: association.into() })?;
        let id = vpc.id.clone();
        if vpc.cidrs.first().is_some_and(|primary| primary.association == association) {
            return Err(Error::PrimaryCidr { association: association.into() });
        }
        let used = self.subnets.by(&id).any(|subnet| match &block {
            Block::V4(block) => subnet.cidr.is_some_and(|cidr| block.cidr.contains(&cidr)),
            Block::V6(block) => subnet.ipv6.as_ref().is_some_and(|part| block.cidr.contains(&part.cidr)),
        });
        if used {
            return Err(Error::CidrInUse { association: association.into() });
        }
        let vpc = self.vpcs.find_mut(&caller.scope, &id)?;
        let destination = match &block {
            Block::V4(block) => {
                vpc.cidrs.retain(|other| other.association != association);
                Destination::V4(block.cidr)
            }
            Block::V6(block) => {
                vpc.ipv6.retain(|other| other.association != association);
                Destination::V6(block.cidr)
            }
        };
        vpc.former.push(FormerBlock { block: block.clone(), since: caller.now });
        self.free_block_of(&id, block.cidr());
        let is_its = |route: &Route| route.is_platforms() && route.destination == destination;
        self.route_tables.update(|table| table.vpc == id, |table| table.routes.retain(|route| !is_its(route)));
        Ok((id, block))
    }

    /// AssociateSubnetCidrBlock: a part of an IPv6 block of the VPC.
    pub fn associate_subnet_cidr(&mut self, caller: &Caller, id: &str, cidr: Ipv6Net) -> Result<Ipv6Block> {
        let subnet = self.subnets.find(&caller.scope, id)?;
        if subnet.ipv6.is_some() {
            return Err(Error::CidrLimit { vpc: subnet.vpc.clone(), most: 1 });
        }
        let mut wholes = self.vpc_of(&subnet.vpc)?.ipv6.iter();
        let is_sized = IPV6_SUBNETS.contains(&cidr.prefix_len()) && cidr.trunc() == cidr;
        if !is_sized || !wholes.any(|block| block.cidr.contains(&cidr)) {
            return Err(Error::SubnetRange { cidr: cidr.to_string() });
        }
        let overlaps = |own: &Ipv6Net| own.contains(&cidr) || cidr.contains(own);
        let is_taken = |other: &Subnet| other.ipv6.as_ref().is_some_and(|block| overlaps(&block.cidr));
        if self.subnets.by(&subnet.vpc).any(is_taken) {
            return Err(Error::Ipv6SubnetConflict { cidr });
        }
        let block = Ipv6Block { association: self.new_id(IdKind::SubnetCidrAssociation), cidr, of_pool: false };
        self.subnets.find_mut(&caller.scope, id)?.ipv6 = Some(block.clone());
        Ok(block)
    }

    /// DisassociateSubnetCidrBlock. A block with addresses or prefixes of interfaces, and the only block of a subnet, are refused.
    /// Returns the subnet and the block.
    pub fn disassociate_subnet_cidr(&mut self, caller: &Caller, association: &str) -> Result<(String, Ipv6Block)> {
        let has = |subnet: &Subnet| subnet.ipv6.clone().filter(|block| block.association == association);
        let found = self.subnets.of(&caller.scope).find_map(|subnet| Some((subnet, has(subnet)?)));
        let missing = || Error::NotFound { kind: IdKind::SubnetCidrAssociation, id: association.into() };
        let (subnet, block) = found.ok_or_else(missing)?;
        let id = subnet.id.clone();
        let is_used = self.network_interfaces.by(&id).any(|eni| !eni.ipv6.is_empty() || !eni.ipv6_prefixes.is_empty());
        if subnet.cidr.is_none() || is_used {
            return Err(Error::CidrInUse { association: association.into() });
        }
        let subnet = self.subnets.find_mut(&caller.scope, &id)?;
        subnet.ipv6 = None;
        subnet.former.push(FormerBlock { block: Block::V6(block.clone()), since: caller.now });
        self.free_block_of(&id, IpNet::V6(block.cidr));
        Ok((id, block))
    }

    /// AssignIpv6Addresses: assigns named addresses, or a number of the subnet's. Returns the new ones.
    pub fn assign_ipv6(&mut self, caller: &Caller, id: &str, asked: &[Ipv6Addr], count: u32) -> Result<Vec<Ipv6Addr>> {
        let subnet = self.network_interfaces.find(&caller.scope, id)?.subnet.clone();
        let block = self.subnets.find(&caller.scope, &subnet)?.ipv6.as_ref().map(|block| block.cidr);
        let block = block.ok_or_else(|| Error::NoIpv6InSubnet { subnet: subnet.clone() })?;
        let inside = self.network_interfaces.by(&subnet);
        let mut taken: BTreeSet<Ipv6Addr> = inside.flat_map(|eni| eni.ipv6.iter().copied()).collect();
        let in_prefix = |address: &Ipv6Addr| {
            let mut others = self.network_interfaces.by(&subnet).flat_map(|eni| &eni.ipv6_prefixes);
            others.any(|prefix| prefix.contains(address))
        };
        for address in asked {
            if !block.contains(address) || in_prefix(address) || !taken.insert(*address) {
                return Err(Error::Ipv6Address { address: *address, subnet });
            }
        }
        let first = u128::from(block.network());
        let mut free = (4u128..).map(|n| Ipv6Addr::from(first + n)).filter(|address| !taken.contains(address));
        let mut new = asked.to_vec();
        new.extend(free.by_ref().take(count.min(256) as usize));
        self.network_interfaces.find_mut(&caller.scope, id)?.ipv6.extend(new.iter().copied());
        Ok(new)
    }

    /// UnassignIpv6Addresses.
    pub fn unassign_ipv6(&mut self, caller: &Caller, id: &str, gone: &[Ipv6Addr]) -> Result<()> {
        let interface = self.network_interfaces.find(&caller.scope, id)?;
        if let Some(address) = gone.iter().find(|address| !interface.ipv6.contains(address)) {
            return Err(Error::Ipv6Address { address: *address, subnet: interface.subnet.clone() });
        }
        self.network_interfaces.find_mut(&caller.scope, id)?.ipv6.retain(|address| !gone.contains(address));
        Ok(())
    }
}
