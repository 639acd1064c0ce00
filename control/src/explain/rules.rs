//! Rules in words.

use ipnet::IpNet;
use model::{AclEntry, GroupRule, Model, NetworkAcl, RulePeer, Traffic};

/// A group's rule.
pub(crate) fn group_rule(model: &Model, rule: &GroupRule) -> String {
    let peer = match &rule.peer {
        RulePeer::V4(net) => net.to_string(),
        RulePeer::V6(net) => net.to_string(),
        RulePeer::Group { id, .. } => match model.security_groups.get(id) {
            Some(group) => format!("{id} ({})", group.name),
            None => id.clone(),
        },
        RulePeer::PrefixList(id) => id.clone(),
    };
    format!("{} {} {peer}", traffic_words(rule.traffic), if rule.egress { "to" } else { "from" })
}

/// A network ACL's rule in words, by its number.
pub(crate) fn acl_rule(acl: &NetworkAcl, egress: bool, number: u16) -> Option<String> {
    let entry = acl.entries.iter().find(|entry| (entry.egress, entry.number) == (egress, number))?;
    let AclEntry { net, allow, .. } = entry;
    let net: &IpNet = net;
    let verb = if *allow { "allow" } else { "deny" };
    Some(format!("{verb} {} {} {net}", traffic_words(entry.traffic), if egress { "to" } else { "from" }))
}

/// Traffic in words, in the form that scenarios use.
pub(crate) fn traffic_words(traffic: Traffic) -> String {
    let ports = |name: &str, from: u16, to: u16| match (from, to) {
        (0, u16::MAX) => name.to_owned(),
        (from, to) if from == to => format!("{name} {from}"),
        (from, to) => format!("{name} {from}-{to}"),
    };
    match traffic {
        Traffic::All => "all".to_owned(),
        Traffic::Tcp(from, to) => ports("tcp", from, to),
        Traffic::Udp(from, to) => ports("udp", from, to),
        Traffic::Icmp(None, _) => "icmp".to_owned(),
        Traffic::Icmp(Some(kind), None) => format!("icmp {kind}"),
        Traffic::Icmp(Some(kind), Some(code)) => format!("icmp {kind}/{code}"),
        Traffic::Icmpv6(..) => "icmpv6".to_owned(),
        Traffic::Other(number) => format!("protocol {number}"),
    }
}
