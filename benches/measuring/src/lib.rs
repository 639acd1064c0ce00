//! Measures the network between two hosts, by an [`agent`] in each that generates traffic and a [`Session`] that directs both.

pub mod agent;
mod connect;
mod counters;
mod figures;
mod ping;
mod protocol;
mod session;
mod streams;
mod udp;

pub use figures::{Figure, Metric};
pub use session::{BenchError, Options, Session};
