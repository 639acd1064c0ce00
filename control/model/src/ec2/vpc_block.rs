//! The address blocks of VPCs and subnets.

use crate::{LINGER, Time};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

pub(super) const fn net(a: u8, b: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, 0, 0), length)
}

/// One of the CIDR blocks of a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcCidr {
    /// `vpc-cidr-assoc-…`
    pub association: String,
    /// The block.
    pub cidr: Ipv4Net,
}

/// An IPv6 block of a VPC or a subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ipv6Block {
    /// `vpc-cidr-assoc-…` or `subnet-cidr-assoc-…`
    pub association: String,
    /// The block.
    pub cidr: Ipv6Net,
    /// Whether a VPC has it from an IPAM pool.
    #[serde(default)]
    pub of_pool: bool,
}

/// A block of a VPC or a subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// An IPv4 one.
    V4(VpcCidr),
    /// An IPv6 one.
    V6(Ipv6Block),
}

impl Block {
    /// Its addresses.
    pub(super) fn cidr(&self) -> IpNet {
        match self {
            Block::V4(block) => IpNet::V4(block.cidr),
            Block::V6(block) => IpNet::V6(block.cidr),
        }
    }
}

/// A removed block of a VPC or a subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerBlock {
    /// The block.
    pub block: Block,
    /// The time of its removal.
    pub since: Time,
}

impl FormerBlock {
    /// Whether it is no longer described.
    pub fn is_forgotten(&self, now: Time) -> bool {
        now.since(self.since) >= LINGER
    }
}

/// Ranges that no host can use: this network, loopback, link-local, multicast and reserved ones (RFC 6890).
const NO_HOSTS: [Ipv4Net; 4] = [net(0, 0, 8), net(127, 0, 8), net(169, 254, 16), net(224, 0, 3)];

/// Whether a host can have this address.
pub(crate) fn is_unicast(address: Ipv4Addr) -> bool {
    !NO_HOSTS.iter().any(|none| none.contains(&address))
}

/// Whether a VPC can have a block: its length is from /16 to /28, and hosts can use it.
pub(crate) fn is_block(cidr: &Ipv4Net) -> bool {
    (16..=28).contains(&cidr.prefix_len()) && !NO_HOSTS.iter().any(|none| none.contains(cidr))
}
