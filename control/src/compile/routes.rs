//! Route tables: those of subnets, and that of the instances linked to a VPC.

use super::attachments::attachment_of;
use super::fabric::{fabric, to_the_internet};
use super::platform::{self, LINK_LOCAL};
use super::row::{EDGE_MTU, across, row};
use super::{sites, transit};
use ipnet::Ipv4Net;
use model::platform_host::CLASSIC_RESOLVER;
use model::{
    CLASSIC_RANGE, Destination, Model, Route as VpcRoute, RouteTable, Subnet, Target, Vpc, VpcPeeringConnection,
};
use std::collections::BTreeMap;
use wire::{AclId, Entry, Hop, NatId, NextHop, Route, Segment, SegmentId, TableId, VrfId};

/// A subnet's segment, and a table with the routes of its route table. Changing either of them recompiles no instance.
pub(super) fn subnet(model: &Model, subnet: &Subnet) -> Vec<Entry> {
    let mut entries = Vec::new();
    if let Some(acl) = model.acl_of_subnet(&subnet.id) {
        let segment = Segment { acl: AclId(acl.number) };
        entries.push(Entry::Segment(SegmentId(subnet.number), segment));
    }
    if let (Some(table), Some(vpc)) = (model.route_table_of(&subnet.id), model.vpcs.get(&subnet.vpc)) {
        let place = Place { vpc, zone: &subnet.zone, table };
        let own = [platform::services(), platform::resolver(vpc.resolver())];
        let mut rows = rows(model, &place, |route, prefix| vpc_row(model, &place, route, prefix));
        rows.extend(own.map(|row| (row.prefix, row)));
        entries.push(Entry::Table(TableId(subnet.number), rows.into_values().collect()));
    }
    entries
}

/// The place in a VPC where a route table is used.
pub(super) struct Place<'a> {
    pub vpc: &'a Vpc,
    pub zone: &'a str,
    pub table: &'a RouteTable,
}

/// The rows of a VPC's route table. `of` gives the rows of each route.
pub(super) fn rows(
    model: &Model,
    place: &Place<'_>,
    of: impl Fn(&VpcRoute, Ipv4Net) -> Vec<Route>,
) -> BTreeMap<Ipv4Net, Route> {
    let mut rows = BTreeMap::new();
    let (lists, blocks) = by_destination(place.table);
    for route in blocks.into_iter().chain(lists) {
        for prefix in prefixes(model, place.vpc, &route.destination) {
            for row in of(route, prefix).into_iter().filter(|row| !LINK_LOCAL.contains(&row.prefix)) {
                rows.entry(row.prefix).or_insert(row);
            }
        }
    }
    rows
}

/// A table's routes by prefix list and by block. Where both have a destination, the block's route wins.
fn by_destination(table: &RouteTable) -> (Vec<&VpcRoute>, Vec<&VpcRoute>) {
    table.effective_routes().partition(|route| matches!(route.destination, Destination::PrefixList(_)))
}

/// The row of a route for a prefix, and rows for the sites behind its gateway.
pub(super) fn vpc_row(model: &Model, place: &Place<'_>, route: &VpcRoute, prefix: Ipv4Net) -> Vec<Route> {
    let Place { vpc, table, .. } = *place;
    let from = VrfId(vpc.number);
    let to = |next_hop| row(prefix, from, next_hop);
    let limited = |mtu, next_hop| Route { mtu: Some(mtu), ..to(next_hop) };
    if !model.route_is_active(table, route) {
        return vec![to(NextHop::Blackhole)];
    }
    let found = match &route.target {
        Target::Local if prefix == CLASSIC_RANGE => {
            Some(limited(model.platform.link_mtu, NextHop::Deliver(VrfId(vpc.links_number))))
        }
        Target::Local => Some(to(NextHop::Deliver(from))),
        Target::InternetGateway(_) => Some(to_the_internet(prefix, from)),
        Target::NetworkInterface(id) => attachment_of(model, id).map(|attachment| to(NextHop::Via(attachment))),
        Target::VpcPeeringConnection(id) => peer(model, id, &vpc.id).map(|(peering, side)| {
            let row = to(NextHop::Deliver(VrfId(side.number)));
            if peering.in_one_region() { row } else { across(Hop::Silent, row) }
        }),
        Target::NatGateway(id) => open_nat(model, id).map(|nat| limited(EDGE_MTU, NextHop::Translate(nat))),
        Target::VpnGateway(_) => return sites::rows(model, table, route, from, prefix),
        Target::TransitGateway(id) => transit::towards(model, id, (vpc, place.zone), prefix),
        Target::VpcEndpoint(id) => {
            model.vpc_endpoints.get(id).map(|endpoint| to(NextHop::Translate(NatId(endpoint.number))))
        }
        // One is for IPv6 only, the other for zones that are not here.
        Target::EgressOnlyInternetGateway(_) | Target::CarrierGateway(_) => None,
    };
    vec![found.unwrap_or(to(NextHop::Blackhole))]
}

/// A NAT gateway, unless the account blocks it from the Internet (VPC Block Public Access).
fn open_nat(model: &Model, id: &str) -> Option<NatId> {
    let gateway = model.nat_gateways.get(id)?;
    (!model.blocks_nat_gateway(gateway)).then_some(NatId(gateway.number))
}

/// The IPv4 prefixes of a route's destination. The part of a prefix list within the VPC stays local.
fn prefixes(model: &Model, vpc: &Vpc, destination: &Destination) -> Vec<Ipv4Net> {
    match destination {
        Destination::V4(prefix) => vec![*prefix],
        Destination::V6(_) => Vec::new(),
        Destination::PrefixList(list) => {
            let mut blocks = model.prefix_list(&vpc.scope.region, list);
            blocks.retain(|block| !vpc.covers(block));
            blocks
        }
    }
}

/// A peering connection, and the VPC at its other end.
fn peer<'a>(model: &'a Model, id: &str, vpc: &str) -> Option<(&'a VpcPeeringConnection, &'a Vpc)> {
    let peering = model.peerings.get(id)?;
    Some((peering, model.vpcs.get(&peering.peer_of(vpc)?.vpc)?))
}

/// The routes of the instances linked to a VPC (semantics.md §5.3): to the VPC's blocks, through the link; to peer
/// VPCs, by the main table's routes, where the peering options allow it; and those of an instance that is not linked.
pub(super) fn linked_table(model: &Model, vpc: &Vpc) -> Entry {
    let into = VrfId(vpc.number);
    let mtu = Some(model.platform.link_mtu);
    let by_link = |prefix, to| Route { mtu, ..row(prefix, into, NextHop::Deliver(to)) };
    let classic = model.platform.classic_network(&vpc.scope.region);
    let fabric: Vec<Route> = classic.map(|classic| fabric(VrfId(classic)).into()).unwrap_or_default();
    let mut rows: BTreeMap<Ipv4Net, Route> = fabric.iter().map(|row| (row.prefix, *row)).collect();
    let mut reached = vec![vpc];
    let (lists, blocks) = model.main_route_table(&vpc.id).map(by_destination).unwrap_or_default();
    for route in lists.into_iter().chain(blocks) {
        for prefix in prefixes(model, vpc, &route.destination) {
            // The platform's own addresses belong to nobody else, and the VPC's are reached through the link itself.
            if prefix == CLASSIC_RESOLVER.into() || LINK_LOCAL.contains(&prefix) || vpc.covers(&prefix) {
                continue;
            }
            // A route of the main table to another target does not apply to links, and hides wider routes that do.
            let as_unlinked = longest(&fabric, &prefix);
            let peer = open_peering(model, vpc, route);
            let row = match peer {
                Some(peer) => Some(by_link(prefix, VrfId(peer.number))),
                None => as_unlinked.map(|row| Route { prefix, ..*row }),
            };
            rows.extend(row.map(|row| (prefix, row)));
            reached.extend(peer);
        }
    }
    rows.extend(vpc.blocks().map(|block| (block, by_link(block, into))));
    let kept: Vec<Ipv4Net> = reached.iter().flat_map(|there| kept_from_links(model, there, &rows)).collect();
    rows.extend(kept.into_iter().map(|address| (address, row(address, into, NextHop::Blackhole))));
    Entry::Table(TableId(vpc.number), rows.into_values().collect())
}

/// The addresses of a VPC that linked instances do not reach although these routes lead there: its interface endpoints
/// (M24). Another VPC that routes lead to may have the same addresses.
fn kept_from_links<'a>(
    model: &'a Model,
    vpc: &'a Vpc,
    rows: &'a BTreeMap<Ipv4Net, Route>,
) -> impl Iterator<Item = Ipv4Net> + 'a {
    let into = NextHop::Deliver(VrfId(vpc.number));
    let addresses = model.endpoint_addresses(&vpc.id).map(|(address, _)| Ipv4Net::from(address));
    addresses.filter(move |address| longest(rows.values(), address).is_some_and(|row| row.next_hop == into))
}

/// The route with the longest prefix around a block.
fn longest<'r>(routes: impl IntoIterator<Item = &'r Route>, block: &Ipv4Net) -> Option<&'r Route> {
    let around = routes.into_iter().filter(|route| route.prefix.contains(block));
    around.max_by_key(|route| route.prefix.prefix_len())
}

/// The peer VPC that a route leads linked instances to, if the peering options allow it (M29).
fn open_peering<'a>(model: &'a Model, vpc: &Vpc, route: &VpcRoute) -> Option<&'a Vpc> {
    let Target::VpcPeeringConnection(id) = &route.target else { return None };
    let (peering, peer) = peer(model, id, &vpc.id)?;
    let open = peering.is_active() && peering.side_of(&vpc.id)?.options.links_to_peer;
    open.then_some(peer)
}
