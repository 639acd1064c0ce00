//! Rule sets compiled so that a decision costs about the same with one rule and with a hundred thousand.
//!
//! A [`RuleSet`] is indexed by the other end: the rules for everyone, the rules by prefix (of which all that cover the address
//! count, at most 33), and the rules by group (of which the other end has a few). Under each, a [`TrafficSet`] of merged ranges.

use crate::packet::Header;
use ipnet::Ipv4Net;
use prefix_trie::PrefixMap;
use std::collections::HashMap;
use std::net::Ipv4Addr;
use wire::{GroupId, Peer, Rule, TCP, Traffic, UDP};

/// A set of ports as sorted, disjoint, inclusive ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct PortSet(Vec<(u16, u16)>);

impl PortSet {
    fn insert(&mut self, first: u16, last: u16) {
        if first > last {
            return;
        }
        let touches = |range: &(u16, u16)| range.0 <= last.saturating_add(1) && first <= range.1.saturating_add(1);
        let start = self.0.iter().position(touches).unwrap_or_else(|| self.0.partition_point(|range| range.1 < first));
        let end = start + self.0[start..].iter().take_while(|range| touches(range)).count();
        let merged =
            self.0[start..end].iter().fold((first, last), |all, range| (all.0.min(range.0), all.1.max(range.1)));
        self.0.splice(start..end, [merged]);
    }

    fn contains(&self, port: u16) -> bool {
        let at = self.0.partition_point(|range| range.1 < port);
        self.0.get(at).is_some_and(|range| range.0 <= port)
    }

    fn is_full(&self) -> bool {
        self.0 == [(0, u16::MAX)]
    }
}

/// What rules allow, for one other end.
#[derive(Clone, Debug, Default)]
pub struct TrafficSet {
    any: bool,
    tcp: PortSet,
    udp: PortSet,
    icmp: Vec<(Option<u8>, Option<u8>)>,
    protocols: Vec<u8>,
}

impl TrafficSet {
    fn insert(&mut self, traffic: &Traffic) {
        match traffic {
            Traffic::Any => self.any = true,
            Traffic::Tcp(ports) => self.tcp.insert(*ports.start(), *ports.end()),
            Traffic::Udp(ports) => self.udp.insert(*ports.start(), *ports.end()),
            Traffic::Icmp(kind, code) => {
                let entry = (*kind, kind.and(*code));
                if !self.icmp.contains(&entry) {
                    self.icmp.push(entry);
                }
            }
            Traffic::Protocol(number) => {
                if let Err(at) = self.protocols.binary_search(number) {
                    self.protocols.insert(at, *number);
                }
            }
        }
    }

    /// Whether a packet is in the set.
    pub fn contains(&self, header: &Header) -> bool {
        if self.any {
            return true;
        }
        let in_ports = match header.tuple.protocol {
            TCP => self.tcp.contains(header.tuple.destination_port),
            UDP => self.udp.contains(header.tuple.destination_port),
            _ => false,
        };
        in_ports
            || header.icmp.is_some_and(|icmp| {
                let matches = |wanted: Option<u8>, is: u8| wanted.is_none_or(|wanted| wanted == is);
                self.icmp.iter().any(|(kind, code)| matches(*kind, icmp.kind) && matches(*code, icmp.code))
            })
            || self.protocols.binary_search(&header.tuple.protocol).is_ok()
    }

    fn contains_all_ports(&self, protocol: u8) -> bool {
        self.any
            || match protocol {
                TCP => self.tcp.is_full(),
                UDP => self.udp.is_full(),
                _ => false,
            }
    }
}

/// Whether one row of a list matches a packet; for lists that are tried in order.
pub fn matches(traffic: &Traffic, header: &Header) -> bool {
    let mut set = TrafficSet::default();
    match traffic {
        Traffic::Any => true,
        Traffic::Tcp(ports) => header.tuple.protocol == TCP && ports.contains(&header.tuple.destination_port),
        Traffic::Udp(ports) => header.tuple.protocol == UDP && ports.contains(&header.tuple.destination_port),
        Traffic::Protocol(number) => header.tuple.protocol == *number,
        Traffic::Icmp(..) => {
            set.insert(traffic);
            set.contains(header)
        }
    }
}

/// One direction of a filter, compiled.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    everyone: TrafficSet,
    nets: PrefixMap<Ipv4Net, TrafficSet>,
    groups: HashMap<GroupId, TrafficSet, foldhash::fast::RandomState>,
}

/// How wide the rule was that allowed a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// Open to 0.0.0.0/0.
    Everyone,
    /// To some addresses or groups.
    Some,
}

impl RuleSet {
    /// Compiles rules.
    pub fn new(rules: &[Rule]) -> Self {
        let mut set = Self::default();
        for rule in rules {
            let traffic = match rule.peer {
                Peer::Net(net) if net.prefix_len() == 0 => &mut set.everyone,
                Peer::Net(net) => set.nets.entry(net.trunc()).or_default(),
                Peer::Group(group) => set.groups.entry(group).or_default(),
            };
            traffic.insert(&rule.traffic);
        }
        set
    }

    /// Whether a rule allows this packet from or to `peer`, a member of `groups`; the widest such rule counts.
    pub fn allows(&self, header: &Header, peer: Ipv4Addr, groups: &[GroupId]) -> Option<Width> {
        if self.everyone.contains(header) {
            return Some(Width::Everyone);
        }
        let by_group = || groups.iter().any(|group| self.groups.get(group).is_some_and(|set| set.contains(header)));
        let by_net =
            || !self.nets.is_empty() && self.nets.cover(&Ipv4Net::from(peer)).any(|(_, set)| set.contains(header));
        (by_group() || by_net()).then_some(Width::Some)
    }

    /// Whether everything of a protocol is open to everyone, all ports: one half of what makes a flow untracked.
    pub fn is_open(&self, protocol: u8) -> bool {
        self.everyone.contains_all_ports(protocol)
    }
}

/// The reference that [`RuleSet`] is tested against: every rule, one after the other.
#[cfg(test)]
pub fn slow_allows(rules: &[Rule], header: &Header, peer: Ipv4Addr, groups: &[GroupId]) -> Option<Width> {
    let allowing = || {
        rules.iter().filter(|rule| {
            let peer_matches = match rule.peer {
                Peer::Net(net) => net.contains(&peer),
                Peer::Group(group) => groups.contains(&group),
            };
            let tuple = header.tuple;
            peer_matches
                && match &rule.traffic {
                    Traffic::Any => true,
                    Traffic::Tcp(ports) => tuple.protocol == TCP && ports.contains(&tuple.destination_port),
                    Traffic::Udp(ports) => tuple.protocol == UDP && ports.contains(&tuple.destination_port),
                    Traffic::Icmp(None, _) => header.icmp.is_some(),
                    Traffic::Icmp(Some(kind), None) => header.icmp.is_some_and(|icmp| icmp.kind == *kind),
                    Traffic::Icmp(Some(kind), Some(code)) => {
                        header.icmp.is_some_and(|icmp| (icmp.kind, icmp.code) == (*kind, *code))
                    }
                    Traffic::Protocol(number) => tuple.protocol == *number,
                }
        })
    };
    if allowing().any(|rule| matches!(rule.peer, Peer::Net(net) if net.prefix_len() == 0)) {
        Some(Width::Everyone)
    } else {
        allowing().next().map(|_| Width::Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::IcmpKind;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use wire::{FiveTuple, ICMP};

    fn rules() -> impl Strategy<Value = Rule> {
        let ports = (0u16..12, 0u16..12).prop_map(|(a, b)| a.min(b)..=a.max(b));
        let code = prop::option::of(0u8..3);
        let traffic = prop_oneof![
            Just(Traffic::Any),
            ports.clone().prop_map(Traffic::Tcp),
            ports.prop_map(Traffic::Udp),
            (code.clone(), code).prop_map(|(kind, code)| Traffic::Icmp(kind, code)),
            (0u8..3).prop_map(|number| Traffic::Protocol(46 + number)),
        ];
        let peer = prop_oneof![
            (0u32..16, 26u8..=32)
                .prop_map(|(low, length)| Ipv4Net::new(Ipv4Addr::from_bits(0x0a00_0000 | low), length).unwrap())
                .prop_map(Peer::Net),
            Just(Peer::Net(Ipv4Net::default())),
            (0u32..4).prop_map(|group| Peer::Group(GroupId(group))),
        ];
        (traffic, peer).prop_map(|(traffic, peer)| Rule { traffic, peer })
    }

    proptest! {
        #[test]
        fn compiled_rules_allow_what_the_rules_allow(
            rules in prop::collection::vec(rules(), 0..12), protocol in prop::sample::select(vec![TCP, UDP, ICMP, 46, 47]),
            port in 0u16..14, kind in 0u8..3, code in 0u8..3, peer in 0u32..20, groups in prop::collection::vec((0u32..5).prop_map(GroupId), 0..3),
        ) {
            let peer = Ipv4Addr::from_bits(0x0a00_0000 | peer);
            let tuple = FiveTuple { source: peer, destination: peer, protocol, source_port: 0, destination_port: port };
            let header = Header { tuple, icmp: (protocol == ICMP).then_some(IcmpKind { kind, code }), tcp_flags: 0 };
            prop_assert_eq!(RuleSet::new(&rules).allows(&header, peer, &groups), slow_allows(&rules, &header, peer, &groups));
        }

        #[test]
        fn port_ranges_merge_to_the_same_ports(ranges in prop::collection::vec((0u16..60, 0u16..20), 0..20)) {
            let (mut set, mut reference) = (PortSet::default(), BTreeSet::new());
            for (first, length) in ranges {
                set.insert(first, first + length);
                reference.extend(first..=first + length);
            }
            for port in 0..100 {
                prop_assert_eq!(set.contains(port), reference.contains(&port), "{}", port);
            }
            prop_assert!(set.0.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "{:?}", set);
        }
    }

    #[test]
    fn the_whole_range_is_open_also_in_pieces() {
        let rule = |ports| Rule { traffic: Traffic::Tcp(ports), peer: Peer::Net(Ipv4Net::default()) };
        assert!(RuleSet::new(&[rule(0..=9), rule(10..=u16::MAX)]).is_open(TCP));
        assert!(!RuleSet::new(&[rule(1..=u16::MAX)]).is_open(TCP));
    }
}
