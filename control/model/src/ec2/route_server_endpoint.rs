//! Endpoints of route servers: network interfaces in subnets of the VPC that a server is associated with.

use crate::collection::resource;
use crate::error::refuse_in_use;
use crate::{Caller, Error, IdKind, Model, NewNetworkInterface, Result, Scope, Tags};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteServerEndpoint {
    /// `rse-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The server.
    pub server: String,
    /// The VPC of its subnet.
    pub vpc: String,
    /// Its subnet.
    pub subnet: String,
    /// Its network interface.
    pub interface: String,
    /// The interface's address.
    pub address: Option<Ipv4Addr>,
}

resource!(RouteServerEndpoint, IdKind::RouteServerEndpoint, |endpoint| {
    vec![endpoint.server.clone(), endpoint.interface.clone()]
});

impl Model {
    /// CreateRouteServerEndpoint: in the VPC that the server is associated with. Returns the id.
    pub fn create_route_server_endpoint(
        &mut self,
        caller: &Caller,
        server: &str,
        subnet: &str,
        tags: Tags,
    ) -> Result<String> {
        let vpc = self.vpc_of_route_server(caller, server)?.to_owned();
        if self.subnets.find(&caller.scope, subnet)?.vpc != vpc {
            return Err(Error::DifferentNetworks {});
        }
        let id = self.new_id(IdKind::RouteServerEndpoint);
        let interface = NewNetworkInterface {
            subnet: subnet.to_owned(),
            description: format!("Route Server Endpoint {id}"),
            tags: tags.clone(),
            ..NewNetworkInterface::default()
        };
        let interface = self.create_network_interface(caller, interface)?;
        let addresses = self.network_interfaces.get(&interface).map(|interface| &interface.addresses);
        let address = addresses.and_then(|addresses| addresses.first().copied());
        let (scope, server, subnet) = (caller.scope.clone(), server.to_owned(), subnet.to_owned());
        let endpoint = RouteServerEndpoint { id: id.clone(), scope, tags, server, vpc, subnet, interface, address };
        self.route_server_endpoints.insert(endpoint);
        Ok(id)
    }

    /// DeleteRouteServerEndpoint. One with peers is refused. Deletes its network interface, too. Returns what was deleted, which is
    /// described for a while.
    pub fn delete_route_server_endpoint(&mut self, caller: &Caller, id: &str) -> Result<RouteServerEndpoint> {
        let endpoint = self.route_server_endpoints.find(&caller.scope, id)?.clone();
        refuse_in_use(id, "Peers", self.route_server_peers.by(id).map(|peer| peer.id.as_str()))?;
        self.route_server_endpoints.remove(id);
        self.network_interfaces.remove(&endpoint.interface);
        self.depart(Some(endpoint.clone()), caller.now);
        Ok(endpoint)
    }

    /// The endpoint that an interface belongs to.
    pub(crate) fn route_server_endpoint_at(&self, interface: &str) -> Option<&RouteServerEndpoint> {
        self.route_server_endpoints.by(interface).find(|endpoint| endpoint.interface == interface)
    }
}
