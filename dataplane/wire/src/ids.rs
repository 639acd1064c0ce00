//! The numbers by which tables refer to each other.
//!
//! The controller chooses the numbers and keeps them stable: flows that outlive a restart refer to ports by them.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self, f)
            }
        }
    )*};
}

/// The port of services. No host has this number. Packets to it are rate-limited
/// ([`DropReason::ServiceRate`](super::DropReason::ServiceRate)).
pub const SERVICES: PortId = PortId(0);

/// A rule of a [`Filter`](super::Filter). The controller chooses its number and keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RuleId(pub u64);

ids! {
    /// A [`Port`](super::Port): one TUN interface of one host.
    PortId, "port";
    /// An address space. Two may hold the same addresses and never mix.
    VrfId, "vrf";
    /// An [`Attachment`](super::Attachment): a port's presence in a VRF.
    AttachmentId, "attachment";
    /// A route table.
    TableId, "table";
    /// A [`Filter`](super::Filter): a stateful rule set.
    FilterId, "filter";
    /// A set of attachments that filter rules may name.
    GroupId, "group";
    /// A [`Segment`](super::Segment): attachments behind one boundary.
    SegmentId, "segment";
    /// An [`Acl`](super::Acl): a stateless, ordered rule list.
    AclId, "acl";
    /// A [`Nat`](super::Nat): many hosts behind one address.
    NatId, "nat";
}
