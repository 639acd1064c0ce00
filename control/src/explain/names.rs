//! The cloud's names for the dataplane's numbers.

mod blocked;
mod not_linked;
mod nowhere;
mod transit;

use super::{printable, rules};
use crate::compile::platform;
use crate::compile::rules::IMPLICIT;
use ipnet::Ipv4Net;
use model::platform_host::HOST;
use model::{
    Destination, Host, HostPlace, INTERNET, Instance, ManagedHost, ManagedPlace, Model, NetworkInterface, PLATFORM,
    REGIONS, Region, Route, SecurityGroup, Subnet, Tags, TransitGatewayAttachment, TransitGatewayRouteTable,
};
use std::collections::HashMap;
use std::net::Ipv4Addr;
use wire::{
    AclId, AttachmentId, FarEnd, FilterId, NatId, PortId, RuleId, SERVICES, SegmentId, TableId, VrfId, interface_name,
};

/// What the platform's own host is called: nobody has given it a name.
const PLATFORM_WORDS: &str = "the platform";

/// A user's word that names no host or several.
#[derive(Debug, thiserror::Error)]
pub enum NameError {
    /// No running host has this name.
    #[error("there is no running host {0}; `classiclink status` lists the hosts")]
    Unknown(String),
    /// An imported instance without a host.
    #[error("{0} was imported without a host: `classiclink import --hosts {0}` gives it one")]
    Dormant(String),
    /// Several instances have this name: their ids.
    #[error("{0} is the Name of several instances: {1}; give an id")]
    Ambiguous(String, String),
    /// A host and an instance have this name: the instance's id.
    #[error("{0} is the name of a host and the Name of {1}: give the id, or change the Name to mean the host")]
    AlsoHost(String, String),
    /// The host has no address to send from.
    #[error("{0} has no address")]
    NoAddress(String),
}

/// The name of the host that a user's word means: an instance by its id or Name tag, a host outside the cloud, or a
/// service's host.
pub fn host(model: &Model, word: &str) -> Result<String, NameError> {
    host_among(model, word, |_| true)
}

/// The same, among the hosts for which `knows` is true.
pub fn host_among(model: &Model, word: &str, knows: impl Fn(&str) -> bool) -> Result<String, NameError> {
    let running = |instance: &&Instance| instance.has_host() && knows(&instance.id);
    if model.instances.get(word).filter(running).is_some() {
        return Ok(word.to_owned());
    }
    let named = model.instances.iter().filter(running).filter(|instance| is_called(word, &instance.id, &instance.tags));
    let ids: Vec<&str> = named.map(|instance| instance.id.as_str()).collect();
    match (model.hosts.get(word).filter(|_| knows(word)), &ids[..]) {
        (Some(host), []) => Ok(host.name.clone()),
        (Some(_), _) => Err(NameError::AlsoHost(word.to_owned(), ids.join(", "))),
        (None, []) if model.managed_hosts.get(word).is_some_and(ManagedHost::is_on) && knows(word) => {
            Ok(word.to_owned())
        }
        (None, []) if is_dormant(model, word) => Err(NameError::Dormant(word.to_owned())),
        (None, []) => Err(NameError::Unknown(word.to_owned())),
        (None, [id]) => Ok((*id).to_owned()),
        (None, _) => Err(NameError::Ambiguous(word.to_owned(), ids.join(", "))),
    }
}

fn is_dormant(model: &Model, word: &str) -> bool {
    let mut dormant = model.instances.iter().filter(|instance| instance.is_on() && instance.dormant);
    dormant.any(|instance| is_called(word, &instance.id, &instance.tags))
}

/// Whether a user's word means the resource with that id and those tags.
pub fn is_called(word: &str, id: &str, tags: &Tags) -> bool {
    word == id || tags.get("Name").is_some_and(|name| name == word)
}

/// An id, with the Name tag if there is one.
pub fn label(id: &str, tags: &Tags) -> String {
    match tags.get("Name") {
        Some(name) => format!("{id} ({})", printable(name)),
        None => id.to_owned(),
    }
}

/// Whether a host belongs to what `word` names: one of its security groups, its subnet, its VPC or the VPC it is linked
/// to, its route table or its network ACL.
pub fn is_part_of(model: &Model, host: &str, word: &str) -> bool {
    let Some(instance) = model.instances.get(host) else { return false };
    let group = |id: &String| model.security_groups.get(id).is_some_and(|group| is_called(word, id, &group.tags));
    let vpc = |id: &String| model.vpcs.get(id).is_some_and(|vpc| is_called(word, id, &vpc.tags));
    if let Some(place) = instance.classic() {
        let link = place.link.as_ref();
        return place.groups.iter().chain(link.iter().flat_map(|link| &link.groups)).any(group)
            || link.is_some_and(|link| vpc(&link.vpc));
    }
    let interfaces = instance.vpc().into_iter().flat_map(|place| &place.interfaces);
    let mut interfaces = interfaces.filter_map(|id| model.network_interfaces.get(id));
    interfaces.any(|interface| {
        let subnet = model.subnets.get(&interface.subnet);
        let (table, acl) = (model.route_table_of(&interface.subnet), model.acl_of_subnet(&interface.subnet));
        interface.groups.iter().any(group)
            || subnet.is_some_and(|subnet| is_called(word, &subnet.id, &subnet.tags))
            || table.is_some_and(|table| is_called(word, &table.id, &table.tags))
            || acl.is_some_and(|acl| is_called(word, &acl.id, &acl.tags))
            || vpc(&interface.vpc)
    })
}

/// The resource behind a number. All kinds of resources share one sequence of numbers.
#[derive(Clone, Copy, Debug)]
pub enum Named<'a> {
    /// An instance: its port.
    Instance(&'a Instance),
    /// An interface of an instance in a VPC: its port and its attachment.
    Interface(&'a Instance, &'a NetworkInterface),
    /// An attachment in EC2-Classic, or by a link to this VPC.
    Presence(&'a Instance, Option<&'a str>),
    /// A host outside the cloud.
    Host(&'a Host),
    /// A service's host.
    Managed(&'a ManagedHost),
    /// A subnet.
    Subnet(&'a Subnet),
    /// A security group.
    Group(&'a SecurityGroup),
    /// A resource that is known by its id.
    Other(&'a str, &'a Tags),
    /// The instances linked to a VPC.
    Links(&'a str, &'a Tags),
    /// A remote site, by its customer gateway.
    Site(&'a str, &'a Tags),
    /// A gateway endpoint.
    Endpoint(&'a str, &'a Tags),
    /// A route table of a transit gateway.
    TransitTable(&'a TransitGatewayRouteTable),
    /// An attachment to a transit gateway: the route table for packets that it brings into its VPC.
    Entrance(&'a TransitGatewayAttachment),
    /// The platform's own host.
    Platform,
}

/// An index of all resources with a number.
pub struct Names<'a> {
    model: &'a Model,
    by_number: HashMap<u32, Named<'a>>,
}

impl<'a> Names<'a> {
    /// Makes the index of a cloud.
    pub fn of(model: &'a Model) -> Self {
        let mut by_number = HashMap::from([(PLATFORM, Named::Platform), (SERVICES.0, Named::Platform)]);
        by_number.extend(platform::FILTERS.map(|filter| (filter.0, Named::Platform)));
        for vpc in model.vpcs.iter() {
            by_number.insert(vpc.number, Named::Other(&vpc.id, &vpc.tags));
            by_number.insert(vpc.links_number, Named::Links(&vpc.id, &vpc.tags));
        }
        by_number.extend(model.subnets.iter().map(|subnet| (subnet.number, Named::Subnet(subnet))));
        by_number.extend(model.network_acls.iter().map(|acl| (acl.number, Named::Other(&acl.id, &acl.tags))));
        by_number.extend(model.security_groups.iter().map(|group| (group.number, Named::Group(group))));
        for instance in model.instances.iter() {
            by_number.insert(instance.port, Named::Instance(instance));
            if let Some(place) = instance.classic() {
                by_number.insert(place.attachment, Named::Presence(instance, None));
                if let Some(link) = &place.link {
                    by_number.insert(link.attachment, Named::Presence(instance, Some(&link.vpc)));
                }
            }
        }
        for interface in model.network_interfaces.iter() {
            let Some(attachment) = &interface.attachment else { continue };
            if let Some(instance) = model.instances.get(&attachment.instance) {
                by_number.insert(interface.number, Named::Interface(instance, interface));
                by_number.insert(attachment.port, Named::Interface(instance, interface));
            }
        }
        by_number.extend(model.nat_gateways.iter().map(|nat| (nat.number, Named::Other(&nat.id, &nat.tags))));
        by_number.extend(model.customer_gateways.iter().map(|site| (site.number, Named::Site(&site.id, &site.tags))));
        by_number.extend(model.vpc_endpoints.iter().map(|end| (end.number, Named::Endpoint(&end.id, &end.tags))));
        by_number.extend(model.transit_route_tables.iter().map(|table| (table.number, Named::TransitTable(table))));
        by_number.extend(model.transit_attachments.iter().map(|row| (row.number, Named::Entrance(row))));
        for host in model.hosts.iter() {
            by_number.insert(host.port, Named::Host(host));
            by_number.insert(host.attachment, Named::Host(host));
        }
        for host in model.managed_hosts.iter() {
            let attachment = match &host.place {
                ManagedPlace::Classic { attachment, .. } => Some(*attachment),
                ManagedPlace::Vpc { interface, .. } => model.network_interfaces.get(interface).map(|eni| eni.number),
            };
            by_number.insert(host.port, Named::Managed(host));
            by_number.extend(attachment.map(|number| (number, Named::Managed(host))));
        }
        by_number.extend(model.access_groups.iter().map(|group| (group.number, Named::Other(&group.id, &group.tags))));
        Self { model, by_number }
    }

    /// A port's host: an instance's id or a host's name, and the Name tag.
    pub fn port(&self, port: PortId) -> (String, Option<String>) {
        match self.by_number.get(&port.0) {
            Some(Named::Instance(instance) | Named::Interface(instance, _)) => {
                (instance.id.clone(), instance.tags.get("Name").cloned())
            }
            Some(Named::Host(host)) => (host.name.clone(), None),
            Some(Named::Managed(host)) => (host.id.clone(), None),
            Some(Named::Platform) => (HOST.to_owned(), Some(PLATFORM_WORDS.to_owned())),
            _ => (port.to_string(), None),
        }
    }

    /// An attachment's host: an instance's id or a host's name, and the Name tag.
    pub fn at(&self, id: AttachmentId) -> (String, Option<String>) {
        match self.by_number.get(&id.0) {
            Some(Named::Presence(instance, _) | Named::Interface(instance, _)) => {
                (instance.id.clone(), instance.tags.get("Name").cloned())
            }
            Some(Named::Host(host)) => (host.name.clone(), None),
            Some(Named::Managed(host)) => (host.id.clone(), None),
            Some(Named::Platform) => (HOST.to_owned(), Some(PLATFORM_WORDS.to_owned())),
            _ => (id.to_string(), None),
        }
    }

    /// Whether an attachment belongs to a link.
    pub fn is_link(&self, id: AttachmentId) -> bool {
        matches!(self.by_number.get(&id.0), Some(Named::Presence(_, Some(_))))
    }

    /// The service's host in EC2-Classic with an address, if the address was looked up among the instances linked to a
    /// VPC.
    pub fn classic_service(&self, vrf: VrfId, address: Ipv4Addr) -> Option<&'a ManagedHost> {
        let Some(Named::Links(vpc, _)) = self.by_number.get(&vrf.0) else { return None };
        let region = &self.model.vpcs.get(vpc)?.scope.region;
        let mut hosts = self.model.managed_hosts.by(&address.to_string());
        hosts.find(|host| {
            let is_there = matches!(&host.place, ManagedPlace::Classic { private, .. } if *private == address);
            is_there && host.scope.region == *region
        })
    }

    /// A port's host in words.
    pub fn host(&self, port: PortId) -> String {
        self.words(port.0).unwrap_or_else(|| port.to_string())
    }

    /// The peer of an impaired path.
    pub fn far_end(&self, end: FarEnd) -> String {
        match end {
            FarEnd::Port(port) => self.host(port),
            FarEnd::Net(net) => net.to_string(),
        }
    }

    /// An attachment: its instance or host, and the link or interface.
    pub fn attachment(&self, id: AttachmentId) -> String {
        match self.by_number.get(&id.0) {
            Some(Named::Presence(instance, Some(vpc))) => {
                format!("{}, by its link to {vpc}", label(&instance.id, &instance.tags))
            }
            _ => self.words(id.0).unwrap_or_else(|| id.to_string()),
        }
    }

    /// The ids of the security groups of an attachment.
    pub fn group_ids(&self, id: AttachmentId) -> &'a [String] {
        match self.by_number.get(&id.0) {
            Some(Named::Presence(instance, Some(_))) => instance.link().map_or(&[], |link| &link.groups),
            Some(Named::Presence(instance, None)) => instance.classic().map_or(&[], |place| &place.groups),
            Some(Named::Interface(_, interface)) => &interface.groups,
            Some(Named::Managed(host)) => managed_groups(self.model, host),
            _ => &[],
        }
    }

    /// The security groups of an attachment in words.
    pub fn groups_at(&self, id: AttachmentId) -> String {
        let named = self.group_ids(id).iter();
        let named = named.map(|id| self.model.security_groups.get(id).map_or(id.clone(), group_words));
        named.collect::<Vec<_>>().join(", ")
    }

    /// A rule of a group in words.
    pub fn rule(&self, filter: FilterId, rule: RuleId) -> Option<String> {
        let Some(Named::Group(group)) = self.by_number.get(&filter.0) else { return None };
        if rule == IMPLICIT {
            return Some("all to 0.0.0.0/0".to_owned());
        }
        let rule = group.rules.iter().find(|of_group| of_group.number() == rule.0)?;
        Some(rules::group_rule(self.model, rule))
    }

    /// A group and its rule in words.
    pub fn admitting(&self, filter: FilterId, rule: RuleId) -> Option<String> {
        Some(format!("{}: {}", self.filter(filter), self.rule(filter, rule)?))
    }

    /// A network ACL's rule in words.
    pub fn acl_rule(&self, id: AclId, egress: bool, number: u16) -> Option<String> {
        let mut acls = self.model.network_acls.iter();
        rules::acl_rule(acls.find(|acl| acl.number == id.0)?, egress, number)
    }

    /// A security group.
    pub fn filter(&self, id: FilterId) -> String {
        self.words(id.0).unwrap_or_else(|| id.to_string())
    }

    /// A network ACL.
    pub fn acl(&self, id: AclId) -> String {
        self.words(id.0).unwrap_or_else(|| id.to_string())
    }

    /// A subnet.
    pub fn segment(&self, id: SegmentId) -> String {
        self.words(id.0).unwrap_or_else(|| id.to_string())
    }

    /// A NAT.
    pub fn nat(&self, id: NatId) -> String {
        self.words(id.0).unwrap_or_else(|| id.to_string())
    }

    /// A route table as its users know it: the one that a subnet uses, or that of Classic instances.
    pub fn table(&self, id: TableId) -> String {
        match self.by_number.get(&id.0) {
            Some(Named::Subnet(subnet)) => {
                let table = self.model.route_table_of(&subnet.id);
                table.map_or_else(
                    || id.to_string(),
                    |table| format!("{} of {}", table.id, label(&subnet.id, &subnet.tags)),
                )
            }
            Some(Named::TransitTable(table)) => format!("{} of {}", label(&table.id, &table.tags), table.gateway),
            Some(Named::Entrance(attachment)) => self.entrance(attachment),
            Some(Named::Other(vpc, _)) => format!("the routes of an instance linked to {vpc}"),
            _ if id.0 == INTERNET => "the Internet's routes".to_owned(),
            None if classic(VrfId(id.0)).is_some() => "EC2-Classic's routes".to_owned(),
            _ => format!("the routes of {}", self.vrf(VrfId(id.0))),
        }
    }

    /// The target of a route, as the API names it.
    pub fn target(&self, id: TableId, prefix: Ipv4Net) -> Option<String> {
        if let Some(Named::TransitTable(table)) = self.by_number.get(&id.0) {
            return self.transit_route(table, prefix)?.attachment;
        }
        self.route(id, prefix)?.target.id().map(str::to_owned)
    }

    /// A route of the table that a subnet, or an attachment to a transit gateway in one, uses.
    fn route(&self, id: TableId, prefix: Ipv4Net) -> Option<&'a Route> {
        let subnet = match *self.by_number.get(&id.0)? {
            Named::Subnet(subnet) => &subnet.id,
            Named::Entrance(attachment) => &attachment.subnets.first()?.subnet,
            _ => return None,
        };
        let mut routes = self.model.route_table_of(subnet)?.routes.iter();
        routes.find(|route| route.destination == Destination::V4(prefix))
    }

    /// An address space.
    pub fn vrf(&self, id: VrfId) -> String {
        if id.0 == INTERNET {
            return "the Internet".to_owned();
        }
        match self.by_number.get(&id.0) {
            Some(Named::Links(vpc, tags)) => format!("the Classic instances linked to {}", label(vpc, tags)),
            _ => self.words(id.0).or_else(|| classic(id)).unwrap_or_else(|| id.to_string()),
        }
    }

    /// The port and the source address with which a host sends to an address. Unless `source` is given, they are what
    /// its Linux would choose.
    pub fn leaves_by(&self, host: &str, to: Ipv4Addr, source: Option<Ipv4Addr>) -> Option<(PortId, Ipv4Addr)> {
        if let Some(outside) = self.model.hosts.get(host) {
            return Some((PortId(outside.port), source.unwrap_or(outside.address)));
        }
        if let Some(managed) = self.model.managed_hosts.get(host) {
            let own = self.model.managed_addresses(managed).0;
            return Some((PortId(managed.port), source.or(own)?));
        }
        let instance = self.model.instances.get(host)?;
        if let Some(place) = instance.classic() {
            return Some((PortId(instance.port), source.or(place.private)?));
        }
        let ids = instance.vpc()?.interfaces.iter();
        let interfaces: Vec<_> = ids.filter_map(|id| self.model.network_interfaces.get(id)).collect();
        let is_neighbour = |interface: &NetworkInterface| {
            self.model.subnets.get(&interface.subnet).is_some_and(|subnet| subnet.contains(&to))
        };
        // The interface with the source address; without one, the interface in the destination's subnet; otherwise
        // eth0.
        let chosen = match source {
            Some(source) => interfaces.iter().find(|interface| interface.addresses.contains(&source)),
            None => interfaces.iter().find(|interface| is_neighbour(interface)),
        };
        let interface = chosen.or(interfaces.first())?;
        Some((PortId(interface.attachment.as_ref()?.port), source.unwrap_or(interface.address())))
    }

    /// The addresses of a host, private ones first, with the network in which each is valid.
    pub fn addresses(&self, host: &str) -> Vec<(Reach, Ipv4Addr)> {
        if let Some(outside) = self.model.hosts.get(host) {
            let reach = match &outside.place {
                HostPlace::Internet => Reach::Internet,
                HostPlace::Site(gateway) => Reach::Site(gateway.clone()),
            };
            return vec![(reach, outside.address)];
        }
        if let Some(managed) = self.model.managed_hosts.get(host) {
            let (private, public) = self.model.managed_addresses(managed);
            let network = match &managed.place {
                ManagedPlace::Classic { .. } => Some(Reach::Classic(managed.scope.region.clone())),
                ManagedPlace::Vpc { interface, .. } => {
                    self.model.network_interfaces.get(interface).map(|eni| Reach::Vpc(eni.vpc.clone()))
                }
            };
            return network.zip(private).into_iter().chain(public.map(|public| (Reach::Internet, public))).collect();
        }
        let Some(instance) = self.model.instances.get(host) else { return Vec::new() };
        let mut all = Vec::new();
        if let Some(place) = instance.classic() {
            all.extend(place.private.map(|address| (Reach::Classic(instance.scope.region.clone()), address)));
            all.extend(
                place.link.as_ref().zip(place.private).map(|(link, address)| (Reach::Vpc(link.vpc.clone()), address)),
            );
            all.extend(place.public.as_ref().map(|public| (Reach::Internet, public.address)));
        }
        if let Some(place) = instance.vpc() {
            let interfaces = || place.interfaces.iter().filter_map(|id| self.model.network_interfaces.get(id));
            // A host is reached at its primary address; any public address is better than none.
            all.extend(interfaces().next().map(|primary| (Reach::Vpc(place.vpc.clone()), primary.address())));
            let primary = interfaces().filter_map(NetworkInterface::primary_public);
            let public = primary.chain(interfaces().flat_map(|interface| interface.public.values()));
            all.extend(public.map(|public| (Reach::Internet, public.address)));
        }
        all
    }

    fn words(&self, number: u32) -> Option<String> {
        Some(match *self.by_number.get(&number)? {
            Named::Instance(instance) | Named::Presence(instance, _) => label(&instance.id, &instance.tags),
            Named::Interface(instance, interface) => interface_words(instance, interface),
            Named::Host(host) => host.name.clone(),
            Named::Managed(host) => format!("{} (a host of {})", host.id, host.owner.service.word()),
            Named::Subnet(subnet) => label(&subnet.id, &subnet.tags),
            Named::Group(group) => group_words(group),
            Named::Other(id, tags) | Named::Links(id, tags) | Named::Endpoint(id, tags) => label(id, tags),
            Named::TransitTable(table) => label(&table.id, &table.tags),
            Named::Entrance(attachment) => label(&attachment.id, &attachment.tags),
            Named::Platform => PLATFORM_WORDS.to_owned(),
            Named::Site(id, tags) => format!("the site of {}", label(id, tags)),
        })
    }
}

/// The network in which an address is valid.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// A Region's EC2-Classic.
    Classic(String),
    /// A VPC: its members and the instances linked to it.
    Vpc(String),
    /// A remote site.
    Site(String),
    /// The Internet.
    Internet,
}

/// An instance, and its interface if it has several.
fn interface_words(instance: &Instance, interface: &NetworkInterface) -> String {
    let several = instance.vpc().is_some_and(|place| place.interfaces.len() > 1);
    let index = interface.attachment.as_ref().filter(|_| several).map(|attachment| attachment.device_index);
    let label = label(&instance.id, &instance.tags);
    index.map(|index| format!("{label}, {}", interface_name(index))).unwrap_or(label)
}

/// The groups of a service's host, by id.
fn managed_groups<'a>(model: &'a Model, host: &'a ManagedHost) -> &'a [String] {
    match &host.place {
        ManagedPlace::Classic { groups, .. } => groups,
        ManagedPlace::Vpc { interface, .. } => {
            model.network_interfaces.get(interface).map_or(&[], |interface| &interface.groups)
        }
    }
}

fn group_words(group: &SecurityGroup) -> String {
    format!("{} ({})", group.id, group.name)
}

fn classic(id: VrfId) -> Option<String> {
    let region: &Region = REGIONS.iter().find(|region| region.classic() == Some(id.0))?;
    Some(format!("EC2-Classic of {}", region.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Caller, Launch, Scope, Time};

    #[test]
    fn an_ambiguous_name_is_refused() {
        let mut model = Model::new(1);
        let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
        let caller = Caller::of_account(scope, Time(0));
        let launch = |name: &str| Launch {
            instance_type: "m1.small".into(),
            least: 1,
            most: 1,
            tags: Tags::from([("Name".into(), name.into())]),
            ..Launch::default()
        };
        model.add_host("visitor", HostPlace::Internet, [203, 0, 113, 1].into()).unwrap();
        assert_eq!(host(&model, "visitor").unwrap(), "visitor");
        model.run_instances(&caller, launch("visitor")).unwrap();
        let id = model.instances.iter().next().unwrap().id.clone();
        let why = host(&model, "visitor").unwrap_err().to_string();
        assert!(why.contains("a host") && why.contains(&id), "{why}");
        assert_eq!(host(&model, &id).unwrap(), id);
        model.remove_host("visitor").unwrap();
        assert_eq!(host(&model, "visitor").unwrap(), id);
        model.run_instances(&caller, launch("visitor")).unwrap();
        assert!(matches!(host(&model, "visitor"), Err(NameError::Ambiguous(..))));
        assert!(matches!(host(&model, "nobody"), Err(NameError::Unknown(_))));
    }
}
