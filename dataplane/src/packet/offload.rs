//! The offload of a packet: the checksum and the segmentation that its sender left to do. It is checked against the
//! packet, so that later stages can rely on it.
//!
//! A host can write any virtio header through a packet socket. The header that the receiver gets is therefore made from
//! the checked offload.

use super::field::{word, write};
use super::view::View;
use super::virtio::{GsoType, VirtioHeader};
use super::{checksum, tcp};
use std::num::NonZeroU16;
use wire::{TCP, UDP};

/// The greatest number of datagrams that Linux coalesces into one UDP packet (`UDP_MAX_SEGMENTS`).
pub const MAX_DATAGRAMS: usize = 128;
/// The greatest number of segments of a coalesced TCP packet. Linux's least MSS is 48, options included
/// (`TCP_MIN_SND_MSS`): with timestamps, 64 KiB are 1,820 segments.
const MAX_SEGMENTS: usize = 2048;

/// The work that is left to do for a packet. It never contradicts the packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Offload {
    /// None.
    #[default]
    Nothing,
    /// None, and the sender's kernel has found the checksum correct.
    Checked,
    /// The checksum is partial: the field has the pseudo-header's sum.
    Checksum(Layout),
    /// The packet is coalesced, and its segments' checksums are partial too.
    Segments {
        /// The headers' positions.
        layout: Layout,
        /// The payload bytes of each segment but the last. The packet has more payload than this.
        size: NonZeroU16,
        /// Whether only the first segment has CWR (RFC 3168 §6.1.2), as the sender's kernel says.
        ecn: bool,
    },
}

/// The headers' positions in a TCP or UDP packet that is not a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Whether the packet is TCP.
    is_tcp: bool,
    /// The length of the IP header, at most 60.
    start: u8,
    /// The length of all headers, at most 120.
    headers: u8,
}

impl Offload {
    /// Checks a virtio header against its packet, parsed as `view`; `bytes` are all bytes that follow the header. A
    /// partial checksum inside a tunnel is completed here. `None` if header and packet contradict each other.
    ///
    /// Linux writes the header in `virtio_net_hdr_from_skb`. For a coalesced packet, `hdr_len` is the length of its
    /// first piece of memory, which has at least all headers.
    pub fn check(header: &VirtioHeader, view: &View, bytes: &mut [u8]) -> Option<Self> {
        if usize::from(header.hdr_len) > bytes.len() {
            return None;
        }
        if !header.needs_checksum() {
            // Checksums of packets to be segmented are always partial.
            let checked = header.flags & VirtioHeader::DATA_VALID != 0;
            return (header.gso() == GsoType::None).then_some(if checked { Self::Checked } else { Self::Nothing });
        }
        if view.fragment.is_some() {
            // Linux completes a checksum before it fragments a packet.
            return None;
        }
        let own = Layout::of(view).filter(|layout| {
            usize::from(header.csum_start) == layout.start() && usize::from(header.csum_offset) == layout.field()
        });
        match (header.gso(), own) {
            (GsoType::None, Some(layout)) => Some(Self::Checksum(layout)),
            (GsoType::None, None) => complete_inner(header, view, bytes),
            (GsoType::Tcp4, Some(layout)) if layout.is_tcp => Self::segments(header, layout, view, bytes),
            (GsoType::Udp4, Some(layout)) if !layout.is_tcp => Self::segments(header, layout, view, bytes),
            _ => None,
        }
    }

    fn segments(header: &VirtioHeader, layout: Layout, view: &View, bytes: &[u8]) -> Option<Self> {
        let size = NonZeroU16::new(header.gso_size)?;
        let whole = view.length == bytes.len();
        let (least, most) = if layout.is_tcp { (tcp::HEADER, MAX_SEGMENTS) } else { (8, MAX_DATAGRAMS) };
        let headers_are_there = usize::from(header.hdr_len) >= layout.start() + least;
        let datagram_is_whole =
            layout.is_tcp || word(bytes, layout.start() + 4).map(usize::from) == Some(view.length - layout.start());
        let payload = view.length.checked_sub(layout.headers())?;
        let few = payload.div_ceil(usize::from(size.get())) <= most;
        if !(whole && headers_are_there && datagram_is_whole && few) {
            return None;
        }
        let several = payload > usize::from(size.get());
        let segments = Self::Segments { layout, size, ecn: header.gso_type & VirtioHeader::ECN != 0 };
        Some(if several { segments } else { Self::Checksum(layout) })
    }

    /// The virtio header that describes the offload to the kernel.
    pub fn virtio(&self) -> VirtioHeader {
        let open = |layout: &Layout, gso, size| {
            let [headers, start, field] = [layout.headers(), layout.start(), layout.field()].map(|at| at as u16);
            VirtioHeader::segmented(gso, size, headers, start, field)
        };
        match self {
            Self::Nothing => VirtioHeader::default(),
            Self::Checked => VirtioHeader { flags: VirtioHeader::DATA_VALID, ..VirtioHeader::default() },
            Self::Checksum(layout) => open(layout, GsoType::None, 0),
            Self::Segments { layout, size, ecn } => {
                let mut header = open(layout, layout.gso(), size.get());
                header.gso_type |= if *ecn { VirtioHeader::ECN } else { 0 };
                header
            }
        }
    }

    /// Whether the transport checksum is partial.
    pub fn needs_checksum(&self) -> bool {
        matches!(self, Self::Checksum(_) | Self::Segments { .. })
    }

    /// The payload bytes of each segment; 0 if the packet is not coalesced.
    pub fn segment_size(&self) -> u16 {
        if let Self::Segments { size, .. } = self { size.get() } else { 0 }
    }

    /// The number of segments of a packet of `length` bytes, and the sum of the segments' lengths in bytes.
    pub fn segments_and_bytes(&self, length: usize) -> (u64, u64) {
        let Self::Segments { layout, size, .. } = self else { return (1, length as u64) };
        let payload = length.saturating_sub(layout.headers());
        let count = payload.div_ceil(usize::from(size.get())).max(1);
        (count as u64, (payload + count * layout.headers()) as u64)
    }

    /// The length in bytes of the largest segment of a packet of `length` bytes.
    pub fn largest(&self, length: usize) -> usize {
        match self {
            Self::Segments { layout, size, .. } => length.min(layout.headers() + usize::from(size.get())),
            _ => length,
        }
    }
}

impl Layout {
    /// The layout of a TCP or UDP packet. `None` for a fragment or another protocol.
    pub fn of(view: &View) -> Option<Self> {
        let is_tcp = match view.header.tuple.protocol {
            TCP => true,
            UDP => false,
            _ => return None,
        };
        if view.fragment.is_some() {
            return None;
        }
        Self::new(is_tcp, view.header_length, view.headers_length)
    }

    pub(super) fn new(is_tcp: bool, start: usize, headers: usize) -> Option<Self> {
        Some(Self { is_tcp, start: start.try_into().ok()?, headers: headers.try_into().ok()? })
    }

    /// Whether the packet is TCP rather than UDP.
    pub fn is_tcp(&self) -> bool {
        self.is_tcp
    }

    /// The offset of the transport header.
    pub fn start(&self) -> usize {
        self.start.into()
    }

    /// The length of all headers, which every segment repeats.
    pub fn headers(&self) -> usize {
        self.headers.into()
    }

    /// The offset of the checksum in the transport header.
    pub fn field(&self) -> usize {
        if self.is_tcp { 16 } else { 6 }
    }

    pub(super) fn gso(&self) -> GsoType {
        if self.is_tcp { GsoType::Tcp4 } else { GsoType::Udp4 }
    }
}

/// Completes the partial checksum of a packet in a tunnel. It is behind all headers that decisions read.
fn complete_inner(header: &VirtioHeader, view: &View, bytes: &mut [u8]) -> Option<Offload> {
    let start = usize::from(header.csum_start);
    let inner = bytes.get_mut(start..view.length).filter(|_| start >= view.headers_length)?;
    let field = usize::from(header.csum_offset);
    // The field has the pseudo-header's sum, so summing over it includes that sum.
    word(inner, field)?;
    let sum = checksum::inverted(checksum::sum(inner));
    write(inner, field, sum.to_be_bytes());
    Some(Offload::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::testing::{has_correct_checksum, offloaded_tcp, offloaded_udp};
    use proptest::prelude::*;

    fn check(header: &VirtioHeader, packet: &[u8]) -> Option<Offload> {
        Offload::check(header, &View::parse(packet).unwrap(), &mut packet.to_vec())
    }

    /// Every header that an honest kernel writes is accepted, and repeated to the receiver's kernel.
    #[test]
    fn headers_that_linux_writes_are_accepted() {
        let cases = [
            offloaded_tcp(1, &[0; 3000], 1448, 16),
            offloaded_tcp(1, &[0; 65_495], 36, 16),
            offloaded_tcp(1, b"x", 0, 24),
            offloaded_udp(&[0; 128], 1),
            offloaded_udp(&[0; 3000], 1472),
            offloaded_udp(b"", 0),
        ];
        for (header, packet) in cases {
            assert_eq!(check(&header, &packet).map(|offload| offload.virtio()), Some(header));
            // The whole packet is in one piece of memory.
            let linear = VirtioHeader { hdr_len: packet.len() as u16, ..header };
            assert_eq!(check(&linear, &packet).map(|offload| offload.virtio()), Some(header));
        }
        let (header, packet) = offloaded_tcp(1, &[0; 3000], 1000, 16 | crate::packet::tcp::CWR);
        let ecn = VirtioHeader { gso_type: header.gso_type | VirtioHeader::ECN, ..header };
        assert_eq!(check(&ecn, &packet).map(|offload| offload.virtio()), Some(ecn));
        let valid = VirtioHeader { flags: VirtioHeader::DATA_VALID, ..VirtioHeader::default() };
        assert_eq!(check(&valid, &packet), Some(Offload::Checked));
    }

    #[test]
    fn contradictions_are_refused() {
        let (good, packet) = offloaded_tcp(1, &[0; 3000], 1000, 16);
        assert!(check(&good, &packet).is_some());
        let bad = [
            VirtioHeader { gso_type: 5, ..good },
            VirtioHeader { gso_type: 4, ..good },
            VirtioHeader { gso_type: 3, ..good },
            VirtioHeader { gso_type: 0x80, ..good },
            VirtioHeader { gso_size: 0, ..good },
            VirtioHeader { gso_size: 1, ..good },
            VirtioHeader { csum_start: 24, ..good },
            VirtioHeader { csum_start: 0, ..good },
            VirtioHeader { csum_offset: 6, ..good },
            VirtioHeader { hdr_len: 39, ..good },
            VirtioHeader { hdr_len: 3041, ..good },
            VirtioHeader { flags: 0, ..good },
            VirtioHeader { flags: VirtioHeader::DATA_VALID, ..good },
            VirtioHeader { gso_type: 0, csum_start: 60_000, ..good },
            // A checksum written over the ports would change them after the decision.
            VirtioHeader { gso_type: 0, csum_offset: 0, ..good },
            VirtioHeader { gso_type: 0, csum_start: 0, csum_offset: 2, ..good },
            VirtioHeader { gso_type: 0, csum_start: 39, csum_offset: 0, ..good },
        ];
        for header in bad {
            assert_eq!(check(&header, &packet), None, "{header:?}");
        }
        let (udp, datagrams) = offloaded_udp(&[0; 129], 1);
        assert_eq!(check(&udp, &datagrams), None, "more datagrams than Linux coalesces");
        assert_eq!(check(&VirtioHeader { gso_type: 0x85, ..udp }, &offloaded_udp(&[0; 100], 1).1), None);
    }

    #[test]
    fn lengths_that_differ_are_refused() {
        let (header, mut packet) = offloaded_tcp(1, &[0; 20], 1000, 16);
        packet.resize(3060, 0);
        assert_eq!(check(&VirtioHeader { gso_type: 1, gso_size: 1000, ..header }, &packet), None, "the IPv4 length");
        let (header, mut packet) = offloaded_udp(&[0; 3000], 1000);
        packet[24..26].copy_from_slice(&100u16.to_be_bytes());
        assert_eq!(check(&header, &packet), None, "the UDP length");
    }

    #[test]
    fn a_fragments_checksum_is_complete() {
        let (header, packet) = offloaded_udp(&[0; 3000], 0);
        crate::packet::fragment(&packet, 1500, |head, payload| {
            assert_eq!(check(&header, &[head, payload].concat()), None);
        });
    }

    #[test]
    fn a_checksum_in_a_tunnel_is_completed() {
        let (_, inner) = offloaded_tcp(1, b"inside", 0, 16);
        let (_, mut packet) = offloaded_udp(&inner, 0);
        let header =
            VirtioHeader { flags: VirtioHeader::NEEDS_CSUM, csum_start: 48, csum_offset: 16, ..Default::default() };
        let view = View::parse(&packet).unwrap();
        assert_eq!(Offload::check(&header, &view, &mut packet), Some(Offload::Nothing));
        assert!(has_correct_checksum(&packet[28..]));
    }

    #[test]
    fn a_packet_that_fits_one_segment_is_not_coalesced() {
        let (header, packet) = offloaded_tcp(1, &[0; 900], 900, 16);
        let offload = check(&header, &packet).unwrap();
        assert_eq!((offload.segment_size(), offload.segments_and_bytes(940)), (0, (1, 940)));
    }

    proptest! {
        #[test]
        fn nothing_taken_is_cut_into_too_many(
            payload in 0usize..65_000, size: u16, udp: bool, field in 0usize..5, lie: u16
        ) {
            let payload = vec![0; payload];
            let (mut header, packet) = if udp { offloaded_udp(&payload, size) } else { offloaded_tcp(7, &payload, size, 16) };
            match field {
                0 => header.hdr_len = lie,
                1 => header.csum_start = lie,
                2 => header.csum_offset = lie,
                3 => header.gso_type = lie as u8,
                _ => {}
            }
            if let Some(offload) = check(&header, &packet) {
                prop_assert!(offload.segments_and_bytes(packet.len()).0 <= MAX_SEGMENTS as u64);
                prop_assert!(offload.largest(packet.len()) <= packet.len());
            }
        }
    }
}
