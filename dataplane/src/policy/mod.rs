//! The tables, compiled and immutable.

mod address_map;
mod id_map;
mod prefetch;
mod rules;
mod snapshot;

pub use rules::{RuleSet, Width, matches};
pub use snapshot::{ApplyError, FilterEntry, Snapshot};
