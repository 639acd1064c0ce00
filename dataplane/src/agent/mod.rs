//! The agent: carries out a controller's requests. It puts tables in force, makes hosts match them, and reports.

mod apply;
mod journal;
pub mod listen;
mod reconciler;
mod recording;
mod registry;
mod update;

pub use journal::tables_path;

use crate::descriptors::{self, Keeper};
use crate::environment::Environment;
use crate::flow::{FlowTable, flows_path};
use crate::host::{HostError, Hosts, Namespaces, prove};
use crate::pipeline::Engine;
use crate::port::Offloads;
use crate::record::Recorder;
use crate::worker::{self, DropLog, Workers};
use crossbeam::channel::{RecvTimeoutError, Sender, bounded};
use journal::Journal;
use reconciler::Reconciler;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use thiserror::Error;
use wire::{CaptureOrder, HostReport, Reply, Request, Status, Timeouts, Verdict};

/// The greatest number of flows. A flow takes 128 bytes of the file and 24 bytes beside it; the index of all flows
/// takes 32 MiB.
pub const FLOW_LIMIT: u32 = 1 << 20;

/// The dataplane's settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The Unix socket for the controller. The files `flows` and `tables` are kept beside it.
    pub socket: PathBuf,
    /// Where the hosts' namespaces are pinned, and how they are named.
    pub namespaces: Namespaces,
    /// The directory of the hosts' markers.
    pub hosts_dir: PathBuf,
    /// The keeper of the hosts' queues while there is no dataplane.
    pub keeper: Option<Keeper>,
    /// How many workers, at least one; one for each core is best.
    pub workers: usize,
    /// How long idle flows live.
    pub timeouts: Timeouts,
    /// How many flows one port may begin. All ports together have [`FLOW_LIMIT`].
    pub flow_share: u32,
    /// The source of time and chance.
    pub environment: Environment,
}

/// Why the dataplane cannot run.
#[derive(Debug, Error)]
pub enum AgentError {
    /// The hosts' directories cannot be used.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The workers cannot be started.
    #[error("cannot start the workers: {0}")]
    Workers(#[source] io::Error),
    /// The flows file cannot be used.
    #[error(
        "cannot keep flows in {path}: {source}; the file needs half a MiB, and 128 MiB when a million flows are open, and nobody \
         else may have it"
    )]
    Flows {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Another dataplane listens on the socket.
    #[error("another dataplane listens on {0}: stop it, or choose another state directory")]
    SocketTaken(PathBuf),
    /// The socket cannot be used.
    #[error("cannot listen on {path}: {source}")]
    Socket {
        /// The socket.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// The dataplane.
pub struct Agent {
    engine: Arc<Engine>,
    workers: Arc<Workers>,
    reconciler: Arc<Reconciler>,
    journal: Journal,
    /// The seed of the engine, for recordings.
    seed: u64,
    /// Dropping it ends the housekeeping thread.
    _housekeeping: Sender<()>,
}

impl Agent {
    /// Starts the workers, with the tables that the previous dataplane left, if any.
    ///
    /// # Errors
    /// [`AgentError`] if the machine does not allow it.
    pub fn start(config: &Config) -> Result<Self, AgentError> {
        descriptors::raise_limit();
        let workers = config.workers.max(1);
        let steering = worker::steering(workers);
        let hosts = Hosts::new(config.namespaces.clone(), &config.hosts_dir, workers)?;
        let hosts = hosts.steered(steering.clone()).kept_by(config.keeper.clone());
        let file = flows_path(&config.socket);
        let flows = FlowTable::of_file(&file, FLOW_LIMIT, config.environment.seed.clone());
        let flows = flows.map_err(|source| AgentError::Flows { path: file, source })?;
        let engine = Engine::with_flows(flows.with_share(config.flow_share), config.environment.clone());
        let engine = Arc::new(engine);
        engine.set_timeouts(&config.timeouts);
        let workers = Workers::start(&engine, workers, proven_offloads(&proof_path(&config.socket)), steering.as_ref())
            .map_err(AgentError::Workers)?;
        let workers = Arc::new(workers);
        let reconciler = Arc::new(Reconciler::start(hosts, Arc::clone(&workers)).map_err(AgentError::Workers)?);
        let housekeeping = start_housekeeping(&engine, workers.recorder()).map_err(AgentError::Workers)?;
        let (journal, tables) = Journal::open(tables_path(&config.socket));
        let seed = config.environment.seed.number();
        let mut agent = Self { engine, workers, reconciler, journal, seed, _housekeeping: housekeeping };
        if let Some(tables) = tables {
            agent.take_over(&tables);
        }
        Ok(agent)
    }

    /// Every host's state, by name.
    pub fn hosts(&self) -> Vec<HostReport> {
        self.reconciler.hosts()
    }

    /// Waits until every host is up, gone or failed.
    pub fn settle(&self) {
        self.reconciler.settle();
    }

    /// Carries out a controller's request.
    pub fn answer(&mut self, request: Request) -> Reply {
        match request {
            Request::Ping => Reply::Pong,
            Request::Apply(update) => match self.apply(&update) {
                Ok(()) => Reply::Applied { version: update.version },
                Err(refusal) => Reply::Refused { why: refusal.to_string() },
            },
            Request::Why { port, packet } => Reply::Explained(self.engine.explain(port, packet)),
            Request::Status => Reply::Status(self.status()),
            Request::Flows { ports, most } => {
                let counted = self.engine.count_packets();
                let (flows, others) = self.engine.flows(ports.as_deref(), most);
                Reply::Flows { flows, others, counted }
            }
            Request::Capture(order) => self.capture(order),
            Request::Captured { capture, most } => self.captured(capture, most),
            Request::EndCapture(capture) => {
                self.engine.captures.end(capture);
                Reply::Done
            }
            Request::Drops => self.drops(),
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

    fn capture(&self, order: CaptureOrder) -> Reply {
        let captures = &self.engine.captures;
        match captures.begin(order) {
            Ok(capture) => {
                captures.add_ports(self.engine.snapshot().ports().map(|(id, port)| (id, port.host.as_str())));
                Reply::Capturing(capture)
            }
            Err(error) => Reply::Refused { why: error.to_string() },
        }
    }

    fn captured(&self, capture: u64, most: usize) -> Reply {
        let Some(mut page) = self.engine.captures.take(capture, most) else {
            let why = "this capture has ended, because nobody fetched its packets for a minute or the dataplane was restarted: begin another one";
            return Reply::Refused { why: why.into() };
        };
        for meta in &mut page.metas {
            let (from, to, sent, quoted, flow) = match &mut meta.verdict {
                Verdict::Forwarded { to, sent, quoted, flow, .. } => (meta.port, *to, *sent, *quoted, flow),
                Verdict::Delivered { from, sent, quoted, flow } => (*from, meta.port, *sent, *quoted, flow),
                Verdict::Dropped(_) | Verdict::Answer => continue,
            };
            *flow = match quoted {
                Some(quoted) => self.engine.flow_of_captured_error(to, quoted),
                None => self.engine.flow_of_captured(from, sent),
            };
        }
        Reply::Captured(page)
    }

    fn status(&self) -> Status {
        Status {
            version: self.engine.snapshot().version(),
            workers: self.workers.count(),
            busy: self.workers.busy(),
            flows: self.engine.flow_count(),
            ports: self.reconciler.ports(),
        }
    }

    fn drops(&self) -> Reply {
        let (logs, forgotten): (Vec<_>, Vec<u64>) = self.workers.logs().map(DropLog::read).unzip();
        let mut records = logs.concat();
        records.sort_by_key(|record| record.at);
        Reply::Drops { records, forgotten: forgotten.iter().sum() }
    }
}

/// Removes expired flows and fragments every second, using at most a fiftieth of the time, until the sender is dropped.
fn start_housekeeping(engine: &Arc<Engine>, recorder: &Arc<Recorder>) -> io::Result<Sender<()>> {
    let (until, ended) = bounded(0);
    let (engine, recorder) = (Arc::clone(engine), Arc::clone(recorder));
    thread::Builder::new().name("housekeeping".into()).spawn(move || {
        let mut rest = Duration::from_secs(1);
        while ended.recv_timeout(rest) == Err(RecvTimeoutError::Timeout) {
            let start = Instant::now();
            recorder.expire(&engine);
            if recorder.is_abandoned() {
                tracing::warn!("the recording ends, because its lease was not renewed");
                recorder.end_in_background(Vec::new);
            }
            // Sweeping many flows takes a while. It is not urgent, because a packet never uses an expired flow.
            rest = Duration::from_secs(1).max(start.elapsed() * 50);
        }
    })?;
    Ok(until)
}

/// The path of the file that says which offloads this kernel does correctly, beside the dataplane's socket.
pub fn proof_path(socket: &Path) -> PathBuf {
    socket.with_file_name("proven")
}

/// The offloads that the kernel was seen to do correctly. The dataplane works without any, but slower.
fn proven_offloads(proven: &Path) -> Offloads {
    match prove(proven) {
        Ok(Offloads::ALL) => Offloads::ALL,
        Ok(offloads) => {
            tracing::warn!(
                ?offloads,
                "this kernel corrupts coalesced packets: the offloads that fail are off, and throughput is lower"
            );
            offloads
        }
        Err(error) => {
            tracing::warn!(%error, "cannot test the kernel's offloads: they are off, and throughput is lower");
            Offloads::NONE
        }
    }
}
