//! The channel to the dataplane: tables go down it, answers and news of hosts come back, and it heals by itself.

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

/// How long a call waits for its answer, and a change for a dataplane that is down: whoever asked is told well within two seconds.
const ANSWER_WITHIN: Duration = Duration::from_millis(1500);
/// How long an operator's question waits for a dataplane that is down.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// There is no dataplane now.
    #[error("the dataplane is down; `up` starts it again, try once more")]
    Down,
    /// There is one, and it does not answer.
    #[error("the dataplane does not answer; `up` replaces it if it stays silent, try once more")]
    Silent,
    /// It said no, and nothing has changed.
    #[error("the dataplane refused: {0}")]
    Refused(String),
    /// It gave an answer to another question.
    #[error("the dataplane gave an answer to another question: {0:?}")]
    Nonsense(Box<Reply>),
}

impl LinkError {
    /// Whether the same may well be answered soon.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Down | Self::Silent)
    }
}

/// What the answer to a change promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// That it is in force. Without a dataplane that answers it is not made.
    InForce,
    /// That it has begun. Without a dataplane that answers it is kept, and will be in force with the next packet.
    Begun,
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

/// The state of the channel.
#[derive(Clone, Copy)]
struct LinkState {
    /// The version of the tables that is in force; `None` while it is away.
    in_force: Option<u64>,
    /// Whether it answered when it was last asked.
    answers: bool,
    /// Its process id; 0 while it is unknown.
    process: i32,
}

impl LinkState {
    const AWAY: Self = Self { in_force: None, answers: true, process: 0 };
}

/// What the handles and the task that keeps the channel open share.
struct Shared {
    desired: Mutex<Desired>,
    state: watch::Sender<LinkState>,
    hosts: watch::Sender<Hosts>,
}

impl Shared {
    /// Nothing is left half done by a panic under this lock.
    fn desired(&self) -> MutexGuard<'_, Desired> {
        self.desired.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has whoever follows the hosts look again: what is known of them is of the tables that shall be in force from now on.
    fn announce_hosts(&self) {
        self.hosts.send_modify(|_| {});
    }

    fn answers(&self, answers: bool) {
        self.state.send_if_modified(|state| std::mem::replace(&mut state.answers, answers) != answers);
    }
}

/// A handle to the channel; the other end is a task that keeps it open and, on every connection, sends the whole tables first.
#[derive(Clone)]
pub struct Link {
    shared: Arc<Shared>,
    calls: mpsc::UnboundedSender<Call>,
    on_paper: bool,
}

impl Link {
    /// Starts to connect to the dataplane's socket, with these tables to begin with.
    pub fn open(socket: &Path, tables: Tables) -> Self {
        let (link, received) = Self::new(tables, false);
        tokio::spawn(connection::keep(socket.to_owned(), Arc::clone(&link.shared), received));
        link
    }

    /// A channel to a dataplane on paper: whatever it is told is so at once, and there are no packets.
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

    /// Whether there is a dataplane that does not answer.
    pub fn is_silent(&self) -> bool {
        !self.shared.state.borrow().answers
    }

    /// Makes changes of the tables, and returns when they are in force. Gives a dataplane that is down a moment to come back.
    ///
    /// # Errors
    /// [`LinkError`]: then nothing has changed, here and there, or will be taken back before anything else happens there.
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

    /// Waits until a version of the tables is in force: by the answer to the update or, should the dataplane end meanwhile, because
    /// the next one has it.
    async fn in_force(&self, version: u64, answer: oneshot::Receiver<Reply>) -> Result<(), LinkError> {
        if self.is_silent() {
            return Err(LinkError::Silent);
        }
        let caught_up = async {
            match answer.await {
                Ok(Reply::Applied { .. }) => return Ok(()),
                Ok(Reply::Refused { why }) => return Err(LinkError::Refused(why)),
                Ok(other) => return Err(LinkError::Nonsense(Box::new(other))),
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

    /// Makes the tables as they were before a change. Where the dataplane may have got that change, this follows it.
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

    /// Asks something else.
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

    /// The same, of a dataplane that may be on its way back: it is given a few seconds.
    ///
    /// # Errors
    /// [`LinkError::Down`], [`LinkError::Silent`], [`LinkError::Refused`].
    pub async fn ask_when_up(&self, request: Request) -> Result<Reply, LinkError> {
        // If it does not come, the question itself says so.
        let _ = timeout(PATIENCE, self.ready()).await;
        self.ask(request).await
    }

    /// Notes that a call got no answer in time: those behind it need not wait as long.
    fn no_answer(&self) -> LinkError {
        if !self.is_up() {
            return LinkError::Down;
        }
        self.shared.answers(false);
        LinkError::Silent
    }

    /// Waits until the dataplane has tables.
    pub async fn ready(&self) {
        // The sender lives as long as this handle.
        let _ = self.shared.state.subscribe().wait_for(|state| state.in_force.is_some()).await;
    }

    /// Whether a dataplane is connected and has tables.
    pub fn is_up(&self) -> bool {
        self.shared.state.borrow().in_force.is_some()
    }

    /// What the dataplane says of its hosts, now and whenever it changes.
    pub fn hosts(&self) -> watch::Receiver<Hosts> {
        self.shared.hosts.subscribe()
    }

    /// Has whoever follows the hosts look at them again.
    pub fn announce_hosts(&self) {
        self.shared.announce_hosts();
    }

    /// Whether there is no dataplane, and none to come.
    pub fn is_on_paper(&self) -> bool {
        self.on_paper
    }

    /// Looks at the hosts, if what is known of them is of the tables that shall be in force.
    pub fn look_at_hosts<T>(&self, look: impl FnOnce(&Hosts) -> T) -> Option<T> {
        let desired = self.shared.desired();
        let is_current = self.shared.state.borrow().in_force == Some(desired.version);
        is_current.then(|| look(&self.shared.hosts.borrow()))
    }

    /// Waits until what is known of hosts is so; `false` if that takes too long.
    pub async fn wait_for_hosts(&self, longest: Duration, is_so: impl FnMut(&Hosts) -> bool) -> bool {
        timeout(longest, self.hosts().wait_for(is_so)).await.is_ok()
    }

    /// Looks at the tables that shall be in force.
    pub fn with_tables<T>(&self, look: impl FnOnce(&Tables) -> T) -> T {
        look(&self.shared.desired().tables)
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

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;
