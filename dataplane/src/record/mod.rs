//! Recordings: everything that decides what becomes of packets, in a file, so that it can happen again elsewhere.
//!
//! A recording has what an engine knew when it began ([`Beginning`]: tables, flows, seed, clock), and in their order everything that
//! came to it since: packets as they arrived, changes of the tables, sweeps of old flows, each with its time. Beside each packet stands
//! the verdict that it got. A [`Replay`] gives all that to another engine, and compares.
//!
//! While somebody records, workers take turns, a batch each ([`Recorder::turn`]), so that the order in the file is the real one. What
//! comes too fast to be written is counted; then the recording goes on with another beginning.

mod format;
mod reader;
mod recorder;
mod replay;
mod spool;
mod tape;

pub use format::{Answer, Beginning, LegRecord, PacketRecord, Record, VERSION, Verdict, mark, seal};
pub use reader::{ReadError, Reader};
pub use recorder::{Recorder, Turn};
pub use replay::{CounterDifference, Event, Mode, PacketEvent, Replay};
pub use spool::Output;
