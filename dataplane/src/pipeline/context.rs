//! The flow of the packet that is decided, as far as it is known.

use crate::flow::{Flow, Side};
use wire::FiveTuple;

/// The flow that a packet belongs to or is about.
#[derive(Clone, Copy, Debug)]
pub enum FlowContext<'a> {
    /// None. The packet is the first of a flow.
    New,
    /// The packet's own flow, and its direction in that flow.
    Flow(&'a Flow, Side),
    /// The packet is an ICMP error about a flow. The 5-tuple is that of the flow's packets from the same port, as they are
    /// delivered.
    Related(FiveTuple),
}

impl<'a> FlowContext<'a> {
    /// The context of a packet that belongs to this flow or, as an ICMP error, is `related` to one.
    pub fn of(flow: Option<&'a (Flow, Side)>, related: Option<FiveTuple>) -> Self {
        match (flow, related) {
            (Some((flow, side)), _) => Self::Flow(flow, *side),
            (None, Some(delivered)) => Self::Related(delivered),
            (None, None) => Self::New,
        }
    }
}
