//! Remote sites behind customer gateways: an address space each, joined to VPCs by VPN connections.

use super::fabric::{EDGE_MTU, row};
use crate::model::{CustomerGateway, Model, Route as VpcRoute, RouteTable, Target, VpnConnection};
use dataplane::policy::{Change, NextHop, Route, TableId, VrfId};
use ipnet::Ipv4Net;
use std::collections::BTreeMap;

/// The route table of a site's hosts: to the VPCs that it has a connection to, and among themselves.
pub(super) fn table(model: &Model, site: &CustomerGateway) -> Change {
    let from = VrfId(site.number);
    let mut rows = BTreeMap::from([(Ipv4Net::default(), row(Ipv4Net::default(), from, NextHop::Deliver(from)))]);
    let connections = model.vpn_connections.by(&site.id).filter(|vpn| vpn.is_up());
    let gateways = connections.filter_map(|vpn| model.vpn_gateways.get(&vpn.vpn_gateway));
    for vpc in gateways.filter_map(|gateway| model.vpcs.get(gateway.vpc.as_ref()?)) {
        for block in vpc.blocks() {
            let to = Route { mtu: Some(EDGE_MTU), ..row(block, from, NextHop::Deliver(VrfId(vpc.number))) };
            // Of two VPCs of the same block a site can reach but one.
            rows.entry(block).or_insert(to);
        }
    }
    Change::SetTable(TableId(site.number), rows.into_values().collect())
}

/// Where a row that leads to a virtual private gateway really leads: to the site of its own destination and, for what of the row's
/// destination belongs to other sites, there.
pub(super) fn ways(model: &Model, table: &RouteTable, route: &VpcRoute, prefix: Ipv4Net) -> Vec<(Ipv4Net, NextHop)> {
    let Target::VpnGateway(gateway) = &route.target else { return Vec::new() };
    let to = |net: Ipv4Net| {
        let site = model.site_for(gateway, net);
        (net, site.map_or(NextHop::Blackhole, |site| NextHop::Deliver(VrfId(site.number))))
    };
    let behind = model.connections_of(gateway).flat_map(|vpn: &VpnConnection| vpn.routes.iter().copied());
    let inside = behind.filter(|net| *net != prefix && prefix.contains(net) && table.longest(net) == Some(route));
    std::iter::once(prefix).chain(inside).map(to).collect()
}
