//! VPN connections: between a remote site and a virtual private gateway, or a transit gateway. Their static routes are the site's own
//! prefixes.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, Time, VpnOptions, tags};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use std::time::Duration;

/// How long a deleted connection can still be described.
const VISIBLE: Duration = Duration::from_secs(3600);

/// A VPN connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpnConnection {
    /// `vpn-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The virtual private gateway at the cloud's end.
    pub vpn_gateway: Option<String>,
    /// The transit gateway at the cloud's end.
    #[serde(default)]
    pub transit_gateway: Option<String>,
    /// The customer gateway.
    pub customer_gateway: String,
    /// Whether it uses static routes rather than BGP.
    pub static_routes: bool,
    /// Its static routes, which are prefixes of the site.
    pub routes: Vec<Ipv4Net>,
    /// The outside addresses of its tunnels at the cloud's end.
    pub tunnels: [Ipv4Addr; 2],
    /// The pre-shared key of the tunnels.
    pub key: String,
    /// Its options and its tunnels'.
    #[serde(default)]
    pub options: VpnOptions,
    /// The time of its creation.
    pub created: Time,
    /// The time of its deletion.
    pub deleted: Option<Time>,
}

resource!(VpnConnection, IdKind::VpnConnection, |vpn| {
    vpn.vpn_gateway.iter().chain(&vpn.transit_gateway).chain([&vpn.customer_gateway]).cloned().collect()
});

/// The cloud's end of a VPN connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VpnEnd {
    /// A virtual private gateway.
    VpnGateway(String),
    /// A transit gateway, to which the connection is attached.
    TransitGateway(String),
}

impl VpnConnection {
    /// Whether it is not deleted.
    pub fn is_up(&self) -> bool {
        self.deleted.is_none()
    }

    /// The gateway that is the cloud's end.
    pub fn gateway(&self) -> &str {
        self.vpn_gateway.as_ref().or(self.transit_gateway.as_ref()).map_or("", String::as_str)
    }

    /// Whether it is still described.
    pub fn is_visible(&self, now: Time) -> bool {
        self.deleted.is_none_or(|deleted| now.since(deleted) < VISIBLE)
    }
}

impl Model {
    /// CreateVpnConnection. Both tunnels are up at once.
    pub fn create_vpn_connection(
        &mut self,
        caller: &Caller,
        end: VpnEnd,
        customer_gateway: &str,
        (static_routes, mut options): (bool, VpnOptions),
        tags: Tags,
    ) -> Result<String> {
        self.customer_gateways.find(&caller.scope, customer_gateway)?;
        let (vpn_gateway, transit_gateway) = match end {
            VpnEnd::VpnGateway(id) => (Some(self.vpn_gateways.find(&caller.scope, &id)?.id.clone()), None),
            VpnEnd::TransitGateway(id) => match self.transit_gateways.find(&caller.scope, &id) {
                Ok(_) => (None, Some(id)),
                Err(_) => return Err(Error::NoTransitGatewayOfVpn { id }),
            },
        };
        tags::check(&tags)?;
        let tunnels = self.new_public_pair()?;
        let id = self.new_id(IdKind::VpnConnection);
        for tunnel in &mut options.tunnels {
            tunnel.inside = Some(tunnel.inside.unwrap_or_else(|| self.inside_of_tunnel()));
        }
        let key = format!("{:016x}{:016x}", self.next_random(), self.next_random());
        self.vpn_connections.insert(VpnConnection {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags,
            vpn_gateway,
            transit_gateway: transit_gateway.clone(),
            customer_gateway: customer_gateway.into(),
            static_routes,
            routes: Vec::new(),
            tunnels,
            key,
            options,
            created: caller.now,
            deleted: None,
        });
        if let Some(gateway) = transit_gateway {
            self.attach_transit_vpn(caller, &gateway, &id)?;
        }
        Ok(id)
    }

    /// ModifyVpnConnection: changes the customer gateway or the gateway at the cloud's end.
    pub fn modify_vpn_connection(
        &mut self,
        caller: &Caller,
        id: &str,
        end: Option<VpnEnd>,
        customer_gateway: Option<String>,
    ) -> Result<()> {
        let mut vpn = self.vpn_that_is_up(caller, id)?.clone();
        if let Some(gateway) = customer_gateway {
            vpn.customer_gateway = self.customer_gateways.find(&caller.scope, &gateway)?.id.clone();
        }
        let moves_to = match end {
            Some(VpnEnd::VpnGateway(id)) => {
                let gateway = self.vpn_gateways.find(&caller.scope, &id)?.id.clone();
                (vpn.vpn_gateway, vpn.transit_gateway) = (Some(gateway), None);
                Some(None)
            }
            Some(VpnEnd::TransitGateway(id)) => {
                let gateway = self.transit_gateways.find(&caller.scope, &id)?.id.clone();
                (vpn.vpn_gateway, vpn.transit_gateway) = (None, Some(gateway.clone()));
                Some(Some(gateway))
            }
            None => None,
        };
        self.vpn_connections.insert(vpn);
        if let Some(transit_gateway) = moves_to {
            self.detach_transit_vpn(caller, id);
            if let Some(gateway) = transit_gateway {
                self.attach_transit_vpn(caller, &gateway, id)?;
            }
        }
        self.sync_propagation();
        Ok(())
    }

    /// DeleteVpnConnection: deletes a connection with its routes.
    pub fn delete_vpn_connection(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let connection = self.vpn_connection(caller, id)?.id.clone();
        if let Some(vpn) = self.vpn_connections.get_mut(&connection) {
            vpn.deleted = Some(vpn.deleted.unwrap_or(caller.now));
            vpn.routes.clear();
        }
        self.detach_transit_vpn(caller, &connection);
        self.sync_propagation();
        Ok(())
    }

    /// CreateVpnConnectionRoute: adds a prefix of the site.
    pub fn create_vpn_route(&mut self, caller: &Caller, id: &str, prefix: Ipv4Net) -> Result<()> {
        let vpn = self.vpn_that_is_up(caller, id)?;
        if !vpn.static_routes {
            return Err(Error::NoStaticRoutes {});
        }
        if !vpn.routes.contains(&prefix) {
            self.vpn_connections.find_mut(&caller.scope, id)?.routes.push(prefix);
            self.sync_propagation();
        }
        Ok(())
    }

    /// DeleteVpnConnectionRoute.
    pub fn delete_vpn_route(&mut self, caller: &Caller, id: &str, prefix: Ipv4Net) -> Result<()> {
        if !self.vpn_that_is_up(caller, id)?.routes.contains(&prefix) {
            return Err(Error::RouteNotFound { cidr: prefix.to_string(), table: id.into() });
        }
        self.vpn_connections.find_mut(&caller.scope, id)?.routes.retain(|route| *route != prefix);
        self.sync_propagation();
        Ok(())
    }

    fn vpn_connection(&self, caller: &Caller, id: &str) -> Result<&VpnConnection> {
        let vpn = self.vpn_connections.find(&caller.scope, id)?;
        if vpn.is_visible(caller.now) { Ok(vpn) } else { Err(missing(id)) }
    }

    /// The connection with that id, unless it is deleted.
    pub(crate) fn vpn_that_is_up(&self, caller: &Caller, id: &str) -> Result<&VpnConnection> {
        let vpn = self.vpn_connection(caller, id)?;
        if vpn.is_up() { Ok(vpn) } else { Err(missing(id)) }
    }
}

fn missing(id: &str) -> Error {
    Error::NotFound { kind: IdKind::VpnConnection, id: id.into() }
}
