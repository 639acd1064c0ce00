//! Workers. Each worker reads its own queue of every port, moves packets through the pipeline, and writes them to its
//! own queues of the receiving ports.
//!
//! A packet stays on one thread. Changes to ports reach a worker as commands, which it carries out between two batches.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))] // What a host sends must not make anything panic.

mod attached;
mod impaired;
mod in_transit;
mod placement;
mod report;
mod run;
mod schedule;
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
use run::{Command, Idling, Worker};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use wire::{Accounts, PortId};

/// The program that steers packets to this many workers, each pinned to a processor. `None`, with a warning in the log,
/// where the kernel does not allow it.
pub fn steering(workers: usize) -> Option<Arc<Steering>> {
    match Steering::new(&placement::processors(workers).into_iter().take(workers).collect::<Vec<_>>()) {
        Ok(steering) => Some(Arc::new(steering)),
        Err(error) if error.kind() == io::ErrorKind::Unsupported => None,
        Err(error) => {
            tracing::warn!(%error, "the kernel refused the BPF program that steers packets and chooses queues itself, so latency is higher; run with CAP_BPF or CAP_SYS_ADMIN to allow it");
            None
        }
    }
}

/// A handle to all workers. Dropping it stops them.
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
    /// Starts this many workers. They use only the offloads that the kernel does correctly, and tell `steering` when
    /// they are idle.
    ///
    /// # Errors
    /// If the system is out of threads or file descriptors.
    pub fn start(
        engine: &Arc<Engine>,
        count: usize,
        offloads: Offloads,
        steering: Option<&Arc<Steering>>,
    ) -> io::Result<Self> {
        let processors = placement::processors(count);
        let recorder = Arc::<Recorder>::default();
        let start = |index: usize| {
            let idling = steering.map(|steering| Idling { steering: Arc::clone(steering), worker: index });
            let shared = (Arc::clone(engine), Arc::clone(&recorder));
            Handle::start(shared, index, processors.get(index).copied(), idling)
        };
        Ok(Self { handles: (0..count).map(start).collect::<io::Result<_>>()?, offloads, recorder })
    }

    /// The recorder of the workers' packets.
    pub fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// The number of workers.
    pub fn count(&self) -> usize {
        self.handles.len()
    }

    /// The processor time that each worker has used.
    pub fn busy(&self) -> Vec<Duration> {
        self.handles.iter().map(Handle::busy).collect()
    }

    /// Gives every worker a queue of a port and the counters that go with it. If the port has several queues, each
    /// worker gets its own. If it has one, all workers write to that queue and one of them reads from it.
    pub fn attach(&self, port: PortId, queues: &[Queue], counters: &PortCounters) {
        for (index, (worker, counters)) in self.handles.iter().zip(counters).enumerate() {
            let Some(queue) = queues.iter().cycle().nth(index) else { return };
            let reads = queues.len() > 1 || port.0 as usize % self.count() == index;
            let attached = Box::new(Attached::new(queue.clone(), Arc::clone(counters), self.offloads));
            worker.tell(Command::Attach { port, attached, reads });
        }
    }

    /// Removes a port's queues from all workers.
    pub fn detach(&self, port: PortId) {
        self.handles.iter().for_each(|worker| worker.tell(Command::Detach(port)));
    }

    /// Waits until every worker has carried out its commands and uses the latest published tables.
    pub fn sync(&self) {
        let all = WaitGroup::new();
        self.handles.iter().for_each(|worker| worker.tell(Command::Sync(all.clone())));
        self.handles.iter().for_each(Handle::wake);
        all.wait();
    }

    /// Each worker's log of recent drops.
    pub fn logs(&self) -> impl Iterator<Item = &DropLog> {
        self.handles.iter().map(|worker| &*worker.log)
    }

    /// Takes the flow accounting out of every worker, as of this time of the engine's clock.
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
        processor: Option<usize>,
        idling: Option<Idling>,
    ) -> io::Result<Self> {
        let (commands, inbox) = unbounded();
        let wake = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?);
        let (log, accounting) = (Arc::<DropLog>::default(), Arc::<FlowAccounting>::default());
        let worker = Worker::new(shared, inbox, Arc::clone(&wake), Arc::clone(&log), Arc::clone(&accounting), idling)?;
        let id = Arc::<AtomicI32>::default();
        let own = Arc::clone(&id);
        let run = move || {
            own.store(gettid().as_raw(), Relaxed);
            if let Some(Err(error)) = processor.map(placement::pin_to) {
                tracing::warn!(%error, "worker {index} could not be pinned to a processor and may be slow");
            }
            worker.run();
        };
        let thread = thread::Builder::new().name(format!("worker-{index}")).spawn(run)?;
        Ok(Self { commands, wake, log, accounting, thread: Some(thread), id })
    }

    /// The thread's processor time, which is the first field of `schedstat`, in nanoseconds. Zero if it cannot be read.
    fn busy(&self) -> Duration {
        let told = std::fs::read_to_string(format!("/proc/self/task/{}/schedstat", self.id.load(Relaxed)));
        let spent = told.ok().and_then(|told| told.split_whitespace().next()?.parse().ok());
        Duration::from_nanos(spent.unwrap_or(0))
    }

    /// Sending fails only while the process ends, when nobody needs to hear the command.
    fn tell(&self, command: Command) {
        let _ = self.commands.send(command);
    }

    fn wake(&self) {
        // If the counter is full, the worker wakes anyway.
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
