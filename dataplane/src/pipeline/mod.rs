//! From a packet to a verdict.
//!
//! [`Engine`] is what workers share; a [`Batch`] of it moves packets. `process` has a packet's stages in order.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))] // What a host sends must not make anything panic.

mod account;
mod authorise;
mod clock;
mod context;
mod decide;
mod engine;
mod explain;
mod fragments;
mod icmp_error;
mod ledger;
mod lookup;
mod nat;
mod process;
mod reason;
mod resolve;
mod step;

pub use account::PacketMeta;
pub use context::FlowContext;
pub use decide::{Decision, decide};
pub use engine::Engine;
pub use ledger::{Entries, Item, Ledger};
pub use nat::ChoosePort;
pub use process::{Batch, Outcome, Packet, Parsed};
pub use reason::DropReason;

pub use step::{Culprit, Direction, Drop, Step};
