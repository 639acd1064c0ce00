//! Carries out one change at a time: check → store → compile → publish → answer. When it is answered it is stored and
//! in force. A change that has begun runs to its end, even if its client disconnects.

mod conditions;
mod due;
mod hosts;
mod paper;
mod record;

pub use conditions::Conditions;

use crate::accounts::{Accounts, AccountsError};
use crate::api::{ApiError, Dialect, Reply, Request};
use crate::change_counts::ChangeCounts;
use crate::compile::Compiler;
use crate::flow_logs::{Look, Recorder};
use crate::last_uses::LastUses;
use crate::link::{Link, LinkError, Promise};
use crate::names::{NameIndex, View};
use crate::recent_changes::RecentChanges;
use crate::recording;
use crate::state::State;
use crate::store::{Contents, Row, Store, StoreError};
use crate::tables::Tables;
use hosts::hosts_of;
use model::{Changes, Kind, Model, Platform, RowError, Time};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};
use std::time::{Duration, Instant, SystemTime};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Mutex, watch};
use tokio::task::block_in_place;
use wire::Change;

/// The pause before a background task tries again what has failed.
const RETRY: Duration = Duration::from_secs(1);
/// The pause of a background task after its work, as a multiple of the time that the work took.
const REST: u32 = 4;

/// Why the stored cloud cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A row is invalid.
    #[error(transparent)]
    Row(#[from] RowError),
}

/// Why a change was not made. Everything is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError<E> {
    /// The model refused.
    #[error("{0}")]
    Model(E),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The dataplane refused.
    #[error(transparent)]
    Link(#[from] LinkError),
}

impl ApiError for LinkError {
    fn code(&self) -> &'static str {
        if self.is_passing() { "Unavailable" } else { "InternalError" }
    }

    fn status(&self) -> u16 {
        if self.is_passing() { 503 } else { 500 }
    }
}

impl ApiError for StoreError {
    fn code(&self) -> &'static str {
        "InternalError"
    }

    fn status(&self) -> u16 {
        500
    }
}

/// The reply to a request that was not carried out because the platform failed. Nothing was changed.
fn failed(dialect: Dialect, error: &dyn ApiError) -> Reply {
    if error.status() == 500 {
        tracing::error!("{error}");
    }
    dialect.error(error)
}

/// The cloud: the model with its store, its compiler and its link.
pub struct Service {
    model: RwLock<Model>,
    store: Store,
    /// The model's index by address and name. Locked after the model, if both are locked.
    names: RwLock<NameIndex>,
    link: Link,
    recorder: Recorder,
    changes: ChangeCounts,
    recent: RecentChanges,
    last_uses: Arc<LastUses>,
    /// Wakes those that follow the model.
    changed: watch::Sender<()>,
    conditions: Conditions,
    /// Whether the dataplane records, as far as is known.
    is_recorded: AtomicBool,
    /// Locked during a change, so that there is one at a time.
    compiler: Mutex<Compiler>,
}

impl Service {
    /// Opens the cloud in the state directory's store, and the channel to the dataplane. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`OpenError`] if the store cannot be read.
    pub fn open(state: &State, platform: Platform) -> Result<Self, OpenError> {
        let (store, contents) = Store::open(&state.store())?;
        Self::of(store, contents, state, platform)
    }

    /// Opens the cloud without a dataplane. Its instances run on paper.
    ///
    /// # Errors
    /// [`OpenError`] if the store cannot be read.
    pub fn open_on_paper(state: &State, platform: Platform) -> Result<Self, OpenError> {
        let (store, contents) = Store::open(&state.store())?;
        Self::with_link(store, contents, state, platform, Link::on_paper)
    }

    fn of(store: Store, contents: Contents, state: &State, platform: Platform) -> Result<Self, OpenError> {
        Self::with_link(store, contents, state, platform, |tables| Link::open(&state.dataplane_socket(), tables))
    }

    fn with_link(
        store: Store,
        contents: Contents,
        state: &State,
        platform: Platform,
        open: impl FnOnce(Tables) -> Link,
    ) -> Result<Self, OpenError> {
        let mut model = Model::of_rows(RandomState::new().hash_one(state.path()), contents.rows)?;
        model.platform = platform;
        let (compiler, tables) = Compiler::whole(&model);
        let names = RwLock::new(NameIndex::of(&model));
        let link = open(tables);
        let recorder = Recorder::new(state.flow_logs());
        let (changes, recent) = (ChangeCounts::default(), RecentChanges::default());
        Ok(Self {
            model: RwLock::new(model),
            store,
            names,
            link,
            recorder,
            changes,
            recent,
            last_uses: Arc::default(),
            changed: watch::Sender::default(),
            conditions: Conditions::default(),
            is_recorded: AtomicBool::new(false),
            compiler: Mutex::new(compiler),
        })
    }

    /// Puts the contents of a file of accounts into the model. Requests must be signed from now on.
    ///
    /// # Errors
    /// [`AccountsError`] if the file is invalid.
    pub fn declare(&self, accounts: &Accounts) -> Result<(), AccountsError> {
        let now = self.now();
        accounts.declare(&mut self.model.write().unwrap_or_else(PoisonError::into_inner), now)
    }

    /// The channel to the dataplane.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// The counts of changes.
    pub fn changes(&self) -> &ChangeCounts {
        &self.changes
    }

    /// The last changes.
    pub fn recent(&self) -> &RecentChanges {
        &self.recent
    }

    /// The conditions of the programs on services' hosts.
    pub fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// Wakes its receiver on every change of the model, and once at first.
    pub fn follow(&self) -> watch::Receiver<()> {
        let mut news = self.changed.subscribe();
        news.mark_changed();
        news
    }

    /// The cloud's time.
    pub fn now(&self) -> Time {
        self.look(|model| model.now(SystemTime::now().into()))
    }

    /// Answers a request of the API.
    pub async fn request(self: &Arc<Self>, mut request: Request) -> Reply {
        if request.tells_uses() && !self.last_uses.is_empty() {
            self.keep_uses().await;
        }
        request.note_use_in(Arc::clone(&self.last_uses));
        if request.searches() {
            let model = self.look(Model::clone);
            match has_other_threads() {
                true => block_in_place(|| request.search(&model)),
                false => request.search(&model),
            }
        }
        let dialect = request.dialect();
        let result = if request.writes() {
            match request.preparation() {
                Some(prepare) if has_other_threads() => block_in_place(prepare),
                Some(prepare) => prepare(),
                None => {}
            }
            self.change(request.promise(), |model| request.write(model)).await
        } else {
            self.look(|model| request.read(model)).map_err(ChangeError::Model)
        };
        match result {
            Ok(reply) | Err(ChangeError::Model(reply)) => reply,
            Err(ChangeError::Link(error)) => failed(dialect, &error),
            Err(ChangeError::Store(error)) => failed(dialect, &error),
        }
    }

    /// Stores the last uses of keys now. Other changes store them, too.
    async fn keep_uses(self: &Arc<Self>) {
        let nothing = |_: &mut Model| Ok::<_, Infallible>(());
        if let Err(error) = self.change(Promise::Begun, nothing).await {
            tracing::warn!("the last uses of keys cannot be stored: {error}");
        }
    }

    /// Reads the model.
    pub fn look<T>(&self, look: impl FnOnce(&Model) -> T) -> T {
        look(&self.model())
    }

    /// Locks the model for reading. While a change has it locked, the runtime's thread does other work.
    fn model(&self) -> RwLockReadGuard<'_, Model> {
        // A panic in a transition leaves changes that `undo` takes back.
        let wait = || self.model.read().unwrap_or_else(PoisonError::into_inner);
        match self.model.try_read() {
            Ok(model) => model,
            Err(TryLockError::Poisoned(model)) => model.into_inner(),
            Err(TryLockError::WouldBlock) if has_other_threads() => block_in_place(wait),
            Err(TryLockError::WouldBlock) => wait(),
        }
    }

    /// Reads the model and its index.
    pub fn view<T>(&self, chance: u64, look: impl FnOnce(View<'_>) -> T) -> T {
        self.look(|model| {
            let index = self.names.read().unwrap_or_else(PoisonError::into_inner);
            look(View { model, index: &index, chance })
        })
    }

    /// Locks the index for writing. Only changes of the model do so.
    fn names_mut(&self) -> RwLockWriteGuard<'_, NameIndex> {
        self.names.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the model. Returns when the change is stored and, if that is the promise, in force. The change is made
    /// even if the caller is dropped meanwhile.
    ///
    /// # Errors
    /// [`ChangeError`]. Nothing has changed then.
    pub async fn change<T, E>(
        self: &Arc<Self>,
        promise: Promise,
        change: impl FnOnce(&mut Model) -> Result<T, E> + Send + 'static,
    ) -> Result<T, ChangeError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let service = Arc::clone(self);
        let made = async move {
            let start = Instant::now();
            let made = service.make(promise, change).await;
            service.changes.count(made.is_ok(), start.elapsed());
            made
        };
        match tokio::spawn(made).await {
            Ok(made) => made,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The task is dropped only when the process ends.
                Err(_) => std::future::pending().await,
            },
        }
    }

    async fn make<T, E>(
        &self,
        promise: Promise,
        change: impl FnOnce(&mut Model) -> Result<T, E>,
    ) -> Result<T, ChangeError<E>> {
        let mut compiler = self.compiler.lock().await;
        let Compiled { answer, changes, updates, hosts } = block_in_place(|| self.compile(&mut compiler, change))?;
        // A recording gets the rows of a change before its tables, so that no packet meets new tables in the old cloud.
        if !changes.is_empty() {
            self.tell_recording(|model| recording::note(model, &changes)).await;
        }
        self.publish(&mut compiler, &changes, updates, promise).await?;
        self.announce(&changes);
        self.wait_for(&hosts).await;
        if !(changes.instances.is_empty() && changes.managed_hosts.is_empty()) {
            // The hosts that these rows need may have been up all along.
            self.link.announce_hosts();
        }
        // Only the recorder knows which interfaces flow logs covered before the change.
        if !(changes.flow_logs.is_empty() && changes.network_interfaces.is_empty()) {
            self.record_flows(false).await;
        }
        Ok(answer)
    }

    /// Makes a change in the model, stores it, and compiles it.
    fn compile<T, E>(
        &self,
        compiler: &mut Compiler,
        change: impl FnOnce(&mut Model) -> Result<T, E>,
    ) -> Result<Compiled<T>, ChangeError<E>> {
        let mut model = self.model.write().unwrap_or_else(PoisonError::into_inner);
        model.undo();
        let answer = change(&mut model).map_err(ChangeError::Model).inspect_err(|_| model.undo())?;
        if self.link.is_on_paper() {
            let now = model.now(SystemTime::now().into());
            paper::settle(&mut model, now);
        }
        model.note_uses(self.last_uses.take());
        let changes = model.take_changes();
        if let Err(error) = self.save(&model, &changes) {
            model.revert(changes);
            return Err(ChangeError::Store(error));
        }
        self.names_mut().update(&model, &changes);
        let (updates, hosts) = self.link.with_tables(|tables| {
            let concerned = compiler.concerned(&model, &changes);
            let updates = compiler.update(&model, concerned, tables);
            let hosts = hosts_of(&updates, tables);
            (updates, hosts)
        });
        Ok(Compiled { answer, changes, updates, hosts })
    }

    /// Brings a compiled change into force, or takes it back everywhere.
    async fn publish<E>(
        &self,
        compiler: &mut Compiler,
        changes: &Changes,
        updates: Vec<Change>,
        promise: Promise,
    ) -> Result<(), ChangeError<E>> {
        let Err(error) = self.link.apply(updates, promise).await else { return Ok(()) };
        let taken_back = block_in_place(|| self.take_back(compiler, changes));
        self.tell_recording(recording::whole).await;
        taken_back?;
        Err(error.into())
    }

    /// Tells those that follow the model of a change.
    fn announce(&self, changes: &Changes) {
        self.look(|model| self.recent.note(model, changes, model.now(SystemTime::now().into())));
        if !changes.is_empty() {
            self.changed.send_replace(());
        }
    }

    /// Returns the cloud to its first start: removes everything that accounts have, and the flow logs' records.
    ///
    /// # Errors
    /// [`ChangeError`]. Nothing has changed then.
    pub async fn reset(self: &Arc<Self>) -> Result<(), ChangeError<Infallible>> {
        let clear = |model: &mut Model| {
            model.clear();
            Ok(())
        };
        drop(self.last_uses.take());
        self.change(Promise::InForce, clear).await?;
        self.recorder.forget().await;
        self.recent.forget();
        Ok(())
    }

    /// Collects the counts of attachments that flow logs cover, and writes the records that are due, or `all` of them.
    pub async fn record_flows(&self, all: bool) {
        let look = || self.look(|model| Look::at(model, SystemTime::now().into()));
        if let Err(error) = self.recorder.collect(&self.link, look, all).await {
            // The dataplane keeps its counts, and is asked again.
            tracing::debug!("cannot collect counts for flow logs: {error}");
        }
    }

    /// The directory of flow logs' records.
    pub fn flow_log_directory(&self) -> &Path {
        self.recorder.directory()
    }

    /// Removes rows that have expired.
    pub async fn forget(self: &Arc<Self>) {
        let now = self.now();
        if self.look(|model| model.has_forgettable(now))
            && let Err(error) = self.change(Promise::Begun, move |model| model.forget(now)).await
        {
            // It is retried.
            tracing::debug!("cannot remove expired rows: {error}");
        }
    }

    /// Refreshes the store's copy and shrinks its file where needed ([`Store::keep_up`]).
    pub fn keep_up(&self, now: bool) {
        self.store.keep_up(now);
    }

    /// Undoes a change that the dataplane did not accept, in the model, the compiler and the store. The tables are back
    /// already.
    fn take_back(&self, compiler: &mut Compiler, changes: &Changes) -> Result<(), StoreError> {
        let mut model = self.model.write().unwrap_or_else(PoisonError::into_inner);
        let concerned = compiler.concerned(&model, changes);
        model.revert(changes.clone());
        self.names_mut().update(&model, changes);
        self.link.with_tables(|tables| compiler.update(&model, concerned, tables));
        self.store.owe(rows(&model, changes)?);
        Ok(())
    }

    /// Stores the touched rows as they are now.
    fn save(&self, model: &Model, changes: &Changes) -> Result<(), StoreError> {
        let rows = rows(model, changes)?;
        if rows.is_empty() { Ok(()) } else { self.store.write(&rows) }
    }
}

/// A change that is in the model and in the store, and that the dataplane does not have yet.
struct Compiled<T> {
    answer: T,
    /// The touched rows as they were before.
    changes: Changes,
    /// The changes of the tables.
    updates: Vec<Change>,
    /// The hosts that these concern.
    hosts: BTreeSet<String>,
}

/// Whether the runtime has other threads.
fn has_other_threads() -> bool {
    Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}

/// The touched rows as they are now.
fn rows(model: &Model, changes: &Changes) -> Result<Vec<Row>, StoreError> {
    let row = |(kind, id): (Kind, &str)| {
        let value = model.row(kind, id).transpose()?.map(String::into_bytes);
        Ok(Row { collection: kind.name(), id: id.to_owned(), value })
    };
    changes.rows().map(row).collect()
}

#[cfg(test)]
mod tests;
