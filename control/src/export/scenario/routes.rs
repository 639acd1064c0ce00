//! Route tables.

use super::{Entries, Writer};
use model::{Destination, IdKind, Origin, Route, RouteTable, Subnet, Target};
use serde_json::{Map, Value as Json, json};

/// The kinds of targets of routes, besides instances.
const TARGETS: [IdKind; 5] = [
    IdKind::InternetGateway,
    IdKind::VpnGateway,
    IdKind::NatGateway,
    IdKind::NetworkInterface,
    IdKind::VpcPeeringConnection,
];

impl Writer<'_> {
    /// Route tables. Main ones are included if they were changed.
    pub(super) fn route_tables(&mut self) -> Entries {
        let tables = self.model.route_tables.iter().filter(|table| self.is_written(IdKind::Vpc, &table.vpc));
        let tables: Vec<&RouteTable> = tables.filter(|table| !is_as_made(table)).collect();
        tables.into_iter().map(|table| self.route_table(table)).collect()
    }

    fn route_table(&mut self, table: &RouteTable) -> (String, Json) {
        let routes: Map<String, Json> = table.routes.iter().filter_map(|route| self.route(table, route)).collect();
        let mut entry = json!({"VpcId": self.name(&table.vpc), "Routes": routes});
        let subnets = table.associations.iter().filter_map(|association| association.subnet.clone());
        let subnets = self.names_of(IdKind::Subnet, &table.id, &subnets.collect::<Vec<_>>());
        if !subnets.is_empty() {
            entry["SubnetIds"] = json!(subnets);
        }
        if table.is_main() {
            entry["main"] = json!(true);
        }
        let gateways = self.names_of(IdKind::VpnGateway, &table.id, &table.propagating);
        if !gateways.is_empty() {
            entry["propagates"] = json!(gateways);
        }
        for gateway in table.associations.iter().filter_map(|association| association.gateway.as_ref()) {
            self.of_gateway(&table.id, gateway);
        }
        self.entry(&table.id, entry)
    }

    /// A user's route. The platform makes its own routes, propagated ones, and those to endpoints.
    fn route(&mut self, table: &RouteTable, route: &Route) -> Option<(String, Json)> {
        let is_made =
            route.origin == Origin::EnableVgwRoutePropagation || matches!(route.target, Target::VpcEndpoint(_));
        if is_made || route.is_local() {
            return None;
        }
        let target = route.target.id().and_then(|id| self.target(id).or_else(|| self.gone(table, route)));
        match (&route.destination, target) {
            (Destination::V4(net), Some(target)) if !route.is_platforms() => Some((net.to_string(), json!(target))),
            (destination, _) => {
                let target = route.target.id().unwrap_or("local");
                self.leave_out(format!("{}: its route {destination} → {target}", table.id));
                None
            }
        }
    }

    /// The target of a route that leads nowhere. An interface of no instance stands for it, if its VPC has a subnet. A deleted
    /// peering connection may be a target in both of its VPCs, so each has an interface of its own.
    fn gone(&mut self, table: &RouteTable, route: &Route) -> Option<String> {
        let is_gone = matches!(route.destination, Destination::V4(_)) && !self.model.route_is_active(table, route);
        let target = route.target.id().filter(|_| is_gone)?;
        let has_room = |subnet: &&Subnet| subnet.vpc == table.vpc && self.is_written(IdKind::Subnet, &subnet.id);
        let subnet = self.model.subnets.iter().find(has_room)?.id.clone();
        let name = format!("{target}-in-{}", self.name(&table.vpc));
        self.gone.insert(name.clone(), subnet);
        Some(name)
    }

    /// Interfaces of no instance, which stand for the targets of routes that lead nowhere.
    pub(super) fn stand_ins(&mut self) -> Entries {
        let gone = std::mem::take(&mut self.gone);
        gone.into_iter().map(|(name, subnet)| (name, json!({"SubnetId": self.name(&subnet)}))).collect()
    }

    /// The name of a route's target, if it is written. An instance's only interface has the instance's name.
    fn target(&self, id: &str) -> Option<String> {
        let instance = self.model.network_interfaces.get(id).and_then(|interface| interface.instance());
        let own = instance
            .and_then(|id| self.model.instances.get(id)?.vpc())
            .map_or(&[][..], |place| place.interfaces.as_slice());
        match instance {
            Some(instance) if own == [id] => self.is_written(IdKind::Instance, instance).then(|| self.name(instance)),
            _ => TARGETS.iter().any(|kind| self.is_written(*kind, id)).then(|| self.name(id)),
        }
    }
}

/// Whether a route table is as the platform makes it with its VPC.
fn is_as_made(table: &RouteTable) -> bool {
    let is_only_main = table.is_main() && table.associations.len() == 1;
    is_only_main && table.propagating.is_empty() && table.routes.iter().all(Route::is_local)
}
