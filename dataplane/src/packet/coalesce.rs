//! Coalescing: packets of one flow that follow each other go to a host as one that stands for several.
//!
//! Cutting the result up again gives the same packets in the same order, so that the receiver sees the same stream and the same
//! datagrams. Only the identification of packets that may not be fragmented can differ, which means nothing there (RFC 6864 §4.1).

use super::segment::{ip_header_length, pseudo_header_sum, set_lengths};
use super::view::u16_at;
use super::{GsoType, TCP, UDP, VIRTIO_HEADER, VirtioHeader, checksum, tcp};
use std::borrow::Cow;
use std::io::IoSlice;
use std::ops::Range;

/// As many datagrams as Linux puts into one UDP packet with segmentation offload (`UDP_MAX_SEGMENTS`).
const MAX_DATAGRAMS: usize = 128;

/// How many packets are gathered at most: a batch has no more, and their parts fit a worker's stack.
pub const MAX_GATHERED: usize = 64;

/// The TCP flags of which a packet that has them stands alone.
const ALONE: u8 = tcp::SYN | tcp::RST | tcp::URG | tcp::CWR;
/// The TCP flags that only the last packet of several may have.
const LAST: u8 = tcp::FIN | tcp::PSH;

/// A packet that lies in a worker's memory, with space for its virtio header before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// What is left to do for it.
    pub header: VirtioHeader,
    /// Where its bytes are.
    pub range: Range<usize>,
    /// The largest packet its way takes, in bytes.
    pub mtu: u16,
}

/// Packets of one batch, gathered into groups; the memory for it is used again for the next batch.
#[derive(Debug)]
pub struct Coalescer<T> {
    groups: Vec<Group<T>>,
    packets: Vec<Placed>,
    /// For each packet the next one in its group.
    following: Vec<Option<usize>>,
}

#[derive(Debug)]
struct Group<T> {
    to: T,
    first: usize,
    last: usize,
    /// `None`: fragments, whose ports are unknown.
    flow: Option<Flow>,
    /// What a packet to be appended has to agree with; `None`: nothing can be appended.
    shape: Option<Shape>,
    open: bool,
}

/// What of a packet matters to its being appended to others, and others to it.
#[derive(Clone, Copy, Debug)]
struct Shape {
    packets: usize,
    gso: GsoType,
    headers: usize,
    /// Payload of each packet but the last.
    size: usize,
    payload: usize,
    sequence: u32,
    identification: u16,
    tcp_flags: u8,
}

/// Addresses, protocol and ports as they stand in the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Flow {
    addresses: [u8; 8],
    ports: [u8; 4],
    protocol: u8,
}

impl<T> Default for Coalescer<T> {
    fn default() -> Self {
        Self { groups: Vec::new(), packets: Vec::new(), following: Vec::new() }
    }
}

impl<T: Copy + Eq> Coalescer<T> {
    /// Adds a packet on its way `to` somewhere. `memory` is where [`Placed::range`] points; the packet is valid and its header
    /// [accepted](super::segment::accept). If it is to go `alone`, nothing is appended to it and it to nothing.
    pub fn push(&mut self, memory: &[u8], to: T, packet: Placed, alone: bool) {
        let bytes = &memory[packet.range.clone()];
        let flow = Flow::of(bytes);
        let shape = if alone { None } else { Shape::of(&packet.header, bytes) };
        let index = self.packets.len();
        self.packets.push(packet);
        self.following.push(None);
        // Fragments may belong to any flow. That they overtake nothing, nothing behind them joins what is before them.
        let touched = |group: &&mut Group<T>| group.open && group.to == to && (flow.is_none() || group.flow == flow);
        for group in self.groups.iter_mut().filter(touched) {
            let first = &memory[self.packets[group.first].range.clone()];
            let longer = group.shape.zip(shape).and_then(|(before, next)| before.append(first, &next, bytes));
            if longer.is_some() {
                self.following[group.last] = Some(index);
                (group.last, group.shape) = (index, longer);
                return;
            }
            group.open = false;
        }
        self.groups.push(Group { to, first: index, last: index, flow, shape, open: flow.is_some() });
    }

    /// Gives every group to `emit` in the order of their first packets, and forgets them all. A group's first packet is changed to
    /// stand for the whole of it.
    pub fn drain<'m>(&mut self, memory: &'m mut [u8], mut emit: impl FnMut(T, &Placed, Gathered<'m, '_>)) {
        for group in &self.groups {
            let first = &mut self.packets[group.first];
            let (space, packet) =
                memory[first.range.start - VIRTIO_HEADER..first.range.end].split_at_mut(VIRTIO_HEADER);
            if let (true, Some(shape)) = (group.first != group.last, group.shape) {
                first.header = shape.seal(packet);
            }
            space.copy_from_slice(&first.header.bytes());
        }
        let memory = &*memory;
        for group in self.groups.drain(..) {
            let first = &self.packets[group.first];
            let headers = group.shape.map_or(0, |shape| shape.headers);
            let gathered = Gathered {
                first: &memory[first.range.start - VIRTIO_HEADER..first.range.end],
                rest: Rest { memory, packets: &self.packets, following: &self.following, at: group.first, headers },
            };
            emit(group.to, first, gathered);
        }
        self.packets.clear();
        self.following.clear();
    }
}

/// The bytes of a group.
#[derive(Clone, Copy, Debug)]
pub struct Gathered<'m, 'c> {
    /// The virtio header and the first packet, changed to stand for all of it.
    pub first: &'m [u8],
    /// The payloads of the others.
    pub rest: Rest<'m, 'c>,
}

impl<'m> Gathered<'m, '_> {
    /// All parts, the virtio header first, in `space`.
    pub fn parts<'s>(&self, space: &'s mut [IoSlice<'m>; MAX_GATHERED]) -> &'s [IoSlice<'m>] {
        let mut count = 0;
        let all = [IoSlice::new(self.first)].into_iter().chain(self.rest);
        for (slot, part) in space.iter_mut().zip(all) {
            *slot = part;
            count += 1;
        }
        &space[..count]
    }

    /// The packet that stands for the group, without the virtio header.
    pub fn contiguous(&self) -> Cow<'m, [u8]> {
        let mut bytes = Cow::Borrowed(&self.first[VIRTIO_HEADER..]);
        self.rest.for_each(|part| bytes.to_mut().extend_from_slice(&part));
        bytes
    }

    /// Length of the packet that stands for the group.
    pub fn length(&self) -> usize {
        self.first.len() - VIRTIO_HEADER + self.rest.map(|part| part.len()).sum::<usize>()
    }
}

/// The payloads behind the first packet of a group.
#[derive(Clone, Copy, Debug)]
pub struct Rest<'m, 'c> {
    memory: &'m [u8],
    packets: &'c [Placed],
    following: &'c [Option<usize>],
    at: usize,
    headers: usize,
}

impl Rest<'_, '_> {
    /// Whether the group has one packet only.
    pub fn is_empty(&self) -> bool {
        self.following[self.at].is_none()
    }
}

impl<'m> Iterator for Rest<'m, '_> {
    type Item = IoSlice<'m>;

    fn next(&mut self) -> Option<IoSlice<'m>> {
        self.at = self.following[self.at]?;
        Some(IoSlice::new(&self.memory[self.packets[self.at].range.clone()][self.headers..]))
    }
}

impl Flow {
    fn of(bytes: &[u8]) -> Option<Self> {
        let start = ip_header_length(bytes);
        if u16_at(bytes, 6) & 0x3fff != 0 {
            return None;
        }
        let protocol = bytes[9];
        let ports = match protocol {
            TCP | UDP => *bytes.get(start..)?.first_chunk()?,
            _ => [0; 4],
        };
        Some(Self { addresses: *bytes[12..].first_chunk()?, ports, protocol })
    }
}

impl Shape {
    /// A packet's shape, if packets like it can be appended to each other: no IPv4 options, no fragment, a payload, a checksum that
    /// is open or right.
    fn of(header: &VirtioHeader, bytes: &[u8]) -> Option<Self> {
        if bytes[0] != 0x45 || u16_at(bytes, 6) & 0x3fff != 0 {
            return None;
        }
        let (gso, transport, tcp_flags, sequence) = match bytes[9] {
            TCP if bytes[33] & ALONE == 0 => {
                let sequence = u32::from_be_bytes([bytes[24], bytes[25], bytes[26], bytes[27]]);
                (GsoType::Tcp4, usize::from(bytes[32] >> 4) * 4, bytes[33], sequence)
            }
            UDP if usize::from(u16_at(bytes, 24)) + 20 == bytes.len() => (GsoType::Udp4, 8, 0, 0),
            _ => return None,
        };
        let headers = 20 + transport;
        let payload = bytes.len().checked_sub(headers).filter(|payload| *payload > 0)?;
        if !header.needs_checksum() && !checksum_is_right(header, bytes, headers) {
            return None;
        }
        let size = match header.gso() {
            GsoType::None => payload,
            kind if kind == gso => payload.min(usize::from(header.gso_size)),
            _ => return None,
        };
        let identification = u16_at(bytes, 4).wrapping_add(payload.div_ceil(size) as u16);
        Some(Self {
            packets: 1,
            gso,
            headers,
            size,
            payload,
            sequence: sequence.wrapping_add(payload as u32),
            identification,
            tcp_flags,
        })
    }

    /// The shape of this and the next packet together, if they can be: `first` and `bytes` are the bytes of the first packet here
    /// and of the next one. `sequence` and `identification` are those expected next.
    fn append(self, first: &[u8], next: &Shape, bytes: &[u8]) -> Option<Self> {
        let total = self.payload + next.payload;
        let begins = |next_of: u32| next_of.wrapping_sub(next.payload as u32) == self.sequence;
        let is_tcp = self.gso == GsoType::Tcp4;
        let fits = self.payload.is_multiple_of(self.size)
            && (next.size == self.size || next.size == next.payload && next.payload < self.size)
            && self.packets < MAX_GATHERED
            && self.headers == next.headers
            && self.headers + total <= usize::from(u16::MAX)
            && (is_tcp || total.div_ceil(self.size) <= MAX_DATAGRAMS);
        // Type of service with ECN, fragmentation flags, time to live.
        let same_ip = first[1] == bytes[1] && first[6..9] == bytes[6..9];
        let in_order = first[6] & 0x40 != 0 || u16_at(bytes, 4) == self.identification;
        let same_tcp = || {
            begins(next.sequence)
                && self.tcp_flags & LAST == 0
                && self.tcp_flags == next.tcp_flags & !LAST
                && first[28..33] == bytes[28..33]
                && first[34..36] == bytes[34..36]
                && first[38..self.headers] == bytes[38..self.headers]
        };
        let together = Self { packets: self.packets + 1, size: self.size, payload: total, ..*next };
        (fits && same_ip && in_order && (!is_tcp || same_tcp())).then_some(together)
    }

    /// Makes the headers of a group's first packet stand for all of it: lengths, last flags, an open checksum.
    fn seal(self, packet: &mut [u8]) -> VirtioHeader {
        let headers = &mut packet[..self.headers];
        let field = if self.gso == GsoType::Tcp4 {
            headers[33] = self.tcp_flags;
            16
        } else {
            6
        };
        set_lengths(headers, 20, self.payload);
        let sum = pseudo_header_sum(headers, 20, self.payload);
        headers[20 + field..22 + field].copy_from_slice(&sum.to_be_bytes());
        VirtioHeader::segmented(self.gso, self.size as u16, self.headers as u16, 20, field as u16)
    }
}

/// Whether a complete checksum is there and right: a wrong one must stay wrong, and a missing one missing.
fn checksum_is_right(header: &VirtioHeader, bytes: &[u8], headers: usize) -> bool {
    if bytes[9] == UDP && u16_at(bytes, 26) == 0 {
        return false;
    }
    let pseudo = pseudo_header_sum(&bytes[..headers], 20, bytes.len() - headers);
    header.flags & VirtioHeader::DATA_VALID != 0
        || checksum::fold(u64::from(pseudo) + u64::from(checksum::sum(&bytes[20..]))) == 0xffff
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::segment::split;
    use crate::packet::testing::{open_tcp, open_udp, transport_is_right};
    use proptest::prelude::*;

    /// What a host sends: a stream cut into packets of one kind or another.
    #[derive(Clone, Debug)]
    struct Sent {
        port: u8,
        payload: usize,
        size: u16,
        flags: u8,
        tos: u8,
        udp: bool,
        dont_fragment: bool,
    }

    fn sent() -> impl Strategy<Value = Sent> {
        let payload = prop_oneof![Just(0usize), Just(100), Just(100), Just(100), 1usize..3000];
        let size = prop_oneof![Just(0u16), Just(0), Just(100)];
        let flags = prop_oneof![4 => Just(tcp::ACK), 1 => Just(tcp::ACK | tcp::PSH), 1 => Just(tcp::ACK | tcp::FIN), 1 => any::<u8>()];
        let tos = prop_oneof![9 => Just(0u8), 1 => Just(3)];
        (0u8..2, payload, size, flags, tos, any::<bool>(), any::<bool>()).prop_map(
            |(port, payload, size, flags, tos, udp, dont_fragment)| {
                // Nobody sends segments of more payload than there is.
                let size = if payload > usize::from(size) { size } else { 0 };
                Sent { port, payload, size, flags, tos, udp, dont_fragment }
            },
        )
    }

    /// Builds the packets, with sequence numbers and identifications that follow each other within a flow.
    fn build(all: &[Sent]) -> Vec<(VirtioHeader, Vec<u8>)> {
        let mut sequences = [1000u32; 2];
        let mut identifications = [7u16; 4];
        let mut byte = 0u8;
        let mut make = |sent: &Sent| {
            let payload: Vec<u8> = (0..sent.payload)
                .map(|_| {
                    byte = byte.wrapping_add(1);
                    byte
                })
                .collect();
            let sequence = &mut sequences[usize::from(sent.port)];
            let (header, mut packet) = if sent.udp {
                open_udp(&payload, sent.size)
            } else {
                open_tcp(*sequence, &payload, sent.size, sent.flags)
            };
            if !sent.udp {
                *sequence = sequence.wrapping_add(sent.payload as u32);
            }
            let identification = &mut identifications[usize::from(sent.port) * 2 + usize::from(sent.udp)];
            packet[4..6].copy_from_slice(&identification.to_be_bytes());
            let count = if sent.size == 0 { 1 } else { sent.payload.div_ceil(usize::from(sent.size)) };
            *identification = identification.wrapping_add(count as u16);
            packet[1] = sent.tos;
            packet[6] = if sent.dont_fragment { 0x40 } else { 0 };
            packet[21] = sent.port;
            super::super::segment::set_ip_checksum(&mut packet[..20]);
            (header, packet)
        };
        all.iter().map(&mut make).collect()
    }

    fn coalesce(packets: &[(VirtioHeader, Vec<u8>)]) -> Vec<(VirtioHeader, Vec<u8>)> {
        let mut memory = Vec::new();
        let mut coalescer = Coalescer::default();
        for (header, packet) in packets {
            memory.extend_from_slice(&[0; VIRTIO_HEADER]);
            let start = memory.len();
            memory.extend_from_slice(packet);
            coalescer.push(&memory, (), Placed { header: *header, range: start..memory.len(), mtu: 1500 }, false);
        }
        let mut out = Vec::new();
        coalescer.drain(&mut memory, |(), first, gathered| {
            let mut packet = gathered.first[VIRTIO_HEADER..].to_vec();
            gathered.rest.for_each(|part| packet.extend_from_slice(&part));
            assert_eq!(gathered.first[..VIRTIO_HEADER], first.header.bytes());
            out.push((first.header, packet));
        });
        out
    }

    /// Everything as it would be on a wire, by flow: checksums complete, segments apart.
    fn wire(packets: &[(VirtioHeader, Vec<u8>)]) -> Vec<Vec<Vec<u8>>> {
        let mut flows = vec![Vec::new(); 4];
        for (header, packet) in packets {
            let flow = usize::from(packet[21]) * 2 + usize::from(packet[9] == UDP);
            split(header, packet, |headers, payload| flows[flow].push([headers, payload].concat()));
        }
        flows
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn any_mix_arrives_whole_and_in_order(all in prop::collection::vec(sent(), 0..40)) {
            let before = build(&all);
            let after = coalesce(&before);
            prop_assert!(after.len() <= before.len());
            let normal = |mut flows: Vec<Vec<Vec<u8>>>| {
                for packet in flows.iter_mut().flatten().filter(|packet| packet[6] & 0x40 != 0) {
                    packet[4..6].fill(0);
                    super::super::segment::set_ip_checksum(&mut packet[..20]);
                }
                flows
            };
            prop_assert_eq!(normal(wire(&after)), normal(wire(&before)));
            for (header, packet) in &after {
                prop_assert_eq!(usize::from(u16_at(packet, 2)), packet.len());
                prop_assert!(header.needs_checksum());
            }
        }
    }

    fn plain(payload: usize) -> Sent {
        Sent { port: 0, payload, size: 0, flags: tcp::ACK, tos: 0, udp: false, dont_fragment: true }
    }

    #[test]
    fn a_stream_of_equal_segments_becomes_one_packet() {
        let out = coalesce(&build(&[plain(100), plain(100), plain(100), plain(60)]));
        assert_eq!(out.len(), 1);
        let (header, packet) = &out[0];
        assert_eq!((header.gso(), header.gso_size, packet.len()), (GsoType::Tcp4, 100, 400));
    }

    #[test]
    fn datagrams_become_one_packet_and_keep_their_boundaries() {
        let datagram = Sent { udp: true, ..plain(64) };
        let out = coalesce(&build(&vec![datagram; 60]));
        assert_eq!(out.len(), 1);
        assert_eq!((out[0].0.gso(), out[0].0.gso_size, out[0].1.len()), (GsoType::Udp4, 64, 28 + 60 * 64));
    }

    #[test]
    fn pushes_end_a_group_and_small_ones_too() {
        let push = Sent { flags: tcp::ACK | tcp::PSH, ..plain(100) };
        let count = |all: &[Sent]| coalesce(&build(all)).len();
        assert_eq!(count(&[plain(100), push.clone(), plain(100)]), 2);
        assert_eq!(count(&[plain(100), plain(50), plain(100)]), 2);
        assert_eq!(count(&[plain(50), plain(100)]), 2);
        assert_eq!(count(&[plain(100), plain(0), plain(100)]), 3);
    }

    #[test]
    fn other_flows_in_between_do_no_harm() {
        let other = Sent { port: 1, ..plain(100) };
        let out = coalesce(&build(&[plain(100), other.clone(), plain(100), other]));
        assert_eq!(out.len(), 2);
    }

    #[test]
    fn a_wrong_checksum_stays_wrong() {
        let mut packets = build(&[plain(100), plain(100)]);
        for (header, packet) in &mut packets {
            super::super::segment::complete(header, packet);
        }
        assert_eq!(coalesce(&packets).len(), 1);
        packets[1].1[50] ^= 1;
        let out = coalesce(&packets);
        assert_eq!(out.len(), 2);
        assert!(!transport_is_right(&out[1].1));
    }
}
