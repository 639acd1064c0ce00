//! Translators (NAT): out through one, by a port that it gives out; back through it, by the flow that it remembers.

use super::context::FlowContext;
use super::resolve::{Arrival, Resolver};
use crate::flow::{Path, Side};
use crate::packet::{Header, IcmpClass, tcp};
use std::net::Ipv4Addr;
use wire::*;

impl<'a> Resolver<'a, '_> {
    /// Back through a translator, to the host whose flow this belongs to.
    pub(super) fn back_through(&mut self, id: TranslatorId, sent: FiveTuple) -> Result<Arrival, Drop> {
        let inside = match self.context {
            FlowContext::Flow(flow, Side::Reply) => flow.key(Side::Forward).tuple.reversed(),
            FlowContext::Related(delivered) => FiveTuple { destination_port: sent.destination_port, ..delivered },
            FlowContext::New | FlowContext::Flow(_, Side::Forward) => {
                return Err(Drop::new(DropReason::NoTranslation, Culprit::Translator(id)));
            }
        };
        let translator = self.translator(id)?;
        self.pass(visible_from(translator, translator.public));
        let route = self.translator_route(translator, inside.destination)?;
        let NextHop::Deliver(vrf) = route.next_hop else {
            return Err(Drop::new(DropReason::Blackhole, Culprit::Route(translator.table, route.prefix)));
        };
        match self.snapshot.endpoint(vrf, inside.destination) {
            Some(Endpoint::Own(to)) => Ok(Arrival {
                to,
                destination: inside.destination,
                translator: Some(id),
                destination_port: Some(inside.destination_port),
            }),
            _ => Err(Drop::new(DropReason::NoSuchAddress, Culprit::Address(vrf, inside.destination))),
        }
    }

    /// Out through a translator, by its own route table.
    pub(super) fn translate(
        &mut self,
        by: AttachmentId,
        id: TranslatorId,
        sent: FiveTuple,
        icmp: Option<IcmpClass>,
    ) -> Result<Path, Drop> {
        let translator = self.translator(id)?;
        self.pass(visible_from(translator, translator.private));
        let route = self.translator_route(translator, sent.destination)?;
        let (NextHop::Edge(vrf) | NextHop::Deliver(vrf)) = route.next_hop else {
            return Err(Drop::new(DropReason::Blackhole, Culprit::Route(translator.table, route.prefix)));
        };
        let outside = FiveTuple { source: translator.public, ..sent };
        let path = self.deliver(by, vrf, outside)?;
        let source_port = match self.context {
            FlowContext::Flow(flow, Side::Forward) => flow.key(Side::Reply).tuple.destination_port,
            _ if icmp == Some(IcmpClass::Error) => sent.source_port,
            _ if !has_source_port(sent.protocol, icmp) => {
                return Err(Drop::new(DropReason::NoTranslation, Culprit::Translator(id)));
            }
            _ => (self.choose_port)(path.port, path.delivered)
                .ok_or(Drop::new(DropReason::PortsExhausted, Culprit::Translator(id)))?,
        };
        let delivered = FiveTuple { source_port, ..path.delivered };
        Ok(Path { sent, delivered, translator: Some(id), leaves_segment: true, ..path })
    }

    fn translator(&self, id: TranslatorId) -> Result<&'a Translator, Drop> {
        self.snapshot.translator(id).ok_or(Drop::new(DropReason::Blackhole, Culprit::Translator(id)))
    }

    fn translator_route(&mut self, translator: &Translator, destination: Ipv4Addr) -> Result<Route, Drop> {
        let route = self.snapshot.route(translator.table, destination);
        let route = *route.ok_or(Drop::new(DropReason::NoRoute, Culprit::Table(translator.table)))?;
        self.follow(&route);
        Ok(route)
    }
}

/// A translator as a router, to those who know it by this address.
fn visible_from(translator: &Translator, address: Ipv4Addr) -> Hop {
    if translator.visible { Hop::Answering(address) } else { Hop::Invisible }
}

/// What a translator can tell flows of one public address apart by.
fn has_source_port(protocol: u8, icmp: Option<IcmpClass>) -> bool {
    matches!(protocol, TCP | UDP) || (protocol == ICMP && icmp == Some(IcmpClass::Query))
}

/// A translator lets a TCP connection through that it saw opening, and no other.
pub(super) fn opens_for_translator(context: FlowContext<'_>, header: &Header, path: &Path) -> Result<(), Drop> {
    match (path.translator, context) {
        (Some(id), FlowContext::New) if header.tuple.protocol == TCP && !tcp::opens(header.tcp_flags) => {
            Err(Drop::new(DropReason::UnknownConnection, Culprit::Translator(id)))
        }
        _ => Ok(()),
    }
}
