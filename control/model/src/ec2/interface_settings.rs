//! The settings of new network interfaces besides IPv4 addresses and groups.

use crate::{Caller, ConnectionTracking, Ipv6PrefixWish, Model, PrefixWish, Result, Subnet};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The wanted IPv6 addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ipv6Wish {
    /// The named addresses.
    pub named: Vec<Ipv6Addr>,
    /// The number of further addresses. The subnet's setting applies if no address is asked for.
    pub count: Option<u32>,
}

impl Ipv6Wish {
    /// Whether any address is asked for.
    pub fn is_some(&self) -> bool {
        self.count.unwrap_or(0) > 0 || !self.named.is_empty()
    }

    /// The number of addresses that a subnet chooses.
    fn count_in(&self, subnet: &Subnet) -> u32 {
        let of_subnet = self.named.is_empty() && subnet.ipv6_on_creation && subnet.ipv6.is_some();
        self.count.unwrap_or(u32::from(of_subnet))
    }
}

/// The settings of a new interface besides IPv4 addresses and groups.
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
    /// Its connection tracking configuration.
    pub tracking: ConnectionTracking,
}

impl InterfaceSettings {
    /// Whether it names addresses or blocks, which only one interface can have.
    pub(crate) fn names_addresses(&self) -> bool {
        !(self.ipv6.named.is_empty() && self.prefixes.named.is_empty() && self.ipv6_prefixes.named.is_empty())
    }

    /// Whether it asks for IPv6.
    pub(crate) fn needs_ipv6(&self) -> bool {
        self.ipv6.is_some() || !self.ipv6_prefixes.is_empty()
    }
}

impl Model {
    /// Applies the settings to a new interface. `promised` addresses are not used.
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
