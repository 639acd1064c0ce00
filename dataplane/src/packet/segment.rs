//! Segmentation in software, with complete checksums.

use super::field::write;
use super::offload::{Layout, Offload};
use super::{checksum, ip, tcp};

/// The length of the longest headers that segments repeat, in bytes: IP and TCP, both with all options.
const MAX_HEADERS: usize = ip::LONGEST_HEADER + tcp::LONGEST_HEADER;

/// Segments a coalesced packet as the kernel would. `emit` gets the headers and the payload of each segment, with complete
/// checksums. Any other packet is emitted whole, with a complete checksum.
pub fn segment(offload: &Offload, packet: &[u8], mut emit: impl FnMut(&[u8], &[u8])) {
    let (Offload::Checksum(layout) | Offload::Segments { layout, .. }) = offload else { return emit(packet, &[]) };
    let mut own = [0; MAX_HEADERS];
    let (Some((headers, payload)), Some(own)) =
        (packet.split_at_checked(layout.headers()), own.get_mut(..layout.headers()))
    else {
        return;
    };
    let size = match offload.segment_size() {
        0 => payload.len().max(1),
        size => size.into(),
    };
    let nothing = payload.is_empty().then_some(payload);
    let mut parts = payload.chunks(size).chain(nothing).enumerate().peekable();
    while let Some((index, part)) = parts.next() {
        own.copy_from_slice(headers);
        ip::add_to_identification(own, index as u16);
        if layout.is_tcp()
            && let Some(header) = own.get_mut(layout.start()..)
        {
            segment_tcp(header, (index * size) as u32, index == 0, parts.peek().is_none());
        }
        set_lengths(own, layout, part.len());
        complete(own, layout, part);
        emit(own, part);
    }
}

/// Adapts the TCP header to a segment: only the first has CWR (RFC 3168 §6.1.2), only the last FIN and PSH.
fn segment_tcp(header: &mut [u8], offset: u32, first: bool, last: bool) {
    let Some(header) = header.first_chunk_mut::<{ tcp::HEADER }>() else { return };
    let sequence = u32::from_be_bytes([header[4], header[5], header[6], header[7]]).wrapping_add(offset);
    write(header, 4, sequence.to_be_bytes());
    if !first {
        header[13] &= !tcp::CWR;
    }
    if !last {
        header[13] &= !(tcp::FIN | tcp::PSH);
    }
}

/// Computes the transport checksum of headers and their payload.
fn complete(headers: &mut [u8], layout: &Layout, payload: &[u8]) {
    let pseudo = ip::pseudo_header_sum(headers, layout.start(), payload.len());
    let Some(transport) = headers.get_mut(layout.start()..) else { return };
    write(transport, layout.field(), [0; 2]);
    let total = u64::from(pseudo) + u64::from(checksum::sum(transport)) + u64::from(checksum::sum(payload));
    write(transport, layout.field(), checksum::inverted(checksum::fold(total)).to_be_bytes());
}

/// Sets IP's length and checksum, and UDP's length, for headers with this much payload.
pub(super) fn set_lengths(headers: &mut [u8], layout: &Layout, payload: usize) {
    let (start, length) = (layout.start(), (headers.len() + payload) as u16);
    if let Some(header) = headers.get_mut(..start) {
        ip::set_packet_length(header, length);
    }
    if !layout.is_tcp() {
        write(headers, start + 4, length.saturating_sub(start as u16).to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::field::word;
    use crate::packet::testing::{has_correct_checksum, offloaded_tcp, offloaded_udp, segments};
    use crate::packet::{View, VirtioHeader};
    use proptest::prelude::*;

    #[test]
    fn completing_gives_the_checksum_that_a_plain_sender_writes() {
        for (header, packet) in [offloaded_tcp(1, b"some bytes!", 0, 16), offloaded_udp(b"some bytes!", 0)] {
            assert!(!has_correct_checksum(&packet));
            let whole = segments(&header, &packet);
            assert_eq!(whole.len(), 1);
            assert!(has_correct_checksum(&whole[0]));
            assert_eq!(segments(&VirtioHeader::default(), &whole[0]), whole);
        }
    }

    #[test]
    fn segments_carry_flags_where_they_belong() {
        let flags = tcp::ACK | tcp::PSH | tcp::FIN | tcp::CWR;
        let (header, packet) = offloaded_tcp(100, &[1; 25], 10, flags);
        let cut = segments(&header, &packet);
        let seen: Vec<_> =
            cut.iter().map(|packet| (word(packet, 26).unwrap(), packet[33], packet.len() - 40)).collect();
        assert_eq!(
            seen,
            [(100, tcp::ACK | tcp::CWR, 10), (110, tcp::ACK, 10), (120, tcp::ACK | tcp::PSH | tcp::FIN, 5)]
        );
    }

    proptest! {
        #[test]
        fn segments_are_whole_packets_that_make_up_the_stream(
            payload in prop::collection::vec(any::<u8>(), 1..5000), size in 1u16..1500, udp: bool
        ) {
            // At most as many segments as Linux makes.
            let size = size.max((payload.len() / if udp { 128 } else { 2048 }) as u16 + 1);
            let (header, packet) = if udp { offloaded_udp(&payload, size) } else { offloaded_tcp(7, &payload, size, tcp::ACK) };
            let cut = segments(&header, &packet);
            let mut stream = Vec::new();
            for (index, segment) in cut.iter().enumerate() {
                let view = View::parse(segment).unwrap();
                prop_assert_eq!(view.length, segment.len());
                prop_assert!(has_correct_checksum(segment));
                let identification = |packet: &[u8]| word(packet, 4).map(usize::from).unwrap();
                prop_assert_eq!(identification(segment), identification(&packet) + index);
                prop_assert!(segment.len() - view.headers_length == usize::from(size) || index + 1 == cut.len());
                stream.extend_from_slice(&segment[view.headers_length..]);
            }
            prop_assert_eq!(stream, payload);
        }
    }
}
