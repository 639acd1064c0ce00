//! Remote sites behind customer gateways: an address space each, joined to VPCs by VPN connections.

use super::fabric::{VPN_ROUTER, across, row};
use super::platform;
use ipnet::Ipv4Net;
use model::platform_host::INTERNET_RESOLVER;
use model::{CustomerGateway, Model, Route as VpcRoute, RouteTable, Target, VpnConnection};
use std::collections::BTreeMap;
use wire::{Entry, Hop, NextHop, Route, TableId, VrfId};

/// The route table of a site's hosts: to the VPCs that it has a connection to, and among themselves.
pub(super) fn table(model: &Model, site: &CustomerGateway) -> Entry {
    let from = VrfId(site.number);
    let own = [platform::resolver(INTERNET_RESOLVER), row(Ipv4Net::default(), from, NextHop::Deliver(from))];
    let mut rows: BTreeMap<Ipv4Net, Route> = own.into_iter().map(|row| (row.prefix, row)).collect();
    let connections = model.vpn_connections.by(&site.id).filter(|vpn| vpn.is_up());
    let gateways = connections.filter_map(|vpn| model.vpn_gateways.get(&vpn.vpn_gateway));
    for vpc in gateways.filter_map(|gateway| model.vpcs.get(gateway.vpc.as_ref()?)) {
        for block in vpc.blocks() {
            let to = across(Hop::Answering(VPN_ROUTER), row(block, from, NextHop::Deliver(VrfId(vpc.number))));
            // Of two VPCs of the same block a site can reach but one.
            rows.entry(block).or_insert(to);
        }
    }
    Entry::Table(TableId(site.number), rows.into_values().collect())
}

/// The rows for a route to a virtual private gateway: to the site of its destination and, for what of the destination belongs to
/// other sites, there.
pub(super) fn rows(model: &Model, table: &RouteTable, route: &VpcRoute, from: VrfId, prefix: Ipv4Net) -> Vec<Route> {
    let Target::VpnGateway(gateway) = &route.target else { return Vec::new() };
    let to = |net: Ipv4Net| {
        let Some(site) = model.site_for(gateway, net) else { return row(net, from, NextHop::Blackhole) };
        across(Hop::Answering(VPN_ROUTER), row(net, from, NextHop::Deliver(VrfId(site.number))))
    };
    let behind = model.connections_of(gateway).flat_map(|vpn: &VpnConnection| vpn.routes.iter().copied());
    let inside = behind.filter(|net| *net != prefix && prefix.contains(net) && table.longest(net) == Some(route));
    std::iter::once(prefix).chain(inside).map(to).collect()
}
