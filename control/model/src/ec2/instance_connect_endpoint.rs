//! EC2 Instance Connect Endpoints. They have a network interface, and carry no connections.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, Model, NewNetworkInterface, Result, Scope, Tags, Time};
use serde::{Deserialize, Serialize};

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceConnectEndpoint {
    /// `eice-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The VPC of its subnet.
    pub vpc: String,
    /// Its subnet.
    pub subnet: String,
    /// Its network interface, which has its security groups.
    pub interface: String,
    /// Whether instances see the client's address.
    pub preserves_client: bool,
    /// The time of its creation.
    pub created: Time,
}

resource!(InstanceConnectEndpoint, IdKind::InstanceConnectEndpoint, |endpoint| vec![
    endpoint.vpc.clone(),
    endpoint.interface.clone()
]);

impl Model {
    /// CreateInstanceConnectEndpoint, one a VPC. Returns the id.
    pub fn create_connect_endpoint(
        &mut self,
        caller: &Caller,
        subnet: &str,
        groups: Vec<String>,
        preserves_client: bool,
        tags: Tags,
    ) -> Result<String> {
        let vpc = self.subnets.find(&caller.scope, subnet)?.vpc.clone();
        if let Some(other) = self.connect_endpoints.by(&vpc).next() {
            return Err(Error::ConnectEndpointLimit { vpc, other: other.id.clone() });
        }
        let id = self.new_id(IdKind::InstanceConnectEndpoint);
        let interface = NewNetworkInterface {
            subnet: subnet.to_owned(),
            groups,
            description: format!("EC2 Instance Connect Endpoint {id}"),
            tags: tags.clone(),
            ..NewNetworkInterface::default()
        };
        let interface = self.create_network_interface(caller, interface)?;
        self.connect_endpoints.insert(InstanceConnectEndpoint {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags,
            vpc,
            subnet: subnet.to_owned(),
            interface,
            preserves_client,
            created: caller.now,
        });
        Ok(id)
    }

    /// ModifyInstanceConnectEndpoint. Without groups the present ones stay.
    pub fn modify_connect_endpoint(
        &mut self,
        caller: &Caller,
        id: &str,
        groups: Vec<String>,
        preserves_client: Option<bool>,
    ) -> Result<()> {
        let endpoint = self.connect_endpoints.find(&caller.scope, id)?.clone();
        if !groups.is_empty() {
            self.check_vpc_groups(&caller.scope, &endpoint.vpc, &groups)?;
            self.network_interfaces.find_mut(&caller.scope, &endpoint.interface)?.groups = groups;
        }
        let endpoint = self.connect_endpoints.find_mut(&caller.scope, id)?;
        endpoint.preserves_client = preserves_client.unwrap_or(endpoint.preserves_client);
        Ok(())
    }

    /// DeleteInstanceConnectEndpoint: deletes an endpoint and its network interface.
    pub fn delete_connect_endpoint(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let interface = self.connect_endpoints.find(&caller.scope, id)?.interface.clone();
        self.connect_endpoints.remove(id);
        self.network_interfaces.remove(&interface);
        Ok(())
    }

    /// The endpoint that an interface belongs to.
    pub fn connect_endpoint_of(&self, interface: &str) -> Option<&InstanceConnectEndpoint> {
        self.connect_endpoints.by(interface).next()
    }
}
