//! Network interfaces: addresses in a subnet, their groups, and the instance that has them.

use crate::collection::resource;
use crate::{
    AddressWish, Caller, ConnectionTracking, EnaSrd, Error, IdKind, InterfaceSettings, Model, PublicAddress, Result,
    Scope, Subnet, Tags, Time, addresses_of,
};
use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The attachment of an interface to an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceAttachment {
    /// `eni-attach-…`
    pub id: String,
    /// The instance.
    pub instance: String,
    /// Its device index. 0 is the primary interface.
    pub device_index: u16,
    /// The number of its port. Every attachment has another, so that connections end with it. The primary one's is the instance's.
    pub port: u32,
    /// Whether the interface is deleted with the instance.
    pub delete_on_termination: bool,
    /// The time of its creation.
    pub since: Time,
    /// Its settings of ENA Express.
    #[serde(default)]
    pub srd: EnaSrd,
}

/// A network interface of a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInterface {
    /// `eni-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its number (an attachment).
    pub number: u32,
    /// The VPC of its subnet.
    pub vpc: String,
    /// Its subnet.
    pub subnet: String,
    /// Its description. Services write their name here.
    pub description: String,
    /// Its private addresses, the primary one first.
    pub addresses: Vec<Ipv4Addr>,
    /// Its prefixes, all of whose addresses lead to it.
    #[serde(default)]
    pub prefixes: Vec<Ipv4Net>,
    /// Its IPv6 addresses.
    #[serde(default)]
    pub ipv6: Vec<Ipv6Addr>,
    /// Its IPv6 prefixes.
    #[serde(default)]
    pub ipv6_prefixes: Vec<Ipv6Net>,
    /// Whether the first of its IPv6 addresses is the primary one.
    #[serde(default)]
    pub has_primary_ipv6: bool,
    /// Its public addresses, elastic or not, by private address.
    pub public: BTreeMap<Ipv4Addr, PublicAddress>,
    /// The account that created it. `None` if it was created with an instance or belongs to the platform.
    #[serde(default)]
    pub requester: Option<String>,
    /// Whether it gets a public address of the pool whenever its instance starts.
    pub auto_public: bool,
    /// Its security groups.
    pub groups: Vec<String>,
    /// Whether its source and destination are checked: packets must be from or to its own addresses.
    pub source_dest_check: bool,
    /// Its connection tracking configuration.
    #[serde(default)]
    pub tracking: ConnectionTracking,
    /// Its attachment to an instance.
    pub attachment: Option<InterfaceAttachment>,
    /// The MAC address that it was imported with.
    #[serde(default)]
    pub imported_mac: Option<String>,
}

resource!(NetworkInterface, IdKind::NetworkInterface, |interface| {
    let public = interface.public.values().map(|public| public.address.to_string());
    let places = [interface.vpc.clone(), interface.subnet.clone()];
    let instance = interface.instance().map(str::to_owned);
    public.chain(places).chain(instance).chain(interface.groups.iter().cloned()).collect()
});

impl NetworkInterface {
    /// The primary private address.
    pub fn address(&self) -> Ipv4Addr {
        self.addresses.first().copied().unwrap_or(Ipv4Addr::UNSPECIFIED)
    }

    /// The public address of the primary private one.
    pub fn primary_public(&self) -> Option<&PublicAddress> {
        self.public.get(&self.address())
    }

    /// Whether an address is the primary IPv6 address.
    pub fn is_primary_ipv6(&self, address: &Ipv6Addr) -> bool {
        self.has_primary_ipv6 && self.ipv6.first() == Some(address)
    }

    /// All addresses that lead to it.
    pub fn all_addresses(&self) -> Vec<Ipv4Addr> {
        self.addresses.iter().copied().chain(self.prefixes.iter().flat_map(addresses_of)).collect()
    }

    /// The instance to which it is attached.
    pub fn instance(&self) -> Option<&str> {
        self.attachment.as_ref().map(|attachment| attachment.instance.as_str())
    }

    /// Its MAC address: the imported one, or a locally administered one that is derived from its number.
    pub fn mac(&self) -> String {
        let [a, b, c, d] = self.number.to_be_bytes();
        let own = || format!("0a:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}");
        self.imported_mac.clone().unwrap_or_else(own)
    }
}

/// The properties of a new interface.
pub(crate) struct NewInterface<'a> {
    pub scope: &'a Scope,
    pub subnet: &'a Subnet,
    pub addresses: Vec<Ipv4Addr>,
    pub groups: Vec<String>,
    pub description: String,
    pub tags: Tags,
}

impl Model {
    pub(crate) fn insert_interface(&mut self, new: NewInterface<'_>) -> String {
        let interface = NetworkInterface {
            id: self.new_id(IdKind::NetworkInterface),
            scope: new.scope.clone(),
            tags: new.tags,
            number: self.number(),
            vpc: new.subnet.vpc.clone(),
            subnet: new.subnet.id.clone(),
            description: new.description,
            addresses: new.addresses,
            prefixes: Vec::new(),
            ipv6: Vec::new(),
            ipv6_prefixes: Vec::new(),
            has_primary_ipv6: false,
            public: BTreeMap::new(),
            requester: None,
            auto_public: false,
            groups: new.groups,
            source_dest_check: true,
            tracking: ConnectionTracking::default(),
            attachment: None,
            imported_mac: None,
        };
        let id = interface.id.clone();
        self.network_interfaces.insert(interface);
        id
    }
}

/// The parameters of CreateNetworkInterface.
#[derive(Clone, Debug, Default)]
pub struct NewNetworkInterface {
    /// The subnet.
    pub subnet: String,
    /// The addresses.
    pub addresses: AddressWish,
    /// The groups. Without any, it is the VPC's default group.
    pub groups: Vec<String>,
    /// Its description.
    pub description: String,
    /// Its other settings.
    pub settings: InterfaceSettings,
    /// Its tags.
    pub tags: Tags,
}

/// A change of an interface's attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InterfaceChange {
    /// `description`
    Description(String),
    /// `sourceDestCheck`
    SourceDestCheck(bool),
    /// `groupSet`
    Groups(Vec<String>),
    /// `associatePublicIpAddress`: from the next start of its instance on.
    AutoPublic(bool),
    /// `enablePrimaryIpv6`, which cannot be taken back.
    PrimaryIpv6(bool),
    /// `connectionTrackingSpecification`: what is absent stays.
    Tracking(ConnectionTracking),
    /// `enaSrdSpecification` of the attachment: what is absent stays.
    EnaSrd(EnaSrd),
    /// `attachment`: the attachment's id, and whether the interface goes with the instance.
    DeleteOnTermination(String, bool),
}

impl Model {
    /// CreateNetworkInterface: creates an interface that is not attached.
    pub fn create_network_interface(&mut self, caller: &Caller, new: NewNetworkInterface) -> Result<String> {
        let NewNetworkInterface { subnet, addresses, mut groups, description, settings, tags } = new;
        let subnet = self.subnets.find(&caller.scope, &subnet)?.clone();
        if groups.is_empty() {
            groups.push(self.group_named(&caller.scope, Some(&subnet.vpc), "default")?.id.clone());
        }
        self.check_vpc_groups(&caller.scope, &subnet.vpc, &groups)?;
        crate::tags::check(&tags)?;
        let addresses = self.choose_addresses(&subnet, &addresses, &settings.prefixes)?;
        let scope = &caller.scope;
        let id = self.insert_interface(NewInterface { scope, subnet: &subnet, addresses, groups, description, tags });
        self.network_interfaces.find_mut(scope, &id)?.requester = Some(scope.account.clone());
        self.set_up_interface(caller, &id, &settings, &[])?;
        Ok(id)
    }

    /// DeleteNetworkInterface. An interface in use is refused.
    pub fn delete_network_interface(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let interface = self.network_interfaces.find(&caller.scope, id)?;
        if interface.attachment.is_some() || self.is_platforms(id) {
            return Err(Error::InterfaceAttached { id: id.into() });
        }
        self.network_interfaces.remove(id);
        self.forget_mirror_sessions();
        Ok(())
    }

    /// ModifyNetworkInterfaceAttribute. Interfaces of the platform are refused.
    pub fn modify_network_interface(&mut self, caller: &Caller, id: &str, change: InterfaceChange) -> Result<()> {
        let interface = self.network_interfaces.find(&caller.scope, id)?;
        if self.is_platforms(id) {
            return Err(Error::NotYours {});
        }
        match &change {
            InterfaceChange::Groups(groups) => self.check_vpc_groups(&caller.scope, &interface.vpc, groups)?,
            InterfaceChange::Tracking(tracking) => tracking.check()?,
            InterfaceChange::EnaSrd(_) if interface.attachment.is_none() => {
                return Err(Error::InterfaceUnattached { id: id.into() });
            }
            InterfaceChange::DeleteOnTermination(attachment, _)
                if interface.attachment.as_ref().is_none_or(|a| a.id != *attachment) =>
            {
                return Err(Error::NotFound { kind: IdKind::NetworkInterfaceAttachment, id: attachment.clone() });
            }
            _ => {}
        }
        let interface = self.network_interfaces.find_mut(&caller.scope, id)?;
        match change {
            InterfaceChange::Description(text) => interface.description = text,
            InterfaceChange::SourceDestCheck(on) => interface.source_dest_check = on,
            InterfaceChange::Groups(groups) => interface.groups = groups,
            InterfaceChange::AutoPublic(on) => interface.auto_public = on,
            InterfaceChange::PrimaryIpv6(on) => interface.has_primary_ipv6 |= on,
            InterfaceChange::Tracking(tracking) => interface.tracking = interface.tracking.with(tracking),
            InterfaceChange::EnaSrd(srd) => {
                if let Some(attachment) = &mut interface.attachment {
                    attachment.srd = attachment.srd.with(srd);
                }
            }
            InterfaceChange::DeleteOnTermination(_, goes) => {
                if let Some(attachment) = &mut interface.attachment {
                    attachment.delete_on_termination = goes;
                }
            }
        }
        Ok(())
    }
}
