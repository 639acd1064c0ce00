//! What new network interfaces are given beside IPv4 addresses and groups.

use crate::{Caller, ConnectionTracking, Ipv6PrefixWish, Model, PrefixWish, Result, Subnet};
use std::net::{Ipv4Addr, Ipv6Addr};

/// What is wanted of IPv6 addresses: these, or so many of the subnet's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ipv6Wish {
    /// These.
    pub named: Vec<Ipv6Addr>,
    /// So many more; unless anything is said, as many as the subnet says.
    pub count: Option<u32>,
}

impl Ipv6Wish {
    /// Whether any is wanted.
    pub fn is_some(&self) -> bool {
        self.count.unwrap_or(0) > 0 || !self.named.is_empty()
    }

    /// How many addresses of a subnet are wanted beside those that are named.
    fn count_in(&self, subnet: &Subnet) -> u32 {
        let of_subnet = self.named.is_empty() && subnet.ipv6_on_creation && subnet.ipv6.is_some();
        self.count.unwrap_or(u32::from(of_subnet))
    }
}

/// What a new interface is given beside its IPv4 addresses and groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterfaceSettings {
    /// Its IPv6 addresses.
    pub ipv6: Ipv6Wish,
    /// Its IPv4 prefixes.
    pub prefixes: PrefixWish,
    /// Its IPv6 prefixes.
    pub ipv6_prefixes: Ipv6PrefixWish,
    /// Whether the first of its IPv6 addresses is the primary one.
    pub primary_ipv6: bool,
    /// How long its idle connections are kept track of.
    pub tracking: ConnectionTracking,
}

impl InterfaceSettings {
    /// Whether it names addresses or blocks, which one interface alone can have.
    pub(crate) fn names_addresses(&self) -> bool {
        !(self.ipv6.named.is_empty() && self.prefixes.named.is_empty() && self.ipv6_prefixes.named.is_empty())
    }

    /// Whether anything of IPv6 is wanted.
    pub(crate) fn needs_ipv6(&self) -> bool {
        self.ipv6.is_some() || !self.ipv6_prefixes.is_empty()
    }
}

impl Model {
    /// Gives a new interface what its settings say, and nothing that is promised to others.
    pub(crate) fn set_up_interface(
        &mut self,
        caller: &Caller,
        id: &str,
        settings: &InterfaceSettings,
        promised: &[Ipv4Addr],
    ) -> Result<()> {
        settings.tracking.check()?;
        let interface = self.network_interfaces.find_mut(&caller.scope, id)?;
        interface.has_primary_ipv6 = settings.primary_ipv6;
        interface.tracking = settings.tracking;
        let ipv6 = &settings.ipv6;
        let count = self.subnets.get(&interface.subnet).map_or(0, |subnet| ipv6.count_in(subnet));
        if count > 0 || ipv6.is_some() {
            self.assign_ipv6(caller, id, &ipv6.named, count)?;
        }
        self.assign_prefixes(caller, id, &settings.prefixes, promised)?;
        self.assign_ipv6_prefixes(caller, id, &settings.ipv6_prefixes)?;
        Ok(())
    }
}
