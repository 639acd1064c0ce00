//! Private addresses of network interfaces, primary and secondary.

use crate::{Caller, Error, InstanceType, Model, PrefixWish, Result, Subnet};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// The wanted addresses of a subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressWish {
    /// The primary address. By default the subnet chooses one.
    pub primary: Option<Ipv4Addr>,
    /// The named secondary addresses.
    pub secondary: Vec<Ipv4Addr>,
    /// The number of further secondary addresses.
    pub count: usize,
}

impl AddressWish {
    /// The addresses that are named.
    pub fn named(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.primary.into_iter().chain(self.secondary.iter().copied())
    }

    /// The number of addresses of a new interface, and how many of them the subnet chooses.
    pub fn size(&self) -> (usize, usize) {
        let size = 1 + self.secondary.len() + self.count;
        (size, size - self.named().count())
    }

    /// The addresses of a new interface, the primary one first. Those that are not named are taken from `free`.
    pub(crate) fn fulfil(&self, free: &mut impl Iterator<Item = Ipv4Addr>) -> Vec<Ipv4Addr> {
        let primary = self.primary.or_else(|| free.next());
        let mut all: Vec<_> = primary.into_iter().chain(self.secondary.iter().copied()).collect();
        all.extend(free.by_ref().take(self.count));
        all
    }
}

impl Model {
    /// The addresses of a subnet that are taken.
    pub(crate) fn taken_addresses(&self, subnet: &str) -> BTreeSet<Ipv4Addr> {
        let inside = self.network_interfaces.by(subnet);
        inside.flat_map(|interface| interface.all_addresses()).collect()
    }

    /// The number of free addresses of a subnet.
    pub fn free_addresses(&self, subnet: &Subnet) -> usize {
        subnet.size().saturating_sub(self.taken_addresses(&subnet.id).len())
    }

    /// Free addresses of a subnet, up to a number, without `spared` ones. EC2 takes them from anywhere. Here those of the lowest quarter
    /// come last, because users name addresses there.
    pub(crate) fn some_free_addresses(&self, subnet: &Subnet, most: usize, spared: &[Ipv4Addr]) -> Vec<Ipv4Addr> {
        let mut taken = self.taken_addresses(&subnet.id);
        taken.extend(spared);
        let free = |address: &Ipv4Addr| !taken.contains(address);
        let (size, chance) = (subnet.size(), usize::try_from(self.chance()).unwrap_or(usize::MAX));
        let low = size / 4;
        let first = low + chance.checked_rem(size - low).unwrap_or(0);
        let usable = |from, to| subnet.usable().skip(from).take(to - from);
        let all = usable(first, size).chain(usable(low, first)).chain(usable(0, low));
        all.filter(free).filter(|address| !self.is_kept_back(subnet, *address)).take(most).collect()
    }

    /// Checks that an interface may have these addresses.
    pub(crate) fn check_addresses(&self, subnet: &Subnet, wanted: &[Ipv4Addr]) -> Result<()> {
        let mut taken = self.taken_addresses(&subnet.id);
        for address in wanted.iter().copied() {
            if !subnet.contains(&address) {
                return Err(Error::AddressNotInSubnet { address, subnet: subnet.id.clone() });
            }
            if subnet.reserves(address) {
                return Err(Error::AddressReserved { address, subnet: subnet.id.clone() });
            }
            if !taken.insert(address) {
                return Err(Error::AddressInUse { address });
            }
        }
        Ok(())
    }

    /// The addresses of a new interface with these prefixes.
    pub(crate) fn choose_addresses(
        &self,
        subnet: &Subnet,
        wish: &AddressWish,
        prefixes: &PrefixWish,
    ) -> Result<Vec<Ipv4Addr>> {
        if subnet.cidr.is_none() {
            return Err(Error::Ipv6OnlySubnet { subnet: subnet.id.clone() });
        }
        let named: Vec<_> = wish.named().chain(prefixes.named_addresses()).collect();
        self.check_addresses(subnet, &named)?;
        let (size, chosen) = wish.size();
        let addresses = wish.fulfil(&mut self.some_free_addresses(subnet, chosen, &named).into_iter());
        if addresses.len() < size {
            return Err(Error::SubnetFull { subnet: subnet.id.clone() });
        }
        Ok(addresses)
    }

    /// Checks that an interface of an instance of this type may have this many addresses.
    pub(crate) fn check_address_count(&self, interface: &str, instance_type: &str, count: usize) -> Result<()> {
        let most = InstanceType::named(instance_type).map_or(1, |known| known.addresses);
        match count > most as usize {
            true => Err(Error::PrivateAddressLimit { interface: interface.to_owned() }),
            false => Ok(()),
        }
    }

    /// AssignPrivateIpAddresses, for secondary addresses. Another interface's secondary address is moved only with `reassign`. Returns the
    /// new ones.
    pub fn assign_private_addresses(
        &mut self,
        caller: &Caller,
        id: &str,
        wish: &AddressWish,
        reassign: bool,
    ) -> Result<Vec<Ipv4Addr>> {
        self.network_interfaces.find(&caller.scope, id)?;
        if self.is_platforms(id) {
            return Err(Error::NotYours {});
        }
        self.add_private_addresses(caller, id, wish, reassign)
    }

    /// Adds secondary addresses to an interface of any owner.
    pub(crate) fn add_private_addresses(
        &mut self,
        caller: &Caller,
        id: &str,
        wish: &AddressWish,
        reassign: bool,
    ) -> Result<Vec<Ipv4Addr>> {
        let interface = self.network_interfaces.find(&caller.scope, id)?.clone();
        let subnet = self.subnets.find(&caller.scope, &interface.subnet)?.clone();
        let mut new: Vec<_> = wish.secondary.iter().copied().filter(|own| !interface.addresses.contains(own)).collect();
        let taken = self.taken_addresses(&subnet.id);
        let kept: Vec<String> = new.iter().filter(|own| taken.contains(own)).map(ToString::to_string).collect();
        if !reassign && !kept.is_empty() {
            return Err(Error::AddressNotMoved { addresses: kept.join(", ") });
        }
        if reassign {
            let others = self.network_interfaces.by(&subnet.id).filter(|other| other.id != id);
            let moved = others.filter(|other| other.addresses.iter().skip(1).any(|own| new.contains(own)));
            for other in moved.map(|other| other.id.clone()).collect::<Vec<_>>() {
                self.take_addresses(&other, &new);
            }
        }
        self.check_addresses(&subnet, &new)?;
        let chosen = self.some_free_addresses(&subnet, wish.count, &new);
        if chosen.len() < wish.count {
            return Err(Error::SubnetFull { subnet: subnet.id });
        }
        new.extend(chosen);
        let instance = interface.instance().and_then(|instance| self.instances.get(instance));
        if let Some(instance) = instance {
            self.check_address_count(id, &instance.instance_type, interface.addresses.len() + new.len())?;
        }
        self.network_interfaces.find_mut(&caller.scope, id)?.addresses.extend(&new);
        Ok(new)
    }

    /// UnassignPrivateIpAddresses: removes secondary addresses. Their Elastic IP addresses become free.
    pub fn unassign_private_addresses(&mut self, caller: &Caller, id: &str, gone: &[Ipv4Addr]) -> Result<()> {
        let interface = self.network_interfaces.find(&caller.scope, id)?;
        if let Some(primary) = gone.iter().find(|address| **address == interface.address()) {
            return Err(Error::PrimaryAddress { address: *primary });
        }
        if !gone.iter().all(|address| interface.addresses.contains(address)) {
            return Err(Error::NotAssigned { interface: id.into() });
        }
        self.take_addresses(id, gone);
        Ok(())
    }

    /// Removes secondary addresses from an interface.
    fn take_addresses(&mut self, id: &str, gone: &[Ipv4Addr]) {
        if let Some(interface) = self.network_interfaces.get_mut(id) {
            let primary = interface.address();
            interface.addresses.retain(|address| *address == primary || !gone.contains(address));
            let kept = &interface.addresses;
            interface.public.retain(|own, _| kept.contains(own));
        }
    }
}
