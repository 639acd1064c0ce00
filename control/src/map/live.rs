//! What is going on: rates, drops, states and changes, pushed to everybody who looks. It is worked out once for all of them, and
//! not at all while nobody looks.

use super::Map;
use crate::explain::Drop;
use crate::operator::{Forwarding, HostStateRow, Operator, Rate, Rates};
use crate::recent::ChangeRow;
use crate::service::Service;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::broadcast::{self, error::RecvError};

/// How often those who look are told.
const EVERY: Duration = Duration::from_millis(500);
/// How many moments a slow reader may be behind; then some are lost to it.
const ROOM: usize = 16;

/// Tells everybody who looks.
pub struct Live {
    service: Arc<Service>,
    operator: Arc<Operator>,
    /// While somebody looks.
    moments: Mutex<Option<broadcast::Sender<Arc<str>>>>,
}

/// What has happened since the moment before.
#[derive(Debug, Default, Serialize)]
struct Moment {
    /// When, in milliseconds since 1970.
    at: u64,
    /// Whether the dataplane answers.
    dataplane: bool,
    /// The dataplane's process: another one was started in its place if this is another.
    process: Option<i32>,
    /// The version of the tables in force.
    version: Option<u64>,
    /// How many threads forward.
    workers: usize,
    /// How many connections are known.
    flows: usize,
    /// The interfaces that sent or received anything.
    rates: Vec<Rate>,
    /// The hosts that are not as they shall be.
    hosts: Vec<HostStateRow>,
    /// The packets dropped.
    drops: Vec<Drop>,
    /// What was changed.
    changes: Vec<ChangeRow>,
}

/// The stream of moments, as server-sent events.
pub async fn answer(State(map): State<Arc<Map>>) -> Response {
    let moments = stream::unfold(map.live.listen(), |mut moments| async {
        let event = match moments.recv().await {
            Ok(moment) => Event::default().data(moment),
            // What it shows may be wrong now.
            Err(RecvError::Lagged(_)) => Event::default().event("lost").data(""),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok::<_, Infallible>(event), moments))
    });
    let headers = [(header::CACHE_CONTROL, "no-store"), (HeaderName::from_static("x-accel-buffering"), "no")];
    (headers, Sse::new(moments)).into_response()
}

impl Live {
    /// Nobody looks yet.
    pub fn new(service: Arc<Service>, operator: Arc<Operator>) -> Live {
        Live { service, operator, moments: Mutex::default() }
    }

    /// Every moment from now on, until it is dropped.
    pub(super) fn listen(self: &Arc<Self>) -> broadcast::Receiver<Arc<str>> {
        let mut moments = self.moments();
        if let Some(moments) = &*moments {
            return moments.subscribe();
        }
        let (send, receive) = broadcast::channel(ROOM);
        *moments = Some(send.clone());
        tokio::spawn(Arc::clone(self).tell(send));
        receive
    }

    /// Whether moments are worked out.
    #[cfg(test)]
    pub(super) fn is_at_work(&self) -> bool {
        self.moments().is_some()
    }

    /// Tells until nobody listens any more.
    async fn tell(self: Arc<Self>, moments: broadcast::Sender<Arc<str>>) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut before = Before { number: self.service.recent().count(), ..Before::default() };
        loop {
            ticks.tick().await;
            if self.is_deserted(&moments) {
                return;
            }
            let moment = self.moment(&mut before).await;
            if let Ok(text) = serde_json::to_string(&moment) {
                // Who was to hear it may have gone this very moment.
                let _ = moments.send(text.into());
            }
        }
    }

    /// Whether nobody listens; then the next one who does begins anew.
    fn is_deserted(&self, moments: &broadcast::Sender<Arc<str>>) -> bool {
        let mut current = self.moments();
        let deserted = moments.receiver_count() == 0;
        if deserted {
            *current = None;
        }
        deserted
    }

    fn moments(&self) -> MutexGuard<'_, Option<broadcast::Sender<Arc<str>>>> {
        self.moments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn moment(&self, before: &mut Before) -> Moment {
        let forwarding = self.operator.forwarding().await.ok().filter(|now| now.version.is_some());
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let changes = self.service.recent().after(before.number);
        before.number = changes.last().map_or(before.number, |last| last.number);
        let mut moment = Moment {
            at: u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
            dataplane: forwarding.is_some(),
            process: self.service.link().process(),
            changes,
            ..Moment::default()
        };
        if let Some(forwarding) = forwarding {
            moment.drops = self.drops(&forwarding, before).await;
            moment.rates = before.rates.of(&forwarding.ports);
            (moment.version, moment.workers) = (forwarding.version, forwarding.workers);
            (moment.flows, moment.hosts) = (forwarding.flows, forwarding.hosts);
        }
        moment
    }

    /// The packets dropped since the moment before. They are asked for only where a counter says that there are any.
    async fn drops(&self, forwarding: &Forwarding, before: &mut Before) -> Vec<Drop> {
        let count = forwarding.drops.values().sum();
        // A dataplane that was started again counts from 0.
        if before.dropped.replace(count) == Some(count) {
            return Vec::new();
        }
        let is_first = before.last_drop == 0;
        let mut new = self.operator.drops().await.unwrap_or_default();
        new.retain(|drop| drop.at > before.last_drop);
        before.last_drop = new.last().map_or(before.last_drop, |last| last.at).max(1);
        // Those before the first look are asked for by who wants them.
        if is_first { Vec::new() } else { new }
    }
}

/// What was known at the moment before.
#[derive(Default)]
struct Before {
    /// The last change.
    number: u64,
    /// How many packets had been dropped.
    dropped: Option<u64>,
    /// When the last was, in nanoseconds since 1970; 0: not asked yet.
    last_drop: u64,
    /// What had passed.
    rates: Rates,
}
