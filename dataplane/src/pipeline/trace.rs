//! The path of any packet, not only of a first one: the steps of `decide`, with the flow that the packet belongs
//! to.

use super::batch::{Batch, Parsed};
use super::context::FlowContext;
use super::decide::decide;
use wire::{FiveTuple, PortId, Step};

impl Batch<'_> {
    /// The steps of a packet that has not been processed yet. Changes nothing.
    pub fn trace(&self, port: PortId, parsed: &Parsed, bytes: &[u8]) -> Vec<Step> {
        let mut steps = Vec::new();
        let Some(seen) = self.meta(port, parsed, bytes) else { return steps };
        let flow = self.flow_seen(&seen);
        let context = match (&flow, seen.related()) {
            (Some((flow, side)), _) => FlowContext::Flow(flow, *side),
            (None, Some(delivered)) => FlowContext::Related(delivered),
            (None, None) => FlowContext::New,
        };
        let mut choose = |to: PortId, tuple: FiveTuple| self.engine.flows.free_port(to, tuple);
        // The steps are the answer, whether the packet is forwarded or dropped.
        let _ = decide(&self.tables.snapshot, port, seen.header(), context, &mut choose, &mut |step| steps.push(step));
        steps
    }
}
