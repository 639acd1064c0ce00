//! What a new network interface is given besides its private addresses.

use crate::{Caller, ConnectionTracking, InterfaceChange, Ipv6PrefixWish, Model, PrefixWish, Result, Subnet};
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

/// What else is wanted of a network interface that is to be made.
#[derive(Clone, Debug, Default)]
pub struct InterfaceWish {
    /// Its IPv6 addresses.
    pub ipv6: Ipv6Wish,
    /// Its prefixes.
    pub prefixes: PrefixWish,
    /// Its IPv6 prefixes.
    pub ipv6_prefixes: Ipv6PrefixWish,
    /// Whether its first IPv6 address is its primary one.
    pub primary_ipv6: bool,
    /// How long its connections are remembered, if that is said.
    pub tracking: Option<ConnectionTracking>,
}

impl InterfaceWish {
    /// Whether an address or a prefix is named, which only one interface can have.
    pub(crate) fn names_any(&self) -> bool {
        !(self.ipv6.named.is_empty() && self.prefixes.named.is_empty() && self.ipv6_prefixes.named.is_empty())
    }

    /// Whether anything of IPv6 is wanted.
    pub(crate) fn needs_ipv6(&self) -> bool {
        self.ipv6.is_some() || !self.ipv6_prefixes.is_empty()
    }
}

impl Model {
    /// Gives a new interface of a subnet what is wanted of it, and nothing that is promised to others.
    pub(crate) fn fulfil(
        &mut self,
        caller: &Caller,
        (id, subnet): (&str, &Subnet),
        wish: &InterfaceWish,
        promised: &[Ipv4Addr],
    ) -> Result<()> {
        let count = wish.ipv6.count_in(subnet);
        if count > 0 || wish.ipv6.is_some() {
            self.assign_ipv6(caller, id, &wish.ipv6.named, count)?;
        }
        self.assign_prefixes(caller, id, &wish.prefixes, promised)?;
        self.assign_ipv6_prefixes(caller, id, &wish.ipv6_prefixes)?;
        let primary = wish.primary_ipv6.then_some(InterfaceChange::PrimaryIpv6(true));
        let mut changes = primary.into_iter().chain(wish.tracking.map(InterfaceChange::Tracking));
        changes.try_for_each(|change| self.modify_network_interface(caller, id, change))
    }
}
