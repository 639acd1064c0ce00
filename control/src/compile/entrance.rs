//! The tables for packets that transit gateways bring into VPCs.

use super::routes::{self, Place};
use super::row::row;
use model::{CLASSIC_RANGE, Model, Target, TransitGatewayAttachment};
use wire::{Entry, NextHop, TableId, VrfId};

/// The table for packets that an attachment brings into its VPC. They follow the route table of its subnet to the VPC's
/// own addresses, to an appliance, or through a NAT gateway. They are not the VPC's own packets, so no other edge takes
/// them, and no route leads them to linked instances. Of several subnets the first one's table applies.
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
