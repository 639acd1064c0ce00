//! Transit gateways: a table for each route table of theirs. Senders keep their own address space and policy. The tables
//! only lead packets on: into a VPC, to a site, to a peer gateway's table.

use super::row::{EDGE_MTU, VPN_HOP, across, row};
use ipnet::{IpNet, Ipv4Net};
use model::{CustomerGateway, Model, TransitEnd, TransitGatewayRouteTable, TransitResource, Vpc};
use std::collections::BTreeMap;
use wire::{Entry, Hop, NextHop, Route, TableId, VrfId};

/// The MTU between VPCs in bytes (semantics.md §6.1).
const MTU: u16 = 8500;

/// The row of a route to a transit gateway, if the gateway accepts packets from the VPC and the zone. The gateway is a router
/// that does not answer.
pub(super) fn towards(model: &Model, gateway: &str, (vpc, zone): (&Vpc, &str), prefix: Ipv4Net) -> Option<Route> {
    let attachment = model.transit_attachment_of(gateway, &vpc.id)?;
    let table = model.transit_route_tables.get(attachment.association.as_ref()?)?;
    let onward = row(prefix, VrfId(vpc.number), NextHop::Forward(TableId(table.number)));
    model.transits_zone(attachment, zone).then_some(Route { mtu: Some(MTU), hop: Hop::Silent, ..onward })
}

/// A gateway's own table: every route leads to what its attachment joins to the gateway.
pub(super) fn table(model: &Model, table: &TransitGatewayRouteTable) -> Entry {
    let from = VrfId(table.number);
    let rows = model.transit_routes(table).into_iter().filter_map(|route| {
        let IpNet::V4(prefix) = route.destination else { return None };
        let end =
            route.attachment.and_then(|id| model.transit_end(&id, &table.gateway)).filter(TransitEnd::is_available);
        let found = end.and_then(|end| onward(model, &end, from, prefix));
        Some(found.unwrap_or(row(prefix, from, NextHop::Blackhole)))
    });
    Entry::Table(TableId(table.number), rows.collect())
}

/// The row that leads to an attachment. A peer is one more router that does not answer. A VPN connection ends on the
/// gateway itself.
fn onward(model: &Model, end: &TransitEnd, from: VrfId, prefix: Ipv4Net) -> Option<Route> {
    let to = |next_hop| row(prefix, from, next_hop);
    match &end.resource {
        TransitResource::Vpc(_) => {
            let attachment = model.transit_attachments.get(&end.id)?;
            Some(to(NextHop::Forward(TableId(attachment.number))))
        }
        TransitResource::Vpn(connection) => {
            let site = model.customer_gateways.get(&model.vpn_connections.get(connection)?.customer_gateway)?;
            Some(Route { mtu: Some(EDGE_MTU), ..to(NextHop::Deliver(VrfId(site.number))) })
        }
        TransitResource::Connect(_) => None,
        TransitResource::Peer(gateway, _) => {
            let table = associated(model, &model.transit_end(&end.id, gateway)?)?;
            Some(Route { hop: Hop::Silent, ..to(NextHop::Forward(TableId(table.number))) })
        }
    }
}

/// The table that is associated with an attachment.
fn associated<'a>(model: &'a Model, end: &TransitEnd) -> Option<&'a TransitGatewayRouteTable> {
    model.transit_route_tables.get(end.association.as_ref()?)
}

/// The prefixes that a site's hosts reach by their VPN connections to transit gateways: those that the associated table
/// has a route for, without the site itself. The default route is the site's own.
pub(super) fn of_site(model: &Model, site: &CustomerGateway) -> BTreeMap<Ipv4Net, Route> {
    let from = VrfId(site.number);
    let mut rows = BTreeMap::new();
    let connections = model.vpn_connections.by(&site.id).filter(|vpn| vpn.is_up());
    for attachment in connections.flat_map(|vpn| model.transit_vpns.by(&vpn.id)) {
        let own = model.site_prefixes(&attachment.connection).into_iter();
        rows.extend(own.map(|prefix| (prefix, row(prefix, from, NextHop::Deliver(from)))));
        let Some(table) = associated(model, &TransitEnd::from(attachment)) else { continue };
        for route in model.transit_routes(table) {
            let IpNet::V4(prefix) = route.destination else { continue };
            if route.attachment.as_ref() != Some(&attachment.id) {
                let to = row(prefix, from, NextHop::Forward(TableId(table.number)));
                rows.entry(prefix).or_insert(across(VPN_HOP, to));
            }
        }
    }
    rows
}
