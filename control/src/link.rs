//! The channel to the dataplane. Tables are sent over it, and answers and hosts' states come back. A lost connection is
//! made again.

mod connection;
mod hosts;
mod paper;

pub use hosts::Hosts;

use crate::tables::Tables;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;
use wire::{Change, Reply, Request, Update};

/// How long a call waits for its answer, and a change for a dataplane that is down. The client of the API gets an
/// answer well within two seconds.
const ANSWER_WITHIN: Duration = Duration::from_millis(1500);
/// How long an operator's question waits for a dataplane that is down.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The dataplane is not connected.
    #[error("the dataplane is down; `up` restarts it: try again")]
    Down,
    /// The dataplane does not answer.
    #[error("the dataplane does not answer; `up` restarts it if it stays silent: try again")]
    Silent,
    /// The dataplane refused, and nothing has changed.
    #[error("the dataplane refused: {0}")]
    Refused(String),
    /// The answer does not fit the request.
    #[error("the dataplane's answer does not fit the request: {0:?}")]
    Unexpected(Box<Reply>),
}

impl LinkError {
    /// The error for an answer that does not fit its request.
    pub fn unexpected(reply: Reply) -> Self {
        Self::Unexpected(Box::new(reply))
    }

    /// Whether the same request is likely to succeed soon.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Down | Self::Silent)
    }
}

/// The promise of the answer to a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// The change is in force. Without a dataplane that answers, it is not made.
    InForce,
    /// The change has begun. Without a dataplane that answers, it is kept, and is in force when packets move again.
    Begun,
}

/// The desired tables and their version.
#[derive(Default)]
struct Desired {
    version: u64,
    tables: Tables,
}

/// A request in progress and the channel for its answer.
struct Call {
    request: Request,
    answer: oneshot::Sender<Reply>,
}

/// The state of the channel.
#[derive(Clone, Copy)]
struct LinkState {
    /// The version of the tables in force. `None` while the dataplane is away.
    in_force: Option<u64>,
    /// Whether the dataplane answered the last request.
    answers: bool,
    /// The dataplane's process id. 0 while it is unknown.
    process: i32,
}

impl LinkState {
    const AWAY: Self = Self { in_force: None, answers: true, process: 0 };
}

/// The data that handles and the connection's task share.
struct Shared {
    desired: Mutex<Desired>,
    state: watch::Sender<LinkState>,
    hosts: watch::Sender<Hosts>,
}

impl Shared {
    /// Locks the desired tables. A panic under the lock leaves nothing half done.
    fn desired(&self) -> MutexGuard<'_, Desired> {
        self.desired.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes those that follow hosts' states, because the desired tables have changed.
    fn announce_hosts(&self) {
        self.hosts.send_modify(|_| {});
    }

    /// Sets whether the dataplane answers.
    fn set_answers(&self, answers: bool) {
        self.state.send_if_modified(|state| std::mem::replace(&mut state.answers, answers) != answers);
    }
}

/// A handle to the channel. A task keeps the connection open, and begins every connection with the whole tables.
#[derive(Clone)]
pub struct Link {
    shared: Arc<Shared>,
    calls: mpsc::UnboundedSender<Call>,
    on_paper: bool,
}

impl Link {
    /// Begins to connect to the dataplane's socket. `tables` are the first ones that it gets.
    pub fn open(socket: &Path, tables: Tables) -> Self {
        let (link, received) = Self::new(tables, false);
        tokio::spawn(connection::keep(socket.to_owned(), Arc::clone(&link.shared), received));
        link
    }

    /// A channel to a dataplane on paper, which accepts everything at once and carries no packets.
    pub fn on_paper(tables: Tables) -> Self {
        let (link, received) = Self::new(tables, true);
        tokio::spawn(paper::keep(Arc::clone(&link.shared), received));
        link
    }

    fn new(tables: Tables, on_paper: bool) -> (Self, mpsc::UnboundedReceiver<Call>) {
        let (calls, received) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            desired: Mutex::new(Desired { version: 1, tables }),
            state: watch::Sender::new(LinkState::AWAY),
            hosts: watch::Sender::default(),
        });
        (Self { shared, calls, on_paper }, received)
    }

    /// The dataplane's process id, while it is connected and has tables.
    pub fn process(&self) -> Option<i32> {
        let state = *self.shared.state.borrow();
        state.in_force.map(|_| state.process).filter(|id| *id != 0)
    }

    /// Whether the dataplane is connected and does not answer.
    pub fn is_silent(&self) -> bool {
        !self.shared.state.borrow().answers
    }

    /// Applies changes to the tables, and returns when they are in force. Waits a moment for a dataplane that is down.
    ///
    /// # Errors
    /// [`LinkError`]. The changes are not made then, or are taken back before anything else reaches the dataplane.
    pub async fn apply(&self, changes: Vec<Change>, promise: Promise) -> Result<(), LinkError> {
        if changes.is_empty() {
            return Ok(());
        }
        let (version, undo, answer) = {
            let mut desired = self.shared.desired();
            let undo = desired.tables.apply(&changes);
            desired.version += 1;
            let update = Update { version: desired.version, whole: false, changes };
            (desired.version, undo, self.send(Request::Apply(update)))
        };
        match self.in_force(version, answer).await {
            Err(error) if promise == Promise::Begun && error.is_passing() => Ok(()),
            Err(error) => {
                self.take_back(undo, matches!(error, LinkError::Refused(_)));
                Err(error)
            }
            done => done,
        }
    }

    /// Waits until a version of the tables is in force: by the answer to its update, or, if the dataplane restarts
    /// meanwhile, by the whole tables that the next one gets.
    async fn in_force(&self, version: u64, answer: oneshot::Receiver<Reply>) -> Result<(), LinkError> {
        if self.is_silent() {
            return Err(LinkError::Silent);
        }
        let caught_up = async {
            match answer.await {
                Ok(Reply::Applied { .. }) => return Ok(()),
                Ok(Reply::Refused { why }) => return Err(LinkError::Refused(why)),
                Ok(other) => return Err(LinkError::unexpected(other)),
                Err(_) => {}
            }
            let mut state = self.shared.state.subscribe();
            // The sender lives as long as this handle.
            let _ = state.wait_for(|there| there.in_force.is_some_and(|there| there >= version)).await;
            Ok(())
        };
        match timeout(ANSWER_WITHIN, caught_up).await {
            Ok(result) => result,
            Err(_) => Err(self.no_answer()),
        }
    }

    /// Takes changes back. If the dataplane may have received them, the reverse changes are sent too.
    fn take_back(&self, undo: Vec<Change>, is_refused: bool) {
        let mut desired = self.shared.desired();
        desired.tables.apply(&undo);
        if is_refused {
            desired.version -= 1;
            return;
        }
        desired.version += 1;
        let update = Update { version: desired.version, whole: false, changes: undo };
        drop(self.send(Request::Apply(update)));
    }

    /// Makes a request that is no change of the tables.
    ///
    /// # Errors
    /// [`LinkError::Down`], [`LinkError::Silent`], [`LinkError::Refused`].
    pub async fn ask(&self, request: Request) -> Result<Reply, LinkError> {
        if self.is_silent() {
            return Err(LinkError::Silent);
        }
        match timeout(ANSWER_WITHIN, self.send(request)).await {
            Ok(Ok(Reply::Refused { why })) => Err(LinkError::Refused(why)),
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(_)) => Err(LinkError::Down),
            Err(_) => Err(self.no_answer()),
        }
    }

    /// Makes a request, and waits a few seconds for a dataplane that is down.
    ///
    /// # Errors
    /// [`LinkError::Down`], [`LinkError::Silent`], [`LinkError::Refused`].
    pub async fn ask_when_up(&self, request: Request) -> Result<Reply, LinkError> {
        // If the dataplane does not come up, the request itself fails.
        let _ = timeout(PATIENCE, self.ready()).await;
        self.ask(request).await
    }

    /// Notes a missing answer, so that the next requests wait less.
    fn no_answer(&self) -> LinkError {
        if !self.is_up() {
            return LinkError::Down;
        }
        self.shared.set_answers(false);
        LinkError::Silent
    }

    /// Waits until the dataplane is connected and has tables.
    pub async fn ready(&self) {
        // The sender lives as long as this handle.
        let _ = self.shared.state.subscribe().wait_for(|state| state.in_force.is_some()).await;
    }

    /// Waits until another dataplane than the current one is ready.
    pub async fn replaced(&self) {
        let mut state = self.shared.state.subscribe();
        let old = state.borrow().process;
        let _ = state.wait_for(|state| state.process != old && state.in_force.is_some()).await;
    }

    /// Whether a dataplane is connected and has tables.
    pub fn is_up(&self) -> bool {
        self.shared.state.borrow().in_force.is_some()
    }

    /// The states of hosts, now and whenever they change.
    pub fn hosts(&self) -> watch::Receiver<Hosts> {
        self.shared.hosts.subscribe()
    }

    /// Wakes those that follow hosts' states.
    pub fn announce_hosts(&self) {
        self.shared.announce_hosts();
    }

    /// Whether the dataplane is on paper.
    pub fn is_on_paper(&self) -> bool {
        self.on_paper
    }

    /// Looks at hosts' states, if they are those of the desired tables.
    pub fn look_at_hosts<T>(&self, look: impl FnOnce(&Hosts) -> T) -> Option<T> {
        let desired = self.shared.desired();
        let is_current = self.shared.state.borrow().in_force == Some(desired.version);
        is_current.then(|| look(&self.shared.hosts.borrow()))
    }

    /// Waits until hosts' states fulfil a condition. Returns `false` if that takes too long.
    pub async fn wait_for_hosts(&self, longest: Duration, condition: impl FnMut(&Hosts) -> bool) -> bool {
        timeout(longest, self.hosts().wait_for(condition)).await.is_ok()
    }

    /// Looks at the desired tables.
    pub fn with_tables<T>(&self, look: impl FnOnce(&Tables) -> T) -> T {
        look(&self.shared.desired().tables)
    }

    /// Sends a request to a dataplane that is up.
    fn send(&self, request: Request) -> oneshot::Receiver<Reply> {
        let (answer, receiver) = oneshot::channel();
        // A call that cannot be sent drops `answer`, which the caller sees as a dataplane that is down.
        if self.is_up() {
            let _ = self.calls.send(Call { request, answer });
        }
        receiver
    }
}

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;
