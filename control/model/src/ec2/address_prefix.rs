//! Prefixes of network interfaces: blocks of a subnet whose addresses all lead to one interface.

use crate::{Caller, Error, Model, ReservationKind, Result, Subnet};
use ipnet::{IpNet, Ipv4Net};
use std::net::Ipv4Addr;

/// The length of a prefix of an interface.
pub const INTERFACE_PREFIX_LENGTH: u8 = 28;

/// The prefixes that a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrefixWish {
    /// The named prefixes.
    pub(crate) named: Vec<Ipv4Net>,
    /// The number of prefixes that the platform chooses.
    pub(crate) count: usize,
}

impl PrefixWish {
    /// A wish for these prefixes, or for so many.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for a block that is not of [`INTERFACE_PREFIX_LENGTH`].
    pub fn new(named: Vec<Ipv4Net>, count: usize) -> Result<Self> {
        let is_wrong = |block: &&Ipv4Net| block.prefix_len() != INTERFACE_PREFIX_LENGTH || block.trunc() != **block;
        if let Some(block) = named.iter().find(is_wrong) {
            return Err(Error::invalid("Ipv4Prefix", block));
        }
        Ok(Self { named, count })
    }

    /// The addresses of the prefixes that are named.
    pub(crate) fn named_addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.named.iter().flat_map(addresses_of)
    }

    /// Whether no prefix is wanted.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty() && self.count == 0
    }
}

/// All addresses of a block, including its first and last.
pub fn addresses_of(block: &Ipv4Net) -> impl Iterator<Item = Ipv4Addr> + use<> {
    (block.network().to_bits()..=block.broadcast().to_bits()).map(Ipv4Addr::from_bits)
}

impl Model {
    /// AssignPrivateIpAddresses, for prefixes. Skips blocks with `promised` addresses. Returns the new prefixes.
    pub fn assign_prefixes(
        &mut self,
        caller: &Caller,
        id: &str,
        wish: &PrefixWish,
        promised: &[Ipv4Addr],
    ) -> Result<Vec<Ipv4Net>> {
        let interface = self.network_interfaces.find(&caller.scope, id)?;
        if wish.is_empty() {
            return Ok(Vec::new());
        }
        if self.is_platforms(id) {
            return Err(Error::NotYours {});
        }
        let subnet = self.subnets.find(&caller.scope, &interface.subnet)?.clone();
        self.check_addresses(&subnet, &wish.named_addresses().collect::<Vec<_>>())?;
        let free = self.free_blocks(&subnet, wish, promised);
        let new: Vec<Ipv4Net> = wish.named.iter().copied().chain(free).collect();
        if new.len() < wish.named.len() + wish.count {
            return Err(Error::SubnetFull { subnet: subnet.id });
        }
        self.network_interfaces.find_mut(&caller.scope, id)?.prefixes.extend(&new);
        Ok(new)
    }

    /// Free blocks of a subnet: first those that are reserved for prefixes, then the highest ones, because people name low ones. Blocks
    /// with explicit reservations are skipped (VPC User Guide, "Subnet CIDR reservations").
    fn free_blocks(&self, subnet: &Subnet, wish: &PrefixWish, promised: &[Ipv4Addr]) -> Vec<Ipv4Net> {
        let mut taken = self.taken_addresses(&subnet.id);
        taken.extend(promised.iter().copied().chain(wish.named_addresses()));
        let is_free = |address: Ipv4Addr| !taken.contains(&address) && !subnet.reserves(address);
        let all: Vec<Ipv4Net> =
            subnet.cidr.and_then(|cidr| cidr.subnets(INTERFACE_PREFIX_LENGTH).ok()).into_iter().flatten().collect();
        let free = all.into_iter().rev().filter(|block| addresses_of(block).all(is_free));
        let free = free.filter(|block| !self.is_reserved(subnet, block, ReservationKind::Explicit));
        let (mut first, last): (Vec<_>, Vec<_>) =
            free.partition(|block| self.is_reserved(subnet, block, ReservationKind::Prefix));
        first.extend(last);
        first.truncate(wish.count);
        first
    }

    /// Whether a part of the block is reserved for this use.
    fn is_reserved(&self, subnet: &Subnet, block: &Ipv4Net, kind: ReservationKind) -> bool {
        let overlaps = |cidr: &IpNet| matches!(cidr, IpNet::V4(own) if own.contains(block) || block.contains(own));
        self.subnet_cidr_reservations.by(&subnet.id).any(|row| row.kind == kind && overlaps(&row.cidr))
    }

    /// UnassignPrivateIpAddresses, of prefixes.
    pub fn unassign_prefixes(&mut self, caller: &Caller, id: &str, gone: &[Ipv4Net]) -> Result<()> {
        let interface = self.network_interfaces.find_mut(&caller.scope, id)?;
        if !gone.iter().all(|block| interface.prefixes.contains(block)) {
            return Err(Error::NotAssigned { interface: id.into() });
        }
        interface.prefixes.retain(|block| !gone.contains(block));
        Ok(())
    }
}
