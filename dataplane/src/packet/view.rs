//! A checked view of an IPv4 packet. It is parsed once, and its structure needs no further checks.

use super::{checksum, ip, tcp};
use serde::{Deserialize, Serialize};
use wire::{FiveTuple, ICMP, TCP, UDP};

/// Why bytes are not a valid packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// Another IP version, or none.
    NotIpv4,
    /// Truncated, inconsistent, or with a wrong IPv4 header checksum.
    Malformed,
}

/// The class of an ICMP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IcmpClass {
    /// Expects a reply (echo, timestamp, …).
    Query,
    /// Answers a query.
    Reply,
    /// Reports a packet that could not be delivered, and quotes it (RFC 792: types 3, 4, 5, 11, 12).
    Error,
    /// Anything else.
    Other,
}

/// An ICMP message's type and code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IcmpKind {
    /// The type.
    pub kind: u8,
    /// The code.
    pub code: u8,
}

impl IcmpKind {
    /// The class of the message.
    pub fn class(self) -> IcmpClass {
        match self.kind {
            8 | 13 | 15 | 17 => IcmpClass::Query,
            0 | 14 | 16 | 18 => IcmpClass::Reply,
            3 | 4 | 5 | 11 | 12 => IcmpClass::Error,
            _ => IcmpClass::Other,
        }
    }

    /// The query that this reply answers, as a destination port in a [`FiveTuple`].
    fn query_port(self) -> u16 {
        let query = if self.kind == 0 { 8 } else { self.kind - 1 };
        u16::from(query) << 8 | u16::from(self.code)
    }
}

/// The headers' fields that decisions need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The 5-tuple.
    pub tuple: FiveTuple,
    /// Type and code, if it is ICMP and not a later fragment.
    pub icmp: Option<IcmpKind>,
    /// TCP's flags (FIN 1, SYN 2, RST 4, PSH 8, ACK 16), if it is TCP and not a later fragment, else 0.
    pub tcp_flags: u8,
}

impl Header {
    /// Whether the packet is an ICMP error.
    #[inline]
    pub fn is_error(&self) -> bool {
        self.icmp.is_some_and(|icmp| icmp.class() == IcmpClass::Error)
    }

    /// The header of a first packet: a SYN, a datagram, a query.
    pub fn first_of(tuple: FiveTuple) -> Self {
        let [kind, code] = tuple.destination_port.to_be_bytes();
        Self {
            tuple,
            icmp: (tuple.protocol == ICMP).then_some(IcmpKind { kind, code }),
            tcp_flags: if tuple.protocol == TCP { tcp::SYN } else { 0 },
        }
    }

    /// The header of a reply with this 5-tuple, which answers the [`Header::first_of`] the reversed 5-tuple.
    pub fn reply_of(tuple: FiveTuple) -> Self {
        let [kind, code] = tuple.source_port.to_be_bytes();
        Self {
            tuple,
            icmp: (tuple.protocol == ICMP)
                .then(|| IcmpKind { kind: if kind == 8 { 0 } else { kind.wrapping_add(1) }, code }),
            tcp_flags: if tuple.protocol == TCP { tcp::SYN | tcp::ACK } else { 0 },
        }
    }
}

/// The part of its datagram that a fragment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// The datagram's identification.
    pub id: u16,
    /// The offset of its first byte in the datagram's payload, in bytes.
    pub offset: u32,
    /// Its payload length in bytes.
    pub length: u32,
    /// Whether more fragments follow.
    pub more: bool,
}

/// A parsed packet: offsets into bytes that [`View::parse`] has checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The fields that decisions need. A later fragment has no ports.
    pub header: Header,
    /// The length of the IPv4 header in bytes, which is the offset of the transport header.
    pub header_length: usize,
    /// The length in bytes of the headers that every segment of a coalesced packet repeats: IPv4 and TCP or UDP.
    pub headers_length: usize,
    /// The packet's length as its IPv4 header gives it, in bytes.
    pub length: usize,
    /// The time to live.
    pub ttl: u8,
    /// Whether DF is set.
    pub dont_fragment: bool,
    /// Whether a source route option is present.
    pub source_routed: bool,
    /// The part of its datagram that it is, if it is a fragment.
    pub fragment: Option<Fragment>,
}

impl View {
    /// Parses a packet. Bytes after its end are ignored.
    ///
    /// # Errors
    /// [`ParseError`] if it is not IPv4; if version, lengths or header checksum are inconsistent; or if it is too short
    /// for its TCP, UDP or ICMP header.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        match bytes.first() {
            None => return Err(ParseError::Malformed),
            Some(first) if !ip::is_of_version(*first) => return Err(ParseError::NotIpv4),
            Some(_) => {}
        }
        let fixed: &ip::Fixed = bytes.first_chunk().ok_or(ParseError::Malformed)?;
        let header_length = ip::length_of_header(fixed[0]);
        let length = ip::packet_length(fixed);
        let (Some(header), Some(payload)) = (bytes.get(..header_length), bytes.get(header_length..length)) else {
            return Err(ParseError::Malformed);
        };
        let options = header.get(ip::HEADER..).ok_or(ParseError::Malformed)?;
        if checksum::sum(header) != 0xffff {
            return Err(ParseError::Malformed);
        }
        let fragmentation = ip::fragmentation(fixed);
        let offset = u32::from(fragmentation & ip::FRAGMENT_OFFSET) * 8;
        let more = fragmentation & ip::MORE_FRAGMENTS != 0;
        let fragment = (offset != 0 || more).then(|| Fragment {
            id: ip::identification(fixed),
            offset,
            length: payload.len() as u32,
            more,
        });
        let tuple = without_ports(fixed);
        let (header, transport_length) = if offset == 0 {
            transport(tuple, payload, more)?
        } else {
            (Header { tuple, icmp: None, tcp_flags: 0 }, 0)
        };
        Ok(Self {
            header,
            header_length,
            headers_length: header_length + transport_length,
            length,
            ttl: ip::time_to_live(fixed),
            dont_fragment: ip::must_not_be_fragmented(fragmentation),
            source_routed: ip::has_source_route(options),
            fragment,
        })
    }

    /// The packet that an ICMP error quotes. A later fragment quotes none. `bytes` are those that were parsed.
    pub fn quote<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        if self.header.is_error() { bytes.get(self.headers_length..self.length) } else { None }
    }
}

/// The 5-tuple of a header, without ports.
#[inline(always)]
fn without_ports(fixed: &ip::Fixed) -> FiveTuple {
    FiveTuple {
        source: ip::source(fixed),
        destination: ip::destination(fixed),
        protocol: ip::protocol(fixed),
        source_port: 0,
        destination_port: 0,
    }
}

/// Reads ports, type, code and flags from the transport header. Returns that header's length too.
// Inlined: returning the result through memory would cost a packet a quarter of its time in the pipeline.
#[inline(always)]
fn transport(mut tuple: FiveTuple, payload: &[u8], more: bool) -> Result<(Header, usize), ParseError> {
    let mut icmp = None;
    let mut tcp_flags = 0;
    let length = match tuple.protocol {
        TCP => {
            let header: &[u8; tcp::HEADER] = payload.first_chunk().ok_or(ParseError::Malformed)?;
            let length = usize::from(header[12] >> 4) * 4;
            if length < tcp::HEADER || payload.len() < length {
                return Err(ParseError::Malformed);
            }
            (tuple.source_port, tuple.destination_port) = ports(header);
            tcp_flags = header[13];
            length
        }
        UDP => {
            let header: &[u8; 8] = payload.first_chunk().ok_or(ParseError::Malformed)?;
            let length = usize::from(u16::from_be_bytes([header[4], header[5]]));
            if length < 8 || (!more && length > payload.len()) {
                return Err(ParseError::Malformed);
            }
            (tuple.source_port, tuple.destination_port) = ports(header);
            8
        }
        ICMP => {
            let header: &[u8; 8] = payload.first_chunk().ok_or(ParseError::Malformed)?;
            let kind = IcmpKind { kind: header[0], code: header[1] };
            icmp = Some(kind);
            let own = u16::from(kind.kind) << 8 | u16::from(kind.code);
            let identifier = u16::from_be_bytes([header[4], header[5]]);
            (tuple.source_port, tuple.destination_port) = match kind.class() {
                IcmpClass::Query => (identifier, own),
                IcmpClass::Reply => (kind.query_port(), identifier),
                IcmpClass::Error | IcmpClass::Other => (0, own),
            };
            8
        }
        _ => 0,
    };
    Ok((Header { tuple, icmp, tcp_flags }, length))
}

/// Source and destination port, with which TCP and UDP begin.
#[inline(always)]
fn ports<const N: usize>(header: &[u8; N]) -> (u16, u16) {
    const { assert!(N >= 4) };
    (u16::from_be_bytes([header[0], header[1]]), u16::from_be_bytes([header[2], header[3]]))
}

/// The 5-tuple of the packet that an ICMP error quotes. The quote needs at least an IPv4 header and 8 bytes (RFC 792).
pub fn quoted_tuple(quote: &[u8]) -> Option<FiveTuple> {
    let fixed: &ip::Fixed = quote.first_chunk()?;
    let header_length = ip::length_of_header(fixed[0]);
    let is_first = ip::fragmentation(fixed) & ip::FRAGMENT_OFFSET == 0;
    if !ip::is_of_version(fixed[0]) || header_length < ip::HEADER || !is_first {
        return None;
    }
    let rest = quote.get(header_length..)?;
    let start: &[u8; 8] = rest.first_chunk()?;
    let tuple = without_ports(fixed);
    match tuple.protocol {
        TCP | UDP => {
            let (source_port, destination_port) = ports(start);
            Some(FiveTuple { source_port, destination_port, ..tuple })
        }
        ICMP => transport(tuple, rest, true).ok().map(|(header, _)| header.tuple),
        _ => Some(tuple),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use etherparse::PacketBuilder;
    use proptest::prelude::*;

    fn tcp() -> Vec<u8> {
        let mut bytes = Vec::new();
        PacketBuilder::ipv4([10, 251, 50, 12], [192, 168, 1, 10], 64)
            .tcp(40000, 6001, 7, 1000)
            .syn()
            .write(&mut bytes, b"hello")
            .unwrap();
        bytes
    }

    #[test]
    fn a_tcp_packet_is_read_whole() {
        let view = View::parse(&tcp()).unwrap();
        assert_eq!(view.header.tuple.to_string(), "tcp 10.251.50.12:40000 → 192.168.1.10:6001");
        assert_eq!((view.header.tcp_flags, view.headers_length, view.length, view.ttl), (2, 40, 45, 64));
        assert_eq!(view.fragment, None);
    }

    #[test]
    fn an_echo_reply_is_the_reverse_of_its_request() {
        let (mut request, mut reply) = (Vec::new(), Vec::new());
        PacketBuilder::ipv4([1, 1, 1, 1], [2, 2, 2, 2], 64)
            .icmpv4_echo_request(77, 1)
            .write(&mut request, &[])
            .unwrap();
        PacketBuilder::ipv4([2, 2, 2, 2], [1, 1, 1, 1], 64).icmpv4_echo_reply(77, 1).write(&mut reply, &[]).unwrap();
        let (request, reply) = (View::parse(&request).unwrap().header, View::parse(&reply).unwrap().header);
        assert_eq!(request.tuple.reversed(), reply.tuple);
        assert_eq!(Header::first_of(request.tuple), request);
        assert_eq!(Header::reply_of(reply.tuple), reply);
    }

    #[test]
    fn every_truncation_and_a_wrong_checksum_are_refused() {
        let whole = tcp();
        for end in 0..whole.len() {
            assert_eq!(View::parse(&whole[..end]), Err(ParseError::Malformed), "{end} bytes");
        }
        let mut wrong = whole;
        wrong[10] ^= 1;
        assert_eq!(View::parse(&wrong), Err(ParseError::Malformed));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..120), fix: bool) {
            if fix && bytes.len() >= 20 {
                bytes[0] = 0x45;
                let length = bytes.len() as u16;
                bytes[2..4].copy_from_slice(&length.to_be_bytes());
                bytes[10..12].fill(0);
                let sum = !checksum::sum(&bytes[..20]);
                bytes[10..12].copy_from_slice(&sum.to_be_bytes());
            }
            let _ = View::parse(&bytes);
            let _ = quoted_tuple(&bytes);
        }
    }
}
