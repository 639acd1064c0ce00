//! Applying an update: its tables, all or nothing. What that means for hosts is the reconciler's to bring about.

use super::Agent;
use crate::policy::{ApplyError, Change, Port, PortId, Snapshot, interface_name};
use crate::wire::Update;
use std::collections::BTreeSet;
use std::sync::Arc;
use thiserror::Error;

/// Why an update was not applied.
#[derive(Debug, Error)]
pub enum Refusal {
    /// The changes do not fit the tables.
    #[error(transparent)]
    Tables(#[from] ApplyError),
    /// Two ports of one interface.
    #[error("{first} and {second} cannot both be {} of host {host}", interface_name(*interface))]
    InterfaceTaken {
        /// The host.
        host: String,
        /// Its interface.
        interface: u16,
        /// The port that has it.
        first: PortId,
        /// The port that was to have it.
        second: PortId,
    },
}

/// A port that an update names, as it was and as it is to be; `None` where there is none.
pub(super) struct PortChange<'s> {
    pub id: PortId,
    pub before: Option<&'s Port>,
    pub after: Option<&'s Port>,
}

impl Agent {
    /// Puts an update's tables in force. A new port's packets have nowhere to go until its host is up.
    pub(super) fn apply(&mut self, update: &Update) -> Result<(), Refusal> {
        let before = self.engine.snapshot();
        let after = Arc::new(before.apply(update)?);
        let changes = port_changes(&before, &after, update);
        self.reconciler.check(&changes)?;
        self.engine.publish(Arc::clone(&after));
        self.workers.sync();
        if update.whole || changes.iter().any(|change| change.after.is_none()) {
            self.engine.forget_flows_without_port();
        }
        self.reconciler.set_desired(&changes, update.whole);
        Ok(())
    }
}

fn port_changes<'s>(before: &'s Snapshot, after: &'s Snapshot, update: &Update) -> Vec<PortChange<'s>> {
    let named = update.changes.iter().filter_map(|change| match change {
        Change::SetPort(id, _) | Change::RemovePort(id) => Some(*id),
        _ => None,
    });
    let mut touched: BTreeSet<PortId> = named.collect();
    if update.whole {
        touched.extend(before.ports().map(|(id, _)| id));
    }
    touched.into_iter().map(|id| PortChange { id, before: before.port(id), after: after.port(id) }).collect()
}
