//! Rewrites a packet in fragment and keeps its checksums correct.

use super::checksum::Delta;
use super::field::{patch, replace};
use super::ip;
use super::view::{IcmpClass, IcmpKind, View};
use wire::{FiveTuple, ICMP, TCP, UDP};

/// Gives a packet, parsed as `view`, the addresses and ports of `to`.
///
/// With `partial_checksum` the transport checksum is only the pseudo-header's sum, as the virtio header says.
pub fn rewrite(bytes: &mut [u8], view: &View, to: FiveTuple, partial_checksum: bool) {
    let Some((header, transport)) = bytes.split_at_mut_checked(view.header_length) else { return };
    let addresses = ip::set_addresses(header, to.source, to.destination);
    if view.fragment.is_some_and(|fragment| fragment.offset != 0) {
        return;
    }
    match to.protocol {
        TCP | UDP => {
            let ports = set_ports(transport, to);
            let (at, optional) = if to.protocol == TCP { (16, false) } else { (6, true) };
            patch(transport, at, |field| match field {
                field if partial_checksum => addresses.partial(field),
                // A UDP datagram without a checksum stays without one. A sum of zero is sent in its other form (RFC
                // 768).
                0 if optional => 0,
                field => {
                    let sum = addresses.plus(ports).complete(field);
                    if sum == 0 && optional { 0xffff } else { sum }
                }
            });
        }
        ICMP => {
            let identifier = set_identifier(transport, to);
            patch(transport, 2, |field| if partial_checksum { field } else { identifier.complete(field) });
        }
        _ => {}
    }
}

/// Rewrites the packet that an ICMP error quotes, so that the receiver recognises what it sent. `bytes` is the whole
/// error or its first fragment, parsed as `view`.
pub fn rewrite_quote(bytes: &mut [u8], view: &View, to: FiveTuple) {
    let Some((icmp, quote)) = bytes.get_mut(view.header_length..).and_then(|icmp| icmp.split_at_mut_checked(8)) else {
        return;
    };
    let Some((header, transport)) = quote.split_at_mut_checked(ip::header_length(quote)) else { return };
    // The quoted header's own checksum compensates the changes, so the sum over the header stays.
    ip::set_addresses(header, to.source, to.destination);
    let changed = match to.protocol {
        TCP | UDP => set_ports(transport, to),
        ICMP => set_identifier(transport, to),
        _ => Delta::default(),
    };
    patch(icmp, 2, |field| changed.complete(field));
}

/// Sets the ports of TCP or UDP. Returns the change of a sum over them.
fn set_ports(transport: &mut [u8], to: FiveTuple) -> Delta {
    replace(transport, 0, to.source_port).plus(replace(transport, 2, to.destination_port))
}

/// Sets the identifier of an ICMP query or reply. Returns the change of a sum over it.
fn set_identifier(icmp: &mut [u8], to: FiveTuple) -> Delta {
    let Some([kind, code]) = icmp.first_chunk().copied() else { return Delta::default() };
    match (IcmpKind { kind, code }).class() {
        IcmpClass::Query => replace(icmp, 4, to.source_port),
        IcmpClass::Reply => replace(icmp, 4, to.destination_port),
        IcmpClass::Error | IcmpClass::Other => Delta::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use etherparse::PacketBuilder;
    use proptest::prelude::*;
    use wire::Address;

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
            source: Address::from_bits(addresses[0]),
            destination: Address::from_bits(addresses[1]),
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
            ip::decrement_ttl(&mut bytes, 1);
            prop_assert_eq!(bytes, built(to, &payload, 63));
        }
    }
}
