//! A bad network: what happens to packets between a port and everything else.

use super::Prefix;
use crate::ids::PortId;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A share of packets, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Share(u32);

impl Share {
    /// No packet.
    pub const NONE: Self = Self(0);
    /// All packets.
    pub const ALL: Self = Self(1_000_000);

    /// So many millionths, all at most.
    pub fn millionths(count: u32) -> Self {
        Self(count).min(Self::ALL)
    }

    /// How many millionths.
    pub fn as_millionths(self) -> u32 {
        self.0
    }

    /// Whether the packet of this evenly distributed number is one of the share.
    pub fn includes(self, number: u64) -> bool {
        number % u64::from(Self::ALL.0) < u64::from(self.0)
    }
}

/// What happens to packets that go one way. Nothing happens by default.
///
/// Each packet that a wire would carry is treated by itself; one that stands for several is cut first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Impairment {
    /// How long each is on its way.
    pub delay: Duration,
    /// How much longer or shorter than that at most. Packets do not overtake each other for it.
    pub jitter: Duration,
    /// Lost.
    pub loss: Share,
    /// Overtaken by those behind: 10 ms later than they would be.
    pub reorder: Share,
    /// Delivered twice.
    pub duplicate: Share,
    /// Delivered with one bit turned.
    pub corrupt: Share,
    /// Bits a second, IPv4 headers included. What would wait longer than 200 ms for its turn is dropped.
    pub rate: Option<u64>,
    /// The largest IPv4 packet, in bytes. It is part of the MTU of every path that goes this way.
    pub mtu: Option<u16>,
    /// What chance depends on, with the number of the packet; otherwise on the dataplane's seed and the port.
    pub seed: Option<u64>,
}

impl Impairment {
    /// Whether it makes no difference to a packet that is no larger than the path takes.
    pub fn is_harmless(&self) -> bool {
        let Self { delay, jitter, loss, reorder, duplicate, corrupt, rate, mtu: _, seed: _ } = *self;
        (delay, jitter, rate) == (Duration::ZERO, Duration::ZERO, None)
            && [loss, reorder, duplicate, corrupt] == [Share::NONE; 4]
    }
}

/// What happens to the packets of a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Impairments {
    /// To those that it sends.
    pub from: Impairment,
    /// To those that it is given.
    pub to: Impairment,
}

/// The other end of a path of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FarEnd {
    /// Another port.
    Port(PortId),
    /// Whoever has one of these addresses, as the port's host sees them.
    Net(Prefix),
}

impl FarEnd {
    /// Of two that are meant at once, the one with more is asked: a port, then the longer prefix.
    pub fn precedence(self) -> u8 {
        match self {
            Self::Port(_) => u8::MAX,
            Self::Net(net) => net.prefix_len(),
        }
    }
}
