//! Where a flow's packets come from and go to.

use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};
use wire::{Address, AttachmentId, FiveTuple, NatId, PortId};

/// By what a packet finds its flow: the port it came from and its 5-tuple. The port keeps equal addresses of two VRFs apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowKey {
    /// The sender's port.
    pub port: PortId,
    /// As sent.
    pub tuple: FiveTuple,
}

impl FlowKey {
    /// All but the protocol: addresses in the first word, the port and TCP's or UDP's ports in the second.
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

/// Two halves of a word.
pub fn pair(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

impl Hash for FlowKey {
    /// In three words: every word fed to a hasher is a multiplication, and a packet waits for this hash.
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.words().iter().for_each(|word| hasher.write_u64(*word));
        hasher.write_u8(self.tuple.protocol);
    }
}

/// The way of one direction: what routing says, before any filter is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// The attachment it leaves by.
    pub by: AttachmentId,
    /// The attachment it arrives at.
    pub to: AttachmentId,
    /// The port of the latter.
    pub port: PortId,
    /// What it asks of packets.
    pub limits: Limits,
    /// Who talks to whom, as sent.
    pub sent: FiveTuple,
    /// And as delivered.
    pub delivered: FiveTuple,
    /// Through which NAT, if any.
    pub nat: Option<NatId>,
    /// Whether it crosses a boundary even between attachments of one segment. Nobody is known by his groups then.
    pub leaves_segment: bool,
}

/// What a path asks of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest packet it takes, in bytes.
    pub mtu: u16,
    /// How many routers take one from the time to live: at most [`Limits::MOST_HOPS`].
    pub hops: u8,
}

impl Limits {
    /// A route has one, and a route that leads on is the only one of its walk that has; a NAT is one, and its own route has one; and
    /// a path may go out through one and in through another.
    pub const MOST_HOPS: u8 = 5;
    /// Nothing at all.
    pub const NONE: Self = Self { mtu: u16::MAX, hops: 0 };
}

/// Where packets of a flow's side go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forwarding {
    /// The receiver's port.
    pub port: PortId,
    /// As what they are delivered.
    pub delivered: FiveTuple,
    /// What their path asks of them.
    pub limits: Limits,
}

impl From<Path> for Forwarding {
    fn from(path: Path) -> Self {
        Self { port: path.port, delivered: path.delivered, limits: path.limits }
    }
}

impl Path {
    /// By what the reply to what was delivered finds this flow.
    pub fn reply_key(&self) -> FlowKey {
        FlowKey { port: self.port, tuple: self.delivered.reversed() }
    }
}
