//! Nearly valid packets, and virtio headers for them.

#![allow(clippy::double_parens, reason = "a generator of pairs is a tuple, in the parentheses of its attribute")]

use crate::reference::{checksum, pseudo_sum, set_ip_checksum, transport_checksum};
use bolero::{TypeGenerator, ValueGenerator};
use dataplane::packet::{GsoType, VirtioHeader};
use wire::{ICMP, TCP, UDP};

/// The protocol of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TypeGenerator)]
pub enum Kind {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// An ICMP echo request or reply.
    Echo(bool),
    /// An ICMP error.
    Error,
    /// Something else.
    Other,
}

/// A packet to be built. Its numbers are small, so that packets often share a flow.
#[derive(Clone, Debug, TypeGenerator)]
pub struct Packet {
    /// The protocol.
    pub kind: Kind,
    /// The sender, one of four.
    #[generator(0u8..4)]
    pub from: u8,
    /// The receiver, one of four.
    #[generator(0u8..4)]
    pub to: u8,
    /// The source and destination port, one of four each.
    #[generator([0u8..4, 0u8..4])]
    pub ports: [u8; 2],
    /// TCP's flags.
    pub flags: u8,
    /// The type of service.
    #[generator(0u8..4)]
    pub tos: u8,
    /// Words of IPv4 options.
    #[generator(0u8..3)]
    pub options: u8,
    /// Words of TCP options.
    #[generator(0u8..11)]
    pub tcp_options: u8,
    /// Payload bytes, mostly few.
    #[generator((0u16..4000).map_gen(|length| if length % 8 == 0 { length } else { length % 64 }))]
    pub payload: u16,
    /// The identification.
    #[generator(0u16..8)]
    pub id: u16,
    /// Whether DF is set.
    pub dont_fragment: bool,
    /// A fragment's offset in units of eight bytes, and whether more follow.
    pub fragment: Option<(u8, bool)>,
    /// Bytes that are changed afterwards: offset and value.
    pub changes: Option<[(u8, u8); 2]>,
    /// Whether the IPv4 checksum is corrected after that.
    pub repair: bool,
    /// How many bytes are cut off or appended.
    pub stretch: Option<i8>,
}

/// The nth host's address.
pub fn address(host: u8) -> [u8; 4] {
    [10, 0, 0, host + 1]
}

impl Packet {
    /// The packet's bytes, between its hosts' own addresses.
    pub fn build(&self) -> Vec<u8> {
        self.build_between(address(self.from), address(self.to), &[])
    }

    /// The packet's bytes, between these addresses. An ICMP error quotes `quote`.
    pub fn build_between(&self, source: [u8; 4], destination: [u8; 4], quote: &[u8]) -> Vec<u8> {
        let mut bytes = self.unfragmented(source, destination, quote);
        if let Some((offset, more)) = self.fragment {
            let field = u16::from(offset) | if more { 0x2000 } else { 0 };
            bytes[6..8].copy_from_slice(&field.to_be_bytes());
        }
        set_ip_checksum(&mut bytes);
        for (at, by) in self.changes.into_iter().flatten() {
            let length = bytes.len();
            bytes[usize::from(at) % length] ^= by;
        }
        if self.repair {
            set_ip_checksum(&mut bytes);
        }
        if let Some(stretch) = self.stretch {
            let length = bytes.len().saturating_add_signed(stretch.into());
            bytes.resize(length, 0x55);
        }
        bytes
    }

    /// The packet's bytes with correct checksums, without fragmentation and changes.
    pub fn unfragmented(&self, source: [u8; 4], destination: [u8; 4], quote: &[u8]) -> Vec<u8> {
        let protocol = match self.kind {
            Kind::Tcp => TCP,
            Kind::Udp => UDP,
            Kind::Echo(_) | Kind::Error => ICMP,
            Kind::Other => 47,
        };
        let transport = self.transport(quote);
        let header_length = 20 + 4 * usize::from(self.options);
        let mut bytes = vec![1; header_length];
        bytes[0] = 0x40 | (header_length / 4) as u8;
        bytes[1] = self.tos;
        bytes[2..4].copy_from_slice(&((header_length + transport.len()) as u16).to_be_bytes());
        bytes[4..6].copy_from_slice(&self.id.to_be_bytes());
        bytes[6..8].copy_from_slice(&[if self.dont_fragment { 0x40 } else { 0 }, 0]);
        bytes[8..10].copy_from_slice(&[64, protocol]);
        bytes[12..16].copy_from_slice(&source);
        bytes[16..20].copy_from_slice(&destination);
        bytes.extend(transport);
        set_ip_checksum(&mut bytes);
        let (sum, field) = match self.kind {
            Kind::Tcp => (transport_checksum(&bytes, header_length), 16),
            Kind::Udp => (transport_checksum(&bytes, header_length), 6),
            Kind::Echo(_) | Kind::Error => (checksum(&bytes[header_length..]), 2),
            Kind::Other => return bytes,
        };
        bytes[header_length + field..][..2].copy_from_slice(&sum.to_be_bytes());
        bytes
    }

    /// The transport header and payload, without a checksum.
    fn transport(&self, quote: &[u8]) -> Vec<u8> {
        let payload = (0..self.payload).map(|at| (at as u8).wrapping_mul(31).wrapping_add(self.ports[0]));
        let [source, destination] = self.ports.map(|port| (1000 + u16::from(port)).to_be_bytes());
        let mut bytes = match self.kind {
            Kind::Tcp => {
                let length = 20 + 4 * usize::from(self.tcp_options);
                let mut header = vec![1; length];
                header[..2].copy_from_slice(&source);
                header[2..4].copy_from_slice(&destination);
                header[12] = (length / 4) as u8 * 16;
                header[13] = self.flags;
                header[16..18].fill(0);
                header
            }
            Kind::Udp => {
                let length = (8 + self.payload).to_be_bytes();
                [source, destination, length, [0; 2]].concat()
            }
            Kind::Echo(reply) => vec![if reply { 0 } else { 8 }, 0, 0, 0, 0, self.ports[0], 0, 1],
            Kind::Error => return [&[3, 1, 0, 0, 0, 0, 0, 0], quote].concat(),
            Kind::Other => Vec::new(),
        };
        bytes.extend(payload);
        bytes
    }
}

/// A virtio header for a packet (virtio 1.2, §5.1.6).
#[derive(Clone, Debug, TypeGenerator)]
pub enum Header {
    /// The header of a finished packet.
    Finished,
    /// A kernel's header for an unfinished packet, with this GSO size unless it is 0.
    Kernel(u16),
    /// A kernel's header with this GSO size, and one field changed to a value.
    Changed(u16, #[generator(0u8..6)] u8, u16),
    /// Random values in all fields.
    Random([u16; 5]),
}

impl Header {
    /// The header for this packet, whose checksum is made partial where it should be.
    pub fn of(&self, packet: &mut [u8]) -> VirtioHeader {
        match *self {
            Self::Finished => VirtioHeader::default(),
            Self::Kernel(size) => kernel_header(packet, size),
            Self::Changed(size, field, value) => {
                let mut header = kernel_header(packet, size);
                match field {
                    0 => header.flags = value as u8,
                    1 => header.gso_type = value as u8,
                    2 => header.hdr_len = value,
                    3 => header.gso_size = value,
                    4 => header.csum_start = value,
                    _ => header.csum_offset = value,
                }
                header
            }
            Self::Random([types, hdr_len, gso_size, csum_start, csum_offset]) => {
                let [flags, gso_type] = types.to_be_bytes();
                VirtioHeader { flags, gso_type, hdr_len, gso_size, csum_start, csum_offset }
            }
        }
    }
}

/// Makes the checksum of a TCP or UDP packet partial, as a kernel does, and returns the packet's header with this GSO size (0 for
/// none). Leaves packets of other protocols as they are.
pub fn kernel_header(packet: &mut [u8], size: u16) -> VirtioHeader {
    let start = usize::from(packet[0] & 15) * 4;
    let (gso, length, field) = match packet[9] {
        TCP if packet.len() >= start + 20 => (GsoType::Tcp4, usize::from(packet[start + 12] >> 4) * 4, 16),
        UDP if packet.len() >= start + 8 => (GsoType::Udp4, 8, 6),
        _ => return VirtioHeader::default(),
    };
    let sum = pseudo_sum(packet, start);
    packet[start + field..][..2].copy_from_slice(&sum.to_be_bytes());
    let gso = if size == 0 { GsoType::None } else { gso };
    VirtioHeader::segmented(gso, size, (start + length) as u16, start as u16, field as u16)
}
