//! NAT gateways and gateway endpoints, both of which translate. A NAT gateway uses the route table of its subnet.

use super::fabric::THE_INTERNET;
use super::row::row;
use ipnet::Ipv4Net;
use model::{Model, NatGateway, VpcEndpoint};
use wire::{Endpoint, Entry, Nat, NatId, NextHop, SegmentId, TableId, VrfId};

/// The entries of a NAT gateway. One that is not available has none.
pub(super) fn gateway(model: &Model, gateway: &NatGateway) -> Vec<Entry> {
    let subnet = model.subnets.get(&gateway.subnet);
    let Some((subnet, private)) = subnet.zip(gateway.private).filter(|_| gateway.is_available()) else {
        return Vec::new();
    };
    let id = NatId(gateway.number);
    let nat = Nat {
        public: gateway.public,
        segment: Some(SegmentId(subnet.number)),
        private,
        table: TableId(subnet.number),
        visible: true,
    };
    // Replies come from where the gateway has its address: a private gateway in its VPC.
    let seen_in = match gateway.is_private() {
        true => model.vpcs.number(&gateway.vpc).map(VrfId),
        false => Some(THE_INTERNET),
    };
    let Some(seen_in) = seen_in else { return Vec::new() };
    vec![Entry::Nat(id, nat), Entry::Address(seen_in, gateway.public, Endpoint::Nat(id))]
}

/// The entries of a gateway endpoint. The service sees the endpoint's address and answers to it. Hosts see no router.
/// The endpoint's table leads to its VPC and to the platform's services, and it is in no subnet.
pub(super) fn endpoint(model: &Model, endpoint: &VpcEndpoint) -> Vec<Entry> {
    let place = model.vpcs.get(&endpoint.vpc).zip(endpoint.address);
    let Some((vpc, address)) = place else { return Vec::new() };
    let (id, table, inside) = (NatId(endpoint.number), TableId(endpoint.number), VrfId(vpc.number));
    let mut rows = vec![row(Ipv4Net::default(), inside, NextHop::Deliver(THE_INTERNET))];
    rows.extend(vpc.blocks().map(|block| row(block, inside, NextHop::Deliver(inside))));
    let nat = Nat { public: address, segment: None, private: address, table, visible: false };
    vec![Entry::Table(table, rows), Entry::Nat(id, nat), Entry::Address(THE_INTERNET, address, Endpoint::Nat(id))]
}
