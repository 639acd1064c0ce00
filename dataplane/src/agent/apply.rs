//! Applying an update: hosts first, then the tables, at last the end of hosts that are gone, with their processes. All or nothing.

use super::{Agent, OpenPort};
use crate::host::{HostError, Hosts};
use crate::policy::{ApplyError, Change, Port, PortId, Snapshot};
use crate::port::Queue;
use crate::wire::Update;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use thiserror::Error;

/// How many hosts are made at a time: the kernel makes each wait for others anyway.
const HOSTS_AT_A_TIME: usize = 4;

/// Why an update was not applied.
#[derive(Debug, Error)]
pub enum Refusal {
    /// The changes do not fit the tables.
    #[error(transparent)]
    Tables(#[from] ApplyError),
    /// A host could not be made or changed.
    #[error(transparent)]
    Host(#[from] HostError),
    /// Two ports of one host.
    #[error("{first} and {second} cannot both be of host {host}: a host has one interface")]
    HostTaken {
        /// The host.
        host: String,
        /// The port that has it.
        first: PortId,
        /// The port that was to have it.
        second: PortId,
    },
}

/// What an update means for hosts.
#[derive(Default)]
struct Plan<'s> {
    open: Vec<(PortId, &'s Port)>,
    /// As it was, and as it is to be.
    alter: Vec<(&'s Port, &'s Port)>,
    close: Vec<PortId>,
}

/// A host that was opened for an update.
struct Opened {
    port: PortId,
    queues: Vec<Queue>,
    host: String,
    new: bool,
}

impl Agent {
    pub(super) fn apply(&mut self, update: &Update) -> Result<(), Refusal> {
        let before = self.engine.snapshot();
        let after = Arc::new(before.apply(update)?);
        let plan = Plan::new(&before, &after, update);
        self.check_names(&plan)?;
        let opened = carry_out(&self.hosts, &plan)?;

        let mut left = Vec::new();
        for port in &plan.close {
            left.extend(self.ports.remove(port));
            self.workers.detach(*port);
        }
        for Opened { port, queues, host, .. } in opened {
            let counters = (0..self.workers.count()).map(|_| Arc::default()).collect();
            self.workers.attach(port, &queues, &counters);
            left.extend(self.ports.insert(port, OpenPort { host, counters, _queues: queues }));
        }
        self.engine.publish(after);
        self.workers.sync();
        if update.whole || !left.is_empty() {
            self.engine.forget_flows_without_port();
        }

        let mut hosts: HashSet<String> = left.iter().map(|open| open.host.clone()).collect();
        if update.whole {
            match self.hosts.ours() {
                Ok(ours) => hosts.extend(ours),
                Err(error) => tracing::warn!(%error, "hosts of earlier tables may remain"),
            }
        }
        if !hosts.is_empty() {
            self.ports.values().for_each(|open| _ = hosts.remove(&open.host));
        }
        self.hosts.switch_off(&hosts);
        for host in hosts {
            // The tables are in force without it; that it lingers harms nobody.
            if let Err(error) = self.hosts.remove(&host) {
                tracing::warn!(%error, "a host that is gone from the tables remains");
            }
        }
        close(left);
        Ok(())
    }

    /// A host belongs to one port only.
    fn check_names(&self, plan: &Plan<'_>) -> Result<(), Refusal> {
        if plan.open.is_empty() {
            return Ok(());
        }
        let gone: HashSet<PortId> = plan.close.iter().copied().chain(plan.open.iter().map(|(id, _)| *id)).collect();
        let staying =
            self.ports.iter().filter(|(id, _)| !gone.contains(id)).map(|(id, open)| (open.host.as_str(), *id));
        let mut owners: HashMap<&str, PortId> = staying.collect();
        for (second, port) in &plan.open {
            if let Some(first) = owners.insert(&port.host, *second) {
                return Err(Refusal::HostTaken { host: port.host.clone(), first, second: *second });
            }
        }
        Ok(())
    }
}

impl<'s> Plan<'s> {
    fn new(before: &'s Snapshot, after: &'s Snapshot, update: &Update) -> Self {
        let named = update.changes.iter().filter_map(|change| match change {
            Change::SetPort(id, _) | Change::RemovePort(id) => Some(*id),
            _ => None,
        });
        let mut touched: BTreeSet<PortId> = named.collect();
        if update.whole {
            touched.extend(before.ports().map(|(id, _)| id));
        }
        let mut plan = Self::default();
        for id in touched {
            match (before.port(id), after.port(id)) {
                (None, Some(new)) => plan.open.push((id, new)),
                (Some(old), Some(new)) if old.host != new.host || old.kind != new.kind => plan.open.push((id, new)),
                (Some(old), Some(new)) if old.mtu != new.mtu || old.addresses != new.addresses => {
                    plan.alter.push((old, new));
                }
                (Some(_), None) => plan.close.push(id),
                _ => {}
            }
        }
        plan
    }
}

/// Makes and changes hosts. If one fails, those made are taken away and those changed are changed back.
fn carry_out(hosts: &Hosts, plan: &Plan<'_>) -> Result<Vec<Opened>, HostError> {
    let results = in_parallel(&plan.open, |(port, wanted)| {
        let new = !hosts.holds(&wanted.host);
        let queues = hosts.open(wanted)?;
        Ok(Opened { port: *port, queues, host: wanted.host.clone(), new })
    });
    let (opened, failed): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    let opened: Vec<Opened> = opened.into_iter().flatten().collect();
    let mut failed = failed.into_iter().find_map(Result::err);
    let mut altered = Vec::new();
    for (old, new) in &plan.alter {
        if failed.is_none() {
            altered.push(old);
            failed = hosts.alter(new).err();
        }
    }
    let Some(error) = failed else { return Ok(opened) };
    let undone = opened.iter().filter(|host| host.new).map(|host| hosts.remove(&host.host));
    for result in undone.chain(altered.into_iter().map(|old| hosts.alter(old))) {
        if let Err(error) = result {
            tracing::warn!(%error, "a host is not as it was before a refused update");
        }
    }
    Err(error)
}

/// Closes queues that no worker uses any more. Nobody need wait for the kernel to be done with that.
fn close(left: Vec<OpenPort>) {
    if left.is_empty() {
        return;
    }
    // A thread that cannot start gives them back to be dropped here.
    let _ = thread::Builder::new().name("closing".into()).spawn(move || drop(left));
}

/// What `work` makes of each item, in their order, several at a time.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        while let Some((index, item)) = Some(next.fetch_add(1, Relaxed)).and_then(|i| Some((i, items.get(i)?))) {
            done.push((index, work(item)));
        }
        done
    };
    let mut results = thread::scope(|scope| {
        let others: Vec<_> = (1..HOSTS_AT_A_TIME.min(items.len())).map(|_| scope.spawn(some)).collect();
        let mut results = some();
        for other in others {
            results.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    });
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
