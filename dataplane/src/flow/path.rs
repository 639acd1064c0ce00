//! A flow's keys and paths: where its packets come from and go to.

use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};
use wire::{Address, AttachmentId, FiveTuple, NatId, PortId};

/// The key by which a packet finds its flow: the port it came from and its 5-tuple. The port keeps equal addresses of
/// two VRFs apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowKey {
    /// The sender's port.
    pub port: PortId,
    /// The 5-tuple as it was sent.
    pub tuple: FiveTuple,
}

impl FlowKey {
    /// All but the protocol: both addresses in the first word, the port and the TCP or UDP ports in the second.
    pub fn words(&self) -> [u64; 2] {
        let FiveTuple { source, destination, source_port, destination_port, .. } = self.tuple;
        let ports = u32::from(source_port) << 16 | u32::from(destination_port);
        [pair(source.to_bits(), destination.to_bits()), pair(self.port.0, ports)]
    }

    /// The key of these [words](Self::words) and this protocol.
    pub fn from_words([addresses, ports]: [u64; 2], protocol: u8) -> Self {
        let tuple = FiveTuple {
            source: Address::from_bits((addresses >> 32) as u32),
            destination: Address::from_bits(addresses as u32),
            protocol,
            source_port: (ports >> 16) as u16,
            destination_port: ports as u16,
        };
        Self { port: PortId((ports >> 32) as u32), tuple }
    }
}

/// Joins two halves of a word.
pub fn pair(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

impl Hash for FlowKey {
    /// Hashes three words. Each word costs the hasher a multiplication, and every packet waits for this hash.
    #[inline]
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.words().iter().for_each(|word| hasher.write_u64(*word));
        hasher.write_u8(self.tuple.protocol);
    }
}

/// The path of one direction, as routing resolves it before any filter is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// The attachment that it leaves by.
    pub by: AttachmentId,
    /// The attachment that it arrives at.
    pub to: AttachmentId,
    /// The port of that attachment.
    pub port: PortId,
    /// Its limits.
    pub limits: Limits,
    /// The 5-tuple as it was sent.
    pub sent: FiveTuple,
    /// The 5-tuple as it is delivered.
    pub delivered: FiveTuple,
    /// The NAT on the path, if there is one.
    pub nat: Option<NatId>,
    /// Whether it crosses a boundary even between attachments of one segment. Rules that name groups do not match then.
    pub leaves_segment: bool,
}

/// The limits of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The MTU, in bytes.
    pub mtu: u16,
    /// The number of visible routers, each of which decrements the time to live: at most [`Limits::MOST_HOPS`].
    pub hops: u8,
}

impl Limits {
    /// The greatest number of visible routers. A path passes at most one by the sender's route and one in the tables that this
    /// route leads to; a NAT is one and its own route has another; and the path may end at another NAT.
    pub const MOST_HOPS: u8 = 5;
    /// No limits.
    pub const NONE: Self = Self { mtu: u16::MAX, hops: 0 };
}

/// Where packets of one direction are forwarded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forwarding {
    /// The receiver's port.
    pub port: PortId,
    /// The 5-tuple as it is delivered.
    pub delivered: FiveTuple,
    /// The limits of the path.
    pub limits: Limits,
}

impl From<Path> for Forwarding {
    fn from(path: Path) -> Self {
        Self { port: path.port, delivered: path.delivered, limits: path.limits }
    }
}

impl Path {
    /// The key by which the reply to a delivered packet finds this flow.
    pub fn reply_key(&self) -> FlowKey {
        FlowKey { port: self.port, tuple: self.delivered.reversed() }
    }
}
