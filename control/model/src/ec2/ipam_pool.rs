//! IPAM pools: blocks of addresses for VPCs, subnets and other pools.

use crate::collection::resource;
use crate::ec2::ipam_block::first_free;
use crate::words::words;
use crate::{BlockWish, Caller, Error, IdKind, Model, Result, Scope, Tags, tags};
use ipnet::{IpNet, Ipv6Net};
use serde::{Deserialize, Serialize};
use std::net::Ipv6Addr;

words! {
    /// The address family of a pool.
    IpFamily { V4 "ipv4", V6 "ipv6" }
}

impl IpFamily {
    /// The family of a block.
    pub fn of(block: &IpNet) -> IpFamily {
        match block {
            IpNet::V4(_) => IpFamily::V4,
            IpNet::V6(_) => IpFamily::V6,
        }
    }
}

/// The greatest depth of pools ("Quotas for your IPAM", Amazon VPC IPAM User Guide).
const DEEPEST: u32 = 10;

/// The block from which Amazon provides IPv6 blocks.
const AMAZONS_IPV6: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2600, 0xf000, 0, 0, 0, 0, 0, 0), 24);

/// The allocation rules of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocationRules {
    /// The shortest prefix length.
    pub shortest: Option<u8>,
    /// The longest prefix length.
    pub longest: Option<u8>,
    /// The default prefix length.
    pub usual: Option<u8>,
    /// The tags that resources must have to be compliant.
    pub tags: Tags,
}

impl AllocationRules {
    /// Whether an allocation may have this prefix length.
    pub fn allow(&self, length: u8) -> bool {
        self.shortest.is_none_or(|shortest| length >= shortest) && self.longest.is_none_or(|longest| length <= longest)
    }

    /// Checks that the lengths fit the family and each other.
    fn check(&self, family: IpFamily) -> Result<()> {
        let most = if family == IpFamily::V4 { 32 } else { 128 };
        let is_wrong = |length: &u8| *length > most || !self.allow(*length);
        match [self.shortest, self.longest, self.usual].into_iter().flatten().find(is_wrong) {
            Some(length) => Err(Error::AllocationSize { length }),
            None => Ok(()),
        }
    }
}

/// A block that was provisioned to a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolCidr {
    /// `ipam-pool-cidr-…`
    pub id: String,
    /// The block.
    pub cidr: IpNet,
}

/// The settings of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolForm {
    /// The IPAM scope.
    pub ipam_scope: String,
    /// The pool that its blocks come from.
    pub source: Option<String>,
    /// The VPC whose subnets are planned with it.
    pub vpc: Option<String>,
    /// The Region whose resources may use it.
    pub locale: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Its address family.
    pub family: IpFamily,
    /// Whether resources that are in its blocks become its allocations, which is kept and shown.
    pub auto_import: bool,
    /// Whether its blocks may be announced to the Internet, which is kept and shown.
    pub advertisable: Option<bool>,
    /// Where the public addresses come from, which is kept and shown.
    pub public_source: Option<String>,
    /// The service that it is for, which is kept and shown.
    pub service: Option<String>,
    /// Its allocation rules.
    pub rules: AllocationRules,
}

/// A pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpamPool {
    /// `ipam-pool-…`
    pub id: String,
    /// Its account and the IPAM's home Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its settings.
    pub form: PoolForm,
    /// Its blocks.
    pub cidrs: Vec<PoolCidr>,
}

resource!(IpamPool, IdKind::IpamPool, |pool| {
    [Some(&pool.form.ipam_scope), pool.form.source.as_ref()].into_iter().flatten().cloned().collect()
});

impl PoolForm {
    /// Whether Amazon provides its IPv6 blocks.
    fn is_amazons_ipv6(&self) -> bool {
        self.family == IpFamily::V6 && self.public_source.as_deref() == Some("amazon")
    }
}

impl IpamPool {
    /// Whether VPCs and Elastic IP addresses of a Region may have its blocks.
    pub(crate) fn is_for_vpcs_of(&self, region: &str) -> bool {
        self.form.vpc.is_none() && self.form.locale.as_deref() == Some(region)
    }
}

/// A change of a pool. Absent parts stay.
#[derive(Clone, Debug, Default)]
pub struct PoolChange {
    /// The description.
    pub description: Option<String>,
    /// Whether resources become its allocations.
    pub auto_import: Option<bool>,
    /// The prefix lengths.
    pub rules: AllocationRules,
    /// Whether the default prefix length is removed.
    pub clears_usual: bool,
    /// The required tags that are removed.
    pub remove_tags: Tags,
}

fn overlap(one: &IpNet, other: &IpNet) -> bool {
    one.contains(other) || other.contains(one)
}

impl Model {
    /// CreateIpamPool. One below another is of the same scope, and of the same locale if that has one. Returns the id.
    pub fn create_pool(&mut self, caller: &Caller, form: PoolForm, tags: Tags) -> Result<String> {
        form.rules.check(form.family)?;
        let of = self.ipam_scopes.find(&caller.scope, &form.ipam_scope)?;
        let ipam = self.ipams.find(&caller.scope, &of.ipam)?;
        if let Some(locale) = form.locale.as_ref().filter(|locale| !ipam.regions.contains(*locale)) {
            return Err(Error::invalid("Locale", locale));
        }
        if let Some(source) = &form.source {
            let source = self.ipam_pools.find(&caller.scope, source)?;
            let has_locale = source.form.locale.is_none() || source.form.locale == form.locale;
            if source.form.ipam_scope != form.ipam_scope || source.form.family != form.family || !has_locale {
                return Err(Error::SourcePool { id: source.id.clone() });
            }
            if self.depth_of_pool(source) >= DEEPEST {
                return Err(Error::PoolDepth { most: DEEPEST });
            }
        }
        if let Some(vpc) = &form.vpc {
            let region = form.locale.clone().ok_or_else(|| Error::missing("Locale"))?;
            self.vpcs.find(&Scope { region, ..caller.scope.clone() }, vpc)?;
        }
        tags::check(&tags)?;
        let id = self.new_id(IdKind::IpamPool);
        let scope = caller.scope.clone();
        self.ipam_pools.insert(IpamPool { id: id.clone(), scope, tags, form, cidrs: Vec::new() });
        Ok(id)
    }

    /// ModifyIpamPool.
    pub fn change_pool(&mut self, caller: &Caller, id: &str, change: PoolChange) -> Result<()> {
        let form = &self.ipam_pools.find(&caller.scope, id)?.form;
        let (mut rules, new) = (form.rules.clone(), change.rules);
        rules.shortest = new.shortest.or(rules.shortest);
        rules.longest = new.longest.or(rules.longest);
        rules.usual = new.usual.or(rules.usual.filter(|_| !change.clears_usual));
        rules.tags.retain(|key, value| change.remove_tags.get(key) != Some(&*value));
        rules.tags.extend(new.tags);
        rules.check(form.family)?;
        let form = &mut self.ipam_pools.find_mut(&caller.scope, id)?.form;
        form.rules = rules;
        form.auto_import = change.auto_import.unwrap_or(form.auto_import);
        form.description = change.description.or(form.description.take());
        Ok(())
    }

    /// DeleteIpamPool: only an empty one, unless what it has is to go with it. In a public scope that is so only for the pool of a VPC.
    /// Returns what was deleted.
    pub fn delete_pool(&mut self, caller: &Caller, id: &str, cascade: bool) -> Result<IpamPool> {
        let pool = self.ipam_pools.find(&caller.scope, id)?.clone();
        let has_more = self.ipam_pools.by(id).next().is_some() || self.ipam_allocations.by(id).next().is_some();
        let takes_all = cascade && (pool.form.vpc.is_some() || !self.is_public_pool(&pool));
        if !takes_all && (has_more || !pool.cidrs.is_empty()) {
            return Err(Error::HasDependencies { kind: "ipam-pool".into(), id: id.into() });
        }
        self.remove_ipam_pool(id);
        Ok(pool)
    }

    /// Removes a pool with its allocations and the pools below it. Its blocks of another pool are released.
    pub(crate) fn remove_ipam_pool(&mut self, id: &str) {
        let below: Vec<String> = self.ipam_pools.by(id).map(|pool| pool.id.clone()).collect();
        for pool in below {
            self.remove_ipam_pool(&pool);
        }
        self.ipam_allocations.remove_where(|row| row.pool == id || row.resource.as_deref() == Some(id));
        self.ipam_pools.remove(id);
    }

    /// ProvisionIpamPoolCidr: a block that nobody else of the scope has or, below another pool, one of that. Returns it.
    pub fn provision_pool(&mut self, caller: &Caller, id: &str, wish: &BlockWish) -> Result<PoolCidr> {
        let pool = self.ipam_pools.find(&caller.scope, id)?;
        let cidr = match (pool.form.vpc.clone(), pool.form.source.clone()) {
            (Some(vpc), _) => self.block_of_vpc(pool, &vpc, wish)?,
            (None, None) => self.block_of_scope(pool, wish)?,
            (None, Some(source)) => {
                let cidr = self.free_block(self.ipam_pools.find(&caller.scope, &source)?, wish)?;
                self.keep_allocation(caller, &source, cidr, Some(id.to_owned()));
                cidr
            }
        };
        let block = PoolCidr { id: self.new_id(IdKind::IpamPoolCidr), cidr };
        self.ipam_pools.find_mut(&caller.scope, id)?.cidrs.push(block.clone());
        Ok(block)
    }

    fn block_of_vpc(&self, pool: &IpamPool, vpc: &str, wish: &BlockWish) -> Result<IpNet> {
        let cidr = wish.cidr.ok_or_else(|| Error::missing("Cidr"))?;
        let vpc = self.vpc_of(vpc)?;
        let ipv6 = vpc.ipv6.iter().map(|block| IpNet::V6(block.cidr));
        if !vpc.blocks().map(IpNet::V4).chain(ipv6).any(|block| cidr == block) {
            return Err(Error::OutsidePool { cidr });
        }
        match pool.cidrs.iter().any(|own| own.cidr == cidr) {
            true => Err(Error::PoolBlockTaken { cidr }),
            false => Ok(cidr),
        }
    }

    fn block_of_scope(&self, pool: &IpamPool, wish: &BlockWish) -> Result<IpNet> {
        let others = self.ipam_pools.by(&pool.form.ipam_scope).flat_map(|other| &other.cidrs);
        let mut others: Vec<IpNet> = others.map(|other| other.cidr).collect();
        others.sort_by_key(IpNet::network);
        let cidr = match (wish.cidr, wish.length) {
            (None, Some(length)) if pool.form.is_amazons_ipv6() => {
                first_free(&IpNet::V6(AMAZONS_IPV6), length, &others).ok_or(Error::PoolFull {})?
            }
            (cidr, _) => cidr.ok_or_else(|| Error::missing("Cidr"))?.trunc(),
        };
        if IpFamily::of(&cidr) != pool.form.family {
            return Err(Error::invalid("Cidr", cidr));
        }
        match others.iter().any(|other| overlap(other, &cidr)) {
            true => Err(Error::PoolBlockTaken { cidr }),
            false => Ok(cidr),
        }
    }

    /// DeprovisionIpamPoolCidr: a block that no allocation lies in. Returns it.
    pub fn deprovision_pool(&mut self, caller: &Caller, id: &str, cidr: IpNet) -> Result<PoolCidr> {
        let pool = self.ipam_pools.find(&caller.scope, id)?;
        let block = pool.cidrs.iter().find(|block| block.cidr == cidr).cloned();
        let block = block.ok_or(Error::OutsidePool { cidr })?;
        if self.ipam_allocations.by(id).any(|row| row.pool == id && overlap(&row.cidr, &cidr)) {
            return Err(Error::PoolBlockInUse { cidr });
        }
        self.ipam_allocations.remove_where(|row| row.resource.as_deref() == Some(id) && row.cidr == cidr);
        self.ipam_pools.find_mut(&caller.scope, id)?.cidrs.retain(|other| other.cidr != cidr);
        Ok(block)
    }

    /// The pools that a caller can use: those of its account in their home Region and in their locale.
    pub fn pools_for<'m>(&'m self, caller: &'m Caller) -> impl Iterator<Item = &'m IpamPool> {
        let is_here = move |region: &String| *region == caller.scope.region;
        self.ipam_pools.iter().filter(move |pool| {
            pool.scope.account == caller.scope.account
                && (is_here(&pool.scope.region) || pool.form.locale.as_ref().is_some_and(is_here))
        })
    }

    /// A pool that a caller can use.
    pub fn pool_for<'m>(&'m self, caller: &'m Caller, id: &str) -> Result<&'m IpamPool> {
        let missing = || Error::NotFound { kind: IdKind::IpamPool, id: id.to_owned() };
        self.pools_for(caller).find(|pool| pool.id == id).ok_or_else(missing)
    }

    /// Whether a pool is in a public scope.
    pub(crate) fn is_public_pool(&self, pool: &IpamPool) -> bool {
        self.ipam_scopes.get(&pool.form.ipam_scope).is_some_and(|scope| scope.public)
    }

    /// The depth of a pool below the pools that it is from.
    pub fn depth_of_pool(&self, pool: &IpamPool) -> u32 {
        let source = pool.form.source.as_ref().and_then(|source| self.ipam_pools.get(source));
        source.map_or(1, |source| 1 + self.depth_of_pool(source))
    }
}
