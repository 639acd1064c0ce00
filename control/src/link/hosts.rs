//! The states of hosts, as the dataplane reports them.

use std::collections::BTreeMap;
use wire::{Event, HostReport, HostState};

/// The states of hosts by name. Hosts that are gone have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// `None` until the dataplane has reported all hosts.
    states: Option<BTreeMap<String, HostState>>,
}

impl Hosts {
    /// A host's state. `None` if it is unknown or the host is gone.
    pub fn state(&self, host: &str) -> Option<&HostState> {
        Some(self.states.as_ref()?.get(host).unwrap_or(&HostState::Gone))
    }

    /// All hosts that exist or are being made.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &HostState)> {
        self.states.iter().flatten().map(|(host, state)| (host.as_str(), state))
    }

    /// Applies an event of the dataplane.
    pub(super) fn apply(&mut self, event: Event) {
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
