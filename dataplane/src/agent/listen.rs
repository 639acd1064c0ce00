//! The controller's socket. One controller is served at a time; a new one replaces the old one.

use super::reconciler::Reconciler;
use super::{Agent, AgentError, Config};
use crate::socket;
use crossbeam::channel::{Receiver, Sender, unbounded};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::convert::Infallible;
use std::fs;
use std::io::{self, BufReader};
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use wire::{Call, Message, Reply, Request, SILENCE, read_frame, write_frame};

/// How long a killed dataplane may take to exit.
const PATIENCE: Duration = Duration::from_secs(1);
/// The pause before another attempt to accept a controller.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs the dataplane until the process ends. The hosts stay for the next dataplane;
/// [`clean_up`](crate::host::clean_up) removes them.
///
/// # Errors
/// [`AgentError`] if it cannot run.
pub fn run(config: Config) -> Result<Infallible, AgentError> {
    let mut listener = listen(&config.socket)?;
    let agent = Agent::start(&config)?;
    let reconciler = Arc::clone(&agent.reconciler);
    let server = Arc::new(ControllerServer { agent: Mutex::new(agent), reconciler, current: Mutex::new(None) });
    tracing::info!(socket = %config.socket.display(), workers = config.workers, "the dataplane listens");
    loop {
        match socket::accept(&mut listener) {
            Ok(stream) => server.serve(stream),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                return Err(AgentError::Socket { path: config.socket, source: error });
            }
            // Most likely the process is out of file descriptors. Some may be free again soon.
            Err(error) => {
                tracing::warn!(%error, "cannot accept a controller; trying again");
                thread::sleep(PAUSE);
            }
        }
    }
}

/// The server of controllers.
struct ControllerServer {
    agent: Mutex<Agent>,
    reconciler: Arc<Reconciler>,
    current: Mutex<Option<UnixStream>>,
}

impl ControllerServer {
    /// Serves a controller on threads of its own.
    fn serve(self: &Arc<Self>, stream: UnixStream) {
        let server = Arc::clone(self);
        let converse = move || match server.converse(&stream) {
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                tracing::warn!(%error, "the controller's connection ended");
            }
            _ => tracing::info!("the controller has disconnected"),
        };
        if let Err(error) = thread::Builder::new().name("controller".into()).spawn(converse) {
            // The controller sees its connection close, and reconnects.
            tracing::warn!(%error, "cannot serve a controller");
        }
    }

    /// Serves one controller until it disconnects or another makes its first call. One thread reads calls and answers pings,
    /// one carries out requests, and one writes. So neither a slow request nor a controller that does not read delays a ping.
    fn converse(&self, stream: &UnixStream) -> io::Result<()> {
        let mut calls = Calls { stream, reader: BufReader::new(stream), is_silent: false };
        let first = calls.next()?;
        if let Some(old) = lock(&self.current).replace(stream.try_clone()?) {
            // The old connection may be closed already.
            let _ = old.shutdown(Shutdown::Both);
        }
        let ((outbox, messages), (work, to_do)) = (unbounded(), unbounded());
        self.reconciler.report_to(outbox.clone());
        thread::scope(|scope| {
            scope.spawn(|| write(stream, &messages));
            let answers = outbox.clone();
            scope.spawn(move || self.answer(&to_do, &answers));
            let ended = read(&mut calls, first, &outbox, &work);
            self.reconciler.stop_reporting_to(&outbox);
            // The other two threads end once their channels are closed.
            drop((outbox, work));
            ended
        })
    }

    /// Carries out one request after another.
    fn answer(&self, calls: &Receiver<Call>, answers: &Sender<Message>) {
        for Call { id, request } in calls {
            let reply = lock(&self.agent).answer(request);
            // The connection may have closed meanwhile.
            let _ = answers.send(Message::Answer { id, reply });
        }
    }
}

/// Reads calls. Pings are answered here; other calls are passed on.
fn read(calls: &mut Calls<'_>, first: Call, answers: &Sender<Message>, work: &Sender<Call>) -> io::Result<()> {
    let mut call = first;
    loop {
        // If a channel is closed, the connection ends anyway.
        let _ = match call.request {
            Request::Ping => answers.send(Message::Answer { id: call.id, reply: Reply::Pong }).is_ok(),
            _ => work.send(call).is_ok(),
        };
        call = calls.next()?;
    }
}

/// Writes messages until the channel or the connection closes.
fn write(stream: &UnixStream, messages: &Receiver<Message>) {
    for message in messages {
        if let Err(error) = write_frame(&mut &*stream, &message) {
            tracing::debug!(%error, "cannot write to the controller");
            // Closing the connection ends the reader too.
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
    }
}

/// The calls of one connection.
struct Calls<'s> {
    stream: &'s UnixStream,
    reader: BufReader<&'s UnixStream>,
    is_silent: bool,
}

impl Calls<'_> {
    /// The next call. Warns once if the controller is silent for long.
    fn next(&mut self) -> io::Result<Call> {
        if self.reader.buffer().is_empty() {
            let timeout = PollTimeout::try_from(SILENCE).unwrap_or(PollTimeout::NONE);
            if poll(&mut [PollFd::new(self.stream.as_fd(), PollFlags::POLLIN)], timeout) == Ok(0) && !self.is_silent {
                self.is_silent = true;
                tracing::warn!("the controller has been silent for {} s", SILENCE.as_secs());
            }
        }
        let call = read_frame(&mut self.reader)?;
        if std::mem::take(&mut self.is_silent) {
            tracing::warn!("the controller is no longer silent");
        }
        Ok(call)
    }
}

/// Locks a mutex. A panic may have left its state incomplete; the whole tables that the next controller sends restore
/// it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Binds the socket, and replaces one that a dead dataplane left behind.
fn listen(path: &Path) -> Result<UnixListener, AgentError> {
    let bind = || UnixListener::bind(path);
    let bound = match bind() {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            if is_served(path) {
                return Err(AgentError::SocketTaken(path.to_owned()));
            }
            fs::remove_file(path).and_then(|()| bind())
        }
        other => other,
    };
    bound.map_err(|source| AgentError::Socket { path: path.to_owned(), source })
}

/// Whether another dataplane keeps listening there. A dataplane that was killed just now takes a moment to exit.
fn is_served(path: &Path) -> bool {
    let until = Instant::now() + PATIENCE;
    while UnixStream::connect(path).is_ok() {
        if Instant::now() >= until {
            return true;
        }
        thread::sleep(Duration::from_millis(10));
    }
    false
}
