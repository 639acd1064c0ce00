//! The first packet of each kind of traffic between two hosts.

use super::names::{self, NameError, Names, Reach};
use model::Model;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use wire::{FiveTuple, ICMP, PortId, TCP, UDP};

/// The client's port.
const CLIENT_PORT: u16 = 49_152;
/// The ports from which Linux connects.
const EPHEMERAL: RangeInclusive<u16> = 32_768..=60_999;
/// An ICMP echo request's type and code, as in a [`FiveTuple`].
pub const ECHO_REQUEST: u16 = 8 << 8;

/// A kind of first packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Traffic {
    /// TCP to a port.
    Tcp(u16),
    /// UDP to a port.
    Udp(u16),
    /// An ICMP echo request.
    Icmp,
    /// Another protocol, by its number.
    Protocol(u8),
}

/// A first packet to each address of the destination, those in the nearest network first, with the port that it
/// leaves by.
pub(crate) fn first_packets(
    model: &Model,
    (from, source): (&str, Option<Ipv4Addr>),
    to: &str,
    traffic: Traffic,
) -> Result<Vec<(PortId, FiveTuple)>, NameError> {
    let names = Names::of(model);
    let host = names::host(model, from)?;
    let own = names.addresses(&host);
    let destinations = match to.parse() {
        Ok(address) => vec![address],
        Err(_) => destinations(&own, names.addresses(&names::host(model, to)?)),
    };
    let packet = |to: Ipv4Addr| {
        let (port, source) = names.leaves_by(&host, to, source).ok_or_else(|| NameError::NoAddress(from.to_owned()))?;
        Ok((port, first_packet(source, to, traffic)))
    };
    destinations.into_iter().map(packet).collect()
}

/// The addresses of a host in the order in which another host, with these `own` addresses, tries them: the nearest
/// network first.
pub(crate) fn destinations(own: &[(Reach, Ipv4Addr)], others: Vec<(Reach, Ipv4Addr)>) -> Vec<Ipv4Addr> {
    let shared = |reach: &Reach| own.iter().any(|(mine, _)| mine == reach);
    let (near, far): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|(reach, _)| *reach != Reach::Internet && shared(reach));
    let (public, private): (Vec<_>, Vec<_>) = far.into_iter().partition(|(reach, _)| *reach == Reach::Internet);
    let mut all: Vec<Ipv4Addr> = Vec::new();
    // Only public addresses can be reached from the Internet.
    let inside = own.iter().any(|(reach, _)| *reach != Reach::Internet);
    let ordered = if inside { [near, private, public] } else { [near, public, private] };
    for (_, address) in ordered.into_iter().flatten() {
        if !all.contains(&address) {
            all.push(address);
        }
    }
    all
}

/// The first packet of this traffic.
pub(crate) fn first_packet(source: Ipv4Addr, destination: Ipv4Addr, traffic: Traffic) -> FiveTuple {
    let (protocol, source_port, destination_port) = match traffic {
        Traffic::Tcp(port) => (TCP, CLIENT_PORT, port),
        Traffic::Udp(port) => (UDP, CLIENT_PORT, port),
        Traffic::Icmp => (ICMP, 1, ECHO_REQUEST),
        Traffic::Protocol(number) => (number, 0, 0),
    };
    FiveTuple { source, destination, protocol, source_port, destination_port }
}

/// The client's other ports that network ACLs may answer differently. ACLs are stateless, so a reply depends on the port.
pub(crate) fn other_client_ports(model: &Model) -> Vec<u16> {
    let entries = model.network_acls.iter().flat_map(|acl| &acl.entries);
    other_ports(entries.filter_map(|entry| match entry.traffic {
        model::Traffic::Tcp(first, last) | model::Traffic::Udp(first, last) => Some((first, last)),
        _ => None,
    }))
}

/// A port from each range of ephemeral ports that these ranges distinguish, except the client's usual one.
fn other_ports(ranges: impl Iterator<Item = (u16, u16)>) -> Vec<u16> {
    let starts = ranges.flat_map(|(first, last)| [Some(first), last.checked_add(1)]).flatten();
    let starts: BTreeSet<u16> = starts.filter(|port| EPHEMERAL.contains(port)).chain([*EPHEMERAL.start()]).collect();
    let usual = starts.range(..=CLIENT_PORT).next_back().copied();
    starts.into_iter().filter(|start| Some(*start) != usual).collect()
}

/// The same first packet from other ports of the client, if it has ports.
pub(crate) fn from_ports(packet: FiveTuple, ports: &[u16]) -> impl Iterator<Item = FiveTuple> {
    let ports = if matches!(packet.protocol, TCP | UDP) { ports } else { &[] };
    ports.iter().map(move |port| FiveTuple { source_port: *port, ..packet })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_of_each_range_that_acls_distinguish() {
        let others = |ranges: &[(u16, u16)]| other_ports(ranges.iter().copied());
        assert!(others(&[(80, 80), (1024, 65_535)]).is_empty());
        assert_eq!(others(&[(49_152, 65_535)]), [32_768]);
        assert_eq!(others(&[(49_152, 65_535), (443, 50_000)]), [32_768, 50_001]);
        assert_eq!(others(&[(1024, 40_000)]), [32_768]);
    }

    #[test]
    fn only_protocols_with_ports_are_sent_from_several() {
        let from_two = |traffic| {
            let packet = first_packet([192, 168, 0, 9].into(), [192, 168, 0, 8].into(), traffic);
            from_ports(packet, &[32_768, 50_001]).count()
        };
        let counts = [Traffic::Tcp(80), Traffic::Udp(53), Traffic::Icmp, Traffic::Protocol(50)].map(from_two);
        assert_eq!(counts, [2, 2, 0, 0]);
    }
}
