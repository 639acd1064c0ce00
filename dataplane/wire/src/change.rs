//! Changes of the tables.

use crate::address::Address;
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
    /// The endpoint that has an address in a VRF.
    Address(VrfId, Address, Endpoint),
    /// The impairments of a port.
    Impairments(PortId, Impairments),
    /// The impairments of the path between a port and a peer. They add to the port's own.
    Path(PortId, FarEnd, Impairments),
}

/// The key of an entry. Keys are ordered so that an entry comes after those that it refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Key {
    /// Without its list, a segment lets nothing pass.
    Acl(AclId),
    /// Without its segment, an attachment has no boundary.
    Segment(SegmentId),
    /// Without its entry, a filter allows nothing.
    Filter(FilterId),
    /// Without its table, a port has no routes.
    Table(TableId),
    /// A host is removed with its last port.
    Port(PortId),
    /// Its flows end with it.
    Attachment(AttachmentId),
    /// Its flows end with it.
    Nat(NatId),
    /// Without its entry, nobody has the address.
    Address(VrfId, Address),
    /// Without its entry, a port is not impaired.
    Impairments(PortId),
    /// Without its entry, a path is not impaired.
    Path(PortId, FarEnd),
}

impl Entry {
    /// The entry's key.
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

/// One change of the tables. The changes of an update are applied together: no packet sees only some of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// Adds an entry, or replaces the one of the same key.
    Set(Entry),
    /// Removes an entry.
    Remove(Key),
}

impl Change {
    /// The key of the entry that it changes.
    pub fn key(&self) -> Key {
        match self {
            Self::Set(entry) => entry.key(),
            Self::Remove(key) => *key,
        }
    }
}

/// The changes from one version of the tables to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// The version that the tables have afterwards.
    pub version: u64,
    /// Whether `changes` are the whole tables. Entries that they do not name are removed.
    pub whole: bool,
    /// The changes, applied in order, all or none.
    pub changes: Vec<Change>,
}
