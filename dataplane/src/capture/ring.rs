//! A ring of captured packets that wait to be fetched. It consists of chunks, and discards the oldest one when it is full. A
//! chunk is fetched without copying, so that a worker with a packet to add does not wait.

use std::collections::{HashMap, VecDeque};
use wire::{Captured, CapturedPackets, PackedPackets, PacketMeta};

/// A full ring has at least this many chunks, so that only a small part is discarded at a time.
const CHUNKS: usize = 16;
/// The greatest size in bytes at which a chunk takes no more packets.
const LARGEST_CHUNK: usize = 256 << 10;
/// The space for a chunk's last packet, if only headers are kept.
const HEADERS: usize = 256;
/// How many of a chunk's latest metas a packet is compared with. Packets in succession mostly have the same few.
const LATEST: usize = 4;

/// The packets of one capture.
#[derive(Debug)]
pub struct Ring {
    limit: usize,
    held: usize,
    chunks: VecDeque<Chunk>,
    /// Empty chunks, whose memory is used again: fresh memory would have to be cleared for each.
    spare: Vec<Chunk>,
    seen: u64,
    lost: u64,
}

/// Packets, and the metas that they share.
#[derive(Debug)]
pub struct Chunk {
    packets: PackedPackets,
    count: u64,
    metas: Vec<PacketMeta>,
}

/// The chunks taken out of a ring.
#[derive(Debug)]
pub struct Taken {
    chunks: Vec<Chunk>,
    seen: u64,
    lost: u64,
    more: bool,
}

impl Ring {
    /// Makes a ring for this many bytes.
    pub fn new(limit: u64) -> Self {
        Self { limit: limit as usize, held: 0, chunks: VecDeque::new(), spare: Vec::new(), seen: 0, lost: 0 }
    }

    /// Adds a packet that was seen `at` this time, in nanoseconds since 1970. Its length is in bytes, and `bytes` are kept of
    /// it. A packet that exceeds the whole ring is lost itself.
    pub fn push(&mut self, at: u64, length: u32, meta: &PacketMeta, bytes: &[u8]) {
        if self.chunks.back().is_none_or(|last| last.size() >= self.largest_chunk()) {
            let chunk = self.spare.pop().unwrap_or_else(|| Chunk::with_capacity(self.largest_chunk() + HEADERS));
            self.chunks.push_back(chunk);
        }
        if let Some(chunk) = self.chunks.back_mut() {
            self.held -= chunk.size();
            let meta = chunk.place(meta);
            chunk.packets.push(Captured { at, length, meta }, bytes);
            chunk.count += 1;
            self.held += chunk.size();
        }
        self.seen += 1;
        while self.held > self.limit
            && let Some(mut chunk) = self.pop()
        {
            self.lost += chunk.count;
            chunk.clear();
            self.take_back([chunk]);
        }
    }

    /// Takes chunks out until they have this many bytes: at least one, if there is one and any byte is wanted.
    pub fn take(&mut self, bytes: usize) -> Taken {
        let (mut chunks, mut size) = (Vec::new(), 0);
        while size < bytes
            && let Some(chunk) = self.pop()
        {
            size += chunk.size();
            chunks.push(chunk);
        }
        Taken { chunks, seen: self.seen, lost: self.lost, more: !self.chunks.is_empty() }
    }

    /// Takes empty chunks back, to use their memory again. The ring keeps as many as it may have.
    pub fn take_back(&mut self, chunks: impl IntoIterator<Item = Chunk>) {
        self.spare.extend(chunks);
        let most = self.limit / self.largest_chunk().max(1);
        self.spare.truncate(most.saturating_sub(self.chunks.len()).max(1));
    }

    /// The size in bytes at which a chunk takes no more packets.
    fn largest_chunk(&self) -> usize {
        LARGEST_CHUNK.min(self.limit / CHUNKS)
    }

    fn pop(&mut self) -> Option<Chunk> {
        let chunk = self.chunks.pop_front()?;
        self.held -= chunk.size();
        Some(chunk)
    }
}

impl Taken {
    /// The packets of all chunks, with each port, direction and verdict once, and the empty chunks.
    pub fn together(self) -> (CapturedPackets, Vec<Chunk>) {
        let Self { mut chunks, seen, lost, more } = self;
        let mut packets = PackedPackets::with_capacity(chunks.iter().map(|chunk| chunk.packets.size()).sum());
        let (mut metas, mut places) = (Vec::new(), HashMap::<_, _, foldhash::fast::RandomState>::default());
        for chunk in &mut chunks {
            let of_page: Vec<u32> = chunk
                .metas
                .drain(..)
                .map(|meta| {
                    *places.entry(meta).or_insert_with_key(|new: &PacketMeta| {
                        metas.push(new.clone());
                        metas.len() as u32 - 1
                    })
                })
                .collect();
            packets.append(&chunk.packets, &of_page);
            chunk.clear();
        }
        (CapturedPackets { metas, packets, seen, lost, more }, chunks)
    }
}

impl Chunk {
    /// Makes a chunk with space for packets of this many bytes.
    fn with_capacity(bytes: usize) -> Self {
        Self { packets: PackedPackets::with_capacity(bytes), count: 0, metas: Vec::new() }
    }

    /// The memory that it occupies, in bytes.
    fn size(&self) -> usize {
        self.packets.size() + size_of_val(&*self.metas)
    }

    /// The index of a meta. It is added if it is not among the latest.
    fn place(&mut self, meta: &PacketMeta) -> u32 {
        let oldest = self.metas.len().saturating_sub(LATEST);
        let known = self.metas[oldest..].iter().rposition(|known| known == meta);
        let place = known.map_or(self.metas.len(), |place| oldest + place);
        if place == self.metas.len() {
            self.metas.push(meta.clone());
        }
        place as u32
    }

    fn clear(&mut self) {
        self.packets.clear();
        self.count = 0;
        self.metas.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{Direction, PortId, Verdict};

    /// The size of a packet's head in memory.
    const HEAD: usize = 20;

    /// A packet with this number for its time and for each of its bytes. Every other one is sent, and six in
    /// succession have the same of seven ports.
    fn push(ring: &mut Ring, number: u64, kept: usize) {
        let direction = if number.is_multiple_of(2) { Direction::Egress } else { Direction::Ingress };
        let meta = PacketMeta { port: PortId(number as u32 / 6 % 7), direction, verdict: Verdict::Answer };
        ring.push(number, 100, &meta, &vec![number as u8; kept]);
    }

    fn numbers(page: &CapturedPackets) -> Vec<u64> {
        page.each()
            .map(|(packet, meta, bytes)| {
                assert!(bytes.iter().all(|byte| *byte == packet.at as u8));
                assert_eq!(meta.direction == Direction::Egress, packet.at.is_multiple_of(2));
                assert_eq!(u64::from(meta.port.0), packet.at / 6 % 7);
                packet.at
            })
            .collect()
    }

    #[test]
    fn the_oldest_packets_are_discarded_and_counted() {
        // One packet fills a chunk.
        let each = 100 + HEAD + size_of::<PacketMeta>();
        let mut ring = Ring::new(10 * each as u64);
        (0..25).for_each(|number| push(&mut ring, number, 100));
        let first = ring.take(3 * each).together().0;
        assert_eq!(numbers(&first), [15, 16, 17]);
        assert!(first.lost == 15 && first.more);
        let counts = ring.take(0).together().0;
        assert!(counts.packets.is_empty() && (counts.seen, counts.lost) == (25, 15));
        let rest = ring.take(usize::MAX).together().0;
        assert!(numbers(&rest) == (18..25).collect::<Vec<_>>() && rest.lost == 15 && !rest.more);
        assert_eq!(ring.held, 0);
    }

    #[test]
    fn many_fit_into_a_chunk_and_every_one_is_fetched_or_counted() {
        let mut ring = Ring::new(100_000);
        let sizes = (0..5000u64).map(|number| (number, (number * 7 % 90) as usize));
        let (mut seen, mut last) = (0, None);
        for (number, kept) in sizes {
            push(&mut ring, number, kept);
            assert!(ring.held <= 100_000);
            if number % 1700 == 0 {
                let page = ring.take(30_000).together().0;
                assert!(page.metas.len() <= 14, "each once");
                let fetched = numbers(&page);
                assert!(fetched.is_sorted() && last < fetched.first().copied(), "each packet is fetched once");
                last = fetched.last().copied();
                seen += fetched.len() as u64;
            }
        }
        let rest = ring.take(usize::MAX).together().0;
        assert_eq!(seen + numbers(&rest).len() as u64 + rest.lost, 5000);
    }

    #[test]
    fn a_packet_that_exceeds_the_ring_is_lost() {
        let mut ring = Ring::new(50);
        push(&mut ring, 1, 1);
        assert_eq!(
            ring.take(usize::MAX).together().0,
            CapturedPackets { seen: 1, lost: 1, ..CapturedPackets::default() }
        );
    }
}
