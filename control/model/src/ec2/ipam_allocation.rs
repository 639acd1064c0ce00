//! Allocations of IPAM pools: blocks that are in use.

use crate::collection::resource;
use crate::ec2::ipam_block::first_free;
use crate::{BlockWish, Caller, Error, IdKind, IpamPool, Model, Result, Scope, Tags, is_public, tags};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr};

/// An allocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpamAllocation {
    /// `ipam-pool-alloc-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The pool.
    pub pool: String,
    /// The block.
    pub cidr: IpNet,
    /// Its description.
    pub description: Option<String>,
    /// The VPC, subnet, Elastic IP address or pool that uses it. `None` for a manual allocation.
    pub resource: Option<String>,
}

resource!(IpamAllocation, IdKind::IpamPoolAllocation, |row| {
    [Some(&row.pool), row.resource.as_ref()].into_iter().flatten().cloned().collect()
});

fn block_of(address: Ipv4Addr) -> IpNet {
    IpNet::from(IpAddr::V4(address))
}

impl Model {
    /// The free block of a pool for a wish.
    pub fn free_block(&self, pool: &IpamPool, wish: &BlockWish) -> Result<IpNet> {
        let allocated = self.ipam_allocations.by(&pool.id).filter(|row| row.pool == pool.id).map(|row| row.cidr);
        let mut taken: Vec<IpNet> = allocated.chain(wish.without.iter().copied()).collect();
        taken.sort_by_key(IpNet::network);
        let is_in_pool = |cidr: &IpNet| pool.cidrs.iter().any(|own| own.cidr.contains(cidr));
        let (wholes, length): (Vec<IpNet>, u8) = match (wish.cidr, wish.length) {
            (Some(_), Some(_)) => return Err(Error::BlockOrLength {}),
            (Some(cidr), None) if !is_in_pool(&cidr) => return Err(Error::OutsidePool { cidr }),
            (Some(cidr), None) => (vec![cidr.trunc()], cidr.prefix_len()),
            (None, length) => {
                let length = length.or(pool.form.rules.usual).ok_or(Error::NoAllocationSize {})?;
                let own = pool.cidrs.iter().map(|own| own.cidr);
                let within = wish.within.iter().copied().filter(is_in_pool);
                (if wish.within.is_empty() { own.collect() } else { within.collect() }, length)
            }
        };
        if !pool.form.rules.allow(length) {
            return Err(Error::AllocationSize { length });
        }
        let free = wholes.iter().find_map(|whole| first_free(whole, length, &taken));
        free.ok_or_else(|| wish.cidr.map_or(Error::PoolFull {}, |cidr| Error::PoolBlockTaken { cidr }))
    }

    /// AllocateIpamPoolCidr: allocates a block manually. Returns the id.
    pub fn allocate_block(
        &mut self,
        caller: &Caller,
        pool: &str,
        wish: &BlockWish,
        description: Option<String>,
        tags: Tags,
    ) -> Result<String> {
        tags::check(&tags)?;
        let pool = self.pool_for(caller, pool)?;
        let (cidr, pool) = (self.free_block(pool, wish)?, pool.id.clone());
        let id = self.keep_allocation(caller, &pool, cidr, None);
        if let Some(row) = self.ipam_allocations.get_mut(&id) {
            (row.description, row.tags) = (description, tags);
        }
        Ok(id)
    }

    /// Adds an allocation for a resource, or a manual one. Returns the id.
    pub fn keep_allocation(&mut self, caller: &Caller, pool: &str, cidr: IpNet, resource: Option<String>) -> String {
        let id = self.new_id(IdKind::IpamPoolAllocation);
        let (scope, pool, tags) = (caller.scope.clone(), pool.to_owned(), Tags::new());
        self.ipam_allocations.insert(IpamAllocation {
            id: id.clone(),
            scope,
            tags,
            pool,
            cidr,
            description: None,
            resource,
        });
        id
    }

    /// ReleaseIpamPoolAllocation, for a manual allocation.
    pub fn release_block(&mut self, caller: &Caller, pool: &str, cidr: IpNet, id: &str) -> Result<()> {
        let pool = &self.pool_for(caller, pool)?.id;
        let found = self.ipam_allocations.get(id).filter(|row| row.pool == *pool && row.cidr == cidr);
        let row = found.ok_or_else(|| Error::NotFound { kind: IdKind::IpamPoolAllocation, id: id.to_owned() })?;
        if let Some(resource) = &row.resource {
            return Err(Error::AllocationOfResource { resource: resource.clone() });
        }
        self.ipam_allocations.remove(id);
        Ok(())
    }

    /// Releases all allocations of a VPC, a subnet or an Elastic IP address.
    pub(crate) fn free_blocks_of(&mut self, resource: &str) {
        let ids: Vec<String> = self.ipam_allocations.by(resource).map(|row| row.id.clone()).collect();
        for id in ids {
            self.ipam_allocations.remove(&id);
        }
    }

    /// Releases the allocation of one block of a VPC or a subnet.
    pub(crate) fn free_block_of(&mut self, resource: &str, cidr: IpNet) {
        let found = self.ipam_allocations.by(resource).find(|row| row.cidr == cidr);
        if let Some(id) = found.map(|row| row.id.clone()) {
            self.ipam_allocations.remove(&id);
        }
    }

    /// The block that a pool of a Region has for a VPC there.
    pub fn block_for_vpc(&self, caller: &Caller, pool: &str, wish: &BlockWish) -> Result<IpNet> {
        let pool = self.pool_for(caller, pool)?;
        self.block_if(pool.is_for_vpcs_of(&caller.scope.region), pool, wish)
    }

    /// The block that a VPC's pool has for a subnet.
    pub fn block_for_subnet(&self, caller: &Caller, vpc: &str, pool: &str, wish: &BlockWish) -> Result<IpNet> {
        let pool = self.pool_for(caller, pool)?;
        self.block_if(pool.form.vpc.as_deref() == Some(vpc), pool, wish)
    }

    /// The address that a public pool of a Region has for an Elastic IP address there: this one, or the next.
    pub(crate) fn address_of_pool(&self, caller: &Caller, pool: &str, asked: Option<Ipv4Addr>) -> Result<Ipv4Addr> {
        let pool = self.pool_for(caller, pool)?;
        let is_usable = self.is_public_pool(pool) && pool.is_for_vpcs_of(&caller.scope.region);
        let in_pool = |block: &IpNet| pool.cidrs.iter().any(|own| own.cidr.contains(block));
        let wish = match asked {
            Some(address) => BlockWish { cidr: Some(block_of(address)), ..BlockWish::default() },
            // Addresses that the pool did not allocate can be in use, too.
            None => {
                let without = self.public_addresses().map(block_of).filter(in_pool).collect();
                BlockWish { length: Some(32), without, ..BlockWish::default() }
            }
        };
        match self.block_if(is_usable, pool, &wish)?.addr() {
            IpAddr::V4(address) if self.has_public_address(address) => Err(Error::AddressInUse { address }),
            IpAddr::V4(address) if is_public(address) => Ok(address),
            _ => Err(Error::UnusablePool { id: pool.id.clone() }),
        }
    }

    fn block_if(&self, is_usable: bool, pool: &IpamPool, wish: &BlockWish) -> Result<IpNet> {
        if is_usable { self.free_block(pool, wish) } else { Err(Error::UnusablePool { id: pool.id.clone() }) }
    }
}
