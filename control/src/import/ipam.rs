//! IPAMs, their scopes and pools, and the blocks that pools have and give.

use super::{Importer, tags};
use ipnet::IpNet;
use model::{
    AllocationRules, IdKind, IpFamily, Ipam, IpamAllocation, IpamPool, IpamScope, IpamTier, PoolCidr, PoolForm, Scope,
};
use shapes::ec2;

/// How long prefixes of addresses may be.
const LONGEST: i32 = 128;

impl Importer<'_> {
    pub(super) fn ipam(&mut self, scope: &Scope, ipam: ec2::Ipam) {
        let Some(id) = self.id(IdKind::Ipam, ipam.ipam_id) else { return };
        let scope = home(scope, ipam.ipam_region);
        let regions = ipam.operating_regions.into_iter().filter_map(|region| region.region_name);
        let regions = regions.chain([scope.region.clone()]).collect();
        let discovery = self.id_or_new(IdKind::IpamResourceDiscovery, ipam.default_resource_discovery_id);
        let association = ipam.default_resource_discovery_association_id;
        let discovery_association = self.id_or_new(IdKind::IpamResourceDiscoveryAssociation, association);
        self.model.ipams.adopt(Ipam {
            id,
            tags: tags(ipam.tags),
            description: ipam.description,
            tier: ipam.tier.and_then(|word| IpamTier::read("Tier", &word).ok()).unwrap_or_default(),
            regions,
            private_gua: ipam.enable_private_gua == Some(true),
            discovery,
            discovery_association,
            scope,
        });
    }

    pub(super) fn id_or_new(&mut self, kind: IdKind, id: Option<String>) -> String {
        id.filter(|id| kind.fits(id)).unwrap_or_else(|| self.model.new_id(kind))
    }

    pub(super) fn ipam_scope(&mut self, scope: &Scope, told: ec2::IpamScope) {
        let Some(id) = self.id(IdKind::IpamScope, told.ipam_scope_id) else { return };
        let ipam = last_part(told.ipam_arn);
        if self.model.ipams.get(&ipam).is_none() {
            return self.leave_out(format!("{id}: its IPAM {ipam} is not in the files"));
        }
        self.model.ipam_scopes.adopt(IpamScope {
            id,
            scope: home(scope, told.ipam_region),
            tags: tags(told.tags),
            ipam,
            public: told.ipam_scope_type.is_some_and(|kind| kind == "public"),
            default: told.is_default == Some(true),
            description: told.description,
        });
    }

    /// Reports IPAMs whose scopes are missing. Each has a public and a private one.
    pub(super) fn miss_ipam_scopes(&mut self) {
        let has_scope = |ipam: &Ipam| self.model.ipam_scopes.iter().any(|scope| scope.ipam == ipam.id);
        let lost = self.model.ipams.iter().filter(|ipam| !has_scope(ipam));
        let lost: Vec<String> = lost.map(|ipam| ipam.id.clone()).collect();
        lost.iter().for_each(|ipam| self.leave_out(format!("{ipam}: its scopes are not in the files")));
    }

    /// Makes the pools, each after the one that its blocks come from.
    pub(super) fn ipam_pools(&mut self, mut pools: Vec<(Scope, ec2::IpamPool)>) {
        let has_source = |importer: &Self, pool: &ec2::IpamPool| {
            let source = pool.source_ipam_pool_id.as_ref();
            source.is_none_or(|source| importer.model.ipam_pools.get(source).is_some())
        };
        loop {
            let (ready, rest): (Vec<_>, Vec<_>) = pools.into_iter().partition(|(_, pool)| has_source(self, pool));
            pools = rest;
            if ready.is_empty() {
                break;
            }
            ready.into_iter().for_each(|(scope, pool)| self.ipam_pool(&scope, pool));
        }
        for (_, pool) in pools {
            let (id, source) = (pool.ipam_pool_id.unwrap_or_default(), pool.source_ipam_pool_id.unwrap_or_default());
            self.leave_out(format!("{id}: its source {source} is not in the files, or made of it"));
        }
    }

    fn ipam_pool(&mut self, scope: &Scope, pool: ec2::IpamPool) {
        let Some(id) = self.id(IdKind::IpamPool, pool.ipam_pool_id) else { return };
        let ipam_scope = last_part(pool.ipam_scope_arn);
        if self.model.ipam_scopes.get(&ipam_scope).is_none() {
            return self.leave_out(format!("{id}: its scope {ipam_scope} is not in the files"));
        }
        let family = pool.address_family.and_then(|word| IpFamily::read("AddressFamily", &word).ok());
        let needed = pool.allocation_resource_tags.into_iter();
        let form = PoolForm {
            ipam_scope,
            source: pool.source_ipam_pool_id,
            vpc: pool.source_resource.and_then(|source| source.resource_id),
            locale: pool.locale.filter(|locale| locale != "None"),
            description: pool.description,
            family: family.unwrap_or_default(),
            auto_import: pool.auto_import == Some(true),
            advertisable: pool.publicly_advertisable,
            public_source: pool.public_ip_source,
            service: pool.aws_service,
            rules: AllocationRules {
                shortest: length(pool.allocation_min_netmask_length),
                longest: length(pool.allocation_max_netmask_length),
                usual: length(pool.allocation_default_netmask_length),
                tags: needed.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect(),
            },
        };
        let (scope, tags, cidrs) = (home(scope, pool.ipam_region), tags(pool.tags), Vec::new());
        self.model.ipam_pools.adopt(IpamPool { id, scope, tags, form, cidrs });
    }

    /// Gives a pool its blocks.
    pub(super) fn ipam_pool_cidrs(&mut self, id: &str, told: ec2::GetIpamPoolCidrsResult) {
        let Some(mut pool) = self.model.ipam_pools.get(id).cloned() else {
            return self.leave_out(format!("the blocks of {id}: the pool is not in the files"));
        };
        for block in told.ipam_pool_cidrs {
            if block.state.as_ref().is_some_and(|state| state != "provisioned") {
                continue;
            }
            let Some(cidr) = self.parsed::<IpNet>(id, "Cidr", block.cidr).map(|cidr| cidr.trunc()) else { continue };
            // Two files may describe it.
            if pool.cidrs.iter().all(|known| known.cidr != cidr) {
                let id = self.id_or_new(IdKind::IpamPoolCidr, block.ipam_pool_cidr_id);
                pool.cidrs.push(PoolCidr { id, cidr });
            }
        }
        self.model.ipam_pools.adopt(pool);
    }

    /// Notes who has blocks of a pool.
    pub(super) fn ipam_allocations(&mut self, pool: &str, told: ec2::GetIpamPoolAllocationsResult) {
        let Some(home) = self.model.ipam_pools.get(pool).map(|pool| pool.scope.clone()) else {
            return self.leave_out(format!("the allocations of {pool}: the pool is not in the files"));
        };
        for allocation in told.ipam_pool_allocations {
            let Some(id) = self.id(IdKind::IpamPoolAllocation, allocation.ipam_pool_allocation_id) else { continue };
            let Some(cidr) = self.parsed::<IpNet>(&id, "Cidr", allocation.cidr) else { continue };
            let by_hand = allocation.resource_type.is_some_and(|kind| kind == "custom");
            self.model.ipam_allocations.adopt(IpamAllocation {
                id,
                scope: Scope {
                    account: allocation.resource_owner.unwrap_or_else(|| home.account.clone()),
                    region: allocation.resource_region.unwrap_or_else(|| home.region.clone()),
                },
                tags: tags(allocation.tags),
                pool: pool.to_owned(),
                cidr: cidr.trunc(),
                description: allocation.description,
                resource: allocation.resource_id.filter(|_| !by_hand),
            });
        }
    }
}

/// The home of an IPAM: the Region in which it is managed.
fn home(scope: &Scope, region: Option<String>) -> Scope {
    Scope { region: region.unwrap_or_else(|| scope.region.clone()), ..scope.clone() }
}

/// The id in an ARN.
fn last_part(arn: Option<String>) -> String {
    arn.and_then(|arn| arn.rsplit('/').next().map(str::to_owned)).unwrap_or_default()
}

fn length(told: Option<i32>) -> Option<u8> {
    told.filter(|length| *length <= LONGEST).and_then(|length| u8::try_from(length).ok())
}
