//! Workers: each reads its queue of every port, moves packets through the pipeline, and writes them to its queues of others.
//!
//! No packet changes threads. What changes about ports reaches a worker as commands, between two batches.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))] // What a host sends must not make anything panic.

mod attached;
mod in_transit;
mod placement;
mod report;
mod rota;
mod run;
mod tap;

pub use report::{Counters, DropLog, PortCounters, sum};

use crate::pipeline::{Engine, FlowAccounting};
use crate::port::{Offloads, Queue, Steering};
use crate::record::Recorder;
use attached::Attached;
use crossbeam::channel::{Sender, unbounded};
use crossbeam::sync::WaitGroup;
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::unistd::gettid;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use wire::{Accounts, PortId};

/// What a worker is told.
enum Command {
    /// Here is your queue of a port; read from it too if `reads`.
    Attach { port: PortId, attached: Box<Attached>, reads: bool },
    /// The port is gone.
    Detach(PortId),
    /// Drop this once the tables published before are in use and the commands before are carried out.
    Sync(WaitGroup),
    /// End.
    Stop,
}

/// The steering of interfaces to so many workers, each on a processor of its own; `None`, and a word in the log, where that cannot be.
pub fn steering(workers: usize) -> Option<Arc<Steering>> {
    match Steering::new(&placement::places(workers).into_iter().take(workers).collect::<Vec<_>>()) {
        Ok(steering) => Some(Arc::new(steering)),
        Err(error) if error.kind() == io::ErrorKind::Unsupported => None,
        Err(error) => {
            tracing::warn!(%error, "the kernel takes no BPF program from here, and chooses queues by itself: pings take longer");
            None
        }
    }
}

/// How a worker tells that it has nothing to do.
struct Idling {
    steering: Arc<Steering>,
    worker: usize,
}

impl Idling {
    fn now(&self) -> u64 {
        self.steering.now()
    }

    fn tell(&self, since: u64) {
        self.steering.idle(self.worker, since);
    }
}

/// All workers, seen from outside. They end when this is dropped.
pub struct Workers {
    handles: Vec<Handle>,
    offloads: Offloads,
    recorder: Arc<Recorder>,
}

struct Handle {
    commands: Sender<Command>,
    wake: Arc<EventFd>,
    log: Arc<DropLog>,
    accounting: Arc<FlowAccounting>,
    thread: Option<JoinHandle<()>>,
    /// The thread's id, once it runs.
    id: Arc<AtomicI32>,
}

impl Workers {
    /// Starts so many workers, which leave to ports with offloads what the kernel does right, and tell `steering` when they have
    /// nothing to do.
    ///
    /// # Errors
    /// If the system has no more threads or descriptors.
    pub fn start(
        engine: &Arc<Engine>,
        count: usize,
        offloads: Offloads,
        steering: Option<&Arc<Steering>>,
    ) -> io::Result<Self> {
        let places = placement::places(count);
        let recorder = Arc::<Recorder>::default();
        let start = |index: usize| {
            let idling = steering.map(|steering| Idling { steering: Arc::clone(steering), worker: index });
            let shared = (Arc::clone(engine), Arc::clone(&recorder));
            Handle::start(shared, index, places.get(index).copied(), idling)
        };
        Ok(Self { handles: (0..count).map(start).collect::<io::Result<_>>()?, offloads, recorder })
    }

    /// What records their packets.
    pub fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.handles.len()
    }

    /// How much processor time each has had.
    pub fn busy(&self) -> Vec<Duration> {
        self.handles.iter().map(Handle::busy).collect()
    }

    /// Gives every worker its queue of a port and its counters: of one that has several, each its own; of one that has one, all the
    /// same to write to, and one of them to read from.
    pub fn attach(&self, port: PortId, queues: &[Queue], counters: &PortCounters) {
        for (index, (worker, counters)) in self.handles.iter().zip(counters).enumerate() {
            let Some(queue) = queues.iter().cycle().nth(index) else { return };
            let reads = queues.len() > 1 || port.0 as usize % self.count() == index;
            let attached = Box::new(Attached::new(queue.clone(), Arc::clone(counters), self.offloads));
            worker.tell(Command::Attach { port, attached, reads });
        }
    }

    /// Takes a port's queues from all workers.
    pub fn detach(&self, port: PortId) {
        self.handles.iter().for_each(|worker| worker.tell(Command::Detach(port)));
    }

    /// Waits until every worker has carried out what it was told and uses the tables that were published before.
    pub fn sync(&self) {
        let all = WaitGroup::new();
        self.handles.iter().for_each(|worker| worker.tell(Command::Sync(all.clone())));
        self.handles.iter().for_each(Handle::wake);
        all.wait();
    }

    /// Every worker's recent drops.
    pub fn logs(&self) -> impl Iterator<Item = &DropLog> {
        self.handles.iter().map(|worker| &*worker.log)
    }

    /// What every worker's accounting holds, taken out at this time of the engine.
    pub fn accounts(&self, now: u64) -> Accounts {
        self.handles.iter().fold(Accounts::default(), |mut all, worker| {
            let Accounts { entries, skipped } = worker.accounting.take(now);
            all.entries.extend(entries);
            all.skipped.extend(skipped);
            all
        })
    }
}

impl Handle {
    fn start(
        shared: (Arc<Engine>, Arc<Recorder>),
        index: usize,
        place: Option<usize>,
        idling: Option<Idling>,
    ) -> io::Result<Self> {
        let (commands, inbox) = unbounded();
        let wake = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?);
        let (log, accounting) = (Arc::<DropLog>::default(), Arc::<FlowAccounting>::default());
        let worker =
            run::Worker::new(shared, inbox, Arc::clone(&wake), Arc::clone(&log), Arc::clone(&accounting), idling)?;
        let id = Arc::<AtomicI32>::default();
        let own = Arc::clone(&id);
        let run = move || {
            own.store(gettid().as_raw(), Relaxed);
            if let Some(Err(error)) = place.map(placement::stay_on) {
                tracing::warn!(%error, "worker {index} has no processor of its own: it may be slow");
            }
            worker.run();
        };
        let thread = thread::Builder::new().name(format!("worker-{index}")).spawn(run)?;
        Ok(Self { commands, wake, log, accounting, thread: Some(thread), id })
    }

    /// The kernel counts it in nanoseconds, first in this file. One that does not is said to be idle.
    fn busy(&self) -> Duration {
        let told = std::fs::read_to_string(format!("/proc/self/task/{}/schedstat", self.id.load(Relaxed)));
        let spent = told.ok().and_then(|told| told.split_whitespace().next()?.parse().ok());
        Duration::from_nanos(spent.unwrap_or(0))
    }

    /// Nobody is left to hear it only when the process ends.
    fn tell(&self, command: Command) {
        let _ = self.commands.send(command);
    }

    fn wake(&self) {
        // Full means that it will wake anyway.
        let _ = self.wake.write(1);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.tell(Command::Stop);
        self.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
