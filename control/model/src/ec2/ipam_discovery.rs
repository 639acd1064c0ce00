//! Resource discoveries of IPAM, which find the address space that accounts use, and their associations with IPAMs. Each IPAM is created
//! with a default one.

use crate::collection::resource;
use crate::ec2::ipam::check_regions;
use crate::error::refuse_in_use;
use crate::{Caller, Error, IdKind, Ipam, IpamChange, Model, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A resource discovery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpamResourceDiscovery {
    /// `ipam-res-disco-…`
    pub id: String,
    /// Its account and its home Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its description.
    pub description: Option<String>,
    /// Its operating Regions.
    pub regions: BTreeSet<String>,
    /// Whether it is the default discovery of an IPAM.
    pub is_default: bool,
}

resource!(IpamResourceDiscovery, IdKind::IpamResourceDiscovery);

/// The association of a discovery with an IPAM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpamDiscoveryAssociation {
    /// `ipam-res-disco-assoc-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The IPAM.
    pub ipam: String,
    /// The discovery.
    pub discovery: String,
    /// Whether the discovery is the IPAM's default one.
    pub is_default: bool,
}

resource!(IpamDiscoveryAssociation, IdKind::IpamResourceDiscoveryAssociation, |association| {
    vec![association.ipam.clone(), association.discovery.clone()]
});

impl Ipam {
    /// Its default discovery.
    fn default_discovery(&self) -> IpamResourceDiscovery {
        IpamResourceDiscovery {
            id: self.discovery.clone(),
            scope: self.scope.clone(),
            tags: Tags::new(),
            description: None,
            regions: self.regions.clone(),
            is_default: true,
        }
    }

    /// Its association with the default discovery.
    fn default_discovery_association(&self) -> IpamDiscoveryAssociation {
        IpamDiscoveryAssociation {
            id: self.discovery_association.clone(),
            scope: self.scope.clone(),
            tags: Tags::new(),
            ipam: self.id.clone(),
            discovery: self.discovery.clone(),
            is_default: true,
        }
    }
}

impl Model {
    /// The discoveries of a caller: the default ones of IPAMs, and those that were created by themselves.
    pub fn ipam_discoveries_of(&self, caller: &Caller) -> Vec<IpamResourceDiscovery> {
        let own = self.ipams.of(&caller.scope).map(Ipam::default_discovery);
        own.chain(self.ipam_discoveries.of(&caller.scope).cloned()).collect()
    }

    /// The associations of a caller's IPAMs.
    pub fn ipam_discovery_associations_of(&self, caller: &Caller) -> Vec<IpamDiscoveryAssociation> {
        let own = self.ipams.of(&caller.scope).map(Ipam::default_discovery_association);
        own.chain(self.ipam_discovery_associations.of(&caller.scope).cloned()).collect()
    }

    /// Refuses the default discovery of an IPAM, and the association with it.
    fn refuse_default_discovery(&self, caller: &Caller, id: &str) -> Result<()> {
        let is_own = |ipam: &Ipam| ipam.discovery == id || ipam.discovery_association == id;
        match self.ipams.of(&caller.scope).any(is_own) {
            true => Err(Error::DefaultDiscovery { id: id.to_owned() }),
            false => Ok(()),
        }
    }

    /// CreateIpamResourceDiscovery. Its home Region is always an operating Region. Returns the id.
    pub fn create_ipam_discovery(&mut self, caller: &Caller, new: IpamChange, tags: Tags) -> Result<String> {
        check_regions(&new.add)?;
        tags::check(&tags)?;
        let id = self.new_id(IdKind::IpamResourceDiscovery);
        self.ipam_discoveries.insert(IpamResourceDiscovery {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags,
            description: new.description,
            regions: new.add.into_iter().chain([caller.scope.region.clone()]).collect(),
            is_default: false,
        });
        Ok(id)
    }

    /// ModifyIpamResourceDiscovery. The home Region stays.
    pub fn change_ipam_discovery(&mut self, caller: &Caller, id: &str, change: IpamChange) -> Result<()> {
        self.refuse_default_discovery(caller, id)?;
        check_regions(&change.add)?;
        let discovery = self.ipam_discoveries.find_mut(&caller.scope, id)?;
        if change.remove.contains(&discovery.scope.region) {
            return Err(Error::IpamRegionInUse { region: discovery.scope.region.clone() });
        }
        discovery.regions.extend(change.add);
        discovery.regions.retain(|region| !change.remove.contains(region));
        discovery.description = change.description.or(discovery.description.take());
        Ok(())
    }

    /// DeleteIpamResourceDiscovery. One that is associated with an IPAM is refused. Returns what was deleted.
    pub fn delete_ipam_discovery(&mut self, caller: &Caller, id: &str) -> Result<IpamResourceDiscovery> {
        self.refuse_default_discovery(caller, id)?;
        let discovery = self.ipam_discoveries.find(&caller.scope, id)?.clone();
        refuse_in_use(id, "Associations", self.ipam_discovery_associations.by(id).map(|one| one.id.as_str()))?;
        self.ipam_discoveries.remove(id);
        Ok(discovery)
    }

    /// AssociateIpamResourceDiscovery. A discovery and an IPAM have one association at most. Returns the association's id.
    pub fn associate_ipam_discovery(
        &mut self,
        caller: &Caller,
        ipam: &str,
        discovery: &str,
        tags: Tags,
    ) -> Result<String> {
        self.ipams.find(&caller.scope, ipam)?;
        self.refuse_default_discovery(caller, discovery)?;
        self.ipam_discoveries.find(&caller.scope, discovery)?;
        if self.ipam_discovery_associations.by(discovery).any(|other| other.ipam == ipam) {
            return Err(Error::DiscoveryAssociated { discovery: discovery.to_owned(), ipam: ipam.to_owned() });
        }
        tags::check(&tags)?;
        let (id, scope) = (self.new_id(IdKind::IpamResourceDiscoveryAssociation), caller.scope.clone());
        let (ipam, discovery, is_default) = (ipam.to_owned(), discovery.to_owned(), false);
        let association = IpamDiscoveryAssociation { id: id.clone(), scope, tags, ipam, discovery, is_default };
        self.ipam_discovery_associations.insert(association);
        Ok(id)
    }

    /// DisassociateIpamResourceDiscovery. Returns what was deleted.
    pub fn disassociate_ipam_discovery(&mut self, caller: &Caller, id: &str) -> Result<IpamDiscoveryAssociation> {
        self.refuse_default_discovery(caller, id)?;
        let association = self.ipam_discovery_associations.find(&caller.scope, id)?.clone();
        self.ipam_discovery_associations.remove(id);
        Ok(association)
    }
}
