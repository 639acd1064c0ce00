//! The controller's socket: one controller at a time, a new one takes the place of the old one.

use super::reconciler::Reconciler;
use super::{Agent, AgentError, Config};
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

/// How long a dataplane that was killed may take to go.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long to wait before trying again to accept a controller.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs the dataplane until the process ends. The hosts stay then, for the next dataplane to take over;
/// [`clean_up`](crate::host::clean_up) takes them away.
///
/// # Errors
/// [`AgentError`] if it cannot run.
pub fn run(config: Config) -> Result<Infallible, AgentError> {
    let listener = listen(&config.socket)?;
    let agent = Agent::start(&config)?;
    let reconciler = Arc::clone(&agent.reconciler);
    let server = Arc::new(ControllerServer { agent: Mutex::new(agent), reconciler, current: Mutex::new(None) });
    tracing::info!(socket = %config.socket.display(), workers = config.workers, "the dataplane listens");
    loop {
        match listener.accept() {
            Ok((stream, _)) => server.serve(stream),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                return Err(AgentError::Socket { path: config.socket, source: error });
            }
            // Out of descriptors, most likely: some may be free again soon.
            Err(error) => {
                tracing::warn!(%error, "cannot accept a controller; trying again");
                thread::sleep(PAUSE);
            }
        }
    }
}

/// Where controllers are served.
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
            _ => tracing::info!("the controller has gone"),
        };
        if let Err(error) = thread::Builder::new().name("controller".into()).spawn(converse) {
            // The controller sees the end of its connection, and tries again.
            tracing::warn!(%error, "cannot serve a controller");
        }
    }

    /// Serves one controller until it goes away, or until another makes its first call. This thread reads and answers pings, one does
    /// what is asked, and one writes: neither work nor a controller that does not read keeps a ping waiting.
    fn converse(&self, stream: &UnixStream) -> io::Result<()> {
        let mut calls = Calls { stream, reader: BufReader::new(stream), is_silent: false };
        let first = calls.next()?;
        if let Some(old) = lock(&self.current).replace(stream.try_clone()?) {
            // It may be closed already.
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
            // The other two end when nothing can come any more.
            drop((outbox, work));
            ended
        })
    }

    /// Does what is asked, one request after another.
    fn answer(&self, calls: &Receiver<Call>, answers: &Sender<Message>) {
        for Call { id, request } in calls {
            let reply = lock(&self.agent).answer(request);
            // The connection may have ended meanwhile.
            let _ = answers.send(Message::Answer { id, reply });
        }
    }
}

/// Reads calls: answers pings, and passes on everything else.
fn read(calls: &mut Calls<'_>, first: Call, answers: &Sender<Message>, work: &Sender<Call>) -> io::Result<()> {
    let mut call = first;
    loop {
        // Both channels end after this.
        let _ = match call.request {
            Request::Ping => answers.send(Message::Answer { id: call.id, reply: Reply::Pong }).is_ok(),
            _ => work.send(call).is_ok(),
        };
        call = calls.next()?;
    }
}

/// Writes messages until there can be no more, or the connection ends.
fn write(stream: &UnixStream, messages: &Receiver<Message>) {
    for message in messages {
        if let Err(error) = write_frame(&mut &*stream, &message) {
            tracing::debug!(%error, "the controller does not take an answer");
            // The reader ends with the connection.
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
    }
}

/// The calls that come over a connection.
struct Calls<'s> {
    stream: &'s UnixStream,
    reader: BufReader<&'s UnixStream>,
    is_silent: bool,
}

impl Calls<'_> {
    /// The next one. Says so once if the controller is silent for long.
    fn next(&mut self) -> io::Result<Call> {
        if self.reader.buffer().is_empty() {
            let timeout = PollTimeout::try_from(SILENCE).unwrap_or(PollTimeout::NONE);
            if poll(&mut [PollFd::new(self.stream.as_fd(), PollFlags::POLLIN)], timeout) == Ok(0) && !self.is_silent {
                self.is_silent = true;
                tracing::warn!("the controller has not been heard of for {} s", SILENCE.as_secs());
            }
        }
        let call = read_frame(&mut self.reader)?;
        if std::mem::take(&mut self.is_silent) {
            tracing::warn!("the controller is heard of again");
        }
        Ok(call)
    }
}

/// Whatever a panic interrupted, whole tables from the next controller put right.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Binds the socket; one that a dead dataplane left behind is replaced.
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

/// Whether another dataplane listens there, and goes on doing so: one that was killed just now takes a moment to go.
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
