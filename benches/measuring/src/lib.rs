//! How fast it is between two hosts: a traffic generator of our own, one [`agent`] in each host, and the [`Session`] that leads them.

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
