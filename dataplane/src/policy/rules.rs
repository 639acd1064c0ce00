//! Rule sets, compiled so that a decision costs about the same with one rule as with a hundred thousand.
//!
//! A [`RuleSet`] is indexed by the peer: rules for everyone, rules by prefix (all that cover the address apply, at most
//! 33), and rules by group (a peer has a few). Each has a [`TrafficSet`] of merged ranges.

use crate::packet::{Header, IcmpKind};
use prefix_trie::PrefixMap;
use std::collections::HashMap;
use wire::{Address, GroupId, Peer, Prefix, Rule, RuleId, TCP, Traffic, UDP};

/// A range of ports and its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PortRange {
    first: u16,
    last: u16,
    rule: RuleId,
}

/// A set of ports as sorted, disjoint ranges. Each range has the first rule that covers it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct PortSet(Vec<PortRange>);

impl PortSet {
    /// Adds the ports of this range that no earlier rule covers.
    fn insert(&mut self, first: u16, last: u16, rule: RuleId) {
        let start = self.0.partition_point(|range| range.last < first);
        let end = start + self.0[start..].iter().take_while(|range| range.first <= last).count();
        let (mut merged, mut next) = (Vec::new(), u32::from(first));
        for range in &self.0[start..end] {
            if next < u32::from(range.first) {
                merged.push(PortRange { first: next as u16, last: range.first - 1, rule });
            }
            merged.push(*range);
            next = u32::from(range.last) + 1;
        }
        if next <= u32::from(last) {
            merged.push(PortRange { first: next as u16, last, rule });
        }
        self.0.splice(start..end, merged);
    }

    fn find(&self, port: u16) -> Option<RuleId> {
        let at = self.0.partition_point(|range| range.last < port);
        self.0.get(at).filter(|range| range.first <= port).map(|range| range.rule)
    }

    fn is_full(&self) -> bool {
        let ends = self.0.first().zip(self.0.last());
        ends.is_some_and(|(first, last)| first.first == 0 && last.last == u16::MAX)
            && self.0.is_sorted_by(|before, after| before.last + 1 == after.first)
    }
}

/// The traffic that rules allow with one peer, and the rule that allows it.
#[derive(Clone, Debug, Default)]
pub struct TrafficSet {
    any: Option<RuleId>,
    tcp: PortSet,
    udp: PortSet,
    icmp: Vec<(Option<u8>, Option<u8>, RuleId)>,
    protocols: Vec<(u8, RuleId)>,
}

impl TrafficSet {
    fn insert(&mut self, traffic: &Traffic, rule: RuleId) {
        match traffic {
            Traffic::Any => self.any = self.any.or(Some(rule)),
            Traffic::Tcp(ports) => self.tcp.insert(*ports.start(), *ports.end(), rule),
            Traffic::Udp(ports) => self.udp.insert(*ports.start(), *ports.end(), rule),
            Traffic::Icmp(kind, code) => {
                let covers = |(of, code_of, _): &(Option<u8>, Option<u8>, RuleId)| (of, code_of) == (kind, code);
                if !self.icmp.iter().any(covers) {
                    self.icmp.push((*kind, *code, rule));
                }
            }
            Traffic::Protocol(number) => {
                if let Err(at) = self.protocols.binary_search_by_key(number, |(of, _)| *of) {
                    self.protocols.insert(at, (*number, rule));
                }
            }
        }
    }

    /// The rule that allows a packet, if any does.
    pub fn find(&self, header: &Header) -> Option<RuleId> {
        let protocol = header.tuple.protocol;
        let by_ports = || match protocol {
            TCP => self.tcp.find(header.tuple.destination_port),
            UDP => self.udp.find(header.tuple.destination_port),
            _ => None,
        };
        let by_icmp = || {
            let icmp = header.icmp?;
            self.icmp.iter().find(|(kind, code, _)| icmp_matches(icmp, *kind, *code)).map(|(.., rule)| *rule)
        };
        let by_protocol = || {
            let at = self.protocols.binary_search_by_key(&protocol, |(of, _)| *of).ok()?;
            self.protocols.get(at).map(|(_, rule)| *rule)
        };
        self.any.or_else(by_ports).or_else(by_icmp).or_else(by_protocol)
    }

    fn contains_all_ports(&self, protocol: u8) -> bool {
        self.any.is_some()
            || match protocol {
                TCP => self.tcp.is_full(),
                UDP => self.udp.is_full(),
                _ => false,
            }
    }
}

/// Whether an ICMP message has this type and code. `None` matches all; a code without a type is ignored.
fn icmp_matches(icmp: IcmpKind, kind: Option<u8>, code: Option<u8>) -> bool {
    kind.is_none_or(|kind| kind == icmp.kind && code.is_none_or(|code| code == icmp.code))
}

/// Whether a packet matches one rule of a list that is tried in order.
pub fn matches(traffic: &Traffic, header: &Header) -> bool {
    let tuple = header.tuple;
    match traffic {
        Traffic::Any => true,
        Traffic::Tcp(ports) => tuple.protocol == TCP && ports.contains(&tuple.destination_port),
        Traffic::Udp(ports) => tuple.protocol == UDP && ports.contains(&tuple.destination_port),
        Traffic::Protocol(number) => tuple.protocol == *number,
        Traffic::Icmp(kind, code) => header.icmp.is_some_and(|icmp| icmp_matches(icmp, *kind, *code)),
    }
}

/// One direction of a filter, compiled.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    everyone: TrafficSet,
    nets: PrefixMap<Prefix, TrafficSet>,
    groups: HashMap<GroupId, TrafficSet, foldhash::fast::RandomState>,
}

/// Whether a rule is for everyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// It is for 0.0.0.0/0.
    Everyone,
    /// It is for a smaller network or for a group.
    Limited,
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
            traffic.insert(&rule.traffic, rule.id);
        }
        set
    }

    /// The rule that allows this packet from or to `peer`, which is a member of `groups`. A rule for everyone comes first.
    pub fn allows(&self, header: &Header, peer: Address, groups: &[GroupId]) -> Option<(Width, RuleId)> {
        if let Some(rule) = self.everyone.find(header) {
            return Some((Width::Everyone, rule));
        }
        let by_group = || groups.iter().find_map(|group| self.groups.get(group)?.find(header));
        let by_net = || {
            let mut covering = (!self.nets.is_empty()).then(|| self.nets.cover(&Prefix::from(peer)))?;
            covering.find_map(|(_, set)| set.find(header))
        };
        by_group().or_else(by_net).map(|rule| (Width::Limited, rule))
    }

    /// Whether all ports of a protocol are open to everyone. A flow is untracked only if the other direction is open so
    /// (semantics.md §4.3).
    pub fn is_open(&self, protocol: u8) -> bool {
        self.everyone.contains_all_ports(protocol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
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
                .prop_map(|(low, length)| Prefix::new(Address::from_bits(0x0a00_0000 | low), length).unwrap())
                .prop_map(Peer::Net),
            Just(Peer::Net(Prefix::default())),
            (0u32..4).prop_map(|group| Peer::Group(GroupId(group))),
        ];
        (traffic, peer).prop_map(|(traffic, peer)| Rule { id: RuleId(0), traffic, peer })
    }

    /// The reference for [`RuleSet`]: tries every rule in turn.
    fn slow_allows(rules: &[Rule], header: &Header, peer: Address, groups: &[GroupId]) -> Option<Width> {
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
            allowing().next().map(|_| Width::Limited)
        }
    }

    proptest! {
        #[test]
        fn compiled_rules_allow_what_the_rules_allow(
            rules in prop::collection::vec(rules(), 0..12),
            protocol in prop::sample::select(vec![TCP, UDP, ICMP, 46, 47]),
            port in 0u16..14,
            kind in 0u8..3,
            code in 0u8..3,
            peer in 0u32..20,
            groups in prop::collection::vec((0u32..5).prop_map(GroupId), 0..3),
        ) {
            let peer = Address::from_bits(0x0a00_0000 | peer);
            let tuple = FiveTuple { source: peer, destination: peer, protocol, source_port: 0, destination_port: port };
            let header = Header { tuple, icmp: (protocol == ICMP).then_some(IcmpKind { kind, code }), tcp_flags: 0 };
            let numbered = (0..).zip(rules).map(|(id, rule)| Rule { id: RuleId(id), ..rule });
            let rules: Vec<Rule> = numbered.collect();
            let allowed = RuleSet::new(&rules).allows(&header, peer, &groups);
            prop_assert_eq!(allowed.map(|(width, _)| width), slow_allows(&rules, &header, peer, &groups));
            if let Some((width, RuleId(named))) = allowed {
                let named = &rules[named as usize..=named as usize];
                prop_assert_eq!(slow_allows(named, &header, peer, &groups), Some(width), "{:?}", named);
            }
        }

        #[test]
        fn a_port_is_of_the_first_rule_that_covers_it(ranges in prop::collection::vec((0u16..60, 0u16..20), 0..20)) {
            let (mut set, mut reference) = (PortSet::default(), BTreeMap::new());
            for (rule, (first, length)) in (0..).map(RuleId).zip(ranges) {
                set.insert(first, first + length, rule);
                for port in first..=first + length {
                    reference.entry(port).or_insert(rule);
                }
            }
            for port in 0..100 {
                prop_assert_eq!(set.find(port), reference.get(&port).copied(), "{}", port);
            }
            prop_assert!(set.0.windows(2).all(|pair| pair[0].last < pair[1].first), "{:?}", set);
        }
    }

    #[test]
    fn a_range_in_pieces_is_open_as_a_whole() {
        let rule = |ports| Rule { id: RuleId(0), traffic: Traffic::Tcp(ports), peer: Peer::Net(Prefix::default()) };
        assert!(RuleSet::new(&[rule(0..=9), rule(10..=u16::MAX)]).is_open(TCP));
        assert!(!RuleSet::new(&[rule(1..=u16::MAX)]).is_open(TCP));
    }
}
