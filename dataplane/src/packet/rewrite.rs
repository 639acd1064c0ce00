//! Changes to a packet on its way, in place, checksums kept right.

use super::checksum::Delta;
use super::tuple::{FiveTuple, ICMP, TCP, UDP};
use super::view::{IcmpClass, View, u16_at};

/// Takes one from the time to live. The caller has seen that it is over 1.
#[inline]
pub fn decrement_ttl(bytes: &mut [u8]) {
    let old = u16_at(bytes, 8);
    bytes[8] -= 1;
    let new = u16_at(bytes, 8);
    patch(bytes, 10, |field| Delta::default().word(old, new).complete(field));
}

/// Gives a packet (which has the shape of `view`) the addresses and ports of `to`.
///
/// `partial_checksum`: the transport checksum is only the pseudo-header's sum so far, as the virtio header then says.
pub fn rewrite(bytes: &mut [u8], view: &View, to: FiveTuple, partial_checksum: bool) {
    let from = view.header.tuple;
    let addresses = Delta::default()
        .double(from.source.to_bits(), to.source.to_bits())
        .double(from.destination.to_bits(), to.destination.to_bits());
    bytes[12..16].copy_from_slice(&to.source.octets());
    bytes[16..20].copy_from_slice(&to.destination.octets());
    patch(bytes, 10, |field| addresses.complete(field));
    if view.fragment.is_some_and(|place| place.offset != 0) {
        return;
    }
    let transport = &mut bytes[view.header_length..];
    let ports =
        Delta::default().word(from.source_port, to.source_port).word(from.destination_port, to.destination_port);
    match from.protocol {
        TCP | UDP => {
            transport[..2].copy_from_slice(&to.source_port.to_be_bytes());
            transport[2..4].copy_from_slice(&to.destination_port.to_be_bytes());
            let (at, optional) = if from.protocol == TCP { (16, false) } else { (6, true) };
            patch(transport, at, |field| match field {
                field if partial_checksum => addresses.partial(field),
                // A UDP datagram without a checksum stays one; a sum that comes out as zero is sent as its other form (RFC 768).
                0 if optional => 0,
                field => {
                    let sum = addresses.and(ports).complete(field);
                    if sum == 0 && optional { 0xffff } else { sum }
                }
            });
        }
        ICMP => {
            let identifier = match view.header.icmp.map(|kind| kind.class()) {
                Some(IcmpClass::Query) => to.source_port,
                Some(IcmpClass::Reply) => to.destination_port,
                _ => return,
            };
            let old = u16_at(transport, 4);
            transport[4..6].copy_from_slice(&identifier.to_be_bytes());
            if !partial_checksum {
                patch(transport, 2, |field| Delta::default().word(old, identifier).complete(field));
            }
        }
        _ => {}
    }
}

/// Rewrites the packet that an ICMP error quotes, so that the receiver recognises what it sent. `bytes` is the whole error, with
/// the shape of `view`; `from` is what the quote says now.
pub fn rewrite_quote(bytes: &mut [u8], view: &View, from: FiveTuple, to: FiveTuple) {
    let start = view.header_length + 8;
    let quote = &mut bytes[start..view.length];
    let header_length = usize::from(quote[0] & 15) * 4;
    let addresses = Delta::default()
        .double(from.source.to_bits(), to.source.to_bits())
        .double(from.destination.to_bits(), to.destination.to_bits());
    quote[12..16].copy_from_slice(&to.source.octets());
    quote[16..20].copy_from_slice(&to.destination.octets());
    patch(quote, 10, |field| addresses.complete(field));
    let transport = &mut quote[header_length..];
    match from.protocol {
        TCP | UDP => {
            transport[..2].copy_from_slice(&to.source_port.to_be_bytes());
            transport[2..4].copy_from_slice(&to.destination_port.to_be_bytes());
        }
        // Identifier of the quoted query, or reply.
        ICMP => {
            let identifier =
                if matches!(transport[0], 8 | 13 | 15 | 17) { to.source_port } else { to.destination_port };
            transport[4..6].copy_from_slice(&identifier.to_be_bytes());
        }
        _ => {}
    }
    let icmp = &mut bytes[view.header_length..view.length];
    icmp[2..4].fill(0);
    let sum = !super::checksum::sum(icmp);
    icmp[2..4].copy_from_slice(&sum.to_be_bytes());
}

fn patch(bytes: &mut [u8], at: usize, new: impl FnOnce(u16) -> u16) {
    let field = new(u16_at(bytes, at));
    bytes[at..at + 2].copy_from_slice(&field.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use etherparse::PacketBuilder;
    use proptest::prelude::*;
    use std::net::Ipv4Addr;

    fn built(tuple: FiveTuple, payload: &[u8], ttl: u8) -> Vec<u8> {
        let ip = PacketBuilder::ipv4(tuple.source.octets(), tuple.destination.octets(), ttl);
        let mut bytes = Vec::new();
        match tuple.protocol {
            TCP => ip.tcp(tuple.source_port, tuple.destination_port, 1, 2).write(&mut bytes, payload),
            UDP => ip.udp(tuple.source_port, tuple.destination_port).write(&mut bytes, payload),
            _ => ip.icmpv4_echo_request(tuple.source_port, 9).write(&mut bytes, payload),
        }
        .unwrap();
        bytes
    }

    fn tuples() -> impl Strategy<Value = FiveTuple> {
        (any::<[u32; 2]>(), any::<[u16; 2]>()).prop_map(|(addresses, ports)| FiveTuple {
            source: Ipv4Addr::from_bits(addresses[0]),
            destination: Ipv4Addr::from_bits(addresses[1]),
            protocol: 0,
            source_port: ports[0],
            destination_port: ports[1],
        })
    }

    proptest! {
        #[test]
        fn a_rewritten_packet_is_the_packet_built_so(
            from in tuples(), to in tuples(), protocol in prop::sample::select(vec![TCP, UDP, ICMP]),
            payload in prop::collection::vec(any::<u8>(), 0..50),
        ) {
            let (mut from, mut to) = (FiveTuple { protocol, ..from }, FiveTuple { protocol, ..to });
            if protocol == ICMP {
                (from.destination_port, to.destination_port) = (8 << 8, 8 << 8);
            }
            let mut bytes = built(from, &payload, 64);
            let view = View::parse(&bytes).unwrap();
            rewrite(&mut bytes, &view, to, false);
            decrement_ttl(&mut bytes);
            prop_assert_eq!(bytes, built(to, &payload, 63));
        }
    }
}
