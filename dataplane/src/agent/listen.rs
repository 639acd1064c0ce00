//! The controller's socket: one controller at a time, a new one takes the place of the old one.

use super::{Agent, AgentError, Config};
use crate::wire::{Request, read_frame, write_frame};
use std::convert::Infallible;
use std::fs;
use std::io::{self, BufReader};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

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
    let desk = Arc::new(Desk { agent: Mutex::new(Agent::start(&config)?), current: Mutex::new(None) });
    tracing::info!(socket = %config.socket.display(), workers = config.workers, "the dataplane listens");
    loop {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            // Out of descriptors, most likely: some may be free again soon.
            Err(error) => {
                tracing::warn!(%error, "cannot accept a controller; trying again");
                thread::sleep(PAUSE);
                continue;
            }
        };
        let desk = Arc::clone(&desk);
        let talk = move || match desk.converse(&stream) {
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                tracing::warn!(%error, "the controller's connection ended");
            }
            _ => tracing::info!("the controller has gone"),
        };
        if let Err(error) = thread::Builder::new().name("controller".into()).spawn(talk) {
            // The controller sees the end of its connection, and tries again.
            tracing::warn!(%error, "cannot serve a controller");
        }
    }
}

/// Where controllers are served.
struct Desk {
    agent: Mutex<Agent>,
    current: Mutex<Option<UnixStream>>,
}

impl Desk {
    /// Answers one controller's requests until it goes away, or until another makes its first request.
    fn converse(&self, stream: &UnixStream) -> io::Result<Infallible> {
        let mut requests = BufReader::new(stream);
        let mut request: Request = read_frame(&mut requests)?;
        if let Some(old) = lock(&self.current).replace(stream.try_clone()?) {
            // It may be closed already.
            let _ = old.shutdown(Shutdown::Both);
        }
        loop {
            let reply = lock(&self.agent).answer(request);
            write_frame(&mut &*stream, &reply)?;
            request = read_frame(&mut requests)?;
        }
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
