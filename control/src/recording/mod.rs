//! Recordings, as far as they concern the cloud: what is put into one, and what is made of it again.

mod bisect;
mod cloud;
mod file;
mod minimise;
mod story;

pub use bisect::{Culprit, bisect};
pub use cloud::RecordedCloud;
pub use file::{Prepared, prepare};
pub use minimise::{MinimiseError, Minimised, Question, minimise, question};
pub use story::{change_words, meeting_words, packet_words, steps_words};

use dataplane::record::ReadError;
use model::{Changes, Kind, Model, Platform};
use wire::{Change, ControllerRow, RecordCall, RecordingOrder};

#[cfg(test)]
mod tests;

/// Why nothing can be made of a recording.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A row of its model.
    #[error("the recording's cloud cannot be used: {0}")]
    Row(#[from] model::RowError),
    /// What its system was told at its start.
    #[error("the recording's cloud cannot be used: {0}")]
    Platform(#[from] serde_json::Error),
    /// Its tables, or an engine for them.
    #[error(transparent)]
    Reach(#[from] crate::reach::ReachError),
    /// Replaying it takes too long for a page.
    #[error("to replay the recording takes more than {0} s: look at it with `classiclink replay`")]
    TooLong(u64),
    /// No such packet.
    #[error("the recording has no packet {0}")]
    NoPacket(u64),
    /// No packet was dropped, or not for that reason.
    #[error("no packet of the recording was dropped{}", .0.map_or(String::new(), |reason| format!(" for {reason}")))]
    NoDrop(Option<wire::DropReason>),
}

/// What nobody needs to see why a packet was dropped, and nobody else should: keys, and who may use them.
const PRIVATE: [Kind; 6] =
    [Kind::KeyPair, Kind::Identity, Kind::ManagedPolicy, Kind::ServerCertificate, Kind::AccessKey, Kind::Session];

/// The order of a recording that begins with this cloud and these tables.
pub fn order(model: &Model, tables: Vec<Change>, order: RecordingOrder) -> RecordingOrder {
    // Whoever replays has no keys.
    let platform = Platform { accounts_known: false, ..model.platform.clone() };
    let platform = serde_json::to_string(&platform).unwrap_or_default();
    let rows = rows(model, model.rows());
    RecordingOrder { tables, platform, rows, ..order }
}

/// What a recording is told of a change; the model is as it is afterwards.
pub fn note(model: &Model, changes: &Changes) -> RecordCall {
    let told = changes.rows().filter(|(kind, _)| !matches!(kind, Kind::Counters | Kind::Visit));
    let what = told.map(|(kind, id)| {
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

/// What a recording is told that may have missed changes.
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
