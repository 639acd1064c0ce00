//! Where a packet goes: source check, route, next hop, endpoint, translation. No filter is asked here.

use super::known::Known;
use super::reason::DropReason;
use super::step::{Culprit, Drop, Step, drop};
use crate::flow::{Path, Side};
use crate::packet::{FiveTuple, Header, ICMP, IcmpClass, TCP, UDP};
use crate::policy::*;
use std::net::Ipv4Addr;

/// Chooses the source port of a translated packet that goes to this port, looking like this but for the source port.
pub type ChoosePort<'a> = dyn FnMut(PortId, FiveTuple) -> Option<u16> + 'a;

/// Resolves the way of packets of one port.
pub struct Resolver<'a, 'b> {
    /// The tables.
    pub snapshot: &'a Snapshot,
    /// Where the packet came from.
    pub port: PortId,
    /// What is known of the flow it belongs to.
    pub known: Known<'a>,
    /// For flows that are new.
    pub choose_port: &'b mut ChoosePort<'b>,
}

/// An endpoint found: the attachment, and the destination it is given.
struct Arrival {
    to: AttachmentId,
    /// The source, where a service answers as whom its client has asked.
    source: Option<Ipv4Addr>,
    destination: Ipv4Addr,
    translator: Option<TranslatorId>,
    /// The destination port, where a translator gives it back.
    destination_port: Option<u16>,
}

impl<'a> Resolver<'a, '_> {
    /// The path of a packet.
    pub fn resolve(
        &mut self,
        sent: FiveTuple,
        icmp: Option<IcmpClass>,
        observe: &mut dyn FnMut(Step),
    ) -> Result<Path, Drop> {
        let port = self.port_entry(self.port, DropReason::PortUnavailable)?;
        if is_martian(sent.source) || is_martian(sent.destination) {
            return Err(drop(DropReason::Martian, Culprit::Packet));
        }
        let route = *self
            .snapshot
            .route(port.table, sent.destination)
            .ok_or(drop(DropReason::NoRoute, Culprit::Table(port.table)))?;
        let culprit = Culprit::Route(port.table, route.prefix);
        let by = self.snapshot.attachment_in(self.port, route.from).ok_or(drop(DropReason::NotAttached, culprit))?;
        let sender = self.attachment(by)?;
        observe(Step::Route { table: port.table, prefix: route.prefix, by, next_hop: route.next_hop });
        if sender.source_check && !sender.addresses.contains(&sent.source) {
            return Err(drop(DropReason::SourceCheck, Culprit::Attachment(by)));
        }
        let mut path = match route.next_hop {
            NextHop::Blackhole => return Err(drop(DropReason::Blackhole, culprit)),
            NextHop::Service(vrf, address) => {
                self.serve(by, (vrf, address.unwrap_or(sent.destination)), sent, culprit)?
            }
            NextHop::Via(to) => self.via(by, to, sent, culprit)?,
            NextHop::Deliver(vrf) => self.deliver(by, vrf, sent)?,
            NextHop::Edge(vrf) => {
                let public = sender.public_of(sent.source);
                let public = public.ok_or(drop(DropReason::NoPublicAddress, Culprit::Attachment(by)))?;
                let path = self.deliver(by, vrf, FiveTuple { source: public, ..sent })?;
                Path { sent, leaves_segment: true, ..path }
            }
            NextHop::Translate(id) => self.translate(by, id, sent, icmp)?,
        };
        let receiver = self.port_entry(path.port, DropReason::PortUnavailable)?;
        path.mtu = receiver.mtu.min(route.mtu.unwrap_or(u16::MAX));
        if path.delivered != sent {
            observe(Step::Translated { packet: path.delivered });
        }
        Ok(path)
    }

    /// To whoever has the destination address in a VRF. `sent` has its source translated already.
    fn deliver(&self, by: AttachmentId, vrf: VrfId, sent: FiveTuple) -> Result<Path, Drop> {
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
            mtu: 0,
            sent,
            delivered,
            translator: arrival.translator,
            leaves_segment: arrival.translator.is_some() || delivered != sent,
        })
    }

    fn arrival(&self, vrf: VrfId, sent: FiveTuple) -> Result<Arrival, Drop> {
        let nobody = drop(DropReason::NoSuchAddress, Culprit::Address(vrf, sent.destination));
        match self.snapshot.endpoint(vrf, sent.destination).ok_or(nobody)? {
            Endpoint::Own(to) => Ok(Arrival {
                to,
                source: None,
                destination: sent.destination,
                translator: None,
                destination_port: None,
            }),
            Endpoint::Public(..) if is_private(sent.source) => Err(drop(DropReason::Martian, Culprit::Packet)),
            Endpoint::Public(to, destination) => {
                Ok(Arrival { to, source: None, destination, translator: None, destination_port: None })
            }
            Endpoint::Translator(id) => self.back_through(id, sent),
            // The way to a service is another next hop's.
            Endpoint::Service(..) => Err(nobody),
            Endpoint::Client(to, destination) => {
                let Known::Flow(flow, Side::Reply) = self.known else {
                    return Err(drop(DropReason::NoTranslation, Culprit::Address(vrf, sent.destination)));
                };
                let source = Some(flow.key(Side::Forward).tuple.destination);
                Ok(Arrival { to, source, destination, translator: None, destination_port: None })
            }
        }
    }

    /// Back through a translator, to the host whose flow this belongs to.
    fn back_through(&self, id: TranslatorId, sent: FiveTuple) -> Result<Arrival, Drop> {
        let inside = match self.known {
            Known::Flow(flow, Side::Reply) => flow.key(Side::Forward).tuple.reversed(),
            Known::Related(delivered) => FiveTuple { destination_port: sent.destination_port, ..delivered },
            Known::Nothing | Known::Flow(_, Side::Forward) => {
                return Err(drop(DropReason::NoTranslation, Culprit::Translator(id)));
            }
        };
        let translator = self.translator(id)?;
        let route = self.translator_route(translator, inside.destination)?;
        let NextHop::Deliver(vrf) = route.next_hop else {
            return Err(drop(DropReason::Blackhole, Culprit::Route(translator.table, route.prefix)));
        };
        match self.snapshot.endpoint(vrf, inside.destination) {
            Some(Endpoint::Own(to)) => Ok(Arrival {
                to,
                source: None,
                destination: inside.destination,
                translator: Some(id),
                destination_port: Some(inside.destination_port),
            }),
            _ => Err(drop(DropReason::NoSuchAddress, Culprit::Address(vrf, inside.destination))),
        }
    }

    /// Out through a translator, by its own route table.
    fn translate(
        &mut self,
        by: AttachmentId,
        id: TranslatorId,
        sent: FiveTuple,
        icmp: Option<IcmpClass>,
    ) -> Result<Path, Drop> {
        let translator = self.translator(id)?;
        let route = self.translator_route(translator, sent.destination)?;
        let (NextHop::Edge(vrf) | NextHop::Deliver(vrf)) = route.next_hop else {
            return Err(drop(DropReason::Blackhole, Culprit::Route(translator.table, route.prefix)));
        };
        let outside = FiveTuple { source: translator.public, ..sent };
        let path = self.deliver(by, vrf, outside)?;
        let source_port = match self.known {
            Known::Flow(flow, Side::Forward) => flow.key(Side::Reply).tuple.destination_port,
            _ if icmp == Some(IcmpClass::Error) => sent.source_port,
            _ if !has_source_port(sent.protocol, icmp) => {
                return Err(drop(DropReason::NoTranslation, Culprit::Translator(id)));
            }
            _ => (self.choose_port)(path.port, path.delivered)
                .ok_or(drop(DropReason::PortsExhausted, Culprit::Translator(id)))?,
        };
        let delivered = FiveTuple { source_port, ..path.delivered };
        Ok(Path { sent, delivered, translator: Some(id), leaves_segment: true, ..path })
    }

    /// To a service, if there is one.
    fn serve(
        &self,
        by: AttachmentId,
        (vrf, address): (VrfId, Ipv4Addr),
        sent: FiveTuple,
        culprit: Culprit,
    ) -> Result<Path, Drop> {
        let nobody = drop(DropReason::NoService, culprit);
        let Some(Endpoint::Service(to, offer)) = self.snapshot.endpoint(vrf, address) else { return Err(nobody) };
        let service = self.snapshot.attachment(to).ok_or(nobody)?;
        let source = self.attachment(by)?.public_of(sent.source);
        let source = source.ok_or(drop(DropReason::NoPublicAddress, Culprit::Attachment(by)))?;
        let delivered = FiveTuple { source, destination: address, ..sent };
        let offers = |filter: &FilterEntry| filter.ingress.allows(&Header::first_of(delivered), source, &[]).is_some();
        if !self.snapshot.filter(offer).is_some_and(offers) {
            return Err(nobody);
        }
        Ok(Path { by, to, port: service.port, mtu: 0, sent, delivered, translator: None, leaves_segment: false })
    }

    /// To a middlebox, whatever the destination.
    fn via(&self, by: AttachmentId, to: AttachmentId, sent: FiveTuple, culprit: Culprit) -> Result<Path, Drop> {
        let receiver = self.snapshot.attachment(to).ok_or(drop(DropReason::Blackhole, culprit))?;
        if receiver.source_check && !receiver.addresses.contains(&sent.destination) {
            return Err(drop(DropReason::DestinationCheck, Culprit::Attachment(to)));
        }
        let port = receiver.port;
        Ok(Path { by, to, port, mtu: 0, sent, delivered: sent, translator: None, leaves_segment: false })
    }

    fn translator(&self, id: TranslatorId) -> Result<&'a Translator, Drop> {
        self.snapshot.translator(id).ok_or(drop(DropReason::Blackhole, Culprit::Translator(id)))
    }

    fn translator_route(&self, translator: &Translator, destination: Ipv4Addr) -> Result<Route, Drop> {
        let route = self.snapshot.route(translator.table, destination);
        route.copied().ok_or(drop(DropReason::NoRoute, Culprit::Table(translator.table)))
    }

    fn attachment(&self, id: AttachmentId) -> Result<&'a Attachment, Drop> {
        self.snapshot.attachment(id).ok_or(drop(DropReason::NotAttached, Culprit::Attachment(id)))
    }

    fn port_entry(&self, id: PortId, reason: DropReason) -> Result<&'a Port, Drop> {
        self.snapshot.port(id).ok_or(drop(reason, Culprit::Port(id)))
    }
}

/// Addresses that no unicast packet between hosts may have (RFC 1812 §5.3.7; RFC 6890).
fn is_martian(address: Ipv4Addr) -> bool {
    let first = address.octets()[0];
    first == 0 || first == 127 || first >= 224
}

/// Addresses that mean something on one side of an edge only, so that nothing crosses it from them (RFC 1918, 3927, 6598).
fn is_private(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private() || address.is_link_local() || (first == 100 && second & 0xc0 == 64)
}

/// What a translator can tell flows of one public address apart by.
fn has_source_port(protocol: u8, icmp: Option<IcmpClass>) -> bool {
    matches!(protocol, TCP | UDP) || (protocol == ICMP && icmp == Some(IcmpClass::Query))
}
