//! IPAM scopes: address spaces in which no two pools overlap.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, IpamPool, Model, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};

/// A scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpamScope {
    /// `ipam-scope-…`
    pub id: String,
    /// Its account and the IPAM's home Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its IPAM.
    pub ipam: String,
    /// Whether its addresses are public.
    pub public: bool,
    /// Whether it is a default scope.
    pub default: bool,
    /// Its description.
    pub description: Option<String>,
}

resource!(IpamScope, IdKind::IpamScope, |scope| vec![scope.ipam.clone()]);

impl Model {
    /// Adds the default scopes of an IPAM.
    pub(crate) fn insert_default_ipam_scopes(&mut self, caller: &Caller, ipam: &str) {
        for public in [true, false] {
            let (id, scope, ipam) = (self.new_id(IdKind::IpamScope), caller.scope.clone(), ipam.to_owned());
            let tags = Tags::new();
            self.ipam_scopes.insert(IpamScope { id, scope, tags, ipam, public, default: true, description: None });
        }
    }

    /// CreateIpamScope: a private one. Returns the id.
    pub fn create_ipam_scope(
        &mut self,
        caller: &Caller,
        ipam: &str,
        description: Option<String>,
        tags: Tags,
    ) -> Result<String> {
        let ipam = self.ipams.find(&caller.scope, ipam)?.id.clone();
        tags::check(&tags)?;
        let (id, scope) = (self.new_id(IdKind::IpamScope), caller.scope.clone());
        let row = IpamScope { id: id.clone(), scope, tags, ipam, public: false, default: false, description };
        self.ipam_scopes.insert(row);
        Ok(id)
    }

    /// ModifyIpamScope: changes the description.
    pub fn describe_ipam_scope(&mut self, caller: &Caller, id: &str, description: Option<String>) -> Result<()> {
        self.ipam_scopes.find_mut(&caller.scope, id)?.description = description;
        Ok(())
    }

    /// DeleteIpamScope. It must be empty, and not a default scope. Returns the scope.
    pub fn delete_ipam_scope(&mut self, caller: &Caller, id: &str) -> Result<IpamScope> {
        let scope = self.ipam_scopes.find(&caller.scope, id)?.clone();
        if scope.default {
            return Err(Error::DefaultIpamScope { id: id.to_owned() });
        }
        if self.ipam_pools.by(id).next().is_some() {
            return Err(Error::HasDependencies { kind: "ipam-scope".into(), id: id.into() });
        }
        self.ipam_scopes.remove(id);
        Ok(scope)
    }

    /// The private or the public default scope of an IPAM.
    pub fn default_ipam_scope(&self, ipam: &str, public: bool) -> Option<&IpamScope> {
        self.ipam_scopes.by(ipam).find(|scope| scope.default && scope.public == public)
    }

    /// The pools of an IPAM's scopes.
    pub fn pools_of_ipam<'m>(&'m self, ipam: &'m str) -> impl Iterator<Item = &'m IpamPool> {
        self.ipam_scopes.by(ipam).flat_map(|scope| self.ipam_pools.by(&scope.id))
    }
}
