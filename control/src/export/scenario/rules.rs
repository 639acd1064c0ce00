//! Security groups and network ACLs.

use super::{Entries, Writer, say_owner};
use crate::explain::traffic_words;
use ipnet::IpNet;
use model::services::Admitted;
use model::{AclEntry, GroupRule, IdKind, NetworkAcl, Resource, RulePeer, SecurityGroup, Traffic};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

impl Writer<'_> {
    /// Groups. Default groups are included if a host or a rule uses them, because the platform makes
    /// its own.
    pub(super) fn groups(&mut self) -> Entries {
        let named = self.named_groups();
        let is_there = |group: &&SecurityGroup| group.vpc.as_ref().is_none_or(|vpc| self.is_written(IdKind::Vpc, vpc));
        let is_used = |group: &&SecurityGroup| !group.is_default() || named.contains(&group.id);
        let groups: Vec<_> = self.model.security_groups.iter().filter(is_there).filter(is_used).collect();
        // Rules may name groups that come later.
        self.written.extend(groups.iter().map(|group| group.id.clone()));
        let mut entries: Entries = groups.into_iter().map(|group| self.group(group)).collect();
        entries.extend(self.access_groups());
        entries
    }

    /// The groups of hosts, and those that rules of other groups and services' own groups name.
    fn named_groups(&self) -> BTreeSet<String> {
        let instances = self.model.instances.iter().filter(|instance| !instance.is_gone());
        let classic = instances.filter_map(|instance| instance.classic());
        let of_classic =
            classic.flat_map(|place| place.groups.iter().chain(place.link.iter().flat_map(|link| &link.groups)));
        let of_interfaces = self.model.network_interfaces.iter().flat_map(|interface| &interface.groups);
        let in_rules = self.model.security_groups.iter().flat_map(|group| {
            group.rules.iter().filter_map(|rule| match &rule.peer {
                RulePeer::Group { id, .. } if *id != group.id => Some(id),
                _ => None,
            })
        });
        let admitted = self.model.access_groups.iter().flat_map(|group| &group.admitted);
        let admitted = admitted.filter_map(|admitted| match admitted {
            Admitted::Group { id, .. } => Some(id),
            Admitted::Range(_) => None,
        });
        of_classic.chain(of_interfaces).chain(in_rules).chain(admitted).cloned().collect()
    }

    fn group(&mut self, group: &SecurityGroup) -> (String, Json) {
        let mut rules = |egress: bool| -> Vec<String> {
            let rules = group.rules.iter().filter(|rule| rule.egress == egress);
            rules.filter_map(|rule| self.rule(group, rule)).collect()
        };
        let mut entry = json!({"ingress": rules(false)});
        match &group.vpc {
            Some(vpc) => {
                entry["egress"] = json!(rules(true));
                entry["VpcId"] = json!(self.name(vpc));
            }
            None => say_owner(&mut entry, group.scope()),
        }
        self.entry(&group.id, entry)
    }

    fn rule(&mut self, group: &SecurityGroup, rule: &GroupRule) -> Option<String> {
        let (peer, has_words) = match &rule.peer {
            RulePeer::V4(net) => (net.to_string(), true),
            RulePeer::Group { id, .. } => (id.clone(), self.is_written(IdKind::SecurityGroup, id)),
            RulePeer::V6(net) => (net.to_string(), false),
            RulePeer::PrefixList(id) => (id.clone(), false),
        };
        let preposition = if rule.egress { "to" } else { "from" };
        let words = format!("{} {preposition} {peer}", traffic_words(rule.traffic));
        if has_words && !matches!(rule.traffic, Traffic::Icmpv6(..)) {
            return Some(words);
        }
        self.leave_out(format!("{}: its rule {words}", group.id));
        None
    }

    /// Network ACLs. Default ones are included if they were changed.
    pub(super) fn acls(&mut self) -> Entries {
        let acls = self.model.network_acls.iter().filter(|acl| self.is_written(IdKind::Vpc, &acl.vpc));
        let acls: Vec<_> = acls.filter(|acl| !is_default_acl(acl)).collect();
        acls.into_iter().map(|acl| self.acl(acl)).collect()
    }

    fn acl(&mut self, acl: &NetworkAcl) -> (String, Json) {
        let mut rules = |egress: bool| -> Vec<String> {
            let entries = acl.entries.iter().filter(|entry| entry.egress == egress);
            entries.filter_map(|entry| self.acl_rule(acl, entry)).collect()
        };
        let (ingress, egress) = (rules(false), rules(true));
        let subnets = acl.associations.iter().map(|association| association.subnet.clone());
        let subnets = self.names_of(IdKind::Subnet, &acl.id, &subnets.collect::<Vec<_>>());
        let entry = json!({"VpcId": self.name(&acl.vpc), "SubnetIds": subnets, "ingress": ingress, "egress": egress});
        self.entry(&acl.id, entry)
    }

    fn acl_rule(&mut self, acl: &NetworkAcl, entry: &AclEntry) -> Option<String> {
        let verb = if entry.allow { "allow" } else { "deny" };
        let preposition = if entry.egress { "to" } else { "from" };
        let words = format!("{} {verb} {} {preposition} {}", entry.number, traffic_words(entry.traffic), entry.net);
        if is_of_v4(entry) {
            return Some(words);
        }
        self.leave_out(format!("{}: its rule {words}", acl.id));
        None
    }
}

fn is_of_v4(entry: &AclEntry) -> bool {
    matches!(entry.net, IpNet::V4(_)) && !matches!(entry.traffic, Traffic::Icmpv6(..))
}

/// Whether a network ACL is a VPC's default one and allows all of IPv4 by one rule in each direction, as the platform makes it.
pub fn is_default_acl(acl: &NetworkAcl) -> bool {
    let of_v4: Vec<&AclEntry> = acl.entries.iter().filter(|entry| is_of_v4(entry)).collect();
    let is_open = |entry: &&AclEntry| entry.allow && entry.traffic == Traffic::All && entry.net.prefix_len() == 0;
    acl.default && of_v4.len() == 2 && of_v4.iter().all(is_open) && of_v4[0].egress != of_v4[1].egress
}
