//! Multicast domains of transit gateways: the associated subnets, and the members and sources of multicast groups. They are kept and
//! shown: the dataplane carries no multicast.

use crate::collection::resource;
use crate::error::refuse_in_use;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Support, Tags, Time, TransitGatewayAttachment, tags};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The options of a domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MulticastOptions {
    /// Whether hosts join groups by IGMP.
    pub igmp: Support,
    /// Whether sources are registered.
    pub static_sources: Support,
    /// Whether the associations of other accounts are accepted automatically.
    pub auto_accept: Support,
}

/// An associated subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MulticastAssociation {
    /// The attachment of its VPC.
    pub attachment: String,
    /// The subnet.
    pub subnet: String,
    /// Whether the domain's account has yet to accept it.
    pub is_pending: bool,
}

/// A network interface that was registered with a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MulticastMember {
    /// The group's address.
    pub group: IpAddr,
    /// The interface.
    pub interface: String,
    /// Whether it is a source of the group. Otherwise it is a member.
    pub is_source: bool,
}

/// A multicast domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitGatewayMulticastDomain {
    /// `tgw-mcast-domain-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The gateway.
    pub gateway: String,
    /// Its options.
    pub options: MulticastOptions,
    /// The associated subnets.
    pub associations: Vec<MulticastAssociation>,
    /// The groups' members and sources.
    pub members: Vec<MulticastMember>,
    /// The time of its creation.
    pub created: Time,
}

resource!(TransitGatewayMulticastDomain, IdKind::TransitGatewayMulticastDomain, |domain| vec![domain.gateway.clone()]);

impl Model {
    /// CreateTransitGatewayMulticastDomain: of a gateway that supports multicast. Returns the id.
    pub fn create_multicast_domain(
        &mut self,
        caller: &Caller,
        gateway: &str,
        options: MulticastOptions,
        tags: Tags,
    ) -> Result<String> {
        if !self.transit_gateways.find(&caller.scope, gateway)?.options.multicast.is_on() {
            return Err(Error::NoMulticast { gateway: gateway.to_owned() });
        }
        tags::check(&tags)?;
        let id = self.new_id(IdKind::TransitGatewayMulticastDomain);
        self.multicast_domains.insert(TransitGatewayMulticastDomain {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags,
            gateway: gateway.to_owned(),
            options,
            associations: Vec::new(),
            members: Vec::new(),
            created: caller.now,
        });
        Ok(id)
    }

    /// DeleteTransitGatewayMulticastDomain. One with associated subnets is refused. Returns what was deleted, which is described for a while.
    pub fn delete_multicast_domain(&mut self, caller: &Caller, id: &str) -> Result<TransitGatewayMulticastDomain> {
        let domain = self.multicast_domains.find(&caller.scope, id)?.clone();
        let subnets = self.multicast_associations(&domain).map(|(association, _)| association.subnet.as_str());
        refuse_in_use(id, "Associations", subnets)?;
        self.multicast_domains.remove(id);
        self.depart(Some(domain.clone()), caller.now);
        Ok(domain)
    }

    /// A domain in the caller's Region. Like a gateway it is shared with every account that knows its id.
    pub fn multicast_domain(&self, caller: &Caller, id: &str) -> Result<&TransitGatewayMulticastDomain> {
        let missing = || Error::NotFound { kind: IdKind::TransitGatewayMulticastDomain, id: id.to_owned() };
        let here = self.multicast_domains.get(id).filter(|domain| domain.scope.region == caller.scope.region);
        here.ok_or_else(missing)
    }

    /// The associations of a domain whose subnet and attachment still exist.
    pub fn multicast_associations<'m>(
        &'m self,
        domain: &'m TransitGatewayMulticastDomain,
    ) -> impl Iterator<Item = (&'m MulticastAssociation, &'m TransitGatewayAttachment)> {
        let there = move |association: &&MulticastAssociation| self.subnets.get(&association.subnet).is_some();
        let all = domain.associations.iter().filter(there);
        all.filter_map(move |association| Some((association, self.transit_attachments.get(&association.attachment)?)))
    }

    /// The accepted association of an interface's subnet.
    pub fn multicast_association_of<'m>(
        &'m self,
        domain: &'m TransitGatewayMulticastDomain,
        interface: &str,
    ) -> Option<(&'m MulticastAssociation, &'m TransitGatewayAttachment)> {
        let subnet = &self.network_interfaces.get(interface)?.subnet;
        let mut accepted = self.multicast_associations(domain).filter(|(association, _)| !association.is_pending);
        accepted.find(|(association, _)| association.subnet == *subnet)
    }

    /// AssociateTransitGatewayMulticastDomain: with subnets of a VPC that is attached to its gateway. A subnet has one domain at most.
    pub fn associate_multicast_domain(
        &mut self,
        caller: &Caller,
        id: &str,
        attachment: &str,
        subnets: &[String],
    ) -> Result<()> {
        let domain = self.multicast_domain(caller, id)?;
        let attached = self.transit_attachment(caller, attachment)?;
        if attached.gateway != domain.gateway || attached.is_pending {
            return Err(Error::NotFound { kind: IdKind::TransitGatewayAttachment, id: attachment.to_owned() });
        }
        let is_pending = domain.scope != caller.scope && !domain.options.auto_accept.is_on();
        let mut new: Vec<MulticastAssociation> = Vec::new();
        for subnet in subnets {
            if self.subnets.find(&attached.scope, subnet)?.vpc != attached.vpc {
                return Err(Error::DifferentNetworks {});
            }
            let others = self.multicast_domains.iter().flat_map(|other| self.multicast_associations(other));
            if others.map(|(other, _)| other).chain(&new).any(|other| other.subnet == *subnet) {
                return Err(Error::MulticastAssociated { subnet: subnet.clone() });
            }
            let (attachment, subnet) = (attachment.to_owned(), subnet.clone());
            new.push(MulticastAssociation { attachment, subnet, is_pending });
        }
        if let Some(domain) = self.multicast_domains.get_mut(id) {
            domain.associations.extend(new);
        }
        Ok(())
    }

    /// Checks that subnets of an attachment are associated with a domain or, if `is_pending`, that they wait for acceptance.
    fn check_multicast_associations(
        &self,
        id: &str,
        attachment: &str,
        subnets: &[String],
        is_pending: bool,
    ) -> Result<()> {
        let domain = self.multicast_domains.get(id);
        let all: Vec<_> = domain.iter().flat_map(|domain| self.multicast_associations(domain)).collect();
        let takes_part = |subnet: &&String| {
            let is_it = |own: &MulticastAssociation| own.attachment == attachment && own.subnet == **subnet;
            all.iter().any(|(own, _)| is_it(own) && (own.is_pending || !is_pending))
        };
        match subnets.iter().find(|subnet| !takes_part(subnet)) {
            Some(other) => Err(Error::NotMulticast { domain: id.to_owned(), subnet: other.clone() }),
            None => Ok(()),
        }
    }

    /// DisassociateTransitGatewayMulticastDomain: by the domain's account or the VPC's. The subnets' interfaces leave their groups.
    pub fn disassociate_multicast_domain(
        &mut self,
        caller: &Caller,
        id: &str,
        attachment: &str,
        subnets: &[String],
    ) -> Result<()> {
        self.multicast_domain(caller, id)?;
        self.transit_attachment(caller, attachment)?;
        self.check_multicast_associations(id, attachment, subnets, false)?;
        self.remove_multicast_associations(id, subnets);
        Ok(())
    }

    fn remove_multicast_associations(&mut self, id: &str, subnets: &[String]) {
        let interfaces = &self.network_interfaces;
        let is_inside = |id: &str| interfaces.get(id).is_some_and(|interface| subnets.contains(&interface.subnet));
        if let Some(domain) = self.multicast_domains.get_mut(id) {
            domain.associations.retain(|own| !subnets.contains(&own.subnet));
            domain.members.retain(|member| !is_inside(&member.interface));
        }
    }

    /// Accept- and RejectTransitGatewayMulticastDomainAssociations: by the domain's account.
    pub fn decide_multicast_associations(
        &mut self,
        caller: &Caller,
        id: &str,
        attachment: &str,
        subnets: &[String],
        is_accepted: bool,
    ) -> Result<()> {
        self.multicast_domains.find(&caller.scope, id)?;
        self.check_multicast_associations(id, attachment, subnets, true)?;
        if !is_accepted {
            self.remove_multicast_associations(id, subnets);
            return Ok(());
        }
        let domain = self.multicast_domains.find_mut(&caller.scope, id)?;
        let accepted = domain.associations.iter_mut().filter(|own| subnets.contains(&own.subnet));
        accepted.for_each(|own| own.is_pending = false);
        Ok(())
    }

    /// Whether a caller may register an interface. In a domain of another account that is only an interface of their own.
    fn may_register(&self, caller: &Caller, domain: &TransitGatewayMulticastDomain, interface: &str) -> bool {
        let own = self.network_interfaces.get(interface).is_some_and(|interface| interface.scope == caller.scope);
        own || domain.scope == caller.scope
    }

    /// RegisterTransitGatewayMulticastGroupMembers and …Sources: of interfaces in associated subnets.
    pub fn register_multicast(
        &mut self,
        caller: &Caller,
        id: &str,
        group: IpAddr,
        interfaces: &[String],
        is_source: bool,
    ) -> Result<()> {
        let domain = self.multicast_domain(caller, id)?;
        if is_source && !domain.options.static_sources.is_on() {
            return Err(Error::NoStaticSources { domain: id.to_owned() });
        }
        for interface in interfaces {
            if self.network_interfaces.get(interface).is_none() || !self.may_register(caller, domain, interface) {
                return Err(Error::NotFound { kind: IdKind::NetworkInterface, id: interface.clone() });
            }
            if self.multicast_association_of(domain, interface).is_none() {
                return Err(Error::OutsideMulticast { domain: id.to_owned(), interface: interface.clone() });
            }
        }
        if let Some(domain) = self.multicast_domains.get_mut(id) {
            for interface in interfaces {
                let member = MulticastMember { group, interface: interface.clone(), is_source };
                if !domain.members.contains(&member) {
                    domain.members.push(member);
                }
            }
        }
        Ok(())
    }

    /// DeregisterTransitGatewayMulticastGroupMembers and …Sources: of interfaces that were registered.
    pub fn deregister_multicast(
        &mut self,
        caller: &Caller,
        id: &str,
        group: IpAddr,
        interfaces: &[String],
        is_source: bool,
    ) -> Result<()> {
        let domain = self.multicast_domain(caller, id)?;
        let is_in = |interface: &&String| {
            let is_it = |member: &MulticastMember| member.interface == **interface;
            let mut members = domain.members.iter().filter(|own| own.group == group && own.is_source == is_source);
            members.any(is_it) && self.may_register(caller, domain, interface)
        };
        if let Some(other) = interfaces.iter().find(|interface| !is_in(interface)) {
            let interface = other.clone();
            return Err(match is_source {
                true => Error::NotGroupSource { interface },
                false => Error::NotGroupMember { interface },
            });
        }
        let goes = |own: &MulticastMember| {
            own.group == group && own.is_source == is_source && interfaces.contains(&own.interface)
        };
        if let Some(domain) = self.multicast_domains.get_mut(id) {
            domain.members.retain(|own| !goes(own));
        }
        Ok(())
    }
}
