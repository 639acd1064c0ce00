//! Captured packets in memory as they are sent: processes pass a million of them a second on without looking at each.

use serde::{Deserialize, Serialize};

/// The size of a head, in bytes.
const HEAD: usize = 20;
/// The place of the index of the packet's meta in a head.
const META: std::ops::Range<usize> = 16..20;

/// A captured packet, without its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Captured {
    /// The time, in nanoseconds since 1970.
    pub at: u64,
    /// Its length, in bytes.
    pub length: u32,
    /// The index of what it shares with others: where it was seen, and its verdict.
    pub meta: u32,
}

/// Captured packets, one after the other. Each consists of a head and of its kept bytes. A head has, in little-endian byte
/// order, the time (8 bytes), the length, the number of kept bytes, and the index of the meta (4 bytes each).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PackedPackets(#[serde(with = "serde_bytes")] Vec<u8>);

impl PackedPackets {
    /// Packets that will have about this many bytes with their heads.
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// The memory that they occupy, in bytes.
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a packet, of which these first bytes are kept. The transport checksum may be partial.
    pub fn push(&mut self, Captured { at, length, meta }: Captured, kept: &[u8]) {
        let mut head = [0; HEAD];
        head[..8].copy_from_slice(&at.to_le_bytes());
        head[8..12].copy_from_slice(&length.to_le_bytes());
        head[12..16].copy_from_slice(&(kept.len() as u32).to_le_bytes());
        head[META].copy_from_slice(&meta.to_le_bytes());
        self.0.extend_from_slice(&head);
        self.0.extend_from_slice(kept);
    }

    /// Adds other packets, whose metas have these indices now.
    pub fn append(&mut self, others: &Self, metas: &[u32]) {
        let begin = self.0.len();
        self.0.extend_from_slice(&others.0);
        let mut rest = &mut self.0[begin..];
        while let Some((head, behind)) = rest.split_first_chunk_mut::<HEAD>() {
            let (Captured { meta, .. }, kept) = read(head);
            if let Some(meta) = metas.get(meta as usize) {
                head[META].copy_from_slice(&meta.to_le_bytes());
            }
            rest = behind.get_mut(kept..).unwrap_or_default();
        }
    }

    /// Removes all of them, and keeps the memory.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Each packet with its kept bytes. What is behind a packet that is not whole is left out.
    pub fn each(&self) -> impl Iterator<Item = (Captured, &[u8])> {
        let mut rest = &self.0[..];
        std::iter::from_fn(move || {
            let (head, behind) = rest.split_first_chunk::<HEAD>()?;
            let (packet, kept) = read(head);
            let (kept, behind) = behind.split_at_checked(kept)?;
            rest = behind;
            Some((packet, kept))
        })
    }
}

/// Reads a head: the packet, and the number of its kept bytes.
fn read(head: &[u8; HEAD]) -> (Captured, usize) {
    let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let at = u64::from(number(4)) << 32 | u64::from(number(0));
    (Captured { at, length: number(8), meta: number(16) }, number(12) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Captured = Captured { at: 5 << 32 | 7, length: 1500, meta: 1 };
    const SECOND: Captured = Captured { at: u64::MAX, length: 0, meta: 0 };

    fn packed() -> PackedPackets {
        let mut packets = PackedPackets::default();
        packets.push(FIRST, b"packet");
        packets.push(SECOND, b"");
        packets
    }

    #[test]
    fn each_is_read_as_it_was_added() {
        assert_eq!(packed().each().collect::<Vec<_>>(), [(FIRST, &b"packet"[..]), (SECOND, b"")]);
    }

    #[test]
    fn those_that_are_appended_get_other_metas() {
        let mut all = packed();
        all.append(&packed(), &[3, 4]);
        let metas: Vec<u32> = all.each().map(|(packet, _)| packet.meta).collect();
        assert_eq!(metas, [1, 0, 4, 3]);
        assert_eq!(all.each().map(|(_, kept)| kept.len()).collect::<Vec<_>>(), [6, 0, 6, 0]);
    }

    #[test]
    fn one_that_is_not_whole_is_left_out() {
        let whole = packed();
        for length in 0..whole.size() {
            let mut cut = PackedPackets(whole.0[..length].to_vec());
            let left = cut.each().count();
            assert_eq!(left, usize::from(length >= HEAD + 6), "{length} bytes");
            cut.append(&cut.clone(), &[]);
        }
    }
}
