//! Route tables of Internet and virtual private gateways, for what they let into their VPC. A route there to a network
//! interface puts a middlebox between the gateway and the VPC's instances.

use super::attachments::attachment_of;
use super::fabric::THE_INTERNET;
use ipnet::Ipv4Net;
use model::{Destination, Model, NetworkInterface, Target, Vpc};
use std::net::Ipv4Addr;
use wire::{AttachmentId, Endpoint, Entry, NextHop, VrfId};

/// An interface's public addresses on the Internet. Where the gateway's route leads to a middlebox, packets arrive there.
pub(super) fn endpoints(model: &Model, interface: &NetworkInterface) -> Vec<Entry> {
    let entrance = |own: Ipv4Addr| {
        let gateway = model.internet_gateway_of(&interface.vpc)?;
        let route = model.route_table_of_gateway(&gateway.id).and_then(|table| table.longest(&own.into()));
        match route.map(|route| &route.target) {
            Some(Target::NetworkInterface(id)) => attachment_of(model, id),
            _ => Some(AttachmentId(interface.number)),
        }
    };
    let endpoint = |(own, public): (Ipv4Addr, Ipv4Addr)| {
        Some(Entry::Address(THE_INTERNET, public, Endpoint::Public(entrance(own)?, own)))
    };
    public_addresses(model, interface).filter_map(endpoint).collect()
}

/// The private addresses whose packets leave by this interface as if from their public ones: its own, or those of the
/// whole VPC if it forwards for others.
pub(super) fn translated(model: &Model, interface: &NetworkInterface) -> Vec<(Ipv4Addr, Ipv4Addr)> {
    if interface.source_dest_check {
        return public_addresses(model, interface).collect();
    }
    let whole_vpc = model.network_interfaces.by(&interface.vpc);
    whole_vpc.flat_map(|interface| public_addresses(model, interface)).collect()
}

/// An interface's private addresses and their public ones. Without a way to the Internet a public address has no owner.
fn public_addresses(model: &Model, interface: &NetworkInterface) -> impl Iterator<Item = (Ipv4Addr, Ipv4Addr)> {
    let is_open = model.internet_gateway_of(&interface.vpc).is_some() && !model.blocks_interface(interface);
    interface.public.iter().filter(move |_| is_open).map(|(own, public)| (*own, public.address))
}

/// Where a virtual private gateway's packets go in its VPC. Of two ways to one block the first one counts.
pub(super) fn routes_in(model: &Model, gateway: &str, vpc: &Vpc) -> Vec<(Ipv4Net, NextHop)> {
    let routes = model.route_table_of_gateway(gateway).into_iter().flat_map(|table| &table.routes);
    let by_middleboxes = routes.filter_map(|route| match (&route.destination, &route.target) {
        (Destination::V4(net), Target::NetworkInterface(id)) => {
            Some((*net, attachment_of(model, id).map_or(NextHop::Blackhole, NextHop::Via)))
        }
        _ => None,
    });
    let straight = vpc.blocks().map(|block| (block, NextHop::Deliver(VrfId(vpc.number))));
    by_middleboxes.chain(straight).collect()
}
