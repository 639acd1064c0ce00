//! What the flow table shares is made of these. So loom can try the orders of events that a machine may choose, and tests can count who
//! writes what.

#[cfg(loom)]
pub use loom::sync::atomic::{AtomicU64, fence};
#[cfg(loom)]
pub use loom::sync::{Mutex, MutexGuard};
#[cfg(not(loom))]
pub use std::sync::atomic::fence;
#[cfg(not(any(loom, test)))]
pub use std::sync::{Mutex, MutexGuard, atomic::AtomicU64};

#[cfg(all(test, not(loom)))]
mod noted;
#[cfg(all(test, not(loom)))]
pub use noted::{AtomicU64, Mutex, MutexGuard, noted};
