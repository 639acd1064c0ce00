//! The resources that an IPAM monitors: the blocks of VPCs and subnets, and Elastic IP addresses.

use crate::{ElasticAddress, Ipam, IpamPool, IpamScope, Model, Scope, Subnet, Tags, Vpc};
use ipnet::{IpNet, Ipv4Net};

/// A block of a resource.
pub struct IpamResource<'m> {
    /// `vpc`, `subnet` or `eip`.
    pub kind: &'static str,
    /// The resource's id.
    pub id: &'m str,
    /// Its account and Region.
    pub scope: &'m Scope,
    /// Its tags.
    pub tags: &'m Tags,
    /// The block.
    pub cidr: IpNet,
    /// Its VPC.
    pub vpc: Option<&'m str>,
    /// Its Availability Zone.
    pub zone: Option<&'m str>,
    /// The pool of the block.
    pub pool: Option<&'m IpamPool>,
    /// The part of it that is in use.
    pub usage: f64,
    /// Whether it overlaps a block of another VPC.
    pub overlaps: bool,
}

/// The number of addresses in a block of a VPC.
fn size(block: &Ipv4Net) -> f64 {
    2f64.powi(32 - i32::from(block.prefix_len()))
}

impl Model {
    /// The blocks in an IPAM scope. Blocks without a pool are in the default scopes.
    pub fn resources_of_ipam_scope<'m>(&'m self, scope: &'m IpamScope) -> Vec<IpamResource<'m>> {
        let Some(ipam) = self.ipams.get(&scope.ipam) else { return Vec::new() };
        let is_here =
            |found: &IpamResource<'_>| found.pool.map_or(scope.default, |pool| pool.form.ipam_scope == scope.id);
        let mut all: Vec<IpamResource<'m>> = if scope.public {
            self.elastic_addresses.iter().filter(|row| knows(ipam, &row.scope)).map(of_address).collect()
        } else {
            let vpcs = || self.vpcs.iter().filter(move |vpc| knows(ipam, &vpc.scope));
            let of_vpcs = vpcs().flat_map(|vpc| vpc.blocks().map(move |block| self.of_vpc(ipam, vpc, block)));
            let subnets = vpcs().flat_map(|vpc| self.subnets.by(&vpc.id));
            of_vpcs.chain(subnets.filter_map(|subnet| self.of_subnet(ipam, subnet))).collect()
        };
        all.retain(is_here);
        all
    }

    fn of_vpc<'m>(&'m self, ipam: &Ipam, vpc: &'m Vpc, block: Ipv4Net) -> IpamResource<'m> {
        let subnets = self.subnets.by(&vpc.id).filter_map(|subnet| subnet.cidr);
        // The sum of no floats is -0.
        let used = subnets.filter(|cidr| block.contains(cidr)).fold(0.0, |sum, cidr| sum + size(&cidr));
        IpamResource {
            kind: "vpc",
            id: &vpc.id,
            scope: &vpc.scope,
            tags: &vpc.tags,
            cidr: IpNet::V4(block),
            vpc: Some(&vpc.id),
            zone: None,
            pool: self.pool_of_block(&vpc.id, block),
            usage: used / size(&block),
            overlaps: self.other_vpc_has(ipam, &vpc.id, &block),
        }
    }

    fn of_subnet<'m>(&'m self, ipam: &Ipam, subnet: &'m Subnet) -> Option<IpamResource<'m>> {
        let block = subnet.cidr?;
        let free = u32::try_from(self.free_addresses(subnet)).ok()?;
        Some(IpamResource {
            kind: "subnet",
            id: &subnet.id,
            scope: &subnet.scope,
            tags: &subnet.tags,
            cidr: IpNet::V4(block),
            vpc: Some(&subnet.vpc),
            zone: Some(&subnet.zone),
            pool: self.pool_of_block(&subnet.id, block),
            usage: 1.0 - f64::from(free) / size(&block),
            overlaps: self.other_vpc_has(ipam, &subnet.vpc, &block),
        })
    }

    fn pool_of_block(&self, resource: &str, block: Ipv4Net) -> Option<&IpamPool> {
        let allocation = self.ipam_allocations.by(resource).find(|row| row.cidr == IpNet::V4(block))?;
        self.ipam_pools.get(&allocation.pool)
    }

    fn other_vpc_has(&self, ipam: &Ipam, own: &str, block: &Ipv4Net) -> bool {
        let mut others = self.vpcs.iter().filter(|vpc| vpc.id != own && knows(ipam, &vpc.scope));
        others.any(|vpc| vpc.blocks().any(|other| other.contains(block) || block.contains(&other)))
    }
}

/// Whether an IPAM monitors an account and Region.
fn knows(ipam: &Ipam, place: &Scope) -> bool {
    place.account == ipam.scope.account && ipam.regions.contains(&place.region)
}

fn of_address(address: &ElasticAddress) -> IpamResource<'_> {
    IpamResource {
        kind: "eip",
        id: &address.id,
        scope: &address.scope,
        tags: &address.tags,
        cidr: IpNet::from(std::net::IpAddr::V4(address.address)),
        vpc: None,
        zone: None,
        pool: None,
        usage: 1.0,
        overlaps: false,
    }
}
