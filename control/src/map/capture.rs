//! Captures for the map, in the file format of `classiclink capture`, sent while packets arrive.

use super::Map;
use super::asked::Asked;
use super::doing::download;
use super::refusal::{Answer, Refusal};
use super::viewer::{Viewer, operator_only};
use crate::operator::{EndCapture, Failure, Question, StartCapture, find_host};
use crate::pcapng::{Writer, since_1970};
use axum::body::{Body, Bytes};
use axum::extract::State;
use futures_util::stream;
use model::Model;
use serde::Deserialize;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// The pause when no packet is waiting.
const REST: Duration = Duration::from_millis(100);
/// The longest capture from the page, in seconds.
const LONGEST: f64 = 600.0;
/// How many bytes of each packet are kept.
const SNAP: u32 = 262_144;
/// How many bytes of packets may wait for a slow reader.
const RING: u64 = 64 << 20;
/// The greatest number of captures from the page at a time.
pub(super) const MOST: usize = 4;

/// A capture's parameters.
#[derive(Debug, Deserialize)]
pub struct CaptureQuery {
    /// The host whose packets are captured. `None` for those of all hosts.
    host: Option<String>,
    /// The capture's length.
    seconds: f64,
}

/// Sends a file of packets until the time is over or the client stops reading.
pub async fn capture(State(map): State<Arc<Map>>, viewer: Viewer, Asked(query): Asked<CaptureQuery>) -> Answer {
    map.mirror(&viewer)?;
    let host = match &query.host {
        None => {
            operator_only(&viewer, "capture --all")?;
            None
        }
        Some(word) => {
            let host = map.see(&viewer, word)?;
            // Hosts outside the cloud have packets of all accounts.
            if !map.service.look(|model| viewer.owns_host(model, &host)) {
                operator_only(&viewer, "capture HOST")?;
            }
            Some(host)
        }
    };
    if !(0.1..=LONGEST).contains(&query.seconds) {
        return Err(Refusal::of(format!("Capture for a time from 0.1 to {LONGEST} seconds.")));
    }
    let name = format!("{}.pcapng", query.host.as_deref().filter(|host| is_plain(host)).unwrap_or("packets"));
    let capturing = Capturing::begin(map, viewer, host, query.seconds).await.map_err(Refusal::of)?;
    let pages = stream::unfold(Some(capturing), |capturing| async {
        let mut capturing = capturing?;
        match capturing.page().await {
            Ok((bytes, ends)) => Some((Ok(bytes), (!ends).then_some(capturing))),
            Err(error) => Some((Err(io::Error::other(error)), None)),
        }
    });
    Ok(download(&name, "application/x-pcapng", Body::from_stream(pages)))
}

/// Whether a name can be a file's on any system.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// The page runs too many captures.
#[derive(Debug, thiserror::Error)]
#[error("{MOST} captures run already: wait until one of them ends.")]
struct TooManyCaptures;

/// A capture in progress.
struct Capturing {
    map: Arc<Map>,
    viewer: Viewer,
    capture: u64,
    writer: Writer<Vec<u8>>,
    /// The end, in nanoseconds since 1970.
    until: u64,
    /// One of the permits that limit the number of captures.
    _permit: OwnedSemaphorePermit,
}

impl Capturing {
    async fn begin(map: Arc<Map>, viewer: Viewer, host: Option<String>, seconds: f64) -> Result<Self, Failure> {
        let permit = Arc::clone(&map.captures).try_acquire_owned();
        let permit = permit.map_err(|_| TooManyCaptures)?;
        let start = StartCapture { hosts: host.map(|host| vec![host]), filter: Vec::new(), snap: SNAP, ring: RING };
        let capture = start.answer(&map.operator).await?;
        let writer = Writer::new(Vec::new())?;
        let until = since_1970() + Duration::from_secs_f64(seconds).as_nanos() as u64;
        Ok(Self { map, viewer, capture, writer, until, _permit: permit })
    }

    /// The next part of the file, and whether it is the last.
    async fn page(&mut self) -> Result<(Bytes, bool), Failure> {
        loop {
            let ends = since_1970() >= self.until;
            let (capture, operator) = (self.capture, &self.map.operator);
            let page = operator.captured(capture, self.viewer.account()).await?;
            let packets = page.in_order();
            let mut in_time = packets.iter().take_while(|packet| packet.at <= self.until);
            in_time.try_for_each(|packet| self.writer.packet(packet))?;
            let is_last = ends && (!page.more || packets.last().is_some_and(|packet| packet.at > self.until));
            if is_last {
                self.writer.finish(self.until, page.lost)?;
                // The dataplane also ends a capture whose packets are no longer fetched.
                let _ = EndCapture { capture }.answer(operator).await;
            }
            let bytes = std::mem::take(self.writer.get_mut());
            if is_last || !bytes.is_empty() {
                return Ok((bytes.into(), is_last));
            }
            tokio::time::sleep(REST).await;
        }
    }
}

impl Map {
    /// The host that a viewer's word means, by its id or name.
    ///
    /// # Errors
    /// The refusal, if the viewer may not see it.
    pub(super) fn see(&self, viewer: &Viewer, word: &str) -> Result<String, Refusal> {
        let model = self.service.look(Model::clone);
        match find_host(&model, word, |host| viewer.sees_host(&model, host)) {
            Ok(host) => Ok(host),
            Err(why) if viewer.account().is_none() => Err(why.into()),
            Err(_) => Err(Refusal::of(format!("You have no running host {word}."))),
        }
    }
}
