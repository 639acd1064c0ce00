//! Packets made byte by byte, which the sockets API cannot send.

use crate::format::sentence::{Clause, Packet};
use std::net::Ipv4Addr;

/// EtherType of IPv4.
pub const IPV4: u16 = 0x0800;
/// EtherType of IPv6.
pub const IPV6: u16 = 0x86dd;

/// The source port of hand-made TCP and UDP packets, and the identifier of hand-made echo requests.
pub const SOURCE_PORT: u16 = 40_404;

const TCP: u8 = 6;
/// The offset of the flags in a TCP header.
const TCP_FLAGS: usize = 13;
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

/// A packet or its fragments, with their EtherType.
pub fn craft(
    what: Packet,
    clauses: &[Clause],
    source: Ipv4Addr,
    destination: Ipv4Addr,
    text: &str,
) -> (u16, Vec<Vec<u8>>) {
    let (protocol, mut body) = match what {
        Packet::Garbage => return (IPV4, vec![b"Even its version and header length are chance".to_vec()]),
        Packet::Ipv6 => return (IPV6, vec![ipv6(text.as_bytes())]),
        Packet::Tcp(port) => (TCP, tcp_syn(port, text.as_bytes())),
        Packet::Udp(port) => (17, udp(port, text.as_bytes())),
        Packet::Icmp(kind) => (1, icmp(kind, SOURCE_PORT, 0, text.as_bytes())),
        Packet::Protocol(protocol) => (protocol, text.as_bytes().to_vec()),
    };
    let mut header = Header { source, destination, protocol, ttl: 64, dont_fragment: false, route: None };
    let (mut fragments, mut overlap, mut without_first) = (false, false, false);
    for clause in clauses {
        match clause {
            Clause::From(_) | Clause::By(_) => {}
            Clause::SourceRouted => header.route = Some(destination),
            Clause::Fragments => fragments = true,
            Clause::OverlappingFragments => (fragments, overlap) = (true, true),
            Clause::WithoutFirst => (fragments, without_first) = (true, true),
            Clause::Long(length) => {
                body.resize(usize::from(*length).saturating_sub(header.length()).max(body.len()), b'.')
            }
            Clause::DontFragment => header.dont_fragment = true,
            Clause::Ttl(ttl) => header.ttl = *ttl,
            Clause::WithoutSyn if protocol == TCP => body[TCP_FLAGS] = ACK,
            Clause::WithoutSyn => {}
        }
    }
    if fragments {
        body.resize(body.len().next_multiple_of(8).max(64), b'.');
    }
    finish_transport(protocol, &mut body, source, destination);
    let packets = if !fragments {
        vec![header.packet(&body, 0, false)]
    } else {
        let half = (body.len() / 2).next_multiple_of(8);
        let second = if overlap { half - 8 } else { half };
        let first = header.packet(&body[..half], 0, true);
        let last = header.packet(&body[second..], second, false);
        if without_first { vec![last] } else { vec![first, last] }
    };
    (IPV4, packets)
}

struct Header {
    source: Ipv4Addr,
    destination: Ipv4Addr,
    protocol: u8,
    ttl: u8,
    dont_fragment: bool,
    /// The hop of a loose source route.
    route: Option<Ipv4Addr>,
}

impl Header {
    fn length(&self) -> usize {
        if self.route.is_some() { 28 } else { 20 }
    }

    /// The header and a part of the body. `offset` is in bytes, a multiple of 8.
    fn packet(&self, part: &[u8], offset: usize, more: bool) -> Vec<u8> {
        let length = self.length();
        let mut packet = vec![0; length];
        packet[0] = 0x40 | (length / 4) as u8;
        packet[2..4].copy_from_slice(&((length + part.len()) as u16).to_be_bytes());
        packet[4..6].copy_from_slice(&0x2a2a_u16.to_be_bytes());
        let flags = u16::from(self.dont_fragment) << 14 | u16::from(more) << 13 | (offset / 8) as u16;
        packet[6..8].copy_from_slice(&flags.to_be_bytes());
        packet[8] = self.ttl;
        packet[9] = self.protocol;
        packet[12..16].copy_from_slice(&self.source.octets());
        packet[16..20].copy_from_slice(&self.destination.octets());
        if let Some(hop) = self.route {
            // Loose source route (RFC 791 §3.1): kind, length, pointer, one address; then the end of the options.
            packet[20..23].copy_from_slice(&[131, 7, 4]);
            packet[23..27].copy_from_slice(&hop.octets());
        }
        let sum = checksum(&packet, 0);
        packet[10..12].copy_from_slice(&sum.to_be_bytes());
        packet.extend_from_slice(part);
        packet
    }
}

fn tcp_syn(port: u16, text: &[u8]) -> Vec<u8> {
    let mut segment = vec![0; 20];
    segment[0..2].copy_from_slice(&SOURCE_PORT.to_be_bytes());
    segment[2..4].copy_from_slice(&port.to_be_bytes());
    segment[12] = 5 << 4;
    segment[TCP_FLAGS] = SYN;
    segment[14..16].copy_from_slice(&u16::MAX.to_be_bytes());
    segment.extend_from_slice(text);
    segment
}

fn udp(port: u16, text: &[u8]) -> Vec<u8> {
    let mut datagram = vec![0; 8];
    datagram[0..2].copy_from_slice(&SOURCE_PORT.to_be_bytes());
    datagram[2..4].copy_from_slice(&port.to_be_bytes());
    datagram.extend_from_slice(text);
    datagram
}

/// An ICMP message with identifier and sequence number, as echo and timestamp have.
pub fn icmp(kind: u8, identifier: u16, sequence: u16, text: &[u8]) -> Vec<u8> {
    let mut message = vec![kind, 0, 0, 0];
    message.extend_from_slice(&identifier.to_be_bytes());
    message.extend_from_slice(&sequence.to_be_bytes());
    message.extend_from_slice(text);
    let sum = checksum(&message, 0);
    message[2..4].copy_from_slice(&sum.to_be_bytes());
    message
}

/// The ICMP type, identifier and text of an IPv4 packet.
pub fn echo(packet: &[u8]) -> Option<(u8, u16, &[u8])> {
    let header = usize::from(packet.first()? & 0xf) * 4;
    let message = packet.get(header..)?;
    Some((*message.first()?, u16::from_be_bytes([*message.get(4)?, *message.get(5)?]), message.get(8..)?))
}

fn ipv6(text: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend_from_slice(&(text.len() as u16).to_be_bytes());
    // No next header, 64 hops, and documentation addresses.
    packet.extend_from_slice(&[59, 64]);
    for last in [1, 2] {
        packet.extend_from_slice(&[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    packet.extend_from_slice(text);
    packet
}

/// Sets the length and checksum of a UDP datagram, or the checksum of a TCP segment or ICMP message, for the final
/// body.
fn finish_transport(protocol: u8, body: &mut [u8], source: Ipv4Addr, destination: Ipv4Addr) {
    let length = body.len() as u16;
    let at = match protocol {
        1 => 2,
        TCP => 16,
        17 => {
            body[4..6].copy_from_slice(&length.to_be_bytes());
            6
        }
        _ => return,
    };
    let mut pseudo = Vec::new();
    if protocol != 1 {
        pseudo.extend_from_slice(&source.octets());
        pseudo.extend_from_slice(&destination.octets());
        pseudo.extend_from_slice(&[0, protocol]);
        pseudo.extend_from_slice(&length.to_be_bytes());
    }
    body[at..at + 2].fill(0);
    let sum = checksum(body, sum(&pseudo));
    body[at..at + 2].copy_from_slice(&sum.to_be_bytes());
}

fn sum(bytes: &[u8]) -> u32 {
    bytes.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]))).sum()
}

/// The Internet checksum (RFC 1071), starting with the sum of a pseudo-header.
fn checksum(bytes: &[u8], start: u32) -> u16 {
    let mut total = start + sum(bytes);
    while total > 0xffff {
        total = (total & 0xffff) + (total >> 16);
    }
    !(total as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
    const B: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

    #[test]
    fn checksums_are_correct() {
        let (_, packets) = craft(Packet::Udp(53), &[Clause::SourceRouted], A, B, "hello");
        let packet = &packets[0];
        assert_eq!(packet[0], 0x47);
        assert_eq!(checksum(&packet[..28], 0), 0);
        let mut pseudo = [A.octets(), B.octets()].concat();
        pseudo.extend_from_slice(&[0, 17, 0, 13]);
        assert_eq!(checksum(&packet[28..], sum(&pseudo)), 0);
    }

    #[test]
    fn fragments_overlap_and_lack_the_first_where_clauses_say_so() {
        let offset = |packet: &[u8]| usize::from(u16::from_be_bytes([packet[6], packet[7]]) & 0x1fff) * 8;
        let (_, whole) = craft(Packet::Udp(53), &[Clause::Fragments], A, B, "hello");
        assert_eq!(offset(&whole[1]), whole[0].len() - 20);
        let (_, over) = craft(Packet::Udp(53), &[Clause::OverlappingFragments], A, B, "hello");
        assert_eq!(offset(&over[1]) + 8, over[0].len() - 20);
        assert_eq!(craft(Packet::Udp(53), &[Clause::WithoutFirst], A, B, "hello").1.len(), 1);
        let (_, long) = craft(Packet::Udp(53), &[Clause::Long(9001), Clause::DontFragment], A, B, "hello");
        assert_eq!((long[0].len(), long[0][6]), (9001, 0x40));
    }

    #[test]
    fn a_segment_without_a_syn_is_of_an_open_connection() {
        let flags = |clauses: &[Clause]| craft(Packet::Tcp(80), clauses, A, B, "hello").1[0][20 + TCP_FLAGS];
        assert_eq!((flags(&[]), flags(&[Clause::WithoutSyn])), (SYN, ACK));
        let [plain, other] =
            [&[][..], &[Clause::WithoutSyn]].map(|clauses| craft(Packet::Udp(53), clauses, A, B, "hello"));
        assert_eq!(plain, other);
    }
}
