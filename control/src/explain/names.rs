//! The cloud's names for the dataplane's numbers.

mod addresses;
mod blocked;
mod not_linked;
mod nowhere;
mod transit;
mod word;

pub use addresses::Reach;
pub use word::{NameError, host, host_among, is_called};

use super::{printable, rules};
use crate::compile::platform;
use crate::compile::rules::IMPLICIT;
use ipnet::Ipv4Net;
use model::platform_host::HOST;
use model::{
    Destination, Host, INTERNET, Instance, ManagedHost, ManagedPlace, Model, NetworkInterface, PLATFORM, REGIONS,
    Region, Route, SecurityGroup, Subnet, Tags, TransitGatewayAttachment, TransitGatewayRouteTable,
};
use std::collections::HashMap;
use std::net::Ipv4Addr;
use wire::{
    AclId, AttachmentId, FarEnd, FilterId, NatId, PortId, RuleId, SERVICES, SegmentId, TableId, VrfId, interface_name,
};

/// The platform's own host in words. It has no Name tag.
const PLATFORM_WORDS: &str = "the platform";

/// An id, with the Name tag if there is one.
pub fn label(id: &str, tags: &Tags) -> String {
    match tags.get("Name") {
        Some(name) => format!("{id} ({})", printable(name)),
        None => id.to_owned(),
    }
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

    /// The resource behind a number.
    pub fn resource(&self, number: u32) -> Option<Named<'a>> {
        self.by_number.get(&number).copied()
    }

    /// A port's host: an instance's id or a host's name, and the Name tag.
    pub fn port(&self, port: PortId) -> (String, Option<String>) {
        self.host_behind(port.0).unwrap_or_else(|| (port.to_string(), None))
    }

    /// An attachment's host: an instance's id or a host's name, and the Name tag.
    pub fn at(&self, id: AttachmentId) -> (String, Option<String>) {
        self.host_behind(id.0).unwrap_or_else(|| (id.to_string(), None))
    }

    /// The host with a port or an attachment of this number.
    fn host_behind(&self, number: u32) -> Option<(String, Option<String>)> {
        Some(match self.resource(number)? {
            Named::Instance(instance) | Named::Presence(instance, _) | Named::Interface(instance, _) => {
                (instance.id.clone(), instance.tags.get("Name").cloned())
            }
            Named::Host(host) => (host.name.clone(), None),
            Named::Managed(host) => (host.id.clone(), None),
            Named::Platform => (HOST.to_owned(), Some(PLATFORM_WORDS.to_owned())),
            _ => return None,
        })
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
            _ => self.words_or_gone(id.0, "an interface"),
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
        let Named::Other(acl, _) = self.resource(id.0)? else { return None };
        rules::acl_rule(self.model.network_acls.get(acl)?, egress, number)
    }

    /// A security group.
    pub fn filter(&self, id: FilterId) -> String {
        self.words_or_gone(id.0, "a security group")
    }

    /// A network ACL.
    pub fn acl(&self, id: AclId) -> String {
        self.words_or_gone(id.0, "a network ACL")
    }

    /// A subnet.
    pub fn segment(&self, id: SegmentId) -> String {
        self.words_or_gone(id.0, "a subnet")
    }

    /// A NAT.
    pub fn nat(&self, id: NatId) -> String {
        self.words_or_gone(id.0, "a NAT gateway")
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
            _ => classic(id).unwrap_or_else(|| self.words_or_gone(id.0, "a network")),
        }
    }

    /// A resource. Drops and captured packets may name one that is gone.
    fn words_or_gone(&self, number: u32, kind: &str) -> String {
        self.words(number).unwrap_or_else(|| format!("{kind} that is gone"))
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
