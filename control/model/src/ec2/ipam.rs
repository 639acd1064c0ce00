//! IPAMs: IP address managers, with scopes, pools and allocations.

use crate::collection::resource;
use crate::words::words;
use crate::{Caller, Error, IdKind, Model, Region, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// The tier: what an account pays for.
    IpamTier { Advanced "advanced", Free "free" }
}

/// An IPAM. Its scope has its home Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ipam {
    /// `ipam-…`
    pub id: String,
    /// Its account and its home Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its description.
    pub description: Option<String>,
    /// Its tier.
    pub tier: IpamTier,
    /// Its operating Regions.
    pub regions: BTreeSet<String>,
    /// Whether private scopes may have public IPv6 addresses, which is kept and shown.
    pub private_gua: bool,
    /// Its resource discovery: `ipam-res-disco-…`
    pub discovery: String,
    /// The association with its resource discovery: `ipam-res-disco-assoc-…`
    pub discovery_association: String,
}

resource!(Ipam, IdKind::Ipam);

/// A change of an IPAM. Absent parts stay.
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
    /// CreateIpam: creates an IPAM with a private and a public scope. Its home is one of its Regions. Returns the id.
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

    /// ModifyIpam. The home Region cannot be removed.
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

    /// DeleteIpam. With `cascade` its private scopes and their pools are deleted, too. Otherwise it must have no pools and only its default
    /// scopes. Returns the IPAM.
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
