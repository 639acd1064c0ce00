//! What can be told about a decision while it is being made: for `why`, for the list of recent drops, for tests.

use super::{Address, Prefix};
use crate::ids::*;
use crate::impairment::{FarEnd, Impairment};
use crate::reason::DropReason;
use crate::tables::NextHop;
use crate::tuple::FiveTuple;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Out of, or into, an attachment or a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Out.
    Egress,
    /// In.
    Ingress,
}

/// What is to blame for a drop, so that a person knows what to change.
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
    /// An attachment: its addresses, its source check, or none of its filters allowing.
    Attachment(AttachmentId),
    /// An address that nobody has in a VRF.
    Address(VrfId, Address),
    /// At a segment's boundary, a stateless rule by its number; `None`: no rule matched.
    Acl(SegmentId, AclId, Option<u16>),
    /// A NAT.
    Nat(NatId),
    /// The flow table.
    FlowTable,
}

/// A drop, explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Drop {
    /// Why.
    pub reason: DropReason,
    /// Through whom.
    pub culprit: Culprit,
}

impl Drop {
    /// A drop for this reason, through this one.
    pub fn new(reason: DropReason, culprit: Culprit) -> Self {
        Self { reason, culprit }
    }
}

/// One step of a packet's way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Received from a port.
    Received {
        /// The sender's port.
        port: PortId,
        /// As it was sent.
        packet: FiveTuple,
    },
    /// It belongs to a known flow, in this direction (`true`: a reply).
    Flow {
        /// Whether it travels against the flow's first packet.
        reply: bool,
    },
    /// A route was found.
    Route {
        /// The route table.
        table: TableId,
        /// The matching prefix, the longest.
        prefix: Prefix,
        /// The sender's attachment by which it leaves.
        by: AttachmentId,
        /// Where it leads.
        next_hop: NextHop,
    },
    /// The route led on to another table, which has one, too.
    Onward {
        /// That table.
        table: TableId,
        /// The matching prefix, the longest.
        prefix: Prefix,
        /// Where it leads.
        next_hop: NextHop,
    },
    /// A stateful filter allowed it, or it was part of a tracked flow there.
    Filter {
        /// At which attachment.
        attachment: AttachmentId,
        /// Leaving or entering it.
        direction: Direction,
        /// The rule that allowed it, and its rule set; `None`: no filters hold there, or the flow is tracked.
        rule: Option<(FilterId, RuleId)>,
        /// Whether the flow is tracked at this end.
        tracked: bool,
    },
    /// A stateless rule let it cross a segment's boundary.
    Acl {
        /// The segment.
        segment: SegmentId,
        /// Leaving or entering it.
        direction: Direction,
        /// The rule list.
        acl: AclId,
        /// The rule's number.
        rule: u16,
    },
    /// A router that hosts see takes one from its time to live.
    Hop {
        /// The address by which the router tells the sender that it has run out; `None`: it does not tell.
        router: Option<Address>,
    },
    /// The way takes packets of up to this size.
    Mtu {
        /// IPv4 header included, in bytes.
        largest: u16,
    },
    /// It passes the bad network of its sender or its receiver, or one between them.
    Impaired {
        /// Whose.
        port: PortId,
        /// Of the path to whom, or from whom; `None`: of all its paths.
        peer: Option<FarEnd>,
        /// Leaving or entering it.
        direction: Direction,
        /// What happens there.
        impairment: Impairment,
    },
    /// Its addresses or ports were rewritten.
    Translated {
        /// As it goes on.
        packet: FiveTuple,
    },
    /// A NAT remembers it from now on, for its replies and for what follows.
    Remembered {
        /// The NAT.
        nat: NatId,
        /// How long after the last packet, once it was answered.
        idle: Duration,
        /// Whether who goes on with it later is told with a RST.
        resets: bool,
    },
    /// Given to a host.
    Delivered {
        /// The receiver's port.
        port: PortId,
        /// The attachment it was delivered to.
        attachment: AttachmentId,
    },
    /// Dropped. Always the last step.
    Dropped(Drop),
}

/// The path of a first packet and, where it was delivered, of the receiver's reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// There: ends in [`Step::Delivered`] or [`Step::Dropped`].
    pub there: Vec<Step>,
    /// Back, if it got there.
    pub back: Option<Vec<Step>>,
}
