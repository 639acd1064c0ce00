//! The tables, compiled and immutable.

mod fetch;
mod id_map;
mod rules;
mod snapshot;

pub use rules::{RuleSet, TrafficSet, Width, matches};
pub use snapshot::{ApplyError, FilterEntry, PortEntry, Snapshot};
