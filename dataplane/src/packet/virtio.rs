//! The virtio-net header that an offload TUN puts before every packet (virtio 1.3, §5.1.6; Linux `linux/virtio_net.h`).

/// The header's length on the wire, in bytes: the legacy form, without `num_buffers`.
pub const VIRTIO_HEADER: usize = 10;

/// The kind of a coalesced packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GsoType {
    /// Not coalesced.
    None,
    /// TCP over IPv4, in segments of `gso_size` payload bytes.
    Tcp4,
    /// UDP over IPv4, in datagrams of `gso_size` payload bytes; the last may be shorter.
    Udp4,
    /// A kind that this dataplane does not carry: TCP over IPv6, or fragmentation offload.
    Other(u8),
}

/// The header's fields, in host byte order. Lengths and offsets are in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct VirtioHeader {
    /// [`Self::NEEDS_CSUM`], [`Self::DATA_VALID`].
    pub flags: u8,
    /// The raw segmentation type; see [`Self::gso`].
    pub gso_type: u8,
    /// The length of all headers, as a hint.
    pub hdr_len: u16,
    /// The payload bytes of each segment.
    pub gso_size: u16,
    /// The offset in the packet at which checksumming starts.
    pub csum_start: u16,
    /// The offset of the checksum field after `csum_start`.
    pub csum_offset: u16,
}

impl VirtioHeader {
    /// Flag: the checksum field has only the pseudo-header's sum and needs completion.
    pub const NEEDS_CSUM: u8 = 1;
    /// Flag: the checksum is complete and was found correct.
    pub const DATA_VALID: u8 = 2;

    const TCPV4: u8 = 1;
    const UDP_L4: u8 = 5;
    /// Set in the type beside TCP: only the first segment has CWR.
    pub const ECN: u8 = 0x80;

    /// The header of a coalesced packet with segments of `gso_size` payload bytes and a partial checksum.
    pub fn segmented(gso: GsoType, gso_size: u16, hdr_len: u16, csum_start: u16, csum_offset: u16) -> Self {
        let gso_type = match gso {
            GsoType::None => 0,
            GsoType::Tcp4 => Self::TCPV4,
            GsoType::Udp4 => Self::UDP_L4,
            GsoType::Other(raw) => raw,
        };
        Self { flags: Self::NEEDS_CSUM, gso_type, hdr_len, gso_size, csum_start, csum_offset }
    }

    /// Reads it as the kernel writes it, in native byte order.
    pub fn read(bytes: &[u8; VIRTIO_HEADER]) -> Self {
        let [flags, gso_type, words @ ..] = *bytes;
        let [a, b, c, d, e, f, g, h] = words;
        let word = |low, high| u16::from_ne_bytes([low, high]);
        Self {
            flags,
            gso_type,
            hdr_len: word(a, b),
            gso_size: word(c, d),
            csum_start: word(e, f),
            csum_offset: word(g, h),
        }
    }

    /// Its bytes as the kernel reads them.
    pub fn bytes(&self) -> [u8; VIRTIO_HEADER] {
        let words = [self.hdr_len, self.gso_size, self.csum_start, self.csum_offset].map(u16::to_ne_bytes);
        let [[a, b], [c, d], [e, f], [g, h]] = words;
        [self.flags, self.gso_type, a, b, c, d, e, f, g, h]
    }

    /// The kind of coalesced packet.
    pub fn gso(&self) -> GsoType {
        const TCPV4_ECN: u8 = VirtioHeader::TCPV4 | VirtioHeader::ECN;
        match self.gso_type {
            0 => GsoType::None,
            Self::TCPV4 | TCPV4_ECN => GsoType::Tcp4,
            Self::UDP_L4 => GsoType::Udp4,
            other => GsoType::Other(other),
        }
    }

    /// Whether the transport checksum is only the pseudo-header's sum.
    pub fn needs_checksum(&self) -> bool {
        self.flags & Self::NEEDS_CSUM != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_back() {
        let header = VirtioHeader::segmented(GsoType::Udp4, 1200, 28, 20, 6);
        assert_eq!(VirtioHeader::read(&header.bytes()), header);
        assert_eq!(header.gso(), GsoType::Udp4);
        assert!(header.needs_checksum());
    }

    #[test]
    fn tcp_with_ecn_is_tcp() {
        let header = VirtioHeader { gso_type: 0x81, ..Default::default() };
        assert_eq!(header.gso(), GsoType::Tcp4);
        assert_eq!(VirtioHeader::default().gso(), GsoType::None);
        assert_eq!(VirtioHeader { gso_type: 3, ..Default::default() }.gso(), GsoType::Other(3));
    }
}
