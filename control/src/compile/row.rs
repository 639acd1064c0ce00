//! Rows of route tables.

use ipnet::Ipv4Net;
use std::net::Ipv4Addr;
use wire::{Hop, NextHop, Route, VrfId};

/// The MTU at the Internet's edge, in bytes (semantics.md §11).
pub(super) const EDGE_MTU: u16 = 1500;

/// The cloud's end of a VPN connection as `traceroute` shows it: an address inside the tunnel, the same for all
/// (semantics.md §11).
const VPN_ROUTER: Ipv4Addr = Ipv4Addr::new(169, 254, 44, 1);
/// The cloud's end of a VPN connection, as a router that hosts see.
pub(super) const VPN_HOP: Hop = Hop::Answering(VPN_ROUTER);

/// A route without a visible router.
pub(super) fn row(prefix: Ipv4Net, from: VrfId, next_hop: NextHop) -> Route {
    Route { prefix, from, next_hop, mtu: None, hop: Hop::Invisible }
}

/// A route across an edge, with a visible router (semantics.md §11).
pub(super) fn across(hop: Hop, row: Route) -> Route {
    Route { mtu: Some(EDGE_MTU), hop, ..row }
}
