//! The missing parts between EC2-Classic and a VPC if a packet does not find an existing address: a link, another link,
//! options of a peering connection, or another address (rows M2, M26, M28, M29).

use super::{Named, Names, label};
use model::platform_host::CLASSIC_RESOLVER;
use model::{Instance, NetworkInterface, VpcPeeringConnection};
use std::net::Ipv4Addr;
use wire::PortId;

impl Names<'_> {
    /// The owner of an address that a packet of this port does not find, and what is missing between EC2-Classic and
    /// the VPC. `None` if nobody of the sender's account has the address.
    pub(in crate::explain) fn not_linked(&self, sender: PortId, address: Ipv4Addr) -> Option<String> {
        match *self.by_number.get(&sender.0)? {
            Named::Instance(sender) if address == CLASSIC_RESOLVER => self.hidden_by_resolver(sender),
            Named::Instance(sender) => self.not_linked_to(sender, address),
            Named::Interface(_, sender) => self.not_linked_from(sender, address),
            _ => None,
        }
    }

    /// A linked instance has the resolver of EC2-Classic at an address of the VPC, or of its peer.
    fn hidden_by_resolver(&self, sender: &Instance) -> Option<String> {
        let linked = &sender.link()?.vpc;
        let is_near = |vpc: &str| vpc == linked || self.model.peering_between(linked, vpc).is_some();
        let mut interfaces = self.model.network_interfaces.of(&sender.scope);
        let hidden = interfaces.find(|there| there.addresses.contains(&CLASSIC_RESOLVER) && is_near(&there.vpc))?;
        let (owner, vpc) = (self.owner_of(hidden), &hidden.vpc);
        Some(format!("{owner} has it in {vpc}, but instances linked to {linked} have their resolver at that address"))
    }

    /// An instance of EC2-Classic looks for an address of a VPC.
    fn not_linked_to(&self, sender: &Instance, address: Ipv4Addr) -> Option<String> {
        let link = sender.classic()?.link.as_ref();
        let interfaces = self.model.network_interfaces.of(&sender.scope);
        let all: Vec<&NetworkInterface> =
            interfaces.filter(|interface| interface.addresses.contains(&address)).collect();
        if let Some(link) = link {
            // In the linked VPC it is found by the link, or its host is off.
            if all.iter().any(|interface| interface.vpc == link.vpc) {
                return None;
            }
            for interface in &all {
                let Some(peering) = self.model.peering_between(&link.vpc, &interface.vpc) else { continue };
                let off = off_for_links(peering, &link.vpc, &interface.vpc);
                let missing = off.or_else(|| self.not_led(peering, &link.vpc))?;
                let owner = self.owner_of(interface);
                return Some(format!("{owner} has it in {}, the peer of {}: {missing}", interface.vpc, link.vpc));
            }
        }
        // Of several VPCs with that address none is known to be meant.
        let [interface] = all[..] else { return None };
        let sender = label(&sender.id, &sender.tags);
        let state = link.map_or("is not linked".to_owned(), |link| format!("is linked to {}", link.vpc));
        Some(format!("{} has it in {}, and {sender} {state}", self.owner_of(interface), interface.vpc))
    }

    /// An interface in a VPC looks for an address of EC2-Classic.
    fn not_linked_from(&self, sender: &NetworkInterface, address: Ipv4Addr) -> Option<String> {
        let has_it = |instance: &&Instance| instance.classic().is_some_and(|place| place.private == Some(address));
        let instance = self.model.instances.of(&sender.scope).find(has_it)?;
        let name = label(&instance.id, &instance.tags);
        let Some(link) = instance.link() else { return Some(format!("{name} has it, and is not linked")) };
        if link.vpc == sender.vpc {
            return None;
        }
        let linked = format!("{name} has it, and is linked to {}", link.vpc);
        match self.model.peering_between(&link.vpc, &sender.vpc) {
            Some(peering) => {
                let missing = off_for_links(peering, &link.vpc, &sender.vpc)?;
                Some(format!("{linked}, the peer of {}: {missing}", sender.vpc))
            }
            None => Some(linked),
        }
    }

    /// A linked instance goes by the main table of its VPC, which does not lead to a peer.
    fn not_led(&self, peering: &VpcPeeringConnection, linked: &str) -> Option<String> {
        let table = &self.model.main_route_table(linked)?.id;
        Some(format!("{table}, the main route table of {linked}, does not lead there by {}", peering.id))
    }

    fn owner_of(&self, interface: &NetworkInterface) -> String {
        self.words(interface.number).unwrap_or_else(|| interface.id.clone())
    }
}

/// The options of a peering connection that are off although instances linked to one of its VPCs need them to reach the
/// other VPC.
fn off_for_links(peering: &VpcPeeringConnection, linked: &str, other: &str) -> Option<String> {
    let options = [
        (peering.side_of(linked)?.options.links_to_peer, "AllowEgressFromLocalClassicLinkToRemoteVpc", linked),
        (peering.side_of(other)?.options.vpc_to_peer_links, "AllowEgressFromLocalVpcToRemoteClassicLink", other),
    ];
    let off = options.into_iter().filter(|(is_on, ..)| !is_on);
    let off: Vec<String> = off.map(|(_, option, vpc)| format!("{option} of {vpc}")).collect();
    (!off.is_empty()).then(|| format!("{} lacks {}", peering.id, off.join(" and ")))
}
