//! Target networks of Client VPN endpoints: subnets in which an endpoint has a network interface.

use crate::{Caller, ClientVpnRoute, Error, IdKind, Model, NewNetworkInterface, Result, Tags};
use serde::{Deserialize, Serialize};

/// What the network interfaces of endpoints are described as.
pub const INTERFACE: &str = "ClientVPN Endpoint resource";

/// A target network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetNetwork {
    /// The association: `cvpn-assoc-…`
    pub id: String,
    /// The subnet.
    pub subnet: String,
    /// The endpoint's network interface there.
    pub interface: String,
}

impl Model {
    /// AssociateClientVpnTargetNetwork: adds a subnet, one for each zone. The first subnet determines the VPC of the endpoint. Returns
    /// the association's id.
    pub fn associate_client_vpn(&mut self, caller: &Caller, id: &str, subnet: &str) -> Result<String> {
        self.check_target_network(caller, id, subnet)?;
        let endpoint = self.client_vpn_endpoints.find(&caller.scope, id)?.clone();
        let vpc = self.subnets.find(&caller.scope, subnet)?.vpc.clone();
        let association = self.new_id(IdKind::ClientVpnAssociation);
        let interface = NewNetworkInterface {
            subnet: subnet.to_owned(),
            groups: endpoint.groups.clone(),
            description: INTERFACE.to_owned(),
            tags: Tags::new(),
            ..NewNetworkInterface::default()
        };
        let interface = self.create_network_interface(caller, interface)?;
        let groups = self.network_interfaces.find(&caller.scope, &interface)?.groups.clone();
        let routes = self.vpc_of(&vpc)?.blocks().map(|block| ClientVpnRoute::of_network(block, subnet));
        let routes: Vec<ClientVpnRoute> = routes.collect();
        let endpoint = self.client_vpn_endpoints.find_mut(&caller.scope, id)?;
        (endpoint.vpc, endpoint.groups) = (Some(vpc), groups);
        endpoint.routes.extend(routes);
        endpoint.networks.push(TargetNetwork { id: association.clone(), subnet: subnet.to_owned(), interface });
        Ok(association)
    }

    fn check_target_network(&self, caller: &Caller, id: &str, subnet: &str) -> Result<()> {
        let endpoint = self.client_vpn_endpoints.find(&caller.scope, id)?;
        let missing = || Error::NoClientVpnSubnet { subnet: subnet.to_owned() };
        let wanted = self.subnets.find(&caller.scope, subnet).map_err(|_| missing())?;
        if endpoint.networks.iter().any(|network| network.subnet == subnet) {
            return Err(Error::ClientVpnAssociated { subnet: subnet.to_owned() });
        }
        if endpoint.vpc.as_ref().is_some_and(|vpc| *vpc != wanted.vpc) {
            return Err(Error::DifferentNetworks {});
        }
        let mut others = endpoint.networks.iter().filter_map(|network| self.subnets.get(&network.subnet));
        if others.any(|other| other.zone == wanted.zone) {
            return Err(Error::ClientVpnZone { zone: wanted.zone.clone() });
        }
        let clients = endpoint.clients;
        let overlaps = |block: ipnet::Ipv4Net| block.contains(&clients) || clients.contains(&block);
        match self.vpc_of(&wanted.vpc)?.blocks().any(overlaps) {
            true => Err(Error::ClientVpnOverlap { cidr: clients, vpc: wanted.vpc.clone() }),
            false => Ok(()),
        }
    }

    /// DisassociateClientVpnTargetNetwork: removes the target network with its network interface and routes.
    pub fn disassociate_client_vpn(&mut self, caller: &Caller, id: &str, association: &str) -> Result<()> {
        let endpoint = self.client_vpn_endpoints.find(&caller.scope, id)?;
        let network = endpoint.networks.iter().find(|network| network.id == association).cloned();
        let missing = || Error::NotFound { kind: IdKind::ClientVpnAssociation, id: association.to_owned() };
        let network = network.ok_or_else(missing)?;
        let endpoint = self.client_vpn_endpoints.find_mut(&caller.scope, id)?;
        endpoint.networks.retain(|other| other.id != association);
        endpoint.routes.retain(|route| route.subnet != network.subnet);
        self.network_interfaces.remove(&network.interface);
        Ok(())
    }

    /// ApplySecurityGroupsToClientVpnTargetNetwork: to all target networks, which are in one VPC.
    pub fn apply_client_vpn_groups(&mut self, caller: &Caller, id: &str, vpc: &str, groups: Vec<String>) -> Result<()> {
        let endpoint = self.client_vpn_endpoints.find(&caller.scope, id)?;
        if endpoint.vpc.as_deref() != Some(vpc) {
            return Err(Error::DifferentNetworks {});
        }
        self.check_vpc_groups(&caller.scope, vpc, &groups)?;
        self.client_vpn_endpoints.find_mut(&caller.scope, id)?.groups = groups;
        self.give_groups_to_client_vpn(id);
        Ok(())
    }

    /// Sets the groups of an endpoint's network interfaces.
    pub(crate) fn give_groups_to_client_vpn(&mut self, id: &str) {
        let Some(endpoint) = self.client_vpn_endpoints.get(id) else { return };
        let (groups, networks) = (endpoint.groups.clone(), endpoint.networks.clone());
        for network in networks {
            if let Some(interface) = self.network_interfaces.get_mut(&network.interface) {
                interface.groups.clone_from(&groups);
            }
        }
    }
}
