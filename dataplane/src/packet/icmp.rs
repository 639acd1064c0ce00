//! The ICMP errors that a router sends (RFC 792, RFC 1191).

use super::ip;
use super::view::IcmpKind;
use etherparse::{Icmpv4Type, icmpv4};
use wire::Address;

/// The longest error, in bytes (RFC 1812 §4.3.2.3).
const LONGEST: usize = 576;
/// The headers of IP and ICMP, in bytes.
const HEADERS: usize = ip::HEADER + 8;

/// The kind of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IcmpError {
    /// The time to live ended in transit (type 11, code 0).
    TimeExceeded,
    /// The packet exceeds this MTU and must not be fragmented (type 3, code 4).
    FragmentationNeeded(u16),
}

impl IcmpError {
    /// The ICMP type and code.
    pub fn kind(self) -> IcmpKind {
        match self {
            Self::TimeExceeded => IcmpKind { kind: 11, code: 0 },
            Self::FragmentationNeeded(_) => IcmpKind { kind: 3, code: 4 },
        }
    }

    /// A whole packet from `router` to `sender`. It quotes as much of `packet` as RFC 1812 allows (576 bytes in all).
    pub fn packet(self, router: Address, sender: Address, packet: &[u8]) -> Vec<u8> {
        let quote = packet.get(..LONGEST - HEADERS).unwrap_or(packet);
        let kind = match self {
            Self::TimeExceeded => Icmpv4Type::TimeExceeded(icmpv4::TimeExceededCode::TtlExceededInTransit),
            Self::FragmentationNeeded(mtu) => {
                Icmpv4Type::DestinationUnreachable(icmpv4::DestUnreachableHeader::FragmentationNeeded {
                    next_hop_mtu: mtu,
                })
            }
        };
        let mut bytes = Vec::with_capacity(HEADERS + quote.len());
        let built = ip::builder(router, sender).icmpv4(kind).write(&mut bytes, quote);
        debug_assert!(built.is_ok(), "writing at most 576 bytes to memory cannot fail");
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::{View, quoted_tuple};
    use etherparse::PacketBuilder;

    #[test]
    fn an_error_quotes_the_packet() {
        let mut packet = Vec::new();
        PacketBuilder::ipv4([1, 2, 3, 4], [5, 6, 7, 8], 1).udp(9, 10).write(&mut packet, &[0; 2000]).unwrap();
        let error = IcmpError::FragmentationNeeded(1500).packet([9, 9, 9, 9].into(), [1, 2, 3, 4].into(), &packet);
        let view = View::parse(&error).unwrap();
        assert_eq!(view.header.icmp, Some(IcmpError::FragmentationNeeded(0).kind()));
        assert_eq!(error.len(), 576);
        assert_eq!(u16::from_be_bytes([error[26], error[27]]), 1500);
        assert_eq!(quoted_tuple(&error[28..]).unwrap(), View::parse(&packet).unwrap().header.tuple);
    }
}
