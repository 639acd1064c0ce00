//! Coalescing, compared with segmenting every packet on its own: the receiver's stack sees each flow byte for byte as
//! it was sent.

use bolero::{TypeGenerator, check};
use dataplane::packet::coalesce::{Coalescer, QueuedPacket};
use dataplane::packet::{Offload, VIRTIO_HEADER, View, VirtioHeader};
use fuzz::packet::{Kind, Packet, kernel_header};
use fuzz::reference::set_ip_checksum;
use fuzz::{Tally, reference};
use std::collections::BTreeMap;
use wire::TCP;

/// A packet of a stream, or of several.
#[derive(Clone, Debug, TypeGenerator)]
struct Sent {
    packet: Packet,
    /// Whether its numbers continue those of the packet before in its flow.
    follows: bool,
    /// Whether it has the usual length.
    usual: bool,
    size: Option<u8>,
    finished: bool,
}

type Flow = Vec<u8>;

#[test]
fn flows_arrive_as_they_were_sent() {
    let tally = Tally::new("coalescing::flows_arrive_as_they_were_sent", "packets");
    check!().with_type::<Vec<Sent>>().for_each(|all| {
        tally.add(all.len());
        let packets = build(all);
        assert_eq!(by_flow(&coalesce(&packets)), by_flow(&packets));
    });
}

fn build(all: &[Sent]) -> Vec<(VirtioHeader, Vec<u8>)> {
    let mut next = BTreeMap::<Flow, (u16, u32)>::new();
    let made = all.iter().take(60).filter_map(|sent| {
        let mut packet = Packet { changes: None, stretch: None, fragment: None, from: 0, to: 1, ..sent.packet.clone() };
        packet.kind = if packet.kind == Kind::Udp { Kind::Udp } else { Kind::Tcp };
        packet.payload = if sent.usual { 100 } else { packet.payload % 1400 };
        (packet.options, packet.tcp_options) = (0, packet.tcp_options % 2);
        packet.flags &= if sent.follows { 0x18 } else { 0xff };
        let mut bytes = packet.build();
        let start = 20;
        let (id, sequence) = next.entry(flow(&bytes)).or_default();
        if sent.follows {
            bytes[4..6].copy_from_slice(&id.to_be_bytes());
            if bytes[9] == TCP {
                bytes[start + 4..start + 8].copy_from_slice(&sequence.to_be_bytes());
            }
        }
        *id = u16::from_be_bytes([bytes[4], bytes[5]]);
        *sequence =
            u32::from_be_bytes([bytes[24], bytes[25], bytes[26], bytes[27]]).wrapping_add(packet.payload.into());
        set_ip_checksum(&mut bytes);
        let size = sent.size.map_or(0, |size| u16::from(size).max(packet.payload / 100 + 1));
        let header = kernel_header(&mut bytes, size);
        let pieces = reference::segments(&header, &bytes);
        *id = id.wrapping_add(pieces.len() as u16);
        let view = View::parse(&bytes).ok()?;
        let offload = Offload::check(&header, &view, &mut bytes)?;
        match pieces.first() {
            Some(whole) if sent.finished && pieces.len() == 1 => Some((VirtioHeader::default(), whole.clone())),
            _ => Some((offload.virtio(), bytes)),
        }
    });
    made.collect()
}

fn coalesce(packets: &[(VirtioHeader, Vec<u8>)]) -> Vec<(VirtioHeader, Vec<u8>)> {
    let (mut memory, mut coalescer, mut out) = (Vec::new(), Coalescer::default(), Vec::new());
    for (header, packet) in packets {
        memory.extend_from_slice(&[0; VIRTIO_HEADER]);
        let start = memory.len();
        memory.extend_from_slice(packet);
        let checked = View::parse(packet).ok().and_then(|view| Offload::check(header, &view, &mut packet.clone()));
        let offload = checked.expect("it was taken before");
        coalescer.push(&memory, (), QueuedPacket { offload, range: start..memory.len(), mtu: 1500 }, false);
    }
    coalescer.drain(&mut memory, |(), first, gathered| {
        out.push((first.offload.virtio(), gathered.contiguous().into_owned()))
    });
    out
}

/// The packets of each flow as on a wire. The identification of packets that must not be fragmented means nothing (RFC
/// 6864 §4.1).
fn by_flow(packets: &[(VirtioHeader, Vec<u8>)]) -> BTreeMap<Flow, Vec<Vec<u8>>> {
    let mut flows = BTreeMap::<Flow, Vec<Vec<u8>>>::new();
    for (header, packet) in packets {
        flows.entry(flow(packet)).or_default().extend(reference::segments(header, packet).into_iter().map(
            |mut one| {
                if one[6] & 0x40 != 0 {
                    one[4..6].fill(0);
                    set_ip_checksum(&mut one);
                }
                one
            },
        ));
    }
    flows
}

/// Protocol and ports.
fn flow(packet: &[u8]) -> Flow {
    [&packet[9..10], &packet[20..24]].concat()
}
