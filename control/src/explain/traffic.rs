//! The first packet of each kind of traffic between two hosts.

use super::names::{self, NameError, Names, Reach};
use model::Model;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use wire::{FiveTuple, ICMP, PortId, TCP, UDP};

/// The client's port. Any ephemeral port gives the same answer.
const CLIENT_PORT: u16 = 49_152;
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
    };
    FiveTuple { source, destination, protocol, source_port, destination_port }
}
