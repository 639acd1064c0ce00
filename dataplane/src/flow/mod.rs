//! Flows: keys, the table, TCP, UDP and ICMP state. A flow is one entry for both directions, with one owner: the table.

mod entry;
mod journal;
mod path;
mod state;
mod table;
mod timeouts;

pub use entry::Flow;
pub use journal::{Journal, Kept, Record, journal_path};
pub use path::{FlowKey, Path};
pub use state::{Lifetimes, Side, State};
pub use table::{FlowTable, InsertError};
pub use timeouts::Timeouts;
