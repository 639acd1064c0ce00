//! The types of addresses and networks. They are IPv4's; another IP version needs other types here, and another header
//! where the dataplane reads packets.

use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

/// A host's address.
pub type Address = Ipv4Addr;

/// A network in CIDR notation.
pub type Prefix = Ipv4Net;
