//! ClassicLink: a running Classic instance gets a place in a VPC of its account and Region (semantics.md §1.5, §2, §5.2).

use super::{Model, Vpc};
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

/// The addresses of EC2-Classic, 10.0.0.0/8.
pub const CLASSIC_RANGE: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8);

impl Model {
    /// Whether the route tables of a VPC hold 10.0.0.0/8 → local. Derived, never counted, so that it cannot go wrong.
    pub(super) fn needs_classic_route(&self, vpc: &Vpc) -> bool {
        vpc.classic_link
    }
}
