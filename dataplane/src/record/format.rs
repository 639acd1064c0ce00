//! The file: chapters, each a mark and blocks; a block is a length, a checksum and records in postcard.
//!
//! A chapter needs nothing of those before it, so files may be put together or, at a chapter's mark, be taken apart. A block's length
//! and CRC-32 are 4 bytes each, the most significant first. A mark is no length that a block may have.

use crate::packet::View;
use crate::pipeline::{EngineImage, Leg, LegOutcome, Outcome};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wire::{Change, ControllerRow, Drop, FiveTuple, PortId, PortStatus, Update};

/// With what a chapter begins, before the version.
pub const MAGIC: [u8; 8] = *b"\x93clkrec\n";
/// The version of the format.
pub const VERSION: u32 = 2;
/// A chapter's mark: magic and version.
pub const MARK: usize = MAGIC.len() + 4;
/// A block is closed when it has so many bytes. It has more if one record has.
pub const BLOCK: usize = 64 * 1024;
/// No block has more bytes.
pub const LARGEST_BLOCK: usize = 1 << 30;

/// A chapter's mark.
pub fn mark() -> [u8; MARK] {
    let mut mark = [0; MARK];
    let (magic, version) = mark.split_at_mut(MAGIC.len());
    magic.copy_from_slice(&MAGIC);
    version.copy_from_slice(&VERSION.to_be_bytes());
    mark
}

/// A block around records.
pub fn seal(records: &[u8]) -> Vec<u8> {
    let mut block = Vec::with_capacity(records.len() + 8);
    block.extend_from_slice(&(records.len() as u32).to_be_bytes());
    block.extend_from_slice(&crc32fast::hash(records).to_be_bytes());
    block.extend_from_slice(records);
    block
}

/// What stands in a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Record {
    /// A chapter begins: what the engine knows but its tables and flows, which follow in parts.
    Begin(Box<Beginning>),
    /// Rows of the controller's.
    Rows(Vec<ControllerRow>),
    /// Entries of the tables.
    Tables(Vec<Change>),
    /// Flows.
    Flows(Vec<crate::flow::FlowImage>),
    /// The beginning is complete.
    Ready,
    /// What follows happens at this time.
    Moment {
        /// In milliseconds of the engine's clock.
        now: u64,
        /// In nanoseconds since 1970.
        at: u64,
    },
    /// A packet came.
    Packet(PacketRecord),
    /// Packets of a port that were to be given to another one's host, which did not take them.
    Undelivered {
        /// Who sent them.
        from: PortId,
        /// Who was to get them.
        to: PortId,
        /// How many, and how many bytes.
        amount: (u64, u64),
    },
    /// An answer of so many bytes was not taken by the host that it was for.
    Unanswered(PortId, u64),
    /// A packet met a bad network.
    Met(LegRecord),
    /// A packet of so many bytes is on this way no more.
    Left(Leg, u32),
    /// A packet came out of bad networks.
    CameOut {
        /// Who sent it.
        from: PortId,
        /// Who was to get it.
        to: PortId,
        /// How many bytes it has.
        bytes: u64,
        /// Whether the host took it.
        is_taken: bool,
    },
    /// Ways that the tables say nothing of begin anew.
    NetworksBegunAnew,
    /// The tables have changed.
    Applied(Update),
    /// Flows of ports that the tables do not have were forgotten.
    PortsForgotten,
    /// Flows and fragments whose time is over were forgotten.
    Expired,
    /// The clock jumped. The times of what follows say so, too.
    Advanced(Duration),
    /// Rows of the controller's have changed.
    Note {
        /// What has changed, for a person.
        what: String,
        /// The rows, as they are now.
        rows: Vec<ControllerRow>,
    },
    /// The recording ends.
    End {
        /// The ports' counters.
        counters: Vec<PortStatus>,
        /// How many packets and changes were lost just before, for they came too fast.
        lost: [u64; 2],
    },
}

/// A packet that met a bad network, one of those that a wire would carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegRecord {
    /// Who sent it.
    pub from: PortId,
    /// Where.
    pub leg: Leg,
    /// How many bytes it has.
    pub length: u32,
    /// When, by the clock that never goes back.
    pub at: Duration,
    /// What happened to it.
    pub outcome: LegOutcome,
}

/// How a chapter begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beginning {
    /// The version of the program that recorded.
    pub program: String,
    /// The seed of hashes and ports.
    pub seed: u64,
    /// The version of the tables.
    pub version: u64,
    /// What the engine knows, without its flows.
    pub engine: EngineImage,
    /// What the controller was told at its start.
    pub platform: String,
    /// How many packets, and how many changes of the tables, came before.
    pub before: [u64; 2],
    /// How many packets and changes were lost just before, for they came too fast.
    pub lost: [u64; 2],
    /// The ports' counters; in the first chapter only.
    pub counters: Option<Vec<PortStatus>>,
}

/// A packet that came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PacketRecord {
    /// From where.
    pub port: PortId,
    /// Its virtio header.
    pub virtio: [u8; crate::packet::VIRTIO_HEADER],
    /// How many bytes it had.
    pub length: u32,
    /// As many of them as were kept.
    #[serde(with = "as_bytes")]
    pub bytes: Vec<u8>,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of a packet, as far as a replay can tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It went on.
    Forward {
        /// To which port.
        port: PortId,
        /// The largest packet that its path takes.
        mtu: u16,
        /// As what.
        delivered: FiveTuple,
        /// With which time to live.
        ttl: u8,
        /// The checksum (CRC-32) of what was kept of it, as it went on.
        sum: u32,
    },
    /// It ended.
    Drop {
        /// Why, and through whom.
        drop: Drop,
        /// What it was, if it could be parsed.
        packet: Option<FiveTuple>,
        /// What its sender was told.
        answer: Option<Answer>,
    },
}

/// An ICMP error or a RST.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// How many bytes it has.
    pub length: u32,
    /// Its checksum (CRC-32), if the packet that it answers was kept whole.
    pub sum: Option<u32>,
}

/// How much of a packet was kept.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// Bytes kept.
    pub bytes: usize,
    /// Bytes that it had.
    pub length: usize,
    /// Whether its checksum was left open.
    pub is_open: bool,
}

impl Kept {
    fn is_whole(self) -> bool {
        self.bytes == self.length
    }

    /// How much of a packet of this shape can be compared. Of one that was cut, a checksum that is closed depends on the rest.
    fn compared(self, view: &View) -> usize {
        let kept = if self.is_whole() || !self.is_open { self.bytes } else { view.headers_length };
        kept.min(view.length)
    }
}

impl Verdict {
    /// Of bytes that are no packet, or contradict their virtio header.
    pub fn refused(drop: Drop) -> Self {
        Self::Drop { drop, packet: None, answer: None }
    }

    /// Of a packet that was processed; `bytes` are as it left the pipeline.
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

/// Bytes in one piece, not one by one.
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

/// Bytes of an ICMP message that decisions may need: the longest IPv4 header, ICMP's, and the beginning of what it quotes.
const ICMP_NEEDED: usize = 60 + 8 + 60 + 20;

/// How many bytes of a packet are kept, if so many are wanted behind its headers (`None`: all).
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
