//! Endpoint services: services of an account behind its Network or Gateway Load Balancers, for the endpoints of others. The platform
//! knows only the ARNs of these load balancers.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};

/// A principal that may create endpoints for a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowedPrincipal {
    /// `vpce-svc-perm-…`
    pub id: String,
    /// An ARN, or `*`.
    pub arn: String,
}

/// The private DNS name of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedName {
    /// The name.
    pub name: String,
    /// The value of the TXT record by which the owner proves the domain.
    pub proof: String,
    /// Whether the domain is verified.
    pub verified: bool,
}

/// The configuration of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceOffer {
    /// The ARNs of its Network Load Balancers.
    pub network: Vec<String>,
    /// The ARNs of its Gateway Load Balancers.
    pub gateway: Vec<String>,
    /// Whether its owner must accept endpoints.
    pub acceptance: bool,
    /// The types of its endpoints' addresses: IPv4, IPv6 or both.
    pub address_types: Vec<String>,
    /// The other Regions from which endpoints may use it.
    pub regions: Vec<String>,
}

/// An endpoint service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcEndpointService {
    /// `vpce-svc-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its configuration.
    pub offer: ServiceOffer,
    /// Its private DNS name.
    pub name: Option<OfferedName>,
    /// The principals that may create endpoints for it, besides its owner.
    pub principals: Vec<AllowedPrincipal>,
    /// Whether its owner pays for its endpoints.
    pub owner_pays: bool,
}

resource!(VpcEndpointService, IdKind::VpcEndpointService);

impl VpcEndpointService {
    /// Its service name: `com.amazonaws.vpce.us-east-1.vpce-svc-…`.
    pub fn service_name(&self) -> String {
        format!("com.amazonaws.vpce.{}.{}", self.scope.region, self.id)
    }

    /// Whether an account may create endpoints for it.
    pub fn is_for(&self, account: &str) -> bool {
        let is =
            |principal: &AllowedPrincipal| principal.arn == "*" || principal.arn.split(':').nth(4) == Some(account);
        self.scope.account == account || self.principals.iter().any(is)
    }
}

/// A change of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListChange {
    /// The additions.
    pub add: Vec<String>,
    /// The removals.
    pub remove: Vec<String>,
}

impl ListChange {
    fn apply(self, list: &mut Vec<String>) {
        list.retain(|item| !self.remove.contains(item));
        list.extend(self.add);
        crate::ids::dedup(list);
    }
}

/// The changes of ModifyVpcEndpointServiceConfiguration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceOfferChange {
    /// Network Load Balancers.
    pub network: ListChange,
    /// Gateway Load Balancers.
    pub gateway: ListChange,
    /// Types of addresses.
    pub address_types: ListChange,
    /// Regions.
    pub regions: ListChange,
    /// Whether its owner must accept endpoints.
    pub acceptance: Option<bool>,
    /// The private DNS name. An inner `None` removes it.
    pub name: Option<Option<String>>,
}

/// Whether a text has the form of an ARN of a load balancer of this kind: `net` or `gwy`.
pub(crate) fn is_balancer(arn: &str, kind: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    matches!(parts[..], ["arn", _, "elasticloadbalancing", _, _, resource]
        if resource.starts_with(&format!("loadbalancer/{kind}/")))
}

/// Checks a configuration: its load balancers must be of one kind.
fn check(offer: &ServiceOffer) -> Result<()> {
    if offer.network.is_empty() == offer.gateway.is_empty() {
        return Err(Error::OneKindOfLoadBalancer {});
    }
    let mut balancers =
        offer.network.iter().map(|arn| (arn, "net")).chain(offer.gateway.iter().map(|arn| (arn, "gwy")));
    if let Some((other, _)) = balancers.find(|(arn, kind)| !is_balancer(arn, kind)) {
        return Err(Error::invalid("LoadBalancerArn", other));
    }
    match offer.address_types.iter().find(|kind| !["ipv4", "ipv6"].contains(&kind.as_str())) {
        Some(kind) => Err(Error::invalid("SupportedIpAddressType", kind)),
        None => Ok(()),
    }
}

impl Model {
    /// CreateVpcEndpointServiceConfiguration. Returns the id.
    pub fn create_endpoint_service(
        &mut self,
        caller: &Caller,
        offer: ServiceOffer,
        name: Option<String>,
        tags: Tags,
    ) -> Result<String> {
        check(&offer)?;
        tags::check(&tags)?;
        let id = self.new_id(IdKind::VpcEndpointService);
        let name = name.map(|name| self.offered_name(name));
        let scope = caller.scope.clone();
        let service =
            VpcEndpointService { id: id.clone(), scope, tags, offer, name, principals: Vec::new(), owner_pays: false };
        self.endpoint_services.insert(service);
        Ok(id)
    }

    /// A private DNS name whose domain is not verified yet.
    fn offered_name(&mut self, name: String) -> OfferedName {
        let proof = self.new_id(IdKind::VpcEndpointService);
        OfferedName { name, proof: proof.replace("vpce-svc-", ""), verified: false }
    }

    /// ModifyVpcEndpointServiceConfiguration.
    pub fn modify_endpoint_service(&mut self, caller: &Caller, id: &str, change: ServiceOfferChange) -> Result<()> {
        let mut offer = self.endpoint_services.find(&caller.scope, id)?.offer.clone();
        change.network.apply(&mut offer.network);
        change.gateway.apply(&mut offer.gateway);
        change.address_types.apply(&mut offer.address_types);
        change.regions.apply(&mut offer.regions);
        offer.acceptance = change.acceptance.unwrap_or(offer.acceptance);
        check(&offer)?;
        let name = change.name.map(|name| name.map(|name| self.offered_name(name)));
        let service = self.endpoint_services.find_mut(&caller.scope, id)?;
        service.offer = offer;
        if let Some(name) = name {
            service.name = name;
        }
        Ok(())
    }

    /// ModifyVpcEndpointServicePayerResponsibility. The owner pays from now on, which cannot be reverted.
    pub fn pay_for_endpoints(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.endpoint_services.find_mut(&caller.scope, id)?.owner_pays = true;
        Ok(())
    }

    /// StartVpcEndpointServicePrivateDnsVerification. The verification always succeeds.
    pub fn verify_offered_name(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let service = self.endpoint_services.find_mut(&caller.scope, id)?;
        match &mut service.name {
            Some(name) => name.verified = true,
            None => return Err(Error::NoOfferedName { id: id.to_owned() }),
        }
        Ok(())
    }

    /// ModifyVpcEndpointServicePermissions. Returns the new principals.
    pub fn permit_endpoints(&mut self, caller: &Caller, id: &str, change: ListChange) -> Result<Vec<AllowedPrincipal>> {
        let has = self.endpoint_services.find(&caller.scope, id)?.principals.clone();
        let is_new = |arn: &String| !has.iter().any(|principal| principal.arn == *arn);
        let ListChange { add, remove } = change;
        let mut add: Vec<String> = add.into_iter().filter(is_new).collect();
        crate::ids::dedup(&mut add);
        let added: Vec<AllowedPrincipal> = add
            .into_iter()
            .map(|arn| AllowedPrincipal {
                id: self.new_id(IdKind::VpcEndpointService).replace("svc-", "svc-perm-"),
                arn,
            })
            .collect();
        let service = self.endpoint_services.find_mut(&caller.scope, id)?;
        service.principals.retain(|principal| !remove.contains(&principal.arn));
        service.principals.extend(added.iter().cloned());
        Ok(added)
    }

    /// DeleteVpcEndpointServiceConfigurations, for one resource.
    pub fn delete_endpoint_service(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let unknown = |_| Error::UnknownEndpointService { id: id.to_owned() };
        let service = self.endpoint_services.find(&caller.scope, id).map_err(unknown)?;
        if self.has_endpoints(service) {
            return Err(Error::ServiceHasEndpoints {});
        }
        self.endpoint_services.remove(id);
        self.forget_notifications(id);
        Ok(())
    }
}
