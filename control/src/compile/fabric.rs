//! What all VPCs share: the Internet and the EC2-Classic network, and their routes.

use super::platform;
use crate::model::{CLASSIC_RANGE, INTERNET};
use crate::platform::CLASSIC_RESOLVER;
use dataplane::policy::{NextHop, Route, VrfId};
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

/// The Internet's address space.
pub(super) const THE_INTERNET: VrfId = VrfId(INTERNET);
/// Routers of EC2-Classic, as ICMP errors show them: an address that no instance there ever has.
pub(super) const CLASSIC_ROUTER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
/// The MTU at the Internet's edge, in bytes (semantics.md §11).
pub(super) const EDGE_MTU: u16 = 1500;

/// A route without a limit of its own.
pub(super) fn row(prefix: Ipv4Net, from: VrfId, next_hop: NextHop) -> Route {
    Route { prefix, from, next_hop, mtu: None }
}

/// The routes of every Classic instance, linked or not: to the platform's services, to its own network, to the Internet. Its
/// resolver beats every other route (semantics.md §7.4).
pub(super) fn fabric(classic: VrfId) -> [Route; 4] {
    [
        platform::services(),
        platform::resolver(CLASSIC_RESOLVER),
        row(CLASSIC_RANGE, classic, NextHop::Deliver(classic)),
        Route { mtu: Some(EDGE_MTU), ..row(Ipv4Net::default(), classic, NextHop::Edge(THE_INTERNET)) },
    ]
}
