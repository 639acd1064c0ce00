//! The steps of a decision, as `why`, the list of recent drops and tests see them.

use crate::address::{Address, Prefix};
use crate::drop_reason::DropReason;
use crate::ids::*;
use crate::impairment::{FarEnd, Impairment};
use crate::tables::NextHop;
use crate::tuple::FiveTuple;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Out of, or into, an attachment or a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Leaving it.
    Egress,
    /// Entering it.
    Ingress,
}

/// The part of the tables to blame for a drop, so that a person knows what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Culprit {
    /// The packet itself.
    Packet,
    /// The port (its host, its interface).
    Port(PortId),
    /// A route table that has no route.
    Table(TableId),
    /// A route.
    Route(TableId, Prefix),
    /// An attachment: its addresses, its source check, or its filters, none of which allows the packet.
    Attachment(AttachmentId),
    /// An address that nobody has in a VRF.
    Address(VrfId, Address),
    /// A stateless rule of a segment's boundary, by its number. `None`: no rule matched.
    Acl(SegmentId, AclId, Option<u16>),
    /// A NAT.
    Nat(NatId),
    /// The flow table.
    FlowTable,
}

/// The reason for a drop and its culprit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Drop {
    /// The reason.
    pub reason: DropReason,
    /// The culprit.
    pub culprit: Culprit,
}

impl Drop {
    /// A drop for this reason, with this culprit.
    pub fn new(reason: DropReason, culprit: Culprit) -> Self {
        Self { reason, culprit }
    }
}

/// One step on a packet's path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// It was received from a port.
    Received {
        /// The sender's port.
        port: PortId,
        /// The 5-tuple as it was sent.
        packet: FiveTuple,
    },
    /// It belongs to a flow.
    Flow {
        /// Whether it is in the flow's reply direction.
        reply: bool,
    },
    /// A route was found.
    Route {
        /// The route table.
        table: TableId,
        /// The matching prefix, the longest.
        prefix: Prefix,
        /// The sender's attachment that it leaves by.
        by: AttachmentId,
        /// The next hop.
        next_hop: NextHop,
    },
    /// The route leads to another table, which has this route.
    Onward {
        /// The other table.
        table: TableId,
        /// The matching prefix, the longest.
        prefix: Prefix,
        /// The next hop.
        next_hop: NextHop,
    },
    /// A stateful filter allowed it, or its flow is tracked there.
    Filter {
        /// The attachment.
        attachment: AttachmentId,
        /// Whether it leaves or enters the attachment.
        direction: Direction,
        /// The rule that allowed it, and the rule's filter. `None` if the attachment has no filters or the flow
        /// is tracked.
        rule: Option<(FilterId, RuleId)>,
        /// Whether the flow is tracked at this end.
        tracked: bool,
    },
    /// A stateless rule allowed it at a segment's boundary.
    Acl {
        /// The segment.
        segment: SegmentId,
        /// Whether it leaves or enters the segment.
        direction: Direction,
        /// The rule list.
        acl: AclId,
        /// The rule's number.
        rule: u16,
    },
    /// A visible router decrements its time to live.
    Hop {
        /// The address from which the router answers if the time to live ends. `None`: it does not answer.
        router: Option<Address>,
    },
    /// The MTU of its path.
    Mtu {
        /// In bytes, IPv4 header included.
        largest: u16,
    },
    /// It passes an impaired network.
    Impaired {
        /// The port.
        port: PortId,
        /// The peer, if the impairment is of the path to one.
        peer: Option<FarEnd>,
        /// Whether the port sends or receives it.
        direction: Direction,
        /// The impairment.
        impairment: Impairment,
    },
    /// Its addresses or ports were rewritten.
    Translated {
        /// The 5-tuple afterwards.
        packet: FiveTuple,
    },
    /// A NAT remembers its flow from now on.
    Remembered {
        /// The NAT.
        nat: NatId,
        /// How long the NAT remembers it after its last packet, once it was answered.
        idle: Duration,
        /// Whether a later packet is answered by a RST.
        resets: bool,
    },
    /// It was delivered to a host.
    Delivered {
        /// The receiver's port.
        port: PortId,
        /// The receiving attachment.
        attachment: AttachmentId,
    },
    /// It was dropped. Always the last step.
    Dropped(Drop),
}

/// The path of a first packet and, if it was delivered, of the reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The first packet's path. It ends in [`Step::Delivered`] or [`Step::Dropped`].
    pub there: Vec<Step>,
    /// The reply's path, if the first packet was delivered.
    pub back: Option<Vec<Step>>,
}

impl Explanation {
    /// The receiver's port and attachment, if the first packet is delivered.
    pub fn arrives_at(&self) -> Option<(PortId, AttachmentId)> {
        receiver(&self.there)
    }

    /// The same of the reply.
    pub fn reply_arrives_at(&self) -> Option<(PortId, AttachmentId)> {
        receiver(self.back.as_deref()?)
    }
}

fn receiver(steps: &[Step]) -> Option<(PortId, AttachmentId)> {
    steps.iter().find_map(|step| match step {
        Step::Delivered { port, attachment } => Some((*port, *attachment)),
        _ => None,
    })
}
