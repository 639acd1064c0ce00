//! Hosts that no account owns: on the Internet, or at the far end of a VPN.

use super::{Error, Model, Result, Row};
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
    /// Its name, which is its namespace's name.
    pub name: String,
    /// Where it is.
    pub place: HostPlace,
    /// Its address.
    pub address: Ipv4Addr,
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
        let taken = match &place {
            HostPlace::Internet => self.public_addresses().contains(&address),
            site => self.hosts.iter().any(|host| host.place == *site && host.address == address),
        };
        if taken {
            return Err(Error::AddressInUse { address });
        }
        let host = Host { name: name.into(), place, address, port: self.number(), attachment: self.number() };
        self.hosts.insert(host);
        Ok(())
    }

    /// Takes a host away.
    pub fn remove_host(&mut self, name: &str) -> Result<()> {
        self.hosts.remove(name).map(|_| ()).ok_or_else(|| Error::NoSuchHost { name: name.into() })
    }
}
