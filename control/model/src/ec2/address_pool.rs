//! The pools of addresses outside subnets.

use crate::ids::mix;
use crate::{
    CLASSIC_RANGE, ElasticAddress, Error, Host, HostPlace, Instance, ManagedHost, ManagedPlace, Model, NEVER_CLASSIC,
    NetworkInterface, PRIVATE_IP_TAG, PUBLIC_IP_TAG, PUBLIC_POOL, PublicAddress, Result, is_public,
};
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

fn public_of_instance(instance: &Instance) -> Option<Ipv4Addr> {
    Some(instance.classic()?.public.as_ref()?.address)
}

fn publics_of_interface(interface: &NetworkInterface) -> impl Iterator<Item = Ipv4Addr> {
    interface.public.values().map(|public| public.address)
}

fn public_of_managed(host: &ManagedHost) -> Option<Ipv4Addr> {
    if let ManagedPlace::Classic { public, .. } = host.place { public } else { None }
}

fn public_of_host(host: &Host) -> Option<Ipv4Addr> {
    (host.place == HostPlace::Internet).then_some(host.address)
}

/// The public addresses of rows. Some occur more than once.
fn publics<'m>(
    instances: impl Iterator<Item = &'m Instance>,
    interfaces: impl Iterator<Item = &'m NetworkInterface>,
    elastic: impl Iterator<Item = &'m ElasticAddress>,
    managed: impl Iterator<Item = &'m ManagedHost>,
    hosts: impl Iterator<Item = &'m Host>,
) -> impl Iterator<Item = Ipv4Addr> {
    let of_instances = instances.filter_map(public_of_instance).chain(interfaces.flat_map(publics_of_interface));
    let of_hosts = managed.filter_map(public_of_managed).chain(hosts.filter_map(public_of_host));
    of_instances.chain(elastic.map(|elastic| elastic.address)).chain(of_hosts)
}

impl Model {
    /// Whether a public address is in use.
    pub fn has_public_address(&self, address: Ipv4Addr) -> bool {
        let key = address.to_string();
        let found = publics(
            self.instances.by(&key),
            self.network_interfaces.by(&key),
            self.elastic_addresses.by(&key),
            self.managed_hosts.by(&key),
            self.hosts.by(&key),
        );
        found.chain(self.publics_of_platform()).any(|other| other == address)
    }

    /// The public addresses that are in use.
    pub(crate) fn public_addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        let all = publics(
            self.instances.iter(),
            self.network_interfaces.iter(),
            self.elastic_addresses.iter(),
            self.managed_hosts.iter(),
            self.hosts.iter(),
        );
        all.chain(self.publics_of_platform())
    }

    /// The public addresses of VPN tunnels and gateway endpoints. They are not among their rows' keys.
    fn publics_of_platform(&self) -> impl Iterator<Item = Ipv4Addr> {
        let tunnels = self.vpn_connections.iter().flat_map(|vpn| vpn.tunnels);
        tunnels.chain(self.vpc_endpoints.iter().filter_map(|endpoint| endpoint.address))
    }

    /// Whether a private address in a Region's EC2-Classic is in use.
    fn has_classic_address(&self, region: &str, address: Ipv4Addr) -> bool {
        let key = address.to_string();
        let of_instance = |instance: &Instance| {
            let place = instance.classic().filter(|_| instance.scope.region == region);
            place.is_some_and(|place| place.private == Some(address))
        };
        let of_managed = |host: &ManagedHost| {
            let is_it = matches!(host.place, ManagedPlace::Classic { private, .. } if private == address);
            is_it && host.scope.region == region
        };
        self.instances.by(&key).any(of_instance) || self.managed_hosts.by(&key).any(of_managed)
    }

    /// A free public address, or the one asked for.
    pub fn new_public(&mut self, asked: Option<&str>) -> Result<PublicAddress> {
        let in_use = |model: &Model, address| model.has_public_address(address);
        let address = self.pick(asked, PUBLIC_IP_TAG, PUBLIC_POOL, is_public, in_use)?;
        Ok(PublicAddress { address, elastic: None })
    }

    /// Two free public addresses.
    pub(crate) fn new_public_pair(&mut self) -> Result<[Ipv4Addr; 2]> {
        let first = self.new_public(None)?.address;
        let in_use = |model: &Model, address| address == first || model.has_public_address(address);
        Ok([first, self.pick(None, PUBLIC_IP_TAG, PUBLIC_POOL, is_public, in_use)?])
    }

    /// A free private address in a Region's EC2-Classic, or the one asked for.
    pub(crate) fn new_classic(&mut self, region: &str, asked: Option<&str>) -> Result<Ipv4Addr> {
        let usable = |address| CLASSIC_RANGE.contains(&address) && !NEVER_CLASSIC.contains(&address);
        let in_use = |model: &Model, address| model.has_classic_address(region, address);
        self.pick(asked, PRIVATE_IP_TAG, CLASSIC_RANGE, usable, in_use)
    }

    fn pick(
        &mut self,
        asked: Option<&str>,
        tag: &str,
        pool: Ipv4Net,
        usable: impl Fn(Ipv4Addr) -> bool,
        in_use: impl Fn(&Model, Ipv4Addr) -> bool,
    ) -> Result<Ipv4Addr> {
        if let Some(asked) = asked {
            let address = asked.parse().ok().filter(|address| usable(*address));
            let address = address.ok_or_else(|| Error::InvalidValue { name: tag.into(), value: asked.into() })?;
            return if in_use(self, address) { Err(Error::AddressInUse { address }) } else { Ok(address) };
        }
        let (first, size) = (u32::from(pool.network()), u64::from(u32::from(pool.hostmask())) + 1);
        // Random addresses are tried. If all of them are in use, EC2 would report insufficient capacity.
        for _ in 0..10_000 {
            let place = mix(self.next_random()) % size;
            let address = Ipv4Addr::from(first.saturating_add(u32::try_from(place).unwrap_or(0)));
            if !matches!(address.octets()[3], 0 | 255) && usable(address) && !in_use(self, address) {
                return Ok(address);
            }
        }
        Err(Error::OutOfAddresses {})
    }
}
