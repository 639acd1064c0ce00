//! What hosts are told when they start, as DHCP tells it elsewhere: their name, and whom to ask for others.

mod files;
mod lease;

pub use files::Leases;
pub use lease::{CHRONY, DHCLIENT, Lease, NETWORKD, lease};
