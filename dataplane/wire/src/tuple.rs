//! Who talks to whom: the 5-tuple.

use super::Address;
use serde::{Deserialize, Serialize};
use std::fmt;

/// ICMP's protocol number.
pub const ICMP: u8 = 1;
/// TCP's protocol number.
pub const TCP: u8 = 6;
/// UDP's protocol number.
pub const UDP: u8 = 17;

/// Addresses, protocol and ports of a packet, in host byte order.
///
/// ICMP has no ports: a message has its identifier (0 if it has none) for a source port and `type << 8 | code` for a destination
/// port, and the reply to a query has what the query has, reversed. Other protocols have 0 in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FiveTuple {
    /// From.
    pub source: Address,
    /// To.
    pub destination: Address,
    /// The IPv4 protocol number.
    pub protocol: u8,
    /// TCP or UDP source port; for ICMP see above.
    pub source_port: u16,
    /// TCP or UDP destination port; for ICMP see above.
    pub destination_port: u16,
}

impl FiveTuple {
    /// The same conversation seen from the other end.
    pub fn reversed(self) -> Self {
        Self {
            source: self.destination,
            destination: self.source,
            source_port: self.destination_port,
            destination_port: self.source_port,
            ..self
        }
    }

    /// What an ICMP error quotes, renamed as the error itself is: its addresses `from` become `to`. The error's sender and receiver
    /// are the quoted packet's receiver and sender.
    pub fn renamed(self, from: Self, to: Self) -> Self {
        let rename = |address, old, new| if address == old { new } else { address };
        Self {
            source: rename(self.source, from.destination, to.destination),
            destination: rename(self.destination, from.source, to.source),
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
