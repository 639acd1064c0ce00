//! The hosts of a scenario, with their addresses and agents.

use super::agent::Agent;
use super::outcome::Outcome;
use crate::cloud::api::Caller;
use crate::cloud::names::Names;
use crate::format::network::{Host as Declared, Network};
use crate::format::sentence::Service;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

/// A host.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// The host's name for `classiclink exec` and `classiclink drops`.
    pub id: String,
    /// Whether it is on the Internet.
    pub on_internet: bool,
    /// Its private address; for a site's or a service's host its only address.
    pub private: Option<Ipv4Addr>,
    /// Its public address.
    pub public: Option<Ipv4Addr>,
    /// The first private address of each of its interfaces in a VPC.
    pub interfaces: BTreeMap<u16, Ipv4Addr>,
}

/// All hosts by name.
#[derive(Default)]
pub struct Hosts {
    /// The hosts that are known.
    pub hosts: BTreeMap<String, Host>,
    /// The agents that have been started, by their hosts' names.
    pub agents: Mutex<BTreeMap<String, Arc<Agent>>>,
    /// The hosts' names, each with a service that its agent serves.
    pub served: Mutex<BTreeSet<(String, Service)>>,
    /// The accounts and Regions that may have instances.
    pub callers: BTreeSet<(String, String)>,
    /// Whether addresses may have changed since they were looked up.
    pub stale: bool,
    /// Whether services may have hosts.
    pub services: bool,
}

impl Hosts {
    /// Declares the hosts that are not instances, and the callers that may have instances.
    pub fn declare(&mut self, network: &Network, names: &Names) {
        for (name, declared) in &network.hosts {
            let id = names.get(name).unwrap_or(name).to_owned();
            let host = match &declared.value {
                Declared::Internet(address) | Declared::Service { address, .. } => {
                    Host { id, on_internet: true, public: Some(*address), ..Host::default() }
                }
                Declared::Site { address, .. } => Host { id, private: Some(*address), ..Host::default() },
            };
            self.hosts.insert(name.clone(), host);
        }
        self.stale = true;
    }

    /// Adds a caller whose instances are looked up.
    pub fn add_caller(&mut self, caller: &Caller) {
        self.callers.insert((caller.account.clone(), caller.region.clone()));
        self.stale = true;
    }

    /// Has services' hosts looked up from now on.
    pub fn add_services(&mut self) {
        (self.services, self.stale) = (true, true);
    }

    /// A host by name.
    pub fn get(&self, name: &str) -> Outcome<&Host> {
        self.hosts.get(name).ok_or_else(|| format!("`{name}` is no host now"))
    }

    /// The name of the host with this id.
    pub fn name_of(&self, id: &str) -> Option<&str> {
        self.hosts.iter().find(|(_, host)| host.id == id).map(|(name, _)| name.as_str())
    }

    /// Ends the agent in a host that is about to end.
    pub fn end_agent(&self, id: &str) {
        let Some(name) = self.name_of(id) else { return };
        self.agents.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        self.served.lock().unwrap_or_else(PoisonError::into_inner).retain(|(host, _)| host != name);
    }
}
