//! Where addresses outside subnets come from: the EC2-Classic network and the public pool.

use crate::ids::mix;
use crate::{
    CLASSIC_RANGE, ElasticAddress, Error, Host, HostPlace, Instance, ManagedHost, ManagedPlace, Model,
    NetworkInterface, Result,
};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// Public addresses that instances get unless the tag [`PUBLIC_IP_TAG`] asks for one: RFC 2544's range, which nobody has on the
/// Internet and which documents and scenarios do not use for their own hosts.
pub const PUBLIC_POOL: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(198, 18, 0, 0), 15);
/// The router of what is on the Internet (RFC 5737).
pub const INTERNET_ROUTER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
/// What EC2-Classic keeps free, so that VPCs there may be enabled for ClassicLink (semantics.md §3).
pub const NEVER_CLASSIC: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 15);

/// A tag on RunInstances that asks for a public address, until the first stop.
pub const PUBLIC_IP_TAG: &str = "classiclink:public-ip";
/// A tag on RunInstances that asks for a private address in EC2-Classic, until the first stop.
pub const PRIVATE_IP_TAG: &str = "classiclink:private-ip";

const fn net(a: u8, b: u8, c: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), length)
}

/// Addresses that nobody has on the Internet (RFC 6890), and what they are. Those of documents (RFC 5737) are missing: scenarios and
/// examples use them for their hosts.
const NOT_ON_INTERNET: [(Ipv4Net, &str); 13] = [
    (net(0, 0, 0, 8), "for hosts that have no address yet (RFC 1122)"),
    (net(10, 0, 0, 8), "private (RFC 1918)"),
    (net(100, 64, 0, 10), "shared behind carriers' NAT (RFC 6598)"),
    (net(127, 0, 0, 8), "loopback (RFC 1122)"),
    (net(169, 254, 0, 16), "link-local (RFC 3927)"),
    (net(172, 16, 0, 12), "private (RFC 1918)"),
    (net(192, 0, 0, 24), "for protocols (RFC 6890)"),
    (Ipv4Net::new_assert(INTERNET_ROUTER, 32), "the Internet's router"),
    (net(192, 88, 99, 24), "the Internet's resolver, and nobody else (RFC 7526)"),
    (net(192, 168, 0, 16), "private (RFC 1918)"),
    (PUBLIC_POOL, "where the cloud's own public addresses come from"),
    (net(224, 0, 0, 4), "multicast (RFC 5771)"),
    (net(240, 0, 0, 4), "reserved (RFC 1112)"),
];

/// What an address is, and the range that it is of, if no host of the Internet can have it.
pub(crate) fn not_on_internet(address: Ipv4Addr) -> Option<(Ipv4Net, &'static str)> {
    NOT_ON_INTERNET.into_iter().find(|(range, _)| range.contains(&address))
}

/// Whether a host of the Internet, or an instance seen from there, can have this address.
pub fn is_public(address: Ipv4Addr) -> bool {
    PUBLIC_POOL.contains(&address) || not_on_internet(address).is_none()
}

/// A public address that somebody has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAddress {
    /// The address.
    pub address: Ipv4Addr,
    /// For an Elastic IP address, the association (`eipassoc-…`); else it is the pool's, and goes back at a stop.
    pub elastic: Option<String>,
}

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

/// The public addresses of rows. Some come more than once.
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

    /// The public addresses of VPN tunnels and gateway endpoints, by which their rows are not found.
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
        // Random addresses are tried. A pool so full that all of them are in use is what EC2 calls out of capacity.
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
