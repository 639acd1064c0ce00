//! What is going on: rates, drops, states and changes, pushed to everybody who looks. It is worked out once for all of them, and
//! not at all while nobody looks.

use super::Map;
use super::refusal::Answer;
use super::viewer::Viewer;
use crate::explain::Drop;
use crate::operator::{Forwarding, HostStateRow, Line, Lines, Operator, Rate, Rates};
use crate::recent::ChangeRow;
use crate::service::Service;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use futures_util::stream;
use model::Model;
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
    moments: Mutex<Option<broadcast::Sender<Arc<Told>>>>,
}

/// A moment, and how it is told to who sees everything.
#[derive(Debug)]
pub(super) struct Told {
    moment: Moment,
    text: String,
}

/// What has happened since the moment before.
#[derive(Clone, Debug, Default, Serialize)]
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
    /// Who talks to whom; `None`: as it was told last.
    lines: Option<Vec<Line>>,
    /// The hosts that are not as they shall be.
    hosts: Vec<HostStateRow>,
    /// The packets dropped.
    drops: Vec<Drop>,
    /// What was changed.
    changes: Vec<ChangeRow>,
    /// How many changes there have been: whoever is not told of one learns that there was one.
    changed: u64,
}

/// The stream of moments, as server-sent events.
pub async fn answer(State(map): State<Arc<Map>>, viewer: Viewer) -> Answer {
    map.analyst(&viewer)?;
    let moments = map.live.listen();
    let moments = stream::unfold((moments, map, viewer), |(mut moments, map, viewer)| async {
        let event = match moments.recv().await {
            Ok(told) => Event::default().data(map.live.told(&told, &viewer)?),
            // What it shows may be wrong now.
            Err(RecvError::Lagged(_)) => Event::default().event("lost").data(""),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok::<_, Infallible>(event), (moments, map, viewer)))
    });
    let headers = [(header::CACHE_CONTROL, "no-store"), (HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((headers, Sse::new(moments)).into_response())
}

impl Live {
    /// Nobody looks yet.
    pub fn new(service: Arc<Service>, operator: Arc<Operator>) -> Live {
        Live { service, operator, moments: Mutex::default() }
    }

    /// Every moment from now on, until it is dropped.
    pub(super) fn listen(self: &Arc<Self>) -> broadcast::Receiver<Arc<Told>> {
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
    async fn tell(self: Arc<Self>, moments: broadcast::Sender<Arc<Told>>) {
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
                let _ = moments.send(Arc::new(Told { moment, text }));
            }
        }
    }

    /// A moment as a viewer may know it; `None`: nothing any more, as the key or the policies have changed.
    fn told(&self, told: &Told, viewer: &Viewer) -> Option<String> {
        if viewer.account().is_none() {
            return Some(told.text.clone());
        }
        let now = self.service.now();
        // Changes need not wait until a copy is searched.
        let model = self.service.look(Model::clone);
        let seen = viewer.may_analyse(&model, now).then(|| told.moment.seen_by(viewer, &model))?;
        serde_json::to_string(&seen).ok()
    }

    /// Whether nobody listens; then the next one who does begins anew.
    fn is_deserted(&self, moments: &broadcast::Sender<Arc<Told>>) -> bool {
        let mut current = self.moments();
        let deserted = moments.receiver_count() == 0;
        if deserted {
            *current = None;
        }
        deserted
    }

    fn moments(&self) -> MutexGuard<'_, Option<broadcast::Sender<Arc<Told>>>> {
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
            changed: self.service.recent().count(),
            ..Moment::default()
        };
        if let Some(forwarding) = forwarding {
            moment.drops = self.drops(&forwarding, before).await;
            moment.rates = before.rates.of(&forwarding.ports);
            // A dataplane that is just going tells of none.
            moment.lines = self.operator.lines(forwarding.flows, &mut before.lines).await.ok().flatten();
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

impl Moment {
    /// What of it a viewer may know.
    fn seen_by(&self, viewer: &Viewer, model: &Model) -> Moment {
        let mut own = self.clone();
        let sees = |host: &str| viewer.sees_host(model, host);
        own.rates.retain(|rate| sees(&rate.host));
        own.hosts.retain(|row| sees(&row.host));
        own.drops = viewer.drops(model, own.drops);
        own.lines.iter_mut().for_each(|lines| lines.retain(|line| sees(&line.from) && sees(&line.to)));
        own.changes = viewer.changes(model, own.changes);
        own
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
    /// Who had talked to whom.
    lines: Lines,
}
