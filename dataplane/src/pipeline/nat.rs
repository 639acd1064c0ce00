//! NAT: a packet leaves with a source port that the NAT chooses, and its reply returns by the flow that the NAT remembers.

use super::context::FlowContext;
use super::resolve::{Arrival, Resolver};
use crate::flow::{Path, Side};
use crate::packet::{Header, IcmpClass, tcp};
use wire::*;

impl<'a> Resolver<'a, '_> {
    /// Resolves a packet that returns through a NAT, to the host whose flow it belongs to.
    pub(super) fn back_through(&mut self, id: NatId, sent: FiveTuple) -> Result<Arrival, Drop> {
        let inside = match self.context {
            FlowContext::Flow(flow, Side::Reply) => flow.key(Side::Forward).tuple.reversed(),
            FlowContext::Related(delivered) => FiveTuple { destination_port: sent.destination_port, ..delivered },
            FlowContext::New | FlowContext::Flow(_, Side::Forward) => {
                return Err(Drop::new(DropReason::NoTranslation, Culprit::Nat(id)));
            }
        };
        let nat = self.nat(id)?;
        self.pass(visible_from(nat, nat.public));
        let (table, route) = self.nat_route(nat, inside.destination)?;
        let NextHop::Deliver(vrf) = route.next_hop else {
            return Err(Drop::new(DropReason::Blackhole, Culprit::Route(table, route.prefix)));
        };
        match self.snapshot.endpoint(vrf, inside.destination) {
            Some(Endpoint::Own(to)) => Ok(Arrival {
                to,
                source: None,
                destination: inside.destination,
                nat: Some(id),
                destination_port: Some(inside.destination_port),
            }),
            _ => Err(Drop::new(DropReason::NoSuchAddress, Culprit::Address(vrf, inside.destination))),
        }
    }

    /// Resolves a packet that leaves through a NAT, by the NAT's own route table.
    pub(super) fn translate(
        &mut self,
        by: AttachmentId,
        id: NatId,
        sent: FiveTuple,
        icmp: Option<IcmpClass>,
    ) -> Result<Path, Drop> {
        let nat = self.nat(id)?;
        self.pass(visible_from(nat, nat.private));
        let (table, route) = self.nat_route(nat, sent.destination)?;
        let vrf = match route.next_hop {
            NextHop::Deliver(vrf) => vrf,
            // A private NAT gateway has no public address.
            NextHop::Edge(vrf) if table == nat.table && nat.public != nat.private => vrf,
            _ => return Err(Drop::new(DropReason::Blackhole, Culprit::Route(table, route.prefix))),
        };
        let outside = FiveTuple { source: nat.public, ..sent };
        let path = self.deliver(by, vrf, outside)?;
        let source_port = match self.context {
            FlowContext::Flow(flow, Side::Forward) => flow.key(Side::Reply).tuple.destination_port,
            _ if icmp == Some(IcmpClass::Error) => sent.source_port,
            _ if !has_source_port(sent.protocol, icmp) => {
                return Err(Drop::new(DropReason::NoTranslation, Culprit::Nat(id)));
            }
            _ => (self.choose_port)(path.port, path.delivered)
                .ok_or(Drop::new(DropReason::PortsExhausted, Culprit::Nat(id)))?,
        };
        let delivered = FiveTuple { source_port, ..path.delivered };
        Ok(Path { sent, delivered, nat: Some(id), leaves_segment: true, ..path })
    }

    fn nat(&self, id: NatId) -> Result<&'a Nat, Drop> {
        self.snapshot.nat(id).ok_or(Drop::new(DropReason::Blackhole, Culprit::Nat(id)))
    }

    /// The route to a destination in a NAT's table, or in the table that this leads to; and the table that has it.
    fn nat_route(&mut self, nat: &Nat, destination: Address) -> Result<(TableId, Route), Drop> {
        let route = self.snapshot.route(nat.table, destination);
        let route = *route.ok_or(Drop::new(DropReason::NoRoute, Culprit::Table(nat.table)))?;
        self.follow(&route);
        match route.next_hop {
            NextHop::Forward(table) => self.onward(table, destination),
            _ => Ok((nat.table, route)),
        }
    }
}

/// The NAT as a visible router with this address.
fn visible_from(nat: &Nat, address: Address) -> Hop {
    if nat.visible { Hop::Answering(address) } else { Hop::Invisible }
}

/// Whether a packet has a port or an ICMP identifier, by which a NAT distinguishes flows of one public address.
fn has_source_port(protocol: u8, icmp: Option<IcmpClass>) -> bool {
    matches!(protocol, TCP | UDP) || (protocol == ICMP && icmp == Some(IcmpClass::Query))
}

/// Whether a NAT carries a TCP packet: only if it has seen the connection open.
pub(super) fn opens_for_nat(context: FlowContext<'_>, header: &Header, path: &Path) -> Result<(), Drop> {
    match (path.nat, context) {
        (Some(id), FlowContext::New) if header.tuple.protocol == TCP && !tcp::opens(header.tcp_flags) => {
            Err(Drop::new(DropReason::UnknownConnection, Culprit::Nat(id)))
        }
        _ => Ok(()),
    }
}
