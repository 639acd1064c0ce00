//! Security groups and network ACLs.

use ipnet::{IpNet, Ipv4Net};
use model::{AclEntry, GroupRule, Model, NetworkAcl, RulePeer, SecurityGroup, Traffic};
use wire::{Acl, AclId, AclRule, Entry, Few, Filter, FilterId, GroupId, Peer, Rule, RuleId};

/// A rule that no group lists: it lets all traffic leave a Classic instance, reach the platform's services, or pass
/// between a cache's nodes.
pub(crate) const IMPLICIT: RuleId = RuleId(0);

/// A group's filter. The group's members are the members of the dataplane's group with the same number.
pub(super) fn group(model: &Model, group: &SecurityGroup) -> Entry {
    let rules = |egress: bool| {
        let rules = group.rules.iter().filter(|rule| rule.egress == egress);
        rules.flat_map(|rule| compiled(model, group, rule)).collect()
    };
    let mut filter = Filter { ingress: rules(false), egress: rules(true) };
    if group.vpc.is_none() {
        // A Classic instance may send anything (semantics.md §4.1).
        filter.egress = vec![Rule { id: IMPLICIT, traffic: wire::Traffic::Any, peer: Peer::Net(Ipv4Net::default()) }];
    }
    Entry::Filter(FilterId(group.number), filter)
}

/// A group's rule as filter rules, one for each peer. Empty if it does not apply to IPv4.
fn compiled(model: &Model, group: &SecurityGroup, rule: &GroupRule) -> Vec<Rule> {
    let (id, traffic) = (RuleId(rule.number()), traffic(rule.traffic));
    let of = |peer| Some(Rule { id, traffic: traffic.clone()?, peer });
    peers(model, group, rule).into_iter().filter_map(of).collect()
}

/// The filters and groups of an attachment that is in these security groups.
pub(super) fn membership(model: &Model, groups: &[String]) -> (Option<Few<FilterId>>, Few<GroupId>) {
    let number = |id: &String| model.security_groups.number(id).or_else(|| model.access_groups.number(id));
    let numbers: Vec<u32> = groups.iter().filter_map(number).collect();
    (Some(numbers.iter().map(|n| FilterId(*n)).collect()), numbers.into_iter().map(GroupId).collect())
}

/// A network ACL's rules. A packet without a match is denied, so the last rule needs no entry.
pub(super) fn acl(acl: &NetworkAcl) -> Entry {
    let rules = |egress: bool| {
        let mut rules: Vec<AclRule> =
            acl.entries.iter().filter(|entry| entry.egress == egress).filter_map(acl_rule).collect();
        rules.sort_by_key(|rule| rule.number);
        rules
    };
    Entry::Acl(AclId(acl.number), Acl { ingress: rules(false), egress: rules(true) })
}

fn acl_rule(entry: &AclEntry) -> Option<AclRule> {
    let IpNet::V4(net) = entry.net else { return None };
    Some(AclRule { number: entry.number, traffic: traffic(entry.traffic)?, net, allow: entry.allow })
}

/// The traffic of a rule. `None` if it does not apply to IPv4.
fn traffic(traffic: Traffic) -> Option<wire::Traffic> {
    Some(match traffic {
        Traffic::All => wire::Traffic::Any,
        Traffic::Tcp(from, to) => wire::Traffic::Tcp(from..=to),
        Traffic::Udp(from, to) => wire::Traffic::Udp(from..=to),
        Traffic::Icmp(kind, code) => wire::Traffic::Icmp(kind, code),
        Traffic::Icmpv6(..) => return None,
        Traffic::Other(number) => wire::Traffic::Protocol(number),
    })
}

/// The peers of a rule. Empty for IPv6, and for a group that no longer exists: the rule is stale.
fn peers(model: &Model, group: &SecurityGroup, rule: &GroupRule) -> Vec<Peer> {
    match &rule.peer {
        RulePeer::V4(net) => vec![Peer::Net(*net)],
        RulePeer::Group { id, .. } => {
            model.security_groups.number(id).map(|number| Peer::Group(GroupId(number))).into_iter().collect()
        }
        RulePeer::PrefixList(id) => model.prefix_list(&group.scope.region, id).into_iter().map(Peer::Net).collect(),
        RulePeer::V6(_) => Vec::new(),
    }
}
