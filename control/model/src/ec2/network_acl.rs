//! Network ACLs: stateless, ordered rules at the boundary of a subnet.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Subnet, Tags, Traffic, Vpc, tags};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// The number of the rule that denies what no other matched; EC2 prints it as `*`.
pub const LAST_RULE: u16 = 32767;

/// One row of an ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclEntry {
    /// Its place: entries are tried from the lowest number up.
    pub number: u16,
    /// Whether it is for what leaves the subnet.
    pub egress: bool,
    /// Which packets.
    pub traffic: Traffic,
    /// Source (in) or destination (out) addresses.
    pub net: IpNet,
    /// Whether they pass.
    pub allow: bool,
}

/// That a subnet lies behind an ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclAssociation {
    /// `aclassoc-…`
    pub id: String,
    /// The subnet.
    pub subnet: String,
}

/// A network ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAcl {
    /// `acl-…`
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its number.
    pub number: u32,
    /// The VPC it belongs to.
    pub vpc: String,
    /// Whether subnets get it unless they are given another.
    pub default: bool,
    /// Its rows, without the last one, that denies.
    pub entries: Vec<AclEntry>,
    /// The subnets behind it.
    pub associations: Vec<AclAssociation>,
}

resource!(NetworkAcl, IdKind::NetworkAcl, |acl| {
    acl.associations.iter().map(|association| association.subnet.clone()).chain([acl.vpc.clone()]).collect()
});

impl NetworkAcl {
    /// The entry in a place.
    fn entry(&self, egress: bool, number: u16) -> Option<&AclEntry> {
        self.entries.iter().find(|entry| (entry.egress, entry.number) == (egress, number))
    }
}

impl Model {
    /// The ACL of a new VPC: everything passes.
    pub(crate) fn insert_default_acl(&mut self, vpc: &Vpc) {
        let all = |egress| AclEntry {
            number: 100,
            egress,
            traffic: Traffic::All,
            net: IpNet::V4(Default::default()),
            allow: true,
        };
        let acl = NetworkAcl {
            id: self.new_id(IdKind::NetworkAcl),
            scope: vpc.scope.clone(),
            tags: Tags::new(),
            number: self.number(),
            vpc: vpc.id.clone(),
            default: true,
            entries: vec![all(true), all(false)],
            associations: Vec::new(),
        };
        self.network_acls.insert(acl);
    }

    /// Puts a new subnet behind its VPC's default ACL.
    pub(crate) fn associate_default_acl(&mut self, subnet: &Subnet) {
        let id = self.new_id(IdKind::NetworkAclAssociation);
        self.network_acls.update(
            |acl| acl.vpc == subnet.vpc && acl.default,
            |acl| acl.associations.push(AclAssociation { id: id.clone(), subnet: subnet.id.clone() }),
        );
    }

    /// The ACL that a subnet lies behind.
    pub fn acl_of_subnet(&self, subnet: &str) -> Option<&NetworkAcl> {
        self.network_acls.by(subnet).next()
    }
}

/// The entries an ACL may have in each direction.
const ENTRIES: usize = 20;

impl Model {
    /// CreateNetworkAcl: it lets nothing pass yet.
    pub fn create_network_acl(&mut self, caller: &Caller, vpc: &str, tags: Tags) -> Result<String> {
        self.vpcs.find(&caller.scope, vpc)?;
        tags::check(&tags)?;
        let acl = NetworkAcl {
            id: self.new_id(IdKind::NetworkAcl),
            scope: caller.scope.clone(),
            tags,
            number: self.number(),
            vpc: vpc.to_owned(),
            default: false,
            entries: Vec::new(),
            associations: Vec::new(),
        };
        let id = acl.id.clone();
        self.network_acls.insert(acl);
        Ok(id)
    }

    /// DeleteNetworkAcl: not the default one, and none that a subnet lies behind.
    pub fn delete_network_acl(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let acl = self.network_acls.find(&caller.scope, id)?;
        if acl.default {
            return Err(Error::DefaultAcl { id: id.into() });
        }
        if !acl.associations.is_empty() {
            return Err(Error::HasDependencies { kind: "networkAcl".into(), id: id.into() });
        }
        self.network_acls.remove(id);
        Ok(())
    }

    /// CreateNetworkAclEntry: in a place that is free.
    pub fn create_acl_entry(&mut self, caller: &Caller, id: &str, entry: AclEntry) -> Result<()> {
        let acl = self.network_acls.find(&caller.scope, id)?;
        if acl.entry(entry.egress, entry.number).is_some() {
            return Err(Error::AclEntryExists { number: entry.number });
        }
        if acl.entries.iter().filter(|other| other.egress == entry.egress).count() >= ENTRIES {
            return Err(Error::AclEntryLimit {});
        }
        self.network_acls.find_mut(&caller.scope, id)?.entries.push(entry);
        Ok(())
    }

    /// ReplaceNetworkAclEntry: in a place that is taken.
    pub fn replace_acl_entry(&mut self, caller: &Caller, id: &str, entry: AclEntry) -> Result<()> {
        self.delete_acl_entry(caller, id, entry.egress, entry.number)?;
        self.network_acls.find_mut(&caller.scope, id)?.entries.push(entry);
        Ok(())
    }

    /// DeleteNetworkAclEntry.
    pub fn delete_acl_entry(&mut self, caller: &Caller, id: &str, egress: bool, number: u16) -> Result<()> {
        if self.network_acls.find(&caller.scope, id)?.entry(egress, number).is_none() {
            return Err(Error::AclEntryNotFound { number, id: id.into() });
        }
        let acl = self.network_acls.find_mut(&caller.scope, id)?;
        acl.entries.retain(|entry| (entry.egress, entry.number) != (egress, number));
        Ok(())
    }

    /// ReplaceNetworkAclAssociation: puts a subnet behind another ACL. Answers with the new association's id.
    pub fn replace_acl_association(&mut self, caller: &Caller, association: &str, id: &str) -> Result<String> {
        let acl = self.network_acls.find(&caller.scope, id)?;
        let missing = || Error::NotFound { kind: IdKind::NetworkAclAssociation, id: association.into() };
        let has = |acl: &&NetworkAcl| acl.associations.iter().any(|a| a.id == association);
        let from = self.network_acls.of(&caller.scope).find(has).ok_or_else(missing)?;
        if from.vpc != acl.vpc {
            return Err(Error::DifferentNetworks {});
        }
        let from = from.id.clone();
        let new = self.new_id(IdKind::NetworkAclAssociation);
        let associations = &mut self.network_acls.find_mut(&caller.scope, &from)?.associations;
        let place = associations.iter().position(|a| a.id == association).ok_or_else(missing)?;
        let subnet = associations.remove(place).subnet;
        let association = AclAssociation { id: new.clone(), subnet };
        self.network_acls.find_mut(&caller.scope, id)?.associations.push(association);
        Ok(new)
    }
}
