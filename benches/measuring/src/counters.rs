//! What has come so far.

use std::sync::atomic::{AtomicBool, AtomicU64};

/// What the threads of an agent share.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// Bytes received on TCP streams.
    pub bytes: AtomicU64,
    /// Datagrams received.
    pub datagrams: AtomicU64,
    /// Whether connections are closed as soon as they are there.
    pub closes: AtomicBool,
}
