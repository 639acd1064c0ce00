//! Live data: rates, drops, states and changes, pushed to every viewer. It is computed once for all viewers, and not at
//! all without one.

use super::Map;
use super::refusal::Answer;
use super::viewer::Viewer;
use crate::explain::Drop;
use crate::operator::{Forwarding, HostStateRow, Line, Lines, ListDrops, Operator, Question, Rate, Rates};
use crate::recent_changes::ChangeRow;
use crate::service::Service;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use futures_util::stream;
use model::{Model, Time};
use serde::Serialize;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::broadcast::{self, error::RecvError};

/// The interval between updates.
const EVERY: Duration = Duration::from_millis(500);
/// How many updates a slow reader may be behind before some are lost to it.
const ROOM: usize = 16;

/// Pushes updates to all viewers.
pub struct Live {
    service: Arc<Service>,
    operator: Arc<Operator>,
    /// The channel of updates, while there is a viewer.
    moments: Mutex<Option<broadcast::Sender<Arc<Update>>>>,
}

/// An update, and its text for viewers who see everything.
#[derive(Debug)]
pub(super) struct Update {
    moment: Moment,
    text: String,
}

/// The events since the last update, and the present state.
#[derive(Clone, Debug, Default, Serialize)]
struct Moment {
    /// The time, in milliseconds since 1970.
    at: u64,
    /// Whether the dataplane answers.
    dataplane: bool,
    /// Whether the system runs without a dataplane (`up --no-dataplane`).
    on_paper: bool,
    /// The dataplane's process id. A different one means that it was restarted.
    process: Option<i32>,
    /// The version of the tables in force.
    version: Option<u64>,
    /// The number of workers.
    workers: usize,
    /// The number of connections.
    flows: usize,
    /// The rates of the interfaces with traffic.
    rates: Vec<Rate>,
    /// The traffic between hosts. `None`: unchanged.
    lines: Option<Vec<Line>>,
    /// The hosts that are not up.
    hosts: Vec<HostStateRow>,
    /// Dropped packets.
    drops: Vec<Drop>,
    /// Changes.
    changes: Vec<ChangeRow>,
    /// The number of changes so far. It shows a viewer that there was a change that the viewer may not see.
    changed: u64,
}

/// The stream of updates, as server-sent events.
pub async fn answer(State(map): State<Arc<Map>>, viewer: Viewer) -> Answer {
    map.analyst(&viewer)?;
    let moments = map.live.listen();
    let moments = stream::unfold((moments, map, viewer), |(mut moments, map, viewer)| async {
        let event = match moments.recv().await {
            Ok(update) => Event::default().data(map.live.text_for(&update, &viewer)?),
            // Updates were lost, so what the page shows may be wrong.
            Err(RecvError::Lagged(_)) => Event::default().event("lost").data(""),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok::<_, Infallible>(event), (moments, map, viewer)))
    });
    let headers = [(header::CACHE_CONTROL, "no-store"), (HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((headers, Sse::new(moments)).into_response())
}

impl Live {
    /// Live data without viewers.
    pub fn new(service: Arc<Service>, operator: Arc<Operator>) -> Live {
        Live { service, operator, moments: Mutex::default() }
    }

    /// Receives every update from now on, until the receiver is dropped.
    pub(super) fn listen(self: &Arc<Self>) -> broadcast::Receiver<Arc<Update>> {
        let mut moments = self.moments();
        if let Some(moments) = &*moments {
            return moments.subscribe();
        }
        let (send, receive) = broadcast::channel(ROOM);
        *moments = Some(send.clone());
        tokio::spawn(Arc::clone(self).compute(send));
        receive
    }

    /// Whether updates are being computed.
    #[cfg(test)]
    pub(super) fn is_at_work(&self) -> bool {
        self.moments().is_some()
    }

    /// Computes updates until there is no receiver.
    async fn compute(self: Arc<Self>, moments: broadcast::Sender<Arc<Update>>) {
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
                // The last receiver may just have gone.
                let _ = moments.send(Arc::new(Update { moment, text }));
            }
        }
    }

    /// The text of an update for a viewer. `None` if the viewer's key or policies no longer allow any.
    fn text_for(&self, update: &Update, viewer: &Viewer) -> Option<String> {
        if viewer.account().is_none() {
            return Some(update.text.clone());
        }
        let now = self.service.now();
        // Searching a copy of the model does not delay changes.
        let model = self.service.look(Model::clone);
        let seen = viewer.may_analyse(&model, now).then(|| update.moment.seen_by(viewer, &model, now))?;
        serde_json::to_string(&seen).ok()
    }

    /// Whether there is no receiver. The next one starts the computation again.
    fn is_deserted(&self, moments: &broadcast::Sender<Arc<Update>>) -> bool {
        let mut current = self.moments();
        let deserted = moments.receiver_count() == 0;
        if deserted {
            *current = None;
        }
        deserted
    }

    fn moments(&self) -> MutexGuard<'_, Option<broadcast::Sender<Arc<Update>>>> {
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
            on_paper: self.service.link().is_on_paper(),
            process: self.service.link().process(),
            changes,
            changed: self.service.recent().count(),
            ..Moment::default()
        };
        if let Some(forwarding) = forwarding {
            moment.drops = self.drops(&forwarding, before).await;
            moment.rates = before.rates.of(&forwarding.ports);
            // A dataplane that just went down gives none.
            moment.lines = self.operator.lines(forwarding.flows, &mut before.lines).await.ok().flatten();
            (moment.version, moment.workers) = (forwarding.version, forwarding.workers);
            (moment.flows, moment.hosts) = (forwarding.flows, forwarding.hosts);
        }
        moment
    }

    /// The packets dropped since the update before. They are fetched only if a counter has grown.
    async fn drops(&self, forwarding: &Forwarding, before: &mut Before) -> Vec<Drop> {
        let count = forwarding.drops.values().sum();
        // A restarted dataplane counts from 0.
        if before.dropped.replace(count) == Some(count) {
            return Vec::new();
        }
        let is_first = before.last_drop == 0;
        let mut new = ListDrops.answer(&self.operator).await.unwrap_or_default().drops;
        new.retain(|drop| drop.at > before.last_drop);
        before.last_drop = new.last().map_or(before.last_drop, |last| last.at).max(1);
        // Drops before the first update are fetched by those who want them.
        if is_first { Vec::new() } else { new }
    }
}

impl Moment {
    /// The update, limited to what a viewer may see.
    fn seen_by(&self, viewer: &Viewer, model: &Model, now: Time) -> Moment {
        let mut own = self.clone();
        let sees = |host: &str| viewer.sees_host(model, host);
        own.rates.retain(|rate| sees(&rate.host));
        own.hosts.retain(|row| sees(&row.host));
        own.drops = viewer.drops(model, own.drops);
        own.lines.iter_mut().for_each(|lines| lines.retain(|line| sees(&line.from) && sees(&line.to)));
        own.changes = viewer.changes(model, now, own.changes);
        own
    }
}

/// The state at the update before.
#[derive(Default)]
struct Before {
    /// The number of the last change.
    number: u64,
    /// The number of dropped packets.
    dropped: Option<u64>,
    /// The time of the last drop, in nanoseconds since 1970. 0 if none was fetched yet.
    last_drop: u64,
    /// The counters.
    rates: Rates,
    /// The connections.
    lines: Lines,
}
