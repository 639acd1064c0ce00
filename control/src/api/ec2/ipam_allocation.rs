//! Blocks out of IPAM pools: for what a request makes, and for what is not in the cloud.

use super::cidr::cidr;
use super::ipam_pool::wish;
use super::listing::{Attributes, each, one};
use super::{tags, text, token};
use crate::api::action::{Actions, Change, View};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use model::{BlockWish, Caller, Error, IdKind, IpamAllocation, Model, Result};
use shapes::ec2;
use std::str::FromStr;

pub fn actions(all: Actions) -> Actions {
    all.write(allocate).write(release).read(describe)
}

static ATTRIBUTES: Attributes<IpamAllocation> = Attributes(&[
    ("cidr", |_, row| one(row.cidr)),
    ("description", |_, row| each(&row.description)),
    ("ipam-pool-allocation-id", |_, row| one(&row.id)),
    ("resource-id", |_, row| each(&row.resource)),
    ("resource-owner", |_, row| one(&row.scope.account)),
    ("resource-region", |_, row| one(&row.scope.region)),
    ("resource-type", |_, row| one(resource_type(row))),
]);

/// The block of something new: one that the request names, or one of a pool.
pub struct NewBlock<N> {
    /// The block.
    pub cidr: N,
    pool: Option<String>,
}

/// The parameters of a block of either family.
pub struct SaidOfBlock {
    /// The block.
    pub cidr: Option<String>,
    /// The pool that it is of.
    pub pool: Option<String>,
    /// Its prefix length.
    pub length: Option<i32>,
}

impl SaidOfBlock {
    /// The IPv4 block that is wanted, if one is. `of_pool` finds a block of a pool.
    pub fn v4(self, of_pool: impl FnOnce(&str, &BlockWish) -> Result<IpNet>) -> Result<Option<NewBlock<Ipv4Net>>> {
        let block = |block| if let IpNet::V4(block) = block { Some(block) } else { None };
        self.read(["cidrBlock", "Ipv4IpamPoolId"], of_pool, block)
    }

    /// The IPv6 block that is wanted, if one is.
    pub fn v6(self, of_pool: impl FnOnce(&str, &BlockWish) -> Result<IpNet>) -> Result<Option<NewBlock<Ipv6Net>>> {
        let block = |block| if let IpNet::V6(block) = block { Some(block) } else { None };
        self.read(["ipv6CidrBlock", "Ipv6IpamPoolId"], of_pool, block)
    }

    fn read<N: FromStr>(
        self,
        [block_name, pool_name]: [&str; 2],
        of_pool: impl FnOnce(&str, &BlockWish) -> Result<IpNet>,
        of_family: impl FnOnce(IpNet) -> Option<N>,
    ) -> Result<Option<NewBlock<N>>> {
        let SaidOfBlock { cidr: block, pool, length } = self;
        let cidr = match (&pool, block, length) {
            (Some(pool), block, length) => {
                let block = of_pool(pool, &wish(block.as_deref(), length)?)?;
                of_family(block).ok_or_else(|| Error::UnusablePool { id: pool.clone() })?
            }
            (None, _, Some(_)) => return Err(Error::missing(pool_name)),
            (None, Some(block), None) => cidr(block_name, &block)?,
            (None, None, None) => return Ok(None),
        };
        Ok(Some(NewBlock { cidr, pool }))
    }
}

impl<N: Into<IpNet>> NewBlock<N> {
    /// Notes that a resource has the block of its pool.
    pub fn keep(self, model: &mut Model, caller: &Caller, resource: &str) {
        if let Some(pool) = self.pool {
            model.keep_allocation(caller, &pool, self.cidr.into(), Some(resource.to_owned()));
        }
    }
}

fn resource_type(row: &IpamAllocation) -> String {
    match row.resource.as_deref().and_then(IdKind::of) {
        None => "custom".to_owned(),
        Some(IdKind::Allocation) => "eip".to_owned(),
        Some(kind) => kind.resource_type(),
    }
}

fn shown(row: &IpamAllocation) -> ec2::IpamPoolAllocation {
    ec2::IpamPoolAllocation {
        cidr: text(row.cidr),
        ipam_pool_allocation_id: text(&row.id),
        description: row.description.clone(),
        resource_id: row.resource.clone(),
        resource_type: text(resource_type(row)),
        resource_region: row.resource.as_ref().map(|_| row.scope.region.clone()),
        resource_owner: text(&row.scope.account),
        tags: tags::shown(&row.tags),
    }
}

fn allocate(
    Change { model, caller }: Change,
    input: ec2::AllocateIpamPoolCidrRequest,
) -> Result<ec2::IpamPoolAllocation> {
    let ec2::AllocateIpamPoolCidrRequest {
        ipam_pool_id,
        cidr: block,
        netmask_length,
        client_token,
        description,
        preview_next_cidr,
        allowed_cidrs,
        disallowed_cidrs,
        tag_specifications,
    } = input;
    let within = allowed_cidrs.iter().map(|block| cidr("AllowedCidr", block)).collect::<Result<_>>()?;
    let without = disallowed_cidrs.iter().map(|block| cidr("DisallowedCidr", block)).collect::<Result<_>>()?;
    let wish = BlockWish { within, without, ..wish(block.as_deref(), netmask_length)? };
    if preview_next_cidr == Some(true) {
        let next = model.free_block(model.pool_for(caller, &ipam_pool_id)?, &wish)?;
        return Ok(ec2::IpamPoolAllocation { cidr: text(next), ..Default::default() });
    }
    let tags = tags::of(tag_specifications, "ipam-pool-allocation")?;
    let id = model.once(caller, "AllocateIpamPoolCidr", token(&client_token), |model| {
        model.allocate_block(caller, &ipam_pool_id, &wish, description, tags)
    })?;
    Ok(shown(model.ipam_allocations.find(&caller.scope, &id)?))
}

fn release(cx: Change, input: ec2::ReleaseIpamPoolAllocationRequest) -> Result<bool> {
    let ec2::ReleaseIpamPoolAllocationRequest { ipam_pool_id, cidr: block, ipam_pool_allocation_id } = input;
    cx.model.release_block(cx.caller, &ipam_pool_id, cidr("Cidr", &block)?, &ipam_pool_allocation_id)?;
    Ok(true)
}

fn describe(cx: View, input: ec2::GetIpamPoolAllocationsRequest) -> Result<ec2::GetIpamPoolAllocationsResult> {
    let ec2::GetIpamPoolAllocationsRequest { ipam_pool_id, ipam_pool_allocation_id, filters, page } = input;
    let pool = &cx.model.pool_for(cx.caller, &ipam_pool_id)?.id;
    let rows = cx.model.ipam_allocations.by(pool).filter(|row| row.pool == *pool);
    let ids: Vec<String> = ipam_pool_allocation_id.into_iter().collect();
    let (rows, next_token) = ATTRIBUTES.page(cx.model, rows, &ids, &filters, &page)?;
    let ipam_pool_allocations = rows.into_iter().map(shown).collect();
    Ok(ec2::GetIpamPoolAllocationsResult { ipam_pool_allocations, next_token })
}
