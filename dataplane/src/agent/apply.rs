//! Applies an update's tables, all or nothing. The reconciler then makes the hosts match them.

use super::Agent;
use super::journal::Journal;
use super::update::{Refusal, port_changes};
use std::sync::Arc;
use wire::Update;

impl Agent {
    /// Puts an update's tables in force. Packets for a new port are dropped until its host is up.
    pub(super) fn apply(&mut self, update: &Update) -> Result<(), Refusal> {
        self.put_in_force(update, |journal| journal.note(update))
    }

    /// Puts the tables in force that the previous dataplane left.
    pub(super) fn take_over(&mut self, tables: &Update) {
        if let Err(refusal) = self.put_in_force(tables, |_| {}) {
            tracing::warn!(%refusal, "the tables that the previous dataplane left do not fit; waiting for the controller to send them");
        }
    }

    fn put_in_force(&mut self, update: &Update, note: impl FnOnce(&mut Journal)) -> Result<(), Refusal> {
        let before = self.engine.snapshot();
        let after = Arc::new(before.apply(update)?);
        let changes = port_changes(&before, &after, update);
        self.reconciler.check(&changes)?;
        // The journal is written first. If this process dies, the next one finds all tables that were in force, and the hosts
        // that were made by them.
        note(&mut self.journal);
        let recorder = self.workers.recorder();
        recorder.publish(&self.engine, Arc::clone(&after), update);
        self.workers.sync();
        recorder.reset_unimpaired_legs(&self.engine);
        if update.whole || changes.iter().any(|change| change.after.is_none()) {
            recorder.forget_flows_without_port(&self.engine);
        }
        let ports = changes.iter().filter_map(|change| Some((change.id, change.after?.host.as_str())));
        self.engine.captures.add_ports(ports);
        self.reconciler.set_desired(&changes, update.whole);
        Ok(())
    }
}
