//! Virtual private gateways: a VPC's end of its VPN connections, and the propagation of their routes (semantics.md §5.1).

use crate::LINGER;
use crate::collection::resource;
use crate::{
    Caller, CustomerGateway, Destination, Error, IdKind, Model, Origin, Result, Route, RouteTable, Scope, Tags, Target,
    Time, VpnConnection, tags,
};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// A virtual private gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpnGateway {
    /// `vgw-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its VPC.
    pub vpc: Option<String>,
    /// Its last detachment, if it is not attached.
    #[serde(default)]
    pub detached: Option<Detachment>,
    /// Its autonomous system.
    pub asn: u64,
    /// Its zone, if the request named one.
    pub zone: Option<String>,
}

/// The detachment of a gateway from a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detachment {
    /// The VPC.
    pub vpc: String,
    /// The time.
    pub since: Time,
}

impl Detachment {
    /// Whether it is no longer described.
    pub fn is_forgotten(&self, now: Time) -> bool {
        now.since(self.since) >= LINGER
    }
}

resource!(VpnGateway, IdKind::VpnGateway, |gateway| gateway.vpc.iter().cloned().collect());

impl Model {
    /// CreateVpnGateway: creates a gateway that is not attached.
    pub fn create_vpn_gateway(
        &mut self,
        caller: &Caller,
        asn: u64,
        zone: Option<String>,
        tags: Tags,
    ) -> Result<String> {
        tags::check(&tags)?;
        let id = self.new_id(IdKind::VpnGateway);
        self.vpn_gateways.insert(VpnGateway {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags,
            vpc: None,
            detached: None,
            asn,
            zone,
        });
        Ok(id)
    }

    /// AttachVpnGateway: one gateway a VPC, one VPC a gateway.
    pub fn attach_vpn_gateway(&mut self, caller: &Caller, id: &str, vpc: &str) -> Result<()> {
        let gateway = self.vpn_gateways.find(&caller.scope, id)?;
        self.vpcs.find(&caller.scope, vpc)?;
        match &gateway.vpc {
            Some(attached) if attached == vpc => return Ok(()),
            Some(attached) => return Err(Error::GatewayAttached { id: id.into(), vpc: attached.clone() }),
            None => {}
        }
        if self.vpn_gateway_of(vpc).is_some() {
            return Err(Error::VpnGatewayLimit { vpc: vpc.into() });
        }
        let gateway = self.vpn_gateways.find_mut(&caller.scope, id)?;
        (gateway.vpc, gateway.detached) = (Some(vpc.to_owned()), None);
        self.sync_propagation();
        Ok(())
    }

    /// DetachVpnGateway. The attachment is described for a while. Static routes to it become blackholes, and propagated ones are removed.
    pub fn detach_vpn_gateway(&mut self, caller: &Caller, id: &str, vpc: &str) -> Result<()> {
        let gateway = self.vpn_gateways.find_mut(&caller.scope, id)?;
        if gateway.vpc.as_deref() != Some(vpc) {
            return Err(Error::VpnGatewayNotAttached { id: id.into(), vpc: vpc.into() });
        }
        gateway.vpc = None;
        gateway.detached = Some(Detachment { vpc: vpc.to_owned(), since: caller.now });
        self.disassociate_gateway(id);
        self.sync_propagation();
        Ok(())
    }

    /// DeleteVpnGateway. A gateway that is attached or has VPN connections is refused.
    pub fn delete_vpn_gateway(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let attached = self.vpn_gateways.find(&caller.scope, id)?.vpc.is_some();
        if attached || self.connections_of(id).next().is_some() {
            return Err(Error::InUse { what: format!("The vpnGateway '{id}'") });
        }
        let gateway = self.vpn_gateways.remove(id);
        self.depart(gateway, caller.now);
        let names = |table: &RouteTable| table.propagating.iter().any(|gateway| gateway == id);
        self.route_tables.update(names, |table| table.propagating.retain(|gateway| gateway != id));
        Ok(())
    }

    /// The virtual private gateway attached to a VPC.
    pub fn vpn_gateway_of(&self, vpc: &str) -> Option<&VpnGateway> {
        self.vpn_gateways.by(vpc).next()
    }

    /// The VPN connections of a gateway.
    pub fn connections_of<'a>(&'a self, gateway: &'a str) -> impl Iterator<Item = &'a VpnConnection> {
        self.vpn_connections.by(gateway).filter(|vpn| vpn.is_up())
    }

    /// The site to which a gateway sends packets for a destination: that of the connection with the most specific static route, or
    /// else that of the only connection.
    pub fn site_for(&self, gateway: &str, destination: Ipv4Net) -> Option<&CustomerGateway> {
        let around = |vpn: &VpnConnection| {
            vpn.routes.iter().filter(|route| route.contains(&destination)).map(Ipv4Net::prefix_len).max()
        };
        let best = self.connections_of(gateway).filter_map(|vpn| Some((around(vpn)?, vpn)));
        let best = best.max_by_key(|(length, _)| *length).map(|(_, vpn)| vpn);
        let mut all = self.connections_of(gateway);
        let only = all.next().filter(|_| all.next().is_none());
        self.customer_gateways.get(&best.or(only)?.customer_gateway)
    }

    /// EnableVgwRoutePropagation: the table gets the routes of the gateway's connections, now and later.
    pub fn enable_propagation(&mut self, caller: &Caller, table: &str, gateway: &str) -> Result<()> {
        let vpc = self.vpn_gateways.find(&caller.scope, gateway)?.vpc.clone();
        let rows = self.route_tables.find(&caller.scope, table)?;
        if vpc.as_ref() != Some(&rows.vpc) {
            return Err(Error::GatewayNotAttached { id: gateway.into(), vpc: rows.vpc.clone() });
        }
        if !rows.propagating.iter().any(|id| id == gateway) {
            self.route_tables.find_mut(&caller.scope, table)?.propagating.push(gateway.to_owned());
            self.sync_propagation();
        }
        Ok(())
    }

    /// DisableVgwRoutePropagation: removes the propagated routes.
    pub fn disable_propagation(&mut self, caller: &Caller, table: &str, gateway: &str) -> Result<()> {
        self.vpn_gateways.find(&caller.scope, gateway)?;
        self.route_tables.find_mut(&caller.scope, table)?.propagating.retain(|id| id != gateway);
        self.sync_propagation();
        Ok(())
    }

    /// Updates the propagated routes of all tables of a VPC.
    pub(crate) fn sync_propagation(&mut self) {
        let is_propagated = |route: &&Route| route.origin == Origin::EnableVgwRoutePropagation;
        let stale = |table: &RouteTable| {
            let wanted = self.propagated(table);
            let same = table.routes.iter().filter(is_propagated).eq(wanted.iter());
            (!same).then(|| (table.id.clone(), wanted))
        };
        let stale: Vec<_> = self.route_tables.iter().filter_map(stale).collect();
        for (id, wanted) in stale {
            if let Some(table) = self.route_tables.get_mut(&id) {
                table.routes.retain(|route| !is_propagated(&route));
                table.routes.extend(wanted);
            }
        }
    }

    /// The routes that are propagated to a table.
    fn propagated(&self, table: &RouteTable) -> Vec<Route> {
        let attached = |id: &&String| self.vpn_gateways.get(id).is_some_and(|g| g.vpc.as_ref() == Some(&table.vpc));
        let mut routes: Vec<Route> = Vec::new();
        for gateway in table.propagating.iter().filter(attached) {
            for prefix in self.connections_of(gateway).flat_map(|vpn| &vpn.routes) {
                let route = Route {
                    destination: Destination::V4(*prefix),
                    target: Target::VpnGateway(gateway.clone()),
                    origin: Origin::EnableVgwRoutePropagation,
                };
                if !routes.contains(&route) {
                    routes.push(route);
                }
            }
        }
        routes
    }
}
