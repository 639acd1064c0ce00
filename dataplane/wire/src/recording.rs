//! Recordings: what happens in the dataplane, written to a file so that it can happen again.

use crate::change::Change;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a controller asks of recordings. There is one at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RecordCall {
    /// Begin one.
    Start(Box<RecordingOrder>),
    /// How far is it? Whoever has ordered one with a lease must ask every few seconds.
    Look,
    /// End it.
    Stop,
    /// Rows of the controller's have changed.
    Note {
        /// What has changed, for a person.
        what: String,
        /// The rows, as they are now.
        rows: Vec<ControllerRow>,
        /// Whether there are no others.
        whole: bool,
    },
}

/// A recording to be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordingOrder {
    /// The files, which are there and empty. With a second one they are written in turn.
    pub files: Vec<PathBuf>,
    /// How many bytes of packets are kept behind their headers; `None`: all.
    pub payload: Option<u32>,
    /// How many bytes the files may have together, beside what each begins with; `None`: any number.
    pub ring: Option<u64>,
    /// Whether it ends when nobody asks for it any more.
    pub leased: bool,
    /// The whole tables, as they are in force.
    pub tables: Vec<Change>,
    /// What the controller was told at its start, as text.
    pub platform: String,
    /// All rows of the controller's.
    pub rows: Vec<ControllerRow>,
}

/// A row of the controller's own, out of which it makes tables. The dataplane keeps it in recordings and does not read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControllerRow {
    /// The collection it is in.
    pub collection: String,
    /// Its id there.
    pub id: String,
    /// Its content; `None`: it is gone.
    pub value: Option<String>,
}

/// How far a recording is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingStatus {
    /// Packets that have come since it began.
    pub packets: u64,
    /// Changes of the tables.
    pub changes: u64,
    /// Packets and changes that came too fast to be written.
    pub lost: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Which file was written last.
    pub newest: usize,
    /// Why it cannot be written any more.
    pub failed: Option<String>,
    /// Whether it has ended, and all of it is written.
    pub has_ended: bool,
}
