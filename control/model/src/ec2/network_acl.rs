//! Network ACLs: stateless, ordered rules at the boundary of a subnet.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Subnet, Tags, Traffic, Vpc, tags};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// The number of the last rule, which denies everything. EC2 prints it as `*`.
pub const LAST_RULE: u16 = 32767;

/// An entry of an ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclEntry {
    /// Its number. Entries are evaluated from the lowest number up.
    pub number: u16,
    /// Whether it is for packets that leave the subnet.
    pub egress: bool,
    /// The traffic that it matches.
    pub traffic: Traffic,
    /// The source addresses of ingress, or the destination addresses of egress.
    pub net: IpNet,
    /// Whether it allows the traffic.
    pub allow: bool,
}

/// The association of a subnet with an ACL.
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
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its number.
    pub number: u32,
    /// Its VPC.
    pub vpc: String,
    /// Whether it is the default ACL of new subnets.
    pub default: bool,
    /// Its entries without the last one, which denies everything.
    pub entries: Vec<AclEntry>,
    /// The associated subnets.
    pub associations: Vec<AclAssociation>,
}

resource!(NetworkAcl, IdKind::NetworkAcl, |acl| {
    acl.associations.iter().map(|association| association.subnet.clone()).chain([acl.vpc.clone()]).collect()
});

impl NetworkAcl {
    /// The entry with a number.
    fn entry(&self, egress: bool, number: u16) -> Option<&AclEntry> {
        self.entries.iter().find(|entry| (entry.egress, entry.number) == (egress, number))
    }
}

impl Model {
    /// Adds the default ACL of a new VPC, which allows everything.
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

    /// Associates a new subnet with its VPC's default ACL.
    pub(crate) fn associate_default_acl(&mut self, subnet: &Subnet) {
        let id = self.new_id(IdKind::NetworkAclAssociation);
        self.network_acls.update(
            |acl| acl.vpc == subnet.vpc && acl.default,
            |acl| acl.associations.push(AclAssociation { id: id.clone(), subnet: subnet.id.clone() }),
        );
    }

    /// The ACL of a subnet.
    pub fn acl_of_subnet(&self, subnet: &str) -> Option<&NetworkAcl> {
        self.network_acls.by(subnet).next()
    }
}

/// The most entries of an ACL in each direction.
const ENTRIES: usize = 20;

impl Model {
    /// CreateNetworkAcl: creates an ACL that allows nothing.
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

    /// DeleteNetworkAcl. The default ACL, and one with subnets, are refused.
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

    /// CreateNetworkAclEntry. The number must be free.
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

    /// ReplaceNetworkAclEntry. The number must be in use.
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

    /// ReplaceNetworkAclAssociation: associates a subnet with another ACL. Returns the new association's id.
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
