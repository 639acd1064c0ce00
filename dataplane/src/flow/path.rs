//! Where a flow's packets come from and go to.

use crate::packet::FiveTuple;
use crate::policy::{AttachmentId, PortId, TranslatorId};
use std::hash::{Hash, Hasher};

/// By what a packet finds its flow: the port it came from and its 5-tuple. The port keeps equal addresses of two VRFs apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowKey {
    /// The sender's port.
    pub port: PortId,
    /// As sent.
    pub tuple: FiveTuple,
}

impl Hash for FlowKey {
    /// In three words: every word fed to a hasher is a multiplication, and a packet waits for this hash.
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let FiveTuple { source, destination, protocol, source_port, destination_port } = self.tuple;
        let ports = u32::from(source_port) << 16 | u32::from(destination_port);
        hasher.write_u64(u64::from(source.to_bits()) << 32 | u64::from(destination.to_bits()));
        hasher.write_u64(u64::from(self.port.0) << 32 | u64::from(ports));
        hasher.write_u8(protocol);
    }
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
