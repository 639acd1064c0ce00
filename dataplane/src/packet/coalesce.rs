//! Coalescing: consecutive packets of one flow are written to a host as one packet.
//!
//! Segmenting the result gives the same packets in the same order, so the receiver sees the same stream and the same
//! datagrams. Only the identification of packets that must not be fragmented can differ, where it means nothing (RFC
//! 6864 §4.1).

use super::field::{read, word, write};
use super::offload::{Layout, MAX_DATAGRAMS, Offload};
use super::segment::set_lengths;
use super::virtio::VIRTIO_HEADER;
use super::{checksum, ip, tcp};
use std::borrow::Cow;
use std::io::IoSlice;
use std::num::NonZeroU16;
use std::ops::Range;
use wire::{TCP, UDP};

/// The greatest number of packets in a group. A batch has no more, and their parts fit a worker's stack.
pub const MAX_GATHERED: usize = 64;

/// A packet with any of these TCP flags is not coalesced.
const ALONE: u8 = tcp::SYN | tcp::RST | tcp::URG | tcp::CWR;
/// Only the last packet of a group may have these TCP flags.
const LAST: u8 = tcp::FIN | tcp::PSH;

/// A packet in a worker's memory. Before it there is room for its virtio header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedPacket {
    /// The offload that it needs.
    pub offload: Offload,
    /// The position of its bytes.
    pub range: Range<usize>,
    /// The MTU of its path, in bytes.
    pub mtu: u16,
}

/// A batch's packets, in groups of packets that are coalesced. The memory is used again for the next batch.
#[derive(Debug)]
pub struct Coalescer<T> {
    groups: Vec<Group<T>>,
    packets: Vec<QueuedPacket>,
    /// For each packet the next one of its group.
    following: Vec<Option<usize>>,
}

#[derive(Debug)]
struct Group<T> {
    to: T,
    first: usize,
    last: usize,
    /// `None` for fragments, whose ports are unknown.
    flow: Option<Flow>,
    /// The shape with which the next packet must agree. `None` if no packet can be appended.
    shape: Option<Shape>,
    open: bool,
}

/// The properties by which packets can be appended to each other.
#[derive(Clone, Copy, Debug)]
struct Shape {
    packets: usize,
    layout: Layout,
    /// The payload of each segment but the last, in bytes.
    size: usize,
    payload: usize,
    sequence: u32,
    identification: u16,
    tcp_flags: u8,
}

/// Addresses, protocol and ports as they are in the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Flow {
    addresses: ip::Addresses,
    ports: [u8; 4],
    protocol: u8,
}

impl<T> Default for Coalescer<T> {
    fn default() -> Self {
        Self { groups: Vec::new(), packets: Vec::new(), following: Vec::new() }
    }
}

impl<T: Copy + Eq> Coalescer<T> {
    /// Adds a valid packet that goes `to` somewhere. `memory` is what [`QueuedPacket::range`] refers to. With `alone` the
    /// packet is not coalesced.
    pub fn push(&mut self, memory: &[u8], to: T, packet: QueuedPacket, alone: bool) {
        let bytes = packet.bytes(memory);
        let flow = Flow::of(bytes);
        let shape = if alone { None } else { Shape::of(&packet.offload, bytes) };
        let index = self.packets.len();
        self.packets.push(packet);
        self.following.push(None);
        // A fragment may belong to any flow. It closes all groups before it, so that no later packet overtakes it.
        let touched = |group: &&mut Group<T>| group.open && group.to == to && (flow.is_none() || group.flow == flow);
        for group in self.groups.iter_mut().filter(touched) {
            let first = self.packets.get(group.first).map(|first| first.bytes(memory)).unwrap_or_default();
            let longer = group.shape.zip(shape).and_then(|(before, next)| before.append(first, &next, bytes));
            if let (Some(longer), Some(last)) = (longer, self.following.get_mut(group.last)) {
                *last = Some(index);
                (group.last, group.shape) = (index, Some(longer));
                return;
            }
            group.open = false;
        }
        self.groups.push(Group { to, first: index, last: index, flow, shape, open: flow.is_some() });
    }

    /// Passes every group to `emit`, in the order of their first packets, and empties the coalescer. The headers of a
    /// group's first packet are changed to cover the whole group.
    pub fn drain<'m>(&mut self, memory: &'m mut [u8], mut emit: impl FnMut(T, &QueuedPacket, Gathered<'m, '_>)) {
        for group in &self.groups {
            let Some(first) = self.packets.get_mut(group.first) else { continue };
            let Some((space, packet)) = first.with_header_mut(memory) else { continue };
            if let (true, Some(shape)) = (group.first != group.last, group.shape) {
                first.offload = shape.seal(packet);
            }
            *space = first.offload.virtio().bytes();
        }
        let memory = &*memory;
        for group in self.groups.drain(..) {
            let Some(first) = self.packets.get(group.first) else { continue };
            let headers = group.shape.map_or(0, |shape| shape.layout.headers());
            let gathered = Gathered {
                first: first.with_header(memory),
                rest: Rest { memory, packets: &self.packets, following: &self.following, at: group.first, headers },
            };
            emit(group.to, first, gathered);
        }
        self.packets.clear();
        self.following.clear();
    }
}

impl QueuedPacket {
    /// The packet's bytes. Empty if they are not in this memory.
    fn bytes<'m>(&self, memory: &'m [u8]) -> &'m [u8] {
        memory.get(self.range.clone()).unwrap_or_default()
    }

    /// The virtio header and the packet's bytes.
    fn with_header<'m>(&self, memory: &'m [u8]) -> &'m [u8] {
        memory.get(self.range.start.saturating_sub(VIRTIO_HEADER)..self.range.end).unwrap_or_default()
    }

    fn with_header_mut<'m>(&self, memory: &'m mut [u8]) -> Option<(&'m mut [u8; VIRTIO_HEADER], &'m mut [u8])> {
        let start = self.range.start.checked_sub(VIRTIO_HEADER)?;
        memory.get_mut(start..self.range.end)?.split_first_chunk_mut()
    }
}

/// A group's bytes.
#[derive(Clone, Copy, Debug)]
pub struct Gathered<'m, 'c> {
    /// The virtio header and the first packet, whose headers cover the whole group.
    pub first: &'m [u8],
    /// The payloads of the other packets.
    pub rest: Rest<'m, 'c>,
}

impl<'m> Gathered<'m, '_> {
    /// All parts in `space`, the virtio header first.
    pub fn parts<'s>(&self, space: &'s mut [IoSlice<'m>; MAX_GATHERED]) -> &'s [IoSlice<'m>] {
        let mut count = 0;
        let all = [IoSlice::new(self.first)].into_iter().chain(self.rest);
        for (slot, part) in space.iter_mut().zip(all) {
            *slot = part;
            count += 1;
        }
        space.get(..count).unwrap_or_default()
    }

    /// The coalesced packet in one piece, without the virtio header.
    pub fn contiguous(&self) -> Cow<'m, [u8]> {
        let mut bytes = Cow::Borrowed(self.packet());
        self.rest.for_each(|part| bytes.to_mut().extend_from_slice(&part));
        bytes
    }

    /// The first packet, without the virtio header.
    pub fn packet(&self) -> &'m [u8] {
        self.first.get(VIRTIO_HEADER..).unwrap_or_default()
    }

    /// The length of the coalesced packet.
    pub fn length(&self) -> usize {
        self.packet().len() + self.rest.map(|part| part.len()).sum::<usize>()
    }
}

/// The payloads behind the first packet of a group.
#[derive(Clone, Copy, Debug)]
pub struct Rest<'m, 'c> {
    memory: &'m [u8],
    packets: &'c [QueuedPacket],
    following: &'c [Option<usize>],
    at: usize,
    headers: usize,
}

impl Rest<'_, '_> {
    /// Whether the group has only one packet.
    pub fn is_empty(&self) -> bool {
        self.following.get(self.at).is_none_or(Option::is_none)
    }
}

impl<'m> Iterator for Rest<'m, '_> {
    type Item = IoSlice<'m>;

    fn next(&mut self) -> Option<IoSlice<'m>> {
        self.at = self.following.get(self.at).copied()??;
        let packet = self.packets.get(self.at)?.bytes(self.memory);
        packet.get(self.headers..).map(IoSlice::new)
    }
}

impl Flow {
    fn of(bytes: &[u8]) -> Option<Self> {
        if ip::is_fragment(bytes) {
            return None;
        }
        let protocol = ip::protocol(bytes.first_chunk()?);
        let ports = match protocol {
            TCP | UDP => read(bytes, ip::header_length(bytes))?,
            _ => [0; 4],
        };
        Some(Self { addresses: ip::addresses(bytes)?, ports, protocol })
    }
}

impl Shape {
    /// The shape of a packet that can be coalesced: without IPv4 options, not a fragment, with a payload, and with a
    /// checksum that is partial or correct.
    fn of(offload: &Offload, bytes: &[u8]) -> Option<Self> {
        let (fixed, transport) = bytes.split_first_chunk::<{ ip::HEADER }>()?;
        if !ip::is_plain(fixed) || ip::is_fragment(fixed) {
            return None;
        }
        let (layout, tcp_flags, sequence) = match ip::protocol(fixed) {
            TCP => {
                let header: &[u8; tcp::HEADER] = transport.first_chunk()?;
                let sequence = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
                (Layout::new(true, ip::HEADER, ip::HEADER + usize::from(header[12] >> 4) * 4)?, header[13], sequence)
            }
            UDP if word(transport, 4).map(usize::from) == Some(transport.len()) => {
                (Layout::new(false, ip::HEADER, ip::HEADER + 8)?, 0, 0)
            }
            _ => return None,
        };
        let payload = bytes.len().checked_sub(layout.headers()).filter(|payload| *payload > 0)?;
        if tcp_flags & ALONE != 0 || !(offload.needs_checksum() || checksum_is_correct(offload, layout, bytes)) {
            return None;
        }
        let size = match offload.segment_size() {
            0 => payload,
            size => size.into(),
        };
        let identification = ip::identification(fixed).wrapping_add(payload.div_ceil(size) as u16);
        let sequence = sequence.wrapping_add(payload as u32);
        Some(Self { packets: 1, layout, size, payload, sequence, identification, tcp_flags })
    }

    /// The shape of this and the next packet together, if they can be coalesced. `first` is the first packet here and
    /// `bytes` the next one; `sequence` and `identification` are the values expected next.
    fn append(self, first: &[u8], next: &Shape, bytes: &[u8]) -> Option<Self> {
        let total = self.payload + next.payload;
        let headers = self.layout.headers();
        let fits = self.payload.is_multiple_of(self.size)
            && (next.size == self.size || next.size == next.payload && next.payload < self.size)
            && self.packets < MAX_GATHERED
            && self.layout == next.layout
            && headers + total <= usize::from(u16::MAX)
            && (self.layout.is_tcp() || total.div_ceil(self.size) <= MAX_DATAGRAMS);
        let (first_ip, next_ip) = (first.first_chunk()?, bytes.first_chunk()?);
        let unfragmentable = ip::must_not_be_fragmented(ip::fragmentation(first_ip));
        let in_order = unfragmentable || ip::identification(next_ip) == self.identification;
        let start = self.layout.start();
        let same = |from: usize, to: usize| first.get(start + from..start + to) == bytes.get(start + from..start + to);
        // Acknowledgement number, header length, window, urgent pointer and options.
        let same_tcp = || {
            next.sequence.wrapping_sub(next.payload as u32) == self.sequence
                && self.tcp_flags & LAST == 0
                && self.tcp_flags == next.tcp_flags & !LAST
                && same(8, 13)
                && same(14, 16)
                && same(18, headers - start)
        };
        let together = Self { packets: self.packets + 1, size: self.size, payload: total, ..*next };
        (fits && ip::are_alike(first_ip, next_ip) && in_order && (!self.layout.is_tcp() || same_tcp()))
            .then_some(together)
    }

    /// Changes the headers of a group's first packet to cover the whole group: lengths, the last packet's flags, a
    /// partial checksum.
    fn seal(self, packet: &mut [u8]) -> Offload {
        let (layout, start) = (self.layout, self.layout.start());
        if let Some(headers) = packet.get_mut(..layout.headers()) {
            if layout.is_tcp() {
                write(headers, start + 13, [self.tcp_flags]);
            }
            set_lengths(headers, &layout, self.payload);
            let sum = ip::pseudo_header_sum(headers, start, self.payload);
            write(headers, start + layout.field(), sum.to_be_bytes());
        }
        match NonZeroU16::new(self.size as u16) {
            Some(size) => Offload::Segments { layout, size, ecn: false },
            // Packets without a payload are never coalesced.
            None => Offload::Checksum(layout),
        }
    }
}

/// Whether a complete checksum is present and correct. A wrong checksum must stay wrong, and a missing one missing.
fn checksum_is_correct(offload: &Offload, layout: Layout, bytes: &[u8]) -> bool {
    let (start, field) = (layout.start(), layout.start() + layout.field());
    let (Some(headers), Some(segment)) = (bytes.get(..start), bytes.get(start..)) else { return false };
    if !layout.is_tcp() && word(bytes, field) == Some(0) {
        return false;
    }
    let pseudo = ip::pseudo_header_sum(headers, start, segment.len());
    *offload == Offload::Checked || checksum::fold(u64::from(pseudo) + u64::from(checksum::sum(segment))) == 0xffff
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::testing::{has_correct_checksum, offload, offloaded_tcp, offloaded_udp, segments};
    use crate::packet::{GsoType, VirtioHeader};
    use proptest::prelude::*;

    /// A host's traffic: a stream segmented into packets of one kind.
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
                // Hosts send no segments with more payload than there is, and no more datagrams than Linux coalesces.
                let size = if payload > usize::from(size) { size } else { 0 };
                Sent { port, payload, size, flags, tos, udp, dont_fragment }
            },
        )
    }

    /// Builds the packets. Sequence numbers and identifications are consecutive within a flow.
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
                offloaded_udp(&payload, sent.size)
            } else {
                offloaded_tcp(*sequence, &payload, sent.size, sent.flags)
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
            ip::set_checksum(&mut packet[..20]);
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
            let queued = QueuedPacket { offload: offload(header, packet), range: start..memory.len(), mtu: 1500 };
            coalescer.push(&memory, (), queued, false);
        }
        let mut out = Vec::new();
        coalescer.drain(&mut memory, |(), first, gathered| {
            let header = first.offload.virtio();
            assert_eq!(gathered.first[..VIRTIO_HEADER], header.bytes());
            out.push((header, gathered.contiguous().into_owned()));
        });
        out
    }

    /// The packets as they are on a wire, by flow: complete checksums, no coalescing.
    fn wire(packets: &[(VirtioHeader, Vec<u8>)]) -> Vec<Vec<Vec<u8>>> {
        let mut flows = vec![Vec::new(); 4];
        for (header, packet) in packets {
            let flow = usize::from(packet[21]) * 2 + usize::from(packet[9] == UDP);
            flows[flow].extend(segments(header, packet));
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
                    ip::set_checksum(&mut packet[..20]);
                }
                flows
            };
            prop_assert_eq!(normal(wire(&after)), normal(wire(&before)));
            for (header, packet) in &after {
                prop_assert_eq!(word(packet, 2).map(usize::from), Some(packet.len()));
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
    fn a_push_or_a_small_segment_ends_a_group() {
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
            *packet = segments(header, packet).remove(0);
            *header = VirtioHeader::default();
        }
        assert_eq!(coalesce(&packets).len(), 1);
        packets[1].1[50] ^= 1;
        let out = coalesce(&packets);
        assert_eq!(out.len(), 2);
        assert!(!has_correct_checksum(&out[1].1));
    }
}
