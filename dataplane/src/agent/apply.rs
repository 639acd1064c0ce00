//! Applying an update: its tables, all or nothing. What that means for hosts is the reconciler's to bring about.

use super::Agent;
use super::journal::Journal;
use super::update::{Refusal, port_changes};
use std::sync::Arc;
use wire::Update;

impl Agent {
    /// Puts an update's tables in force. A new port's packets have nowhere to go until its host is up.
    pub(super) fn apply(&mut self, update: &Update) -> Result<(), Refusal> {
        self.put_in_force(update, |journal| journal.note(update))
    }

    /// Puts the tables in force that the dataplane before this one noted.
    pub(super) fn take_over(&mut self, tables: &Update) {
        if let Err(refusal) = self.put_in_force(tables, |_| {}) {
            tracing::warn!(%refusal, "the tables of before make no sense; the controller has them");
        }
    }

    fn put_in_force(&mut self, update: &Update, note: impl FnOnce(&mut Journal)) -> Result<(), Refusal> {
        let before = self.engine.snapshot();
        let after = Arc::new(before.apply(update)?);
        let changes = port_changes(&before, &after, update);
        self.reconciler.check(&changes)?;
        // Before anybody sees it: what is in force is there for the next one, and so are hosts that are made now.
        note(&mut self.journal);
        let recorder = self.workers.recorder();
        recorder.publish(&self.engine, Arc::clone(&after), update);
        self.workers.sync();
        recorder.begin_networks_anew(&self.engine);
        if update.whole || changes.iter().any(|change| change.after.is_none()) {
            recorder.forget_flows_without_port(&self.engine);
        }
        self.reconciler.set_desired(&changes, update.whole);
        Ok(())
    }
}
