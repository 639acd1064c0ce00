//! Applying an update: hosts first, then the tables, at last the end of hosts that are gone, with their processes. All or nothing.

use super::{Agent, OpenPort};
use crate::host::{HostError, Hosts};
use crate::policy::{ApplyError, Change, Port, PortId, Snapshot, interface_name};
use crate::port::Queue;
use crate::wire::Update;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
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
    /// Two ports of one interface.
    #[error("{first} and {second} cannot both be {} of host {host}", interface_name(*interface))]
    InterfaceTaken {
        /// The host.
        host: String,
        /// Its interface.
        interface: u16,
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

/// A port whose interface was opened for an update.
struct Opened<'s> {
    id: PortId,
    port: &'s Port,
    queues: Vec<Queue>,
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
        for Opened { id, port, queues } in opened {
            let counters = (0..self.workers.count()).map(|_| Arc::default()).collect();
            self.workers.attach(id, &queues, &counters);
            let open = OpenPort { host: port.host.clone(), interface: port.interface, counters, _queues: queues };
            left.extend(self.ports.insert(id, open));
        }
        self.engine.publish(Arc::clone(&after));
        self.workers.sync();
        if update.whole || !left.is_empty() {
            self.engine.forget_flows_without_port();
            self.take_away(&left, update.whole);
        }
        close(left);
        Ok(())
    }

    /// Takes away the interfaces that ports have left, and the hosts that have no other; if the tables are `whole`, also those that
    /// only an earlier process knew of. The tables are in force without them; that one lingers harms nobody.
    fn take_away(&self, left: &[OpenPort], whole: bool) {
        let mut kept: HashMap<&str, HashSet<u16>> = HashMap::new();
        for open in self.ports.values() {
            kept.entry(&open.host).or_default().insert(open.interface);
        }
        let mut gone: BTreeSet<(String, u16)> = left.iter().map(|open| (open.host.clone(), open.interface)).collect();
        let mut hosts: HashSet<String> = left.iter().map(|open| open.host.clone()).collect();
        let lingers = |error: HostError| tracing::warn!(%error, "what is gone from the tables remains");
        if whole {
            match self.hosts.ours() {
                Ok(ours) => hosts.extend(ours),
                Err(error) => lingers(error),
            }
            for host in kept.keys() {
                match self.hosts.interfaces(host) {
                    Ok(present) => gone.extend(present.into_iter().map(|interface| ((*host).to_owned(), interface))),
                    Err(error) => lingers(error),
                }
            }
        }
        hosts.retain(|host| !kept.contains_key(host.as_str()));
        self.hosts.switch_off(&hosts);
        for host in &hosts {
            self.hosts.remove(host).unwrap_or_else(lingers);
        }
        for (host, interface) in &gone {
            if kept.get(host.as_str()).is_some_and(|kept| !kept.contains(interface)) {
                self.hosts.close(host, *interface).unwrap_or_else(lingers);
            }
        }
    }

    /// An interface belongs to one port only.
    fn check_names(&self, plan: &Plan<'_>) -> Result<(), Refusal> {
        if plan.open.is_empty() {
            return Ok(());
        }
        let gone: HashSet<PortId> = plan.close.iter().copied().chain(plan.open.iter().map(|(id, _)| *id)).collect();
        let staying = self.ports.iter().filter(|(id, _)| !gone.contains(id));
        let mut owners: HashMap<(&str, u16), PortId> =
            staying.map(|(id, open)| ((open.host.as_str(), open.interface), *id)).collect();
        for (second, port) in &plan.open {
            let (host, interface) = (port.host.clone(), port.interface);
            if let Some(first) = owners.insert((&port.host, interface), *second) {
                return Err(Refusal::InterfaceTaken { host, interface, first, second: *second });
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
                (Some(old), Some(new)) if is_another(old, new) => plan.open.push((id, new)),
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

/// Whether a port has another interface than before.
fn is_another(old: &Port, new: &Port) -> bool {
    (&old.host, old.interface, old.kind) != (&new.host, new.interface, new.kind)
}

/// Makes and changes hosts and their interfaces. If one fails, those made are taken away and those changed are changed back.
fn carry_out<'s>(hosts: &Hosts, plan: &Plan<'s>) -> Result<Vec<Opened<'s>>, HostError> {
    let mut by_host: BTreeMap<&str, Vec<(PortId, &'s Port)>> = BTreeMap::new();
    for (id, port) in &plan.open {
        by_host.entry(&port.host).or_default().push((*id, port));
    }
    let by_host: Vec<_> = by_host.into_iter().collect();
    let results = in_parallel(&by_host, |(host, ports)| open_host(hosts, host, ports));
    let (mut opened, mut failed) = (Vec::new(), None);
    for result in results {
        match result {
            Ok(made) => opened.push(made),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    let mut altered = Vec::new();
    for (old, new) in &plan.alter {
        if failed.is_none() {
            altered.push(old);
            failed = hosts.alter(new).err();
        }
    }
    let Some(error) = failed else { return Ok(opened.into_iter().flat_map(|made| made.ports).collect()) };
    for made in &opened {
        made.take_back(hosts);
    }
    altered.into_iter().for_each(|old| hosts.alter(old).unwrap_or_else(not_as_before));
    Err(error)
}

/// The interfaces of one host that were opened, and which it had before; `None` if it was not there.
struct OpenedHost<'s> {
    host: &'s str,
    before: Option<Vec<u16>>,
    ports: Vec<Opened<'s>>,
}

/// Opens interfaces of one host, all or none.
fn open_host<'s>(hosts: &Hosts, host: &'s str, ports: &[(PortId, &'s Port)]) -> Result<OpenedHost<'s>, HostError> {
    let before = hosts.holds(host).then(|| hosts.interfaces(host)).transpose()?;
    let mut made = OpenedHost { host, before, ports: Vec::new() };
    for (id, port) in ports {
        match hosts.open(port) {
            Ok(queues) => made.ports.push(Opened { id: *id, port, queues }),
            Err(error) => {
                // It may have come half-way.
                made.ports.push(Opened { id: *id, port, queues: Vec::new() });
                made.take_back(hosts);
                return Err(error);
            }
        }
    }
    Ok(made)
}

impl OpenedHost<'_> {
    /// Takes away what was not there before.
    fn take_back(&self, hosts: &Hosts) {
        match &self.before {
            // One that could not even be made is not there to be taken away.
            None if !hosts.holds(self.host) => {}
            None => hosts.remove(self.host).unwrap_or_else(not_as_before),
            Some(before) => {
                let new = self.ports.iter().map(|opened| opened.port.interface).filter(|new| !before.contains(new));
                new.for_each(|interface| hosts.close(self.host, interface).unwrap_or_else(not_as_before));
            }
        }
    }
}

fn not_as_before(error: HostError) {
    tracing::warn!(%error, "a host is not as it was before a refused update");
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
