//! The port changes of an update, and the reasons to refuse it.

use crate::policy::{ApplyError, Snapshot};
use std::collections::BTreeSet;
use thiserror::Error;
use wire::{Key, Port, PortId, Update, interface_name};

/// Why an update is refused.
#[derive(Debug, Error)]
pub enum Refusal {
    /// The changes do not fit the tables.
    #[error(transparent)]
    Tables(#[from] ApplyError),
    /// Two ports would be the same interface.
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

/// A port that an update names.
pub struct PortChange<'s> {
    /// The port's number.
    pub id: PortId,
    /// The port before, if it existed.
    pub before: Option<&'s Port>,
    /// The port afterwards, if it exists.
    pub after: Option<&'s Port>,
}

/// The ports that an update changes.
pub fn port_changes<'s>(before: &'s Snapshot, after: &'s Snapshot, update: &Update) -> Vec<PortChange<'s>> {
    let named = update.changes.iter().filter_map(|change| match change.key() {
        Key::Port(id) => Some(id),
        _ => None,
    });
    let mut touched: BTreeSet<PortId> = named.collect();
    if update.whole {
        touched.extend(before.ports().map(|(id, _)| id));
    }
    touched.into_iter().map(|id| PortChange { id, before: before.port(id), after: after.port(id) }).collect()
}
