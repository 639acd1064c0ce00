//! What a decision is told of the past.

use crate::flow::{Flow, Side};
use wire::FiveTuple;

/// The flow that a packet belongs to or is about.
#[derive(Clone, Copy, Debug)]
pub enum FlowContext<'a> {
    /// None: it is a first packet.
    New,
    /// Its own, and which way along it.
    Flow(&'a Flow, Side),
    /// It is an ICMP error about a flow: that flow's packets from the same port, as they are delivered.
    Related(FiveTuple),
}
