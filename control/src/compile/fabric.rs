//! The networks outside VPCs, the Internet and EC2-Classic, and the routes to them.

use super::platform;
use super::row::{across, row};
use ipnet::Ipv4Net;
use model::platform_host::CLASSIC_RESOLVER;
use model::{CLASSIC_RANGE, INTERNET, INTERNET_ROUTER};
use std::net::Ipv4Addr;
use wire::{Hop, NextHop, Route, VrfId};

/// The Internet's address space.
pub(super) const THE_INTERNET: VrfId = VrfId(INTERNET);
/// The router of EC2-Classic in ICMP errors: an address that no instance there ever has.
pub(super) const CLASSIC_ROUTER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

/// A route across the Internet's edge.
pub(super) fn to_the_internet(prefix: Ipv4Net, from: VrfId) -> Route {
    across(Hop::Answering(INTERNET_ROUTER), row(prefix, from, NextHop::Edge(THE_INTERNET)))
}

/// The routes of every Classic instance, linked or not: to the platform's services, to EC2-Classic, to the Internet.
/// The resolver's route precedes all others (semantics.md §7.4).
pub(super) fn fabric(classic: VrfId) -> [Route; 4] {
    [
        platform::services(),
        platform::resolver(CLASSIC_RESOLVER),
        row(CLASSIC_RANGE, classic, NextHop::Deliver(classic)),
        to_the_internet(Ipv4Net::default(), classic),
    ]
}
