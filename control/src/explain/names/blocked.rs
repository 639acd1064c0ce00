//! Interfaces and routes that VPC Block Public Access blocks.

use super::{Named, Names, label};
use ipnet::Ipv4Net;
use model::{INTERNET, Target};
use std::net::Ipv4Addr;
use wire::{AttachmentId, TableId, VrfId};

impl Names<'_> {
    /// Why an interface cannot leave by its public address.
    pub(in crate::explain) fn blocked_interface(&self, id: AttachmentId) -> Option<String> {
        let Named::Interface(_, interface) = *self.by_number.get(&id.0)? else { return None };
        self.model.blocks_interface(interface).then(|| kept(&self.attachment(id)))
    }

    /// Why nobody has this address on the Internet, although an interface has it.
    pub(in crate::explain) fn blocked_address(&self, vrf: VrfId, address: Ipv4Addr) -> Option<String> {
        let mut owners = self.model.network_interfaces.by(&address.to_string());
        let owner = owners.find(|owner| vrf.0 == INTERNET && self.model.blocks_interface(owner))?;
        self.words(owner.number).map(|owner| kept(&owner))
    }

    /// Why the NAT gateway of a route takes nothing, although it is there.
    pub(super) fn blocked_nat_gateway(&self, id: TableId, prefix: Ipv4Net) -> Option<String> {
        let Target::NatGateway(gateway) = &self.route(id, prefix)?.target else { return None };
        let gateway = self.model.nat_gateways.get(gateway).filter(|gateway| gateway.is_available())?;
        self.model.blocks_nat_gateway(gateway).then(|| kept(&label(&gateway.id, &gateway.tags)))
    }
}

fn kept(what: &str) -> String {
    format!("VPC Block Public Access keeps {what} from the Internet")
}
