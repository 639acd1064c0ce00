//! Names that addresses have in the platform's DNS (semantics.md §7.1).

use crate::model::Region;
use std::net::Ipv4Addr;

/// `ip-10-251-50-12.ec2.internal`
pub fn private_name(region: &str, address: Ipv4Addr) -> String {
    named("ip", address, Region::named(region).map(Region::private_domain))
}

/// `ec2-203-0-113-25.compute-1.amazonaws.com`
pub fn public_name(region: &str, address: Ipv4Addr) -> String {
    named("ec2", address, Region::named(region).map(Region::public_domain))
}

/// All rows are of Regions that there are.
fn named(kind: &str, address: Ipv4Addr, domain: Option<String>) -> String {
    format!("{kind}-{}.{}", address.to_string().replace('.', "-"), domain.unwrap_or_default())
}
