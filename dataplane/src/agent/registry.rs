//! The reconciler's record of every host: its desired and open interfaces, its state, and its next task.

use super::update::PortChange;
use crate::port::{Queue, is_attached};
use crate::worker::PortCounters;
use crossbeam::channel::Sender;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};
use wire::{Event, HostReport, HostState, Message, Port, PortId};

/// The pause after a first failure. It doubles with each further failure.
const FIRST_RETRY: Duration = Duration::from_millis(200);
const LONGEST_RETRY: Duration = Duration::from_secs(10);

/// A host's desired interfaces, by index: 1 is `eth1`.
pub type Desired = BTreeMap<u16, (PortId, Port)>;

/// An open interface.
pub struct OpenPort {
    pub id: PortId,
    /// The port as it was opened or last changed.
    pub port: Port,
    /// Whether it is known to be configured as `port` says. One that an earlier process left must be checked first.
    pub is_known: bool,
    pub counters: PortCounters,
    /// The queues. They are kept here so that a worker never closes one, which takes milliseconds.
    pub queues: Vec<Queue>,
}

impl OpenPort {
    /// Whether its interface is still there.
    pub fn is_attached(&self) -> bool {
        self.queues.iter().all(is_attached)
    }
}

/// A task of the reconciler.
pub enum Task {
    /// Remove these hosts.
    TakeAway(Vec<String>),
    /// Forward the packets of this host again, which an earlier process left.
    TakeOver { host: String, desired: Desired },
    /// Give this host its desired interfaces. `was_taken_over` says that an earlier process may have left it others.
    Reconcile { host: String, desired: Desired, was_taken_over: bool },
}

/// A host's place in the reconciler's work.
#[derive(Clone, Copy, PartialEq)]
enum Work {
    Idle,
    Queued,
    InProgress,
    /// A thread works on the host, and its desired state has changed since.
    Outdated,
}

/// The progress with the part of a host that an earlier process left.
#[derive(Clone, Copy, PartialEq)]
enum Left {
    /// There is no such part, or it is as desired by now.
    Nothing,
    /// Nothing has been done yet.
    Untouched,
    /// Its packets are forwarded, and its interfaces have not been checked.
    TakenOver,
}

/// Whether a host is removed before it becomes as desired.
#[derive(Clone, Copy, PartialEq)]
enum Power {
    On,
    /// It lost all its ports: it is removed, whatever is desired now.
    Off,
    /// It reboots: it is removed and made again at once.
    Cycled,
}

/// One host.
pub struct Record {
    pub desired: Desired,
    pub open: BTreeMap<u16, OpenPort>,
    state: HostState,
    /// Whether its namespace is known to exist.
    exists: bool,
    left: Left,
    power: Power,
    work: Work,
    failures: u32,
}

impl Record {
    fn new(exists: bool) -> Self {
        Self {
            desired: Desired::new(),
            open: BTreeMap::new(),
            state: HostState::Gone,
            exists,
            left: if exists { Left::Untouched } else { Left::Nothing },
            power: Power::On,
            work: Work::Idle,
            failures: 0,
        }
    }

    /// Whether it is up and has no work.
    fn rests(&self) -> bool {
        self.state == HostState::Up && self.work == Work::Idle
    }

    /// An open queue, if any, and the boot of its port.
    pub fn queue(&self) -> Option<(Queue, u32)> {
        let mut attached = self.open.values().filter(|open| open.is_attached());
        attached.find_map(|open| Some((open.queues.first().cloned()?, open.port.boot)))
    }

    /// Its state until its next task is done.
    fn state_meanwhile(&self) -> HostState {
        match self.desired.is_empty() {
            true => HostState::Leaving,
            false if self.exists && self.power != Power::Off => HostState::Changing,
            false => HostState::Making,
        }
    }
}

/// All hosts.
#[derive(Default)]
pub struct Registry {
    records: BTreeMap<String, Record>,
    changing: VecDeque<String>,
    leaving: VecDeque<String>,
    making: VecDeque<String>,
    retries: BTreeSet<(Instant, String)>,
    /// The listener for changes of hosts' states.
    listener: Option<Sender<Message>>,
}

impl Registry {
    /// A host's record.
    pub fn record(&mut self, host: &str) -> Option<&mut Record> {
        self.records.get_mut(host)
    }

    /// An open interface.
    pub fn open_port(&mut self, host: &str, interface: u16) -> Option<&mut OpenPort> {
        self.records.get_mut(host)?.open.get_mut(&interface)
    }

    /// The port for which an interface of a host is desired.
    pub fn owner(&self, host: &str, interface: u16) -> Option<PortId> {
        self.records.get(host)?.desired.get(&interface).map(|(id, _)| *id)
    }

    /// All open interfaces.
    pub fn open_ports(&self) -> impl Iterator<Item = &OpenPort> {
        self.records.values().flat_map(|record| record.open.values())
    }

    /// The hosts that are up and have no work.
    pub fn resting(&self) -> Vec<String> {
        let resting = self.records.iter().filter(|(_, record)| record.rests());
        resting.map(|(host, _)| host.clone()).collect()
    }

    /// Queues the hosts without work that somebody else has damaged: an open interface is gone, or the namespace is not pinned.
    /// Returns whether there are any.
    pub fn queue_damaged(&mut self, hosts: &[String], exists: impl Fn(&str) -> bool) -> bool {
        let mut any = false;
        for host in hosts {
            let Some(record) = self.records.get_mut(host).filter(|record| record.rests()) else { continue };
            let exists = exists(host);
            if exists && record.open.values().all(OpenPort::is_attached) {
                continue;
            }
            tracing::warn!("somebody has removed an interface or the pin of host {host}; it is brought back");
            record.exists = exists;
            self.touch(host);
            any = true;
        }
        any
    }

    /// Whether no work is left: every host is as desired or has failed.
    pub fn is_settled(&self) -> bool {
        let rests = |record: &Record| matches!(record.state, HostState::Up | HostState::Failed { .. });
        self.records.values().all(rests)
    }

    /// Reports changes to this listener from now on, instead of the one before.
    pub fn report_to(&mut self, listener: Sender<Message>) {
        self.listener = Some(listener);
    }

    /// Stops reporting to a listener, unless another has replaced it.
    pub fn stop_reporting_to(&mut self, listener: &Sender<Message>) {
        self.listener.take_if(|current| current.same_channel(listener));
    }

    /// Reports every host.
    pub fn report_all(&self) {
        self.tell(Event::AllHosts(self.reports()));
    }

    /// Every host's state, by name.
    pub fn reports(&self) -> Vec<HostReport> {
        let report =
            |(host, record): (&String, &Record)| HostReport { host: host.clone(), state: record.state.clone() };
        self.records.iter().map(report).collect()
    }

    fn tell(&self, event: Event) {
        if let Some(listener) = &self.listener {
            // The listener's connection may just have closed.
            let _ = listener.send(Message::Event(event));
        }
    }

    /// Adds records for hosts that an earlier process made.
    pub fn found(&mut self, hosts: Vec<String>) {
        for host in hosts {
            if !self.records.contains_key(&host) {
                self.records.insert(host.clone(), Record { power: Power::Off, ..Record::new(true) });
                self.touch(&host);
            }
        }
    }

    /// Sets the desired ports. `found` has the hosts that exist, if the caller has looked, and their boots.
    pub fn set_desired(&mut self, changes: &[PortChange<'_>], found: &BTreeMap<String, Option<u32>>) {
        let mut touched = BTreeSet::new();
        for PortChange { id, before, after } in changes {
            if let Some(before) = before.filter(|before| !after.is_some_and(|after| has_same_place(before, after)))
                && let Some(record) = self.records.get_mut(&before.host)
                && record.desired.get(&before.interface).is_some_and(|(owner, _)| owner == id)
            {
                record.desired.remove(&before.interface);
                touched.insert(&before.host);
            }
        }
        for PortChange { id, before, after } in changes {
            let Some(after) = after.filter(|after| !before.is_some_and(|before| is_same_interface(before, after)))
            else {
                continue;
            };
            let record = self.records.entry(after.host.clone());
            let left = found.get(&after.host).copied();
            let record = record.or_insert_with(|| Record::new(left.is_some()));
            record.desired.insert(after.interface, (*id, after.clone()));
            // Of a port without a past, the host may be one that an earlier process left.
            let boot = match before {
                Some(before) => Some(before.boot).filter(|_| has_same_place(before, after)),
                None => left.flatten(),
            };
            if record.power == Power::On && boot.is_some_and(|boot| boot != after.boot) {
                record.power = Power::Cycled;
            }
            touched.insert(&after.host);
        }
        for host in touched {
            if let Some(record) = self.records.get_mut(host).filter(|record| record.desired.is_empty()) {
                record.power = Power::Off;
            }
            self.touch(host);
        }
    }

    /// Marks a host as having work.
    fn touch(&mut self, host: &str) {
        let Some(record) = self.records.get_mut(host) else { return };
        record.failures = 0;
        let state = record.state_meanwhile();
        self.set_state(host, state);
        self.enqueue(host);
    }

    fn enqueue(&mut self, host: &str) {
        let Some(record) = self.records.get_mut(host) else { return };
        match record.work {
            Work::InProgress => record.work = Work::Outdated,
            Work::Queued | Work::Outdated => {}
            Work::Idle => {
                record.work = Work::Queued;
                let queue = match record.state_meanwhile() {
                    HostState::Changing => &mut self.changing,
                    HostState::Leaving => &mut self.leaving,
                    _ => &mut self.making,
                };
                queue.push_back(host.to_owned());
            }
        }
    }

    fn set_state(&mut self, host: &str, state: HostState) {
        let Some(record) = self.records.get_mut(host).filter(|record| record.state != state) else { return };
        if let HostState::Failed { why } = &state {
            tracing::warn!("cannot bring host {host} to its desired state, trying again: {why}");
        }
        record.state = state.clone();
        self.tell(Event::Host(HostReport { host: host.to_owned(), state }));
    }

    /// Takes the next task. Hosts that exist come before hosts that have to be made. Without a task, returns when there
    /// may be one.
    pub fn next(&mut self, now: Instant) -> Result<Task, Option<Instant>> {
        while self.retries.first().is_some_and(|(due, _)| *due <= now) {
            if let Some((_, host)) = self.retries.pop_first() {
                self.enqueue(&host);
            }
        }
        if let Some(host) = self.changing.pop_front() {
            return Ok(self.begin(host));
        }
        if !self.leaving.is_empty() {
            let hosts: Vec<_> = self.leaving.drain(..).collect();
            let (away, back): (Vec<_>, Vec<_>) = hosts.into_iter().partition(|host| self.goes_first(host));
            self.making.extend(back);
            if !away.is_empty() {
                return Ok(self.begin_removal(away));
            }
        }
        match self.making.pop_front() {
            Some(host) => Ok(self.begin(host)),
            None => Err(self.retries.first().map(|(due, _)| *due)),
        }
    }

    fn goes_first(&self, host: &str) -> bool {
        self.records.get(host).is_some_and(|record| record.power != Power::On)
    }

    fn begin(&mut self, host: String) -> Task {
        if self.goes_first(&host) {
            return self.begin_removal(vec![host]);
        }
        let record = self.records.entry(host.clone()).or_insert_with(|| Record::new(false));
        record.work = Work::InProgress;
        let desired = record.desired.clone();
        match record.left {
            Left::Untouched => Task::TakeOver { host, desired },
            left => Task::Reconcile { host, desired, was_taken_over: left == Left::TakenOver },
        }
    }

    /// Notes that the packets of a host that an earlier process left are forwarded. Its interfaces are checked once all such
    /// hosts have come so far.
    pub fn taken_over(&mut self, host: &str) {
        let Some(record) = self.records.get_mut(host) else { return };
        (record.work, record.left) = (Work::Idle, Left::TakenOver);
        self.enqueue(host);
    }

    fn begin_removal(&mut self, hosts: Vec<String>) -> Task {
        for host in &hosts {
            if let Some(record) = self.records.get_mut(host) {
                (record.work, record.power) = (Work::InProgress, Power::On);
            }
        }
        Task::TakeAway(hosts)
    }

    /// Notes that a host has been removed, or that removing it failed.
    pub fn taken_away(&mut self, host: &str, result: Result<(), String>) {
        let Some(record) = self.records.get_mut(host) else { return };
        record.work = Work::Idle;
        match result {
            Ok(()) => {
                (record.exists, record.left, record.power) = (false, Left::Nothing, Power::On);
                if record.desired.is_empty() {
                    self.set_state(host, HostState::Gone);
                    self.records.remove(host);
                } else {
                    self.enqueue(host);
                }
            }
            Err(why) => {
                record.power = Power::Off;
                self.failed(host, why);
            }
        }
    }

    /// Notes that a host has been reconciled, or that it failed. `exists` says whether its namespace is there.
    pub fn reconciled(&mut self, host: &str, result: Result<(), String>, exists: bool) {
        let Some(record) = self.records.get_mut(host) else { return };
        record.exists = exists;
        let outdated = record.work == Work::Outdated;
        record.work = Work::Idle;
        match result {
            _ if outdated => self.enqueue(host),
            Ok(()) => {
                (record.left, record.failures) = (Left::Nothing, 0);
                self.set_state(host, HostState::Up);
            }
            Err(why) => self.failed(host, why),
        }
    }

    fn failed(&mut self, host: &str, why: String) {
        let Some(record) = self.records.get_mut(host) else { return };
        let wait = LONGEST_RETRY.min(FIRST_RETRY * 2u32.pow(record.failures.min(10)));
        record.failures += 1;
        self.retries.insert((Instant::now() + wait, host.to_owned()));
        self.set_state(host, HostState::Failed { why });
    }
}

/// Whether two ports are the same interface of the same host.
fn has_same_place(one: &Port, other: &Port) -> bool {
    (&one.host, one.interface) == (&other.host, other.interface)
}

/// Whether two ports need the same interface, whatever else differs.
fn is_same_interface(one: &Port, other: &Port) -> bool {
    has_same_place(one, other) && (one.kind, one.boot) == (other.kind, other.boot) && is_configured_alike(one, other)
}

/// Whether two ports of one kind have the same MTU and addresses.
pub fn is_configured_alike(one: &Port, other: &Port) -> bool {
    one.mtu == other.mtu && one.addresses == other.addresses
}
