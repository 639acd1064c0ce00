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

/// What else has prefix lists in every Region (the VPC guide, "AWS-managed prefix lists"). No address here is theirs.
const LISTED: &[&str] = &[
    "ec2-instance-connect",
    "ipv6.ec2-instance-connect",
    "route53-healthchecks",
    "ipv6.route53-healthchecks",
    "s3express",
    "vpc-lattice",
    "ipv6.vpc-lattice",
];

/// The same of what is one service for all Regions.
const LISTED_GLOBALLY: &[&str] = &["cloudfront.origin-facing", "ipv6.cloudfront.origin-facing", "groundstation"];

words! {
    /// What the owner of a service says of an endpoint of it.
    Acceptance { Accepted "available", Pending "pendingAcceptance", Rejected "rejected" }
}

/// What an endpoint has that is reached by interfaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceEndpoint {
    /// The security groups of its interfaces.
    pub groups: Vec<String>,
    /// Whether the service's usual name leads to it in its VPC.
    pub private_dns: bool,
    /// What the service's owner says of it.
    #[serde(default)]
    pub acceptance: Acceptance,
    /// The usual name of a service that an account offers.
    #[serde(default)]
    pub offered_name: Option<String>,
    /// Which addresses its names lead to, if it was said: its interfaces have those of IPv4 only.
    #[serde(default)]
    pub record_type: Option<String>,
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcEndpoint {
    /// `vpce-…`
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its number (a NAT).
    pub number: u32,
    /// The VPC.
    pub vpc: String,
    /// The service, `com.amazonaws.us-east-1.s3` say.
    pub service: String,
    /// The address that the service sees, where it is a gateway.
    pub address: Option<Ipv4Addr>,
    /// What it has if it is reached by interfaces; else it is a gateway.
    #[serde(default)]
    pub interface: Option<InterfaceEndpoint>,
    /// Who may do what, as the user wrote it.
    pub policy: String,
    /// Since when it is.
    pub created: Time,
}

resource!(VpcEndpoint, IdKind::VpcEndpoint, |endpoint| vec![endpoint.vpc.clone()]);

impl VpcEndpoint {
    /// The policy of an endpoint that is given none.
    pub const OPEN: &'static str =
        r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
}

/// The name of every service of a Region that has gateway endpoints.
pub fn endpoint_services(region: &str) -> impl Iterator<Item = String> {
    SERVICES.iter().map(move |service| format!("com.amazonaws.{region}.{service}"))
}

/// Whether it is the name of a service, of any Region.
pub(crate) fn is_service(name: &str) -> bool {
    crate::REGIONS.iter().map(|region: &Region| region.name).flat_map(endpoint_services).any(|known| known == name)
}

/// The name of every prefix list that AWS itself manages in a Region.
pub fn service_prefix_lists(region: &str) -> impl Iterator<Item = String> {
    let regional = LISTED.iter().map(move |service| format!("com.amazonaws.{region}.{service}"));
    let global = LISTED_GLOBALLY.iter().map(|service| format!("com.amazonaws.global.{service}"));
    endpoint_services(region).chain(regional).chain(global)
}

/// The prefix list of a service. The id follows from the name, so nothing need be stored.
pub fn prefix_list_id(service: &str) -> String {
    format!("{}-{:08x}", IdKind::PrefixList.prefix(), ids::digest(service) >> 32)
}

/// Whether a Region knows a prefix list.
pub fn is_prefix_list(region: &str, id: &str) -> bool {
    service_prefix_lists(region).any(|service| prefix_list_id(&service) == id)
}

impl Model {
    /// The addresses of a service.
    pub fn service_addresses<'a>(&'a self, service: &'a str) -> impl Iterator<Item = Ipv4Net> + 'a {
        let hosts = self.hosts.by(service);
        hosts.map(|host| Ipv4Net::from(host.address))
    }

    /// The IPv4 blocks of a prefix list, of a user or, as a Region knows it, of a service.
    pub fn prefix_list(&self, region: &str, id: &str) -> Vec<Ipv4Net> {
        if let Some(list) = self.prefix_lists.get(id) {
            return list.v4().collect();
        }
        let service = service_prefix_lists(region).find(|service| prefix_list_id(service) == id);
        service.map(|service| self.service_addresses(&service).collect()).unwrap_or_default()
    }

    /// CreateVpcEndpoint, of the gateway kind.
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

    /// ModifyVpcEndpoint: other route tables, another policy.
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

    /// DeleteVpcEndpoints, of one: its routes and its interfaces go with it. Of an interface endpoint is told for a while.
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
