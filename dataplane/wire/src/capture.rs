//! Packets as they were seen, for whoever watches.

use crate::ids::{FilterId, PortId, RuleId};
use crate::step::{Direction, Drop};
use crate::tuple::FiveTuple;
use serde::{Deserialize, Serialize};

/// What is to be captured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CaptureOrder {
    /// Packets that these send, are given, or are to blame for the end of; `None`: all.
    pub ports: Option<Vec<PortId>>,
    /// Packets that this program of the classic BPF takes, sent or delivered; an empty one takes all.
    pub filter: Vec<Instruction>,
    /// How many bytes of each are kept at most.
    pub snap: u32,
    /// How many bytes wait to be fetched at most; the oldest give way, and are counted.
    pub ring: u64,
}

/// An instruction of the classic BPF, as libpcap compiles filters to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instruction {
    /// What it does.
    pub code: u16,
    /// How many instructions are left out if a comparison holds.
    pub jt: u8,
    /// And if it does not.
    pub jf: u8,
    /// Its operand.
    pub k: u32,
}

/// A packet at an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captured {
    /// When, in nanoseconds of the system's real-time clock since 1970.
    pub at: u64,
    /// The interface.
    pub port: PortId,
    /// Whether the host sent it, or was given it.
    pub direction: Direction,
    /// Its length, in bytes.
    pub length: u32,
    /// How many bytes of its beginning are kept. The transport's checksum may be left for an interface to complete.
    pub kept: u32,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of a packet.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// The host sent it, and it goes on.
    Forwarded {
        /// To this port.
        to: PortId,
        /// As it was sent.
        sent: FiveTuple,
        /// As it goes on.
        delivered: FiveTuple,
        /// Its flow, as it is when this is fetched, if it is still there.
        flow: Option<CapturedFlow>,
    },
    /// The host was given it.
    Delivered {
        /// Who sent it.
        from: PortId,
        /// As it was sent.
        sent: FiveTuple,
    },
    /// It ended.
    Dropped(Drop),
    /// The dataplane's own answer to what was dropped.
    Answer,
}

/// What is known of a packet's flow.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CapturedFlow {
    /// Its state, in words.
    pub state: String,
    /// Whether the packet goes against the flow's first one.
    pub reply: bool,
    /// The rules, of those in force, that would let its first packet out and in.
    pub admitted: [Option<(FilterId, RuleId)>; 2],
}

/// What was captured since it was last asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CapturedPackets {
    /// In the order in which they were seen, by one worker.
    pub packets: Vec<Captured>,
    /// What is kept of them, one behind the other.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// How many have given way in all.
    pub lost: u64,
    /// Whether more are waiting.
    pub more: bool,
}

impl CapturedPackets {
    /// Each packet, and what is kept of it.
    pub fn each(&self) -> impl Iterator<Item = (&Captured, &[u8])> {
        let mut rest = &self.bytes[..];
        self.packets.iter().map(move |packet| {
            let (kept, behind) = rest.split_at(rest.len().min(packet.kept as usize));
            rest = behind;
            (packet, kept)
        })
    }
}
