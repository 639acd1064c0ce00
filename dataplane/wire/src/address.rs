//! Addresses, by the names that everything here knows them by. They are IPv4's: another version is another pair of types here, and
//! another header where the dataplane reads packets.

use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

/// A host's address.
pub type Address = Ipv4Addr;

/// A network: an address, and how many of its bits count.
pub type Prefix = Ipv4Net;
