//! The resolver's client, and its network.

use super::{View, index::Found};
use model::{Instance, Model, NetworkInterface, Region, Vpc, platform_host};
use std::net::Ipv4Addr;

/// A client of the platform.
#[derive(Clone, Copy)]
pub enum Client<'m> {
    /// An instance in EC2-Classic.
    Classic(&'m Instance),
    /// An instance in a VPC, through one of its interfaces.
    Vpc(&'m NetworkInterface, &'m Instance, &'m Vpc),
    /// A host outside the cloud, with its address.
    Outside(Ipv4Addr),
}

/// The network from which a name is resolved.
#[derive(Clone, Copy)]
pub enum Network<'m> {
    /// A Region's EC2-Classic, with the VPC that the client is linked to.
    Classic(&'static Region, Option<&'m Vpc>),
    /// A VPC.
    Vpc(&'m Vpc),
    /// The Internet.
    Internet,
}

impl<'m> Client<'m> {
    /// The client with an address, as the platform knows it.
    pub fn of(view: View<'m>, address: Ipv4Addr) -> Option<Client<'m>> {
        let (port, _) = platform_host::client(address)?;
        let model: &Model = view.model;
        match view.index.port(port)? {
            Found::Instance(id) => model.instances.get(id).map(Client::Classic),
            Found::Interface(id) => {
                let interface = model.network_interfaces.get(id)?;
                let instance = model.instances.get(interface.instance()?)?;
                Some(Client::Vpc(interface, instance, model.vpcs.get(&interface.vpc)?))
            }
            Found::Host(id) => Some(Client::Outside(model.hosts.get(id)?.address)),
            Found::Managed(_) | Found::Elastic(_) | Found::Zone(_) => None,
        }
    }

    /// The instance, if the client is one.
    pub fn instance(&self) -> Option<&'m Instance> {
        match self {
            Client::Classic(instance) | Client::Vpc(_, instance, _) => Some(instance),
            Client::Outside(_) => None,
        }
    }

    /// The client's address on the Internet, if it has one.
    pub fn public_address(&self) -> Option<Ipv4Addr> {
        match self {
            Client::Classic(instance) => Some(instance.classic()?.public.as_ref()?.address),
            Client::Vpc(interface, ..) => Some(interface.primary_public()?.address),
            Client::Outside(address) => Some(*address),
        }
    }

    /// The network from which the client resolves names.
    pub fn network(&self, model: &'m Model) -> Network<'m> {
        match self {
            Client::Classic(instance) => match Region::named(&instance.scope.region) {
                Some(region) => Network::Classic(region, instance.link().and_then(|link| model.vpcs.get(&link.vpc))),
                None => Network::Internet,
            },
            Client::Vpc(_, _, vpc) => Network::Vpc(vpc),
            Client::Outside(_) => Network::Internet,
        }
    }
}

impl<'m> Network<'m> {
    /// The VPC whose private names are known there: the client's own, or the linked one with ClassicLink DNS support
    /// (M31, M32).
    pub fn vpc(&self) -> Option<&'m Vpc> {
        match self {
            Network::Vpc(vpc) => Some(vpc).filter(|vpc| has_names(vpc)).copied(),
            Network::Classic(_, linked) => linked.filter(|vpc| has_linked_names(vpc)),
            Network::Internet => None,
        }
    }
}

/// Whether a VPC's instances have names, which needs both attributes (semantics.md §7.1).
pub fn has_names(vpc: &Vpc) -> bool {
    vpc.dns_support && vpc.dns_hostnames
}

/// Whether names resolve to private addresses across the links of a VPC (M31).
pub fn has_linked_names(vpc: &Vpc) -> bool {
    vpc.classic_link && vpc.classic_link_dns && has_names(vpc)
}
