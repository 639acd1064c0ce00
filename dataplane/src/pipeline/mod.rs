//! From a packet to a verdict.

mod reason;
mod step;

pub use reason::DropReason;
pub use step::{Culprit, Direction, Drop, Step};
