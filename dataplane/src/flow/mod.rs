//! Flows: keys, the table, TCP, UDP and ICMP state. A flow is one entry for both directions, and the table owns it.

mod entry;
mod index;
#[cfg(not(loom))]
mod memory;
#[cfg(loom)]
#[path = "loom_memory.rs"]
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
pub(crate) use sync::accesses_of;
pub use table::image::{FlowImage, ImageError, TableImage};
pub use table::{Entry, FlowTable, Hit, InsertError, default_share, flows_path};
