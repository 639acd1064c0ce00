//! The pipeline: from a packet to its outcome.
//!
//! Workers share one [`Engine`], and each moves packets in batches ([`Batch`]). `stages` has a packet's stages in order.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))] // What a host sends must not make anything panic.

mod account_entries;
mod accounting;
mod authorise;
mod batch;
mod clock;
mod context;
mod counting;
mod decide;
mod engine;
mod explain;
mod fragments;
mod icmp_error;
mod image;
mod impaired;
mod impairing;
mod leg;
mod lookup;
mod meter;
mod nat;
mod resolve;
mod stages;
mod trace;

pub use account_entries::{AccountEntries, AccountKey, FlowAccounting};
pub use accounting::PacketMeta;
pub use batch::{Batch, Outcome, Packet, Parsed};
pub use context::FlowContext;
pub use decide::{Decision, decide};
pub use engine::Engine;
pub use image::EngineImage;
pub use impaired::{Impaired, LegImage, LegOutcome};
pub use leg::{ImpairedPath, Leg};
pub use resolve::ChoosePort;
