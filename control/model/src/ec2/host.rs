//! Hosts outside the cloud, on the Internet or at remote sites. They belong to no account.

use crate::ec2::address::not_on_internet;
use crate::ec2::vpc_block::is_unicast;
use crate::{Error, IdKind, Instance, Model, Result, Row};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// The place of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostPlace {
    /// On the Internet.
    Internet,
    /// At the site of a customer gateway (`cgw-…`).
    Site(String),
}

/// A host outside the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// Its place.
    pub place: HostPlace,
    /// Its address.
    pub address: Ipv4Addr,
    /// The service that a host on the Internet stands for: `com.amazonaws.us-east-1.s3`, for example.
    #[serde(default)]
    pub service: Option<String>,
    /// Its impairments in their textual form ([`parse_impairments`](crate::parse_impairments)).
    #[serde(default)]
    pub impairment: Option<String>,
    /// The number of its port.
    pub port: u32,
    /// The number of its attachment.
    pub attachment: u32,
}

impl Row for Host {
    fn keys(&self) -> Vec<String> {
        let site = match &self.place {
            HostPlace::Internet => None,
            HostPlace::Site(gateway) => Some(gateway),
        };
        site.into_iter().chain(&self.service).cloned().chain([self.address.to_string()]).collect()
    }

    fn id(&self) -> &str {
        &self.name
    }
}

impl Model {
    /// Adds a host outside the cloud. Its name and address must not be in use, nor have the form of another resource's.
    pub fn add_host(&mut self, name: &str, place: HostPlace, address: Ipv4Addr) -> Result<()> {
        self.check_host_name(name)?;
        self.check_host_address(&place, address)?;
        let (port, attachment) = (self.number(), self.number());
        let host = Host { name: name.into(), place, address, service: None, impairment: None, port, attachment };
        self.hosts.insert(host);
        Ok(())
    }

    /// Checks that a name is well-formed and not in use.
    fn check_host_name(&self, name: &str) -> Result<()> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.len() > 64 || name.starts_with(['.', '-']) || !name.chars().all(fits) {
            return Err(Error::HostName { name: name.into() });
        }
        if name.parse::<Ipv4Addr>().is_ok() {
            return Err(Error::HostNameLikeAddress { name: name.into() });
        }
        if IdKind::of(name).is_some() {
            return Err(Error::HostNameLikeId { name: name.into() });
        }
        // Names differ by more than case (RFC 4343).
        if let Some(host) = self.hosts.iter().find(|host| host.name.eq_ignore_ascii_case(name)) {
            return Err(Error::HostExists { name: host.name.clone() });
        }
        if self.managed_hosts.get(name).is_some() {
            return Err(Error::HostExists { name: name.into() });
        }
        let is_called = |instance: &&Instance| instance.tags.get("Name").is_some_and(|tag| tag == name);
        match self.instances.iter().filter(|instance| !instance.is_gone()).find(is_called) {
            Some(named) => Err(Error::HostNameOfInstance { name: name.into(), instance: named.id.clone() }),
            None => Ok(()),
        }
    }

    /// Checks that a host in this place can have this address, and that no other host has it.
    fn check_host_address(&self, place: &HostPlace, address: Ipv4Addr) -> Result<()> {
        let taken = match place {
            HostPlace::Internet => self.has_public_address(address),
            site => self.hosts.by(&address.to_string()).any(|host| host.place == *site),
        };
        if taken {
            return Err(Error::AddressInUse { address });
        }
        match place {
            HostPlace::Internet => match not_on_internet(address) {
                Some((range, what)) => Err(Error::NotOnInternet { address, range, what: what.into() }),
                None => Ok(()),
            },
            HostPlace::Site(gateway) => self.check_site_address(gateway, address),
        }
    }

    /// Checks that static routes of VPN connections lead to an address at a site. Sites without static routes are not checked.
    fn check_site_address(&self, gateway: &str, address: Ipv4Addr) -> Result<()> {
        if self.customer_gateways.get(gateway).is_none() {
            return Err(Error::NotFound { kind: IdKind::CustomerGateway, id: gateway.into() });
        }
        if !is_unicast(address) {
            return Err(Error::NotUnicast { address });
        }
        let connections = || self.vpn_connections.by(gateway).filter(|vpn| vpn.is_up());
        let blocks: Vec<Ipv4Net> = connections().flat_map(|vpn| vpn.routes.iter().copied()).collect();
        let all_known = !blocks.is_empty() && connections().all(|vpn| vpn.static_routes);
        if all_known && !blocks.iter().any(|block| block.contains(&address)) {
            let blocks = blocks.iter().map(Ipv4Net::to_string).collect::<Vec<_>>().join(", ");
            return Err(Error::NotAtSite { address, gateway: gateway.into(), blocks });
        }
        Ok(())
    }

    /// Adds a host on the Internet that stands for a service. Endpoints and prefix lists lead to it.
    pub fn add_service_host(&mut self, name: &str, service: &str, address: Ipv4Addr) -> Result<()> {
        if !crate::ec2::vpc_endpoint::is_service(service) {
            return Err(Error::NoSuchService { service: service.into() });
        }
        self.add_host(name, HostPlace::Internet, address)?;
        if let Some(host) = self.hosts.get_mut(name) {
            host.service = Some(service.into());
        }
        Ok(())
    }

    /// Removes a host.
    pub fn remove_host(&mut self, name: &str) -> Result<()> {
        self.hosts.remove(name).map(|_| ()).ok_or_else(|| Error::NoSuchHost { name: name.into() })
    }
}
