//! The channel to the dataplane: tables go down it, answers come back, and it heals by itself.

use crate::tables::Tables;
use dataplane::policy::Change;
use dataplane::wire::{self, Reply, Request, Update};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot, watch};

/// How long a change waits for a dataplane that is down: it is back well within this, or not soon.
const PATIENCE: Duration = Duration::from_secs(5);
/// How soon to try again to connect.
const RETRY: Duration = Duration::from_millis(20);

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// There is no dataplane now.
    #[error("the dataplane is down; `up` starts it again, try once more")]
    Down,
    /// It said no, and nothing has changed.
    #[error("the dataplane refused: {0}")]
    Refused(String),
    /// It gave an answer to another question.
    #[error("the dataplane gave an answer to another question: {0:?}")]
    Nonsense(Box<Reply>),
}

/// The tables that shall be in force, with their version.
#[derive(Default)]
struct Desired {
    version: u64,
    tables: Tables,
}

/// A request on its way, and where its answer goes.
struct Call {
    request: Request,
    answer: oneshot::Sender<Reply>,
}

/// A handle to the channel; the other end is a task that keeps it open and, on every connection, sends the whole tables first.
#[derive(Clone)]
pub struct Link {
    desired: Arc<Mutex<Desired>>,
    calls: mpsc::UnboundedSender<Call>,
    /// The version in force at the dataplane; `None` while it is away.
    in_force: watch::Receiver<Option<u64>>,
    /// The dataplane's process id; 0 while it is unknown.
    process: Arc<AtomicI32>,
}

impl Link {
    /// Starts to connect to the dataplane's socket, with these tables to begin with.
    pub fn open(socket: &Path, tables: Tables) -> Self {
        let desired = Arc::new(Mutex::new(Desired { version: 1, tables }));
        let (calls, received) = mpsc::unbounded_channel();
        let (report, in_force) = watch::channel(None);
        let process = Arc::new(AtomicI32::new(0));
        tokio::spawn(keep(socket.to_owned(), desired.clone(), received, report, process.clone()));
        Self { desired, calls, in_force, process }
    }

    /// The dataplane's process id, while it is connected.
    pub fn process(&self) -> Option<i32> {
        self.is_up().then(|| self.process.load(Ordering::Relaxed)).filter(|id| *id != 0)
    }

    /// Makes changes of the tables, and returns when they are in force. Without a dataplane, waits for one for a few seconds: it
    /// gets whole tables, these changes included; after that the changes are kept and will be in force with the first packet.
    ///
    /// # Errors
    /// [`LinkError::Refused`]: then nothing has changed, here and there.
    pub async fn apply(&self, changes: Vec<Change>) -> Result<(), LinkError> {
        if changes.is_empty() {
            return Ok(());
        }
        let (version, undo, answer) = {
            let mut desired = lock(&self.desired);
            let undo = desired.tables.apply(&changes);
            desired.version += 1;
            let update = Update { version: desired.version, whole: false, changes };
            (desired.version, undo, self.send(Request::Apply(update)))
        };
        match answer.await {
            Ok(Reply::Applied { .. }) => Ok(()),
            Ok(Reply::Refused { why }) => {
                lock(&self.desired).tables.apply(&undo);
                Err(LinkError::Refused(why))
            }
            Ok(other) => Err(LinkError::Nonsense(Box::new(other))),
            Err(_) => {
                let mut in_force = self.in_force.clone();
                let caught_up = in_force.wait_for(|there| there.is_some_and(|there| there >= version));
                if tokio::time::timeout(PATIENCE, caught_up).await.is_err() {
                    tracing::warn!("no dataplane; version {version} of the tables waits for one");
                }
                Ok(())
            }
        }
    }

    /// Asks something else.
    ///
    /// # Errors
    /// [`LinkError::Down`], [`LinkError::Refused`].
    pub async fn ask(&self, request: Request) -> Result<Reply, LinkError> {
        match self.send(request).await {
            Ok(Reply::Refused { why }) => Err(LinkError::Refused(why)),
            Ok(reply) => Ok(reply),
            Err(_) => Err(LinkError::Down),
        }
    }

    /// The same, of a dataplane that may be on its way back: it is given a few seconds.
    ///
    /// # Errors
    /// [`LinkError::Down`], [`LinkError::Refused`].
    pub async fn ask_when_up(&self, request: Request) -> Result<Reply, LinkError> {
        // If it does not come, the question itself says so.
        let _ = tokio::time::timeout(PATIENCE, self.ready()).await;
        self.ask(request).await
    }

    /// Waits until the dataplane has tables.
    pub async fn ready(&self) {
        // The task that reports lives as long as this handle.
        let _ = self.in_force.clone().wait_for(Option::is_some).await;
    }

    /// Whether a dataplane is connected and has tables.
    pub fn is_up(&self) -> bool {
        self.in_force.borrow().is_some()
    }

    /// Looks at the tables that shall be in force.
    pub fn with_tables<T>(&self, look: impl FnOnce(&Tables) -> T) -> T {
        look(&lock(&self.desired).tables)
    }

    fn send(&self, request: Request) -> oneshot::Receiver<Reply> {
        let (answer, receiver) = oneshot::channel();
        // A call that cannot be sent drops `answer`, which is how a dataplane that is down shows.
        if self.is_up() {
            let _ = self.calls.send(Call { request, answer });
        }
        receiver
    }
}

/// Nothing is left half done by a panic under this lock.
fn lock(desired: &Mutex<Desired>) -> MutexGuard<'_, Desired> {
    desired.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn keep(
    socket: PathBuf,
    desired: Arc<Mutex<Desired>>,
    mut calls: mpsc::UnboundedReceiver<Call>,
    report: watch::Sender<Option<u64>>,
    process: Arc<AtomicI32>,
) {
    let mut said = String::new();
    while !calls.is_closed() {
        let ended = match UnixStream::connect(&socket).await {
            Ok(stream) => {
                let peer = stream.peer_cred().ok().and_then(|peer| peer.pid());
                process.store(peer.unwrap_or(0), Ordering::Relaxed);
                serve(stream, &desired, &mut calls, &report).await
            }
            Err(error) => Err(error),
        };
        {
            // Under the lock: a change is either seen here and told that there is no dataplane, or waits for the next connection.
            let _desired = lock(&desired);
            report.send_replace(None);
            while calls.try_recv().is_ok() {}
        }
        let Err(error) = ended else { return };
        if said != error.to_string() {
            said = error.to_string();
            tracing::info!("no dataplane ({said}); trying again");
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// One connection: whole tables, then call after call. Ends without an error when all handles are gone.
async fn serve(
    mut stream: UnixStream,
    desired: &Mutex<Desired>,
    calls: &mut mpsc::UnboundedReceiver<Call>,
    report: &watch::Sender<Option<u64>>,
) -> io::Result<()> {
    let whole = {
        let desired = lock(desired);
        Update { version: desired.version, whole: true, changes: desired.tables.whole() }
    };
    let mut version = whole.version;
    match exchange(&mut stream, &Request::Apply(whole)).await? {
        Reply::Applied { .. } => {}
        other => return Err(io::Error::other(format!("whole tables not taken: {other:?}"))),
    }
    // Changes that came while the whole was on its way saw a dataplane that is down: catch up with them.
    loop {
        let update = {
            let desired = lock(desired);
            if desired.version == version {
                report.send_replace(Some(version));
                break;
            }
            Update { version: desired.version, whole: true, changes: desired.tables.whole() }
        };
        version = update.version;
        if let other @ Reply::Refused { .. } = exchange(&mut stream, &Request::Apply(update)).await? {
            return Err(io::Error::other(format!("whole tables not taken: {other:?}")));
        }
    }
    let mut probe = [0; 1];
    loop {
        let call = tokio::select! {
            call = calls.recv() => call,
            // The dataplane never speaks first: this is its end.
            _ = stream.read(&mut probe) => return Err(io::ErrorKind::ConnectionReset.into()),
        };
        let Some(Call { request, answer }) = call else { return Ok(()) };
        let reply = exchange(&mut stream, &request).await?;
        if let Reply::Applied { version } = reply {
            report.send_replace(Some(version));
        }
        // Who asked may have gone.
        let _ = answer.send(reply);
    }
}

async fn exchange(stream: &mut UnixStream, request: &Request) -> io::Result<Reply> {
    stream.write_all(&wire::encode(request)?).await?;
    let mut header = [0; 4];
    stream.read_exact(&mut header).await?;
    let mut body = vec![0; wire::body_length(header)?];
    stream.read_exact(&mut body).await?;
    wire::decode(&body)
}

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;
