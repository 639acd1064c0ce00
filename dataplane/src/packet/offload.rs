//! What a host left to be done for a packet, checked against the packet: nothing later relies on what a host says of itself.
//!
//! A host writes virtio headers as it likes, through packet sockets. What is given to another host is written anew from this.

use super::field::{word, write};
use super::{GsoType, View, VirtioHeader, checksum, tcp};
use std::num::NonZeroU16;
use wire::{TCP, UDP};

/// As many datagrams as Linux puts into one UDP packet with segmentation offload (`UDP_MAX_SEGMENTS`).
pub const MAX_DATAGRAMS: usize = 128;
/// As many segments as a TCP packet may stand for. Linux's least MSS is 48, options included (`TCP_MIN_SND_MSS`): with timestamps, 64
/// KiB are 1,820 segments.
const MAX_SEGMENTS: usize = 2048;

/// What is left to do for a packet. It agrees with the packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Offload {
    /// Nothing.
    #[default]
    Nothing,
    /// Nothing: the sender's kernel has found the checksum right.
    Checked,
    /// Its checksum: the field holds the pseudo-header's sum.
    Checksum(Layout),
    /// It stands for several packets, whose checksums are left to do too.
    Segments {
        /// Where the headers are.
        layout: Layout,
        /// Payload bytes of each but the last. There are more than these in all.
        size: NonZeroU16,
        /// Whether the sender's kernel says that the first segment alone carries CWR (RFC 3168 §6.1.2).
        ecn: bool,
    },
}

/// Where the headers of a TCP or UDP packet are that is no fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Whether it is TCP.
    is_tcp: bool,
    /// Length of the IP header, at most 60.
    start: u8,
    /// Length of all headers, at most 120.
    headers: u8,
}

impl Offload {
    /// Checks a virtio header against the packet it came with, which looks like `view`; `bytes` are all that came behind it. An open
    /// checksum inside a tunnel is closed here. `None` if header and packet contradict each other.
    ///
    /// What Linux writes is in `virtio_net_hdr_from_skb`: of a packet that stands for several, `hdr_len` is how much of it lies in
    /// the first piece of memory, all headers at least.
    pub fn check(header: &VirtioHeader, view: &View, bytes: &mut [u8]) -> Option<Self> {
        if usize::from(header.hdr_len) > bytes.len() {
            return None;
        }
        if !header.needs_checksum() {
            // The checksums of what has to be cut are always left open.
            let checked = header.flags & VirtioHeader::DATA_VALID != 0;
            return (header.gso() == GsoType::None).then_some(if checked { Self::Checked } else { Self::Nothing });
        }
        if view.fragment.is_some() {
            // Linux completes a checksum before it fragments.
            return None;
        }
        let own = Layout::of(view).filter(|layout| {
            usize::from(header.csum_start) == layout.start() && usize::from(header.csum_offset) == layout.field()
        });
        match (header.gso(), own) {
            (GsoType::None, Some(layout)) => Some(Self::Checksum(layout)),
            (GsoType::None, None) => close_inner(header, view, bytes),
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

    /// As the kernel reads it.
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

    /// Whether the transport's checksum is only the pseudo-header's sum so far.
    pub fn needs_checksum(&self) -> bool {
        matches!(self, Self::Checksum(_) | Self::Segments { .. })
    }

    /// The payload bytes of each packet that it stands for, 0 if it stands for itself.
    pub fn segment_size(&self) -> u16 {
        if let Self::Segments { size, .. } = self { size.get() } else { 0 }
    }

    /// How many packets one of `length` bytes stands for, and how many bytes those have.
    pub fn stands_for(&self, length: usize) -> (u64, u64) {
        let Self::Segments { layout, size, .. } = self else { return (1, length as u64) };
        let payload = length.saturating_sub(layout.headers());
        let count = payload.div_ceil(usize::from(size.get())).max(1);
        (count as u64, (payload + count * layout.headers()) as u64)
    }

    /// The largest of the packets that one of `length` bytes stands for, in bytes.
    pub fn largest(&self, length: usize) -> usize {
        match self {
            Self::Segments { layout, size, .. } => length.min(layout.headers() + usize::from(size.get())),
            _ => length,
        }
    }
}

impl Layout {
    /// Of a packet that is TCP or UDP, and no fragment.
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

    /// Whether it is TCP, not UDP.
    pub fn is_tcp(&self) -> bool {
        self.is_tcp
    }

    /// Where the transport's header begins.
    pub fn start(&self) -> usize {
        self.start.into()
    }

    /// Length of all headers, which every segment repeats.
    pub fn headers(&self) -> usize {
        self.headers.into()
    }

    /// Where the checksum is in the transport's header.
    pub fn field(&self) -> usize {
        if self.is_tcp { 16 } else { 6 }
    }

    pub(super) fn gso(&self) -> GsoType {
        if self.is_tcp { GsoType::Tcp4 } else { GsoType::Udp4 }
    }
}

/// Closes an open checksum behind all headers that decisions are made by: that of a packet in a tunnel.
fn close_inner(header: &VirtioHeader, view: &View, bytes: &mut [u8]) -> Option<Offload> {
    let start = usize::from(header.csum_start);
    let inner = bytes.get_mut(start..view.length).filter(|_| start >= view.headers_length)?;
    let field = usize::from(header.csum_offset);
    // The field holds the pseudo-header's sum, so that summing over it includes that.
    word(inner, field)?;
    let sum = checksum::inverted(checksum::sum(inner));
    write(inner, field, sum.to_be_bytes());
    Some(Offload::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::testing::{open_tcp, open_udp, transport_is_right};
    use proptest::prelude::*;

    fn check(header: &VirtioHeader, packet: &[u8]) -> Option<Offload> {
        Offload::check(header, &View::parse(packet).unwrap(), &mut packet.to_vec())
    }

    /// What an honest kernel may say of a packet is taken, and said again to the receiver's.
    #[test]
    fn what_linux_writes_is_taken() {
        let cases = [
            open_tcp(1, &[0; 3000], 1448, 16),
            open_tcp(1, &[0; 65_495], 36, 16),
            open_tcp(1, b"x", 0, 24),
            open_udp(&[0; 128], 1),
            open_udp(&[0; 3000], 1472),
            open_udp(b"", 0),
        ];
        for (header, packet) in cases {
            assert_eq!(check(&header, &packet).map(|offload| offload.virtio()), Some(header));
            // The whole packet lies in one piece of memory.
            let linear = VirtioHeader { hdr_len: packet.len() as u16, ..header };
            assert_eq!(check(&linear, &packet).map(|offload| offload.virtio()), Some(header));
        }
        let (header, packet) = open_tcp(1, &[0; 3000], 1000, 16 | crate::packet::tcp::CWR);
        let ecn = VirtioHeader { gso_type: header.gso_type | VirtioHeader::ECN, ..header };
        assert_eq!(check(&ecn, &packet).map(|offload| offload.virtio()), Some(ecn));
        let valid = VirtioHeader { flags: VirtioHeader::DATA_VALID, ..VirtioHeader::default() };
        assert_eq!(check(&valid, &packet), Some(Offload::Checked));
    }

    #[test]
    fn contradictions_are_refused() {
        let (good, packet) = open_tcp(1, &[0; 3000], 1000, 16);
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
            // A checksum where the ports are would change them after they were judged.
            VirtioHeader { gso_type: 0, csum_offset: 0, ..good },
            VirtioHeader { gso_type: 0, csum_start: 0, csum_offset: 2, ..good },
            VirtioHeader { gso_type: 0, csum_start: 39, csum_offset: 0, ..good },
        ];
        for header in bad {
            assert_eq!(check(&header, &packet), None, "{header:?}");
        }
        let (udp, datagrams) = open_udp(&[0; 129], 1);
        assert_eq!(check(&udp, &datagrams), None, "more datagrams than Linux puts into one");
        assert_eq!(check(&VirtioHeader { gso_type: 0x85, ..udp }, &open_udp(&[0; 100], 1).1), None);
    }

    #[test]
    fn lengths_that_differ_are_refused() {
        let (header, mut packet) = open_tcp(1, &[0; 20], 1000, 16);
        packet.resize(3060, 0);
        assert_eq!(check(&VirtioHeader { gso_type: 1, gso_size: 1000, ..header }, &packet), None, "the IPv4 length");
        let (header, mut packet) = open_udp(&[0; 3000], 1000);
        packet[24..26].copy_from_slice(&100u16.to_be_bytes());
        assert_eq!(check(&header, &packet), None, "the UDP length");
    }

    #[test]
    fn a_fragment_has_its_checksum() {
        let (header, packet) = open_udp(&[0; 3000], 0);
        crate::packet::fragment(&packet, 1500, |head, payload| {
            assert_eq!(check(&header, &[head, payload].concat()), None);
        });
    }

    #[test]
    fn a_checksum_in_a_tunnel_is_closed() {
        let (_, inner) = open_tcp(1, b"inside", 0, 16);
        let (_, mut packet) = open_udp(&inner, 0);
        let header =
            VirtioHeader { flags: VirtioHeader::NEEDS_CSUM, csum_start: 48, csum_offset: 16, ..Default::default() };
        let view = View::parse(&packet).unwrap();
        assert_eq!(Offload::check(&header, &view, &mut packet), Some(Offload::Nothing));
        assert!(transport_is_right(&packet[28..]));
    }

    #[test]
    fn one_that_fits_a_segment_stands_for_itself() {
        let (header, packet) = open_tcp(1, &[0; 900], 900, 16);
        let offload = check(&header, &packet).unwrap();
        assert_eq!((offload.segment_size(), offload.stands_for(940)), (0, (1, 940)));
    }

    proptest! {
        #[test]
        fn nothing_taken_is_cut_into_too_many(
            payload in 0usize..65_000, size: u16, udp: bool, field in 0usize..5, lie: u16
        ) {
            let payload = vec![0; payload];
            let (mut header, packet) = if udp { open_udp(&payload, size) } else { open_tcp(7, &payload, size, 16) };
            match field {
                0 => header.hdr_len = lie,
                1 => header.csum_start = lie,
                2 => header.csum_offset = lie,
                3 => header.gso_type = lie as u8,
                _ => {}
            }
            if let Some(offload) = check(&header, &packet) {
                prop_assert!(offload.stands_for(packet.len()).0 <= MAX_SEGMENTS as u64);
                prop_assert!(offload.largest(packet.len()) <= packet.len());
            }
        }
    }
}
