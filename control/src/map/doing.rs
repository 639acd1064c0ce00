//! The page's commands that no AWS API has: hosts outside the cloud, impairments, recordings. Each is a command of the
//! command line.

use super::files::{LARGEST, OWN};
use super::refusal::{Answer, Refusal};
use super::viewer::{Viewer, operator_only};
use super::{Map, json};
use crate::operator::{
    AddHost, Failure, ImpairHost, LookAtRecording, Question, RemoveHost, StartRecording, StopRecording,
};
use crate::recording::{Prepared, prepare};
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::block_in_place;
use wire::RecordingStatus;

/// How often a recording's status is checked.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// The longest recording from the page.
const LONGEST: Duration = Duration::from_secs(600);
/// How long a stopped recording may take to end.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many bytes of a recording's file are read at a time.
const PART: usize = 256 << 10;

/// `classiclink host add`.
pub async fn add_host(State(map): State<Arc<Map>>, viewer: Viewer, body: String) -> Answer {
    operator_only(&viewer, "host add")?;
    map.ask(read::<AddHost>(&body)?).await
}

/// `classiclink host remove`.
pub async fn remove_host(State(map): State<Arc<Map>>, viewer: Viewer, Path(name): Path<String>) -> Answer {
    operator_only(&viewer, "host remove")?;
    map.ask(RemoveHost { name }).await
}

/// `classiclink impair`. For instances the page sets a tag.
pub async fn impair(State(map): State<Arc<Map>>, viewer: Viewer, body: String) -> Answer {
    operator_only(&viewer, "impair")?;
    map.ask(read::<ImpairHost>(&body)?).await
}

/// The length of a recording.
#[derive(Debug, Deserialize)]
struct Length {
    seconds: f64,
}

/// Why the page cannot begin a recording.
#[derive(Debug, thiserror::Error)]
enum RecordError {
    /// The length is not positive, or too great.
    #[error("Record for a time up to {} seconds.", LONGEST.as_secs())]
    Length,
    /// Another recording runs.
    #[error("A recording is running already: stop it first.")]
    Runs,
}

/// A recording's progress.
#[derive(Debug, Serialize)]
struct Progress {
    #[serde(flatten)]
    status: Option<RecordingStatus>,
    /// The recording's file after its end, if the page began it.
    file: Option<&'static str>,
}

/// `classiclink record --seconds N`, to a file that the page can download. It ends when the file is large.
pub async fn record(State(map): State<Arc<Map>>, viewer: Viewer, body: String) -> Answer {
    operator_only(&viewer, "record")?;
    let Length { seconds } = read(&body)?;
    map.clone().start(seconds).await.map_err(Refusal::of)?;
    recorded(State(map), viewer).await
}

/// A recording's status.
pub async fn recorded(State(map): State<Arc<Map>>, viewer: Viewer) -> Answer {
    operator_only(&viewer, "record")?;
    let status = LookAtRecording.answer(&map.operator).await?;
    let runs = status.as_ref().is_some_and(|status| !status.has_ended);
    let file = (!runs).then(|| map.files.path(OWN)).flatten().map(|_| OWN);
    Ok(json(StatusCode::OK, &Progress { status, file }))
}

/// Ends the recording.
pub async fn stop(State(map): State<Arc<Map>>, viewer: Viewer) -> Answer {
    operator_only(&viewer, "record")?;
    let answer = map.ask(StopRecording).await?;
    map.stops.send_replace(());
    Ok(answer)
}

/// The recording's file.
pub async fn recording_file(State(map): State<Arc<Map>>, viewer: Viewer) -> Answer {
    operator_only(&viewer, "record")?;
    let path = map.files.path(OWN).ok_or_else(|| Refusal::missing("Nothing has been recorded here."))?;
    let file = block_in_place(|| File::open(path)).map_err(Refusal::of)?;
    let parts = stream::unfold(Some(file), |file| async move {
        let mut file = file?;
        let mut part = vec![0; PART];
        match block_in_place(|| file.read(&mut part)) {
            Ok(0) => None,
            Ok(length) => {
                part.truncate(length);
                Some((Ok(Bytes::from(part)), Some(file)))
            }
            Err(error) => Some((Err(error), None)),
        }
    });
    Ok(download("network.recording", "application/octet-stream", Body::from_stream(parts)))
}

/// Parses what a page sends.
fn read<'b, T: Deserialize<'b>>(body: &'b str) -> Result<T, Refusal> {
    serde_json::from_str(body).map_err(Refusal::of)
}

/// A file as a download.
pub(super) fn download(name: &str, content_type: &'static str, body: impl Into<Body>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, body.into()).into_response()
}

impl Map {
    /// Begins a recording that ends by itself.
    async fn start(self: Arc<Self>, seconds: f64) -> Result<(), Failure> {
        let length = Duration::try_from_secs_f64(seconds).ok().filter(|length| !length.is_zero() && *length <= LONGEST);
        let length = length.ok_or(RecordError::Length)?;
        let running = LookAtRecording.answer(&self.operator).await?;
        if running.is_some_and(|status| !status.has_ended) {
            return Err(RecordError::Runs.into());
        }
        let own = block_in_place(|| {
            let path = self.files.own()?;
            let prepared = prepare(&path)?;
            Ok::<_, std::io::Error>((path, prepared))
        });
        let (path, prepared) = own?;
        let (files, stops) = (vec![path], self.stops.subscribe());
        // If control is killed, the lease is not renewed and the recording ends.
        let start = StartRecording { files, payload: Some(0), ring: None, leased: true };
        start.answer(&self.operator).await?;
        tokio::spawn(self.see_it_end(length, prepared, stops));
        Ok(())
    }

    /// Ends a recording in time, and keeps its file locked until then. After another client has stopped it, a recording
    /// that runs is a different one.
    async fn see_it_end(self: Arc<Self>, length: Duration, _prepared: Prepared, mut stops: watch::Receiver<()>) {
        let until = Instant::now() + length;
        let mut stopped: Option<Instant> = None;
        loop {
            let rest = until.saturating_duration_since(Instant::now());
            let rest = if rest.is_zero() { LOOK_EVERY } else { LOOK_EVERY.min(rest) };
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                Ok(()) = stops.changed() => stopped = Some(Instant::now()),
            }
            match LookAtRecording.answer(&self.operator).await {
                Ok(Some(status)) if status.has_ended => return,
                _ if stopped.is_some_and(|at| at.elapsed() > PATIENCE) => return,
                Ok(Some(_)) if stopped.is_some() => {}
                Ok(Some(status)) if Instant::now() < until && status.bytes < LARGEST => {}
                Ok(Some(_)) => {
                    if let Err(why) = StopRecording.answer(&self.operator).await {
                        tracing::debug!("cannot end the recording yet: {why}");
                    }
                }
                Ok(None) => return,
                // The dataplane is down, and with it the recording; or it will be back soon.
                Err(_) if Instant::now() > until + LONGEST => return,
                Err(_) => {}
            }
        }
    }
}
