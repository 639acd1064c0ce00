//! Endpoints of VPCs: a private way to a service of the platform. Those of the gateway kind are here, with the prefix lists that name a
//! service's addresses; those with interfaces are in `interface_endpoint`.
//!
//! A service's addresses are those of the hosts that carry its name ([`Host::service`](crate::Host)). The route tables of an
//! endpoint are those with a route to it.

use crate::collection::resource;
use crate::words::words;
use crate::{
    Caller, Destination, Error, IdKind, Model, Origin, Region, Result, Route, RouteTable, Scope, Tags, Target, Time,
    ids, interface_services, tags,
};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// The services that have gateway endpoints, in every Region.
const SERVICES: &[&str] = &["s3", "dynamodb"];

/// Further services with prefix lists in every Region (the VPC guide, "AWS-managed prefix lists"). No host has their addresses.
const LISTED: &[&str] = &[
    "ec2-instance-connect",
    "ipv6.ec2-instance-connect",
    "route53-healthchecks",
    "ipv6.route53-healthchecks",
    "s3express",
    "vpc-lattice",
    "ipv6.vpc-lattice",
];

/// Further global services with prefix lists.
const LISTED_GLOBALLY: &[&str] = &["cloudfront.origin-facing", "ipv6.cloudfront.origin-facing", "groundstation"];

words! {
    /// The acceptance of an endpoint by the service's owner.
    Acceptance { Accepted "available", Pending "pendingAcceptance", Rejected "rejected" }
}

/// The properties of an interface endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceEndpoint {
    /// The security groups of its interfaces.
    pub groups: Vec<String>,
    /// Whether the service's private DNS name resolves to it in its VPC.
    pub private_dns: bool,
    /// The acceptance by the service's owner.
    #[serde(default)]
    pub acceptance: Acceptance,
    /// The private DNS name of an endpoint service.
    #[serde(default)]
    pub offered_name: Option<String>,
    /// The type of DNS records, if given. Its interfaces have IPv4 addresses only.
    #[serde(default)]
    pub record_type: Option<String>,
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcEndpoint {
    /// `vpce-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its number (a NAT).
    pub number: u32,
    /// The VPC.
    pub vpc: String,
    /// The service: `com.amazonaws.us-east-1.s3`, for example.
    pub service: String,
    /// The address of a gateway endpoint that the service sees.
    pub address: Option<Ipv4Addr>,
    /// The properties of an interface endpoint. `None` for a gateway endpoint.
    #[serde(default)]
    pub interface: Option<InterfaceEndpoint>,
    /// Its policy, as it was sent.
    pub policy: String,
    /// The time of its creation.
    pub created: Time,
}

resource!(VpcEndpoint, IdKind::VpcEndpoint, |endpoint| vec![endpoint.vpc.clone()]);

impl VpcEndpoint {
    /// The default policy of endpoints.
    pub const OPEN: &'static str =
        r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
}

/// The names of the services of a Region that have gateway endpoints.
pub fn endpoint_services(region: &str) -> impl Iterator<Item = String> {
    SERVICES.iter().map(move |service| format!("com.amazonaws.{region}.{service}"))
}

/// Whether it is the name of a service, of any Region.
pub(crate) fn is_service(name: &str) -> bool {
    crate::REGIONS.iter().map(|region: &Region| region.name).flat_map(endpoint_services).any(|known| known == name)
}

/// The names of the AWS-managed prefix lists of a Region.
pub fn service_prefix_lists(region: &str) -> impl Iterator<Item = String> {
    let regional = LISTED.iter().map(move |service| format!("com.amazonaws.{region}.{service}"));
    let global = LISTED_GLOBALLY.iter().map(|service| format!("com.amazonaws.global.{service}"));
    endpoint_services(region).chain(regional).chain(global)
}

/// The id of a service's prefix list. It is derived from the name, so it need not be stored.
pub fn prefix_list_id(service: &str) -> String {
    format!("{}-{:08x}", IdKind::PrefixList.prefix(), ids::digest(service) >> 32)
}

/// Whether a Region has an AWS-managed prefix list.
pub fn is_prefix_list(region: &str, id: &str) -> bool {
    service_prefix_lists(region).any(|service| prefix_list_id(&service) == id)
}

impl Model {
    /// The addresses of a service.
    pub fn service_addresses<'a>(&'a self, service: &'a str) -> impl Iterator<Item = Ipv4Net> + 'a {
        let hosts = self.hosts.by(service);
        hosts.map(|host| Ipv4Net::from(host.address))
    }

    /// The IPv4 blocks of a prefix list, customer-managed or AWS-managed.
    pub fn prefix_list(&self, region: &str, id: &str) -> Vec<Ipv4Net> {
        if let Some(list) = self.prefix_lists.get(id) {
            return list.v4().collect();
        }
        let service = service_prefix_lists(region).find(|service| prefix_list_id(service) == id);
        service.map(|service| self.service_addresses(&service).collect()).unwrap_or_default()
    }

    /// CreateVpcEndpoint, for a gateway endpoint.
    pub fn create_vpc_endpoint(
        &mut self,
        caller: &Caller,
        vpc: &str,
        service: &str,
        tables: &[String],
        policy: Option<String>,
        tags: Tags,
    ) -> Result<String> {
        self.vpcs.find(&caller.scope, vpc)?;
        let region = &caller.scope.region;
        if !endpoint_services(region).any(|known| known == service) {
            return Err(match interface_services(region).any(|known| known == service) {
                true => Error::EndpointTypeOfService { kind: "Gateway", has: "Interface" },
                false => Error::NoSuchService { service: service.into() },
            });
        }
        self.check_endpoint_tables(caller, vpc, service, tables)?;
        tags::check(&tags)?;
        let address = Some(self.new_public(None)?.address);
        let endpoint = VpcEndpoint {
            id: self.new_id(IdKind::VpcEndpoint),
            scope: caller.scope.clone(),
            tags,
            number: self.number(),
            vpc: vpc.into(),
            service: service.into(),
            address,
            interface: None,
            policy: policy.unwrap_or_else(|| VpcEndpoint::OPEN.into()),
            created: caller.now,
        };
        let id = endpoint.id.clone();
        self.vpc_endpoints.insert(endpoint);
        self.add_endpoint_routes(&id, service, tables);
        Ok(id)
    }

    fn check_endpoint_tables(&self, caller: &Caller, vpc: &str, service: &str, tables: &[String]) -> Result<()> {
        let list = prefix_list_id(service);
        for id in tables {
            let table = self.route_tables.find(&caller.scope, id)?;
            if table.vpc != vpc {
                return Err(Error::DifferentNetworks {});
            }
            if table.routes.iter().any(|route| route.destination == Destination::PrefixList(list.clone())) {
                return Err(Error::PrefixListRouteExists { table: id.clone(), list });
            }
        }
        Ok(())
    }

    fn add_endpoint_routes(&mut self, id: &str, service: &str, tables: &[String]) {
        let route = Route {
            destination: Destination::PrefixList(prefix_list_id(service)),
            target: Target::VpcEndpoint(id.into()),
            origin: Origin::CreateRoute,
        };
        self.route_tables.update(|table| tables.contains(&table.id), |table| table.routes.push(route.clone()));
    }

    fn remove_endpoint_routes(&mut self, id: &str, wanted: impl Fn(&RouteTable) -> bool) {
        let leads = |route: &Route| route.target.id() == Some(id);
        self.route_tables.update(
            |table| wanted(table) && table.routes.iter().any(leads),
            |table| table.routes.retain(|route| !leads(route)),
        );
    }

    /// The route tables with a route to an endpoint.
    pub fn tables_of_endpoint<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a RouteTable> {
        self.route_tables.by(id)
    }

    /// ModifyVpcEndpoint: changes the route tables and the policy.
    pub fn modify_vpc_endpoint(
        &mut self,
        caller: &Caller,
        id: &str,
        add: &[String],
        remove: &[String],
        policy: Option<String>,
    ) -> Result<()> {
        let endpoint = self.vpc_endpoints.find(&caller.scope, id)?.clone();
        for table in remove {
            self.route_tables.find(&caller.scope, table)?;
        }
        let has = |table: &String| self.tables_of_endpoint(id).any(|has| has.id == *table);
        let new: Vec<String> = add.iter().filter(|table| !has(table)).cloned().collect();
        self.check_endpoint_tables(caller, &endpoint.vpc, &endpoint.service, &new)?;
        self.remove_endpoint_routes(id, |table| remove.contains(&table.id));
        self.add_endpoint_routes(id, &endpoint.service, &new);
        if let Some(policy) = policy {
            self.vpc_endpoints.find_mut(&caller.scope, id)?.policy = policy;
        }
        Ok(())
    }

    /// DeleteVpcEndpoints, for one endpoint: deletes its routes and interfaces. An interface endpoint is described for a while.
    pub fn delete_vpc_endpoint(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.vpc_endpoints.find(&caller.scope, id).map_err(|_| Error::UnknownEndpoint { id: id.into() })?;
        self.remove_endpoint_routes(id, |_| true);
        self.end_endpoint_hosts(id);
        self.forget_notifications(id);
        let endpoint = self.vpc_endpoints.remove(id);
        self.depart(endpoint.filter(|endpoint| endpoint.interface.is_some()), caller.now);
        Ok(())
    }
}
