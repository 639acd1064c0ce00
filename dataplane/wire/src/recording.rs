//! Recordings: the dataplane's inputs, written to a file so that a run can be repeated.

use crate::change::Change;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A controller's request about recordings. One recording runs at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RecordCall {
    /// Begin a recording.
    Start(Box<RecordingOrder>),
    /// Ask for its status. This renews the lease of a recording that has one: a lease ends after 10 s.
    Status,
    /// End it.
    Stop,
    /// Add changed rows of the controller.
    Note {
        /// The change, for a person.
        what: String,
        /// The rows as they are now.
        rows: Vec<ControllerRow>,
        /// Whether these are all rows.
        whole: bool,
    },
}

/// What to record, and where to write it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordingOrder {
    /// The files, by absolute path. They exist, and are appended to. Two files are written in turn.
    pub files: Vec<PathBuf>,
    /// How many bytes of each packet are kept behind its headers. `None`: all.
    pub payload: Option<u32>,
    /// The greatest size of the files together, not counting each chapter's beginning. `None`: no limit.
    pub ring: Option<u64>,
    /// Whether it ends when its lease is not renewed.
    pub leased: bool,
    /// The whole tables in force.
    pub tables: Vec<Change>,
    /// The controller's platform settings at its start, as text.
    pub platform: String,
    /// All rows of the controller.
    pub rows: Vec<ControllerRow>,
}

/// A row of the controller's model. The dataplane writes it to recordings and does not read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControllerRow {
    /// Its collection.
    pub collection: String,
    /// Its id in the collection.
    pub id: String,
    /// Its content. `None` if it was removed.
    pub value: Option<String>,
}

/// The status of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingStatus {
    /// Packets since it began.
    pub packets: u64,
    /// Changes of the tables.
    pub changes: u64,
    /// Packets and changes that were lost because they came too fast.
    pub lost: u64,
    /// Bytes written.
    pub bytes: u64,
    /// The error that stopped writing, if any.
    pub failed: Option<String>,
    /// Whether it has ended and is written completely.
    pub has_ended: bool,
}
