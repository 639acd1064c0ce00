//! The addresses at which a host is reached, and those from which it sends.

use super::Names;
use model::{HostPlace, ManagedPlace, NetworkInterface};
use std::net::Ipv4Addr;
use wire::PortId;

/// The network in which an address is valid.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// A Region's EC2-Classic.
    Classic(String),
    /// A VPC: its members and the instances linked to it.
    Vpc(String),
    /// A remote site.
    Site(String),
    /// The Internet.
    Internet,
}

impl Names<'_> {
    /// The port and the source address with which a host sends to an address. Unless `source` is given, they are what
    /// its Linux would choose.
    pub fn leaves_by(&self, host: &str, to: Ipv4Addr, source: Option<Ipv4Addr>) -> Option<(PortId, Ipv4Addr)> {
        if let Some(outside) = self.model.hosts.get(host) {
            return Some((PortId(outside.port), source.unwrap_or(outside.address)));
        }
        if let Some(managed) = self.model.managed_hosts.get(host) {
            let own = self.model.managed_addresses(managed).0;
            return Some((PortId(managed.port), source.or(own)?));
        }
        let instance = self.model.instances.get(host)?;
        if let Some(place) = instance.classic() {
            return Some((PortId(instance.port), source.or(place.private)?));
        }
        let ids = instance.vpc()?.interfaces.iter();
        let interfaces: Vec<_> = ids.filter_map(|id| self.model.network_interfaces.get(id)).collect();
        let is_neighbour = |interface: &NetworkInterface| {
            self.model.subnets.get(&interface.subnet).is_some_and(|subnet| subnet.contains(&to))
        };
        // The interface with the source address; without one, the interface in the destination's subnet; otherwise
        // eth0.
        let chosen = match source {
            Some(source) => interfaces.iter().find(|interface| interface.addresses.contains(&source)),
            None => interfaces.iter().find(|interface| is_neighbour(interface)),
        };
        let interface = chosen.or(interfaces.first())?;
        Some((PortId(interface.attachment.as_ref()?.port), source.unwrap_or(interface.address())))
    }

    /// The addresses of a host, private ones first, with the network in which each is valid.
    pub fn addresses(&self, host: &str) -> Vec<(Reach, Ipv4Addr)> {
        if let Some(outside) = self.model.hosts.get(host) {
            let reach = match &outside.place {
                HostPlace::Internet => Reach::Internet,
                HostPlace::Site(gateway) => Reach::Site(gateway.clone()),
            };
            return vec![(reach, outside.address)];
        }
        if let Some(managed) = self.model.managed_hosts.get(host) {
            let (private, public) = self.model.managed_addresses(managed);
            let network = match &managed.place {
                ManagedPlace::Classic { .. } => Some(Reach::Classic(managed.scope.region.clone())),
                ManagedPlace::Vpc { interface, .. } => {
                    self.model.network_interfaces.get(interface).map(|eni| Reach::Vpc(eni.vpc.clone()))
                }
            };
            return network.zip(private).into_iter().chain(public.map(|public| (Reach::Internet, public))).collect();
        }
        let Some(instance) = self.model.instances.get(host) else { return Vec::new() };
        let mut all = Vec::new();
        if let Some(place) = instance.classic() {
            all.extend(place.private.map(|address| (Reach::Classic(instance.scope.region.clone()), address)));
            all.extend(
                place.link.as_ref().zip(place.private).map(|(link, address)| (Reach::Vpc(link.vpc.clone()), address)),
            );
            all.extend(place.public.as_ref().map(|public| (Reach::Internet, public.address)));
        }
        if let Some(place) = instance.vpc() {
            let interfaces = || place.interfaces.iter().filter_map(|id| self.model.network_interfaces.get(id));
            // A host is reached at the primary address of each interface. Any public address is better than none.
            all.extend(interfaces().map(|interface| (Reach::Vpc(interface.vpc.clone()), interface.address())));
            let primary = interfaces().filter_map(NetworkInterface::primary_public);
            let public = primary.chain(interfaces().flat_map(|interface| interface.public.values()));
            all.extend(public.map(|public| (Reach::Internet, public.address)));
        }
        all
    }
}
