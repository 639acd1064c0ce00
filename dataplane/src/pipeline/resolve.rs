//! The path of a packet: source check, route, routers, endpoint, translation. Filters are asked later.

use super::context::FlowContext;
use super::leg::{ImpairedPath, Leg};
use crate::flow::{Limits, Path, Side};
use crate::packet::{Header, IcmpClass, ip};
use crate::policy::{FilterEntry, Snapshot};
use wire::*;

/// Chooses the source port of a packet that a NAT translates. The arguments are the receiving port and the packet's
/// 5-tuple, which lacks only that port.
pub type ChoosePort<'a> = dyn FnMut(PortId, FiveTuple) -> Option<u16> + 'a;

/// Resolves the path of a packet.
pub struct Resolver<'a, 'o> {
    /// The tables.
    pub snapshot: &'a Snapshot,
    /// The port that the packet came from.
    pub port: PortId,
    /// The flow that the packet belongs to.
    pub context: FlowContext<'a>,
    /// Chooses ports for new flows through a NAT.
    pub choose_port: &'o mut ChoosePort<'o>,
    /// Is called with each step.
    pub observe: &'o mut dyn FnMut(Step),
    /// The limits of the path so far.
    pub limits: Limits,
}

/// The endpoint of a packet: an attachment, and the addresses as it sees them.
pub(super) struct Arrival {
    pub to: AttachmentId,
    /// The source address, if it is a service's reply: the address that the client asked.
    pub source: Option<Address>,
    pub destination: Address,
    pub nat: Option<NatId>,
    /// The destination port, if a NAT restores it.
    pub destination_port: Option<u16>,
}

impl Arrival {
    /// An endpoint at this address of an attachment.
    fn at(to: AttachmentId, destination: Address) -> Self {
        Self { to, source: None, destination, nat: None, destination_port: None }
    }
}

impl<'a> Resolver<'a, '_> {
    /// The path of a packet.
    pub fn resolve(&mut self, sent: FiveTuple, icmp: Option<IcmpClass>) -> Result<Path, Drop> {
        let port = self.port_entry(self.port, DropReason::PortUnavailable)?;
        if ip::is_martian(sent.source) || ip::is_martian(sent.destination) {
            return Err(Drop::new(DropReason::Martian, Culprit::Packet));
        }
        let route = *self
            .snapshot
            .route(port.table, sent.destination)
            .ok_or(Drop::new(DropReason::NoRoute, Culprit::Table(port.table)))?;
        let culprit = Culprit::Route(port.table, route.prefix);
        let by =
            self.snapshot.attachment_in(self.port, route.from).ok_or(Drop::new(DropReason::NotAttached, culprit))?;
        let sender = self.attachment(by)?;
        (self.observe)(Step::Route { table: port.table, prefix: route.prefix, by, next_hop: route.next_hop });
        if sender.source_check && !sender.addresses.contains(&sent.source) {
            return Err(Drop::new(DropReason::SourceCheck, Culprit::Attachment(by)));
        }
        self.follow(&route);
        let mut path = match route.next_hop {
            NextHop::Forward(table) => self.forward(by, table, sent, icmp)?,
            NextHop::Blackhole => return Err(Drop::new(DropReason::Blackhole, culprit)),
            NextHop::Service(vrf, address) => {
                self.serve(by, (vrf, address.unwrap_or(sent.destination)), sent, culprit)?
            }
            NextHop::Via(to) => self.via(by, to, sent, culprit)?,
            NextHop::Deliver(vrf) => self.deliver(by, vrf, sent)?,
            NextHop::Edge(vrf) => {
                let public = sender.public_of(sent.source);
                let public = public.ok_or(Drop::new(DropReason::NoPublicAddress, Culprit::Attachment(by)))?;
                let path = self.deliver(by, vrf, FiveTuple { source: public, ..sent })?;
                Path { sent, leaves_segment: true, ..path }
            }
            NextHop::Translate(id) => self.translate(by, id, sent, icmp)?,
        };
        let receiver = self.port_entry(path.port, DropReason::PortUnavailable)?;
        let mtu = self.impaired_mtu(sent, &path).unwrap_or(u16::MAX);
        path.limits = Limits { mtu: mtu.min(receiver.mtu).min(self.limits.mtu), ..self.limits };
        (self.observe)(Step::Mtu { largest: path.limits.mtu });
        if path.delivered != sent {
            (self.observe)(Step::Translated { packet: path.delivered });
        }
        Ok(path)
    }

    /// The path by a router's own tables. Routes in them over an edge or to a service do not apply.
    fn forward(
        &mut self,
        by: AttachmentId,
        table: TableId,
        sent: FiveTuple,
        icmp: Option<IcmpClass>,
    ) -> Result<Path, Drop> {
        let (table, route) = self.onward(table, sent.destination)?;
        let culprit = Culprit::Route(table, route.prefix);
        let path = match route.next_hop {
            NextHop::Deliver(vrf) => self.deliver(by, vrf, sent)?,
            NextHop::Via(to) => self.via(by, to, sent, culprit)?,
            NextHop::Translate(id) => self.translate(by, id, sent, icmp)?,
            NextHop::Edge(_) | NextHop::Service(..) | NextHop::Forward(_) | NextHop::Blackhole => {
                return Err(Drop::new(DropReason::Blackhole, culprit));
            }
        };
        Ok(Path { leaves_segment: true, ..path })
    }

    /// The route to a destination in this table, or in a table to which its routes lead; and the table that has it.
    pub(super) fn onward(&mut self, mut table: TableId, destination: Address) -> Result<(TableId, Route), Drop> {
        let mut left = MOST_TABLES;
        loop {
            let route = self.snapshot.route(table, destination);
            let route = *route.ok_or(Drop::new(DropReason::NoRoute, Culprit::Table(table)))?;
            let Route { prefix, next_hop, .. } = route;
            (self.observe)(Step::Onward { table, prefix, next_hop });
            self.follow(&route);
            left -= 1;
            match next_hop {
                NextHop::Forward(next) if left > 0 => table = next,
                _ => return Ok((table, route)),
            }
        }
    }

    /// The smallest MTU of the impaired networks on a path.
    fn impaired_mtu(&mut self, sent: FiveTuple, path: &Path) -> Option<u16> {
        let snapshot = self.snapshot;
        if !snapshot.has_impairments() {
            return None;
        }
        let impaired = ImpairedPath { from: self.port, to: path.port, sent, source: path.delivered.source };
        let mtus = impaired.legs(snapshot).into_iter().flatten().filter_map(|leg| {
            let impairment = leg.impairment(snapshot).filter(|there| *there != Impairment::default())?;
            let Leg { port, direction, peer } = leg;
            (self.observe)(Step::Impaired { port, peer, direction, impairment });
            impairment.mtu
        });
        mtus.min()
    }

    /// Applies a route's MTU and router to the path.
    pub(super) fn follow(&mut self, route: &Route) {
        self.limits.mtu = self.limits.mtu.min(route.mtu.unwrap_or(u16::MAX));
        self.pass(route.hop);
    }

    /// Passes a router.
    pub(super) fn pass(&mut self, hop: Hop) {
        let router = match hop {
            Hop::Invisible => return,
            Hop::Silent => None,
            Hop::Answering(address) => Some(address),
        };
        self.limits.hops += 1;
        (self.observe)(Step::Hop { router });
    }

    /// The path to the endpoint of the destination address in a VRF. The source of `sent` is already translated.
    pub(super) fn deliver(&mut self, by: AttachmentId, vrf: VrfId, sent: FiveTuple) -> Result<Path, Drop> {
        let arrival = self.arrival(vrf, sent)?;
        let delivered = FiveTuple {
            source: arrival.source.unwrap_or(sent.source),
            destination: arrival.destination,
            destination_port: arrival.destination_port.unwrap_or(sent.destination_port),
            ..sent
        };
        Ok(Path {
            by,
            to: arrival.to,
            port: self.attachment(arrival.to)?.port,
            limits: Limits::NONE,
            sent,
            delivered,
            nat: arrival.nat,
            leaves_segment: arrival.nat.is_some() || delivered != sent,
        })
    }

    fn arrival(&mut self, vrf: VrfId, sent: FiveTuple) -> Result<Arrival, Drop> {
        let nobody = Drop::new(DropReason::NoSuchAddress, Culprit::Address(vrf, sent.destination));
        match self.snapshot.endpoint(vrf, sent.destination).ok_or(nobody)? {
            Endpoint::Own(to) => Ok(Arrival::at(to, sent.destination)),
            Endpoint::Public(..) if ip::is_private(sent.source) => Err(Drop::new(DropReason::Martian, Culprit::Packet)),
            Endpoint::Public(to, destination) => {
                check_destination(to, self.attachment(to)?, destination)?;
                Ok(Arrival::at(to, destination))
            }
            Endpoint::Nat(id) => self.back_through(id, sent),
            // A service is reached by another kind of next hop.
            Endpoint::Service(..) => Err(nobody),
            Endpoint::Client(to, destination) => {
                let FlowContext::Flow(flow, Side::Reply) = self.context else {
                    return Err(Drop::new(DropReason::NoTranslation, Culprit::Address(vrf, sent.destination)));
                };
                let source = Some(flow.key(Side::Forward).tuple.destination);
                Ok(Arrival { source, ..Arrival::at(to, destination) })
            }
        }
    }

    /// The path to a service at an address of a VRF, if it has the packet's protocol and port.
    fn serve(
        &self,
        by: AttachmentId,
        (vrf, address): (VrfId, Address),
        sent: FiveTuple,
        culprit: Culprit,
    ) -> Result<Path, Drop> {
        let nobody = Drop::new(DropReason::NoService, culprit);
        let Some(Endpoint::Service(to, offer)) = self.snapshot.endpoint(vrf, address) else { return Err(nobody) };
        let port = self.snapshot.attachment(to).ok_or(nobody)?.port;
        let source = self.attachment(by)?.public_of(sent.source);
        let source = source.ok_or(Drop::new(DropReason::NoPublicAddress, Culprit::Attachment(by)))?;
        let delivered = FiveTuple { source, destination: address, ..sent };
        let offers = |filter: &FilterEntry| filter.ingress.allows(&Header::first_of(delivered), source, &[]).is_some();
        if !self.snapshot.filter(offer).is_some_and(offers) {
            return Err(nobody);
        }
        Ok(Path { by, to, port, limits: Limits::NONE, sent, delivered, nat: None, leaves_segment: false })
    }

    /// The path to a middlebox, whatever the destination.
    fn via(&self, by: AttachmentId, to: AttachmentId, sent: FiveTuple, culprit: Culprit) -> Result<Path, Drop> {
        let receiver = self.snapshot.attachment(to).ok_or(Drop::new(DropReason::Blackhole, culprit))?;
        check_destination(to, receiver, sent.destination)?;
        let port = receiver.port;
        Ok(Path { by, to, port, limits: Limits::NONE, sent, delivered: sent, nat: None, leaves_segment: false })
    }

    fn attachment(&self, id: AttachmentId) -> Result<&'a Attachment, Drop> {
        self.snapshot.attachment(id).ok_or(Drop::new(DropReason::NotAttached, Culprit::Attachment(id)))
    }

    fn port_entry(&self, id: PortId, reason: DropReason) -> Result<&'a Port, Drop> {
        self.snapshot.port(id).ok_or(Drop::new(reason, Culprit::Port(id)))
    }
}

/// A host takes packets to its own addresses; to others only if it forwards for them.
fn check_destination(to: AttachmentId, receiver: &Attachment, destination: Address) -> Result<(), Drop> {
    if receiver.source_check && !receiver.addresses.contains(&destination) {
        return Err(Drop::new(DropReason::DestinationCheck, Culprit::Attachment(to)));
    }
    Ok(())
}
