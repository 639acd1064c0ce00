//! Packets for tests, as a host's kernel writes them to an offload TUN: with partial transport checksums.

use super::checksum;
use super::ip::{header_length, pseudo_header_sum, set_checksum};
use super::offload::Offload;
use super::segment::segment;
use super::view::View;
use super::virtio::{GsoType, VirtioHeader};
use etherparse::PacketBuilder;
use wire::{TCP, UDP};

/// A TCP packet from 10.0.0.1:1000 to 10.0.0.2:2000 with acknowledgement number 5. Unless `size` is 0, it
/// is coalesced from segments of that size.
pub fn offloaded_tcp(sequence: u32, payload: &[u8], size: u16, flags: u8) -> (VirtioHeader, Vec<u8>) {
    let mut packet = Vec::new();
    let builder = PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).tcp(1000, 2000, sequence, 500).ack(5);
    builder.write(&mut packet, payload).unwrap();
    packet[33] = flags;
    open(packet, if size == 0 { GsoType::None } else { GsoType::Tcp4 }, size, 20, 16)
}

/// A UDP datagram from 10.0.0.1:1000 to 10.0.0.2:2000. Unless `size` is 0, it is coalesced from datagrams
/// of that size.
pub fn offloaded_udp(payload: &[u8], size: u16) -> (VirtioHeader, Vec<u8>) {
    let mut packet = Vec::new();
    PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).udp(1000, 2000).write(&mut packet, payload).unwrap();
    open(packet, if size == 0 { GsoType::None } else { GsoType::Udp4 }, size, 8, 6)
}

/// The same packet with DF set.
pub fn dont_fragment((header, mut packet): (VirtioHeader, Vec<u8>)) -> (VirtioHeader, Vec<u8>) {
    packet[6] |= 0x40;
    set_checksum(&mut packet[..20]);
    (header, packet)
}

fn open(mut packet: Vec<u8>, gso: GsoType, size: u16, transport: usize, field: u16) -> (VirtioHeader, Vec<u8>) {
    packet[6..8].fill(0);
    set_checksum(&mut packet[..20]);
    let payload = packet.len() - 20 - transport;
    let sum = pseudo_header_sum(&packet[..20 + transport], 20, payload);
    let at = 20 + usize::from(field);
    packet[at..at + 2].copy_from_slice(&sum.to_be_bytes());
    (VirtioHeader::segmented(gso, size, 20 + transport as u16, 20, field), packet)
}

/// Whether a packet's TCP or UDP checksum is complete and correct.
pub fn has_correct_checksum(packet: &[u8]) -> bool {
    assert!(matches!(packet[9], TCP | UDP));
    let start = header_length(packet);
    let pseudo = pseudo_header_sum(&packet[..start], start, packet.len() - start);
    checksum::fold(u64::from(pseudo) + u64::from(checksum::sum(&packet[start..]))) == 0xffff
}

/// The offload that a virtio header gives for its packet.
pub fn offload(header: &VirtioHeader, packet: &[u8]) -> Offload {
    let view = View::parse(packet).expect("a packet");
    Offload::check(header, &view, &mut packet.to_vec()).expect("a header that agrees with its packet")
}

/// The segments of a packet.
pub fn segments(header: &VirtioHeader, packet: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    segment(&offload(header, packet), packet, |headers, payload| all.push([headers, payload].concat()));
    all
}
