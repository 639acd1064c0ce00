//! The reference, which is slow and obvious: it searches each table row by row, and checks each packet against the rules as
//! they are written.

use dataplane::flow::{Side, State};
use dataplane::packet::{Header, IcmpClass, tcp};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use wire::*;

/// A packet's path, with the stateless rules on it.
#[derive(Clone, PartialEq, Debug)]
struct Path {
    sender: AttachmentId,
    receiver: AttachmentId,
    sent: FiveTuple,
    delivered: FiveTuple,
    nat: Option<NatId>,
    /// Whether it passes a router with tables of its own.
    routed: bool,
    /// The stateless checks: the list, whether it is asked as egress, and the 5-tuple there.
    crossings: Vec<(AclId, bool, FiveTuple)>,
}

#[derive(Clone, Debug)]
struct Flow {
    from: PortId,
    forward: Path,
    reply: Option<Path>,
    tracked: [bool; 2],
    state: State,
    last: u64,
    /// Set when another flow took one of the two keys.
    forward_lost: bool,
    reply_lost: bool,
}

#[derive(Default)]
pub struct Reference {
    ports: BTreeMap<PortId, Port>,
    attachments: BTreeMap<AttachmentId, Attachment>,
    addresses: BTreeMap<(VrfId, Ipv4Addr), Endpoint>,
    tables: BTreeMap<TableId, Vec<Route>>,
    filters: BTreeMap<FilterId, Filter>,
    segments: BTreeMap<SegmentId, Segment>,
    acls: BTreeMap<AclId, Acl>,
    nats: BTreeMap<NatId, Nat>,
    flows: Vec<Flow>,
    pub now: u64,
}

/// The receiving port, the 5-tuple as it is delivered, and the number of routers that decrement the time to live.
type Verdict = Result<(PortId, FiveTuple, u8), DropReason>;

impl Reference {
    pub fn change(&mut self, change: &Change) {
        match change.clone() {
            Change::Set(entry) => self.set(entry),
            Change::Remove(Key::Attachment(id)) => drop(self.attachments.remove(&id)),
            Change::Remove(Key::Address(vrf, address)) => drop(self.addresses.remove(&(vrf, address))),
            other => panic!("the test makes no such change: {other:?}"),
        }
    }

    fn set(&mut self, entry: Entry) {
        match entry {
            Entry::Port(id, port) => drop(self.ports.insert(id, port)),
            Entry::Attachment(id, attachment) => drop(self.attachments.insert(id, attachment)),
            Entry::Address(vrf, address, endpoint) => drop(self.addresses.insert((vrf, address), endpoint)),
            Entry::Table(id, routes) => drop(self.tables.insert(id, routes)),
            Entry::Filter(id, filter) => drop(self.filters.insert(id, filter)),
            Entry::Segment(id, segment) => drop(self.segments.insert(id, segment)),
            Entry::Acl(id, acl) => drop(self.acls.insert(id, acl)),
            Entry::Nat(id, nat) => drop(self.nats.insert(id, nat)),
            // Impairments apply after a decision.
            Entry::Impairments(..) | Entry::Path(..) => {}
        }
    }

    /// Decides about a packet. `chosen` is the source port that the engine chose, if it delivered the packet: a NAT may
    /// choose any free port.
    pub fn packet(&mut self, port: PortId, header: &Header, chosen: Option<u16>) -> Verdict {
        if let Some((index, side)) = self.find(port, header.tuple) {
            if self.is_part_of(index, side, header) {
                let mut flow = self.flows[index].clone();
                if self.idle(&flow) > flow.state.timeout(&Timeouts::default()).as_millis() {
                    flow.tracked = [false; 2];
                }
                let translated = flow.forward.nat.is_some();
                let path = self.resolve(port, header, Some((&flow, side)), chosen);
                match path {
                    Ok(path) if fits(&flow, side, &path) => {
                        self.authorise(&path, header, Some((&flow, side)))?;
                        let verdict = (self.attachments[&path.receiver].port, path.delivered, self.hops(port, &path));
                        let flow = &mut self.flows[index];
                        if side == Side::Reply {
                            flow.reply = Some(path);
                        }
                        flow.state = flow.state.next(side, header.tcp_flags);
                        flow.last = self.now;
                        return Ok(verdict);
                    }
                    // The path has changed, so this is a first packet, if the rules allow it.
                    Ok(path) => {
                        self.authorise(&path, header, None)?;
                        opens(&path, header).or_else(|reason| if translated { Err(reason) } else { Ok(()) })?;
                        if side == Side::Forward {
                            self.flows.remove(index);
                        }
                    }
                    Err(reason) if translated => return Err(reason),
                    Err(_) if side == Side::Forward => drop(self.flows.remove(index)),
                    Err(_) => {}
                }
            } else {
                self.flows.remove(index);
            }
        }
        self.first_packet(port, header, chosen)
    }

    fn first_packet(&mut self, port: PortId, header: &Header, chosen: Option<u16>) -> Verdict {
        let path = self.resolve(port, header, None, chosen)?;
        let tracked = self.authorise(&path, header, None)?;
        opens(&path, header)?;
        let to = self.attachments[&path.receiver].port;
        let delivered = path.delivered;
        for flow in &mut self.flows {
            flow.forward_lost |= (flow.from, flow.forward.sent) == (port, header.tuple);
            flow.reply_lost |= reply_key(flow, &self.attachments) == (port, header.tuple);
            flow.forward_lost |= (flow.from, flow.forward.sent) == (to, delivered.reversed());
            flow.reply_lost |= reply_key(flow, &self.attachments) == (to, delivered.reversed());
        }
        self.flows.push(Flow {
            from: port,
            forward: path,
            reply: None,
            tracked,
            state: State::first(header),
            last: self.now,
            forward_lost: false,
            reply_lost: false,
        });
        let hops = self.hops(port, &self.flows.last().unwrap().forward);
        Ok((to, delivered, hops))
    }

    /// The number of visible routers: that of the sender's route, the NAT, and that of its route.
    fn hops(&self, port: PortId, path: &Path) -> u8 {
        let of_route = |table, to| u8::from(self.route(table, to).is_ok_and(|route| route.hop != Hop::Invisible));
        let of_nat = path.nat.map_or(0, |id| {
            let gateway = &self.nats[&id];
            let outward = path.delivered.source == gateway.public;
            let to = if outward { path.sent.destination } else { path.delivered.destination };
            u8::from(gateway.visible) + of_route(gateway.table, to)
        });
        of_route(self.ports[&port].table, path.sent.destination) + of_nat
    }

    fn find(&self, port: PortId, tuple: FiveTuple) -> Option<(usize, Side)> {
        self.flows.iter().enumerate().rev().find_map(|(index, flow)| {
            if !flow.forward_lost && (flow.from, flow.forward.sent) == (port, tuple) {
                Some((index, Side::Forward))
            } else if !flow.reply_lost && reply_key(flow, &self.attachments) == (port, tuple) {
                Some((index, Side::Reply))
            } else {
                None
            }
        })
    }

    fn is_part_of(&self, index: usize, side: Side, header: &Header) -> bool {
        let flow = &self.flows[index];
        let timeouts = Timeouts::default();
        let lifetime = match flow.forward.nat {
            Some(_) => flow.state.nat_timeout(&timeouts),
            None => flow.state.timeout(&timeouts),
        };
        let begins_anew = match header.tuple.protocol {
            TCP => flow.state == State::TcpClosed && header.tcp_flags & (tcp::SYN | tcp::ACK | tcp::RST) == tcp::SYN,
            ICMP => (header.icmp.unwrap().class() == IcmpClass::Reply) != (side == Side::Reply),
            _ => false,
        };
        self.idle(flow) <= lifetime.as_millis() && !begins_anew
    }

    /// In milliseconds.
    fn idle(&self, flow: &Flow) -> u128 {
        (self.now - flow.last).into()
    }

    fn route(&self, table: TableId, to: Ipv4Addr) -> Result<Route, DropReason> {
        let matching = self.tables.get(&table).into_iter().flatten().filter(|route| route.prefix.contains(&to));
        matching.max_by_key(|route| route.prefix.prefix_len()).copied().ok_or(DropReason::NoRoute)
    }

    fn resolve(
        &self,
        port: PortId,
        header: &Header,
        of_flow: Option<(&Flow, Side)>,
        chosen: Option<u16>,
    ) -> Result<Path, DropReason> {
        let sent = header.tuple;
        if [sent.source, sent.destination]
            .iter()
            .any(|a| a.is_multicast() || a.is_loopback() || a.is_broadcast() || a.octets()[0] == 0)
        {
            return Err(DropReason::Martian);
        }
        let route = self.route(self.ports[&port].table, sent.destination)?;
        let mine = self.attachments.iter().find(|(_, a)| a.port == port && a.vrf == route.from);
        let (&sender, from) = mine.ok_or(DropReason::NotAttached)?;
        if from.source_check && !from.addresses.contains(&sent.source) {
            return Err(DropReason::SourceCheck);
        }
        let mut delivered = sent;
        let mut nat = None;
        let leaves = |segment: Option<SegmentId>| segment.map(|id| self.segments[&id].acl);
        let mut crossings: Vec<(Option<AclId>, bool, FiveTuple)> = Vec::new();
        let routed = matches!(route.next_hop, NextHop::Forward(_));
        let mut next_hop = route.next_hop;
        while let NextHop::Forward(table) = next_hop {
            next_hop = self.route(table, sent.destination)?.next_hop;
        }
        let receiver = match next_hop {
            NextHop::Forward(_) => unreachable!("it was followed"),
            NextHop::Blackhole => return Err(DropReason::Blackhole),
            NextHop::Service(..) => return Err(DropReason::NoService),
            NextHop::Via(to) => {
                let middlebox = &self.attachments[&to];
                if middlebox.source_check && !middlebox.addresses.contains(&sent.destination) {
                    return Err(DropReason::DestinationCheck);
                }
                to
            }
            NextHop::Deliver(vrf) => self.arrive(vrf, &mut delivered, &mut nat, of_flow)?,
            NextHop::Edge(vrf) => {
                let public = from.public.iter().find(|(own, _)| *own == sent.source);
                delivered.source = public.ok_or(DropReason::NoPublicAddress)?.1;
                self.arrive(vrf, &mut delivered, &mut nat, of_flow)?
            }
            NextHop::Translate(id) => {
                let gateway = self.nats[&id];
                let (NextHop::Edge(vrf) | NextHop::Deliver(vrf)) =
                    self.route(gateway.table, sent.destination)?.next_hop
                else {
                    return Err(DropReason::Blackhole);
                };
                delivered.source = gateway.public;
                let to = self.arrive(vrf, &mut delivered, &mut nat, of_flow)?;
                nat = Some(id);
                delivered.source_port = match of_flow {
                    Some((flow, Side::Forward)) => flow.forward.delivered.source_port,
                    _ if !(matches!(sent.protocol, TCP | UDP) || header.icmp.is_some_and(|icmp| icmp.kind == 8)) => {
                        return Err(DropReason::NoTranslation);
                    }
                    _ => chosen.unwrap_or(sent.source_port),
                };
                to
            }
        };
        let to = &self.attachments[&receiver];
        match nat.map(|id| self.nats[&id]) {
            None => {
                let stays_inside =
                    delivered == sent && !routed && !matches!(next_hop, NextHop::Edge(_)) && from.segment == to.segment;
                if !stays_inside {
                    crossings.push((leaves(from.segment), true, sent));
                    crossings.push((leaves(to.segment), false, delivered));
                }
            }
            Some(gateway) => {
                let outward = delivered.source == gateway.public;
                let before = if outward { sent } else { FiveTuple { destination: gateway.private, ..sent } };
                let after = if outward { FiveTuple { source: gateway.private, ..delivered } } else { delivered };
                if from.segment != gateway.segment {
                    crossings.push((leaves(from.segment), true, sent));
                    crossings.push((leaves(gateway.segment), false, before));
                }
                if to.segment != gateway.segment {
                    crossings.push((leaves(gateway.segment), true, after));
                    crossings.push((leaves(to.segment), false, delivered));
                }
            }
        }
        let crossings = crossings.into_iter().filter_map(|(acl, out, tuple)| Some((acl?, out, tuple))).collect();
        Ok(Path { sender, receiver, sent, delivered, nat, routed, crossings })
    }

    fn arrive(
        &self,
        vrf: VrfId,
        delivered: &mut FiveTuple,
        nat: &mut Option<NatId>,
        of_flow: Option<(&Flow, Side)>,
    ) -> Result<AttachmentId, DropReason> {
        match self.addresses.get(&(vrf, delivered.destination)).ok_or(DropReason::NoSuchAddress)? {
            Endpoint::Own(to) => Ok(*to),
            Endpoint::Public(..) if delivered.source.is_private() => Err(DropReason::Martian),
            Endpoint::Public(to, own) => {
                let host = &self.attachments[to];
                if host.source_check && !host.addresses.contains(own) {
                    return Err(DropReason::DestinationCheck);
                }
                delivered.destination = *own;
                Ok(*to)
            }
            // `tests/services.rs` tests these.
            Endpoint::Service(..) => Err(DropReason::NoSuchAddress),
            Endpoint::Client(..) => Err(DropReason::NoTranslation),
            Endpoint::Nat(id) => {
                let Some((flow, Side::Reply)) = of_flow else { return Err(DropReason::NoTranslation) };
                delivered.destination = flow.forward.sent.source;
                delivered.destination_port = flow.forward.sent.source_port;
                *nat = Some(*id);
                match self.route(self.nats[id].table, delivered.destination)?.next_hop {
                    NextHop::Deliver(vrf) => match self.addresses.get(&(vrf, delivered.destination)) {
                        Some(Endpoint::Own(to)) => Ok(*to),
                        _ => Err(DropReason::NoSuchAddress),
                    },
                    _ => Err(DropReason::Blackhole),
                }
            }
        }
    }

    /// Asks the sender's filters, the boundaries and the receiver's filters, in this order.
    fn authorise(&self, path: &Path, header: &Header, of_flow: Option<(&Flow, Side)>) -> Result<[bool; 2], DropReason> {
        let here = self.filter(path, true, header, of_flow).ok_or(DropReason::EgressFilter)?;
        for (acl, out, tuple) in &path.crossings {
            let acl = &self.acls[acl];
            let (rules, peer) = if *out { (&acl.egress, tuple.destination) } else { (&acl.ingress, tuple.source) };
            let mut rules: Vec<_> =
                rules.iter().filter(|rule| rule.net.contains(&peer) && matches(&rule.traffic, header, tuple)).collect();
            rules.sort_by_key(|rule| rule.number);
            if !rules.first().is_some_and(|rule| rule.allow) {
                return Err(if *out { DropReason::EgressAcl } else { DropReason::IngressAcl });
            }
        }
        let there = self.filter(path, false, header, of_flow).ok_or(DropReason::IngressFilter)?;
        Ok([here, there])
    }

    /// Whether one end allows the packet, and whether it tracks the flow.
    fn filter(&self, path: &Path, out: bool, header: &Header, of_flow: Option<(&Flow, Side)>) -> Option<bool> {
        let (at, other) = if out { (path.sender, path.receiver) } else { (path.receiver, path.sender) };
        let (at, other) = (&self.attachments[&at], &self.attachments[&other]);
        let Some(filters) = &at.filters else { return Some(false) };
        if let Some((flow, side)) = of_flow {
            let initiators_end = out == (side == Side::Forward);
            if flow.tracked[usize::from(!initiators_end)] {
                return Some(true);
            }
        }
        let tuple = if out { &path.sent } else { &path.delivered };
        let peer = if out { tuple.destination } else { tuple.source };
        let translated = if out { path.delivered.destination != peer } else { path.sent.source != peer };
        // Group rules do not match behind a router or a NAT.
        let is_known = !translated && !path.routed && path.nat.is_none();
        let is_member = is_known && other.addresses.contains(&peer);
        let rules = |out: bool| {
            let filters = filters.iter().filter_map(|id| self.filters.get(id));
            filters.flat_map(move |filter| if out { &filter.egress } else { &filter.ingress })
        };
        let allowing: Vec<_> = rules(out)
            .filter(|rule| matches(&rule.traffic, header, tuple))
            .filter(|rule| match rule.peer {
                Peer::Net(net) => net.contains(&peer),
                Peer::Group(group) => is_member && other.groups.contains(&group),
            })
            .collect();
        if allowing.is_empty() {
            return None;
        }
        let everyone = |rule: &&Rule| matches!(rule.peer, Peer::Net(net) if net.prefix_len() == 0);
        let back_open = rules(!out).filter(everyone).any(|rule| match (&rule.traffic, tuple.protocol) {
            (Traffic::Any, TCP | UDP) => true,
            (Traffic::Tcp(ports), TCP) | (Traffic::Udp(ports), UDP) => *ports == (0..=u16::MAX),
            _ => false,
        });
        let untracked = back_open && allowing.iter().any(everyone);
        Some(!untracked)
    }
}

fn reply_key(flow: &Flow, attachments: &BTreeMap<AttachmentId, Attachment>) -> (PortId, FiveTuple) {
    (attachments[&flow.forward.receiver].port, flow.forward.delivered.reversed())
}

/// A NAT carries a TCP connection only if it has seen it open.
fn opens(path: &Path, header: &Header) -> Result<(), DropReason> {
    let is_opening = header.tcp_flags & (tcp::SYN | tcp::ACK | tcp::RST) == tcp::SYN;
    match path.nat {
        Some(_) if header.tuple.protocol == TCP && !is_opening => Err(DropReason::UnknownConnection),
        _ => Ok(()),
    }
}

fn fits(flow: &Flow, side: Side, path: &Path) -> bool {
    let same = |known: &Path| {
        (known.sender, known.receiver, known.sent, known.delivered, known.nat, known.routed)
            == (path.sender, path.receiver, path.sent, path.delivered, path.nat, path.routed)
    };
    match (side, &flow.reply) {
        (Side::Forward, _) => same(&flow.forward),
        (Side::Reply, Some(known)) => same(known),
        (Side::Reply, None) => {
            path.delivered.reversed() == flow.forward.sent
                && (path.sender, path.receiver) == (flow.forward.receiver, flow.forward.sender)
        }
    }
}

fn matches(traffic: &Traffic, header: &Header, tuple: &FiveTuple) -> bool {
    match traffic {
        Traffic::Any => true,
        Traffic::Tcp(ports) => tuple.protocol == TCP && ports.contains(&tuple.destination_port),
        Traffic::Udp(ports) => tuple.protocol == UDP && ports.contains(&tuple.destination_port),
        Traffic::Icmp(kind, code) => header
            .icmp
            .is_some_and(|icmp| kind.is_none_or(|kind| kind == icmp.kind && code.is_none_or(|code| code == icmp.code))),
        Traffic::Protocol(number) => tuple.protocol == *number,
    }
}
