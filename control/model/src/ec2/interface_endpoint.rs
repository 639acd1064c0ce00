//! Interface endpoints: a host of a service in one subnet of each zone, with the VPC's groups and DNS names. Instances linked to the
//! VPC do not reach it (M24).

use crate::ec2::interface_service::{domain, short};
use crate::{
    Acceptance, Caller, Error, IdKind, InterfaceEndpoint, ManagedHost, ManagedService, Model, NewManagedHost, NewPlace,
    Owner, Power, Program, Result, Scope, Tags, VpcEndpoint, ids, interface_services, is_offered, private_name, tags,
};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// The port of services: HTTPS.
const PORT: u16 = 443;

/// The parameters of a new interface endpoint.
#[derive(Clone, Debug)]
pub struct NewInterfaceEndpoint {
    /// The VPC.
    pub vpc: String,
    /// The service: `com.amazonaws.us-east-1.sqs`, for example.
    pub service: String,
    /// The subnets, at most one for each zone.
    pub subnets: Vec<String>,
    /// The groups. Without any, it is the VPC's default group.
    pub groups: Vec<String>,
    /// Whether the service's private DNS name resolves to it.
    pub private_dns: bool,
    /// The type of DNS records, if given.
    pub record_type: Option<String>,
    /// The policy, as it was sent.
    pub policy: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// The changes of ModifyVpcEndpoint for an interface endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterfaceEndpointChange {
    /// New subnets.
    pub add_subnets: Vec<String>,
    /// Subnets to be removed.
    pub remove_subnets: Vec<String>,
    /// New groups.
    pub add_groups: Vec<String>,
    /// Groups to be removed.
    pub remove_groups: Vec<String>,
    /// Whether the service's private DNS name resolves to it.
    pub private_dns: Option<bool>,
    /// The type of DNS records.
    pub record_type: Option<String>,
}

impl InterfaceEndpointChange {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl VpcEndpoint {
    /// The DNS name of an interface endpoint: of all its zones, or of one.
    pub fn dns_name(&self, zone: Option<&str>) -> String {
        let region = &self.scope.region;
        let own = format!("{}-{:08x}", self.id, ids::digest(&self.id) >> 32);
        let zone = zone.map(|zone| format!("-{zone}")).unwrap_or_default();
        format!("{own}{zone}.{}.{region}.vpce.{}", short(region, &self.service), domain(region))
    }

    /// The private DNS name of the service, if it resolves to the endpoint within the VPC.
    pub fn private_dns_name(&self) -> Option<String> {
        self.interface.as_ref().filter(|interface| interface.private_dns).and_then(|_| self.usual_name())
    }

    /// The private DNS name of the service. Endpoint services of accounts need not have one.
    fn usual_name(&self) -> Option<String> {
        match is_offered(&self.service) {
            true => self.interface.as_ref().and_then(|interface| interface.offered_name.clone()),
            false => private_name(&self.scope.region, &self.service),
        }
    }
}

impl Model {
    /// CreateVpcEndpoint, of the interface kind.
    pub fn create_interface_endpoint(&mut self, caller: &Caller, new: NewInterfaceEndpoint) -> Result<String> {
        let NewInterfaceEndpoint { vpc, service, subnets, mut groups, private_dns, record_type, policy, tags } = new;
        self.vpcs.find(&caller.scope, &vpc)?;
        let acceptance = self.acceptance_by(&caller.scope, &service)?;
        if groups.is_empty() {
            groups.push(self.group_named(&caller.scope, Some(&vpc), "default")?.id.clone());
        }
        self.check_vpc_groups(&caller.scope, &vpc, &groups)?;
        tags::check(&tags)?;
        let endpoint = VpcEndpoint {
            id: self.new_id(IdKind::VpcEndpoint),
            scope: caller.scope.clone(),
            tags,
            number: self.number(),
            vpc,
            service,
            address: None,
            interface: Some(InterfaceEndpoint {
                groups,
                private_dns: false,
                acceptance,
                offered_name: None,
                record_type,
            }),
            policy: policy.unwrap_or_else(|| VpcEndpoint::OPEN.into()),
            created: caller.now,
        };
        let id = endpoint.id.clone();
        self.vpc_endpoints.insert(endpoint);
        let private_dns = Some(private_dns);
        let change = InterfaceEndpointChange { add_subnets: subnets, private_dns, ..Default::default() };
        self.modify_interface_endpoint(caller, &id, change)?;
        Ok(id)
    }

    /// What the owner of a service says at first of an account's endpoint of it.
    ///
    /// # Errors
    /// There is no such service for the account, or its endpoints are of another kind.
    fn acceptance_by(&self, scope: &Scope, service: &str) -> Result<Acceptance> {
        if interface_services(&scope.region).any(|known| known == service) {
            return Ok(Acceptance::Accepted);
        }
        match self.service_offered_to(scope, service).map(|found| &found.offer) {
            Some(offer) if offer.network.is_empty() => {
                Err(Error::EndpointTypeOfService { kind: "Interface", has: "GatewayLoadBalancer" })
            }
            Some(offer) if offer.acceptance => Ok(Acceptance::Pending),
            Some(_) => Ok(Acceptance::Accepted),
            None => Err(Error::NoSuchService { service: service.to_owned() }),
        }
    }

    /// ModifyVpcEndpoint, of the interface kind.
    pub fn modify_interface_endpoint(
        &mut self,
        caller: &Caller,
        id: &str,
        change: InterfaceEndpointChange,
    ) -> Result<()> {
        let InterfaceEndpointChange {
            add_subnets,
            remove_subnets,
            add_groups,
            remove_groups,
            private_dns,
            record_type,
        } = change;
        let endpoint = self.vpc_endpoints.find(&caller.scope, id)?.clone();
        let Some(mut interface) = endpoint.interface.clone() else { return Err(Error::NoInterfaceEndpoint {}) };
        let hosts: Vec<(String, String)> =
            self.endpoint_hosts(id).map(|(host, at)| (host.id.clone(), at.subnet.clone())).collect();
        if let Some(other) = remove_groups.iter().find(|group| !interface.groups.contains(group)) {
            return Err(Error::NotOfEndpoint { what: other.clone(), endpoint: id.to_owned() });
        }
        if let Some(other) = remove_subnets.iter().find(|id| !hosts.iter().any(|(_, subnet)| subnet == *id)) {
            return Err(Error::NotOfEndpoint { what: other.clone(), endpoint: id.to_owned() });
        }
        interface.groups.retain(|group| !remove_groups.contains(group));
        interface.groups.extend(add_groups);
        crate::ids::dedup(&mut interface.groups);
        self.check_vpc_groups(&caller.scope, &endpoint.vpc, &interface.groups)?;
        if let Some(private_dns) = private_dns {
            let service = self.service_offered_to(&caller.scope, &endpoint.service);
            let name = service.and_then(|service| service.name.as_ref()).filter(|name| name.verified);
            interface.offered_name = name.map(|name| name.name.clone());
            let endpoint = VpcEndpoint { interface: Some(interface.clone()), ..endpoint.clone() };
            self.check_private_dns(&endpoint, private_dns)?;
            interface.private_dns = private_dns;
        }
        interface.record_type = record_type.or(interface.record_type);
        let groups = interface.groups.clone();
        self.vpc_endpoints.find_mut(&caller.scope, id)?.interface = Some(interface);
        for (host, subnet) in &hosts {
            self.set_managed_groups(host, &groups);
            if remove_subnets.contains(subnet) {
                self.end_managed_host(host);
            }
        }
        let mut zones: BTreeSet<String> = self.endpoint_hosts(id).map(|(host, _)| host.zone.clone()).collect();
        for subnet in add_subnets {
            let subnet = self.subnets.find(&caller.scope, &subnet)?;
            if subnet.vpc != endpoint.vpc {
                return Err(Error::DifferentNetworks {});
            }
            let (subnet, zone) = (subnet.id.clone(), subnet.zone.clone());
            if !zones.insert(zone.clone()) {
                return Err(Error::SubnetsOfOneZone { zone });
            }
            self.make_endpoint_host(&endpoint, subnet, &zone, groups.clone())?;
        }
        self.name_endpoint_hosts(id);
        self.switch_endpoint_hosts(id);
        Ok(())
    }

    /// Checks that the service's private DNS name may resolve to an endpoint: the VPC has DNS names, and no other endpoint has it.
    fn check_private_dns(&self, endpoint: &VpcEndpoint, wanted: bool) -> Result<()> {
        if !wanted {
            return Ok(());
        }
        let vpc = self.vpc_of(&endpoint.vpc)?;
        if !(vpc.dns_support && vpc.dns_hostnames) {
            return Err(Error::PrivateDnsAttributes { vpc: vpc.id.clone() });
        }
        let no_name = || Error::NoPrivateDns { service: endpoint.service.clone() };
        let name = endpoint.usual_name().ok_or_else(no_name)?;
        let mut others = self.vpc_endpoints.by(&vpc.id).filter(|other| other.id != endpoint.id);
        match others.any(|other| other.private_dns_name().as_ref() == Some(&name)) {
            true => Err(Error::PrivateDnsConflict { name, vpc: vpc.id.clone() }),
            false => Ok(()),
        }
    }

    /// Gives an endpoint that was imported its host in a subnet, at this network interface or a new one.
    ///
    /// # Errors
    /// What is wrong with the subnet.
    pub fn adopt_endpoint_host(
        &mut self,
        id: &str,
        subnet: &str,
        interface: Option<String>,
        attached: Option<String>,
    ) -> Result<()> {
        let Some(endpoint) = self.vpc_endpoints.get(id).cloned() else {
            return Err(Error::NotFound { kind: IdKind::VpcEndpoint, id: id.into() });
        };
        let zone = self.subnets.find(&endpoint.scope, subnet)?.zone.clone();
        let groups = endpoint.interface.as_ref().map(|there| there.groups.clone()).unwrap_or_default();
        let host = self.make_endpoint_host(&endpoint, subnet.to_owned(), &zone, groups)?;
        if let Some(interface) = interface {
            self.move_managed_host(&host, interface, attached);
        }
        self.name_endpoint_hosts(id);
        self.switch_endpoint_hosts(id);
        Ok(())
    }

    /// Sets the address of an endpoint's interface in a subnet.
    pub fn place_endpoint(&mut self, caller: &Caller, id: &str, subnet: &str, address: Ipv4Addr) -> Result<()> {
        let (_, at) = self.endpoint_hosts(id).find(|(_, at)| at.subnet == subnet).ok_or_else(|| {
            let (what, endpoint) = (subnet.to_owned(), id.to_owned());
            Error::NotOfEndpoint { what, endpoint }
        })?;
        if at.address() == address {
            return Ok(());
        }
        let interface = at.id.clone();
        self.check_addresses(self.subnets.find(&caller.scope, subnet)?, &[address])?;
        self.network_interfaces.find_mut(&caller.scope, &interface)?.addresses = vec![address];
        Ok(())
    }

    fn make_endpoint_host(
        &mut self,
        endpoint: &VpcEndpoint,
        subnet: String,
        zone: &str,
        groups: Vec<String>,
    ) -> Result<String> {
        let VpcEndpoint { id, scope, service, .. } = endpoint;
        let say = format!("VPC endpoint {id} ({service}) in {zone}");
        let arguments = ["respond", "--say", &say, "--port", &PORT.to_string()].map(str::to_owned).to_vec();
        let description = format!("VPC Endpoint Interface {id}");
        self.make_managed_host(NewManagedHost {
            name: id.clone(),
            scope: scope.clone(),
            owner: Owner { service: ManagedService::PrivateLink, resource: id.clone() },
            place: NewPlace::Subnet { subnet, groups, description, public: false },
            names: Vec::new(),
            program: Program { kind: "endpoint".into(), port: PORT, arguments, ..Program::default() },
        })
    }

    /// Points the names of all endpoints to their hosts. Rows of an older version may have other names.
    pub(crate) fn name_all_endpoint_hosts(&mut self) {
        let endpoints: Vec<String> = self.vpc_endpoints.iter().map(|endpoint| endpoint.id.clone()).collect();
        endpoints.iter().for_each(|id| self.name_endpoint_hosts(id));
    }

    /// Points the names of an endpoint to its hosts.
    fn name_endpoint_hosts(&mut self, id: &str) {
        let Some(endpoint) = self.vpc_endpoints.get(id) else { return };
        let names = |zone: &str| {
            let own = [endpoint.dns_name(None), endpoint.dns_name(Some(zone))];
            own.into_iter().chain(endpoint.private_dns_name()).map(|name| name.to_ascii_lowercase()).collect()
        };
        let named = self.endpoint_hosts(id).map(|(host, _)| (host.id.clone(), names(&host.zone)));
        let named: Vec<(String, Vec<String>)> = named.collect();
        named.into_iter().for_each(|(host, names)| self.set_managed_names(&host, names));
    }

    /// The hosts of an interface endpoint, and their network interfaces.
    pub fn endpoint_hosts<'a>(
        &'a self,
        id: &'a str,
    ) -> impl Iterator<Item = (&'a ManagedHost, &'a crate::NetworkInterface)> {
        let hosts = self.managed_hosts.by(id).filter(|host| host.power != Power::Ending);
        hosts.filter_map(|host| Some((host, self.network_interfaces.get(host.interface()?)?)))
    }

    /// The addresses of a VPC's interface endpoints.
    pub fn endpoint_addresses<'a>(&'a self, vpc: &'a str) -> impl Iterator<Item = (Ipv4Addr, &'a VpcEndpoint)> {
        let endpoints = self.vpc_endpoints.by(vpc).filter(|endpoint| endpoint.interface.is_some());
        endpoints.flat_map(|endpoint| self.endpoint_hosts(&endpoint.id).map(move |(_, at)| (at.address(), endpoint)))
    }

    /// Removes the hosts of an endpoint.
    pub(crate) fn end_endpoint_hosts(&mut self, id: &str) {
        let hosts: Vec<String> = self.endpoint_hosts(id).map(|(host, _)| host.id.clone()).collect();
        hosts.iter().for_each(|host| self.end_managed_host(host));
    }
}
