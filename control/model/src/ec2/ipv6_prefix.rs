//! IPv6 prefixes of network interfaces: blocks of a subnet that belong to one interface as a whole.

use crate::{Caller, Error, Model, Result};
use ipnet::Ipv6Net;
use std::collections::BTreeSet;
use std::net::Ipv6Addr;

/// The length of a prefix of an interface.
const LENGTH: u8 = 80;
/// How many prefixes a request may leave to the platform.
const MOST: usize = 256;

/// The prefixes that a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ipv6PrefixWish {
    /// The named prefixes.
    pub named: Vec<Ipv6Net>,
    /// The number of prefixes that the platform chooses.
    pub count: usize,
}

impl Ipv6PrefixWish {
    /// Whether no prefix is wanted.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty() && self.count == 0
    }
}

/// The block of a prefix's length that an address is in.
fn block_around(address: Ipv6Addr) -> Ipv6Net {
    Ipv6Net::new_assert(address, LENGTH).trunc()
}

impl Model {
    /// AssignIpv6Addresses, for prefixes. Returns the new prefixes.
    pub fn assign_ipv6_prefixes(&mut self, caller: &Caller, id: &str, wish: &Ipv6PrefixWish) -> Result<Vec<Ipv6Net>> {
        let subnet = self.network_interfaces.find(&caller.scope, id)?.subnet.clone();
        if wish.is_empty() {
            return Ok(Vec::new());
        }
        if self.is_platforms(id) {
            return Err(Error::NotYours {});
        }
        let block = self.subnets.find(&caller.scope, &subnet)?.ipv6.as_ref().map(|block| block.cidr);
        let block = block.ok_or_else(|| Error::NoIpv6InSubnet { subnet: subnet.clone() })?;
        let mut taken = self.taken_ipv6_blocks(&subnet);
        // The first block has the addresses that interfaces are given one by one.
        taken.insert(block_around(block.network()));
        for prefix in &wish.named {
            let is_prefix = prefix.prefix_len() == LENGTH && prefix.trunc() == *prefix;
            if !is_prefix || !block.contains(prefix) || !taken.insert(*prefix) {
                return Err(Error::invalid("Ipv6Prefix", prefix));
            }
        }
        let blocks = block.subnets(LENGTH).into_iter().flatten();
        let free = blocks.filter(|prefix| !taken.contains(prefix)).take(wish.count.min(MOST));
        let new: Vec<Ipv6Net> = wish.named.iter().copied().chain(free).collect();
        if new.len() < wish.named.len().saturating_add(wish.count) {
            return Err(Error::SubnetFull { subnet });
        }
        self.network_interfaces.find_mut(&caller.scope, id)?.ipv6_prefixes.extend(&new);
        Ok(new)
    }

    /// The blocks of a subnet of which interfaces have addresses.
    fn taken_ipv6_blocks(&self, subnet: &str) -> BTreeSet<Ipv6Net> {
        let interfaces = self.network_interfaces.by(subnet);
        let blocks = interfaces.flat_map(|eni| {
            let around = eni.ipv6.iter().copied().map(block_around);
            eni.ipv6_prefixes.iter().copied().chain(around)
        });
        blocks.collect()
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
