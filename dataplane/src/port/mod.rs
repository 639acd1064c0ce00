//! Where packets enter and leave: queues of TUN interfaces, or queues in memory.
//!
//! On every queue a [`VirtioHeader`](crate::packet::VirtioHeader) precedes a packet. A plain interface has none: reading adds
//! an empty one, and writing removes it.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))] // What a host sends must not make anything panic.

mod memory;
mod queue;
mod steering;
mod tun;

pub use memory::{Memory, MemoryHost};
pub use queue::{Offloads, Queue, READ_SPACE};
pub use steering::Steering;
pub use tun::{is_attached, open, reopen};
