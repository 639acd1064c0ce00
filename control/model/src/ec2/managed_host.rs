//! Managed hosts: namespaces like those of instances that belong to a service (semantics.md §9). Each has an interface in a subnet, or
//! a place in EC2-Classic, that its user sees and cannot change (M36), and a program that runs on it.
//!
//! Names that resolve to a host stand in its row: to move a name to another host is all of a failover.

use super::network_interface::NewInterface;
use crate::words::words;
use crate::{
    AddressWish, Error, IdKind, Model, NetworkInterface, PrefixWish, PublicAddress, Result, Row, Scope, Subnet, Tags,
    Time,
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

words! {
    /// A service with hosts. The word is its name in ARNs and signatures.
    ManagedService {
        Rds "rds",
        ElastiCache "elasticache",
        Redshift "redshift",
        LoadBalancing "elasticloadbalancing",
        PrivateLink "vpce",
    }
}

impl ManagedService {
    /// Every service that has hosts.
    pub const ALL: [ManagedService; 5] = [
        ManagedService::Rds,
        ManagedService::ElastiCache,
        ManagedService::Redshift,
        ManagedService::LoadBalancing,
        ManagedService::PrivateLink,
    ];

    /// The requester of its network interfaces, as the EC2 API names it.
    pub fn requester(self) -> &'static str {
        match self {
            ManagedService::Rds => "amazon-rds",
            ManagedService::ElastiCache => "amazon-elasticache",
            ManagedService::Redshift => "amazon-redshift",
            ManagedService::LoadBalancing => "amazon-elb",
            ManagedService::PrivateLink => "amazon-vpce",
        }
    }
}

/// The owner of a managed host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The service.
    pub service: ManagedService,
    /// The resource of the service: the id of its row.
    pub resource: String,
}

impl Owner {
    /// The resource's name. The id of its row is an ARN or a path, which ends in it.
    pub fn name(&self) -> &str {
        self.resource.rsplit([':', '/']).next().unwrap_or(&self.resource)
    }
}

/// The place of a managed host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ManagedPlace {
    /// In a subnet.
    Vpc {
        /// Its network interface, which has its addresses and groups.
        interface: String,
        /// `ela-attach-…`
        attachment: String,
    },
    /// In its Region's EC2-Classic.
    Classic {
        /// The number of its attachment in EC2-Classic.
        attachment: u32,
        /// Its private address.
        private: Ipv4Addr,
        /// Its public address.
        public: Option<Ipv4Addr>,
        /// The ids of its groups: a service's own, or EC2's.
        groups: Vec<String>,
    },
}

/// The program on a managed host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The kind of server in `--service-command`: `postgres`, for example. The user's command for it replaces the program.
    pub kind: String,
    /// The TCP port on which it listens. It is up once it does. A program with port 0 is up once it runs.
    pub port: u16,
    /// The arguments of this same program, which runs without a user's command.
    pub arguments: Vec<String>,
    /// The names in its TLS certificate. Without names it does not use TLS.
    #[serde(default)]
    pub tls: Vec<String>,
    /// The shard that it is in.
    #[serde(default)]
    pub shard: Option<String>,
}

/// The desired state of a managed host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Power {
    /// It runs.
    On,
    /// It is down, by an operator's order or its service's. It keeps its address.
    Down,
    /// It is being removed.
    Ending,
}

/// The condition of a managed host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Condition {
    /// It or its program is starting.
    Starting,
    /// Its program listens.
    Up,
    /// It has failed, for this reason. It is tried again unless it should be down.
    Failed(String),
}

/// A report about a managed host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManagedNews {
    /// It exists in this condition.
    Fares(Condition),
    /// It does not exist.
    Gone,
}

/// A managed host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedHost {
    /// Its name, which is unique among all hosts.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its owner.
    pub owner: Owner,
    /// Its Availability Zone.
    pub zone: String,
    /// The number of its port.
    pub port: u32,
    /// Its place.
    pub place: ManagedPlace,
    /// The names that resolve to it now, in lower case.
    pub names: Vec<String>,
    /// Its program.
    pub program: Program,
    /// The number of restarts of its program that were requested.
    pub restarts: u32,
    /// Its desired state.
    pub power: Power,
    /// Its condition.
    pub condition: Condition,
    /// Its impairments in their textual form ([`parse_impairments`](crate::parse_impairments)).
    #[serde(default)]
    pub impairment: Option<String>,
}

impl Row for ManagedHost {
    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<String> {
        let place = match &self.place {
            ManagedPlace::Vpc { interface, .. } => vec![interface.clone()],
            ManagedPlace::Classic { groups, private, public, .. } => {
                let addresses = public.iter().chain([private]).map(Ipv4Addr::to_string);
                groups.iter().cloned().chain(addresses).collect()
            }
        };
        place.into_iter().chain([self.owner.resource.clone()]).collect()
    }
}

impl ManagedHost {
    /// Whether it is switched on: it has a namespace, and entries in the tables.
    pub fn is_on(&self) -> bool {
        self.power == Power::On
    }

    /// Whether its service has switched it off. A failure by an operator's order has another condition.
    pub fn is_switched_off(&self) -> bool {
        self.power == Power::Down && !matches!(self.condition, Condition::Failed(_))
    }

    /// Whether its program listens.
    pub fn is_up(&self) -> bool {
        self.is_on() && self.condition == Condition::Up
    }

    /// Its network interface, in a VPC.
    pub fn interface(&self) -> Option<&str> {
        match &self.place {
            ManagedPlace::Vpc { interface, .. } => Some(interface),
            ManagedPlace::Classic { .. } => None,
        }
    }
}

/// The place of a new managed host.
#[derive(Clone, Debug)]
pub enum NewPlace {
    /// In a subnet.
    Subnet {
        /// The subnet.
        subnet: String,
        /// The security groups.
        groups: Vec<String>,
        /// The description of the interface.
        description: String,
        /// Whether it gets a public address.
        public: bool,
    },
    /// In EC2-Classic.
    Classic {
        /// The zone.
        zone: String,
        /// The ids of its groups: a service's own, or EC2's.
        groups: Vec<String>,
        /// Whether it gets a public address.
        public: bool,
    },
}

/// The parameters of a new managed host.
#[derive(Clone, Debug)]
pub struct NewManagedHost {
    /// The wanted name. The host's name consists of it and the zone, `orders-us-east-1a`, unless another host has that.
    pub name: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its owner.
    pub owner: Owner,
    /// Its place.
    pub place: NewPlace,
    /// The names that resolve to it.
    pub names: Vec<String>,
    /// Its program.
    pub program: Program,
}

impl Model {
    /// Makes a managed host, which starts when its tables are in force; its name.
    ///
    /// # Errors
    /// [`Error::SubnetFull`], [`Error::OutOfAddresses`], and what is wrong with the subnet.
    pub fn make_managed_host(&mut self, new: NewManagedHost) -> Result<String> {
        let NewManagedHost { name, scope, owner, place, names, program } = new;
        let (zone, place) = match place {
            NewPlace::Subnet { subnet, groups, description, public } => {
                let subnet = self.subnets.find(&scope, &subnet)?.clone();
                let interface = self.managed_interface(&scope, owner.service, &subnet, groups, description, public)?;
                let attachment = self.new_id(IdKind::ServiceAttachment);
                (subnet.zone, ManagedPlace::Vpc { interface, attachment })
            }
            NewPlace::Classic { zone, groups, public } => {
                let private = self.new_classic(&scope.region, None)?;
                let public = if public { Some(self.spare_public()?.address) } else { None };
                let attachment = self.number();
                (zone, ManagedPlace::Classic { attachment, private, public, groups })
            }
        };
        let host = ManagedHost {
            id: self.free_host_name(&format!("{name}-{zone}")),
            scope,
            owner,
            zone,
            port: self.number(),
            place,
            names,
            program,
            restarts: 0,
            power: Power::On,
            condition: Condition::Starting,
            impairment: None,
        };
        let id = host.id.clone();
        self.managed_hosts.insert(host);
        Ok(id)
    }

    fn managed_interface(
        &mut self,
        scope: &Scope,
        service: ManagedService,
        subnet: &Subnet,
        groups: Vec<String>,
        description: String,
        public: bool,
    ) -> Result<String> {
        let addresses = self.choose_addresses(subnet, &AddressWish::default(), &PrefixWish::default())?;
        let public = if public { Some(self.spare_public()?) } else { None };
        let id =
            self.insert_interface(NewInterface { scope, subnet, addresses, groups, description, tags: Tags::new() });
        if let Some(interface) = self.network_interfaces.get_mut(&id) {
            interface.requester = Some(service.requester().to_owned());
            let private = interface.address();
            interface.public.extend(public.map(|public| (private, public)));
        }
        Ok(id)
    }

    fn spare_public(&mut self) -> Result<PublicAddress> {
        self.new_public(None)
    }

    /// A free name for a host: the wanted one if possible.
    fn free_host_name(&self, wanted: &str) -> String {
        let is_free = |name: &String| self.managed_hosts.get(name).is_none() && self.hosts.get(name).is_none();
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
        names.find(is_free).unwrap_or_default()
    }

    /// Moves a managed host to an existing network interface in its subnet, which stays attached as it is. The host's own one is deleted.
    pub fn move_managed_host(&mut self, id: &str, to: String, attached: Option<String>) {
        let Some(host) = self.managed_hosts.get_mut(id) else { return };
        let requester = host.owner.service.requester().to_owned();
        if let ManagedPlace::Vpc { interface, attachment } = &mut host.place {
            let own = std::mem::replace(interface, to.clone());
            *attachment = attached.unwrap_or_else(|| std::mem::take(attachment));
            self.network_interfaces.remove(&own);
        }
        if let Some(interface) = self.network_interfaces.get_mut(&to) {
            interface.requester = Some(requester);
        }
    }

    /// Removes a managed host. It is unreachable at once. Its row and its interface are removed with its namespace.
    pub fn end_managed_host(&mut self, id: &str) {
        if let Some(host) = self.managed_hosts.get_mut(id) {
            host.power = Power::Ending;
            host.names.clear();
        }
    }

    /// Restarts the program of a managed host.
    pub fn restart_managed_host(&mut self, id: &str) {
        if let Some(host) = self.managed_hosts.get_mut(id) {
            host.restarts += 1;
            host.condition = Condition::Starting;
        }
    }

    /// Replaces the program of a managed host.
    pub fn set_managed_program(&mut self, id: &str, program: Program) {
        if let Some(host) = self.managed_hosts.get_mut(id) {
            host.program = program;
        }
        self.restart_managed_host(id);
    }

    /// Switches a managed host off or on, as its service wants.
    pub fn switch_managed_host(&mut self, id: &str, on: bool) {
        if let Some(host) = self.managed_hosts.get_mut(id) {
            (host.power, host.condition) = (if on { Power::On } else { Power::Down }, Condition::Starting);
        }
    }

    /// Sets the groups of a managed host.
    pub fn set_managed_groups(&mut self, id: &str, wanted: &[String]) {
        let interface = self.managed_hosts.get(id).and_then(ManagedHost::interface).map(str::to_owned);
        match interface {
            Some(interface) => {
                if let Some(interface) = self.network_interfaces.get_mut(&interface) {
                    interface.groups = wanted.to_vec();
                }
            }
            None => {
                let place = self.managed_hosts.get_mut(id).map(|host| &mut host.place);
                if let Some(ManagedPlace::Classic { groups, .. }) = place {
                    *groups = wanted.to_vec();
                }
            }
        }
    }

    /// Gives a managed host in a VPC a public address, or takes it away.
    ///
    /// # Errors
    /// [`Error::OutOfAddresses`].
    pub fn set_managed_public(&mut self, id: &str, public: bool) -> Result<()> {
        let Some(interface) = self.managed_hosts.get(id).and_then(ManagedHost::interface).map(str::to_owned) else {
            return Ok(());
        };
        let has = self.network_interfaces.get(&interface).is_some_and(|interface| !interface.public.is_empty());
        let new = if public && !has { Some(self.spare_public()?) } else { None };
        if let Some(interface) = self.network_interfaces.get_mut(&interface) {
            let private = interface.address();
            interface.public.extend(new.map(|public| (private, public)));
            interface.public.retain(|_, _| public);
        }
        Ok(())
    }

    /// Sets the names that resolve to a managed host.
    pub fn set_managed_names(&mut self, id: &str, names: Vec<String>) {
        if let Some(host) = self.managed_hosts.get_mut(id) {
            host.names = names;
        }
    }

    /// The managed host that a network interface belongs to.
    pub fn managed_host_of(&self, interface: &str) -> Option<&ManagedHost> {
        self.managed_hosts.by(interface).find(|host| host.interface() == Some(interface))
    }

    /// Whether an interface belongs to a part of the platform, so that its user cannot change it.
    pub fn is_platforms(&self, interface: &str) -> bool {
        self.nat_gateway_of(interface).is_some()
            || self.managed_host_of(interface).is_some()
            || self.transit_attachment_at(interface).is_some()
            || self.connect_endpoint_of(interface).is_some()
            || self.client_vpn_of(interface).is_some()
            || self.route_server_endpoint_at(interface).is_some()
    }

    /// The private and the public address of a managed host.
    pub fn managed_addresses(&self, host: &ManagedHost) -> (Option<Ipv4Addr>, Option<Ipv4Addr>) {
        match &host.place {
            ManagedPlace::Classic { private, public, .. } => (Some(*private), *public),
            ManagedPlace::Vpc { interface, .. } => {
                let interface = self.network_interfaces.get(interface);
                let public = interface.and_then(NetworkInterface::primary_public).map(|public| public.address);
                (interface.map(NetworkInterface::address), public)
            }
        }
    }

    /// Updates managed hosts and their owners by reports about their namespaces and programs.
    pub fn follow_managed_hosts(&mut self, now: Time, news: impl Fn(&ManagedHost) -> Option<ManagedNews>) {
        let heard: Vec<_> = self.managed_hosts.iter().filter_map(|host| Some((host.id.clone(), news(host)?))).collect();
        for (id, news) in heard {
            let Some(host) = self.managed_hosts.get(&id) else { continue };
            let owner = host.owner.clone();
            match (host.power, news) {
                (Power::Ending, ManagedNews::Gone) => self.forget_managed_host(&id),
                (Power::On, ManagedNews::Fares(fares)) if host.condition != fares => {
                    if let Some(host) = self.managed_hosts.get_mut(&id) {
                        host.condition = fares;
                    }
                }
                _ => continue,
            }
            self.owner_follows(&owner, now);
        }
    }

    fn forget_managed_host(&mut self, id: &str) {
        if let Some(interface) = self.managed_hosts.remove(id).as_ref().and_then(ManagedHost::interface) {
            self.network_interfaces.remove(interface);
        }
    }

    /// Takes a managed host down, or lets it come up again, as an operator wants it: see what its service makes of that.
    ///
    /// # Errors
    /// [`Error::NoSuchHost`] if no service has a host with that name; [`Error::HostSwitchedOff`] if its service wants it to be off.
    pub fn fail_managed_host(&mut self, name: &str, down: bool, now: Time) -> Result<()> {
        let host = self.managed_hosts.get(name).filter(|host| host.power != Power::Ending);
        let host = host.ok_or_else(|| Error::NoSuchHost { name: name.into() })?;
        if host.is_switched_off() {
            return Err(Error::HostSwitchedOff { name: name.into() });
        }
        let owner = host.owner.clone();
        if let Some(host) = self.managed_hosts.get_mut(name) {
            (host.power, host.condition) = match down {
                true => (Power::Down, Condition::Failed("it was taken down by `classiclink host fail`".into())),
                false => (Power::On, Condition::Starting),
            };
        }
        self.owner_follows(&owner, now);
        Ok(())
    }
}
