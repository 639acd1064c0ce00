//! The steps of `decide` for any packet, also for one that belongs to a flow.

use super::batch::{Batch, Parsed};
use super::context::FlowContext;
use super::decide::decide;
use wire::{FiveTuple, PortId, Step};

impl Batch<'_> {
    /// The steps of a packet that has not been processed yet. Changes nothing.
    pub fn trace(&self, port: PortId, parsed: &Parsed, bytes: &[u8]) -> Vec<Step> {
        let mut steps = Vec::new();
        let Some(meta) = self.meta(port, parsed, bytes) else { return steps };
        let flow = self.flow_of_packet(&meta);
        let context = FlowContext::of(flow.as_ref(), meta.related());
        let mut choose = |to: PortId, tuple: FiveTuple| self.engine.flows.free_port(to, tuple);
        // The steps are the answer, whether the packet is forwarded or dropped.
        let _ = decide(&self.tables.snapshot, port, meta.header(), context, &mut choose, &mut |step| steps.push(step));
        steps
    }
}
