//! Endpoints of endpoint services. Allowed principals create them, and the service's owner accepts or rejects them.

use crate::{Acceptance, Caller, Error, Model, Result, Scope, VpcEndpoint, VpcEndpointService};

/// Whether a name is that of an endpoint service.
pub fn is_offered(service: &str) -> bool {
    service.starts_with("com.amazonaws.vpce.")
}

impl VpcEndpoint {
    /// The acceptance by the service's owner. Endpoints of Amazon's services are always accepted.
    pub fn acceptance(&self) -> Acceptance {
        self.interface.as_ref().map(|interface| interface.acceptance).unwrap_or_default()
    }
}

impl Model {
    /// The service with this name in a Region, if the account may use it.
    pub(crate) fn service_offered_to(&self, scope: &Scope, name: &str) -> Option<&VpcEndpointService> {
        let mut here = self.endpoint_services.iter().filter(|service| service.scope.region == scope.region);
        here.find(|service| service.service_name() == name && service.is_for(&scope.account))
    }

    /// The endpoints of a service, in all accounts.
    pub fn endpoints_of_service<'m>(
        &'m self,
        service: &VpcEndpointService,
    ) -> impl Iterator<Item = &'m VpcEndpoint> + use<'m> {
        let name = service.service_name();
        self.vpc_endpoints.iter().filter(move |endpoint| endpoint.service == name)
    }

    /// Whether a service has endpoints that are accepted or pending.
    pub(crate) fn has_endpoints(&self, service: &VpcEndpointService) -> bool {
        self.endpoints_of_service(service).any(|endpoint| endpoint.acceptance() != Acceptance::Rejected)
    }

    /// AcceptVpcEndpointConnections, for one endpoint. A rejected one stays rejected.
    pub fn accept_endpoint(&mut self, caller: &Caller, service: &str, id: &str) -> Result<()> {
        match self.connection(caller, service, id)?.acceptance() {
            Acceptance::Rejected => Err(Error::EndpointRejected { id: id.to_owned() }),
            Acceptance::Pending | Acceptance::Accepted => {
                self.decide_on_endpoint(id, Acceptance::Accepted);
                Ok(())
            }
        }
    }

    /// RejectVpcEndpointConnections, for one endpoint. It can no longer be used.
    pub fn reject_endpoint(&mut self, caller: &Caller, service: &str, id: &str) -> Result<()> {
        self.connection(caller, service, id)?;
        self.decide_on_endpoint(id, Acceptance::Rejected);
        Ok(())
    }

    fn connection(&self, caller: &Caller, service: &str, id: &str) -> Result<&VpcEndpoint> {
        let service = self.endpoint_services.find(&caller.scope, service)?;
        let mut endpoints = self.endpoints_of_service(service);
        endpoints.find(|endpoint| endpoint.id == id).ok_or_else(|| Error::UnknownEndpoint { id: id.to_owned() })
    }

    fn decide_on_endpoint(&mut self, id: &str, acceptance: Acceptance) {
        if let Some(interface) = self.vpc_endpoints.get_mut(id).and_then(|endpoint| endpoint.interface.as_mut()) {
            interface.acceptance = acceptance;
        }
        self.switch_endpoint_hosts(id);
    }

    /// Switches the hosts of an endpoint on if the service's owner accepts it, and otherwise off.
    pub(crate) fn switch_endpoint_hosts(&mut self, id: &str) {
        let Some(endpoint) = self.vpc_endpoints.get(id) else { return };
        let on = endpoint.acceptance() == Acceptance::Accepted;
        let hosts = self.endpoint_hosts(id).map(|(host, _)| host);
        let others = hosts.filter(|host| if on { host.is_switched_off() } else { host.is_on() });
        let others: Vec<String> = others.map(|host| host.id.clone()).collect();
        others.iter().for_each(|host| self.switch_managed_host(host, on));
    }
}
