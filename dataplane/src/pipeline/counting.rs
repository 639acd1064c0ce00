//! Packets and bytes of flows, which are counted while somebody looks at them: to count is to write to what all workers share.

use super::batch::{Batch, Parsed};
use super::engine::Engine;
use crate::flow::FlowKey;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use wire::{CapturedFlow, FiveTuple, PortId};

/// How long after the last question packets are counted, in milliseconds.
const LOOKING: u64 = 30_000;

/// From when to when packets are counted.
#[derive(Debug, Default)]
pub struct Counting {
    since: AtomicU64,
    until: AtomicU64,
}

impl Engine {
    /// Counts packets and bytes of flows from now on for a while; how long that has been done.
    pub fn count_packets(&self) -> Duration {
        let now = self.now();
        if self.counting.until.swap(now + LOOKING, Relaxed) <= now {
            self.counting.since.store(now, Relaxed);
            self.flows.count_anew();
        }
        Duration::from_millis(now.saturating_sub(self.counting.since.load(Relaxed)))
    }

    /// What a packet that was captured can be told of its flow.
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
    /// Whether packets of flows are counted.
    #[inline]
    pub fn counts(&self) -> bool {
        self.now < self.engine.counting.until.load(Relaxed)
    }

    /// Counts so many packets and bytes of a packet's flow, if it is part of one. An ICMP error is of none; nor are later fragments,
    /// which do not say whose they are.
    pub fn count(&self, port: PortId, parsed: &Parsed, amount: (u64, u64)) {
        if parsed.view.header.is_error() {
            return;
        }
        self.engine.flows.count(&FlowKey { port, tuple: parsed.view.header.tuple }, parsed.hash, amount);
    }
}
