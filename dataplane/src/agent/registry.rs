//! What the reconciler knows of every host: its desired interfaces, its open ones, its state, and what is to be done next.

use super::update::PortChange;
use crate::port::Queue;
use crate::worker::PortCounters;
use crossbeam::channel::Sender;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};
use wire::{Event, HostReport, HostState, Message, Port, PortId};

/// How long after a first failure a host is tried again; twice as long after each further one.
const FIRST_RETRY: Duration = Duration::from_millis(200);
const LONGEST_RETRY: Duration = Duration::from_secs(10);

/// The interfaces that a host is to have, by their places.
pub type Desired = BTreeMap<u16, (PortId, Port)>;

/// An interface that is there, its queues open.
pub struct OpenPort {
    pub id: PortId,
    /// As it was opened, or last changed.
    pub port: Port,
    /// Whether it is as `port` says. One that an earlier process left is looked at first.
    pub is_known: bool,
    pub counters: PortCounters,
    /// Held here so that workers never close a queue: the kernel takes milliseconds for that.
    pub queues: Vec<Queue>,
}

/// What is to be done.
pub enum Task {
    /// Take these hosts away.
    TakeAway(Vec<String>),
    /// Let the packets of this host go on, which an earlier process left.
    TakeOver { host: String, desired: Desired },
    /// Give this host its interfaces. `was_taken_over` says that an earlier process may have left it others.
    Reconcile { host: String, desired: Desired, was_taken_over: bool },
}

/// Where a host stands in the reconciler's work.
#[derive(Clone, Copy, PartialEq)]
enum Work {
    Idle,
    Queued,
    InHand,
    /// In hand, and something has changed since it was taken up.
    Outdated,
}

/// What is done with what an earlier process left of a host.
#[derive(Clone, Copy, PartialEq)]
enum Left {
    /// There is nothing, or it is as desired by now.
    Nothing,
    Untouched,
    /// Its packets go on, and nobody has looked at its interfaces yet.
    TakenOver,
}

/// One host.
pub struct Record {
    pub desired: Desired,
    pub open: BTreeMap<u16, OpenPort>,
    state: HostState,
    /// Whether its namespace is known to be there.
    exists: bool,
    left: Left,
    /// Whether it was left without ports: it goes first, whatever is desired now.
    switched_off: bool,
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
            switched_off: false,
            work: Work::Idle,
            failures: 0,
        }
    }

    /// What it is on its way to.
    fn course(&self) -> HostState {
        match self.desired.is_empty() {
            true => HostState::Leaving,
            false if self.exists && !self.switched_off => HostState::Changing,
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
    /// Who is told.
    listener: Option<Sender<Message>>,
}

impl Registry {
    /// A host.
    pub fn record(&mut self, host: &str) -> Option<&mut Record> {
        self.records.get_mut(host)
    }

    /// An interface that is there.
    pub fn open_port(&mut self, host: &str, interface: u16) -> Option<&mut OpenPort> {
        self.records.get_mut(host)?.open.get_mut(&interface)
    }

    /// The port that an interface of a host is desired for.
    pub fn owner(&self, host: &str, interface: u16) -> Option<PortId> {
        self.records.get(host)?.desired.get(&interface).map(|(id, _)| *id)
    }

    /// Every interface that is there.
    pub fn open_ports(&self) -> impl Iterator<Item = &OpenPort> {
        self.records.values().flat_map(|record| record.open.values())
    }

    /// Whether nothing is on its way: what is not as desired has failed.
    pub fn is_settled(&self) -> bool {
        let rests = |record: &Record| matches!(record.state, HostState::Up | HostState::Failed { .. });
        self.records.values().all(rests)
    }

    /// Tells this listener of what happens from now on, in the place of the one before.
    pub fn report_to(&mut self, listener: Sender<Message>) {
        self.listener = Some(listener);
    }

    /// Tells a listener no more, unless another has taken its place.
    pub fn stop_reporting_to(&mut self, listener: &Sender<Message>) {
        self.listener.take_if(|current| current.same_channel(listener));
    }

    /// Tells of every host.
    pub fn report_all(&self) {
        self.tell(Event::AllHosts(self.reports()));
    }

    /// How far every host is, by name.
    pub fn reports(&self) -> Vec<HostReport> {
        let report =
            |(host, record): (&String, &Record)| HostReport { host: host.clone(), state: record.state.clone() };
        self.records.iter().map(report).collect()
    }

    fn tell(&self, event: Event) {
        if let Some(listener) = &self.listener {
            // Its connection may just have ended.
            let _ = listener.send(Message::Event(event));
        }
    }

    /// Notes hosts that are there although no record knows of them: an earlier process made them.
    pub fn found(&mut self, hosts: Vec<String>) {
        for host in hosts {
            if !self.records.contains_key(&host) {
                self.records.insert(host.clone(), Record { switched_off: true, ..Record::new(true) });
                self.touch(&host);
            }
        }
    }

    /// Notes what ports are to be. `found` says which hosts are there, if anybody looked.
    pub fn set_desired(&mut self, changes: &[PortChange<'_>], found: &BTreeSet<String>) {
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
            let record = record.or_insert_with(|| Record::new(found.contains(&after.host)));
            record.desired.insert(after.interface, (*id, after.clone()));
            touched.insert(&after.host);
        }
        for host in touched {
            if let Some(record) = self.records.get_mut(host) {
                record.switched_off |= record.desired.is_empty();
            }
            self.touch(host);
        }
    }

    /// Something is to be done about a host.
    fn touch(&mut self, host: &str) {
        let Some(record) = self.records.get_mut(host) else { return };
        record.failures = 0;
        let course = record.course();
        self.set_state(host, course);
        self.enqueue(host);
    }

    fn enqueue(&mut self, host: &str) {
        let Some(record) = self.records.get_mut(host) else { return };
        match record.work {
            Work::InHand => record.work = Work::Outdated,
            Work::Queued | Work::Outdated => {}
            Work::Idle => {
                record.work = Work::Queued;
                let queue = match record.course() {
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
            tracing::warn!("host {host} is not as it should be, and is tried again: {why}");
        }
        record.state = state.clone();
        self.tell(Event::Host(HostReport { host: host.to_owned(), state }));
    }

    /// Takes up the next task: what is there already comes before what is to be made. Without one, tells when there may be one.
    pub fn next(&mut self, now: Instant) -> Result<Task, Option<Instant>> {
        while self.retries.first().is_some_and(|(due, _)| *due <= now) {
            if let Some((_, host)) = self.retries.pop_first() {
                self.enqueue(&host);
            }
        }
        if let Some(host) = self.changing.pop_front() {
            return Ok(self.take_up(host));
        }
        if !self.leaving.is_empty() {
            let hosts: Vec<_> = self.leaving.drain(..).collect();
            let (away, back): (Vec<_>, Vec<_>) = hosts.into_iter().partition(|host| self.is_switched_off(host));
            self.making.extend(back);
            if !away.is_empty() {
                return Ok(self.take_up_all(away));
            }
        }
        match self.making.pop_front() {
            Some(host) => Ok(self.take_up(host)),
            None => Err(self.retries.first().map(|(due, _)| *due)),
        }
    }

    fn is_switched_off(&self, host: &str) -> bool {
        self.records.get(host).is_some_and(|record| record.switched_off)
    }

    fn take_up(&mut self, host: String) -> Task {
        if self.is_switched_off(&host) {
            return self.take_up_all(vec![host]);
        }
        let record = self.records.entry(host.clone()).or_insert_with(|| Record::new(false));
        record.work = Work::InHand;
        let desired = record.desired.clone();
        match record.left {
            Left::Untouched => Task::TakeOver { host, desired },
            left => Task::Reconcile { host, desired, was_taken_over: left == Left::TakenOver },
        }
    }

    /// The packets of a host that an earlier process left go on. Its interfaces are looked at when those of all others do.
    pub fn taken_over(&mut self, host: &str) {
        let Some(record) = self.records.get_mut(host) else { return };
        (record.work, record.left) = (Work::Idle, Left::TakenOver);
        self.enqueue(host);
    }

    fn take_up_all(&mut self, hosts: Vec<String>) -> Task {
        for host in &hosts {
            if let Some(record) = self.records.get_mut(host) {
                (record.work, record.switched_off) = (Work::InHand, false);
            }
        }
        Task::TakeAway(hosts)
    }

    /// A host has been taken away, or could not be.
    pub fn taken_away(&mut self, host: &str, result: Result<(), String>) {
        let Some(record) = self.records.get_mut(host) else { return };
        record.work = Work::Idle;
        match result {
            Ok(()) => {
                (record.exists, record.left, record.switched_off) = (false, Left::Nothing, false);
                if record.desired.is_empty() {
                    self.set_state(host, HostState::Gone);
                    self.records.remove(host);
                } else {
                    self.enqueue(host);
                }
            }
            Err(why) => {
                record.switched_off = true;
                self.failed(host, why);
            }
        }
    }

    /// A host has been given its interfaces, or could not be. `exists` says whether it is there.
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

/// Whether two are the same interface of the same host.
fn has_same_place(one: &Port, other: &Port) -> bool {
    (&one.host, one.interface) == (&other.host, other.interface)
}

/// Whether hosts need not know of the difference between two ports.
fn is_same_interface(one: &Port, other: &Port) -> bool {
    has_same_place(one, other) && one.kind == other.kind && is_configured_alike(one, other)
}

/// Whether two interfaces of one kind have the same size and addresses.
pub fn is_configured_alike(one: &Port, other: &Port) -> bool {
    one.mtu == other.mtu && one.addresses == other.addresses
}
