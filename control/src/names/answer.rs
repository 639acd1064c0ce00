//! A resolver's answers: from the private zones that the client sees, then from the platform's own names, then from
//! public zones. There is no other resolver to forward to, so any other name is answered with NXDOMAIN at once.

use super::client::{has_linked_names, has_names};
use super::empty_non_terminal::is_empty_non_terminal;
use super::endpoint::is_endpoint;
use super::hosted::{self, Zoned, minimal};
use super::hostname::{self, Hostname};
use super::index::{Found, is_for_everybody};
use super::routing::Circumstances;
use super::{Client, LONGEST_CHAIN, Network, View, private_name, public_name};
use hickory_proto::op::{Query, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, PTR, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use model::load_balancer::LoadBalancer;
use model::platform_host::API;
use model::{AliasTarget, HostedZone, Instance, ManagedHost, ManagedService, NetworkInterface, Vpc, dns_name, spelled};
use std::net::Ipv4Addr;

/// The time to live of the platform's own names and of negative answers, in seconds.
const TTL: u32 = 60;

/// The answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Whether the name exists.
    pub code: ResponseCode,
    /// The records, in the order in which they lead to each other.
    pub records: Vec<Record>,
    /// The zone's SOA record in a negative answer.
    pub authority: Option<Record>,
}

/// The result of looking up a name.
enum Resolved {
    /// Data and their time to live in seconds.
    Data(u32, Vec<RData>),
    /// A CNAME record: its time to live in seconds, and the canonical name.
    Cname(u32, Name),
    /// The name has no data of that type. The zone's SOA record says how long this may be cached.
    NoData(Record),
    /// The name does not exist. The zone's SOA record says how long this may be cached.
    NxDomain(Record),
    /// The name is delegated to other name servers, which do not exist here.
    Delegated,
}

/// Answers a question.
pub fn answer(view: View<'_>, client: &Client<'_>, query: &Query) -> Answer {
    let without = |code| Answer { code, records: Vec::new(), authority: None };
    let network = client.network(view.model);
    if matches!(network, Network::Vpc(vpc) if !vpc.dns_support) {
        return without(ResponseCode::Refused);
    }
    let lookup = Lookup { view, network, address: client.public_address() };
    let vpc = network.vpc().map(|vpc| vpc.id.as_str());
    let (mut name, mut records) = (query.name().clone(), Vec::new());
    for _ in 0..LONGEST_CHAIN {
        let none = |code, records, soa| Answer { code, records, authority: Some(soa) };
        match lookup.find(&name, query.query_type()) {
            Resolved::Data(ttl, data) => {
                records.extend(data.into_iter().map(|data| Record::from_rdata(name.clone(), ttl, data)));
                return Answer { code: ResponseCode::NoError, records, authority: None };
            }
            Resolved::Cname(ttl, other) => {
                records.push(Record::from_rdata(name, ttl, RData::CNAME(CNAME(other.clone()))));
                name = other;
            }
            // The platform's own zones have no records of that type. Clients ask for it to find the zone of a name.
            Resolved::NoData(soa) | Resolved::NxDomain(soa)
                if query.query_type() == RecordType::SOA && soa.name == name =>
            {
                records.push(soa);
                return Answer { code: ResponseCode::NoError, records, authority: None };
            }
            Resolved::NxDomain(soa) if !is_empty_non_terminal(view.index, vpc, &spelled(&name)) => {
                return none(ResponseCode::NXDomain, records, soa);
            }
            Resolved::NoData(soa) | Resolved::NxDomain(soa) => return none(ResponseCode::NoError, records, soa),
            Resolved::Delegated => return without(ResponseCode::ServFail),
        }
    }
    without(ResponseCode::ServFail)
}

struct Lookup<'a> {
    view: View<'a>,
    network: Network<'a>,
    /// The client's address on the Internet.
    address: Option<Ipv4Addr>,
}

impl<'a> Lookup<'a> {
    fn find(&self, name: &Name, kind: RecordType) -> Resolved {
        let spelled = spelled(name);
        let text = spelled.as_str();
        if let Some(zone) = self.network.vpc().and_then(|vpc| self.zone(Some(&vpc.id), text)) {
            return self.hosted(zone, text, kind);
        }
        if let Some(own) = self.of_platform(text, kind) {
            return own;
        }
        match self.zone(None, text) {
            Some(zone) => self.hosted(zone, text, kind),
            None => Resolved::NxDomain(soa("", TTL)),
        }
    }

    /// The result for a name that is the platform's: of a host or a service, of the API, or of an address.
    fn of_platform(&self, text: &str, kind: RecordType) -> Option<Resolved> {
        if let Some((hostname, domain)) = hostname::read(text) {
            return Some(self.platform(hostname, domain, kind));
        }
        let endpoint: Vec<RData> = self.by_endpoint(endpoint_name(text)).map(|address| RData::A(A(address))).collect();
        if !endpoint.is_empty() {
            return Some(found(endpoint, kind, text));
        }
        // The endpoint of the API's own service comes before the API.
        if is_endpoint(text) && !matches!(self.network, Network::Internet) {
            return Some(found(vec![RData::A(A(API))], kind, text));
        }
        // An address without a name may have one in somebody's zone.
        if let Some(name) = reverse(text).and_then(|address| self.name_of(address)) {
            return Some(found(vec![RData::PTR(PTR(name))], kind, "in-addr.arpa"));
        }
        let Some(Found::Host(host)) = self.view.index.host(text) else { return None };
        let host = self.view.model.hosts.get(host)?;
        Some(found(vec![RData::A(A(host.address))], kind, text))
    }

    /// The nearest hosted zone that a name is in.
    fn zone(&self, vpc: Option<&str>, name: &str) -> Option<&'a HostedZone> {
        let parents = std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, parent)| parent));
        let mut ids = parents.filter_map(|parent| self.view.index.zone(vpc, &format!("{parent}.")));
        self.view.model.hosted_zones.get(ids.next()?)
    }

    fn hosted(&self, zone: &HostedZone, name: &str, kind: RecordType) -> Resolved {
        let negative = || hosted::negative(zone);
        match self.find_in(zone, &format!("{name}."), kind) {
            Zoned::Data(ttl, data) => Resolved::Data(ttl, data),
            Zoned::Cname(ttl, other) => Resolved::Cname(ttl, other),
            Zoned::Alias(target) => self.alias_target(&target, kind, negative()),
            Zoned::NoData => Resolved::NoData(negative()),
            Zoned::NxDomain => Resolved::NxDomain(negative()),
            Zoned::Delegated => Resolved::Delegated,
        }
    }

    /// The client's Region. On the Internet, the first one.
    fn region(&self) -> &str {
        match self.network {
            Network::Classic(region, _) => region.name,
            Network::Vpc(vpc) => &vpc.scope.region,
            Network::Internet => "us-east-1",
        }
    }

    fn find_in(&self, zone: &HostedZone, name: &str, kind: RecordType) -> Zoned {
        let is_healthy = |alias: &AliasTarget| self.is_healthy(alias);
        let is_passed = |check: &str| self.view.model.is_passed(check);
        let cidr_location = |id: &str| self.view.model.cidr_collections.get(id)?.location_of(self.address?.into());
        let now = Circumstances {
            chance: self.view.chance,
            region: self.region(),
            cidr_location: &cidr_location,
            is_healthy: &is_healthy,
            is_passed: &is_passed,
        };
        hosted::find(zone, name, kind, now)
    }

    /// Whether the target of an alias outside the zone is healthy. Only load balancers have a health.
    fn is_healthy(&self, alias: &AliasTarget) -> bool {
        let model = self.view.model;
        let lower = alias.name.to_ascii_lowercase();
        let hosts = self.view.index.endpoint(endpoint_name(lower.trim_end_matches('.')));
        let hosts = hosts.filter_map(|host| model.managed_hosts.get(host));
        let balancers = hosts.filter(|host| host.owner.service == ManagedService::LoadBalancing);
        let mut balancers = balancers.filter_map(|host| model.load_balancers.get(&host.owner.resource)).peekable();
        let serves = |balancer: &LoadBalancer| {
            balancer.instances.keys().any(|instance| balancer.health_of(model, instance).is_in_service())
        };
        balancers.peek().is_none() || balancers.any(serves)
    }

    /// The data of the target of an alias of Route 53. The target may be an alias itself.
    fn alias_target(&self, target: &Name, kind: RecordType, negative: Record) -> Resolved {
        let mut name = target.clone();
        for _ in 0..LONGEST_CHAIN {
            let spelled = spelled(&name);
            let text = spelled.as_str();
            let private = self.network.vpc().and_then(|vpc| self.zone(Some(&vpc.id), text));
            if private.is_none()
                && let Some(own) = self.of_platform(text, kind)
            {
                return if matches!(own, Resolved::Data(..)) { own } else { Resolved::NoData(negative) };
            }
            let Some(zone) = private.or_else(|| self.zone(None, text)) else { break };
            match self.find_in(zone, &format!("{text}."), kind) {
                Zoned::Data(ttl, data) => return Resolved::Data(ttl, data),
                Zoned::Cname(ttl, next) => return Resolved::Cname(ttl, next),
                Zoned::Alias(next) => name = next,
                Zoned::NoData | Zoned::NxDomain | Zoned::Delegated => break,
            }
        }
        Resolved::NoData(negative)
    }

    fn platform(&self, hostname: Hostname<'_>, domain: &str, kind: RecordType) -> Resolved {
        let address = |found: Option<Ipv4Addr>| found.map(|address| RData::A(A(address))).into_iter().collect();
        let data = match hostname {
            Hostname::Public(region, public) => address(self.by_public(region, public)),
            Hostname::Private(region, private) => address(self.by_private(region, private)),
            Hostname::Resource(region, instance) => self.by_resource(region, instance).unwrap_or_default(),
            Hostname::Domain => Vec::new(),
        };
        found(data, kind, domain)
    }

    /// The address that a public name resolves to for this client (semantics.md §7.2).
    fn by_public(&self, region: &str, address: Ipv4Addr) -> Option<Ipv4Addr> {
        let model = self.view.model;
        match self.view.index.public(address) {
            Some(Found::Instance(id)) => {
                let instance = model.instances.get(id).filter(|instance| instance.scope.region == region)?;
                let private = instance.classic()?.private.filter(|_| self.resolves_classic_privately(instance));
                Some(private.unwrap_or(address))
            }
            Some(Found::Interface(id)) => {
                let interface = model.network_interfaces.get(id).filter(|own| own.scope.region == region)?;
                let private =
                    self.private_of(interface, address).filter(|_| self.resolves_interface_privately(interface));
                Some(private.unwrap_or(address))
            }
            Some(Found::Managed(name)) => {
                let host = model.managed_hosts.get(name).filter(|host| host.scope.region == region)?;
                let (private, _) = model.managed_addresses(host);
                Some(private.filter(|_| self.resolves_managed_privately(host)).unwrap_or(address))
            }
            _ => {
                let Some(Found::Elastic(id)) = self.view.index.elastic(address) else { return None };
                model.elastic_addresses.get(id).filter(|own| own.scope.region == region).map(|own| own.address)
            }
        }
    }

    fn private_of(&self, interface: &NetworkInterface, public: Ipv4Addr) -> Option<Ipv4Addr> {
        interface.public.iter().find(|(_, held)| held.address == public).map(|(own, _)| *own)
    }

    /// The addresses that a service's endpoint name resolves to for this client (semantics.md §7.3): the private
    /// addresses of its hosts if they have no public ones, or if a public name would resolve to those. A load
    /// balancer's name is as public as the load balancer.
    fn by_endpoint<'n>(&'n self, name: &'n str) -> impl Iterator<Item = Ipv4Addr> + use<'n, 'a> {
        let model = self.view.model;
        let hosts = self.view.index.endpoint(name).filter_map(|host| model.managed_hosts.get(host));
        let hosts = hosts.filter(|host| self.is_resolved_here(host, name));
        hosts.filter_map(|host| {
            let (private, public) = model.managed_addresses(host);
            let balances = host.owner.service == ManagedService::LoadBalancing;
            match public {
                Some(public) if balances || !self.resolves_managed_privately(host) => Some(public),
                _ => private,
            }
        })
    }

    /// Whether a name resolves to a service's host here.
    fn is_resolved_here(&self, host: &ManagedHost, name: &str) -> bool {
        let vpc = || self.view.model.network_interfaces.get(host.interface()?).map(|interface| &interface.vpc);
        is_for_everybody(host, name) || matches!(self.network, Network::Vpc(own) if Some(&own.id) == vpc())
    }

    /// Whether a service's host resolves to its private address here.
    fn resolves_managed_privately(&self, host: &ManagedHost) -> bool {
        match host.interface().and_then(|id| self.view.model.network_interfaces.get(id)) {
            Some(interface) => self.resolves_interface_privately(interface),
            None => matches!(self.network, Network::Classic(region, _) if region.name == host.scope.region),
        }
    }

    /// Whether the public name of a Classic instance resolves to its private address here: in EC2-Classic itself, and
    /// in the VPC that it is linked to.
    fn resolves_classic_privately(&self, instance: &Instance) -> bool {
        match self.network {
            Network::Classic(region, _) => region.name == instance.scope.region,
            Network::Vpc(vpc) => is_linked(instance, vpc) && has_linked_names(vpc),
            Network::Internet => false,
        }
    }

    /// Whether an interface in a VPC resolves to its private address here: in the VPC, across a link into it, and
    /// across a peering whose options allow it.
    fn resolves_interface_privately(&self, interface: &NetworkInterface) -> bool {
        let Some(vpc) = self.view.model.vpcs.get(&interface.vpc).filter(|vpc| has_names(vpc)) else { return false };
        match self.network {
            Network::Classic(_, linked) => linked.is_some_and(|linked| linked.id == vpc.id && has_linked_names(vpc)),
            Network::Vpc(own) => own.id == vpc.id || self.resolves_peer_privately(vpc, own),
            Network::Internet => false,
        }
    }

    /// Whether a VPC lets a peer resolve its private addresses, by the peering's options.
    fn resolves_peer_privately(&self, vpc: &Vpc, peer: &Vpc) -> bool {
        let mut peerings = self.view.model.active_peerings(&vpc.id);
        peerings.any(|peering| {
            peering.peer_of(&vpc.id).is_some_and(|other| other.vpc == peer.id)
                && peering.side_of(&vpc.id).is_some_and(|side| side.options.dns_from_peer)
        })
    }

    /// The address that a private name resolves to: it is known in its own network, and across a link with DNS support.
    fn by_private(&self, region: &str, address: Ipv4Addr) -> Option<Ipv4Addr> {
        self.private_region(address).filter(|own| *own == region).map(|_| address)
    }

    /// The enabled records of an instance's resource name, if its address is known here.
    fn by_resource(&self, region: &str, instance: &str) -> Option<Vec<RData>> {
        let instance = self.view.model.instances.get(instance)?;
        let interface = self.view.model.network_interfaces.get(instance.vpc()?.interfaces.first()?)?;
        // In another VPC the same address may be another instance's.
        self.network.vpc().filter(|vpc| vpc.id == interface.vpc && vpc.scope == instance.scope)?;
        let address = self.by_private(region, interface.address())?;
        let records = &instance.options.dns;
        let a = records.a_record.then_some(RData::A(A(address)));
        let aaaa = interface.ipv6.first().filter(|_| records.aaaa_record).map(|address| RData::AAAA(AAAA(*address)));
        Some(a.into_iter().chain(aaaa).collect())
    }

    /// The Region of the owner of a private address that is known here.
    fn private_region(&self, address: Ipv4Addr) -> Option<&'a str> {
        let (model, index) = (self.view.model, self.view.index);
        if let Network::Classic(region, _) = self.network
            && index.in_classic(region.name, address).is_some()
        {
            return Some(region.name);
        }
        let vpc = self.network.vpc()?;
        if index.in_vpc(&vpc.id, address).is_some() {
            return Some(&vpc.scope.region);
        }
        let Some(Found::Instance(id)) = index.in_classic(&vpc.scope.region, address) else { return None };
        let linked = model.instances.get(id).filter(|instance| is_linked(instance, vpc) && has_linked_names(vpc))?;
        Some(&linked.scope.region)
    }

    /// The name of an address.
    fn name_of(&self, address: Ipv4Addr) -> Option<Name> {
        let name = match self.private_region(address) {
            Some(region) => private_name(region, address) + ".",
            None => self.public_name_of(address)?,
        };
        dns_name(&name)
    }

    /// The name of a public address, with a final dot: AWS's, or the one that the owner of an Elastic IP address chose.
    fn public_name_of(&self, address: Ipv4Addr) -> Option<String> {
        let (model, index) = (self.view.model, self.view.index);
        if let Some(Found::Elastic(id)) = index.elastic(address) {
            let elastic = model.elastic_addresses.get(id)?;
            return Some(elastic.name.clone().unwrap_or_else(|| public_name(&elastic.scope.region, address) + "."));
        }
        let scope = match index.public(address)? {
            Found::Instance(id) => &model.instances.get(id)?.scope,
            Found::Interface(id) => &model.network_interfaces.get(id)?.scope,
            Found::Managed(name) => &model.managed_hosts.get(name)?.scope,
            Found::Elastic(_) | Found::Host(_) | Found::Zone(_) => return None,
        };
        Some(public_name(&scope.region, address) + ".")
    }
}

/// An endpoint's own name. Load balancers have a second one, for clients of both IP versions.
fn endpoint_name(name: &str) -> &str {
    name.strip_prefix("dualstack.").unwrap_or(name)
}

fn is_linked(instance: &Instance, vpc: &Vpc) -> bool {
    instance.link().is_some_and(|link| link.vpc == vpc.id)
}

/// The result for a name of a zone of the platform that has these data. A name without any does not exist.
fn found(data: Vec<RData>, asked: RecordType, zone: &str) -> Resolved {
    if data.is_empty() {
        return Resolved::NxDomain(soa(zone, TTL));
    }
    if asked == RecordType::ANY {
        return Resolved::Data(TTL, vec![minimal()]);
    }
    let wanted: Vec<RData> = data.into_iter().filter(|data| data.record_type() == asked).collect();
    if wanted.is_empty() { Resolved::NoData(soa(zone, TTL)) } else { Resolved::Data(TTL, wanted) }
}

/// The SOA record of one of the platform's zones. Its minimum says how long in seconds a negative answer may be cached.
fn soa(zone: &str, ttl: u32) -> Record {
    // The platform's own names are well-formed.
    let name = |text: &str| Name::from_ascii(text).unwrap_or_else(|_| Name::root());
    let data = SOA::new(name("ns0.amazonaws.com."), name("hostmaster.amazon.com."), 1, 3600, 900, 7200, ttl);
    Record::from_rdata(name(&format!("{zone}.")), ttl, RData::SOA(data))
}

/// The address in `25.113.0.203.in-addr.arpa`.
fn reverse(name: &str) -> Option<Ipv4Addr> {
    let reversed: Ipv4Addr = name.strip_suffix(".in-addr.arpa")?.parse().ok()?;
    Some(Ipv4Addr::from_bits(reversed.to_bits().swap_bytes()))
}
