//! Rules in words, and which rule of a group lets a packet pass.

use crate::model::{AclEntry, GroupRule, Model, NetworkAcl, RulePeer, SecurityGroup, Traffic};
use ipnet::IpNet;
use std::net::Ipv4Addr;
use wire::{FiveTuple, ICMP, TCP, UDP};

/// The other end of a packet's path, as a group's rules see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct OtherEnd<'a> {
    pub address: Ipv4Addr,
    /// The ids of its groups.
    pub groups: &'a [String],
}

/// The first rule of a group that matches a packet, in words.
pub(super) fn fitting(
    model: &Model,
    group: &SecurityGroup,
    egress: bool,
    packet: FiveTuple,
    other: OtherEnd<'_>,
) -> Option<String> {
    let names = |rule: &&GroupRule| match &rule.peer {
        RulePeer::V4(net) => net.contains(&other.address),
        RulePeer::Group { id, .. } => other.groups.contains(id),
        RulePeer::PrefixList(id) => {
            model.prefix_list(&group.scope.region, id).iter().any(|net| net.contains(&other.address))
        }
        RulePeer::V6(_) => false,
    };
    let fits = |rule: &&GroupRule| rule.egress == egress && covers(rule.traffic, packet);
    match group.rules.iter().filter(fits).find(names) {
        Some(rule) => Some(group_rule(model, rule)),
        // Classic groups have no egress rules.
        None => (egress && group.vpc.is_none()).then(|| "all to 0.0.0.0/0".to_owned()),
    }
}

fn covers(traffic: Traffic, packet: FiveTuple) -> bool {
    let [kind, code] = packet.destination_port.to_be_bytes();
    match traffic {
        Traffic::All => true,
        Traffic::Tcp(from, to) => packet.protocol == TCP && (from..=to).contains(&packet.destination_port),
        Traffic::Udp(from, to) => packet.protocol == UDP && (from..=to).contains(&packet.destination_port),
        Traffic::Icmp(wanted, wanted_code) => {
            packet.protocol == ICMP
                && wanted.is_none_or(|wanted| wanted == kind)
                && wanted_code.is_none_or(|wanted| wanted == code)
        }
        Traffic::Icmpv6(..) => false,
        Traffic::Other(number) => packet.protocol == number,
    }
}

fn group_rule(model: &Model, rule: &GroupRule) -> String {
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
pub(super) fn acl_rule(acl: &NetworkAcl, egress: bool, number: u16) -> Option<String> {
    let entry = acl.entries.iter().find(|entry| (entry.egress, entry.number) == (egress, number))?;
    let AclEntry { net, allow, .. } = entry;
    let net: &IpNet = net;
    let verb = if *allow { "allow" } else { "deny" };
    Some(format!("{verb} {} {} {net}", traffic_words(entry.traffic), if egress { "to" } else { "from" }))
}

/// Traffic in words, as rules of scenarios have it, too.
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
