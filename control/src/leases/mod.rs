//! Hosts' leases: names, resolvers and time servers, which DHCP would send elsewhere.

mod files;
mod lease;

pub use files::Leases;
pub use lease::{CHRONY, DHCLIENT, Lease, NETWORKD, lease};
