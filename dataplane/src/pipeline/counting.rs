//! Counters of flows. They are written only while somebody looks, because every count writes to memory that all workers
//! share.

use super::batch::{Batch, Parsed};
use super::engine::Engine;
use crate::flow::FlowKey;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use wire::{CapturedFlow, FiveTuple, PortId};

/// How long packets are counted after the last request, in milliseconds.
const LOOKING: u64 = 30_000;

/// The interval in which packets are counted.
#[derive(Debug, Default)]
pub struct Counting {
    since: AtomicU64,
    until: AtomicU64,
}

impl Engine {
    /// Counts packets and bytes of flows for a while from now on. Returns how long they have been counted.
    pub fn count_packets(&self) -> Duration {
        let now = self.now();
        if self.counting.until.swap(now + LOOKING, Relaxed) <= now {
            self.counting.since.store(now, Relaxed);
            self.flows.reset_counters();
        }
        Duration::from_millis(now.saturating_sub(self.counting.since.load(Relaxed)))
    }

    /// The flow of a captured packet, as a capture reports it.
    pub fn flow_of_captured(&self, port: PortId, sent: FiveTuple) -> Option<CapturedFlow> {
        let (_, flow, side) = self.flows.get(&FlowKey { port, tuple: sent })?;
        let path = flow.path(crate::flow::Side::Forward)?;
        Some(CapturedFlow {
            state: flow.activity().state.name().to_owned(),
            reply: side == crate::flow::Side::Reply,
            admitted: super::authorise::admitting(&self.snapshot(), &path),
        })
    }
}

impl Batch<'_> {
    /// Whether packets of flows are counted now.
    #[inline]
    pub fn counts(&self) -> bool {
        self.now < self.engine.counting.until.load(Relaxed)
    }

    /// Adds packets and bytes to a packet's flow, if it has one. An ICMP error belongs to no flow, and a later fragment
    /// does not say which flow it belongs to.
    pub fn count(&self, port: PortId, parsed: &Parsed, amount: (u64, u64)) {
        if parsed.view.header.is_error() {
            return;
        }
        self.engine.flows.count(&FlowKey { port, tuple: parsed.view.header.tuple }, parsed.hash, amount);
    }
}
