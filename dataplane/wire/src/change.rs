//! Changes of the tables.

use super::Address;
use crate::ids::*;
use crate::impairment::{FarEnd, Impairments};
use crate::tables::*;
use serde::{Deserialize, Serialize};

/// An entry of the tables.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Entry {
    /// A stateless rule list.
    Acl(AclId, Acl),
    /// A segment.
    Segment(SegmentId, Segment),
    /// A stateful rule set.
    Filter(FilterId, Filter),
    /// A route table, whole.
    Table(TableId, Vec<Route>),
    /// A port. Its host is made or changed.
    Port(PortId, Port),
    /// An attachment.
    Attachment(AttachmentId, Attachment),
    /// A NAT.
    Nat(NatId, Nat),
    /// What an address in a VRF stands for.
    Address(VrfId, Address, Endpoint),
    /// What happens to a port's packets on their way.
    Impairments(PortId, Impairments),
    /// What happens to packets on the path between a port and another, or some addresses. They meet this beside what is the port's.
    Path(PortId, FarEnd, Impairments),
}

/// Which entry. The order is one in which entries can be made: what others refer to comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Key {
    /// Without it, who still uses it lets nothing pass.
    Acl(AclId),
    /// Without it, there is no boundary.
    Segment(SegmentId),
    /// Without it, who still uses it is allowed nothing by it.
    Filter(FilterId),
    /// Without it, who still uses it has no routes.
    Table(TableId),
    /// With its last port the host goes.
    Port(PortId),
    /// Its flows end with it.
    Attachment(AttachmentId),
    /// Its flows end with it.
    Nat(NatId),
    /// Without it, nobody has the address.
    Address(VrfId, Address),
    /// Without it, nothing happens to its packets.
    Impairments(PortId),
    /// Without it, nothing happens on this path.
    Path(PortId, FarEnd),
}

impl Entry {
    /// Which entry it is.
    pub fn key(&self) -> Key {
        match self {
            Self::Acl(id, _) => Key::Acl(*id),
            Self::Segment(id, _) => Key::Segment(*id),
            Self::Filter(id, _) => Key::Filter(*id),
            Self::Table(id, _) => Key::Table(*id),
            Self::Port(id, _) => Key::Port(*id),
            Self::Attachment(id, _) => Key::Attachment(*id),
            Self::Nat(id, _) => Key::Nat(*id),
            Self::Address(vrf, address, _) => Key::Address(*vrf, *address),
            Self::Impairments(port, _) => Key::Impairments(*port),
            Self::Path(port, peer, _) => Key::Path(*port, *peer),
        }
    }
}

/// One change of the tables. A list of them is applied as one: no packet sees a part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// Adds an entry, or replaces the one of the same key.
    Set(Entry),
    /// Takes an entry away.
    Remove(Key),
}

impl Change {
    /// Which entry it changes.
    pub fn key(&self) -> Key {
        match self {
            Self::Set(entry) => entry.key(),
            Self::Remove(key) => *key,
        }
    }
}

/// A set of changes that makes one version of the tables out of another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// The version that the tables have afterwards.
    pub version: u64,
    /// Whether `changes` are the whole tables: what they do not name goes.
    pub whole: bool,
    /// The changes, applied in order, all or none.
    pub changes: Vec<Change>,
}
