//! Doing the work that an offload left open: checksums, cutting into segments.

use super::view::u16_at;
use super::{GsoType, TCP, UDP, VirtioHeader, checksum, tcp};

/// The longest headers that segments repeat: IPv4 and TCP, both with all options.
const MAX_HEADERS: usize = 120;

/// Makes sure that a header describes the packet behind it, so that everything later may rely on it: what is left open is the
/// checksum of the packet's own TCP or UDP header, and segments are of that protocol. An open checksum elsewhere (inside a tunnel)
/// is closed here. Returns whether the packet can be carried; one too short to tell is left to the parser.
pub fn accept(header: &mut VirtioHeader, packet: &mut [u8]) -> bool {
    if packet.len() < 20 || packet[0] >> 4 != 4 {
        return true;
    }
    let start = ip_header_length(packet);
    let (protocol, fragment) = (packet[9], u16_at(packet, 6) & 0x3fff != 0);
    let own = match protocol {
        TCP => header.csum_offset == 16,
        UDP => header.csum_offset == 6,
        _ => false,
    };
    let open = header.needs_checksum();
    let fitting = own && usize::from(header.csum_start) == start && !fragment;
    match header.gso() {
        GsoType::None if open && !fitting => complete(header, packet),
        GsoType::None => true,
        GsoType::Tcp4 => protocol == TCP && open && fitting && header.gso_size > 0,
        GsoType::Udp4 => protocol == UDP && open && fitting && header.gso_size > 0,
        GsoType::Other(_) => false,
    }
}

/// Completes an open checksum in place. Returns `false`, changing nothing, if it would lie outside the packet.
pub fn complete(header: &mut VirtioHeader, packet: &mut [u8]) -> bool {
    if !header.needs_checksum() {
        return true;
    }
    let (start, field) =
        (usize::from(header.csum_start), usize::from(header.csum_start) + usize::from(header.csum_offset));
    if field + 2 > packet.len() {
        return false;
    }
    // The field holds the pseudo-header's sum, so that summing over it includes that.
    let sum = inverted(checksum::sum(&packet[start..]));
    packet[field..field + 2].copy_from_slice(&sum.to_be_bytes());
    *header = VirtioHeader::default();
    true
}

/// Cuts a packet that stands for several into those, as the kernel would: headers and payload are given to `emit`, checksums
/// complete. A packet that stands for itself is given with its checksum completed, if that was open. The header must be
/// [accepted](accept), the packet parsed.
pub fn split(header: &VirtioHeader, packet: &[u8], mut emit: impl FnMut(&[u8], &[u8])) {
    if !header.needs_checksum() {
        return emit(packet, &[]);
    }
    let start = ip_header_length(packet);
    let is_tcp = packet[9] == TCP;
    let (headers, payload) = packet.split_at(headers_length(packet));
    let headers_length = headers.len();
    let mut own = [0; MAX_HEADERS];
    let own = &mut own[..headers_length];
    let size = if header.gso() == GsoType::None { payload.len() } else { usize::from(header.gso_size) }.max(1);
    let count = payload.len().div_ceil(size).max(1);
    for index in 0..count {
        let part = &payload[index * size..payload.len().min((index + 1) * size)];
        own.copy_from_slice(headers);
        let identification = u16_at(headers, 4).wrapping_add(index as u16);
        own[4..6].copy_from_slice(&identification.to_be_bytes());
        if is_tcp {
            segment_tcp(&mut own[start..], (index * size) as u32, index == 0, index + 1 == count);
        }
        set_lengths(own, start, part.len());
        let field = start + if is_tcp { 16 } else { 6 };
        own[field..field + 2].fill(0);
        let total = u64::from(pseudo_header_sum(own, start, part.len()))
            + u64::from(checksum::sum(&own[start..]))
            + u64::from(checksum::sum(part));
        own[field..field + 2].copy_from_slice(&inverted(checksum::fold(total)).to_be_bytes());
        emit(own, part);
    }
}

/// How many packets a packet of `length` bytes stands for, and how many bytes those have. Of the packet itself only the headers need
/// be there. The same conditions hold as for [`split`].
pub fn stands_for(header: &VirtioHeader, packet: &[u8], length: usize) -> (u64, u64) {
    if header.gso() == GsoType::None {
        return (1, length as u64);
    }
    let headers = headers_length(packet);
    let payload = length.saturating_sub(headers);
    let count = payload.div_ceil(usize::from(header.gso_size).max(1)).max(1);
    (count as u64, (payload + count * headers) as u64)
}

/// The largest of the packets that a packet stands for, in bytes. The same conditions hold as for [`split`].
pub fn largest(header: &VirtioHeader, packet: &[u8]) -> usize {
    match header.gso() {
        GsoType::None => packet.len(),
        _ => packet.len().min(headers_length(packet) + usize::from(header.gso_size)),
    }
}

/// Length of the IPv4 and TCP or UDP headers.
fn headers_length(packet: &[u8]) -> usize {
    let start = ip_header_length(packet);
    start + if packet[9] == TCP { usize::from(packet[start + 12] >> 4) * 4 } else { 8 }
}

/// Makes a TCP header that of a later or earlier segment: CWR belongs to the first (RFC 3168 §6.1.2), FIN and PSH to the last.
fn segment_tcp(header: &mut [u8], offset: u32, first: bool, last: bool) {
    let sequence = u32::from_be_bytes([header[4], header[5], header[6], header[7]]).wrapping_add(offset);
    header[4..8].copy_from_slice(&sequence.to_be_bytes());
    if !first {
        header[13] &= !tcp::CWR;
    }
    if !last {
        header[13] &= !(tcp::FIN | tcp::PSH);
    }
}

/// Sets the IPv4 length with its checksum, and UDP's length, for headers that are followed by so much payload.
pub(super) fn set_lengths(headers: &mut [u8], start: usize, payload: usize) {
    let length = (headers.len() + payload) as u16;
    headers[2..4].copy_from_slice(&length.to_be_bytes());
    set_ip_checksum(&mut headers[..start]);
    if headers[9] == UDP {
        let length = (headers.len() - start + payload) as u16;
        headers[start + 4..start + 6].copy_from_slice(&length.to_be_bytes());
    }
}

/// Computes an IPv4 header's checksum anew.
pub(super) fn set_ip_checksum(header: &mut [u8]) {
    header[10..12].fill(0);
    let sum = !checksum::sum(header);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
}

/// The sum over the pseudo-header of TCP and UDP (RFC 9293 §3.1, RFC 768), not inverted.
pub(super) fn pseudo_header_sum(headers: &[u8], start: usize, payload: usize) -> u16 {
    let length = (headers.len() - start + payload) as u64;
    checksum::fold(u64::from(checksum::sum(&headers[12..20])) + u64::from(headers[9]) + length)
}

pub(super) fn ip_header_length(packet: &[u8]) -> usize {
    usize::from(packet[0] & 15) * 4
}

/// A checksum from a sum. Zero is written as its other form: to UDP it would mean that there is none (RFC 768), to TCP it is the same.
fn inverted(sum: u16) -> u16 {
    match !sum {
        0 => 0xffff,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::View;
    use crate::packet::testing::{open_tcp, open_udp, transport_is_right};
    use proptest::prelude::*;

    fn segments(header: &VirtioHeader, packet: &[u8]) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        split(header, packet, |headers, payload| all.push([headers, payload].concat()));
        all
    }

    #[test]
    fn completing_gives_the_checksum_that_a_plain_sender_writes() {
        for (mut header, mut packet) in [open_tcp(1, b"some bytes!", 0, 16), open_udp(b"some bytes!", 0)] {
            assert!(!transport_is_right(&packet));
            assert!(accept(&mut header, &mut packet));
            assert!(complete(&mut header, &mut packet));
            assert!(transport_is_right(&packet));
            assert_eq!(header, VirtioHeader::default());
        }
    }

    #[test]
    fn segments_carry_flags_where_they_belong() {
        let flags = tcp::ACK | tcp::PSH | tcp::FIN | tcp::CWR;
        let (header, packet) = open_tcp(100, &[1; 25], 10, flags);
        let cut = segments(&header, &packet);
        let seen: Vec<_> = cut.iter().map(|packet| (u16_at(packet, 26), packet[33], packet.len() - 40)).collect();
        assert_eq!(
            seen,
            [(100, tcp::ACK | tcp::CWR, 10), (110, tcp::ACK, 10), (120, tcp::ACK | tcp::PSH | tcp::FIN, 5)]
        );
    }

    #[test]
    fn impossible_headers_are_refused() {
        let (good, mut packet) = open_tcp(1, &[0; 3000], 1000, 16);
        let bad = [
            VirtioHeader { gso_type: 5, ..good },
            VirtioHeader { gso_type: 3, ..good },
            VirtioHeader { gso_size: 0, ..good },
            VirtioHeader { csum_start: 24, ..good },
            VirtioHeader { flags: 0, ..good },
            VirtioHeader { gso_type: 0, csum_start: 60_000, ..good },
        ];
        for mut header in bad {
            assert!(!accept(&mut header, &mut packet), "{header:?}");
        }
        assert!(accept(&mut good.clone(), &mut packet));
    }

    proptest! {
        #[test]
        fn segments_are_whole_packets_that_make_up_the_stream(
            payload in prop::collection::vec(any::<u8>(), 1..5000), size in 1u16..1500, udp: bool
        ) {
            let (header, packet) = if udp { open_udp(&payload, size) } else { open_tcp(7, &payload, size, tcp::ACK) };
            let cut = segments(&header, &packet);
            let mut stream = Vec::new();
            for (index, segment) in cut.iter().enumerate() {
                let view = View::parse(segment).unwrap();
                prop_assert_eq!(view.length, segment.len());
                prop_assert!(transport_is_right(segment));
                prop_assert_eq!(usize::from(u16_at(segment, 4)), usize::from(u16_at(&packet, 4)) + index);
                prop_assert!(segment.len() - view.headers_length == usize::from(size) || index + 1 == cut.len());
                stream.extend_from_slice(&segment[view.headers_length..]);
            }
            prop_assert_eq!(stream, payload);
        }
    }
}
