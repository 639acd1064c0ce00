//! A recording, event by event, as `classiclink replay --verbose` prints it, with the cloud at each event.

use super::asked::Asked;
use super::files::FileKind;
use super::network::everything;
use super::refusal::{Answer, Refusal};
use super::viewer::Viewer;
use super::{Map, json};
use crate::explain::names::Names;
use crate::recording::{RecordedCloud, RecordingError, change_words, leg_words, packet_words, steps_words};
use axum::extract::{Path as InPath, State};
use axum::http::StatusCode;
use dataplane::record::{Event, Mode, PacketEvent, ReadError, Reader, Replay, Verdict};
use model::Model;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::block_in_place;

/// How many events are sent at once.
const MOST: usize = 500;
/// How long a replay may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The greatest number of rows, entries of tables and connections at a recording's beginning.
const MOST_AT_FIRST: usize = 1_000_000;

/// A part of a recording's events.
#[derive(Debug, Default, Serialize)]
pub struct EventRows {
    /// The index of the first one.
    from: usize,
    /// The events in order.
    events: Vec<EventRow>,
    /// The number of events in all.
    all: usize,
    /// Why reading ends before the end of the file, if it does.
    damage: Option<String>,
}

/// An event.
#[derive(Debug, Default, Serialize)]
struct EventRow {
    /// `began`, `packet`, `change`, `note`, `clock` or `ended`.
    kind: &'static str,
    /// The time in nanoseconds since 1970. An event other than a packet has the time of the packet before it.
    at: u64,
    /// The event in one line.
    text: String,
    /// A packet's path.
    steps: Vec<String>,
    /// The sending host.
    from: Option<String>,
    /// The receiving host.
    to: Option<String>,
    /// Why the packet is dropped.
    reason: Option<&'static str>,
    /// Whether the replay differs from the recording.
    differs: bool,
    /// The number of the cloud's state at the event. It grows whenever the cloud changes.
    cloud: usize,
}

/// The part of the events that is wanted.
#[derive(Debug, Deserialize)]
pub struct Slice {
    #[serde(default)]
    from: usize,
    #[serde(default)]
    count: Option<usize>,
}

/// A moment in a recording.
#[derive(Debug, Deserialize)]
pub struct Moment {
    #[serde(default)]
    at: usize,
}

/// Answers with events.
pub async fn events(
    State(map): State<Arc<Map>>,
    viewer: Viewer,
    InPath(file): InPath<String>,
    Asked(slice): Asked<Slice>,
) -> Answer {
    map.analyst(&viewer)?;
    let path = map.files.path_for(&viewer, &file).ok_or_else(|| gone(&file))?;
    let _one = map.work.lock().await;
    let count = slice.count.unwrap_or(MOST).min(MOST);
    let rows = block_in_place(|| rows(&path, slice.from, count)).map_err(Refusal::of)?;
    Ok(json(StatusCode::OK, &rows))
}

/// The network as it was at an event.
pub async fn network(
    State(map): State<Arc<Map>>,
    viewer: Viewer,
    InPath(file): InPath<String>,
    Asked(Moment { at }): Asked<Moment>,
) -> Answer {
    map.analyst(&viewer)?;
    let path = map.files.path_for(&viewer, &file).ok_or_else(|| gone(&file))?;
    let _one = map.work.lock().await;
    // Whoever uploads a recording may see all of it.
    let model = block_in_place(|| model_at(&path, at)).map_err(Refusal::of)?;
    Ok(json(StatusCode::OK, &everything(&model, map.service.now(), &Viewer::Everybody)))
}

fn gone(file: &str) -> Refusal {
    Refusal::missing(format!("There is no file {file} here any more: bring it again."))
}

/// The cloud after an event.
///
/// # Errors
/// [`RecordingError`].
pub(super) fn model_at(path: &Path, at: usize) -> Result<Model, RecordingError> {
    if FileKind::of(path).ok().flatten() != Some(FileKind::Recording) {
        return Err(RecordingError::NoPacket(0));
    }
    let mut replay = Replay::of(Reader::open(path)?, Mode { most: Some(MOST_AT_FIRST), ..Mode::default() });
    let mut cloud = RecordedCloud::default();
    let until = Deadline::begin();
    for _ in 0..=at {
        until.check()?;
        match replay.next_event()? {
            Some(Event::Began { platform, rows, .. }) => cloud = RecordedCloud::begin(platform, rows),
            Some(Event::Noted(_, rows)) => cloud.note(rows),
            Some(_) => {}
            None => break,
        }
    }
    cloud.model()
}

/// The time at which a replay is aborted, because others wait.
struct Deadline(Instant);

impl Deadline {
    fn begin() -> Self {
        Self(Instant::now() + PATIENCE)
    }

    fn check(&self) -> Result<(), RecordingError> {
        let is_late = Instant::now() > self.0;
        if is_late { Err(RecordingError::TooLong(PATIENCE.as_secs())) } else { Ok(()) }
    }
}

/// Describes events in the cloud's terms.
#[derive(Default)]
struct Describer {
    cloud: RecordedCloud,
    /// The cloud's model, until it changes.
    model: Option<Model>,
    /// The number of the cloud's state.
    number: usize,
    /// The time of the last packet, in nanoseconds since 1970.
    at: u64,
}

/// Replays a recording and describes a part of its events.
fn rows(path: &Path, from: usize, count: usize) -> Result<EventRows, RecordingError> {
    let mut replay =
        Replay::of(Reader::open(path)?, Mode { trace: true, most: Some(MOST_AT_FIRST), ..Mode::default() });
    let mut describer = Describer::default();
    let mut rows = EventRows { from, ..EventRows::default() };
    let until = Deadline::begin();
    loop {
        let event = match replay.next_event() {
            Ok(Some(event)) => event,
            Ok(None) => break,
            // The events before the damage were replayed.
            Err(error @ ReadError::Cut { .. }) if rows.all > 0 => {
                rows.damage = Some(error.to_string());
                break;
            }
            Err(error) => return Err(error.into()),
        };
        until.check()?;
        let is_wanted = (from..from.saturating_add(count)).contains(&rows.all);
        rows.events.extend(describer.describe(event, is_wanted)?);
        rows.all += 1;
    }
    Ok(rows)
}

impl Describer {
    /// Follows an event, and describes it if it is wanted.
    fn describe(&mut self, event: Event, is_wanted: bool) -> Result<Option<EventRow>, RecordingError> {
        if let Event::Packet(packet) = &event {
            self.at = packet.at;
        }
        let row = match event {
            Event::Began { platform, rows, lost, program, .. } => {
                self.cloud = RecordedCloud::begin(platform, rows);
                self.note_change();
                self.plain("began", begun_words(&program, lost))
            }
            Event::Noted(what, rows) => {
                self.cloud.note(rows);
                self.note_change();
                self.plain("note", format!("of the cloud: {what}"))
            }
            Event::Advanced(by) => {
                self.plain("clock", format!("the clock jumps ahead by {}", humantime::format_duration(by)))
            }
            Event::Ended { lost: [packets, changes], .. } => {
                let lost = packets.saturating_add(changes);
                let lost =
                    if lost > 0 { format!("; {lost} packets and changes were lost before") } else { String::new() };
                self.plain("ended", format!("the recording ends{lost}"))
            }
            Event::Changed { .. } | Event::Packet(_) | Event::EnteredLeg { .. } if !is_wanted => return Ok(None),
            Event::Changed { number, update, made } => {
                let before = self.cloud.model_before()?;
                let words = change_words(&Names::of(self.model()?), &Names::of(&before), &update);
                let fate = match made {
                    Some(Err(why)) => format!(" (it cannot be made: {why})"),
                    _ => String::new(),
                };
                self.plain("change", format!("change {number}: {words}{fate}"))
            }
            Event::Packet(packet) => self.packet(&packet)?,
            Event::EnteredLeg { record, outcome } => {
                let words = leg_words(&Names::of(self.model()?), &record, outcome);
                self.plain("network", words)
            }
        };
        Ok(is_wanted.then_some(row))
    }

    /// Notes that the cloud has changed.
    fn note_change(&mut self) {
        self.number += 1;
        self.model = None;
    }

    /// An event with nothing but a text.
    fn plain(&self, kind: &'static str, text: String) -> EventRow {
        EventRow { kind, at: self.at, text, cloud: self.number, ..EventRow::default() }
    }

    fn packet(&mut self, packet: &PacketEvent) -> Result<EventRow, RecordingError> {
        let names = Names::of(self.model()?);
        let (text, steps) = (packet_words(&names, packet), steps_words(&names, packet));
        let from = Some(names.port(packet.record.port).0);
        let (to, reason) = match &packet.verdict {
            Verdict::Forward { port, .. } => (Some(names.port(*port).0), None),
            Verdict::Drop { drop, .. } => (None, Some(drop.reason.name())),
        };
        Ok(EventRow { steps, from, to, reason, differs: !packet.is_same(), ..self.plain("packet", text) })
    }

    fn model(&mut self) -> Result<&Model, RecordingError> {
        match &mut self.model {
            Some(model) => Ok(model),
            none => Ok(none.insert(self.cloud.model()?)),
        }
    }
}

fn begun_words(program: &str, [packets, changes]: [u64; 2]) -> String {
    match (packets, changes) {
        (0, 0) => format!("the recording begins (classiclink {program})"),
        _ => format!("{packets} packets and {changes} changes are missing: they came too fast to be recorded"),
    }
}
