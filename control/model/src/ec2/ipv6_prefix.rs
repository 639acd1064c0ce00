//! IPv6 prefixes of network interfaces: blocks of a subnet that an interface has whole, for what its host runs.

use crate::{Caller, Error, Model, NetworkInterface, Result};
use ipnet::Ipv6Net;

/// The length of a prefix of an interface.
const LENGTH: u8 = 80;
/// How many prefixes a request may leave to the platform.
const MOST: usize = 256;

/// The prefixes that a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ipv6PrefixWish {
    /// These prefixes.
    pub named: Vec<Ipv6Net>,
    /// So many prefixes, which the platform chooses.
    pub count: usize,
}

impl Ipv6PrefixWish {
    /// Whether none is wanted.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty() && self.count == 0
    }
}

fn has_of(interface: &NetworkInterface, prefix: &Ipv6Net) -> bool {
    interface.ipv6_prefixes.contains(prefix) || interface.ipv6.iter().any(|address| prefix.contains(address))
}

impl Model {
    /// AssignIpv6Addresses, of prefixes. Answers with those that are new.
    pub fn assign_ipv6_prefixes(&mut self, caller: &Caller, id: &str, wish: &Ipv6PrefixWish) -> Result<Vec<Ipv6Net>> {
        if wish.is_empty() {
            return Ok(Vec::new());
        }
        let subnet = self.network_interfaces.find(&caller.scope, id)?.subnet.clone();
        let block = self.subnets.find(&caller.scope, &subnet)?.ipv6.as_ref().map(|block| block.cidr);
        let block = block.ok_or_else(|| Error::NoIpv6InSubnet { subnet: subnet.clone() })?;
        let is_free = |prefix: &Ipv6Net| !self.network_interfaces.by(&subnet).any(|other| has_of(other, prefix));
        let is_prefix = |prefix: &Ipv6Net| prefix.prefix_len() == LENGTH && prefix.trunc() == *prefix;
        let fits = |prefix: &Ipv6Net| is_prefix(prefix) && block.contains(prefix) && is_free(prefix);
        if let Some(wrong) = wish.named.iter().find(|prefix| !fits(prefix)) {
            return Err(Error::invalid("Ipv6Prefix", wrong));
        }
        // The first block has the addresses that interfaces are given one by one.
        let blocks = block.subnets(LENGTH).into_iter().flatten().skip(1);
        let free = blocks.filter(|prefix| !wish.named.contains(prefix) && is_free(prefix)).take(wish.count.min(MOST));
        let new: Vec<Ipv6Net> = wish.named.iter().copied().chain(free).collect();
        if new.len() < wish.named.len() + wish.count {
            return Err(Error::SubnetFull { subnet });
        }
        self.network_interfaces.find_mut(&caller.scope, id)?.ipv6_prefixes.extend(&new);
        Ok(new)
    }

    /// UnassignIpv6Addresses, of prefixes.
    pub fn unassign_ipv6_prefixes(&mut self, caller: &Caller, id: &str, gone: &[Ipv6Net]) -> Result<()> {
        let interface = self.network_interfaces.find_mut(&caller.scope, id)?;
        if !gone.iter().all(|prefix| interface.ipv6_prefixes.contains(prefix)) {
            return Err(Error::NotAssigned { interface: id.into() });
        }
        interface.ipv6_prefixes.retain(|prefix| !gone.contains(prefix));
        Ok(())
    }
}
