//! The state that all workers share: the tables in force, flows, fragments, the clock.

use super::authorise::admitting;
use super::clock::Clock;
use super::counting::Counting;
use super::fragments::Fragments;
use super::impaired::Impaired;
use super::meter::Meter;
use crate::capture::Captures;
use crate::environment::Environment;
use crate::flow::{Flow, FlowKey, FlowTable, Lifetimes, Side};
use crate::policy::Snapshot;
use arc_swap::ArcSwap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use wire::{CapturedFlow, FiveTuple, FlowRecord, FlowRole, PortId, Timeouts};

/// Published tables. The generation counts publications, so two tables with the same version differ in it.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) generation: u64,
}

/// The pipeline's shared state.
#[derive(Debug)]
pub struct Engine {
    pub(super) published: ArcSwap<Published>,
    pub(super) generations: AtomicU64,
    pub(super) flows: FlowTable,
    pub(super) fragments: Fragments,
    pub(super) meter: Meter,
    /// The state of impaired networks.
    pub impaired: Impaired,
    /// The running captures.
    pub captures: Captures,
    pub(super) counting: Counting,
    clock: Clock,
    pub(super) timeouts: ArcSwap<(Timeouts, Lifetimes)>,
}

impl Engine {
    /// An engine without tables. Its flows end with it.
    ///
    /// # Errors
    /// If there is no memory for this many flows.
    pub fn new(flow_limit: u32, environment: Environment) -> io::Result<Self> {
        let flows = FlowTable::new(flow_limit, environment.seed.clone())?;
        Ok(Self::with_flows(flows, environment))
    }

    /// An engine without tables that continues these flows and their clock.
    pub fn with_flows(flows: FlowTable, environment: Environment) -> Self {
        let empty = Published { snapshot: Arc::new(Snapshot::empty()), generation: 1 };
        Self {
            published: ArcSwap::from_pointee(empty),
            generations: AtomicU64::new(1),
            impaired: Impaired::new(environment.clone()),
            captures: Captures::default(),
            counting: Counting::default(),
            clock: Clock::ahead_by(flows.clock_offset(), environment.time),
            flows,
            fragments: Fragments::new(environment.seed),
            meter: Meter::default(),
            timeouts: ArcSwap::from_pointee((Timeouts::default(), Lifetimes::new(&Timeouts::default()))),
        }
    }

    /// Puts tables in force for every batch that begins from now on.
    pub fn publish(&self, snapshot: Arc<Snapshot>) {
        let generation = self.generations.fetch_add(1, Ordering::Relaxed) + 1;
        self.published.store(Arc::new(Published { snapshot, generation }));
    }

    /// The tables in force.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.published.load().snapshot.clone()
    }

    /// The time in milliseconds of the engine's clock.
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// Wall-clock time, in nanoseconds since 1970.
    pub fn since_1970(&self) -> u64 {
        self.clock.since_1970()
    }

    /// The 5-tuple as it was sent of a packet that is delivered to a port with this 5-tuple, if it has a flow.
    pub fn as_sent(&self, to: PortId, delivered: FiveTuple) -> Option<FiveTuple> {
        let key = FlowKey { port: to, tuple: delivered.reversed() };
        self.flows.get(&key).map(|(_, flow, side)| flow.key(side.other()).tuple)
    }

    /// Counts packets and bytes of flows for a while from now on. Returns how long they have been counted.
    pub fn count_packets(&self) -> Duration {
        let now = self.now();
        self.counting.extend(now, || self.flows.reset_counters());
        Duration::from_millis(self.counting.duration(now))
    }

    /// The flow of a captured packet that this port sent.
    pub fn flow_of_captured(&self, port: PortId, sent: FiveTuple) -> Option<CapturedFlow> {
        let (_, flow, side) = self.flows.get(&FlowKey { port, tuple: sent })?;
        let role = match side {
            Side::Forward => FlowRole::Forward,
            Side::Reply => FlowRole::Reply,
        };
        self.captured_flow(&flow, role)
    }

    /// The flow of a captured ICMP error. It is that of the quoted packet, which this port sent.
    pub fn flow_of_captured_error(&self, port: PortId, quoted: FiveTuple) -> Option<CapturedFlow> {
        let (_, flow, _) = self.flows.get(&FlowKey { port, tuple: quoted })?;
        self.captured_flow(&flow, FlowRole::Error)
    }

    fn captured_flow(&self, flow: &Flow, role: FlowRole) -> Option<CapturedFlow> {
        let admitted = admitting(&self.snapshot(), &flow.path(Side::Forward)?);
        Some(CapturedFlow { state: flow.activity().state.name().to_owned(), role, admitted })
    }

    /// The number of flows.
    pub fn flow_count(&self) -> usize {
        self.flows.len()
    }

    /// Flows that begin or end at one of these ports, or all flows. Returns `most` of them, and the number of others.
    pub fn flows(&self, ports: Option<&[PortId]>, most: usize) -> (Vec<FlowRecord>, usize) {
        let (now, snapshot) = (self.clock.now(), self.snapshot());
        let record = |flow: Flow| {
            let (path, activity) = (flow.path(Side::Forward)?, flow.activity());
            let (packets, bytes) = flow.counted();
            Some(FlowRecord {
                from: flow.key(Side::Forward).port,
                by: path.by,
                to: path.to,
                sent: path.sent,
                delivered: path.delivered,
                state: activity.state.name().to_owned(),
                tracked: [Side::Forward, Side::Reply].map(|end| flow.is_tracked_at(end)),
                admitted: admitting(&snapshot, &path),
                idle: Duration::from_millis(now.saturating_sub(activity.last)),
                age: flow.begun().map(|begun| Duration::from_millis(now.saturating_sub(begun))),
                packets,
                bytes,
            })
        };
        let port_of = |attachment| snapshot.attachment(attachment).map(|there| there.port);
        let ends_at = |ports: &[PortId], flow: &FlowRecord| {
            ports.contains(&flow.from) || port_of(flow.to).is_some_and(|to| ports.contains(&to))
        };
        let is_wanted = |flow: &FlowRecord| ports.is_none_or(|ports| ends_at(ports, flow));
        let mut wanted = self.flows.iter().filter_map(record).filter(is_wanted);
        let flows: Vec<FlowRecord> = wanted.by_ref().take(most).collect();
        (flows, wanted.count())
    }

    /// Forgets every flow.
    pub fn forget_flows(&self) {
        self.flows.clear();
    }

    /// Forgets the flows, the request rates and the impaired legs of ports that the tables in force do not have, so that a
    /// later port with such a number does not inherit them.
    pub fn forget_flows_without_port(&self) {
        let snapshot = self.snapshot();
        self.flows.forget(|port| snapshot.port(port).is_none());
        self.meter.forget(|port| snapshot.port(port).is_none());
        self.impaired.forget(|port| snapshot.port(port).is_none());
    }

    /// Resets the legs that the tables in force do not impair, so that a later impairment begins anew.
    pub fn reset_unimpaired_legs(&self) {
        self.impaired.reset_unimpaired(&self.snapshot());
    }

    /// Removes expired flows and fragments, and ends forgotten captures. Called about every second.
    pub fn expire(&self) {
        self.expire_at(self.clock.now());
    }

    /// The same, at this time in milliseconds of the engine's clock.
    pub fn expire_at(&self, now: u64) {
        self.flows.expire(&self.timeouts.load().1, now);
        self.captures.end_forgotten();
        self.fragments.expire(now);
    }

    /// Advances the clock.
    pub fn advance_clock(&self, by: Duration) {
        self.flows.set_clock_offset(self.clock.advance(by));
    }

    /// Sets how long idle flows live. Applies to existing flows too.
    pub fn set_timeouts(&self, timeouts: &Timeouts) {
        self.timeouts.store(Arc::new((*timeouts, Lifetimes::new(timeouts))));
    }
}
