//! The kinds of ways by which traffic leaves a network interface: the numbers of a record's `traffic-path`
//! (semantics.md §11).

use ipnet::Ipv4Net;
use model::{CLASSIC_RANGE, Destination, Field, InstanceType, Model, NetworkInterface, Route, Target};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// The numbers of an interface's ways, by the routes of its subnet. There are none unless a flow log asks for them.
#[derive(Default)]
pub(super) struct TrafficPaths(BTreeMap<Ipv4Net, Option<u8>>);

impl TrafficPaths {
    pub(super) fn of(model: &Model, interface: &NetworkInterface) -> Self {
        let is_asked_for = model.flow_logs_of(interface).any(|log| log.format.contains(&Field::TrafficPath));
        let table = model.route_table_of(&interface.subnet).filter(|_| is_asked_for);
        let routes = table.into_iter().flat_map(|table| table.effective_routes());
        let (lists, blocks): (Vec<&Route>, Vec<&Route>) =
            routes.partition(|route| matches!(route.destination, Destination::PrefixList(_)));
        let is_nitro = is_on_nitro(model, interface);
        let mut numbers = BTreeMap::new();
        // Where a block and a prefix list have one destination, the block's route wins.
        for route in blocks.into_iter().chain(lists) {
            let prefixes = match &route.destination {
                Destination::V4(prefix) => vec![*prefix],
                Destination::V6(_) => Vec::new(),
                Destination::PrefixList(list) => model.prefix_list(&interface.scope.region, list),
            };
            for prefix in prefixes {
                numbers.entry(prefix).or_insert(number(model, route, is_nitro));
            }
        }
        Self(numbers)
    }

    /// The number of the way to a destination, if its kind has one.
    pub(super) fn to(&self, destination: Ipv4Addr) -> Option<u8> {
        let around = self.0.iter().filter(|(prefix, _)| prefix.contains(&destination));
        *around.max_by_key(|(prefix, _)| prefix.prefix_len())?.1
    }
}

fn is_on_nitro(model: &Model, interface: &NetworkInterface) -> bool {
    let instance = interface.instance().and_then(|id| model.instances.get(id));
    let its_type = instance.and_then(|instance| InstanceType::named(&instance.instance_type));
    its_type.is_some_and(InstanceType::is_nitro)
}

/// The number of a route's target. AWS has none for ClassicLink.
fn number(model: &Model, route: &Route, is_nitro: bool) -> Option<u8> {
    match &route.target {
        Target::Local if route.destination == Destination::V4(CLASSIC_RANGE) => None,
        Target::Local | Target::NetworkInterface(_) | Target::NatGateway(_) | Target::TransitGateway(_) => Some(1),
        Target::InternetGateway(_) => Some(if is_nitro { 8 } else { 2 }),
        Target::VpcEndpoint(_) => Some(if is_nitro { 7 } else { 2 }),
        Target::VpnGateway(_) => Some(3),
        Target::VpcPeeringConnection(id) => {
            model.peerings.get(id).map(|peering| if peering.in_one_region() { 4 } else { 5 })
        }
        Target::EgressOnlyInternetGateway(_) | Target::CarrierGateway(_) => None,
    }
}
