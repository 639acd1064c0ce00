//! Packets made byte by byte, and packets seen at an interface.

use super::Play;
use super::drops::DropQuery;
use super::outcome::{Outcome, PATIENCE};
use crate::agent::protocol::{Event, Order, PacketPattern};
use crate::format::sentence::{Clause, Packet, Send, Target};
use crate::packet;
use std::net::Ipv4Addr;
use std::time::Duration;

impl Play<'_> {
    /// `web can send gre to app`, `web cannot send udp 53 to app, from 10.0.0.1: source-check`.
    pub fn send(&mut self, send: &Send) -> Outcome {
        self.refresh_hosts()?;
        let to = self.address(&send.from, &send.to)?;
        let source = match send
            .clauses
            .iter()
            .find_map(|clause| if let Clause::From(source) = clause { Some(source) } else { None })
        {
            Some(source) => self.address(&send.from, source)?,
            None => self.own_address(&send.from)?,
        };
        let by = send.clauses.iter().find_map(|clause| if let Clause::By(by) = clause { Some(*by) } else { None });
        let interface = format!("eth{}", by.unwrap_or(0));
        let text = self.token();
        let (ether_type, packets) = packet::craft(send.packet, &send.clauses, source, to, &text);
        let sender = self.agent(&send.from)?;
        let mut query = DropQuery::from_now(Some(self.hosts.get(&send.from)?.id.clone()));
        let protocol = match send.packet {
            Packet::Tcp(_) => Some(6),
            Packet::Udp(_) => Some(17),
            Packet::Icmp(_) => Some(1),
            Packet::Protocol(number) => Some(number),
            Packet::Ipv6 | Packet::Garbage => None,
        };
        if protocol.is_some() {
            (query.source, query.destination, query.protocol) = (Some(source), Some(to), protocol);
        }
        let receiver = send.to.host().map(|name| self.agent(name)).transpose()?;
        sender.done(Order::Inject { interface, ether_type, packets }, PATIENCE)?;
        let capture = |text| Order::Capture {
            pattern: PacketPattern { text: Some(text), ..PacketPattern::default() },
            patience: PATIENCE,
        };
        match (&send.drop, receiver) {
            (None, None) => Err("only a host shows whether it arrives: name one instead of an address".to_owned()),
            (None, Some(receiver)) => match receiver.order(capture(text))?.recv_timeout(PATIENCE + PATIENCE) {
                Ok(Event::Done) => Ok(()),
                _ => self.not_arrived(&query),
            },
            // The first of several fragments may arrive. It does not count as the packet.
            (Some(drop), receiver) => {
                let whole = !send
                    .clauses
                    .iter()
                    .any(|clause| matches!(clause, Clause::Fragments | Clause::OverlappingFragments));
                let text = if whole { text } else { format!("no fragment has {text}") };
                let events = receiver.unwrap_or(sender).order(capture(text))?;
                self.expect_drop(drop, &events, &[query], "it arrived")
            }
        }
    }

    fn own_address(&self, name: &str) -> Outcome<Ipv4Addr> {
        let host = self.hosts.get(name)?;
        host.private.or(host.public).ok_or_else(|| format!("{name} has no address"))
    }

    /// `app has seen tcp from web`.
    pub fn has_seen(&mut self, host: &str, packet: Packet, from: &Target, not: bool) -> Outcome {
        self.refresh_hosts()?;
        let port = |port: u16| Some(port).filter(|port| *port != 0);
        let (protocol, port, icmp_type) = match packet {
            Packet::Tcp(number) => (6, port(number), None),
            Packet::Udp(number) => (17, port(number), None),
            Packet::Icmp(kind) => (1, None, Some(kind)),
            Packet::Protocol(number) => (number, None, None),
            Packet::Ipv6 | Packet::Garbage => return Err("only IPv4 packets are seen".to_owned()),
        };
        let source = Some(self.address(host, from)?);
        let pattern = PacketPattern { protocol: Some(protocol), icmp_type, source, port, text: None };
        let patience = if not { Duration::ZERO } else { PATIENCE };
        match (self.agent(host)?.order(Order::Capture { pattern, patience })?.recv_timeout(PATIENCE + PATIENCE), not) {
            (Ok(Event::Done), false) | (Ok(Event::TimedOut), true) => Ok(()),
            (Ok(Event::Done), true) => Err("it has".to_owned()),
            (Ok(Event::TimedOut), false) => Err("it has not".to_owned()),
            (Ok(Event::Failed { why }), _) => Err(why),
            (other, _) => Err(format!("the agent says {other:?}")),
        }
    }
}
