//! Applying an update: its tables, all or nothing. What that means for hosts is the reconciler's to bring about.

use super::Agent;
use super::update::{Refusal, port_changes};
use std::sync::Arc;
use wire::Update;

impl Agent {
    /// Puts an update's tables in force. A new port's packets have nowhere to go until its host is up.
    pub(super) fn apply(&mut self, update: &Update) -> Result<(), Refusal> {
        let before = self.engine.snapshot();
        let after = Arc::new(before.apply(update)?);
        let changes = port_changes(&before, &after, update);
        self.reconciler.check(&changes)?;
        let recorder = self.workers.recorder();
        recorder.publish(&self.engine, Arc::clone(&after), update);
        self.workers.sync();
        if update.whole || changes.iter().any(|change| change.after.is_none()) {
            recorder.forget_flows_without_port(&self.engine);
        }
        self.reconciler.set_desired(&changes, update.whole);
        Ok(())
    }
}
