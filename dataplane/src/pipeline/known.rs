//! What a decision is told of the past.

use crate::flow::{Flow, Side};
use crate::packet::FiveTuple;

/// What is known of the conversation a packet belongs to.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// Nothing: it is a first packet.
    Nothing,
    /// Its flow, and which way along it.
    Flow(&'a Flow, Side),
    /// It is an ICMP error about a flow; packets of that flow from the same port are delivered like this.
    Related(FiveTuple),
}
