//! Flows: keys, the table, TCP, UDP and ICMP state. A flow is one entry for both directions, with one owner: the table.

mod entry;
mod index;
#[cfg(not(loom))]
mod memory;
#[cfg(loom)]
#[path = "memory_of_loom.rs"]
mod memory;
mod path;
mod ports;
mod shares;
mod slot;
mod state;
mod sync;
mod table;

pub use entry::Flow;
pub use path::{FlowKey, Forwarding, Limits, Path};
pub use state::{Activity, Lifetimes, Side, State};
#[cfg(all(test, not(loom)))]
pub(crate) use sync::noted;
pub use table::{Entry, FlowImage, FlowTable, Hit, ImageError, InsertError, TableImage, default_share, flows_path};
