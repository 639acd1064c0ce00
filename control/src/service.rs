//! One change at a time: check → store → compile → publish → answer. What is answered is stored and in force.

use crate::api::{Reply, Request, RequestError};
use crate::compile::Compiler;
use crate::flow_logs::{Look, Recorder};
use crate::link::{Link, LinkError};
use crate::model::{Changes, Kind, Model, Platform, Time};
use crate::state::State;
use crate::store::{Row, Store, StoreError};
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;
use tokio::sync::Mutex;
use tokio::task::block_in_place;

/// Why the stored cloud could not be taken up.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A row of another version, most likely.
    #[error("the stored {collection} {id} is not understood ({why}); start anew with `up --fresh`")]
    Row {
        /// Its collection.
        collection: String,
        /// Its id.
        id: String,
        /// What is wrong.
        why: String,
    },
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
    link: Link,
    recorder: Recorder,
    /// Held for as long as a change takes, so that there is one at a time.
    compiler: Mutex<Compiler>,
}

impl Service {
    /// Takes up the cloud in the state directory's store, and opens the channel to the dataplane. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`OpenError`] if the store cannot be read.
    pub fn open(state: &State, platform: Platform) -> Result<Self, OpenError> {
        let store = Store::open(&state.store())?;
        let mut model = Model::new(RandomState::new().hash_one(state.path()));
        for (collection, id, value) in store.load()? {
            let row = |why: String| OpenError::Row { collection: collection.clone(), id: id.clone(), why };
            let kind = Kind::ALL.iter().find(|kind| kind.name() == collection);
            let kind = kind.ok_or_else(|| row("there is no such collection".into()))?;
            let json = std::str::from_utf8(&value).map_err(|error| row(error.to_string()))?;
            model.load(*kind, json).map_err(|error| row(error.to_string()))?;
        }
        model.platform = platform;
        let (compiler, tables) = Compiler::whole(&model);
        let link = Link::open(&state.dataplane_socket(), tables);
        let recorder = Recorder::new(state.flow_logs());
        Ok(Self { model: RwLock::new(model), store, link, recorder, compiler: Mutex::new(compiler) })
    }

    /// The channel to the dataplane.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// The cloud's time.
    pub fn now(&self) -> Time {
        self.look(|model| model.now(SystemTime::now().into()))
    }

    /// Answers a request of the API.
    pub async fn request(&self, request: Request) -> Reply {
        let dialect = request.dialect();
        let result = if self.look(|model| request.writes(model)) {
            self.change(|model| request.write(model)).await
        } else {
            self.look(|model| request.read(model)).map_err(ChangeError::Model)
        };
        match result {
            Ok(reply) | Err(ChangeError::Model(reply)) => reply,
            Err(error) => {
                tracing::error!("{error}");
                dialect.error(&RequestError::Internal { message: error.to_string() })
            }
        }
    }

    /// Looks at the model.
    pub fn look<T>(&self, look: impl FnOnce(&Model) -> T) -> T {
        // A transition that panics has changed nothing that `undo` does not find again.
        look(&self.model.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the model; returns when the change is stored and in force.
    ///
    /// # Errors
    /// [`ChangeError`]; then nothing has changed.
    pub async fn change<T, E>(&self, change: impl FnOnce(&mut Model) -> Result<T, E>) -> Result<T, ChangeError<E>> {
        let mut compiler = self.compiler.lock().await;
        let (answer, changes, publish) = block_in_place(|| {
            let mut model = self.model.write().unwrap_or_else(PoisonError::into_inner);
            model.undo();
            let answer = change(&mut model).map_err(ChangeError::Model).inspect_err(|_| model.undo())?;
            let changes = model.take_changes();
            if let Err(error) = self.save(&model, &changes) {
                model.revert(changes);
                return Err(ChangeError::Store(error));
            }
            let publish = self.link.with_tables(|tables| compiler.update(&model, &changes, tables));
            Ok((answer, changes, publish))
        })?;
        // Who was covered until now, and by what, is known to the recorder alone.
        let covers_others = !(changes.flow_logs.is_empty() && changes.network_interfaces.is_empty());
        if let Err(error) = self.link.apply(publish).await {
            block_in_place(|| self.take_back(&mut compiler, changes))?;
            return Err(error.into());
        }
        if covers_others {
            self.record_flows(false).await;
        }
        Ok(answer)
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

    /// Makes everything as it was before a change that the dataplane did not take; its tables are already.
    fn take_back(&self, compiler: &mut Compiler, changes: Changes) -> Result<(), StoreError> {
        let mut model = self.model.write().unwrap_or_else(PoisonError::into_inner);
        model.revert(changes.clone());
        self.link.with_tables(|tables| compiler.update(&model, &changes, tables));
        self.save(&model, &changes)
    }

    /// Stores the touched rows as they are now.
    fn save(&self, model: &Model, changes: &Changes) -> Result<(), StoreError> {
        let rows = changes.rows().map(|(kind, id)| {
            let value = model.row(kind, id).map(|row| row.map(String::into_bytes)).transpose();
            let value = value.map_err(StoreError::encoding)?;
            Ok(Row { collection: kind.name(), id: id.to_owned(), value })
        });
        let rows = rows.collect::<Result<Vec<_>, StoreError>>()?;
        if rows.is_empty() { Ok(()) } else { self.store.write(&rows) }
    }
}

#[cfg(test)]
mod tests;
