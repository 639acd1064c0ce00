//! The atomics and locks of the flow table: the standard library's, or loom's, which tries every interleaving, or in tests
//! those that count each thread's accesses.

#[cfg(loom)]
pub use loom::sync::atomic::{AtomicU64, fence};
#[cfg(loom)]
pub use loom::sync::{Mutex, MutexGuard};
#[cfg(not(loom))]
pub use std::sync::atomic::fence;
#[cfg(not(any(loom, test)))]
pub use std::sync::{Mutex, MutexGuard, atomic::AtomicU64};

#[cfg(all(test, not(loom)))]
mod instrumented;
#[cfg(all(test, not(loom)))]
pub use instrumented::{AtomicU64, Mutex, MutexGuard, accesses_of};
