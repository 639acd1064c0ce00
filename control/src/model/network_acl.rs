//! Network ACLs: stateless, ordered rules at the boundary of a subnet.

use super::collection::resource;
use super::{IdKind, Model, Scope, Subnet, Tags, Traffic, Vpc};
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

resource!(NetworkAcl, IdKind::NetworkAcl);

impl Model {
    /// The ACL of a new VPC: everything passes.
    pub(super) fn insert_default_acl(&mut self, vpc: &Vpc) {
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
    pub(super) fn associate_default_acl(&mut self, subnet: &Subnet) {
        let id = self.new_id(IdKind::NetworkAclAssociation);
        self.network_acls.update(
            |acl| acl.vpc == subnet.vpc && acl.default,
            |acl| acl.associations.push(AclAssociation { id: id.clone(), subnet: subnet.id.clone() }),
        );
    }

    /// The ACL that a subnet lies behind.
    pub fn acl_of_subnet(&self, subnet: &str) -> Option<&NetworkAcl> {
        self.network_acls.iter().find(|acl| acl.associations.iter().any(|a| a.subnet == subnet))
    }
}
