//! Security groups: stateful permissions, of a VPC or of EC2-Classic (semantics.md §4).

use super::collection::resource;
use super::{Error, IdKind, Model, Result, Scope, Tags};
use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

/// A protocol and, where it has them, ports or type and code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Traffic {
    /// Every packet.
    All,
    /// TCP to ports from … to.
    Tcp(u16, u16),
    /// UDP to ports from … to.
    Udp(u16, u16),
    /// ICMP of this type and code; `None` is every one.
    Icmp(Option<u8>, Option<u8>),
    /// ICMPv6 of this type and code; `None` is every one.
    Icmpv6(Option<u8>, Option<u8>),
    /// Any other protocol, by number.
    Other(u8),
}

/// The other end that a rule speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RulePeer {
    /// IPv4 addresses.
    V4(Ipv4Net),
    /// IPv6 addresses.
    V6(Ipv6Net),
    /// Members of a group, by their private addresses.
    Group {
        /// Whose group it is.
        account: String,
        /// `sg-…`; it may be gone, the rule is stale then.
        id: String,
    },
    /// The addresses of a prefix list (`pl-…`).
    PrefixList(String),
}

/// One permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRule {
    /// `sgr-…`
    pub id: String,
    /// Whether it is for what leaves the members.
    pub egress: bool,
    /// Which packets.
    pub traffic: Traffic,
    /// From or to whom.
    pub peer: RulePeer,
    /// A user's words on it.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// `sg-…`
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its number, as a filter and as a group.
    pub number: u32,
    /// Its name, unique in its VPC or, in Classic, in its scope.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The VPC it belongs to; `None` is EC2-Classic, where everything may leave and no egress rule exists.
    pub vpc: Option<String>,
    /// Its permissions.
    pub rules: Vec<GroupRule>,
}

resource!(SecurityGroup, IdKind::SecurityGroup);

impl SecurityGroup {
    /// Whether it is the group that the platform made, and that instances get when none is named.
    pub fn is_default(&self) -> bool {
        self.name == "default"
    }
}

impl Model {
    /// The default group of a VPC or of a scope's EC2-Classic: all from itself comes in, all goes out.
    pub(super) fn insert_default_group(&mut self, scope: &Scope, vpc: Option<&str>) -> String {
        let id = self.new_id(IdKind::SecurityGroup);
        let from_itself = RulePeer::Group { account: scope.account.clone(), id: id.clone() };
        let mut rules = Vec::new();
        if vpc.is_some() {
            rules.push(self.new_rule(false, Traffic::All, from_itself));
            rules.push(self.new_rule(true, Traffic::All, RulePeer::V4(Ipv4Net::default())));
        } else {
            // Classic knows no rule for all protocols.
            for traffic in [Traffic::Tcp(0, 65535), Traffic::Udp(0, 65535), Traffic::Icmp(None, None)] {
                rules.push(self.new_rule(false, traffic, from_itself.clone()));
            }
        }
        let group = SecurityGroup {
            id: id.clone(),
            scope: scope.clone(),
            tags: Tags::new(),
            number: self.number(),
            name: "default".into(),
            description: if vpc.is_some() { "default VPC security group" } else { "default group" }.into(),
            vpc: vpc.map(str::to_owned),
            rules,
        };
        self.security_groups.insert(group);
        id
    }

    pub(super) fn new_rule(&mut self, egress: bool, traffic: Traffic, peer: RulePeer) -> GroupRule {
        let id = self.new_id(IdKind::SecurityGroupRule);
        GroupRule { id, egress, traffic, peer, description: None, tags: Tags::new() }
    }
}

impl Model {
    /// The group of that name, in a VPC or in the scope's EC2-Classic.
    pub fn group_named(&self, scope: &Scope, vpc: Option<&str>, name: &str) -> Result<&SecurityGroup> {
        let here = |group: &&SecurityGroup| group.scope == *scope && group.vpc.as_deref() == vpc;
        self.security_groups.iter().filter(here).find(|group| group.name == name).ok_or_else(|| {
            Error::GroupNameNotFound {
                name: name.to_owned(),
                place: vpc.map_or_else(|| "EC2-Classic".to_owned(), |vpc| format!("VPC '{vpc}'")),
            }
        })
    }

    /// The default group of a scope's EC2-Classic; the first one to ask makes it.
    pub(super) fn default_classic_group(&mut self, scope: &Scope) -> String {
        match self.group_named(scope, None, "default") {
            Ok(group) => group.id.clone(),
            Err(_) => self.insert_default_group(scope, None),
        }
    }
}
