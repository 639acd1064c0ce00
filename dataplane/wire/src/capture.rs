//! Captured packets.

use crate::ids::{FilterId, PortId, RuleId};
use crate::packed_packets::{Captured, PackedPackets};
use crate::step::{Direction, Drop};
use crate::tuple::FiveTuple;
use serde::{Deserialize, Serialize};

/// What to capture, and how much of it to keep.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CaptureOrder {
    /// Only packets that these hosts send, receive or cause to be dropped. `None`: all packets.
    pub hosts: Option<Vec<String>>,
    /// Only packets that this classic BPF program accepts, as they are sent or delivered. An empty program accepts
    /// all.
    pub filter: Vec<Instruction>,
    /// The greatest number of bytes kept of each packet.
    pub snap: u32,
    /// The greatest number of bytes that wait to be fetched. Beyond it the oldest packets are discarded and
    /// counted.
    pub ring: u64,
}

/// A classic BPF instruction, as libpcap compiles filters to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instruction {
    /// Its code.
    pub code: u16,
    /// How many instructions to skip if the comparison holds.
    pub jt: u8,
    /// How many instructions to skip if it does not.
    pub jf: u8,
    /// Its operand.
    pub k: u32,
}

/// Where a packet was seen, and its verdict.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PacketMeta {
    /// The interface.
    pub port: PortId,
    /// Whether the host sent it (egress) or received it (ingress).
    pub direction: Direction,
    /// Its verdict.
    pub verdict: Verdict,
}

/// The verdict on a packet.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// The host sent it, and it is forwarded.
    Forwarded {
        /// The receiving port.
        to: PortId,
        /// The 5-tuple as it was sent.
        sent: FiveTuple,
        /// The 5-tuple as it is delivered.
        delivered: FiveTuple,
        /// The 5-tuple of the packet that it quotes, if it is an ICMP error, as its receiver sent that packet.
        quoted: Option<FiveTuple>,
        /// Its flow at the time of fetching, if it still exists.
        flow: Option<CapturedFlow>,
    },
    /// The host received it.
    Delivered {
        /// The sending port.
        from: PortId,
        /// The 5-tuple as it was sent.
        sent: FiveTuple,
        /// The 5-tuple of the packet that it quotes, if it is an ICMP error, as the host sent that packet.
        quoted: Option<FiveTuple>,
        /// Its flow at the time of fetching, if it still exists.
        flow: Option<CapturedFlow>,
    },
    /// It was dropped.
    Dropped(Drop),
    /// It is the dataplane's own answer to a dropped packet.
    Answer,
}

/// What a captured packet is to its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FlowRole {
    /// It goes in the direction of the first packet.
    Forward,
    /// It goes in the reply direction.
    Reply,
    /// It is an ICMP error that quotes a packet of the flow.
    Error,
}

/// A captured packet's flow.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CapturedFlow {
    /// The name of its state.
    pub state: String,
    /// What the packet is to it.
    pub role: FlowRole,
    /// The rules in force that would let the flow's first packet out at its sender and in at its receiver.
    pub admitted: [Option<(FilterId, RuleId)>; 2],
}

/// The packets captured since the last request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CapturedPackets {
    /// The ports, directions and verdicts of these packets, each once. There may be a million packets a second, but few of
    /// these.
    pub metas: Vec<PacketMeta>,
    /// The packets, whose metas are indices of `metas`. Those of one worker are in order.
    pub packets: PackedPackets,
    /// How many packets were captured in all, fetched or not.
    pub seen: u64,
    /// How many of them were discarded.
    pub lost: u64,
    /// Whether more are waiting.
    pub more: bool,
}

impl CapturedPackets {
    /// Each packet with its port, direction and verdict, and its kept bytes.
    pub fn each(&self) -> impl Iterator<Item = (Captured, &PacketMeta, &[u8])> {
        self.packets.each().filter_map(|(packet, kept)| Some((packet, self.metas.get(packet.meta as usize)?, kept)))
    }
}
