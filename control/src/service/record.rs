//! The running recording, which gets the rows of every change.

use super::Service;
use crate::link::LinkError;
use crate::recording;
use crate::tables::Tables;
use model::Model;
use std::sync::atomic::Ordering::Relaxed;
use tokio::task::block_in_place;
use wire::{RecordCall, RecordingOrder, Reply, Request};

impl Service {
    /// Begins a recording to these files.
    ///
    /// # Errors
    /// [`LinkError`] with the dataplane's reason.
    pub async fn record(&self, order: RecordingOrder) -> Result<Reply, LinkError> {
        // The model and the tables of a recording's beginning must belong together.
        let _one = self.compiler.lock().await;
        let order = block_in_place(|| {
            let tables = self.link.with_tables(Tables::whole);
            self.look(|model| recording::order(model, tables, order))
        });
        let started = self.link.ask(Request::Record(RecordCall::Start(Box::new(order)))).await;
        self.is_recorded.fetch_or(started.is_ok(), Relaxed);
        started
    }

    /// Sends rows of the cloud to the recording, if one runs. The caller holds the compiler, so that rows and tables
    /// arrive in order.
    pub(super) async fn tell_recording(&self, note: impl FnOnce(&Model) -> RecordCall) {
        if !self.is_recorded.load(Relaxed) {
            return;
        }
        let note = self.look(note);
        if let Err(error) = self.link.ask(Request::Record(note)).await {
            tracing::debug!("a change is missing in the recording: {error}");
            // The next status finds that it records, and the whole cloud is sent.
            self.is_recorded.store(false, Relaxed);
        }
    }

    /// Notes whether the dataplane records. A recording that was unknown gets the whole cloud.
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
}
