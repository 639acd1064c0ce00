//! The atomics and locks that the flow table shares, which loom replaces to try every order of events.

#[cfg(loom)]
pub use loom::sync::atomic::{AtomicU64, fence};
#[cfg(loom)]
pub use loom::sync::{Mutex, MutexGuard};
#[cfg(not(loom))]
pub use std::sync::atomic::{AtomicU64, fence};
#[cfg(not(loom))]
pub use std::sync::{Mutex, MutexGuard};
