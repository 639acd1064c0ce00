//! Impairments of a network: delay, loss, reordering, rate and damage.

use crate::address::Prefix;
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

    /// This many millionths, but no more than all.
    pub fn millionths(count: u32) -> Self {
        Self(count).min(Self::ALL)
    }

    /// The number of millionths.
    pub fn as_millionths(self) -> u32 {
        self.0
    }

    /// Whether the share includes the packet with this uniformly distributed number.
    pub fn includes(self, number: u64) -> bool {
        number % u64::from(Self::ALL.0) < u64::from(self.0)
    }
}

/// The impairment of packets in one direction. The default has no effect.
///
/// It applies to each packet that a link carries. A coalesced packet is segmented first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Impairment {
    /// The delay of each packet.
    pub delay: Duration,
    /// The greatest deviation from the delay. It does not reorder packets.
    pub jitter: Duration,
    /// The share of packets lost.
    pub loss: Share,
    /// The share of packets reordered: delayed by another 10 ms, so that later ones overtake them.
    pub reorder: Share,
    /// The share of packets duplicated.
    pub duplicate: Share,
    /// The share of packets delivered with one bit flipped.
    pub corrupt: Share,
    /// The rate in bits a second, IPv4 headers included. A packet that would wait longer than 200 ms for its
    /// turn is dropped.
    pub rate: Option<u64>,
    /// The MTU in bytes. It limits the MTU of every path in this direction.
    pub mtu: Option<u16>,
    /// The seed of its random numbers, which also depend on the packet's number. Without one, the dataplane's
    /// seed and the port are used.
    pub seed: Option<u64>,
}

impl Impairment {
    /// Whether it has no effect on a packet that fits the path's MTU.
    pub fn is_harmless(&self) -> bool {
        let Self { delay, jitter, loss, reorder, duplicate, corrupt, rate, mtu: _, seed: _ } = *self;
        (delay, jitter, rate) == (Duration::ZERO, Duration::ZERO, None)
            && [loss, reorder, duplicate, corrupt] == [Share::NONE; 4]
    }
}

/// The impairments of a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Impairments {
    /// Of packets that it sends.
    pub from: Impairment,
    /// Of packets that it receives.
    pub to: Impairment,
}

/// The far end of a path from a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FarEnd {
    /// Another port.
    Port(PortId),
    /// Every host with one of these addresses, as the port's host sees them.
    Net(Prefix),
}

impl FarEnd {
    /// Of two far ends that match, the one with the higher precedence applies: a port before a prefix, a
    /// longer prefix before a shorter one.
    pub fn precedence(self) -> u8 {
        match self {
            Self::Port(_) => u8::MAX,
            Self::Net(net) => net.prefix_len(),
        }
    }
}
