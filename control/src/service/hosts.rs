//! Instances and services follow the states of their hosts.

use super::{ChangeError, Conditions, REST, RETRY, Service};
use crate::link::{Hosts, Promise};
use crate::tables::Tables;
use model::{Condition, Instance, InstanceHost, ManagedHost, ManagedNews, Model};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use wire::{Change, Entry, HostState};

/// How long a change waits until the hosts that it changes are configured.
const CONFIGURED_WITHIN: Duration = Duration::from_secs(1);

impl Service {
    /// Notes the condition of the program on a service's host, and wakes those that follow the model.
    pub fn note_condition(&self, host: &str, restarts: u32, condition: Condition) {
        if self.conditions.note(host, restarts, condition) {
            self.link.announce_hosts();
        }
    }

    /// Waits until hosts that are up have their part of a change. Hosts that come or go are not waited for, because
    /// their instances are pending, stopping or shutting down meanwhile. A failed or slow host shows in its state.
    pub(super) async fn wait_for(&self, hosts: &BTreeSet<String>) {
        if !hosts.is_empty() {
            let changing = |known: &Hosts, host: &String| known.state(host) == Some(&HostState::Changing);
            self.link.wait_for_hosts(CONFIGURED_WITHIN, |known| !hosts.iter().any(|host| changing(known, host))).await;
        }
    }

    /// Updates instances and services by their hosts' known states.
    ///
    /// # Errors
    /// [`ChangeError`], of the store in most cases. They are updated later then.
    pub async fn follow_hosts(self: &Arc<Self>) -> Result<(), ChangeError<Infallible>> {
        let service = Arc::clone(self);
        let follow = move |model: &mut Model| {
            service.link.look_at_hosts(|hosts| {
                model.follow_hosts(|instance| host_of(instance, hosts));
                let now = model.now(SystemTime::now().into());
                model.follow_managed_hosts(now, |host| managed_host(host, hosts, &service.conditions));
            });
            Ok(())
        };
        self.change(Promise::Begun, follow).await
    }

    /// Updates instances whenever hosts' states change. Never returns.
    pub async fn keep_following_hosts(self: &Arc<Self>) {
        let mut news = self.link.hosts();
        loop {
            let start = Instant::now();
            if let Err(error) = self.follow_hosts().await {
                tracing::error!("cannot update instances by their hosts' states, trying again: {error}");
                tokio::time::sleep(RETRY).await;
                news.mark_changed();
            }
            // With this pause a thousand hosts that come up one by one are handled in a few steps.
            tokio::time::sleep(start.elapsed() * REST).await;
            // The sender lives as long as the link.
            let _ = news.changed().await;
        }
    }
}

/// The state of an instance's host.
fn host_of(instance: &Instance, hosts: &Hosts) -> InstanceHost {
    match hosts.state(&instance.id) {
        Some(HostState::Up) => InstanceHost::Up,
        Some(HostState::Gone) => InstanceHost::Gone,
        Some(HostState::Failed { why }) => InstanceHost::Failed(why.clone()),
        Some(HostState::Making | HostState::Changing | HostState::Leaving) | None => InstanceHost::OnItsWay,
    }
}

/// The state of a service's host and its program. `None` while it is unknown.
fn managed_host(host: &ManagedHost, hosts: &Hosts, conditions: &Conditions) -> Option<ManagedNews> {
    match hosts.state(&host.id)? {
        HostState::Gone => Some(ManagedNews::Gone),
        HostState::Failed { why } => Some(ManagedNews::Fares(Condition::Failed(why.clone()))),
        HostState::Making => Some(ManagedNews::Fares(Condition::Starting)),
        HostState::Up | HostState::Changing => conditions.of(host).map(ManagedNews::Fares),
        HostState::Leaving => None,
    }
}

/// The hosts of the ports that changes concern.
pub(super) fn hosts_of(changes: &[Change], tables: &Tables) -> BTreeSet<String> {
    let entries = changes.iter().filter_map(|change| match change {
        Change::Set(entry) => Some(entry),
        Change::Remove(key) => tables.get(key),
    });
    let ports = entries.filter_map(|entry| if let Entry::Port(_, port) = entry { Some(port) } else { None });
    ports.map(|port| port.host.clone()).collect()
}
