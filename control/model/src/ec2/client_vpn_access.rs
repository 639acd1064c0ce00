//! Routes and authorization rules of Client VPN endpoints.

use crate::{Caller, Error, Model, Result};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// The most authorization rules of an endpoint ("AWS Client VPN quotas", AWS Client VPN Administrator Guide).
const RULES: usize = 200;
/// The most routes over a target network (likewise).
const ROUTES: usize = 100;

/// The target of a route to other clients.
pub const LOCAL: &str = "local";

/// A route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientVpnRoute {
    /// The destination.
    pub destination: Ipv4Net,
    /// The subnet of the target network, or [`LOCAL`].
    pub subnet: String,
    /// Its description.
    pub description: Option<String>,
    /// Whether it came with the target network.
    pub of_network: bool,
}

impl ClientVpnRoute {
    /// The route to a VPC that comes with a target network.
    pub(crate) fn of_network(destination: Ipv4Net, subnet: &str) -> ClientVpnRoute {
        ClientVpnRoute { destination, subnet: subnet.to_owned(), description: None, of_network: true }
    }
}

/// An authorization rule: who may connect to a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRule {
    /// The network.
    pub destination: Ipv4Net,
    /// The group of users; everyone if there is none.
    pub group: Option<String>,
    /// Its description.
    pub description: Option<String>,
}

impl Model {
    /// AuthorizeClientVpnIngress.
    pub fn authorize_clients(&mut self, caller: &Caller, id: &str, rule: AuthorizationRule) -> Result<()> {
        let rules = &self.client_vpn_endpoints.find(&caller.scope, id)?.rules;
        if rules.iter().any(|own| own.destination == rule.destination && own.group == rule.group) {
            return Err(Error::ClientVpnRuleExists { cidr: rule.destination });
        }
        if rules.len() >= RULES {
            return Err(Error::ClientVpnRuleLimit { most: RULES });
        }
        self.client_vpn_endpoints.find_mut(&caller.scope, id)?.rules.push(rule);
        Ok(())
    }

    /// RevokeClientVpnIngress.
    pub fn revoke_clients(
        &mut self,
        caller: &Caller,
        id: &str,
        destination: Ipv4Net,
        group: Option<&str>,
    ) -> Result<()> {
        let is_meant = |rule: &AuthorizationRule| rule.destination == destination && rule.group.as_deref() == group;
        if !self.client_vpn_endpoints.find(&caller.scope, id)?.rules.iter().any(is_meant) {
            return Err(Error::NoClientVpnRule { cidr: destination });
        }
        self.client_vpn_endpoints.find_mut(&caller.scope, id)?.rules.retain(|rule| !is_meant(rule));
        Ok(())
    }

    /// CreateClientVpnRoute: a route over a target network, or to other clients.
    pub fn create_client_vpn_route(&mut self, caller: &Caller, id: &str, route: ClientVpnRoute) -> Result<()> {
        let endpoint = self.client_vpn_endpoints.find(&caller.scope, id)?;
        if route.subnet != LOCAL && !endpoint.networks.iter().any(|network| network.subnet == route.subnet) {
            return Err(Error::NoClientVpnNetwork { subnet: route.subnet });
        }
        let is_same = |own: &ClientVpnRoute| own.destination == route.destination && own.subnet == route.subnet;
        if endpoint.routes.iter().any(is_same) {
            return Err(Error::ClientVpnRouteExists { cidr: route.destination });
        }
        if endpoint.routes.iter().filter(|own| own.subnet == route.subnet).count() >= ROUTES {
            return Err(Error::ClientVpnRouteLimit { most: ROUTES });
        }
        self.client_vpn_endpoints.find_mut(&caller.scope, id)?.routes.push(route);
        Ok(())
    }

    /// DeleteClientVpnRoute: a route that CreateClientVpnRoute made, over that subnet if one is named.
    pub fn delete_client_vpn_route(
        &mut self,
        caller: &Caller,
        id: &str,
        destination: Ipv4Net,
        subnet: Option<&str>,
    ) -> Result<()> {
        let is_meant = |route: &ClientVpnRoute| {
            route.destination == destination && !route.of_network && subnet.is_none_or(|subnet| subnet == route.subnet)
        };
        if !self.client_vpn_endpoints.find(&caller.scope, id)?.routes.iter().any(is_meant) {
            return Err(Error::NoClientVpnRoute { cidr: destination });
        }
        self.client_vpn_endpoints.find_mut(&caller.scope, id)?.routes.retain(|route| !is_meant(route));
        Ok(())
    }
}
