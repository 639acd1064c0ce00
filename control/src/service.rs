//! One change at a time: check → store → compile → publish → answer. What is answered is stored and in force. A change that has
//! begun runs to its end, whoever listens.

mod conditions;
mod paper;

pub use conditions::Conditions;

use crate::accounts::{Accounts, AccountsError};
use crate::api::{Reply, Request, RequestError};
use crate::change_counts::ChangeCounts;
use crate::compile::Compiler;
use crate::flow_logs::{Look, Recorder};
use crate::link::{Hosts, Link, LinkError, Promise};
use crate::names::{Book, View};
use crate::recent::RecentChanges;
use crate::recording;
use crate::state::State;
use crate::store::{Contents, Row, Store, StoreError};
use crate::tables::Tables;
use model::{
    Changes, Condition, Instance, InstanceHost, Kind, ManagedHost, ManagedNews, Model, Platform, RowError, Time,
};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};
use std::time::{Duration, Instant, SystemTime};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Mutex, watch};
use tokio::task::block_in_place;
use wire::{
    Change, Entry, HostState, RecordCall, RecordingOrder, Reply as DataplaneReply, Request as DataplaneRequest,
};

/// How long a change waits until the hosts that it changes have their part of it.
const PATIENCE: Duration = Duration::from_secs(1);

/// How much longer than at work it is that instances following their hosts are at rest, and leave the time to hosts and clients.
const REST: u32 = 4;

/// Why the stored cloud could not be taken up.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A row.
    #[error(transparent)]
    Row(#[from] RowError),
}

/// Why a change was not made; everything is as it was before.
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

/// The cloud, kept, compiled and published.
pub struct Service {
    model: RwLock<Model>,
    store: Store,
    /// The model's index by address and name; taken after the model, if both are.
    book: RwLock<Book>,
    link: Link,
    recorder: Recorder,
    changes: ChangeCounts,
    recent: RecentChanges,
    /// Tells who follows the model that it has changed.
    changed: watch::Sender<()>,
    conditions: Conditions,
    /// Whether the dataplane records, as far as is known.
    is_recorded: AtomicBool,
    /// Held for as long as a change takes, so that there is one at a time.
    compiler: Mutex<Compiler>,
}

impl Service {
    /// Takes up the cloud in the state directory's store, and opens the channel to the dataplane. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`OpenError`] if the store cannot be read.
    pub fn open(state: &State, platform: Platform) -> Result<Self, OpenError> {
        let (store, contents) = Store::open(&state.store())?;
        Self::of(store, contents, state, platform)
    }

    /// Takes up the cloud without a dataplane: instances run on paper.
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
        let book = RwLock::new(Book::of(&model));
        let link = open(tables);
        let recorder = Recorder::new(state.flow_logs());
        let (changes, recent) = (ChangeCounts::default(), RecentChanges::default());
        Ok(Self {
            model: RwLock::new(model),
            store,
            book,
            link,
            recorder,
            changes,
            recent,
            changed: watch::Sender::default(),
            conditions: Conditions::default(),
            is_recorded: AtomicBool::new(false),
            compiler: Mutex::new(compiler),
        })
    }

    /// Puts what a file of accounts says into the model. From here on requests must be signed.
    ///
    /// # Errors
    /// [`AccountsError`] if the file is not as it must be.
    pub fn declare(&self, accounts: &Accounts) -> Result<(), AccountsError> {
        let now = self.now();
        accounts.declare(&mut self.model.write().unwrap_or_else(PoisonError::into_inner), now)
    }

    /// The channel to the dataplane.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// What is counted of changes.
    pub fn changes(&self) -> &ChangeCounts {
        &self.changes
    }

    /// The last changes.
    pub fn recent(&self) -> &RecentChanges {
        &self.recent
    }

    /// How the programs of services' hosts fare.
    pub fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// Notes how the program of a service's host fares, and has it heeded.
    pub fn tell_condition(&self, host: &str, restarts: u32, condition: Condition) {
        if self.conditions.note(host, restarts, condition) {
            self.link.announce_hosts();
        }
    }

    /// Tells of every change of the model, and that there is one as it is now.
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
            Err(ChangeError::Link(error)) if error.is_passing() => {
                dialect.error(&RequestError::Unavailable { message: error.to_string() })
            }
            Err(error) => {
                tracing::error!("{error}");
                dialect.error(&RequestError::Internal { message: error.to_string() })
            }
        }
    }

    /// Looks at the model.
    pub fn look<T>(&self, look: impl FnOnce(&Model) -> T) -> T {
        look(&self.model())
    }

    /// The model, as nobody changes it. Whoever has to wait for a change leaves the runtime's thread to others meanwhile.
    fn model(&self) -> RwLockReadGuard<'_, Model> {
        // A transition that panics has changed nothing that `undo` does not find again.
        let wait = || self.model.read().unwrap_or_else(PoisonError::into_inner);
        match self.model.try_read() {
            Ok(model) => model,
            Err(TryLockError::Poisoned(model)) => model.into_inner(),
            Err(TryLockError::WouldBlock) if has_other_threads() => block_in_place(wait),
            Err(TryLockError::WouldBlock) => wait(),
        }
    }

    /// Looks at the model and its index.
    pub fn view<T>(&self, chance: u64, look: impl FnOnce(View<'_>) -> T) -> T {
        self.look(|model| {
            let book = self.book.read().unwrap_or_else(PoisonError::into_inner);
            look(View { model, book: &book, chance })
        })
    }

    /// The index; only whoever changes the model writes it.
    fn book_mut(&self) -> RwLockWriteGuard<'_, Book> {
        self.book.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the model; returns when the change is stored and, if that is the promise, in force. It is made even if nobody waits
    /// for this any more.
    ///
    /// # Errors
    /// [`ChangeError`]; then nothing has changed.
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
                // The process is about to end.
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
        let (answer, changes, publish) = block_in_place(|| {
            let mut model = self.model.write().unwrap_or_else(PoisonError::into_inner);
            model.undo();
            let answer = change(&mut model).map_err(ChangeError::Model).inspect_err(|_| model.undo())?;
            if self.link.is_on_paper() {
                let now = model.now(SystemTime::now().into());
                paper::settle(&mut model, now);
            }
            let changes = model.take_changes();
            if let Err(error) = self.save(&model, &changes) {
                model.revert(changes);
                return Err(ChangeError::Store(error));
            }
            self.book_mut().update(&model, &changes);
            let publish = self.link.with_tables(|tables| {
                let concerned = compiler.concerned(&model, &changes);
                let publish = compiler.update(&model, concerned, tables);
                (hosts_of(&publish, tables), publish)
            });
            Ok((answer, changes, publish))
        })?;
        let (hosts, publish) = publish;
        // Who was covered until now, and by what, is known to the recorder alone.
        let covers_others = !(changes.flow_logs.is_empty() && changes.network_interfaces.is_empty());
        // The recording has the cloud of a change before its tables: no packet meets these in the cloud as it was.
        if !changes.is_empty() {
            self.tell_recording(|model| recording::note(model, &changes)).await;
        }
        if let Err(error) = self.link.apply(publish, promise).await {
            let taken_back = block_in_place(|| self.take_back(&mut compiler, changes));
            self.tell_recording(recording::whole).await;
            taken_back?;
            return Err(error.into());
        }
        self.look(|model| self.recent.note(model, &changes, model.now(SystemTime::now().into())));
        if !changes.is_empty() {
            self.changed.send_replace(());
        }
        self.wait_for(&hosts).await;
        if !(changes.instances.is_empty() && changes.managed_hosts.is_empty()) {
            // The hosts of these may have been where they are going all along.
            self.link.announce_hosts();
        }
        if covers_others {
            self.record_flows(false).await;
        }
        Ok(answer)
    }

    /// Takes the cloud back to its first start: all that accounts have is gone, and what was recorded of it.
    ///
    /// # Errors
    /// [`ChangeError`]; then nothing has changed.
    pub async fn reset(self: &Arc<Self>) -> Result<(), ChangeError<Infallible>> {
        let clear = |model: &mut Model| {
            model.clear();
            Ok(())
        };
        self.change(Promise::InForce, clear).await?;
        self.recorder.forget().await;
        self.recent.forget();
        Ok(())
    }

    /// Begins a recording, to these files.
    ///
    /// # Errors
    /// [`LinkError`]: the dataplane says why.
    pub async fn record(&self, order: RecordingOrder) -> Result<DataplaneReply, LinkError> {
        // No change comes between the model and the tables.
        let _one = self.compiler.lock().await;
        let order = block_in_place(|| {
            let tables = self.link.with_tables(Tables::whole);
            self.look(|model| recording::order(model, tables, order))
        });
        let started = self.link.ask(DataplaneRequest::Record(RecordCall::Start(Box::new(order)))).await;
        self.is_recorded.fetch_or(started.is_ok(), Relaxed);
        started
    }

    /// Tells the recording of the cloud, if there is one. To be called by whoever holds the compiler, for the order of what is told.
    async fn tell_recording(&self, note: impl FnOnce(&Model) -> RecordCall) {
        if !self.is_recorded.load(Relaxed) {
            return;
        }
        let note = self.look(note);
        if let Err(error) = self.link.ask(DataplaneRequest::Record(note)).await {
            tracing::debug!("the recording does not know of a change: {error}");
            // Whoever looks next finds that it records, and all is told.
            self.is_recorded.store(false, Relaxed);
        }
    }

    /// Notes whether the dataplane records. A recording that was not known of is told of the whole cloud.
    pub async fn set_recorded(&self, is: bool) {
        if !is {
            self.is_recorded.store(false, Relaxed);
        } else if !self.is_recorded.load(Relaxed) {
            let _one = self.compiler.lock().await;
            if !self.is_recorded.swap(true, Relaxed) {
                self.tell_recording(recording::whole).await;
            }
        }
    }

    /// Waits until hosts that are there already have their part of a change. Those that come or go are not waited for: instances are
    /// pending, stopping or shutting down meanwhile. One that fails or takes long shows elsewhere.
    async fn wait_for(&self, hosts: &BTreeSet<String>) {
        if !hosts.is_empty() {
            let changing = |known: &Hosts, host: &String| known.state(host) == Some(&HostState::Changing);
            self.link.wait_for_hosts(PATIENCE, |known| !hosts.iter().any(|host| changing(known, host))).await;
        }
    }

    /// Lets instances and services follow their hosts, as far as is known now.
    ///
    /// # Errors
    /// [`StoreError`], most likely; then they are to follow later.
    pub async fn follow_hosts(self: &Arc<Self>) -> Result<(), ChangeError<Infallible>> {
        let service = Arc::clone(self);
        let follow = move |model: &mut Model| {
            service.link.look_at_hosts(|hosts| {
                model.follow_hosts(|instance| host_of(instance, hosts));
                let now = model.now(SystemTime::now().into());
                model.follow_managed_hosts(now, |host| managed_host(host, hosts, &service.conditions));
            });
            Ok(())
        };
        self.change(Promise::Begun, follow).await
    }

    /// Lets instances follow their hosts whenever there is news, for ever.
    pub async fn keep_following_hosts(self: &Arc<Self>) {
        let mut news = self.link.hosts();
        loop {
            let start = Instant::now();
            if let Err(error) = self.follow_hosts().await {
                tracing::error!("instances stay in their states for now: {error}");
                tokio::time::sleep(PATIENCE).await;
                news.mark_changed();
            }
            // A thousand hosts that come up one by one are followed in a few steps.
            tokio::time::sleep(start.elapsed() * REST).await;
            // The sender lives as long as the link.
            let _ = news.changed().await;
        }
    }

    /// Interrupts Spot instances whose time has come, and does for Auto Scaling groups what is to be done now. Answers when there is
    /// more to do by itself, if ever.
    ///
    /// # Errors
    /// [`StoreError`], most likely; then it is to be done later.
    pub async fn tend_groups(self: &Arc<Self>) -> Result<Option<Time>, ChangeError<model::Error>> {
        let now = self.now();
        let interruptions = self.interrupt_spot_instances(now).await;
        let groups = self.look(|model| model.groups_due(now));
        if groups.is_none_or(|due| due > now) {
            return Ok(groups.into_iter().chain(interruptions).min());
        }
        self.change(Promise::Begun, move |model: &mut Model| model.tend_groups(now)).await?;
        Ok(Some(now))
    }

    /// Interrupts Spot instances whose time has come. Answers when that of others comes. What fails is tried again.
    async fn interrupt_spot_instances(self: &Arc<Self>, now: Time) -> Option<Time> {
        let next = || self.look(|model| model.interruptions_due());
        let due = next();
        if due.is_none_or(|due| due > now) {
            return due;
        }
        let interrupt = move |model: &mut Model| model.carry_out_interruptions(now);
        if let Err(error) = self.change(Promise::Begun, interrupt).await {
            tracing::error!("Spot instances whose time has come go on for now: {error}");
            return Some(now.after(PATIENCE));
        }
        next()
    }

    /// Keeps Auto Scaling groups at what they shall be whenever the model or the clock changes, for ever.
    pub async fn keep_tending_groups(self: &Arc<Self>) {
        let mut news = self.changed.subscribe();
        loop {
            let start = Instant::now();
            let due = self.tend_groups().await.unwrap_or_else(|error| {
                tracing::error!("Auto Scaling groups stay as they are for now: {error}");
                Some(self.now().after(PATIENCE))
            });
            tokio::time::sleep(start.elapsed() * REST).await;
            let wait = due.map(|due| due.since(self.now()));
            let wakes = async {
                match wait {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = wakes => {}
                // The sender lives as long as the service.
                _ = news.changed() => {}
            }
        }
    }

    /// Collects what has passed where flow logs look, and writes the records that are due, or `all` of them.
    pub async fn record_flows(&self, all: bool) {
        let look = || self.look(|model| Look::at(model, SystemTime::now().into()));
        if let Err(error) = self.recorder.collect(&self.link, look, all).await {
            // It goes on counting, and is asked again.
            tracing::debug!("no traffic collected for flow logs: {error}");
        }
    }

    /// Where the records of flow logs are.
    pub fn flow_log_directory(&self) -> &Path {
        self.recorder.directory()
    }

    /// Has what ended long ago forgotten, if there is such a thing.
    pub async fn forget(self: &Arc<Self>) {
        let now = self.now();
        if self.look(|model| model.has_forgettable(now))
            && let Err(error) = self.change(Promise::Begun, move |model| model.forget(now)).await
        {
            // It is tried again.
            tracing::debug!("what ended long ago stays: {error}");
        }
    }

    /// Keeps the store's copy young and its file small ([`Store::keep_up`]).
    pub fn keep_up(&self, now: bool) {
        self.store.keep_up(now);
    }

    /// Makes everything as it was before a change that the dataplane did not take; its tables are already.
    fn take_back(&self, compiler: &mut Compiler, changes: Changes) -> Result<(), StoreError> {
        let mut model = self.model.write().unwrap_or_else(PoisonError::into_inner);
        let concerned = compiler.concerned(&model, &changes);
        model.revert(changes.clone());
        self.book_mut().update(&model, &changes);
        self.link.with_tables(|tables| compiler.update(&model, concerned, tables));
        self.store.owe(rows(&model, &changes)?);
        Ok(())
    }

    /// Stores the touched rows as they are now.
    fn save(&self, model: &Model, changes: &Changes) -> Result<(), StoreError> {
        let rows = rows(model, changes)?;
        if rows.is_empty() { Ok(()) } else { self.store.write(&rows) }
    }
}

/// Whether others go on while this thread waits.
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

/// How far the host of an instance is.
fn host_of(instance: &Instance, hosts: &Hosts) -> InstanceHost {
    match hosts.state(&instance.id) {
        Some(HostState::Up) => InstanceHost::Up,
        Some(HostState::Gone) => InstanceHost::Gone,
        Some(HostState::Failed { why }) => InstanceHost::Failed(why.clone()),
        Some(HostState::Making | HostState::Changing | HostState::Leaving) | None => InstanceHost::OnItsWay,
    }
}

/// How far a host of a service is, and its program on it; `None` while nobody knows.
fn managed_host(host: &ManagedHost, hosts: &Hosts, conditions: &Conditions) -> Option<ManagedNews> {
    match hosts.state(&host.id)? {
        HostState::Gone => Some(ManagedNews::Gone),
        HostState::Failed { why } => Some(ManagedNews::Fares(Condition::Failed(why.clone()))),
        HostState::Making => Some(ManagedNews::Fares(Condition::Starting)),
        HostState::Up | HostState::Changing => conditions.of(host).map(ManagedNews::Fares),
        HostState::Leaving => None,
    }
}

/// The hosts of the ports that changes are about.
fn hosts_of(changes: &[Change], tables: &Tables) -> BTreeSet<String> {
    let entries = changes.iter().filter_map(|change| match change {
        Change::Set(entry) => Some(entry),
        Change::Remove(key) => tables.get(key),
    });
    let ports = entries.filter_map(|entry| if let Entry::Port(_, port) = entry { Some(port) } else { None });
    ports.map(|port| port.host.clone()).collect()
}

#[cfg(test)]
mod tests;
