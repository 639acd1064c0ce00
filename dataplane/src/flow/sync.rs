//! What the flow table shares is made of these, so that loom can try the orders of events that a machine may choose.

#[cfg(loom)]
pub use loom::sync::atomic::{AtomicU64, fence};
#[cfg(loom)]
pub use loom::sync::{Mutex, MutexGuard};
#[cfg(not(loom))]
pub use std::sync::atomic::{AtomicU64, fence};
#[cfg(not(loom))]
pub use std::sync::{Mutex, MutexGuard};
