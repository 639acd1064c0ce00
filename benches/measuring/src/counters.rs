//! The counts of received data.

use std::sync::atomic::{AtomicBool, AtomicU64};

/// State shared by the threads of an agent.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// Bytes received on TCP streams.
    pub bytes: AtomicU64,
    /// Datagrams received.
    pub datagrams: AtomicU64,
    /// Whether accepted connections are closed at once.
    pub closes: AtomicBool,
}
