//! Why a route leads nowhere, if its target still exists.

use super::{Named, Names, label};
use ipnet::Ipv4Net;
use model::{Target, TransitEnd, TransitPeeringState, TransitResource};
use wire::TableId;

impl Names<'_> {
    /// Why a packet on this route is dropped.
    pub(in crate::explain) fn nowhere(&self, id: TableId, prefix: Ipv4Net) -> Option<String> {
        if let Some(why) = self.blocked_nat_gateway(id, prefix) {
            return Some(why);
        }
        match *self.by_number.get(&id.0)? {
            Named::TransitTable(table) => {
                let Some(attachment) = self.transit_route(table, prefix)?.attachment else {
                    return Some(format!("{prefix} is a blackhole in {}", self.table(id)));
                };
                self.not_peered(&self.model.transit_end(&attachment, &table.gateway)?)
            }
            Named::Entrance(attachment) => {
                let target = self.route(id, prefix)?.target.id()?;
                let (gateway, vpc) = (&attachment.gateway, &attachment.vpc);
                Some(format!(
                    "{prefix} leads to {target}, which takes what is from {vpc} itself, not what {gateway} brings there"
                ))
            }
            Named::Subnet(subnet) => {
                let Target::TransitGateway(gateway) = &self.route(id, prefix)?.target else { return None };
                let attachment = self.model.transit_attachment_of(gateway, &subnet.vpc)?;
                let (attached, zone) = (label(&attachment.id, &attachment.tags), &subnet.zone);
                if !self.model.transits_zone(attachment, zone) {
                    return Some(format!(
                        "{attached} has no subnet in {zone}, from where it would take it to {gateway}"
                    ));
                }
                let is_lost = attachment.association.is_none();
                is_lost.then(|| format!("{attached} is associated with no route table of {gateway}"))
            }
            Named::Other(vpc, _) => {
                let peers = self.model.active_peerings(vpc).filter_map(|peering| peering.peer_of(vpc));
                let reached = std::iter::once(vpc).chain(peers.map(|peer| peer.vpc.as_str()));
                let mut all = reached.flat_map(|vpc| self.model.endpoint_addresses(vpc));
                let (address, endpoint) = all.find(|(address, _)| Ipv4Net::from(*address) == prefix)?;
                let endpoint = label(&endpoint.id, &endpoint.tags);
                Some(format!("{address} is {endpoint}'s, which takes nothing from what is linked to {vpc}"))
            }
            _ => None,
        }
    }

    /// Why a peering of transit gateways leads nowhere.
    fn not_peered(&self, own: &TransitEnd) -> Option<String> {
        let TransitResource::Peer(peer, _) = &own.resource else { return None };
        let peering = label(&own.id, &own.tags);
        match own.state {
            TransitPeeringState::Pending => Some(format!("{peering} waits to be accepted by {peer}")),
            TransitPeeringState::Rejected | TransitPeeringState::Deleted => {
                Some(format!("{peering} is {}", own.state.word()))
            }
            TransitPeeringState::Available => {
                let other = self.model.transit_end(&own.id, peer)?;
                other.association.is_none().then(|| format!("{peering} is associated with no route table of {peer}"))
            }
        }
    }
}
