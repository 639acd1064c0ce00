//! Hosts that no account owns: on the Internet, or at the far end of a VPN.

use super::{Error, IdKind, Model, Result, Row};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// Where a host is.
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
    /// Where it is.
    pub place: HostPlace,
    /// Its address.
    pub address: Ipv4Addr,
    /// The service of the platform that it is (`com.amazonaws.us-east-1.s3`), for hosts on the Internet.
    #[serde(default)]
    pub service: Option<String>,
    /// Its interface (a port).
    pub port: u32,
    /// Its presence in its network (an attachment).
    pub attachment: u32,
}

impl Row for Host {
    fn id(&self) -> &str {
        &self.name
    }
}

impl Model {
    /// Adds a host outside the cloud.
    pub fn add_host(&mut self, name: &str, place: HostPlace, address: Ipv4Addr) -> Result<()> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.len() > 64 || name.starts_with(['.', '-']) || !name.chars().all(fits) {
            return Err(Error::HostName { name: name.into() });
        }
        if self.hosts.get(name).is_some() || self.instances.get(name).is_some() {
            return Err(Error::HostExists { name: name.into() });
        }
        if let HostPlace::Site(gateway) = &place
            && self.customer_gateways.get(gateway).is_none()
        {
            return Err(Error::NotFound { kind: IdKind::CustomerGateway, id: gateway.clone() });
        }
        let taken = match &place {
            HostPlace::Internet => self.public_addresses().contains(&address),
            site => self.hosts.iter().any(|host| host.place == *site && host.address == address),
        };
        if taken {
            return Err(Error::AddressInUse { address });
        }
        let (port, attachment) = (self.number(), self.number());
        let host = Host { name: name.into(), place, address, service: None, port, attachment };
        self.hosts.insert(host);
        Ok(())
    }

    /// Adds a host on the Internet that is a service of the platform: endpoints and prefix lists lead to it.
    pub fn add_service_host(&mut self, name: &str, service: &str, address: Ipv4Addr) -> Result<()> {
        if !super::vpc_endpoint::is_service(service) {
            return Err(Error::NoSuchService { service: service.into() });
        }
        self.add_host(name, HostPlace::Internet, address)?;
        if let Some(host) = self.hosts.get_mut(name) {
            host.service = Some(service.into());
        }
        Ok(())
    }

    /// Takes a host away.
    pub fn remove_host(&mut self, name: &str) -> Result<()> {
        self.hosts.remove(name).map(|_| ()).ok_or_else(|| Error::NoSuchHost { name: name.into() })
    }
}
