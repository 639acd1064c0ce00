//! Route tables: those of subnets, and that of the instances linked to a VPC.

use super::outside::{THE_INTERNET, fabric};
use crate::model::{CLASSIC_RANGE, Destination, Model, Region, Route as VpcRoute, RouteTable, Subnet, Target, Vpc};
use dataplane::policy::{AclId, Change, NextHop, Route, Segment, SegmentId, TableId, VrfId};
use ipnet::Ipv4Net;

/// What crosses the Internet's edge is no larger, in bytes (semantics.md §11).
pub(super) const EDGE_MTU: u16 = 1500;
/// What crosses a link is no larger, in bytes (semantics.md §11).
pub(super) const LINK_MTU: u16 = 1500;

/// A route without a limit of its own.
pub(super) fn row(prefix: Ipv4Net, from: VrfId, next_hop: NextHop) -> Route {
    Route { prefix, from, next_hop, mtu: None }
}

/// A subnet's segment, and a table with the rows of the route table it uses: so a change of that, or of which it is, touches no
/// instance.
pub(super) fn subnet(model: &Model, subnet: &Subnet) -> Vec<Change> {
    let mut changes = Vec::new();
    if let Some(acl) = model.acl_of_subnet(&subnet.id) {
        let segment = Segment { acl: AclId(acl.number) };
        changes.push(Change::SetSegment(SegmentId(subnet.number), segment));
    }
    if let (Some(table), Some(vpc)) = (model.route_table_of(&subnet.id), model.vpcs.get(&subnet.vpc)) {
        changes.push(Change::SetTable(TableId(subnet.number), vpc_rows(model, vpc, table)));
    }
    changes
}

fn vpc_rows(model: &Model, vpc: &Vpc, table: &RouteTable) -> Vec<Route> {
    let mut rows: Vec<Route> = Vec::with_capacity(table.routes.len());
    for route in &table.routes {
        let Destination::V4(prefix) = route.destination else { continue };
        // Of two of one destination the first is the one in force: propagated routes come after the others (semantics.md §5.1).
        if rows.iter().all(|row| row.prefix != prefix) {
            rows.push(vpc_row(model, vpc, prefix, route));
        }
    }
    rows
}

fn vpc_row(_model: &Model, vpc: &Vpc, prefix: Ipv4Net, route: &VpcRoute) -> Route {
    let from = VrfId(vpc.number);
    match &route.target {
        Target::Local if prefix == CLASSIC_RANGE => {
            let linked = NextHop::Deliver(VrfId(vpc.links_number));
            Route { mtu: Some(LINK_MTU), ..row(prefix, from, linked) }
        }
        Target::Local => row(prefix, from, NextHop::Deliver(from)),
        Target::InternetGateway(_) => Route { mtu: Some(EDGE_MTU), ..row(prefix, from, NextHop::Edge(THE_INTERNET)) },
        _ => row(prefix, from, NextHop::Blackhole),
    }
}

/// Where the instances linked to a VPC can send (semantics.md §5.3): to the VPC's blocks by the link, else as if not linked.
pub(super) fn linked_table(_model: &Model, vpc: &Vpc) -> Change {
    let into = VrfId(vpc.number);
    let mut rows: Vec<Route> = Region::named(&vpc.scope.region)
        .and_then(Region::classic)
        .map(|classic| fabric(VrfId(classic)).into())
        .unwrap_or_default();
    let blocks = vpc.blocks().map(|block| Route { mtu: Some(LINK_MTU), ..row(block, into, NextHop::Deliver(into)) });
    rows.extend(blocks);
    Change::SetTable(TableId(vpc.number), rows)
}
