//! Fragmenting a packet that is larger than its way takes (RFC 791 §3.2).

use super::segment::{ip_header_length, set_ip_checksum};
use super::view::u16_at;

const MORE: u16 = 0x2000;
const OFFSET: u16 = 0x1fff;
/// Options with this bit are repeated in every fragment (RFC 791 §3.1).
const COPIED: u8 = 0x80;

/// Cuts a parsed packet, itself perhaps a fragment, into pieces of at most `mtu` bytes; each one's header and payload are given to
/// `emit`. The packet must allow it, and its checksums must be complete.
pub fn fragment(packet: &[u8], mtu: u16, mut emit: impl FnMut(&[u8], &[u8])) {
    let (header, mut payload) = packet.split_at(ip_header_length(packet));
    let place = u16_at(header, 6);
    let mut offset = place & OFFSET;
    let (mut own, mut own_length) = ([0; 60], header.len());
    own[..own_length].copy_from_slice(header);
    loop {
        let room = usize::from(mtu).saturating_sub(own_length);
        let whole = payload.len() <= room;
        let (part, rest) = payload.split_at(if whole { payload.len() } else { (room & !7).max(8).min(payload.len()) });
        let more = if rest.is_empty() { place & MORE } else { MORE };
        let own_header = &mut own[..own_length];
        own_header[0] = 0x40 | (own_length / 4) as u8;
        own_header[2..4].copy_from_slice(&((own_length + part.len()) as u16).to_be_bytes());
        own_header[6..8].copy_from_slice(&(place & !(MORE | OFFSET) | more | offset).to_be_bytes());
        set_ip_checksum(own_header);
        emit(own_header, part);
        if rest.is_empty() {
            return;
        }
        offset += (part.len() / 8) as u16;
        payload = rest;
        own_length = 20 + copied_options(&header[20..], &mut own[20..]);
    }
}

/// Writes those options that later fragments repeat, padded, and tells their length.
fn copied_options(mut options: &[u8], to: &mut [u8]) -> usize {
    let mut length = 0;
    while let [kind, rest @ ..] = options {
        let size = match (kind, rest) {
            (0, _) => break,
            (1, _) => 1,
            (_, [size, ..]) if *size >= 2 && usize::from(*size) <= options.len() => usize::from(*size),
            _ => break,
        };
        if kind & COPIED != 0 {
            to[length..length + size].copy_from_slice(&options[..size]);
            length += size;
        }
        options = &options[size..];
    }
    let padded = length.next_multiple_of(4);
    to[length..padded].fill(0);
    padded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::testing::open_udp;
    use crate::packet::{View, segment};
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
            let (mut header, mut packet) = open_udp(&payload, 0);
            prop_assert!(segment::complete(&mut header, &mut packet));
            // Fragments are fragmented again on their way.
            let pieces: Vec<_> = fragments(&packet, mtu).iter().flat_map(|piece| fragments(piece, second_mtu)).collect();
            let mut carried = Vec::new();
            for piece in &pieces {
                prop_assert!(piece.len() <= usize::from(mtu.min(second_mtu)));
                let view = View::parse(piece).unwrap();
                prop_assert_eq!(view.fragment.map_or(0, |place| place.offset as usize), carried.len());
                carried.extend_from_slice(&piece[view.header_length..]);
                let more = view.fragment.is_some_and(|place| place.more);
                prop_assert_eq!(more, carried.len() + 20 < packet.len());
            }
            prop_assert_eq!(&carried[..], &packet[20..]);
        }
    }

    #[test]
    fn only_options_marked_so_are_repeated() {
        // Record route (7) is not copied, a security option (130) is.
        let mut to = [9; 40];
        let length = copied_options(&[7, 3, 4, 1, 130, 3, 5, 0], &mut to);
        assert_eq!(&to[..length], &[130, 3, 5, 0]);
    }
}
