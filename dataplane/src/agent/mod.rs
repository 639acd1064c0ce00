//! The agent: listens to a controller, makes hosts and tables what it says, and reports.

mod apply;
mod listen;
mod reconciler;
mod recording;
mod registry;
mod update;

pub use listen::run;

use crate::descriptors;
use crate::environment::Environment;
use crate::flow::{FlowTable, flows_path};
use crate::host::{HostError, Hosts, Namespaces, prove};
use crate::pipeline::Engine;
use crate::port::Offloads;
use crate::record::Recorder;
use crate::worker::{self, DropLog, Workers};
use crossbeam::channel::{RecvTimeoutError, Sender, bounded};
use reconciler::Reconciler;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use thiserror::Error;
use wire::{DropRecord, HostReport, Reply, Request, Status, Timeouts};

/// How many flows are known at most. A flow takes 128 bytes of the file and 24 beside it, and finding them all 32 MiB.
pub const FLOW_LIMIT: u32 = 1 << 20;

/// Where the dataplane finds and puts things.
#[derive(Clone, Debug)]
pub struct Config {
    /// The Unix socket for the controller; flows are kept in a file `flows` beside it.
    pub socket: PathBuf,
    /// The namespaces of our hosts.
    pub namespaces: Namespaces,
    /// Where the markers of our hosts are.
    pub hosts_dir: PathBuf,
    /// How many workers, at least one; one for each core is best.
    pub workers: usize,
    /// How long idle flows live.
    pub timeouts: Timeouts,
    /// How many flows one port may have begun, of at most [`FLOW_LIMIT`] of all.
    pub flow_share: u32,
    /// Time and chance.
    pub environment: Environment,
}

/// Why the dataplane cannot run.
#[derive(Debug, Error)]
pub enum AgentError {
    /// The directories of hosts cannot be used.
    #[error(transparent)]
    Host(#[from] HostError),
    /// No workers, no dataplane.
    #[error("cannot start the workers: {0}")]
    Workers(#[source] io::Error),
    /// The file of flows cannot be used.
    #[error(
        "cannot keep flows in {path}: {source}; the file needs half a MiB, and 128 MiB when a million flows are open, and nobody \
         else may have it"
    )]
    Flows {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another one listens there.
    #[error("another dataplane listens on {0}: stop it, or choose another state directory")]
    SocketTaken(PathBuf),
    /// The socket cannot be used.
    #[error("cannot listen on {path}: {source}")]
    Socket {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The dataplane as a whole.
pub struct Agent {
    engine: Arc<Engine>,
    workers: Arc<Workers>,
    reconciler: Arc<Reconciler>,
    /// The seed of the engine, for recordings.
    seed: u64,
    /// Dropped with the agent, which ends the housekeeping.
    _housekeeping: Sender<()>,
}

impl Agent {
    /// Starts workers, without tables as yet.
    ///
    /// # Errors
    /// [`AgentError`] if the machine does not allow it.
    pub fn start(config: &Config) -> Result<Self, AgentError> {
        descriptors::raise_limit();
        let workers = config.workers.max(1);
        let steering = worker::steering(workers);
        let hosts = Hosts::new(config.namespaces.clone(), &config.hosts_dir, workers)?.steered(steering.clone());
        let file = flows_path(&config.socket);
        let flows = FlowTable::of_file(&file, FLOW_LIMIT, config.environment.seed.clone());
        let flows = flows.map_err(|source| AgentError::Flows { path: file, source })?;
        let engine = Engine::with_flows(flows.with_share(config.flow_share), config.environment.clone());
        let engine = Arc::new(engine);
        engine.set_timeouts(&config.timeouts);
        let workers =
            Workers::start(&engine, workers, proven_offloads(), steering.as_ref()).map_err(AgentError::Workers)?;
        let workers = Arc::new(workers);
        let reconciler = Arc::new(Reconciler::start(hosts, Arc::clone(&workers)).map_err(AgentError::Workers)?);
        let housekeeping = keep_house(&engine, workers.recorder()).map_err(AgentError::Workers)?;
        let seed = config.environment.seed.number();
        Ok(Self { engine, workers, reconciler, seed, _housekeeping: housekeeping })
    }

    /// How far every host is, by name.
    pub fn hosts(&self) -> Vec<HostReport> {
        self.reconciler.hosts()
    }

    /// Waits until no host is on its way: every one is up or gone, or has failed.
    pub fn settle(&self) {
        self.reconciler.settle();
    }

    /// Does what a controller asks.
    pub fn answer(&mut self, request: Request) -> Reply {
        match request {
            Request::Ping => Reply::Pong,
            Request::Apply(update) => match self.apply(&update) {
                Ok(()) => Reply::Applied { version: update.version },
                Err(refusal) => Reply::Refused { why: refusal.to_string() },
            },
            Request::Why { port, packet } => Reply::Explained(self.engine.explain(port, packet)),
            Request::Status => Reply::Status(self.status()),
            Request::Flows { most } => {
                let (flows, others) = self.engine.flows(most);
                Reply::Flows { flows, others }
            }
            Request::Drops => Reply::Drops(self.drops()),
            Request::Accounts => Reply::Accounts(self.workers.accounts(self.engine.now())),
            Request::AdvanceClock(by) => {
                let recorder = self.workers.recorder();
                recorder.advance_clock(&self.engine, by);
                recorder.expire(&self.engine);
                Reply::Done
            }
            Request::Record(call) => self.record(call),
        }
    }

    fn status(&self) -> Status {
        Status {
            version: self.engine.snapshot().version(),
            workers: self.workers.count(),
            flows: self.engine.flow_count(),
            ports: self.reconciler.ports(),
        }
    }

    fn drops(&self) -> Vec<DropRecord> {
        let mut records: Vec<_> = self.workers.logs().flat_map(DropLog::records).collect();
        records.sort_by_key(|record| record.at);
        records
    }
}

/// Lets flows and fragments expire every second, or at most a fiftieth of the time, until the sender is dropped.
fn keep_house(engine: &Arc<Engine>, recorder: &Arc<Recorder>) -> io::Result<Sender<()>> {
    let (until, ended) = bounded(0);
    let (engine, recorder) = (Arc::clone(engine), Arc::clone(recorder));
    thread::Builder::new().name("housekeeping".into()).spawn(move || {
        let mut rest = Duration::from_secs(1);
        while ended.recv_timeout(rest) == Err(RecvTimeoutError::Timeout) {
            let start = Instant::now();
            recorder.expire(&engine);
            if recorder.is_abandoned() {
                tracing::warn!("nobody asks for the recording any more: it ends");
                recorder.end(Vec::new);
            }
            // A table of millions takes a while to go through. A packet never finds an expired flow, so it may take its time.
            rest = Duration::from_secs(1).max(start.elapsed() * 50);
        }
    })?;
    Ok(until)
}

/// What the kernel was seen to do right. Everything works without, slower.
fn proven_offloads() -> Offloads {
    match prove() {
        Ok(Offloads::ALL) => Offloads::ALL,
        Ok(offloads) => {
            tracing::warn!(
                ?offloads,
                "this kernel does not keep coalesced packets whole: the dataplane goes without what it fails in"
            );
            offloads
        }
        Err(error) => {
            tracing::warn!(%error, "cannot prove that the kernel keeps coalesced packets whole: the dataplane goes without");
            Offloads::NONE
        }
    }
}
