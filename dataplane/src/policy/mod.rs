//! The tables that packets are decided by, as one immutable [`Snapshot`], and the compiled rules of its filters and ACLs
//! ([`RuleSet`]).

mod address_map;
mod id_map;
mod prefetch;
mod rules;
mod snapshot;

pub use rules::{RuleSet, Width, matches};
pub use snapshot::{ApplyError, FilterEntry, Snapshot};
