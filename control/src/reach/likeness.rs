//! Groups of hosts that the tables do not distinguish. What holds for one host of a group holds for all.
//!
//! Hosts are alike if their interfaces use the same route tables, filters, groups and segments, and no rule, route or
//! subnet distinguishes their addresses.

use super::{Host, Network};
use crate::explain::names::Reach;
use ipnet::Ipv4Net;
use std::collections::{BTreeSet, HashMap};
use std::net::Ipv4Addr;
use wire::{
    AttachmentId, Change, Endpoint, Entry, Few, FilterId, GroupId, NatId, NextHop, Peer, Port, SegmentId, TableId,
    VrfId,
};

/// Ranges that the pipeline itself distinguishes: invalid addresses, and private ones (RFC 1918, 3927, 6598).
const KINDS: [Ipv4Net; 8] = [
    net(0, 0, 8),
    net(127, 0, 8),
    net(224, 0, 3),
    net(10, 0, 8),
    net(172, 16, 12),
    net(192, 168, 16),
    net(169, 254, 16),
    net(100, 64, 10),
];

const fn net(a: u8, b: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, 0, 0), length)
}

/// Everything by which hosts are distinguished.
#[derive(PartialEq, Eq, Hash)]
struct Likeness<'a> {
    ports: Vec<(TableId, Vec<Presence<'a>>)>,
    addresses: Vec<(Reach, Place)>,
}

/// A port's presence somewhere.
#[derive(PartialEq, Eq, Hash)]
struct Presence<'a> {
    vrf: VrfId,
    addresses: Vec<Place>,
    public: Vec<(Place, Place)>,
    filters: &'a Option<Few<FilterId>>,
    groups: &'a [GroupId],
    segment: Option<SegmentId>,
    source_check: bool,
    /// The attachment itself, if routes lead to it.
    middlebox: Option<AttachmentId>,
}

/// The properties by which addresses are compared.
#[derive(PartialEq, Eq, Hash)]
struct Place {
    /// The longest prefix in the tables that contains it.
    within: Option<Ipv4Net>,
    /// The VRFs in which it has an endpoint.
    known_in: Vec<(VrfId, Seen)>,
}

/// The endpoint of an address.
#[derive(PartialEq, Eq, Hash)]
enum Seen {
    /// The host itself: the index of its attachment, and whether the address is a translated one.
    Own(usize, bool),
    /// Another host.
    Other(AttachmentId),
    /// A NAT.
    Nat(NatId),
}

/// The tables, indexed for this purpose.
struct Index<'a> {
    prefixes: BTreeSet<Ipv4Net>,
    endpoints: HashMap<Ipv4Addr, Vec<(VrfId, Endpoint)>>,
    ports: HashMap<&'a str, Vec<(&'a Port, wire::PortId)>>,
    attachments: HashMap<wire::PortId, Vec<(AttachmentId, &'a wire::Attachment)>>,
    middleboxes: BTreeSet<AttachmentId>,
}

/// The hosts in groups of alike ones, by number. A group is placed by its first host.
pub(super) fn groups(network: &Network<'_>) -> Vec<Vec<usize>> {
    let index = Index::of(network);
    let mut places: HashMap<Likeness<'_>, usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (number, host) in network.hosts.iter().enumerate() {
        let group = *places.entry(index.likeness(host)).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(members) => members.push(number),
            None => groups.push(vec![number]),
        }
    }
    groups
}

impl<'a> Index<'a> {
    fn of(network: &'a Network<'_>) -> Self {
        let mut index = Self {
            prefixes: KINDS.into_iter().chain(network.model.subnets.iter().filter_map(|subnet| subnet.cidr)).collect(),
            endpoints: HashMap::new(),
            ports: HashMap::new(),
            attachments: HashMap::new(),
            middleboxes: BTreeSet::new(),
        };
        network.changes.iter().for_each(|change| index.enter(change));
        index.ports.values_mut().for_each(|ports| ports.sort_by_key(|(port, _)| port.interface));
        index
    }

    fn enter(&mut self, change: &'a Change) {
        let Change::Set(entry) = change else { return };
        match entry {
            Entry::Port(id, port) => self.ports.entry(&port.host).or_default().push((port, *id)),
            Entry::Attachment(id, attachment) => {
                self.attachments.entry(attachment.port).or_default().push((*id, attachment));
            }
            Entry::Address(vrf, address, endpoint) => {
                self.endpoints.entry(*address).or_default().push((*vrf, *endpoint));
            }
            Entry::Table(_, routes) => {
                self.prefixes.extend(routes.iter().map(|route| route.prefix.trunc()));
                self.middleboxes.extend(routes.iter().filter_map(|route| match route.next_hop {
                    NextHop::Via(attachment) => Some(attachment),
                    _ => None,
                }));
            }
            Entry::Filter(_, filter) => {
                let nets = filter.ingress.iter().chain(&filter.egress).filter_map(|rule| match rule.peer {
                    Peer::Net(net) => Some(net.trunc()),
                    Peer::Group(_) => None,
                });
                self.prefixes.extend(nets);
            }
            Entry::Acl(_, acl) => {
                self.prefixes.extend(acl.ingress.iter().chain(&acl.egress).map(|rule| rule.net.trunc()));
            }
            _ => {}
        }
    }

    fn likeness(&self, host: &Host) -> Likeness<'_> {
        let ports = self.ports.get(host.name.id.as_str()).map_or(&[][..], |ports| ports);
        let attachments = |port| self.attachments.get(port).map_or(&[][..], |attachments| attachments);
        let own: Vec<AttachmentId> =
            ports.iter().flat_map(|(_, port)| attachments(port)).map(|(attachment, _)| *attachment).collect();
        let place = |address: &Ipv4Addr| self.place(*address, &own);
        let presence = |(id, attachment): &(AttachmentId, &'a wire::Attachment)| Presence {
            vrf: attachment.vrf,
            addresses: attachment.addresses.iter().map(place).collect(),
            public: attachment.public.iter().map(|(own, public)| (place(own), place(public))).collect(),
            filters: &attachment.filters,
            groups: &attachment.groups,
            segment: attachment.segment,
            source_check: attachment.source_check,
            middlebox: self.middleboxes.contains(id).then_some(*id),
        };
        Likeness {
            ports: ports
                .iter()
                .map(|(port, id)| (port.table, attachments(id).iter().map(presence).collect()))
                .collect(),
            addresses: host.addresses.iter().map(|(reach, address)| (reach.clone(), place(address))).collect(),
        }
    }

    fn place(&self, address: Ipv4Addr, own: &[AttachmentId]) -> Place {
        let at = |attachment: AttachmentId, translated| match own.iter().position(|mine| *mine == attachment) {
            Some(which) => Seen::Own(which, translated),
            None => Seen::Other(attachment),
        };
        let seen = |endpoint: Endpoint| match endpoint {
            Endpoint::Own(attachment) | Endpoint::Service(attachment, _) => at(attachment, false),
            Endpoint::Public(attachment, _) | Endpoint::Client(attachment, _) => at(attachment, true),
            Endpoint::Nat(nat) => Seen::Nat(nat),
        };
        let known_in = self.endpoints.get(&address).map_or(&[][..], |known| known).iter();
        Place {
            within: (0..=32).rev().find_map(|length| {
                let net = Ipv4Net::new(address, length).ok()?.trunc();
                self.prefixes.get(&net).copied()
            }),
            known_in: known_in.map(|(vrf, endpoint)| (*vrf, seen(*endpoint))).collect(),
        }
    }
}
