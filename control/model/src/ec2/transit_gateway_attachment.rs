//! Attachments of VPCs to transit gateways: a network interface in one subnet of each zone.

use crate::collection::resource;
use crate::ec2::network_interface::NewInterface;
use crate::error::refuse_in_use;
use crate::{AddressWish, Caller, Error, IdKind, Model, PrefixWish, Result, Scope, Subnet, Support, Tags, Time, tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The options of an attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitAttachmentOptions {
    /// Whether public names resolve to private addresses across it.
    pub dns: Support,
    /// Whether groups may name groups of other VPCs.
    pub group_references: Support,
    /// Whether it carries IPv6.
    pub ipv6: Support,
    /// Whether a flow stays in the zone in which it began.
    pub appliance_mode: Support,
}

impl Default for TransitAttachmentOptions {
    fn default() -> Self {
        let (dns, off) = (Support::Enable, Support::Disable);
        Self { dns, group_references: Support::Enable, ipv6: off, appliance_mode: off }
    }
}

/// A subnet of an attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitSubnet {
    /// The subnet.
    pub subnet: String,
    /// Its network interface there.
    pub interface: String,
}

/// A VPC's attachment to a transit gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitGatewayAttachment {
    /// `tgw-attach-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The number of its route table for packets that it brings into the VPC.
    pub number: u32,
    /// The gateway.
    pub gateway: String,
    /// The gateway's account, if it is another.
    #[serde(default)]
    pub gateway_owner: Option<String>,
    /// Whether that account has yet to accept it.
    #[serde(default)]
    pub is_pending: bool,
    /// The VPC.
    pub vpc: String,
    /// Its subnets in the VPC, one for each zone.
    pub subnets: Vec<TransitSubnet>,
    /// Its options.
    pub options: TransitAttachmentOptions,
    /// The gateway's associated route table, for packets from the VPC.
    pub association: Option<String>,
    /// The time of its creation.
    pub created: Time,
}

resource!(TransitGatewayAttachment, IdKind::TransitGatewayAttachment, |attachment| {
    let places = attachment.subnets.iter().flat_map(|place| [&place.subnet, &place.interface]);
    let named = [&attachment.gateway, &attachment.vpc];
    named.into_iter().chain(places).chain(&attachment.association).cloned().collect()
});

impl TransitGatewayAttachment {
    /// The account and Region of the gateway.
    pub fn gateway_scope(&self) -> Scope {
        let account = self.gateway_owner.as_ref().unwrap_or(&self.scope.account);
        Scope { account: account.clone(), region: self.scope.region.clone() }
    }

    /// Whether the VPC or the gateway is in this scope.
    pub fn is_seen_by(&self, scope: &Scope) -> bool {
        self.scope == *scope || self.gateway_scope() == *scope
    }
}

/// The changes of ModifyTransitGatewayVpcAttachment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransitAttachmentChange {
    /// New subnets.
    pub add: Vec<String>,
    /// Subnets to be removed.
    pub remove: Vec<String>,
    /// The new options.
    pub options: Option<TransitAttachmentOptions>,
}

impl Model {
    /// CreateTransitGatewayVpcAttachment: associated with the gateway's default table, and propagated to it, as its options say. A gateway
    /// is shared with whoever knows its id; its account accepts what others attach, unless it does so by itself.
    pub fn attach_transit_gateway(
        &mut self,
        caller: &Caller,
        gateway: &str,
        vpc: &str,
        subnets: &[String],
        options: TransitAttachmentOptions,
        tags: Tags,
    ) -> Result<String> {
        let missing = || Error::NotFound { kind: IdKind::TransitGateway, id: gateway.to_owned() };
        let here = self.transit_gateways.get(gateway).filter(|found| found.scope.region == caller.scope.region);
        let found = here.ok_or_else(missing)?;
        let gateway_owner = Some(&found.scope.account).filter(|owner| **owner != caller.scope.account).cloned();
        let is_pending = gateway_owner.is_some() && !found.options.auto_accept.is_on();
        self.vpcs.find(&caller.scope, vpc)?;
        if self.transit_attachments.by(vpc).any(|other| other.gateway == gateway) {
            return Err(Error::TransitGatewayTwice { gateway: gateway.into() });
        }
        tags::check(&tags)?;
        let attachment = TransitGatewayAttachment {
            id: self.new_id(IdKind::TransitGatewayAttachment),
            scope: caller.scope.clone(),
            tags,
            number: self.number(),
            gateway: gateway.into(),
            gateway_owner,
            is_pending,
            vpc: vpc.into(),
            subnets: Vec::new(),
            options,
            association: None,
            created: caller.now,
        };
        let id = attachment.id.clone();
        self.transit_attachments.insert(attachment);
        self.enter_transit_subnets(caller, &id, subnets)?;
        if !is_pending {
            self.open_transit_attachment(&id, gateway);
        }
        Ok(id)
    }

    /// Makes an attachment available: associates it and lets it propagate, as its gateway's options say.
    fn open_transit_attachment(&mut self, id: &str, gateway: &str) {
        let association = self.default_association(gateway);
        if let Some(attachment) = self.transit_attachments.get_mut(id) {
            (attachment.is_pending, attachment.association) = (false, association);
        }
        self.propagate_by_default(gateway, id);
    }

    /// An attachment of the caller's VPC or gateway.
    pub fn transit_attachment(&self, caller: &Caller, id: &str) -> Result<&TransitGatewayAttachment> {
        let missing = || Error::NotFound { kind: IdKind::TransitGatewayAttachment, id: id.to_owned() };
        self.transit_attachments.get(id).filter(|row| row.is_seen_by(&caller.scope)).ok_or_else(missing)
    }

    /// The gateway of a pending attachment that the caller may accept.
    fn gateway_to_accept(&self, caller: &Caller, id: &str) -> Result<String> {
        let attachment = self.transit_attachment(caller, id)?;
        if attachment.gateway_scope() != caller.scope {
            return Err(Error::NotAccepter { id: id.to_owned() });
        }
        if !attachment.is_pending {
            return Err(Error::TransitPeeringState { id: id.to_owned(), state: "available".to_owned() });
        }
        Ok(attachment.gateway.clone())
    }

    /// AcceptTransitGatewayVpcAttachment: by the gateway's account.
    pub fn accept_transit_attachment(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let gateway = self.gateway_to_accept(caller, id)?;
        self.open_transit_attachment(id, &gateway);
        Ok(())
    }

    /// RejectTransitGatewayVpcAttachment: by the gateway's account.
    pub fn reject_transit_attachment(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.gateway_to_accept(caller, id)?;
        self.end_transit_attachment(caller, id);
        Ok(())
    }

    /// ModifyTransitGatewayVpcAttachment.
    pub fn modify_transit_attachment(
        &mut self,
        caller: &Caller,
        id: &str,
        change: TransitAttachmentChange,
    ) -> Result<()> {
        let TransitAttachmentChange { add, remove, options } = change;
        let attachment = self.transit_attachments.find_mut(&caller.scope, id)?;
        attachment.options = options.unwrap_or(attachment.options.clone());
        let is_in = |subnet: &String| attachment.subnets.iter().any(|place| place.subnet == *subnet);
        if let Some(other) = remove.iter().find(|subnet| !is_in(subnet)) {
            return Err(Error::NotFound { kind: IdKind::Subnet, id: other.clone() });
        }
        let (left, kept): (Vec<_>, Vec<_>) =
            attachment.subnets.drain(..).partition(|place| remove.contains(&place.subnet));
        attachment.subnets = kept;
        left.iter().for_each(|place| drop(self.network_interfaces.remove(&place.interface)));
        self.enter_transit_subnets(caller, id, &add)?;
        match self.transit_attachments.find(&caller.scope, id)?.subnets.is_empty() {
            true => Err(Error::NoTransitSubnet { id: id.into() }),
            false => Ok(()),
        }
    }

    /// Puts an attachment into subnets: of its VPC, and of zones in which it has none.
    ///
    /// # Errors
    /// What is wrong with a subnet.
    pub fn enter_transit_subnets(&mut self, caller: &Caller, id: &str, subnets: &[String]) -> Result<()> {
        let attachment = self.transit_attachments.find(&caller.scope, id)?;
        let (vpc, inside) = (attachment.vpc.clone(), attachment.subnets.iter());
        let zone = |place: &TransitSubnet| self.subnets.get(&place.subnet).map(|subnet| subnet.zone.clone());
        let mut zones: BTreeSet<String> = inside.filter_map(zone).collect();
        for name in subnets {
            let subnet = self.subnets.find(&caller.scope, name)?.clone();
            if subnet.vpc != vpc {
                return Err(Error::DifferentNetworks {});
            }
            if !zones.insert(subnet.zone.clone()) {
                return Err(Error::SubnetsOfOneZone { zone: subnet.zone });
            }
            let interface = self.transit_interface(caller, id, &subnet)?;
            let place = TransitSubnet { subnet: subnet.id, interface };
            self.transit_attachments.find_mut(&caller.scope, id)?.subnets.push(place);
        }
        Ok(())
    }

    fn transit_interface(&mut self, caller: &Caller, attachment: &str, subnet: &Subnet) -> Result<String> {
        let interface = self.insert_interface(NewInterface {
            scope: &caller.scope,
            subnet,
            addresses: self.choose_addresses(subnet, &AddressWish::default(), &PrefixWish::default())?,
            groups: Vec::new(),
            description: format!("Network Interface for Transit Gateway Attachment {attachment}"),
            tags: Tags::new(),
        });
        if let Some(interface) = self.network_interfaces.get_mut(&interface) {
            interface.source_dest_check = false;
        }
        Ok(interface)
    }

    /// DeleteTransitGatewayVpcAttachment. Routes to it become blackholes.
    pub fn detach_transit_gateway(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.transit_attachment(caller, id)?;
        refuse_in_use(id, "Connect Attachments", self.transit_connects.by(id).map(|connect| connect.id.as_str()))?;
        if let Some(attachment) = self.transit_attachments.get_mut(id) {
            attachment.is_pending = false;
        }
        self.end_transit_attachment(caller, id);
        Ok(())
    }

    /// Removes an attachment. It is described as deleted or, if it was pending, as rejected.
    fn end_transit_attachment(&mut self, caller: &Caller, id: &str) {
        self.stop_propagating(id);
        let attachment = self.transit_attachments.remove(id);
        for place in attachment.iter().flat_map(|attachment| &attachment.subnets) {
            self.network_interfaces.remove(&place.interface);
        }
        self.depart(attachment, caller.now);
    }

    /// A VPC's attachment to a gateway, once it is accepted.
    pub fn transit_attachment_of(&self, gateway: &str, vpc: &str) -> Option<&TransitGatewayAttachment> {
        self.transit_attachments.by(vpc).find(|attachment| attachment.gateway == gateway && !attachment.is_pending)
    }

    /// The attachment that a network interface belongs to.
    pub fn transit_attachment_at(&self, interface: &str) -> Option<&TransitGatewayAttachment> {
        self.transit_attachments.by(interface).next()
    }

    /// Whether an attachment accepts packets from a zone: it must have a subnet there.
    pub fn transits_zone(&self, attachment: &TransitGatewayAttachment, zone: &str) -> bool {
        let mut subnets = attachment.subnets.iter().filter_map(|place| self.subnets.get(&place.subnet));
        subnets.any(|subnet| subnet.zone == zone)
    }
}
