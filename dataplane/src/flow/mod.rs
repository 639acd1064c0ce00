//! Flows: keys, the table, TCP, UDP and ICMP state. A flow is one entry for both directions, with one owner: the table.

mod entry;
mod journal;
mod state;
mod table;

pub use entry::{Flow, FlowKey, Path};
pub use journal::{Journal, Record, journal_path};
pub use state::{Lifetimes, Side, State};
pub use table::{FlowTable, InsertError};
