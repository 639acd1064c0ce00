//! Security groups: stateful rules, of a VPC or of EC2-Classic (semantics.md §4).

use crate::collection::resource;
use crate::{Caller, Error, FNV_OFFSET, IdKind, Instance, Model, Numbered, Result, Scope, Tags, Traffic, fnv1a, tags};
use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The owner of the group of all load balancers in EC2-Classic. Rules may name it.
pub const BALANCERS: &str = "amazon-elb";
/// The name of that group.
pub const BALANCERS_GROUP: &str = "amazon-elb-sg";

/// The peer of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RulePeer {
    /// IPv4 addresses.
    V4(Ipv4Net),
    /// IPv6 addresses.
    V6(Ipv6Net),
    /// The members of a group, by their private addresses.
    Group {
        /// The group's owner.
        account: String,
        /// Its id: `sg-…`. If the group is deleted, the rule is stale.
        id: String,
    },
    /// The addresses of a prefix list (`pl-…`).
    PrefixList(String),
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRule {
    /// `sgr-…`
    pub id: String,
    /// Whether it is for traffic that members send.
    pub egress: bool,
    /// The traffic.
    pub traffic: Traffic,
    /// The source of ingress, or the destination of egress.
    pub peer: RulePeer,
    /// Its description.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl GroupRule {
    /// The number in its id, by which the tables know it. An id of AWS's documentation, which has none, is hashed.
    pub fn number(&self) -> u64 {
        let digits = self.id.rsplit('-').next().unwrap_or_default();
        let last = digits.get(digits.len().saturating_sub(16)..).unwrap_or_default();
        u64::from_str_radix(last, 16).unwrap_or_else(|_| fnv1a(FNV_OFFSET, &self.id))
    }
}

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// `sg-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its number, which a filter and a group of the dataplane have.
    pub number: u32,
    /// Its name, which is unique in its VPC or, in EC2-Classic, in its scope.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its VPC. `None` for EC2-Classic, where all traffic may leave and there are no egress rules.
    pub vpc: Option<String>,
    /// Its rules.
    pub rules: Vec<GroupRule>,
    /// The other VPCs of its owner with which it is associated.
    #[serde(default)]
    pub also_in: BTreeSet<String>,
}

resource!(SecurityGroup, IdKind::SecurityGroup, |group| {
    let named = group.rules.iter().filter_map(|rule| match &rule.peer {
        RulePeer::Group { id, .. } | RulePeer::PrefixList(id) => Some(id.clone()),
        RulePeer::V4(_) | RulePeer::V6(_) => None,
    });
    let rules = group.rules.iter().map(|rule| rule.id.clone());
    named.chain(rules).chain(group.vpc.clone()).chain([group.scope.named(&group.name)]).collect()
});

impl Numbered for SecurityGroup {
    fn number(&self) -> u32 {
        self.number
    }
}

impl SecurityGroup {
    /// Whether it is the default group, which instances get if they name none.
    pub fn is_default(&self) -> bool {
        self.name == "default"
    }
}

impl Model {
    /// Adds the default group of a VPC or of EC2-Classic: it allows ingress from itself and all egress.
    pub(crate) fn insert_default_group(&mut self, scope: &Scope, vpc: Option<&str>) -> String {
        let id = self.new_id(IdKind::SecurityGroup);
        let from_itself = RulePeer::Group { account: scope.account.clone(), id: id.clone() };
        let mut rules = Vec::new();
        if let Some(vpc) = vpc {
            rules.push(self.new_rule(false, Traffic::All, from_itself));
            rules.extend(self.everything_out(vpc));
        } else {
            // EC2-Classic has no rules for all protocols.
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
            also_in: BTreeSet::new(),
        };
        self.security_groups.insert(group);
        id
    }

    /// The egress rules of a new group of a VPC: all IPv4 and, if the VPC has it, all IPv6.
    fn everything_out(&mut self, vpc: &str) -> Vec<GroupRule> {
        let mut rules = vec![self.new_rule(true, Traffic::All, RulePeer::V4(Ipv4Net::default()))];
        if self.vpcs.get(vpc).is_some_and(|vpc| !vpc.ipv6.is_empty()) {
            rules.push(self.new_rule(true, Traffic::All, RulePeer::V6(Ipv6Net::default())));
        }
        rules
    }

    /// Adds a rule for all IPv6 egress to the groups of a VPC that allow all IPv4 egress, because the VPC got IPv6.
    pub(crate) fn allow_ipv6_egress(&mut self, vpc: &str) {
        let peers = |group: &SecurityGroup, peer: RulePeer| {
            group.rules.iter().any(|rule| rule.egress && rule.traffic == Traffic::All && rule.peer == peer)
        };
        let (all_v4, all_v6) = (RulePeer::V4(Ipv4Net::default()), RulePeer::V6(Ipv6Net::default()));
        let of_vpc = self.security_groups.by(vpc).filter(|group| group.vpc.as_deref() == Some(vpc));
        let open = of_vpc.filter(|group| peers(group, all_v4.clone()) && !peers(group, all_v6.clone()));
        for id in open.map(|group| group.id.clone()).collect::<Vec<_>>() {
            let rule = self.new_rule(true, Traffic::All, all_v6.clone());
            if let Some(group) = self.security_groups.get_mut(&id) {
                group.rules.push(rule);
            }
        }
    }

    pub(crate) fn new_rule(&mut self, egress: bool, traffic: Traffic, peer: RulePeer) -> GroupRule {
        let id = self.new_id(IdKind::SecurityGroupRule);
        GroupRule { id, egress, traffic, peer, description: None, tags: Tags::new() }
    }
}

impl Model {
    /// The group with that name, in a VPC or in the scope's EC2-Classic.
    pub fn group_named(&self, scope: &Scope, vpc: Option<&str>, name: &str) -> Result<&SecurityGroup> {
        self.security_groups.by(&scope.named(name)).find(|group| group.vpc.as_deref() == vpc).ok_or_else(|| {
            Error::GroupNameNotFound {
                name: name.to_owned(),
                place: vpc.map_or_else(|| "EC2-Classic".to_owned(), |vpc| format!("VPC '{vpc}'")),
            }
        })
    }

    /// The group with a name, in EC2-Classic or in the default VPC.
    pub fn group_meant(&self, scope: &Scope, name: &str) -> Result<&SecurityGroup> {
        let vpc = self.default_network(scope)?;
        self.group_named(scope, vpc.as_deref(), name)
    }

    /// The default group of a scope's EC2-Classic. It is created when it is first needed.
    pub(crate) fn default_classic_group(&mut self, scope: &Scope) -> String {
        match self.group_named(scope, None, "default") {
            Ok(group) => group.id.clone(),
            Err(_) => self.insert_default_group(scope, None),
        }
    }

    /// CreateSecurityGroup, in a VPC or in EC2-Classic: creates a group that allows no ingress and all egress.
    pub fn create_group(
        &mut self,
        caller: &Caller,
        vpc: Option<&str>,
        name: &str,
        description: &str,
        tags: Tags,
    ) -> Result<String> {
        let vpc = match vpc {
            Some(vpc) => Some(self.vpcs.find(&caller.scope, vpc)?.id.clone()),
            None => self.default_network(&caller.scope)?,
        };
        let vpc = vpc.as_deref();
        check_words(vpc.is_some(), name, description)?;
        tags::check(&tags)?;
        if self.group_named(&caller.scope, vpc, name).is_ok() {
            let place = vpc.map_or_else(|| "EC2-Classic".to_owned(), |vpc| format!("VPC '{vpc}'"));
            return Err(Error::GroupDuplicate { name: name.into(), place });
        }
        let here = |group: &&SecurityGroup| group.scope == caller.scope && group.vpc.as_deref() == vpc;
        let count = match vpc {
            Some(vpc) => self.security_groups.by(vpc).filter(here).count(),
            None => self.security_groups.iter().filter(here).count(),
        };
        if count >= GROUPS {
            return Err(Error::GroupLimit {});
        }
        let rules = vpc.map(|vpc| self.everything_out(vpc)).unwrap_or_default();
        let group = SecurityGroup {
            id: self.new_id(IdKind::SecurityGroup),
            scope: caller.scope.clone(),
            tags,
            number: self.number(),
            name: name.to_owned(),
            description: description.to_owned(),
            vpc: vpc.map(str::to_owned),
            rules,
            also_in: BTreeSet::new(),
        };
        let id = group.id.clone();
        self.security_groups.insert(group);
        Ok(id)
    }

    /// DeleteSecurityGroup. A default group and one in use are refused. Rules of other VPCs that name it become stale.
    pub fn delete_group(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let group = self.security_groups.find(&caller.scope, id)?;
        let (id, name) = (group.id.clone(), group.name.clone());
        if let Some(linked) = self.instances.by(&id).find(|instance| has_by_link(instance, &id)) {
            return Err(Error::GroupOfLink { id, instance: linked.id.clone() });
        }
        let used = self.group_is_used(group);
        match (&group.vpc, group.is_default()) {
            (None, true) => Err(Error::GroupReserved { name }),
            (Some(_), true) => Err(Error::GroupUndeletable { id, name }),
            (None, false) if used => Err(Error::GroupInUse { name }),
            (Some(_), false) if used => Err(Error::GroupDependency { id }),
            _ => {
                self.security_groups.remove(&id);
                Ok(())
            }
        }
    }

    /// Whether an interface, instance or service has the group, or another group of the same network names it.
    fn group_is_used(&self, group: &SecurityGroup) -> bool {
        let id = &group.id;
        let names = |rule: &GroupRule| matches!(&rule.peer, RulePeer::Group { id: named, .. } if named == id);
        let by_instance = |instance: &Instance| {
            let classic = instance.classic().filter(|_| !instance.is_gone());
            classic.is_some_and(|classic| classic.groups.contains(id)) || has_by_link(instance, id)
        };
        let mut neighbours = self.security_groups.by(id).filter(|other| other.id != *id && other.vpc == group.vpc);
        neighbours.any(|other| other.rules.iter().any(names))
            || self.network_interfaces.by(id).next().is_some()
            || self.instances.by(id).any(by_instance)
    }
}

/// Whether a VPC's group is one of an instance's link.
fn has_by_link(instance: &Instance, group: &String) -> bool {
    instance.link().is_some_and(|link| link.groups.contains(group))
}

/// The most groups of a VPC, or of EC2-Classic (semantics.md §4.1).
const GROUPS: usize = 500;

/// Checks a group's name and description (semantics.md §4.1).
fn check_words(in_vpc: bool, name: &str, description: &str) -> Result<()> {
    if name == "default" {
        let name = name.to_owned();
        return Err(if in_vpc { Error::GroupNameReserved { name } } else { Error::GroupReserved { name } });
    }
    if name.to_ascii_lowercase().starts_with("sg-") {
        return Err(Error::GroupNameLikeId { name: name.to_owned() });
    }
    let allowed = |c: char| match in_vpc {
        true => c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c),
        false => c.is_ascii() && !c.is_ascii_control(),
    };
    for (parameter, text) in [("groupName", name), ("groupDescription", description)] {
        if text.is_empty() || text.len() > 255 || !text.chars().all(allowed) {
            return Err(Error::InvalidValue { name: parameter.to_owned(), value: text.to_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_with_ids_of_the_documentation_have_different_numbers() {
        let everywhere = RulePeer::V4("0.0.0.0/0".parse().unwrap());
        let rule = Model::new(1).new_rule(true, Traffic::new("-1", None, None).unwrap(), everywhere);
        let number = |id: &str| GroupRule { id: id.to_owned(), ..rule.clone() }.number();
        assert_eq!(number("sgr-0000000000000002a"), 42);
        assert_ne!(number("sgr-0e9801d129EXAMPLE"), number("sgr-0262a0e521EXAMPLE"));
    }
}
