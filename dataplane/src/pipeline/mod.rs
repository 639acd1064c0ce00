//! From a packet to a verdict.
//!
//! [`Engine`] is what workers share; a [`Batch`] of it moves packets. The order of stages: parse, fragments, flow table; on a miss
//! [`decide()`] (resolve the way, then authorise it), then the flow is entered; at last time to live, MTU and rewriting.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))] // What a host sends must not make anything panic.

mod account;
mod authorise;
mod clock;
mod decide;
mod engine;
mod fragments;
mod known;
mod ledger;
mod meter;
mod reason;
mod resolve;
mod step;

pub use account::Sighting;
pub use decide::{Decision, decide};
pub use engine::{Batch, Engine, Outcome, Packet, Parsed};
pub use known::Known;
pub use ledger::{Entries, Item, Ledger};
pub use reason::DropReason;
pub use resolve::ChoosePort;
pub use step::{Culprit, Direction, Drop, Step};
