//! The addresses of hosts, as the API and `classiclink status` show them.

use super::Play;
use super::hosts::Host;
use super::outcome::{Outcome, sentence};
use crate::cloud::api::Caller;
use crate::cloud::set_up;
use crate::format::sentence::Target;
use serde_json::{Map, Value};
use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

/// How long an instance may take to run.
const START: Duration = Duration::from_secs(15);

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

    /// Looks up the addresses of all instances, if something may have changed them.
    pub fn refresh_hosts(&mut self) -> Outcome {
        if !self.hosts.stale {
            return Ok(());
        }
        let network = &self.scenario.network;
        self.hosts.add_caller(&Caller::default());
        for name in network.accounts.keys() {
            let caller = set_up::caller(network, Some(name), None).map_err(sentence)?;
            self.hosts.add_caller(&caller);
        }
        let vpcs = network.vpcs.values().map(|vpc| (&vpc.account, &vpc.region));
        let classic = network.instances.values().map(|instance| (&instance.account, &instance.region));
        for (account, region) in vpcs.chain(classic) {
            let caller = set_up::caller(network, account.as_deref(), region.as_deref()).map_err(sentence)?;
            self.hosts.add_caller(&caller);
        }
        let end = Instant::now() + START;
        while !self.read_instances()? || !self.read_services()? {
            if Instant::now() > end {
                return Err("an instance, or a host of a service, is pending for too long".to_owned());
            }
            thread::sleep(Duration::from_millis(5));
        }
        self.hosts.stale = false;
        Ok(())
    }

    /// Reads the instances. Returns whether every one has reached its state.
    fn read_instances(&mut self) -> Outcome<bool> {
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
                self.set_instance(instance, state);
            }
        }
        Ok(settled)
    }

    /// Reads the services' hosts, with the names of `classiclink status`. Returns whether every one has reached its
    /// state.
    fn read_services(&mut self) -> Outcome<bool> {
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

    /// Sets a known instance's addresses, which it has while it runs.
    fn set_instance(&mut self, instance: &Value, state: &str) {
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
