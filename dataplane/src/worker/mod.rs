//! Workers: each reads its queue of every port, moves packets through the pipeline, and writes them to its queues of others.
//!
//! No packet changes threads. What changes about ports reaches a worker as commands, between two batches.

mod attached;
mod report;
mod run;

pub use report::{Counters, DropLog, PortCounters, sum};

use crate::pipeline::Engine;
use crate::policy::PortId;
use crate::port::Queue;
use attached::Attached;
use crossbeam::channel::{Sender, unbounded};
use crossbeam::sync::WaitGroup;
use nix::sys::eventfd::{EfdFlags, EventFd};
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

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

/// All workers, seen from outside. They end when this is dropped.
pub struct Workers(Vec<Handle>);

struct Handle {
    commands: Sender<Command>,
    wake: Arc<EventFd>,
    log: Arc<DropLog>,
    thread: Option<JoinHandle<()>>,
}

impl Workers {
    /// Starts so many workers.
    ///
    /// # Errors
    /// If the system has no more threads or descriptors.
    pub fn start(engine: &Arc<Engine>, count: usize) -> io::Result<Self> {
        (0..count).map(|index| Handle::start(Arc::clone(engine), index)).collect::<io::Result<_>>().map(Self)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Gives every worker its queue of a port and its counters: of one that has several, each its own; of one that has one, all the
    /// same to write to, and one of them to read from.
    ///
    /// # Panics
    /// If there are no queues.
    pub fn attach(&self, port: PortId, queues: &[Queue], counters: &PortCounters) {
        for (index, (worker, counters)) in self.0.iter().zip(counters).enumerate() {
            let queue = &queues[index % queues.len()];
            let reads = queues.len() > 1 || port.0 as usize % self.count() == index;
            let attached = Box::new(Attached::new(queue.clone(), Arc::clone(counters)));
            worker.tell(Command::Attach { port, attached, reads });
        }
    }

    /// Takes a port's queues from all workers.
    pub fn detach(&self, port: PortId) {
        self.0.iter().for_each(|worker| worker.tell(Command::Detach(port)));
    }

    /// Waits until every worker has carried out what it was told and uses the tables that were published before.
    pub fn sync(&self) {
        let all = WaitGroup::new();
        self.0.iter().for_each(|worker| worker.tell(Command::Sync(all.clone())));
        self.0.iter().for_each(Handle::wake);
        all.wait();
    }

    /// Every worker's recent drops.
    pub fn logs(&self) -> impl Iterator<Item = &DropLog> {
        self.0.iter().map(|worker| &*worker.log)
    }
}

impl Handle {
    fn start(engine: Arc<Engine>, index: usize) -> io::Result<Self> {
        let (commands, inbox) = unbounded();
        let wake = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?);
        let log = Arc::<DropLog>::default();
        let worker = run::Worker::new(engine, inbox, Arc::clone(&wake), Arc::clone(&log))?;
        let thread = thread::Builder::new().name(format!("worker-{index}")).spawn(move || worker.run())?;
        Ok(Self { commands, wake, log, thread: Some(thread) })
    }

    /// A worker that is gone has panicked; what is said to it is of no consequence any more.
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
