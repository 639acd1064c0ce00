//! Recordings: everything that determines the verdicts of packets, in a file, so that a run can be repeated elsewhere.
//!
//! A recording has the engine's state at its beginning ([`Beginning`]: tables, flows, seed, clock) and, in order, everything
//! that reached the engine since: packets as they arrived, changes of the tables, sweeps of expired flows, each with its time.
//! Each packet's record has its verdict. A [`Replay`] gives all records to another engine and compares the verdicts.
//!
//! During a recording, workers take turns, one batch each ([`Recorder::turn`]), so that the records are in the real order.
//! Packets that arrive too fast to be written are counted, and another beginning follows them.

mod format;
mod reader;
mod recorder;
mod recording;
mod replay;
mod spool;

pub use format::{Answer, Beginning, LegRecord, PacketRecord, Record, VERSION, Verdict, mark, seal};
pub use reader::{ReadError, Reader};
pub use recorder::{Recorder, Turn};
pub use replay::{CounterDifference, Event, Mode, PacketEvent, Replay};
pub use spool::Output;
