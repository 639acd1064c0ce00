//! Transit gateways: a table for each of theirs, and one for what each attachment brings into its VPC. Senders keep their own address
//! space and policy; the tables only lead their packets on.

use super::fabric::row;
use super::routes::{self, Place};
use ipnet::{IpNet, Ipv4Net};
use model::{CLASSIC_RANGE, Model, Target, TransitGatewayAttachment, TransitGatewayRouteTable};
use wire::{Entry, Hop, NextHop, Route, TableId, VrfId};

/// The largest packet between VPCs, in bytes (semantics.md §6.1).
const MTU: u16 = 8500;

/// The row for a route to a transit gateway, if that takes packets of this place. It is a router, and tells nobody so.
pub(super) fn towards(model: &Model, gateway: &str, place: &Place<'_>, prefix: Ipv4Net) -> Option<Route> {
    let attachment = model.transit_attachment_of(gateway, &place.vpc.id)?;
    let table = model.transit_route_tables.get(attachment.association.as_ref()?)?;
    let onward = row(prefix, VrfId(place.vpc.number), NextHop::Forward(TableId(table.number)));
    model.transits_zone(attachment, place.zone).then_some(Route { mtu: Some(MTU), hop: Hop::Silent, ..onward })
}

/// A gateway's own table: for every route the table of the attachment that it leads to.
pub(super) fn table(model: &Model, table: &TransitGatewayRouteTable) -> Entry {
    let rows = model.transit_routes(table).into_iter().filter_map(|route| {
        let IpNet::V4(prefix) = route.destination else { return None };
        let attachment = route.attachment.and_then(|id| model.transit_attachments.get(&id));
        let next_hop = attachment.map(|attachment| NextHop::Forward(TableId(attachment.number)));
        Some(row(prefix, VrfId(table.number), next_hop.unwrap_or(NextHop::Blackhole)))
    });
    Entry::Table(TableId(table.number), rows.collect())
}

/// What an attachment brings into its VPC goes on by the route table of its subnet, as far as it may: to the VPC's own addresses, to
/// an appliance, through a NAT gateway. It is not the VPC's own, so no other edge takes it, and nothing leads it to what is linked.
/// Of several subnets the first one's table counts.
pub(super) fn entrance(model: &Model, attachment: &TransitGatewayAttachment) -> Option<Entry> {
    let subnet = model.subnets.get(&attachment.subnets.first()?.subnet)?;
    let (vpc, table) = (model.vpcs.get(&attachment.vpc)?, model.route_table_of(&subnet.id)?);
    let place = Place { vpc, zone: &subnet.zone, table };
    let rows = routes::rows(model, &place, |route, prefix| match &route.target {
        Target::Local if prefix == CLASSIC_RANGE => Vec::new(),
        Target::Local | Target::NetworkInterface(_) | Target::NatGateway(_) => {
            routes::vpc_row(model, &place, route, prefix)
        }
        _ => vec![row(prefix, VrfId(vpc.number), NextHop::Blackhole)],
    });
    Some(Entry::Table(TableId(attachment.number), rows.into_values().collect()))
}
