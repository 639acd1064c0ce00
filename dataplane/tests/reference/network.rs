//! Random networks: an Internet, a Classic-like address space, two private spaces with segments, links between them, a
//! peering, a NAT and a middlebox. The pools of addresses, ports and rules are small, so that packets often meet rules.

use ipnet::Ipv4Net;
use proptest::prelude::*;
use std::net::Ipv4Addr;
use wire::*;

pub const INTERNET: VrfId = VrfId(1);
pub const CLASSIC: VrfId = VrfId(2);
/// The two private spaces, and beside each the space of the hosts that are linked to it.
pub const PRIVATE: [VrfId; 2] = [VrfId(3), VrfId(5)];
pub const LINKS: [VrfId; 2] = [VrfId(4), VrfId(6)];
pub const NAT: NatId = NatId(1);
pub const TRANSLATED: Ipv4Addr = Ipv4Addr::new(9, 9, 9, 9);
pub const FILTERS: u32 = 4;

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Internet,
    Classic { link: Option<usize> },
    Private { space: usize, segment: u32, public: bool, second: Second, source_check: bool },
}

/// Whether a host has a second address, and whether that has a public address.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Second {
    Absent,
    Unmapped,
    Mapped,
}

/// The default route of a private segment.
#[derive(Clone, Copy, Debug)]
pub enum Default {
    Nothing,
    Edge,
    Translate,
    Blackhole,
    /// Through the first private host of the space.
    Middlebox,
}

#[derive(Clone, Debug)]
pub struct Network {
    pub hosts: Vec<(Kind, Vec<FilterId>)>,
    pub filters: Vec<Filter>,
    pub acls: Vec<Acl>,
    pub defaults: [Default; 2],
    pub overlapping: bool,
    pub peered: bool,
    /// Whether packets to the peer pass a router with tables of its own.
    pub routed: bool,
}

fn net(text: &str) -> Ipv4Net {
    text.parse().unwrap()
}

pub fn traffic() -> impl Strategy<Value = Traffic> + Clone {
    let ports = prop_oneof![3 => (1u16..4).prop_map(|port| port..=port), 1 => Just(0..=u16::MAX)];
    prop_oneof![
        2 => Just(Traffic::Any),
        3 => ports.clone().prop_map(Traffic::Tcp),
        2 => ports.prop_map(Traffic::Udp),
        1 => Just(Traffic::Icmp(Some(8), None)),
        1 => Just(Traffic::Icmp(None, None)),
        1 => Just(Traffic::Protocol(47)),
    ]
}

fn nets() -> impl Strategy<Value = Ipv4Net> + Clone {
    let some = [
        "0.0.0.0/0",
        "10.0.0.0/8",
        "192.168.0.0/25",
        "192.168.0.0/24",
        "172.31.0.0/24",
        "8.0.0.0/30",
        "9.0.0.0/8",
        "10.9.0.1/32",
    ];
    prop::sample::select(some.map(net).to_vec())
}

pub fn filters() -> impl Strategy<Value = Filter> {
    let peer = prop_oneof![nets().prop_map(Peer::Net), (0..FILTERS).prop_map(|group| Peer::Group(GroupId(group)))];
    let rule = (traffic(), peer).prop_map(|(traffic, peer)| Rule { id: RuleId(0), traffic, peer });
    let rules = prop::collection::vec(rule, 0..4).boxed();
    let open = Rule { id: RuleId(0), traffic: Traffic::Any, peer: Peer::Net(Ipv4Net::default()) };
    let egress = prop_oneof![1 => rules.clone(), 1 => Just(vec![open])];
    (rules, egress).prop_map(|(ingress, egress)| Filter { ingress, egress })
}

pub fn acls() -> impl Strategy<Value = Acl> {
    let open = AclRule { number: 100, traffic: Traffic::Any, net: Ipv4Net::default(), allow: true };
    let rule = (1u16..200, traffic(), nets(), any::<bool>());
    let rule = rule.prop_map(|(number, traffic, net, allow)| AclRule { number, traffic, net, allow });
    let rules = prop::collection::vec(rule, 0..3).prop_map(move |mut rules| {
        rules.retain(|rule| rule.number != open.number);
        rules.sort_by_key(|rule| rule.number);
        rules.dedup_by_key(|rule| rule.number);
        rules.push(open.clone());
        rules
    });
    let rules = rules.boxed();
    (rules.clone(), rules).prop_map(|(ingress, egress)| Acl { ingress, egress })
}

pub fn defaults() -> impl Strategy<Value = Default> {
    prop_oneof![
        1 => Just(Default::Nothing),
        3 => Just(Default::Edge),
        3 => Just(Default::Translate),
        1 => Just(Default::Blackhole),
        1 => Just(Default::Middlebox),
    ]
}

pub fn networks() -> impl Strategy<Value = Network> {
    let second = prop_oneof![2 => Just(Second::Absent), 1 => Just(Second::Unmapped), 1 => Just(Second::Mapped)];
    let kind = prop_oneof![
        2 => Just(Kind::Internet),
        3 => prop::option::of(0usize..2).prop_map(|link| Kind::Classic { link }),
        4 => (0usize..2, 0u32..2, any::<bool>(), second, prop::bool::weighted(0.8)).prop_map(
            |(space, segment, public, second, source_check)| Kind::Private { space, segment, public, second, source_check }
        ),
    ];
    let own = prop::collection::btree_set((0..FILTERS).prop_map(FilterId), 1..3);
    let host = (kind, own).prop_map(|(kind, filters)| (kind, filters.into_iter().collect()));
    (
        prop::collection::vec(host, 3..9),
        prop::collection::vec(filters(), FILTERS as usize),
        prop::collection::vec(acls(), 2),
        [defaults(), defaults()],
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(hosts, filters, acls, defaults, overlapping, peered, routed)| Network {
            hosts,
            filters,
            acls,
            defaults,
            overlapping,
            peered: peered && !overlapping,
            routed,
        })
}

impl Network {
    pub fn cidr(&self, space: usize) -> Ipv4Net {
        if space == 0 || self.overlapping { net("192.168.0.0/24") } else { net("172.31.0.0/24") }
    }

    /// A host's own address.
    pub fn address(&self, host: usize) -> Ipv4Addr {
        let n = host as u8 + 1;
        match self.hosts[host].0 {
            Kind::Internet => Ipv4Addr::new(8, 0, 0, n),
            Kind::Classic { .. } => Ipv4Addr::new(10, 9, 0, n),
            Kind::Private { space, segment, .. } => {
                let [a, b, c, _] = self.cidr(space).addr().octets();
                Ipv4Addr::new(a, b, c, n + 128 * segment as u8)
            }
        }
    }

    /// All of a host's own addresses.
    pub fn own(&self, host: usize) -> Vec<Ipv4Addr> {
        let first = self.address(host);
        let second = Ipv4Addr::from(u32::from(first) + 64);
        match self.hosts[host].0 {
            Kind::Private { second: Second::Unmapped | Second::Mapped, .. } => vec![first, second],
            _ => vec![first],
        }
    }

    /// A host's own addresses with their public addresses.
    pub fn public(&self, host: usize) -> Vec<(Ipv4Addr, Ipv4Addr)> {
        let n = host as u8 + 1;
        let has = match self.hosts[host].0 {
            Kind::Internet => [false, false],
            Kind::Classic { .. } => [true, false],
            Kind::Private { public, second, .. } => [public, second == Second::Mapped],
        };
        let public = [Ipv4Addr::new(9, 0, 0, n), Ipv4Addr::new(9, 0, 0, n + 64)];
        let own = self.own(host).into_iter();
        own.zip(public).zip(has).filter(|(_, has)| *has).map(|(pair, _)| pair).collect()
    }

    /// A host's port. The first number is the port of services.
    pub fn port(host: usize) -> PortId {
        PortId(SERVICES.0 + 1 + host as u32)
    }

    fn attachment(host: usize) -> AttachmentId {
        AttachmentId(host as u32)
    }

    fn link(host: usize) -> AttachmentId {
        AttachmentId(100 + host as u32)
    }

    /// The table of a private segment, with its default route.
    pub fn table(&self, space: usize) -> Vec<Route> {
        let from = PRIVATE[space];
        let route = |prefix: Ipv4Net, next_hop| Route { prefix, from, next_hop, mtu: None, hop: hop(next_hop) };
        let mut routes = vec![
            route(self.cidr(space), NextHop::Deliver(PRIVATE[space])),
            route(net("10.0.0.0/8"), NextHop::Deliver(LINKS[space])),
        ];
        if self.peered {
            let through = NextHop::Forward(TableId(30 + space as u32));
            let next_hop = if self.routed { through } else { NextHop::Deliver(PRIVATE[1 - space]) };
            routes.push(route(self.cidr(1 - space), next_hop));
        }
        let first =
            self.hosts.iter().position(|(kind, _)| matches!(kind, Kind::Private { space: of, .. } if *of == space));
        let default = match self.defaults[space] {
            Default::Nothing => None,
            Default::Edge => Some(NextHop::Edge(INTERNET)),
            Default::Translate => Some(NextHop::Translate(NAT)),
            Default::Blackhole => Some(NextHop::Blackhole),
            Default::Middlebox => first.map(|host| NextHop::Via(Self::attachment(host))),
        };
        routes.extend(default.map(|next_hop| route(Ipv4Net::default(), next_hop)));
        routes
    }

    /// The whole tables.
    pub fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        for (id, filter) in self.filters.iter().enumerate() {
            changes.push(Change::Set(Entry::Filter(FilterId(id as u32), filter.clone())));
        }
        for (id, acl) in self.acls.iter().enumerate() {
            changes.push(Change::Set(Entry::Acl(AclId(id as u32), acl.clone())));
            for space in 0..2 {
                changes.push(Change::Set(Entry::Segment(
                    SegmentId(10 * space + id as u32),
                    Segment { acl: AclId(id as u32) },
                )));
            }
        }
        for space in 0..2 {
            changes.push(Change::Set(Entry::Table(TableId(10 + space as u32), self.table(space))));
            changes.push(Change::Set(Entry::Table(TableId(20 + space as u32), self.link_table(Some(space)))));
            let [router, other] = [30, 40].map(|first| TableId(first + space as u32));
            let all = |next_hop| {
                vec![Route { prefix: Ipv4Net::default(), from: CLASSIC, next_hop, mtu: None, hop: hop(next_hop) }]
            };
            changes.push(Change::Set(Entry::Table(router, all(NextHop::Forward(other)))));
            changes.push(Change::Set(Entry::Table(other, all(NextHop::Deliver(PRIVATE[1 - space])))));
        }
        changes.push(Change::Set(Entry::Table(TableId(22), self.link_table(None))));
        let all =
            |next_hop, from| vec![Route { prefix: Ipv4Net::default(), from, next_hop, mtu: None, hop: hop(next_hop) }];
        changes.push(Change::Set(Entry::Table(TableId(1), all(NextHop::Deliver(INTERNET), INTERNET))));
        let mut outward = all(NextHop::Edge(INTERNET), PRIVATE[0]);
        let local = NextHop::Deliver(PRIVATE[0]);
        outward.push(Route { prefix: self.cidr(0), from: PRIVATE[0], next_hop: local, mtu: None, hop: hop(local) });
        changes.push(Change::Set(Entry::Table(TableId(2), outward)));
        let nat = Nat {
            public: TRANSLATED,
            segment: Some(SegmentId(0)),
            private: Ipv4Addr::new(192, 168, 0, 100),
            table: TableId(2),
            visible: true,
        };
        changes.push(Change::Set(Entry::Nat(NAT, nat)));
        changes.push(Change::Set(Entry::Address(INTERNET, TRANSLATED, Endpoint::Nat(NAT))));
        for host in 0..self.hosts.len() {
            self.host_changes(host, &mut changes);
        }
        changes
    }

    fn link_table(&self, link: Option<usize>) -> Vec<Route> {
        let route = |prefix, from, next_hop| Route { prefix, from, next_hop, mtu: None, hop: hop(next_hop) };
        let mut routes = vec![
            route(net("10.0.0.0/8"), CLASSIC, NextHop::Deliver(CLASSIC)),
            route(Ipv4Net::default(), CLASSIC, NextHop::Edge(INTERNET)),
        ];
        if let Some(space) = link {
            routes.push(route(self.cidr(space), PRIVATE[space], NextHop::Deliver(PRIVATE[space])));
            if self.peered {
                routes.push(route(self.cidr(1 - space), PRIVATE[space], NextHop::Deliver(PRIVATE[1 - space])));
            }
        }
        routes
    }

    fn host_changes(&self, host: usize, changes: &mut Vec<Change>) {
        let (kind, filters) = &self.hosts[host];
        let (address, id, port) = (self.address(host), Self::attachment(host), Self::port(host));
        let groups: Vec<_> = filters.iter().map(|filter| GroupId(filter.0)).collect();
        let table = match kind {
            Kind::Internet => TableId(1),
            Kind::Classic { link } => TableId(link.map_or(22, |space| 20 + space as u32)),
            Kind::Private { space, .. } => TableId(10 + *space as u32),
        };
        changes.push(Change::Set(Entry::Port(
            port,
            Port {
                host: format!("h{host}"),
                interface: 0,
                boot: 0,
                kind: PortKind::Offload,
                mtu: 1500,
                addresses: self.own(host).into_iter().map(Ipv4Net::from).collect(),
                table,
                router: Ipv4Addr::new(1, 1, 1, 1),
            },
        )));
        let attachment = Attachment {
            port,
            vrf: CLASSIC,
            addresses: self.own(host).into(),
            public: self.public(host),
            filters: Some(filters.clone().into()),
            groups: groups.into(),
            segment: None,
            source_check: true,
            accounted: false,
        };
        match *kind {
            Kind::Internet => {
                let open =
                    Attachment { vrf: INTERNET, filters: None, groups: Few::new(), source_check: false, ..attachment };
                changes.push(Change::Set(Entry::Attachment(id, open)));
                changes.push(Change::Set(Entry::Address(INTERNET, address, Endpoint::Own(id))));
            }
            Kind::Classic { link } => {
                changes.push(Change::Set(Entry::Address(CLASSIC, address, Endpoint::Own(id))));
                if let Some(space) = link {
                    let linked = Attachment { vrf: PRIVATE[space], public: Vec::new(), ..attachment.clone() };
                    changes.push(Change::Set(Entry::Attachment(Self::link(host), linked)));
                    changes.push(Change::Set(Entry::Address(LINKS[space], address, Endpoint::Own(Self::link(host)))));
                    if self.peered {
                        changes.push(Change::Set(Entry::Address(
                            LINKS[1 - space],
                            address,
                            Endpoint::Own(Self::link(host)),
                        )));
                    }
                }
                changes.push(Change::Set(Entry::Attachment(id, attachment)));
            }
            Kind::Private { space, segment, source_check, .. } => {
                let segment = Some(SegmentId(10 * space as u32 + segment));
                let inside = Attachment { vrf: PRIVATE[space], segment, source_check, ..attachment };
                changes.push(Change::Set(Entry::Attachment(id, inside)));
                let own = self.own(host).into_iter();
                changes
                    .extend(own.map(|address| Change::Set(Entry::Address(PRIVATE[space], address, Endpoint::Own(id)))));
            }
        }
        for (own, public) in self.public(host) {
            changes.push(Change::Set(Entry::Address(INTERNET, public, Endpoint::Public(id, own))));
        }
    }
}

/// The router of a next hop. Routes to the Internet, and within it, have a visible one.
fn hop(next_hop: NextHop) -> Hop {
    match next_hop {
        NextHop::Edge(_) => Hop::Answering(Ipv4Addr::new(1, 1, 1, 2)),
        NextHop::Deliver(INTERNET) => Hop::Silent,
        // The router's second table counts as the same hop.
        NextHop::Forward(TableId(30..40)) => Hop::Silent,
        _ => Hop::Invisible,
    }
}
