//! What the dataplane has said of its hosts.

use std::collections::BTreeMap;
use wire::{Event, HostReport, HostState};

/// Hosts by name, each with its state; one that is gone is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// `None` until the dataplane has told of all.
    states: Option<BTreeMap<String, HostState>>,
}

impl Hosts {
    /// A host's state; `None` while nobody knows.
    pub fn state(&self, host: &str) -> Option<&HostState> {
        Some(self.states.as_ref()?.get(host).unwrap_or(&HostState::Gone))
    }

    /// Every host that is there or on its way.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &HostState)> {
        self.states.iter().flatten().map(|(host, state)| (host.as_str(), state))
    }

    /// Takes in what the dataplane says.
    pub(super) fn hear(&mut self, event: Event) {
        match event {
            Event::AllHosts(all) => {
                self.states = Some(all.into_iter().map(|HostReport { host, state }| (host, state)).collect());
            }
            Event::Host(HostReport { host, state: HostState::Gone }) => {
                self.states.as_mut().and_then(|states| states.remove(&host));
            }
            Event::Host(HostReport { host, state }) => {
                self.states.as_mut().and_then(|states| states.insert(host, state));
            }
        }
    }
}
