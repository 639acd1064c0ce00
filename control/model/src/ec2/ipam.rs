//! IPAMs: plans of an account's address space, with scopes, pools and allocations.

use crate::collection::resource;
use crate::words::words;
use crate::{Caller, Error, IdKind, Model, Region, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// The tier: what an account pays for.
    IpamTier { Advanced "advanced", Free "free" }
}

/// An IPAM. Its scope is its home: the Region in which it is managed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ipam {
    /// `ipam-…`
    pub id: String,
    /// Whose it is, and its home Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its description.
    pub description: Option<String>,
    /// Its tier.
    pub tier: IpamTier,
    /// The Regions whose resources it knows and whose pools it may have.
    pub regions: BTreeSet<String>,
    /// Whether private scopes may have public IPv6 addresses, which is kept and shown.
    pub private_gua: bool,
    /// Its resource discovery: `ipam-res-disco-…`
    pub discovery: String,
    /// The association of the two: `ipam-res-disco-assoc-…`
    pub discovery_association: String,
}

resource!(Ipam, IdKind::Ipam);

/// How an IPAM is to be changed: what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct IpamChange {
    /// The description.
    pub description: Option<String>,
    /// The tier.
    pub tier: Option<IpamTier>,
    /// Regions to be added.
    pub add: Vec<String>,
    /// Regions to be removed.
    pub remove: Vec<String>,
    /// Whether private scopes may have public IPv6 addresses.
    pub private_gua: Option<bool>,
}

pub(crate) fn check_regions(names: &[String]) -> Result<()> {
    match names.iter().find(|name| Region::named(name).is_none()) {
        Some(unknown) => Err(Error::invalid("OperatingRegion", unknown)),
        None => Ok(()),
    }
}

impl Model {
    /// CreateIpam: with it come a private and a public scope. Its home is one of its Regions. Answers with the id.
    pub fn create_ipam(&mut self, caller: &Caller, new: IpamChange, tags: Tags) -> Result<String> {
        check_regions(&new.add)?;
        tags::check(&tags)?;
        let ipam = Ipam {
            id: self.new_id(IdKind::Ipam),
            scope: caller.scope.clone(),
            tags,
            description: new.description,
            tier: new.tier.unwrap_or_default(),
            regions: new.add.into_iter().chain([caller.scope.region.clone()]).collect(),
            private_gua: new.private_gua.unwrap_or(false),
            discovery: self.new_id(IdKind::IpamResourceDiscovery),
            discovery_association: self.new_id(IdKind::IpamResourceDiscoveryAssociation),
        };
        let id = ipam.id.clone();
        self.ipams.insert(ipam);
        self.insert_default_ipam_scopes(caller, &id);
        Ok(id)
    }

    /// ModifyIpam. The home Region stays.
    pub fn change_ipam(&mut self, caller: &Caller, id: &str, change: IpamChange) -> Result<()> {
        let ipam = self.ipams.find(&caller.scope, id)?;
        check_regions(&change.add)?;
        let is_needed = |region: &&String| {
            **region == ipam.scope.region
                || self.pools_of_ipam(id).any(|pool| pool.form.locale.as_ref() == Some(*region))
        };
        if let Some(region) = change.remove.iter().find(is_needed) {
            return Err(Error::IpamRegionInUse { region: region.clone() });
        }
        let ipam = self.ipams.find_mut(&caller.scope, id)?;
        ipam.regions.extend(change.add);
        ipam.regions.retain(|region| !change.remove.contains(region));
        ipam.tier = change.tier.unwrap_or(ipam.tier);
        ipam.private_gua = change.private_gua.unwrap_or(ipam.private_gua);
        ipam.description = change.description.or(ipam.description.take());
        Ok(())
    }

    /// DeleteIpam: only one without pools and without scopes of its owner's, unless these are to go with it. Pools of public scopes
    /// never do. Answers with what was.
    pub fn delete_ipam(&mut self, caller: &Caller, id: &str, cascade: bool) -> Result<Ipam> {
        let ipam = self.ipams.find(&caller.scope, id)?.clone();
        let has_more = self.pools_of_ipam(id).next().is_some() || self.ipam_scopes.by(id).any(|scope| !scope.default);
        let has_public = self.pools_of_ipam(id).any(|pool| self.is_public_pool(pool));
        if has_public || has_more && !cascade {
            return Err(Error::HasDependencies { kind: "ipam".into(), id: id.into() });
        }
        let pools: Vec<String> = self.pools_of_ipam(id).map(|pool| pool.id.clone()).collect();
        for pool in pools {
            self.remove_ipam_pool(&pool);
        }
        self.ipam_scopes.remove_where(|scope| scope.ipam == id);
        self.ipam_discovery_associations.remove_where(|association| association.ipam == id);
        self.ipams.remove(id);
        Ok(ipam)
    }
}
