//! The file format of recordings. A file has chapters, and a chapter has a mark and blocks. A block has a length, a checksum and
//! records in postcard.
//!
//! A chapter does not depend on those before it, so files may be joined, or split at a chapter's mark. A mark is the magic
//! number and the version. A block's length in bytes and its CRC-32 are 4 bytes each. Numbers are big-endian. A mark does not
//! begin with a valid length.

use crate::packet::View;
use crate::pipeline::{EngineImage, Leg, LegOutcome, Outcome};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wire::{Change, ControllerRow, Drop, FiveTuple, PortId, PortStatus, Update};

/// The first bytes of a chapter, before the version.
pub const MAGIC: [u8; 8] = *b"\x93clkrec\n";
/// The version of the format.
pub const VERSION: u32 = 4;
/// The length of a chapter's mark in bytes: magic number and version.
pub const MARK: usize = MAGIC.len() + 4;
/// The length in bytes of what precedes a block's records: their length and checksum.
pub const FRAME: usize = 8;
/// The size in bytes at which a block is closed. A single larger record makes it larger.
pub const BLOCK: usize = 64 * 1024;
/// The greatest size of a block, in bytes.
pub const LARGEST_BLOCK: usize = 1 << 30;

/// A chapter's mark.
pub fn mark() -> [u8; MARK] {
    let mut mark = [0; MARK];
    let (magic, version) = mark.split_at_mut(MAGIC.len());
    magic.copy_from_slice(&MAGIC);
    version.copy_from_slice(&VERSION.to_be_bytes());
    mark
}

/// A block with these records.
pub fn seal(records: &[u8]) -> Vec<u8> {
    let mut block = Vec::with_capacity(FRAME + records.len());
    block.extend_from_slice(&(records.len() as u32).to_be_bytes());
    block.extend_from_slice(&crc32fast::hash(records).to_be_bytes());
    block.extend_from_slice(records);
    block
}

/// One record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Record {
    /// A chapter begins, with the engine's state without tables and flows, which follow in parts.
    Begin(Box<Beginning>),
    /// Rows of the controller.
    Rows(Vec<ControllerRow>),
    /// Entries of the tables.
    Tables(Vec<Change>),
    /// Flows.
    Flows(Vec<crate::flow::FlowImage>),
    /// The beginning is complete.
    Ready,
    /// The time of the records that follow.
    Time {
        /// Milliseconds of the engine's clock.
        now: u64,
        /// Nanoseconds since 1970.
        at: u64,
    },
    /// A packet arrived.
    Packet(PacketRecord),
    /// Packets of one port that another port's host did not take.
    Undelivered {
        /// The sender.
        from: PortId,
        /// The receiver.
        to: PortId,
        /// The number of packets, and of bytes.
        amount: (u64, u64),
    },
    /// An answer of this many bytes that its host did not take.
    Unanswered(PortId, u64),
    /// A packet entered an impaired leg.
    EnteredLeg(LegRecord),
    /// A packet of this many bytes left a leg.
    LeftLeg(Leg, u32),
    /// A packet completed its path over impaired networks.
    CompletedPath {
        /// The sender.
        from: PortId,
        /// The receiver.
        to: PortId,
        /// Its length in bytes.
        bytes: u64,
        /// Whether the receiver's host took it.
        is_taken: bool,
    },
    /// The legs that the tables do not impair were reset.
    LegsReset,
    /// The tables changed.
    Applied(Update),
    /// The flows of ports that the tables do not have were removed.
    PortsForgotten,
    /// A port was opened: its counters begin at zero.
    Opened(PortId),
    /// Expired flows and fragments were removed.
    Expired,
    /// The clock was advanced. The times of later records include it.
    Advanced(Duration),
    /// Rows of the controller changed.
    Note {
        /// The change, for a person.
        what: String,
        /// The rows as they are now.
        rows: Vec<ControllerRow>,
    },
    /// The recording ends.
    End {
        /// The ports' counters.
        counters: Vec<PortStatus>,
        /// How many packets and changes were lost just before, because they came too fast.
        lost: [u64; 2],
    },
}

/// A packet, or one segment of it, on an impaired leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegRecord {
    /// The sender.
    pub from: PortId,
    /// The leg.
    pub leg: Leg,
    /// Its length in bytes.
    pub length: u32,
    /// When it entered, on the monotonic clock.
    pub at: Duration,
    /// Its outcome.
    pub outcome: LegOutcome,
}

/// The beginning of a chapter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beginning {
    /// The version of the program that recorded.
    pub program: String,
    /// The seed of hashes and ports.
    pub seed: u64,
    /// The version of the tables.
    pub version: u64,
    /// The engine's state without its flows.
    pub engine: EngineImage,
    /// The controller's platform settings at its start.
    pub platform: String,
    /// How many packets, and how many changes of the tables, came before.
    pub before: [u64; 2],
    /// How many packets and changes were lost just before, because they came too fast.
    pub lost: [u64; 2],
    /// The ports' counters. Only the first chapter has them.
    pub counters: Option<Vec<PortStatus>>,
}

/// A packet that arrived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PacketRecord {
    /// The port it came from.
    pub port: PortId,
    /// Its virtio header.
    pub virtio: [u8; crate::packet::VIRTIO_HEADER],
    /// Its length in bytes.
    pub length: u32,
    /// The bytes that were kept of it.
    #[serde(with = "as_bytes")]
    pub bytes: Vec<u8>,
    /// Its verdict.
    pub verdict: Verdict,
}

/// A packet's verdict, as far as a replay can compare it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It was forwarded.
    Forward {
        /// The receiver's port.
        port: PortId,
        /// The MTU of its path, in bytes.
        mtu: u16,
        /// The 5-tuple as it is delivered.
        delivered: FiveTuple,
        /// The time to live as it is delivered.
        ttl: u8,
        /// The CRC-32 of its kept bytes as they are delivered.
        sum: u32,
    },
    /// It was dropped.
    Drop {
        /// The reason and the culprit.
        drop: Drop,
        /// Its 5-tuple, if it could be parsed.
        packet: Option<FiveTuple>,
        /// The answer to its sender.
        answer: Option<Answer>,
    },
}

/// An ICMP error or a RST.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Its length in bytes.
    pub length: u32,
    /// Its CRC-32, if the packet that it answers was kept whole.
    pub sum: Option<u32>,
}

/// How much of a packet was kept.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// Bytes kept.
    pub bytes: usize,
    /// Its length in bytes.
    pub length: usize,
    /// Whether its checksum is partial.
    pub has_partial_checksum: bool,
}

impl Kept {
    fn is_whole(self) -> bool {
        self.bytes == self.length
    }

    /// How many bytes of a packet can be compared. If the packet was cut off, a complete checksum is left out, because
    /// it depends on the missing bytes.
    fn compared(self, view: &View) -> usize {
        let kept = if self.is_whole() || !self.has_partial_checksum { self.bytes } else { view.headers_length };
        kept.min(view.length)
    }
}

impl Verdict {
    /// The verdict on bytes that are not a valid packet or contradict their virtio header.
    pub fn refused(drop: Drop) -> Self {
        Self::Drop { drop, packet: None, answer: None }
    }

    /// The verdict on a packet that was processed. `bytes` is the packet as it left the pipeline.
    pub fn of(outcome: &Outcome, before: &View, bytes: &[u8], kept: Kept) -> Self {
        match outcome {
            Outcome::Forward { port, mtu } => {
                let after = View::parse(bytes).unwrap_or(*before);
                let compared = bytes.get(..kept.compared(before)).unwrap_or_default();
                let sum = crc32fast::hash(compared);
                Self::Forward { port: *port, mtu: *mtu, delivered: after.header.tuple, ttl: after.ttl, sum }
            }
            Outcome::Drop { drop, packet, answer } => {
                let answer = answer.as_ref().map(|answer| Answer {
                    length: answer.len() as u32,
                    sum: kept.is_whole().then(|| crc32fast::hash(answer)),
                });
                Self::Drop { drop: *drop, packet: *packet, answer }
            }
        }
    }
}

/// Encodes bytes as one slice, not element by element.
mod as_bytes {
    use serde::de::{Deserializer, Error, Visitor};
    use serde::ser::Serializer;
    use std::fmt;

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        deserializer.deserialize_bytes(Bytes)
    }

    struct Bytes;

    impl Visitor<'_> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }
    }
}

/// The number of an ICMP message's bytes that decisions may need: the longest IPv4 header, the ICMP header, and the longest
/// header and 20 bytes of the quoted packet.
const ICMP_NEEDED: usize = 60 + 8 + 60 + 20;

/// How many bytes of a packet are kept, with this many behind its headers (`None`: all).
pub fn kept(bytes: &[u8], payload: Option<u32>) -> usize {
    let Some(payload) = payload else { return bytes.len() };
    let needed = match View::parse(bytes) {
        Ok(view) => {
            let wanted = view.headers_length + payload as usize;
            if view.header.icmp.is_some() { wanted.max(ICMP_NEEDED) } else { wanted }
        }
        Err(_) => ICMP_NEEDED,
    };
    needed.min(bytes.len())
}
