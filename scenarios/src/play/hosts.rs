//! The hosts of a scenario: their addresses and agents.

use super::agent::Agent;
use super::{Outcome, Play, sentence};
use crate::agent::protocol::{Order, What};
use crate::cloud::api::Caller;
use crate::cloud::names::Names;
use crate::cloud::set_up;
use crate::format::network::{Host as Declared, Network};
use crate::format::sentence::Target;
use crate::format::step::Action;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long an instance may take to run.
const START: Duration = Duration::from_secs(15);

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
    hosts: BTreeMap<String, Host>,
    agents: Mutex<BTreeMap<String, Arc<Agent>>>,
    served: Mutex<BTreeSet<(String, What)>>,
    callers: BTreeSet<(String, String)>,
    stale: bool,
    /// Whether services may have hosts.
    services: bool,
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
    pub fn heed(&mut self, caller: &Caller) {
        self.callers.insert((caller.account.clone(), caller.region.clone()));
        self.stale = true;
    }

    /// From now on services' hosts are looked up.
    pub fn heed_services(&mut self) {
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

    /// Ends the agent in a host that is about to go.
    pub fn leave(&self, id: &str) {
        let Some(name) = self.name_of(id) else { return };
        self.agents.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        self.served.lock().unwrap_or_else(PoisonError::into_inner).retain(|(host, _)| host != name);
    }
}

impl Play<'_> {
    /// The address that a sender uses for a target.
    pub fn address(&self, from: &str, to: &Target) -> Outcome<Ipv4Addr> {
        match to {
            Target::Address(address) => Ok(*address),
            Target::Name(name) => {
                self.names.get(name).map_err(sentence)?.parse().map_err(|_| format!("`${name}` is no address"))
            }
            Target::Private(name) => {
                self.hosts.get(name)?.private.ok_or_else(|| format!("{name} has no private address"))
            }
            Target::Interface(name, index) => {
                let found = self.hosts.get(name)?.interfaces.get(index).copied();
                found.ok_or_else(|| format!("{name} has no eth{index} now"))
            }
            Target::Public(name) => self.hosts.get(name)?.public.ok_or_else(|| format!("{name} has no public address")),
            Target::Host(name) => {
                let (sender, host) = (self.hosts.get(from)?, self.hosts.get(name)?);
                let first =
                    if sender.on_internet { host.public.or(host.private) } else { host.private.or(host.public) };
                first.ok_or_else(|| format!("{name} has no address"))
            }
        }
    }

    /// The agent in a host, started if there is none, and ready.
    pub fn agent(&self, name: &str) -> Outcome<Arc<Agent>> {
        let agent = self.launch(name)?;
        agent.ready()?;
        Ok(agent)
    }

    /// The agent in a host, started if there is none.
    fn launch(&self, name: &str) -> Outcome<Arc<Agent>> {
        let mut agents = self.hosts.agents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(agent) = agents.get(name).filter(|agent| agent.lives()) {
            return Ok(agent.clone());
        }
        self.hosts.served.lock().unwrap_or_else(PoisonError::into_inner).retain(|(host, _)| host != name);
        let agent = Arc::new(Agent::start(self.system.agent(&self.hosts.get(name)?.id, name))?);
        agents.insert(name.to_owned(), agent.clone());
        Ok(agent)
    }

    /// Starts the agents of all hosts in the steps.
    pub fn start_agents(&self) -> Outcome {
        let sentences = self.scenario.steps.iter().filter_map(|step| match &step.action {
            Action::Say(sentence) => Some(sentence.hosts()),
            _ => None,
        });
        let names: BTreeSet<_> = sentences.flatten().filter(|name| self.hosts.get(name).is_ok()).collect();
        // The agents become ready at the same time.
        names.iter().try_for_each(|name| self.launch(name).map(drop))?;
        names.iter().try_for_each(|name| self.agent(name).map(drop))
    }

    /// Makes a host answer.
    pub fn serve(&self, name: &str, what: What) -> Outcome {
        if what == What::Ping {
            return Ok(());
        }
        let agent = self.agent(name)?;
        if self.hosts.served.lock().unwrap_or_else(PoisonError::into_inner).contains(&(name.to_owned(), what)) {
            return Ok(());
        }
        agent.done(Order::Serve { what }, START).map_err(|why| format!("{name} cannot serve {what:?}: {why}"))?;
        self.hosts.served.lock().unwrap_or_else(PoisonError::into_inner).insert((name.to_owned(), what));
        Ok(())
    }

    /// Looks up the addresses of all instances, if something may have changed them.
    pub fn refresh_hosts(&mut self) -> Outcome {
        if !self.hosts.stale {
            return Ok(());
        }
        let network = &self.scenario.network;
        self.hosts.heed(&Caller::default());
        for name in network.accounts.keys() {
            let caller = set_up::caller(network, Some(name), None).map_err(sentence)?;
            self.hosts.heed(&caller);
        }
        let vpcs = network.vpcs.values().map(|vpc| (&vpc.account, &vpc.region));
        let classic = network.instances.values().map(|instance| (&instance.account, &instance.region));
        for (account, region) in vpcs.chain(classic) {
            let caller = set_up::caller(network, account.as_deref(), region.as_deref()).map_err(sentence)?;
            self.hosts.heed(&caller);
        }
        let end = Instant::now() + START;
        while !self.look_at_instances()? || !self.look_at_services()? {
            if Instant::now() > end {
                return Err("an instance, or a host of a service, is pending for too long".to_owned());
            }
            thread::sleep(Duration::from_millis(5));
        }
        self.hosts.stale = false;
        Ok(())
    }

    /// Reads the instances. Returns whether every one has reached its state.
    fn look_at_instances(&mut self) -> Outcome<bool> {
        let mut settled = true;
        for (account, region) in self.hosts.callers.clone() {
            let caller = Caller { account, region };
            let reply = self.system.api.call(&caller, "DescribeInstances", &Map::new()).map_err(sentence)?;
            let reservations = reply["reservationSet"].as_array().into_iter().flatten();
            for instance in
                reservations.flat_map(|reservation| reservation["instancesSet"].as_array().into_iter().flatten())
            {
                let state = instance["instanceState"]["name"].as_str().unwrap_or_default();
                settled &= !matches!(state, "pending" | "stopping" | "shutting-down");
                self.note_instance(instance, state);
            }
        }
        Ok(settled)
    }

    /// Reads the services' hosts, with the names of `classiclink status`. Returns whether every one has reached its
    /// state.
    fn look_at_services(&mut self) -> Outcome<bool> {
        if !self.hosts.services {
            return Ok(true);
        }
        let status = self.system.ask(&["status"]).map_err(sentence)?;
        let mut settled = true;
        for row in status["services"].as_array().into_iter().flatten() {
            let text = |key: &str| row[key].as_str().unwrap_or_default();
            settled &= !matches!(text("state"), "starting" | "ending");
            let address = |key: &str| text(key).parse::<Ipv4Addr>().ok();
            let (private, public) = (address("private"), address("public"));
            let name = text("host").to_owned();
            for (suffix, address) in [("private", private), ("public", public)] {
                if let Some(address) = address {
                    self.names.set(format!("{name}.{suffix}"), address.to_string());
                }
            }
            self.hosts.hosts.insert(name.clone(), Host { id: name, private, public, ..Host::default() });
        }
        Ok(settled)
    }

    fn note_instance(&mut self, instance: &Value, state: &str) {
        let text = |key: &str| instance[key].as_str().unwrap_or_default();
        let Some(name) = self.names.name_of(text("instanceId")).map(str::to_owned) else { return };
        let running = state == "running";
        let address = |key: &str| text(key).parse().ok().filter(|_| running);
        let host = Host {
            id: text("instanceId").to_owned(),
            on_internet: false,
            private: address("privateIpAddress"),
            public: address("ipAddress"),
            interfaces: interfaces(instance).filter(|_| running).collect(),
        };
        for (index, address) in &host.interfaces {
            self.names.set(format!("{name}.eth{index}"), address.to_string());
        }
        for (suffix, address) in [("private", host.private), ("public", host.public)] {
            if let Some(address) = address {
                self.names.set(format!("{name}.{suffix}"), address.to_string());
            }
        }
        self.hosts.hosts.insert(name, host);
    }
}

/// The interfaces in an instance's description: the index and first address of each.
fn interfaces(instance: &Value) -> impl Iterator<Item = (u16, Ipv4Addr)> {
    let all = instance["networkInterfaceSet"].as_array().into_iter().flatten();
    all.filter_map(|interface| {
        let index = interface["attachment"]["deviceIndex"].as_str()?.parse().ok()?;
        Some((index, interface["privateIpAddress"].as_str()?.parse().ok()?))
    })
}
