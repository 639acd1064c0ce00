//! The IP header. This is the only module that knows the width of addresses in a packet and the offsets of a header's
//! fields. The header is IPv4's (RFC 791 §3.1); what follows it is read relative to its end.

use super::checksum::{self, Delta};
use super::field::{patch, read, replace, word, write};
use etherparse::{IpHeaders, PacketBuilder, PacketBuilderStep};
use wire::Address;

/// The length of a header without options, in bytes.
pub const HEADER: usize = 20;
/// The longest header, in bytes.
pub const LONGEST_HEADER: usize = 60;

const VERSION: u8 = 4;
const TYPE_OF_SERVICE: usize = 1;
const LENGTH: usize = 2;
const IDENTIFICATION: usize = 4;
/// The offset of the fragmentation field: three flags, and the fragment offset in units of 8 bytes.
const FRAGMENTATION: usize = 6;
const TIME_TO_LIVE: usize = 8;
const PROTOCOL: usize = 9;
const CHECKSUM: usize = 10;
const SOURCE: usize = 12;
const DESTINATION: usize = 16;

const DONT_FRAGMENT: u16 = 0x4000;
/// The flag of [`fragmentation`] that says that more fragments follow.
pub const MORE_FRAGMENTS: u16 = 0x2000;
/// The bits of [`fragmentation`] that are the fragment offset, in units of 8 bytes.
pub const FRAGMENT_OFFSET: u16 = 0x1fff;

/// A header without its options.
pub type Fixed = [u8; HEADER];
/// Both addresses as they stand in a header.
pub type Addresses = [u8; 2 * size_of::<Address>()];

/// Whether the first byte is that of a header of this version.
#[inline(always)]
pub fn is_of_version(first: u8) -> bool {
    first >> 4 == VERSION
}

/// The header length that the first byte gives, in bytes.
#[inline(always)]
pub fn length_of_header(first: u8) -> usize {
    usize::from(first & 15) * 4
}

/// The header length of a packet, in bytes; 0 for an empty one.
pub fn header_length(packet: &[u8]) -> usize {
    packet.first().map_or(0, |first| length_of_header(*first))
}

/// The packet length that the header gives, in bytes.
#[inline(always)]
pub fn packet_length(ip: &Fixed) -> usize {
    u16::from_be_bytes([ip[LENGTH], ip[LENGTH + 1]]).into()
}

/// The datagram's identification.
#[inline(always)]
pub fn identification(ip: &Fixed) -> u16 {
    u16::from_be_bytes([ip[IDENTIFICATION], ip[IDENTIFICATION + 1]])
}

/// The fragmentation field: flags and offset.
#[inline(always)]
pub fn fragmentation(ip: &Fixed) -> u16 {
    u16::from_be_bytes([ip[FRAGMENTATION], ip[FRAGMENTATION + 1]])
}

/// Whether a packet with this [`fragmentation`] must not be fragmented.
#[inline(always)]
pub fn must_not_be_fragmented(fragmentation: u16) -> bool {
    fragmentation & DONT_FRAGMENT != 0
}

/// Whether a packet is a fragment: it has an offset, or more fragments follow.
pub fn is_fragment(packet: &[u8]) -> bool {
    word(packet, FRAGMENTATION).is_some_and(|fragmentation| fragmentation & (MORE_FRAGMENTS | FRAGMENT_OFFSET) != 0)
}

/// The time to live.
#[inline(always)]
pub fn time_to_live(ip: &Fixed) -> u8 {
    ip[TIME_TO_LIVE]
}

/// The protocol number.
#[inline(always)]
pub fn protocol(ip: &Fixed) -> u8 {
    ip[PROTOCOL]
}

/// The sender's address.
#[inline(always)]
pub fn source(ip: &Fixed) -> Address {
    Address::new(ip[SOURCE], ip[SOURCE + 1], ip[SOURCE + 2], ip[SOURCE + 3])
}

/// The receiver's address.
#[inline(always)]
pub fn destination(ip: &Fixed) -> Address {
    Address::new(ip[DESTINATION], ip[DESTINATION + 1], ip[DESTINATION + 2], ip[DESTINATION + 3])
}

/// Both addresses as they stand in a packet's header.
pub fn addresses(packet: &[u8]) -> Option<Addresses> {
    read(packet, SOURCE)
}

/// Whether a header has no options.
pub fn is_plain(ip: &Fixed) -> bool {
    is_of_version(ip[0]) && length_of_header(ip[0]) == HEADER
}

/// Whether two packets agree in the fields that coalescing must keep: type of service with ECN, fragmentation flags,
/// time to live, protocol.
pub fn are_alike(first: &Fixed, second: &Fixed) -> bool {
    let kept = |ip: &Fixed| (ip[TYPE_OF_SERVICE], fragmentation(ip), ip[TIME_TO_LIVE], ip[PROTOCOL]);
    kept(first) == kept(second)
}

/// Whether the options include a loose (131) or strict (137) source route. Malformed options count as one.
pub fn has_source_route(mut options: &[u8]) -> bool {
    loop {
        match options {
            [] | [0, ..] => return false,
            [1, rest @ ..] => options = rest,
            [131 | 137, ..] => return true,
            [_, length, ..] if *length >= 2 => match options.get(usize::from(*length)..) {
                Some(rest) => options = rest,
                None => return true,
            },
            _ => return true,
        }
    }
}

/// Decrements the time to live and updates the checksum. The caller has checked that it is greater than `by`.
#[inline]
pub fn decrement_ttl(packet: &mut [u8], by: u8) {
    let Some(header) = packet.first_chunk_mut::<HEADER>() else { return };
    let with_protocol = |header: &Fixed| u16::from_be_bytes([header[TIME_TO_LIVE], header[PROTOCOL]]);
    let old = with_protocol(header);
    header[TIME_TO_LIVE] = header[TIME_TO_LIVE].saturating_sub(by);
    let changed = Delta::default().word(old, with_protocol(header));
    patch(header, CHECKSUM, |field| changed.complete(field));
}

/// Sets a header's addresses and updates its checksum. Returns the change of a pseudo-header's sum.
pub fn set_addresses(header: &mut [u8], source: Address, destination: Address) -> Delta {
    let [source, destination] = [source, destination].map(Address::to_bits);
    let words = [
        (SOURCE, source >> 16),
        (SOURCE + 2, source),
        (DESTINATION, destination >> 16),
        (DESTINATION + 2, destination),
    ];
    let changed =
        words.into_iter().fold(Delta::default(), |sum, (at, word)| sum.plus(replace(header, at, word as u16)));
    patch(header, CHECKSUM, |field| changed.complete(field));
    changed
}

/// Adds to the identification, for the later segments of a coalesced packet.
pub fn add_to_identification(header: &mut [u8], by: u16) {
    patch(header, IDENTIFICATION, |identification| identification.wrapping_add(by));
}

/// Sets a whole header's packet length, for a payload of `payload` bytes, its fragmentation field and its checksum.
pub fn set_fragment(header: &mut [u8], payload: usize, fragmentation: u16) {
    write(header, 0, [VERSION << 4 | (header.len() / 4) as u8]);
    write(header, FRAGMENTATION, fragmentation.to_be_bytes());
    set_packet_length(header, (header.len() + payload) as u16);
}

/// Sets a whole header's packet length and its checksum.
pub fn set_packet_length(header: &mut [u8], length: u16) {
    write(header, LENGTH, length.to_be_bytes());
    set_checksum(header);
}

/// Computes a whole header's checksum.
pub fn set_checksum(header: &mut [u8]) {
    write(header, CHECKSUM, [0; 2]);
    let sum = !checksum::sum(header);
    write(header, CHECKSUM, sum.to_be_bytes());
}

/// The sum over the pseudo-header of TCP and UDP (RFC 9293 §3.1, RFC 768), not inverted. The transport header begins at
/// `start`.
pub fn pseudo_header_sum(headers: &[u8], start: usize, payload: usize) -> u16 {
    let addresses = addresses(headers).unwrap_or_default();
    let protocol = headers.get(PROTOCOL).copied().map_or(0, u64::from);
    let length = (headers.len().saturating_sub(start) + payload) as u64;
    checksum::fold(u64::from(checksum::sum(&addresses)) + protocol + length)
}

/// Whether no unicast packet between hosts may have this address (RFC 1812 §5.3.7; RFC 6890).
pub fn is_martian(address: Address) -> bool {
    let first = address.octets()[0];
    first == 0 || first == 127 || first >= 224
}

/// Whether an address is valid on one side of an edge only, so that packets from it do not cross the edge (RFC 1918, 3927,
/// 6598).
pub fn is_private(address: Address) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private() || address.is_link_local() || (first == 100 && second & 0xc0 == 64)
}

/// A builder of the dataplane's own packets, with a time to live of 64.
pub fn builder(source: Address, destination: Address) -> PacketBuilderStep<IpHeaders> {
    PacketBuilder::ipv4(source.octets(), destination.octets(), 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_routes_are_found_behind_other_options() {
        assert!(has_source_route(&[1, 7, 3, 4, 131, 3, 4, 0]));
        assert!(has_source_route(&[137, 3, 4, 0]));
        assert!(!has_source_route(&[1, 7, 3, 4, 0, 131, 3, 4]));
        assert!(has_source_route(&[7, 200, 4, 0]), "an option that exceeds the header");
    }
}
