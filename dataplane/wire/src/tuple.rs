//! The 5-tuple of a packet.

use crate::address::Address;
use serde::{Deserialize, Serialize};
use std::fmt;

/// ICMP's protocol number.
pub const ICMP: u8 = 1;
/// TCP's protocol number.
pub const TCP: u8 = 6;
/// UDP's protocol number.
pub const UDP: u8 = 17;

/// A packet's addresses, protocol and ports, in host byte order.
///
/// ICMP has no ports. Its source port is the message's identifier (0 if it has none), and its destination port is `type
/// << 8 | code`. The reply to a query has the query's 5-tuple reversed. Other protocols have 0 in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FiveTuple {
    /// The source address.
    pub source: Address,
    /// The destination address.
    pub destination: Address,
    /// The IPv4 protocol number.
    pub protocol: u8,
    /// TCP or UDP source port; for ICMP see above.
    pub source_port: u16,
    /// TCP or UDP destination port; for ICMP see above.
    pub destination_port: u16,
}

impl FiveTuple {
    /// The 5-tuple of packets in the opposite direction.
    pub fn reversed(self) -> Self {
        Self {
            source: self.destination,
            destination: self.source,
            source_port: self.destination_port,
            destination_port: self.source_port,
            ..self
        }
    }

    /// The 5-tuple that a quoted packet gets when the ICMP error that quotes it is translated from `sent` to `delivered`.
    /// The error goes from the quoted packet's receiver to its sender, so the quoted addresses are the other way around.
    pub fn translated_in_error(self, sent: Self, delivered: Self) -> Self {
        let translate = |address, old, new| if address == old { new } else { address };
        Self {
            source: translate(self.source, sent.destination, delivered.destination),
            destination: translate(self.destination, sent.source, delivered.source),
            ..self
        }
    }
}

impl fmt::Display for FiveTuple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.source, self.destination);
        match self.protocol {
            TCP | UDP => {
                let name = if self.protocol == TCP { "tcp" } else { "udp" };
                write!(f, "{name} {from}:{} → {to}:{}", self.source_port, self.destination_port)
            }
            ICMP => write!(f, "icmp {from} → {to}"),
            other => write!(f, "protocol {other} {from} → {to}"),
        }
    }
}
