//! Launches into subnets, with their network interfaces.

use crate::ec2::network_interface::NewInterface;
use crate::ids::dedup;
use crate::{
    AddressWish, Caller, Error, IdKind, InterfaceChange, Launch, LaunchInterface, Model, Network, Result, Subnet,
    Tenancy, VpcPlace,
};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::vec::IntoIter;

/// A planned interface and its subnet.
struct Planned {
    wanted: LaunchInterface,
    subnet: Subnet,
}

/// The addresses of a subnet for the new interfaces of a launch.
#[derive(Default)]
struct Promised {
    /// The addresses that the subnet has chosen and that no interface has yet.
    chosen: IntoIter<Ipv4Addr>,
    /// The addresses that the launch names.
    named: Vec<Ipv4Addr>,
}

impl Promised {
    /// All of these addresses. A prefix that the subnet chooses has none.
    fn all(&self) -> Vec<Ipv4Addr> {
        self.named.iter().chain(self.chosen.as_slice()).copied().collect()
    }
}

/// The addresses of a launch by subnet.
type BySubnet = BTreeMap<String, Promised>;

impl Model {
    /// Launches into subnets. Returns `false` without a change if the launch is for EC2-Classic.
    pub(crate) fn run_in_vpc(&mut self, caller: &Caller, launch: &Launch, reservation: &str) -> Result<bool> {
        let Some(planned) = self.plan(caller, launch)? else { return Ok(false) };
        self.check_plan(caller, launch, &planned)?;
        let (count, mut promised) = self.gather_addresses(launch, &planned)?;
        for index in 0..count {
            self.run_one(caller, launch, (reservation, index), &planned, &mut promised)?;
        }
        Ok(true)
    }

    /// The planned interfaces, the primary one first. `None` if the launch is for EC2-Classic.
    fn plan(&self, caller: &Caller, launch: &Launch) -> Result<Option<Vec<Planned>>> {
        let mut described = launch.interfaces.clone();
        if described.is_empty() {
            described.push(LaunchInterface {
                subnet: launch.subnet.clone(),
                groups: launch.groups.clone(),
                addresses: AddressWish { primary: launch.private, ..AddressWish::default() },
                settings: launch.settings.clone(),
                ..LaunchInterface::default()
            });
        }
        described.sort_by_key(|wanted| wanted.device_index);
        let mut planned = Vec::new();
        for mut wanted in described {
            let subnet = match (&wanted.existing, &wanted.subnet) {
                (Some(id), _) => Some(self.network_interfaces.find(&caller.scope, id)?.subnet.clone()),
                (None, named) => named.clone(),
            };
            let subnet = match subnet {
                Some(subnet) => self.subnets.find(&caller.scope, &subnet)?.clone(),
                None => match self.default_subnet(caller, launch.zone.as_deref())? {
                    Some(subnet) => subnet,
                    None if launch.interfaces.is_empty() => return Ok(None),
                    None => return Err(Error::MissingParameter { name: "NetworkInterface.1.SubnetId".into() }),
                },
            };
            wanted.groups = self.interface_groups(caller, launch, &subnet.vpc, wanted.groups)?;
            planned.push(Planned { wanted, subnet });
        }
        Ok(Some(planned))
    }

    fn interface_groups(&self, caller: &Caller, launch: &Launch, vpc: &str, by_id: Vec<String>) -> Result<Vec<String>> {
        if launch.subnet.is_some() && !launch.group_names.is_empty() {
            return Err(Error::GroupNameWithSubnet {});
        }
        let mut groups = by_id;
        for name in &launch.group_names {
            groups.push(self.group_named(&caller.scope, Some(vpc), name)?.id.clone());
        }
        if groups.is_empty() {
            groups.push(self.group_named(&caller.scope, Some(vpc), "default")?.id.clone());
        }
        dedup(&mut groups);
        self.check_vpc_groups(&caller.scope, vpc, &groups)?;
        Ok(groups)
    }

    /// Checks that an instance can have the planned interfaces, and so can several instances if several are launched.
    fn check_plan(&self, caller: &Caller, launch: &Launch, planned: &[Planned]) -> Result<()> {
        self.check_type(&launch.instance_type, false)?;
        let indices: Vec<u16> = planned.iter().map(|planned| planned.wanted.device_index).collect();
        if indices.first() != Some(&0) {
            return Err(Error::NoPrimaryInterface {});
        }
        if !indices.is_sorted_by(|one, other| one < other) {
            return Err(Error::DeviceIndexTwice {});
        }
        self.check_interface_count(&launch.instance_type, planned.len())?;
        let primary = &planned[0].subnet;
        if let Some(zone) = launch.zone.clone().filter(|zone| *zone != primary.zone) {
            return Err(Error::ZoneOfSubnet { zone, subnet: primary.id.clone() });
        }
        if planned.iter().any(|planned| planned.subnet.vpc != primary.vpc) {
            return Err(Error::DifferentNetworks {});
        }
        if planned.iter().any(|planned| planned.subnet.zone != primary.zone) {
            return Err(Error::InterfaceZone {});
        }
        let mut existing: Vec<&String> =
            planned.iter().filter_map(|planned| planned.wanted.existing.as_ref()).collect();
        existing.sort_unstable();
        if let Some(twice) = existing.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::InterfaceInUse { id: twice[0].clone() });
        }
        for planned in planned {
            self.check_planned(caller, launch, planned)?;
        }
        let public = planned.iter().find(|planned| planned.wanted.public == Some(true));
        match public {
            Some(_) if planned.len() > 1 => Err(Error::PublicForSeveral {}),
            Some(only) if only.wanted.existing.is_some() => Err(Error::PublicForExisting {}),
            _ => Ok(()),
        }
    }

    fn check_planned(&self, caller: &Caller, launch: &Launch, planned: &Planned) -> Result<()> {
        let Planned { wanted, subnet } = planned;
        if subnet.cidr.is_none() {
            return Err(Error::Ipv6OnlySubnet { subnet: subnet.id.clone() });
        }
        let named = wanted.addresses.named().next().is_some();
        let settings = &wanted.settings;
        let Some(id) = &wanted.existing else {
            if launch.most > 1 && (named || settings.names_addresses()) {
                return Err(Error::OneAddressForMany {});
            }
            if settings.needs_ipv6() && subnet.ipv6.is_none() {
                return Err(Error::NoIpv6InSubnet { subnet: subnet.id.clone() });
            }
            return self.check_address_count("eni", &launch.instance_type, wanted.addresses.size().0);
        };
        let interface = self.network_interfaces.find(&caller.scope, id)?;
        if interface.attachment.is_some() || self.is_platforms(id) {
            return Err(Error::InterfaceInUse { id: id.clone() });
        }
        match launch.most > 1 || named || launch.private.is_some() {
            true => Err(Error::OneAddressForMany {}),
            false => Ok(()),
        }
    }

    /// The number of instances for which there are addresses, up to the maximum, and these addresses.
    fn gather_addresses(&self, launch: &Launch, planned: &[Planned]) -> Result<(u32, BySubnet)> {
        let (mut count, mut promised) = (launch.most as usize, BySubnet::new());
        let new = || planned.iter().filter(|planned| planned.wanted.existing.is_none());
        let mut subnets: BTreeMap<&String, &Subnet> = BTreeMap::new();
        subnets.extend(new().map(|planned| (&planned.subnet.id, &planned.subnet)));
        for (id, subnet) in subnets {
            let here = || new().filter(|planned| planned.subnet.id == *id).map(|planned| &planned.wanted);
            let named: Vec<_> = here().flat_map(LaunchInterface::named_addresses).collect();
            self.check_addresses(subnet, &named)?;
            let chosen: usize = here().map(|wanted| wanted.addresses.size().1).sum();
            let addresses = self.some_free_addresses(subnet, chosen * count, &named);
            count = addresses.len().checked_div(chosen).unwrap_or(count).min(count);
            if count < launch.least as usize {
                return Err(Error::SubnetFull { subnet: id.clone() });
            }
            promised.insert(id.clone(), Promised { chosen: addresses.into_iter(), named });
        }
        Ok((u32::try_from(count).unwrap_or(launch.most), promised))
    }

    /// Launches one instance.
    fn run_one(
        &mut self,
        caller: &Caller,
        launch: &Launch,
        place: (&str, u32),
        planned: &[Planned],
        promised: &mut BySubnet,
    ) -> Result<()> {
        let (id, port) = (self.new_id(IdKind::Instance), self.number());
        let mut interfaces = Vec::new();
        for Planned { wanted, subnet } in planned {
            let interface = match &wanted.existing {
                Some(existing) => existing.clone(),
                None => {
                    let promised = promised.entry(subnet.id.clone()).or_default();
                    self.make_interface(caller, launch, wanted, subnet, promised)?
                }
            };
            let index = wanted.device_index;
            let port = if index == 0 { port } else { self.number() };
            let goes = !wanted.stays.unwrap_or(wanted.existing.is_some());
            self.attach(caller, &interface, (&id, index), port, goes);
            if let Some(srd) = wanted.srd {
                self.modify_network_interface(caller, &interface, InterfaceChange::EnaSrd(srd))?;
            }
            interfaces.push(interface);
        }
        if let [Planned { wanted, subnet }] = planned {
            let public = wanted.existing.is_none() && wanted.public.unwrap_or(subnet.public_on_launch);
            self.give_public(launch, &interfaces[0], public)?;
        }
        let subnet = &planned[0].subnet;
        let tenancy = match self.vpc_of(&subnet.vpc)?.tenancy {
            Tenancy::Default => launch.tenancy.unwrap_or_default(),
            tenancy => tenancy,
        };
        let network = Network::Vpc(VpcPlace { vpc: subnet.vpc.clone(), subnet: subnet.id.clone(), interfaces });
        self.insert_instance(caller, launch, place, (id, port), &subnet.zone, tenancy, network)
    }

    fn make_interface(
        &mut self,
        caller: &Caller,
        launch: &Launch,
        wanted: &LaunchInterface,
        subnet: &Subnet,
        promised: &mut Promised,
    ) -> Result<String> {
        let interface = self.insert_interface(NewInterface {
            scope: &caller.scope,
            subnet,
            addresses: wanted.addresses.fulfil(&mut promised.chosen),
            groups: wanted.groups.clone(),
            description: wanted.description.clone(),
            tags: launch.interface_tags.clone(),
        });
        self.set_up_interface(caller, &interface, &wanted.settings, &promised.all())?;
        Ok(interface)
    }

    /// Sets whether an instance's only interface gets a public address at every start, and assigns the first one.
    fn give_public(&mut self, launch: &Launch, interface: &str, public: bool) -> Result<()> {
        let address = match public {
            true => {
                let asked = launch.tags.get(crate::PUBLIC_IP_TAG).map(String::as_str);
                Some(self.new_public(asked)?)
            }
            false => None,
        };
        if let Some(interface) = self.network_interfaces.get_mut(interface) {
            interface.auto_public = public;
            let private = interface.address();
            interface.public.extend(address.map(|address| (private, address)));
        }
        Ok(())
    }
}
