//! Route tables of transit gateways, for packets from the associated attachments. Static routes are created by users, singly or by prefix
//! list. Propagated ones are the blocks of attached VPCs and the prefixes of attached sites.

use crate::collection::resource;
use crate::error::refuse_in_use;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, Time, TransitPeeringState, tags};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitGatewayRoute {
    /// Its destination.
    pub destination: IpNet,
    /// The attachment that it leads to. `None` for a blackhole route.
    pub attachment: Option<String>,
    /// Whether it is propagated.
    #[serde(default)]
    pub propagated: bool,
    /// The prefix list that it is from.
    #[serde(default)]
    pub list: Option<String>,
}

/// A reference to a prefix list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixListReference {
    /// The list.
    pub list: String,
    /// The attachment that its blocks lead to. `None` for a blackhole.
    pub attachment: Option<String>,
}

/// A route table of a transit gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitGatewayRouteTable {
    /// `tgw-rtb-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its number.
    pub number: u32,
    /// The gateway.
    pub gateway: String,
    /// The static routes.
    pub routes: Vec<TransitGatewayRoute>,
    /// Its references to prefix lists.
    #[serde(default)]
    pub references: Vec<PrefixListReference>,
    /// The attachments that propagate to it, in the order in which they were added.
    pub propagations: Vec<String>,
    /// The time of its creation.
    pub created: Time,
}

resource!(TransitGatewayRouteTable, IdKind::TransitGatewayRouteTable, |table| {
    let routes = table.routes.iter().filter_map(|route| route.attachment.as_ref());
    let references = table.references.iter().filter_map(|reference| reference.attachment.as_ref());
    routes.chain(references).chain(&table.propagations).chain([&table.gateway]).cloned().collect()
});

impl TransitGatewayRouteTable {
    fn route(&self, destination: &IpNet) -> Option<&TransitGatewayRoute> {
        self.routes.iter().find(|route| route.destination == *destination)
    }

    fn no_route(&self, destination: &IpNet) -> Error {
        Error::RouteNotFound { cidr: destination.to_string(), table: self.id.clone() }
    }
}

impl Model {
    /// CreateTransitGatewayRouteTable: without routes.
    pub fn create_transit_route_table(&mut self, caller: &Caller, gateway: &str, tags: Tags) -> Result<String> {
        self.transit_gateways.find(&caller.scope, gateway)?;
        tags::check(&tags)?;
        let table = TransitGatewayRouteTable {
            id: self.new_id(IdKind::TransitGatewayRouteTable),
            scope: caller.scope.clone(),
            tags,
            number: self.number(),
            gateway: gateway.into(),
            routes: Vec::new(),
            references: Vec::new(),
            propagations: Vec::new(),
            created: caller.now,
        };
        let id = table.id.clone();
        self.transit_route_tables.insert(table);
        Ok(id)
    }

    /// DeleteTransitGatewayRouteTable. A default table and one with associations are refused.
    pub fn delete_transit_route_table(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let table = self.transit_route_tables.find(&caller.scope, id)?;
        let gateway = self.transit_gateways.find(&caller.scope, &table.gateway)?;
        let defaults = [&gateway.association_table, &gateway.propagation_table];
        if defaults.into_iter().flatten().any(|default| default == id) {
            return Err(Error::DefaultTransitTable { id: id.into(), gateway: gateway.id.clone() });
        }
        refuse_in_use(id, "Associations", self.transit_associated(id).iter().map(|end| end.id.as_str()))?;
        let table = self.transit_route_tables.remove(id);
        self.depart(table, caller.now);
        Ok(())
    }

    /// AssociateTransitGatewayRouteTable. An attachment has at most one table.
    pub fn associate_transit_table(&mut self, caller: &Caller, id: &str, attachment: &str) -> Result<()> {
        let end = self.transit_end_for(caller, id, attachment)?;
        if end.association.is_some() {
            return Err(Error::TransitAssociated { attachment: attachment.into(), to: "route" });
        }
        self.set_transit_association(attachment, &end.gateway, Some(id.into()));
        Ok(())
    }

    /// DisassociateTransitGatewayRouteTable. Packets from the attachment have no route then.
    pub fn disassociate_transit_table(&mut self, caller: &Caller, id: &str, attachment: &str) -> Result<()> {
        let end = self.transit_end_for(caller, id, attachment)?;
        if end.association.as_deref() != Some(id) {
            return Err(Error::TransitNotAssociated { table: id.into(), attachment: attachment.into() });
        }
        self.set_transit_association(attachment, &end.gateway, None);
        Ok(())
    }

    /// EnableTransitGatewayRouteTablePropagation: the table gets a route to every block of the attached VPC or site.
    pub fn propagate_to_transit_table(&mut self, caller: &Caller, id: &str, attachment: &str) -> Result<()> {
        let end = self.transit_end_for(caller, id, attachment)?;
        if end.is_peering() {
            return Err(Error::TransitPeeringPropagates { attachment: attachment.into() });
        }
        let table = self.transit_route_tables.find_mut(&caller.scope, id)?;
        if table.propagations.iter().any(|from| from == attachment) {
            return Err(Error::TransitPropagates { table: id.into(), attachment: attachment.into() });
        }
        table.propagations.push(attachment.into());
        Ok(())
    }

    /// DisableTransitGatewayRouteTablePropagation.
    pub fn stop_propagating_to_transit_table(&mut self, caller: &Caller, id: &str, attachment: &str) -> Result<()> {
        self.transit_end_for(caller, id, attachment)?;
        let table = self.transit_route_tables.find_mut(&caller.scope, id)?;
        if !table.propagations.iter().any(|from| from == attachment) {
            return Err(Error::TransitDoesNotPropagate { table: id.into(), attachment: attachment.into() });
        }
        table.propagations.retain(|from| from != attachment);
        Ok(())
    }

    /// CreateTransitGatewayRoute: to an attachment, or a blackhole (`None`).
    pub fn create_transit_route(
        &mut self,
        caller: &Caller,
        id: &str,
        destination: IpNet,
        attachment: Option<String>,
    ) -> Result<TransitGatewayRoute> {
        let route = self.transit_route(caller, id, destination, attachment)?;
        let table = self.transit_route_tables.find_mut(&caller.scope, id)?;
        if table.route(&route.destination).is_some() {
            return Err(Error::RouteExists { cidr: route.destination.to_string() });
        }
        table.routes.push(route.clone());
        Ok(route)
    }

    /// ReplaceTransitGatewayRoute: sets another attachment for a static route.
    pub fn replace_transit_route(
        &mut self,
        caller: &Caller,
        id: &str,
        destination: IpNet,
        attachment: Option<String>,
    ) -> Result<TransitGatewayRoute> {
        let route = self.transit_route(caller, id, destination, attachment)?;
        let table = self.transit_route_tables.find_mut(&caller.scope, id)?;
        let none = table.no_route(&route.destination);
        let mut old = table.routes.iter_mut().filter(|old| old.destination == route.destination);
        *old.next().ok_or(none)? = route.clone();
        Ok(route)
    }

    fn transit_route(
        &self,
        caller: &Caller,
        id: &str,
        destination: IpNet,
        attachment: Option<String>,
    ) -> Result<TransitGatewayRoute> {
        self.check_transit_target(caller, id, attachment.as_ref())?;
        Ok(TransitGatewayRoute { destination: destination.trunc(), attachment, propagated: false, list: None })
    }

    /// DeleteTransitGatewayRoute: deletes a static route. Returns it.
    pub fn delete_transit_route(
        &mut self,
        caller: &Caller,
        id: &str,
        destination: IpNet,
    ) -> Result<TransitGatewayRoute> {
        let destination = destination.trunc();
        let table = self.transit_route_tables.find_mut(&caller.scope, id)?;
        let route = table.route(&destination).cloned().ok_or_else(|| table.no_route(&destination))?;
        table.routes.retain(|route| route.destination != destination);
        Ok(route)
    }

    /// The effective routes of a table, by destination. A static route precedes one of a prefix list, and that one a propagated one. Of
    /// several of a kind the oldest applies. Of the effective routes the longest prefix wins.
    pub fn transit_routes(&self, table: &TransitGatewayRouteTable) -> Vec<TransitGatewayRoute> {
        let of_static = table.routes.iter().cloned();
        let mut routes: BTreeMap<IpNet, TransitGatewayRoute> =
            of_static.map(|route| (route.destination, route)).collect();
        for route in self.referenced_routes(table) {
            routes.entry(route.destination).or_insert(route);
        }
        for id in &table.propagations {
            for destination in self.propagated_by_transit(id) {
                let attachment = Some(id.clone());
                let route = TransitGatewayRoute { destination, attachment, propagated: true, list: None };
                routes.entry(destination).or_insert(route);
            }
        }
        routes.into_values().collect()
    }

    /// The blocks that an attachment propagates.
    fn propagated_by_transit(&self, id: &str) -> Vec<IpNet> {
        if let Some(attachment) = self.transit_attachments.get(id) {
            let Some(vpc) = self.vpcs.get(&attachment.vpc) else { return Vec::new() };
            let ipv6 = vpc.ipv6.iter().filter(|_| attachment.options.ipv6.is_on());
            return vpc.blocks().map(IpNet::V4).chain(ipv6.map(|block| IpNet::V6(block.cidr))).collect();
        }
        let Some(attachment) = self.transit_vpns.get(id) else { return Vec::new() };
        self.site_prefixes(&attachment.connection).into_iter().map(IpNet::V4).collect()
    }

    /// Whether a route is active: its attachment is available.
    pub fn transit_route_is_active(&self, route: &TransitGatewayRoute) -> bool {
        let is_peering = |id: &str| {
            self.transit_peerings.get(id).is_some_and(|peering| peering.state == TransitPeeringState::Available)
        };
        let is_there = |id: &String| {
            self.transit_attachments.get(id).is_some() || self.transit_vpns.get(id).is_some() || is_peering(id)
        };
        route.attachment.as_ref().is_some_and(is_there)
    }
}
