//! Route tables.

use super::{Entries, Writer};
use crate::model::{Destination, Origin, Route, RouteTable, Target};
use serde_json::{Map, Value as Json, json};

impl Writer<'_> {
    pub(super) fn route_tables(&mut self) -> Entries {
        let tables = self.model.route_tables.iter().filter(|table| self.is_written(&table.vpc));
        let tables: Vec<&RouteTable> = tables.collect();
        tables.into_iter().map(|table| self.route_table(table)).collect()
    }

    fn route_table(&mut self, table: &RouteTable) -> (String, Json) {
        let routes: Map<String, Json> = table.routes.iter().filter_map(|route| self.route(table, route)).collect();
        let mut entry = json!({"VpcId": self.name(&table.vpc), "Routes": routes});
        let subnets = table.associations.iter().filter_map(|association| association.subnet.as_ref());
        let subnets: Vec<String> = subnets.map(|subnet| self.name(subnet)).collect();
        if !subnets.is_empty() {
            entry["SubnetIds"] = json!(subnets);
        }
        if table.is_main() {
            entry["main"] = json!(true);
        }
        let (known, lost): (Vec<&String>, Vec<&String>) = table.propagating.iter().partition(|id| self.is_written(id));
        if !known.is_empty() {
            entry["propagates"] = json!(known);
        }
        for gateway in table.associations.iter().filter_map(|association| association.gateway.as_ref()) {
            self.leave_out(format!("{}: that {gateway} uses it", table.id));
        }
        for gateway in lost {
            self.leave_out(format!("{}: the routes of {gateway}, which is left out", table.id));
        }
        self.entry(&table.id, entry)
    }

    /// A user's route. The platform makes its own, those of gateways that propagate, and those to endpoints.
    fn route(&mut self, table: &RouteTable, route: &Route) -> Option<(String, Json)> {
        let is_made =
            route.origin == Origin::EnableVgwRoutePropagation || matches!(route.target, Target::VpcEndpoint(_));
        if is_made || route.is_local() {
            return None;
        }
        let target = route.target.id().and_then(|id| self.target(id));
        match (&route.destination, target) {
            (Destination::V4(net), Some(target)) if !route.is_platforms() => Some((net.to_string(), json!(target))),
            (destination, _) => {
                let target = route.target.id().unwrap_or("local");
                self.leave_out(format!("{}: its route {destination} → {target}", table.id));
                None
            }
        }
    }

    /// The name of a route's target, if it is written. The only interface of an instance is named by the instance.
    fn target(&self, id: &str) -> Option<String> {
        let instance = self.model.network_interfaces.get(id).and_then(|interface| interface.instance());
        let own = instance
            .and_then(|id| self.model.instances.get(id)?.vpc())
            .map_or(&[][..], |place| place.interfaces.as_slice());
        match instance {
            Some(instance) if own == [id] => self.is_written(instance).then(|| self.name(instance)),
            _ => self.is_written(id).then(|| self.name(id)),
        }
    }
}
