//! Where a flow's packets come from and go to.

use crate::packet::FiveTuple;
use crate::policy::{AttachmentId, PortId, TranslatorId};

/// By what a packet finds its flow: the port it came from and its 5-tuple. The port keeps equal addresses of two VRFs apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlowKey {
    /// The sender's port.
    pub port: PortId,
    /// As sent.
    pub tuple: FiveTuple,
}

/// The way of one direction: what routing says, before any filter is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// The attachment it leaves by.
    pub by: AttachmentId,
    /// The attachment it arrives at.
    pub to: AttachmentId,
    /// The port of the latter.
    pub port: PortId,
    /// The largest packet this way takes, in bytes.
    pub mtu: u16,
    /// Who talks to whom, as sent.
    pub sent: FiveTuple,
    /// And as delivered.
    pub delivered: FiveTuple,
    /// Through which translator, if any.
    pub translator: Option<TranslatorId>,
    /// Whether it crosses a boundary even between attachments of one segment.
    pub leaves_segment: bool,
}

impl Path {
    /// By what the reply to what was delivered finds this flow.
    pub fn reply_key(&self) -> FlowKey {
        FlowKey { port: self.port, tuple: self.delivered.reversed() }
    }

    /// Whether this is the same way, the MTU aside.
    pub fn is_same_way(&self, other: &Self) -> bool {
        Self { mtu: other.mtu, ..*self } == *other
    }
}
