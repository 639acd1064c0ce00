//! What new network interfaces are given beside IPv4 addresses and groups.

use crate::{Caller, ConnectionTracking, Ipv6PrefixWish, Ipv6Wish, Model, PrefixWish, Result};

/// What a new interface is given beside its IPv4 addresses and groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterfaceSettings {
    /// Its IPv6 addresses; without any, the subnet's word.
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
}

impl Model {
    /// Gives a new interface what its settings say.
    pub(crate) fn set_up_interface(&mut self, caller: &Caller, id: &str, settings: &InterfaceSettings) -> Result<()> {
        settings.tracking.check()?;
        let interface = self.network_interfaces.find_mut(&caller.scope, id)?;
        interface.has_primary_ipv6 = settings.primary_ipv6;
        interface.tracking = settings.tracking;
        let mut ipv6 = settings.ipv6.clone();
        if !ipv6.is_some() {
            let subnet = self.subnets.get(&interface.subnet);
            ipv6.count = u32::from(subnet.is_some_and(|subnet| subnet.ipv6_on_creation));
        }
        if ipv6.is_some() {
            self.assign_ipv6(caller, id, &ipv6.named, ipv6.count)?;
        }
        self.assign_prefixes(caller, id, &settings.prefixes)?;
        self.assign_ipv6_prefixes(caller, id, &settings.ipv6_prefixes)?;
        Ok(())
    }
}
