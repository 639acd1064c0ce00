//! Remote sites behind customer gateways: an address space each, joined to VPCs and transit gateways by VPN connections.

use super::row::{VPN_HOP, across, row};
use super::{edges, platform, transit};
use ipnet::Ipv4Net;
use model::platform_host::INTERNET_RESOLVER;
use model::{CustomerGateway, Model, Route as VpcRoute, RouteTable, Target, VpnConnection};
use std::collections::BTreeMap;
use wire::{Entry, NextHop, Route, TableId, VrfId};

/// The route table of a site's hosts: to the networks that it has connections to, and among themselves.
pub(super) fn table(model: &Model, site: &CustomerGateway) -> Entry {
    let from = VrfId(site.number);
    let own = [platform::resolver(INTERNET_RESOLVER), row(Ipv4Net::default(), from, NextHop::Deliver(from))];
    let mut rows: BTreeMap<Ipv4Net, Route> = own.into_iter().map(|row| (row.prefix, row)).collect();
    let connections = model.vpn_connections.by(&site.id).filter(|vpn| vpn.is_up());
    let gateways = connections.filter_map(|vpn| model.vpn_gateways.get(vpn.vpn_gateway.as_ref()?));
    for (gateway, vpc) in gateways.filter_map(|gateway| Some((gateway, model.vpcs.get(gateway.vpc.as_ref()?)?))) {
        for (block, next_hop) in edges::routes_in(model, &gateway.id, vpc) {
            // If two VPCs have the same block, a site can reach only one of them.
            rows.entry(block).or_insert(across(VPN_HOP, row(block, from, next_hop)));
        }
    }
    for (prefix, to) in transit::of_site(model, site) {
        rows.entry(prefix).or_insert(to);
    }
    Entry::Table(TableId(site.number), rows.into_values().collect())
}

/// The rows of a route to a virtual private gateway: to the site of its destination, and to other sites for their parts
/// of the destination.
pub(super) fn rows(model: &Model, table: &RouteTable, route: &VpcRoute, from: VrfId, prefix: Ipv4Net) -> Vec<Route> {
    let Target::VpnGateway(gateway) = &route.target else { return Vec::new() };
    let to = |net: Ipv4Net| {
        let Some(site) = model.site_for(gateway, net) else { return row(net, from, NextHop::Blackhole) };
        across(VPN_HOP, row(net, from, NextHop::Deliver(VrfId(site.number))))
    };
    let behind = model.connections_of(gateway).flat_map(|vpn: &VpnConnection| vpn.routes.iter().copied());
    let inside = behind.filter(|net| *net != prefix && prefix.contains(net) && table.longest(net) == Some(route));
    std::iter::once(prefix).chain(inside).map(to).collect()
}
