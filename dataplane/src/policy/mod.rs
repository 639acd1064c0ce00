//! The tables: ports, attachments, address spaces, routes, filters, groups; as data and compiled.

mod id_map;
mod ids;
mod rules;
mod snapshot;
mod tables;

pub use ids::*;
pub use rules::{RuleSet, TrafficSet, Width, matches};
pub use snapshot::{ApplyError, FilterEntry, PortEntry, Snapshot};
pub use tables::*;
