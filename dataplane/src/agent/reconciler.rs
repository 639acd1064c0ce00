//! The reconciler makes hosts match the tables. A few threads make, change and remove hosts, each one host at a time. Callers
//! do not wait for these threads, and a host that fails delays no other.

use super::registry::{Desired, OpenPort, Registry, Task, is_configured_alike};
use super::update::{PortChange, Refusal};
use crate::host::{HostError, Hosts};
use crate::port::Queue;
use crate::worker::{Workers, sum};
use crossbeam::channel::Sender;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use wire::{HostReport, Message, Port, PortId, PortStatus};

/// How many hosts are worked on at a time. More gain nothing, because the kernel serialises this work.
const HOSTS_AT_A_TIME: usize = 4;
/// How often hosts without work are checked for damage.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How many hosts are checked before the lock is released, for which updates wait.
const LOOK_AT: usize = 32;

/// The reconciler. Its threads end when it is dropped.
pub(super) struct Reconciler {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// What the threads share.
struct Shared {
    hosts: Hosts,
    workers: Arc<Workers>,
    state: Mutex<State>,
    /// Signalled when there is a task, or when the threads have to end.
    work: Condvar,
    /// Signalled when a task is done.
    done: Condvar,
}

/// The state behind the lock.
#[derive(Default)]
struct State {
    registry: Registry,
    /// The ports whose queues the workers hold, with each port's host.
    attached: HashMap<PortId, String>,
    is_closed: bool,
}

impl Reconciler {
    /// Starts the threads.
    pub fn start(hosts: Hosts, workers: Arc<Workers>) -> io::Result<Self> {
        let (work, done) = Default::default();
        let shared = Arc::new(Shared { hosts, workers, state: Mutex::default(), work, done });
        let mut reconciler = Self { shared, threads: Vec::new() };
        for index in 0..HOSTS_AT_A_TIME {
            let shared = Arc::clone(&reconciler.shared);
            let thread = thread::Builder::new().name(format!("hosts-{index}")).spawn(move || shared.work())?;
            reconciler.threads.push(thread);
        }
        let shared = Arc::clone(&reconciler.shared);
        let looking = thread::Builder::new().name("hosts-look".into()).spawn(move || shared.look())?;
        reconciler.threads.push(looking);
        Ok(reconciler)
    }

    /// Checks that no interface would belong to two ports.
    pub fn check(&self, changes: &[PortChange<'_>]) -> Result<(), Refusal> {
        let state = self.shared.state();
        let named: HashSet<PortId> = changes.iter().map(|change| change.id).collect();
        let mut owners: HashMap<(&str, u16), PortId> = HashMap::new();
        for change in changes {
            let Some(after) = change.after else { continue };
            let (place, second) = ((after.host.as_str(), after.interface), change.id);
            let stays = state.registry.owner(place.0, place.1).filter(|owner| !named.contains(owner));
            if let Some(first) = owners.insert(place, second).or(stays) {
                let host = after.host.clone();
                return Err(Refusal::InterfaceTaken { host, interface: after.interface, first, second });
            }
        }
        Ok(())
    }

    /// Sets the interfaces that hosts are to have. If the tables are `whole`, hosts that only an earlier process knew
    /// of are removed too.
    pub fn set_desired(&self, changes: &[PortChange<'_>], whole: bool) {
        let found = if whole { self.shared.found() } else { BTreeMap::new() };
        let mut state = self.shared.state();
        state.registry.set_desired(changes, &found);
        if whole {
            state.registry.found(found.into_keys().collect());
            state.registry.report_all();
        }
        drop(state);
        self.shared.work.notify_all();
    }

    /// Reports every change of a host's state to this listener, which replaces the one before.
    pub fn report_to(&self, listener: Sender<Message>) {
        self.shared.state().registry.report_to(listener);
    }

    /// Stops reporting to a listener.
    pub fn stop_reporting_to(&self, listener: &Sender<Message>) {
        self.shared.state().registry.stop_reporting_to(listener);
    }

    /// The counters of all open interfaces.
    pub fn ports(&self) -> Vec<PortStatus> {
        let state = self.shared.state();
        let status = |open: &OpenPort| sum(open.id, (&open.port.host, open.port.interface), &open.counters);
        let mut ports: Vec<_> = state.registry.open_ports().map(status).collect();
        ports.sort_unstable_by_key(|status| status.port);
        ports
    }

    /// Every host's state, by name.
    pub fn hosts(&self) -> Vec<HostReport> {
        self.shared.state().registry.reports()
    }

    /// Waits until every host is up, gone or failed.
    pub fn settle(&self) {
        let shared = &self.shared;
        let settled = shared.done.wait_while(shared.state(), |state| !state.registry.is_settled());
        drop(settled.unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Reconciler {
    fn drop(&mut self) {
        self.shared.state().is_closed = true;
        self.shared.work.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that panicked has already logged it.
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// Locks the state, which stays consistent if a thread panics.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does one task after another until the reconciler is dropped.
    fn work(&self) {
        while let Some(task) = self.next() {
            match task {
                Task::TakeAway(hosts) => self.take_away(&hosts),
                Task::TakeOver { host, desired } => {
                    self.take_over(&desired);
                    self.state().registry.taken_over(&host);
                }
                Task::Reconcile { host, desired, was_taken_over } => {
                    let result = self.reconcile(&host, &desired, was_taken_over).map_err(|error| error.to_string());
                    let exists = result.is_ok() || self.hosts.holds(&host);
                    self.state().registry.reconciled(&host, result, exists);
                }
            }
            self.work.notify_all();
            self.done.notify_all();
        }
    }

    /// Looks for damaged hosts every [`LOOK_EVERY`] until the reconciler is dropped.
    fn look(&self) {
        let mut state = self.state();
        let mut due = Instant::now() + LOOK_EVERY;
        while !state.is_closed {
            let wait = due.saturating_duration_since(Instant::now());
            if wait.is_zero() {
                let hosts = state.registry.resting();
                drop(state);
                hosts.chunks(LOOK_AT).for_each(|hosts| self.look_at(hosts));
                state = self.state();
                due = Instant::now() + LOOK_EVERY;
            } else {
                state = self.work.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    fn look_at(&self, hosts: &[String]) {
        if self.state().registry.queue_damaged(hosts, |host| self.hosts.holds(host)) {
            self.work.notify_all();
        }
    }

    /// Waits for the next task.
    fn next(&self) -> Option<Task> {
        let mut state = self.state();
        loop {
            if state.is_closed {
                return None;
            }
            state = match state.registry.next(Instant::now()) {
                Ok(task) => return Some(task),
                Err(None) => self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
                Err(Some(due)) => {
                    let wait = due.saturating_duration_since(Instant::now());
                    self.work.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// The hosts with our marker, and the boot that each is of, if that is known.
    fn found(&self) -> BTreeMap<String, Option<u32>> {
        let with_boot = |host: String| {
            let boot = self.hosts.boot(&host);
            (host, boot)
        };
        match self.hosts.ours() {
            Ok(ours) => ours.into_iter().map(with_boot).collect(),
            Err(error) => {
                tracing::warn!(%error, "cannot list the hosts that an earlier process left: some may remain");
                BTreeMap::new()
            }
        }
    }

    /// Removes hosts; first ends their processes.
    fn take_away(&self, hosts: &[String]) {
        let left: Vec<_> = hosts.iter().flat_map(|host| self.detach(host, |_, _| true)).collect();
        if !left.is_empty() {
            self.workers.sync();
        }
        self.hosts.switch_off(hosts);
        for host in hosts {
            let result = match self.hosts.remove(host) {
                // A namespace that is not ours stays.
                Err(HostError::Foreign { .. }) => Ok(()),
                result => result.map_err(|error| error.to_string()),
            };
            self.state().registry.taken_away(host, result);
        }
        close(left);
    }

    /// Gives a host the interfaces that are desired, and no others.
    fn reconcile(&self, host: &str, desired: &Desired, was_taken_over: bool) -> Result<(), HostError> {
        let exists = self.hosts.holds(host) || self.restore(host)?;
        let stays = |interface: u16, open: &OpenPort| {
            let is_same = |(id, port): &(PortId, Port)| *id == open.id && port.kind == open.port.kind;
            exists && open.is_attached() && desired.get(&interface).is_some_and(is_same)
        };
        let left = self.detach(host, |interface, open| !stays(interface, open));
        let others: BTreeSet<u16> = left.iter().map(|open| open.port.interface).collect();
        if !left.is_empty() {
            self.workers.sync();
            // A queue that is still open would block a new interface of the same name.
            drop(left);
        }
        self.close_undesired(host, desired, &others)?;
        // The namespace that an earlier process left may be gone meanwhile.
        let is_there = was_taken_over && self.hosts.holds(host);
        for (interface, (id, port)) in desired {
            let open = self.state().registry.open_port(host, *interface).map(|open| {
                let queues = (!open.is_known).then(|| open.queues.clone());
                (queues, is_configured_alike(&open.port, port))
            });
            match open {
                Some((Some(left), _)) => self.adopt(port, &left)?,
                Some((None, true)) => {}
                Some((None, false)) => {
                    self.hosts.alter(port)?;
                    self.note_configured(port);
                }
                None => self.attach(*id, port, self.hosts.open(port)?, true),
            }
        }
        if is_there {
            self.close_undesired(host, desired, &self.hosts.interfaces(host)?.into_iter().collect())?;
        }
        self.workers.sync();
        Ok(())
    }

    /// Pins a host's namespace again that somebody else has unpinned. Its open queues have kept it alive. Returns whether the
    /// host had any. If pinning fails, the queues stay open, so that packets are still forwarded.
    fn restore(&self, host: &str) -> Result<bool, HostError> {
        let open = self.state().registry.record(host).and_then(|record| record.queue());
        open.map_or(Ok(false), |(queue, boot)| self.hosts.restore(host, &queue, boot))
    }

    /// Removes a host's undesired interfaces.
    fn close_undesired(&self, host: &str, desired: &Desired, present: &BTreeSet<u16>) -> Result<(), HostError> {
        let mut undesired = present.iter().filter(|interface| !desired.contains_key(interface));
        undesired.try_for_each(|interface| self.hosts.close(host, *interface))
    }

    /// Forwards the packets of a host again whose queues were kept. This comes before all requests to the kernel, which handles
    /// them one by one for all namespaces, and slowly while others come and go.
    fn take_over(&self, desired: &Desired) {
        for (id, port) in desired.values() {
            if let Some(queues) = self.hosts.kept(port) {
                self.attach(*id, port, queues, false);
            }
        }
    }

    /// Configures an interface that an earlier process left as its port says.
    fn adopt(&self, port: &Port, queues: &[Queue]) -> Result<(), HostError> {
        let adopted = self.hosts.adopt(port, queues);
        if adopted.is_ok() {
            self.note_configured(port);
        } else {
            // It is opened anew when this is tried again.
            drop(self.detach(&port.host, |interface, _| interface == port.interface));
            self.workers.sync();
        }
        adopted
    }

    /// Notes that an interface is configured as its port says.
    fn note_configured(&self, port: &Port) {
        if let Some(open) = self.state().registry.open_port(&port.host, port.interface) {
            (open.port, open.is_known) = (port.clone(), true);
        }
    }

    /// Gives workers the queues of an interface. `is_known` says that the interface is configured as its port says.
    fn attach(&self, id: PortId, port: &Port, queues: Vec<Queue>, is_known: bool) {
        let counters = (0..self.workers.count()).map(|_| Arc::default()).collect();
        let open = OpenPort { id, port: port.clone(), is_known, counters, queues };
        // Before the state is locked: a recording that begins reads the counters under the recorder's lock.
        self.workers.recorder().opened(id);
        let mut state = self.state();
        self.workers.attach(open.id, &open.queues, &open.counters);
        state.attached.insert(open.id, open.port.host.clone());
        if let Some(record) = state.registry.record(&open.port.host) {
            record.open.insert(open.port.interface, open);
        }
    }

    /// Takes the queues of those interfaces of a host for which `goes` is true from the workers.
    fn detach(&self, host: &str, goes: impl Fn(u16, &OpenPort) -> bool) -> Vec<OpenPort> {
        let mut state = self.state();
        let State { registry, attached, .. } = &mut *state;
        let Some(record) = registry.record(host) else { return Vec::new() };
        let left: Vec<_> =
            record.open.extract_if(.., |interface, open| goes(*interface, open)).map(|(_, open)| open).collect();
        for open in &left {
            // The port may belong to another host by now.
            if attached.get(&open.id).is_some_and(|owner| owner == host) {
                attached.remove(&open.id);
                self.workers.detach(open.id);
            }
        }
        left
    }
}

/// Closes queues that no worker uses any more, on a thread of its own, because closing takes the kernel long.
fn close(left: Vec<OpenPort>) {
    if left.is_empty() {
        return;
    }
    // If the thread cannot start, the queues are closed here.
    let _ = thread::Builder::new().name("closing".into()).spawn(move || drop(left));
}
