//! Why a route leads nowhere, where its target is not simply gone.

use super::{Named, Names, label};
use ipnet::Ipv4Net;
use model::Target;
use wire::TableId;

impl Names<'_> {
    /// What stands in the way of who takes this route.
    pub(in crate::explain) fn nowhere(&self, id: TableId, prefix: Ipv4Net) -> Option<String> {
        match *self.by_number.get(&id.0)? {
            Named::TransitTable(table) => {
                let is_void = self.transit_route(table, prefix)?.attachment.is_none();
                is_void.then(|| format!("{prefix} is a blackhole in {}", self.table(id)))
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
                let endpoints = self.model.vpc_endpoints.iter().filter(|endpoint| endpoint.interface.is_some());
                let mut all = endpoints.flat_map(|endpoint| self.model.endpoint_addresses(&endpoint.vpc));
                let (address, endpoint) = all.find(|(address, _)| Ipv4Net::from(*address) == prefix)?;
                let endpoint = label(&endpoint.id, &endpoint.tags);
                Some(format!("{address} is {endpoint}'s, which takes nothing from what is linked to {vpc}"))
            }
            _ => None,
        }
    }
}
