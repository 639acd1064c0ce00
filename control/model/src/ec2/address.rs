//! Addresses outside subnets: those of the EC2-Classic network, and public ones.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// The pool of public addresses, which instances get unless the tag [`PUBLIC_IP_TAG`] asks for another: RFC 2544's range. Nobody uses
/// it on the Internet, and documents and scenarios use other ranges for their hosts.
pub const PUBLIC_POOL: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(198, 18, 0, 0), 15);
/// The router of the Internet in ICMP errors (RFC 5737).
pub const INTERNET_ROUTER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
/// The addresses of EC2-Classic, 10.0.0.0/8.
pub const CLASSIC_RANGE: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8);
/// The part of it that EC2-Classic leaves free, so that VPCs there can be enabled for ClassicLink (semantics.md §3).
pub const NEVER_CLASSIC: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 15);

/// A tag on RunInstances that asks for a public address, until the first stop.
pub const PUBLIC_IP_TAG: &str = "classiclink:public-ip";
/// A tag on RunInstances that asks for a private address in EC2-Classic, until the first stop.
pub const PRIVATE_IP_TAG: &str = "classiclink:private-ip";

const fn net(a: u8, b: u8, c: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), length)
}

/// Ranges that nobody uses on the Internet (RFC 6890), with their names. Those of documents (RFC 5737) are missing, because scenarios
/// and examples use them for their hosts.
const NOT_ON_INTERNET: [(Ipv4Net, &str); 13] = [
    (net(0, 0, 0, 8), "for hosts that have no address yet (RFC 1122)"),
    (net(10, 0, 0, 8), "private (RFC 1918)"),
    (net(100, 64, 0, 10), "shared behind carriers' NAT (RFC 6598)"),
    (net(127, 0, 0, 8), "loopback (RFC 1122)"),
    (net(169, 254, 0, 16), "link-local (RFC 3927)"),
    (net(172, 16, 0, 12), "private (RFC 1918)"),
    (net(192, 0, 0, 24), "for protocols (RFC 6890)"),
    (Ipv4Net::new_assert(INTERNET_ROUTER, 32), "the Internet's router"),
    (net(192, 88, 99, 24), "the Internet's resolver, and nobody else (RFC 7526)"),
    (net(192, 168, 0, 16), "private (RFC 1918)"),
    (PUBLIC_POOL, "where the cloud's own public addresses come from"),
    (net(224, 0, 0, 4), "multicast (RFC 5771)"),
    (net(240, 0, 0, 4), "reserved (RFC 1112)"),
];

/// The name and the range of an address that no host on the Internet can have.
pub(crate) fn not_on_internet(address: Ipv4Addr) -> Option<(Ipv4Net, &'static str)> {
    NOT_ON_INTERNET.into_iter().find(|(range, _)| range.contains(&address))
}

/// Whether a host on the Internet, or an instance as it is seen from there, can have this address.
pub fn is_public(address: Ipv4Addr) -> bool {
    PUBLIC_POOL.contains(&address) || not_on_internet(address).is_none()
}

/// A public address in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAddress {
    /// The address.
    pub address: Ipv4Addr,
    /// The association of an Elastic IP address (`eipassoc-…`). `None` for an address of the pool, which is returned at a stop.
    pub elastic: Option<String>,
}
