//! Recordings in the cloud's terms: the rows that go into one, and what is derived from one.

mod bisect;
mod cloud;
mod file;
mod minimise;
mod parts;
mod peculiar;
mod story;

pub use bisect::{Culprit, bisect};
pub use cloud::RecordedCloud;
pub use file::{Prepared, prepare};
pub use minimise::{MinimiseError, Minimised, Question, minimise, question};
pub use story::{change_words, leg_words, packet_words, steps_words};

use dataplane::record::{Event, ReadError, Replay};
use model::{Changes, Kind, Model, Platform};
use std::io::Read;
use wire::{Change, ControllerRow, RecordCall, RecordingOrder};

#[cfg(test)]
mod tests;

/// Why a recording cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A row of its model is invalid.
    #[error("the recording's cloud cannot be used: {0}")]
    Row(#[from] model::RowError),
    /// Its platform settings are invalid.
    #[error("the recording's cloud cannot be used: {0}")]
    Platform(#[from] serde_json::Error),
    /// Its tables cannot be used.
    #[error(transparent)]
    Reach(#[from] crate::reach::ReachError),
    /// The replay takes too long for the page.
    #[error("to replay the recording takes more than {0} s: look at it with `classiclink replay`")]
    TooLong(u64),
    /// No such packet.
    #[error("the recording has no packet {0}")]
    NoPacket(u64),
    /// No such change.
    #[error("the recording has no change {0}")]
    NoChange(u64),
    /// No packet was dropped, or none for that reason.
    #[error("no packet of the recording was dropped{}", .0.map_or(String::new(), |reason| format!(" for {reason}")))]
    NoDrop(Option<wire::DropReason>),
}

/// A recording's next event. A recording that breaks off ends there, because all before that is good.
fn next_good_event<R: Read>(replay: &mut Replay<R>) -> Result<Option<Event>, ReadError> {
    match replay.next_event() {
        Err(ReadError::Cut { .. }) => Ok(None),
        event => event,
    }
}

/// Kinds of rows that are left out, because they contain keys or users and are not needed to explain
/// drops.
const PRIVATE: [Kind; 8] = [
    Kind::KeyPair,
    Kind::Identity,
    Kind::ManagedPolicy,
    Kind::ServerCertificate,
    Kind::Parameter,
    Kind::AccessKey,
    Kind::Session,
    Kind::LastUse,
];

/// The order for a recording that begins with this cloud and these tables.
pub fn order(model: &Model, tables: Vec<Change>, order: RecordingOrder) -> RecordingOrder {
    // A replay needs no keys.
    let platform = Platform { accounts_known: false, ..model.platform.clone() };
    let platform = serde_json::to_string(&platform).unwrap_or_default();
    let rows = rows(model, model.rows());
    RecordingOrder { tables, platform, rows, ..order }
}

/// The rows that a change touched, for a recording. The model is as it is after the change.
pub fn note(model: &Model, changes: &Changes) -> RecordCall {
    let noted = changes.rows().filter(|(kind, _)| !matches!(kind, Kind::Counters | Kind::Visit | Kind::LastUse));
    let what = noted.map(|(kind, id)| {
        let verb = match (changes.is_new(kind, id), model.has(kind, id)) {
            (true, _) => "new",
            (false, true) => "changed",
            (false, false) => "gone",
        };
        format!("{id} {verb}")
    });
    let what = what.collect::<Vec<_>>().join(", ");
    RecordCall::Note { what, rows: rows(model, changes.rows()), whole: false }
}

/// All rows, for a recording that may have missed changes.
pub fn whole(model: &Model) -> RecordCall {
    RecordCall::Note { what: "all of it, as it is now".to_owned(), rows: rows(model, model.rows()), whole: true }
}

/// Rows as they are now.
fn rows<'r>(model: &'r Model, which: impl Iterator<Item = (Kind, &'r str)>) -> Vec<ControllerRow> {
    let row = |(kind, id): (Kind, &str)| ControllerRow {
        collection: kind.name().to_owned(),
        id: id.to_owned(),
        value: model.row(kind, id).and_then(Result::ok),
    };
    which.filter(|(kind, _)| !PRIVATE.contains(kind)).map(row).collect()
}
