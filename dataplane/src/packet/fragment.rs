//! Fragments a packet that exceeds its path's MTU (RFC 791 §3.2).

use super::ip::{self, FRAGMENT_OFFSET, HEADER, LONGEST_HEADER, MORE_FRAGMENTS};

/// Options with this bit are repeated in every fragment (RFC 791 §3.1).
const COPIED: u8 = 0x80;

/// Fragments a parsed packet, which may itself be a fragment, into pieces of at most `mtu` bytes. `emit` gets each
/// piece's header and payload. The packet must allow fragmentation, and its checksums must be complete.
pub fn fragment(packet: &[u8], mtu: u16, mut emit: impl FnMut(&[u8], &[u8])) {
    let Some((header, mut payload)) = packet.split_at_checked(ip::header_length(packet)) else { return };
    let Some(fragmentation) = header.first_chunk().map(ip::fragmentation) else { return };
    let (later, length_of_later) = later_header(header);
    let mut offset = fragmentation & FRAGMENT_OFFSET;
    let (mut own, mut own_length) = ([0; LONGEST_HEADER], header.len());
    own.iter_mut().zip(header).for_each(|(to, from)| *to = *from);
    while let Some(own_header) = own.get_mut(..own_length) {
        let room = usize::from(mtu).saturating_sub(own_length);
        let piece = if payload.len() <= room { payload.len() } else { (room & !7).max(8) };
        let (part, rest) = payload.split_at_checked(piece).unwrap_or((payload, &[]));
        let more = if rest.is_empty() { fragmentation & MORE_FRAGMENTS } else { MORE_FRAGMENTS };
        ip::set_fragment(own_header, part.len(), fragmentation & !(MORE_FRAGMENTS | FRAGMENT_OFFSET) | more | offset);
        emit(own_header, part);
        if rest.is_empty() {
            return;
        }
        offset += (part.len() / 8) as u16;
        payload = rest;
        (own, own_length) = (later, length_of_later);
    }
}

/// The header of later fragments, which repeats some of the options, and its length.
fn later_header(header: &[u8]) -> ([u8; LONGEST_HEADER], usize) {
    let (fixed, mut options) = header.split_at_checked(HEADER).unwrap_or((header, &[]));
    let mut later = [0; LONGEST_HEADER];
    let mut length = HEADER;
    let mut put = |at: usize, bytes: &[u8]| {
        later.iter_mut().skip(at).zip(bytes).for_each(|(to, from)| *to = *from);
    };
    put(0, fixed);
    while let [kind, rest @ ..] = options {
        let size = match (kind, rest) {
            (0, _) => break,
            (1, _) => 1,
            (_, [size, ..]) if *size >= 2 => usize::from(*size),
            _ => break,
        };
        let Some((option, others)) = options.split_at_checked(size) else { break };
        if kind & COPIED != 0 {
            put(length, option);
            length += size;
        }
        options = others;
    }
    // The header is padded with end-of-options bytes, which are zero.
    (later, length.next_multiple_of(4))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::View;
    use crate::packet::testing::{offloaded_udp, segments};
    use proptest::prelude::*;

    fn fragments(packet: &[u8], mtu: u16) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        fragment(packet, mtu, |header, payload| all.push([header, payload].concat()));
        all
    }

    proptest! {
        #[test]
        fn fragments_fit_and_make_up_the_packet(
            payload in prop::collection::vec(any::<u8>(), 0..9000), mtu in 68u16..2000, second_mtu in 68u16..2000
        ) {
            let (header, open) = offloaded_udp(&payload, 0);
            let packet = segments(&header, &open).remove(0);
            // Fragments may be fragmented again.
            let pieces: Vec<_> = fragments(&packet, mtu).iter().flat_map(|piece| fragments(piece, second_mtu)).collect();
            let mut carried = Vec::new();
            for piece in &pieces {
                prop_assert!(piece.len() <= usize::from(mtu.min(second_mtu)));
                let view = View::parse(piece).unwrap();
                prop_assert_eq!(view.fragment.map_or(0, |fragment| fragment.offset as usize), carried.len());
                carried.extend_from_slice(&piece[view.header_length..]);
                let more = view.fragment.is_some_and(|fragment| fragment.more);
                prop_assert_eq!(more, carried.len() + 20 < packet.len());
            }
            prop_assert_eq!(&carried[..], &packet[20..]);
        }
    }

    #[test]
    fn only_options_with_the_copied_bit_are_repeated() {
        // Record route (7) is not copied; a security option (130) is.
        let header = [&[9; 20][..], &[7, 3, 4, 1, 130, 3, 5, 0]].concat();
        let (later, length) = later_header(&header);
        assert_eq!(later[..length], [&[9; 20][..], &[130, 3, 5, 0]].concat());
    }
}
