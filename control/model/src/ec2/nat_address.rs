//! Addresses of NAT gateways. The primary one translates. Secondary ones have no effect on packets.

use crate::{AddressWish, Caller, Error, IdKind, Model, PublicAddress, Result};
use std::net::Ipv4Addr;

/// The most addresses of a gateway.
const MOST: usize = 8;

/// The secondary addresses of a new gateway.
#[derive(Clone, Debug, Default)]
pub struct SecondaryAddresses {
    /// Elastic IP addresses, for a public gateway.
    pub allocations: Vec<String>,
    /// Named private addresses.
    pub private: Vec<Ipv4Addr>,
    /// The number of further private addresses of a private gateway.
    pub count: usize,
}

impl Model {
    /// Adds the secondary addresses of a new gateway.
    pub(crate) fn add_secondary_addresses(
        &mut self,
        caller: &Caller,
        id: &str,
        secondary: SecondaryAddresses,
    ) -> Result<()> {
        let SecondaryAddresses { allocations, private, count } = secondary;
        match self.nat_gateways.find(&caller.scope, id)?.is_private() {
            true if !allocations.is_empty() => Err(Error::PrivateNatAddress {}),
            false if count > 0 => Err(Error::CountOfPublicNat {}),
            true => self.assign_nat_addresses(caller, id, private, count).map(drop),
            false => self.associate_nat_addresses(caller, id, &allocations, private).map(drop),
        }
    }

    /// AssociateNatGatewayAddress: associates each Elastic IP address with a new private one. Returns the private ones.
    pub fn associate_nat_addresses(
        &mut self,
        caller: &Caller,
        id: &str,
        allocations: &[String],
        private: Vec<Ipv4Addr>,
    ) -> Result<Vec<Ipv4Addr>> {
        let count = allocations.len().checked_sub(private.len()).ok_or(Error::UnpairedNatAddresses {})?;
        let interface = self.nat_interface(caller, id, false)?;
        let new = self.enlarge(caller, &interface, private, count)?;
        for (own, allocation) in new.iter().zip(allocations) {
            let address = self.elastic_addresses.find(&caller.scope, allocation)?.address;
            if let Some((_, association)) = self.holder_of(address) {
                return Err(Error::AddressAssociated { what: allocation.clone(), association });
            }
            let elastic = Some(self.new_id(IdKind::AddressAssociation));
            let interface = self.network_interfaces.find_mut(&caller.scope, &interface)?;
            interface.public.insert(*own, PublicAddress { address, elastic });
        }
        Ok(new)
    }

    /// DisassociateNatGatewayAddress, by the associations' ids. The private addresses are removed, too. Returns them.
    pub fn disassociate_nat_addresses(
        &mut self,
        caller: &Caller,
        id: &str,
        associations: &[String],
    ) -> Result<Vec<Ipv4Addr>> {
        let interface = self.nat_interface(caller, id, false)?;
        let public = &self.network_interfaces.find(&caller.scope, &interface)?.public;
        let private = |association: &String| {
            let found = public.iter().find(|(_, public)| public.elastic.as_ref() == Some(association));
            let missing = || Error::NotFound { kind: IdKind::AddressAssociation, id: association.clone() };
            found.map(|(own, _)| *own).ok_or_else(missing)
        };
        let gone = associations.iter().map(private).collect::<Result<Vec<_>>>()?;
        self.unassign_private_addresses(caller, &interface, &gone)?;
        Ok(gone)
    }

    /// AssignPrivateNatGatewayAddress. Returns the new addresses.
    pub fn assign_nat_addresses(
        &mut self,
        caller: &Caller,
        id: &str,
        private: Vec<Ipv4Addr>,
        count: usize,
    ) -> Result<Vec<Ipv4Addr>> {
        let interface = self.nat_interface(caller, id, true)?;
        self.enlarge(caller, &interface, private, count)
    }

    /// UnassignPrivateNatGatewayAddress.
    pub fn unassign_nat_addresses(&mut self, caller: &Caller, id: &str, gone: &[Ipv4Addr]) -> Result<()> {
        let interface = self.nat_interface(caller, id, true)?;
        self.unassign_private_addresses(caller, &interface, gone)
    }

    /// The network interface of an available gateway, private or public.
    fn nat_interface(&self, caller: &Caller, id: &str, private: bool) -> Result<String> {
        let gateway = self.nat_gateways.find(&caller.scope, id)?;
        let missing = || Error::NotFound { kind: IdKind::NatGateway, id: id.to_owned() };
        let interface = gateway.interface.clone().ok_or_else(missing)?;
        match gateway.is_private() == private {
            true => Ok(interface),
            false => Err(Error::OtherNatKind { id: id.to_owned() }),
        }
    }

    /// Adds private addresses to a gateway's interface.
    fn enlarge(
        &mut self,
        caller: &Caller,
        interface: &str,
        secondary: Vec<Ipv4Addr>,
        count: usize,
    ) -> Result<Vec<Ipv4Addr>> {
        let own = &self.network_interfaces.find(&caller.scope, interface)?.addresses;
        if let Some(address) = secondary.iter().find(|address| own.contains(address)) {
            return Err(Error::AddressInUse { address: *address });
        }
        let wish = AddressWish { primary: None, secondary, count };
        let new = self.add_private_addresses(caller, interface, &wish, false)?;
        let size = self.network_interfaces.find(&caller.scope, interface)?.addresses.len();
        match size > MOST {
            true => Err(Error::PrivateAddressLimit { interface: interface.to_owned() }),
            false => Ok(new),
        }
    }
}
