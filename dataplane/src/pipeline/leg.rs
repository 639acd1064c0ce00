//! Legs: the parts of a packet's path on which a network may be impaired.

use crate::policy::Snapshot;
use serde::{Deserialize, Serialize};
use wire::{Address, Direction, FarEnd, FiveTuple, Impairment, PortId};

/// One direction of a port's traffic, which a network may impair. With a `peer` it is the traffic with that peer; without
/// one it is all traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Leg {
    /// The port.
    pub port: PortId,
    /// Egress is what the port sends, ingress what is delivered to it.
    pub direction: Direction,
    /// The peer, if the impairment is of the path to one.
    pub peer: Option<FarEnd>,
}

impl Leg {
    /// The leg of all packets that a port sends.
    pub fn out_of(port: PortId) -> Self {
        Self { port, direction: Direction::Egress, peer: None }
    }

    /// The leg of all packets that are delivered to a port.
    pub fn into(port: PortId) -> Self {
        Self { port, direction: Direction::Ingress, peer: None }
    }

    /// The leg's impairment, if the tables have one.
    pub fn impairment(self, tables: &Snapshot) -> Option<Impairment> {
        let there = match self.peer {
            Some(peer) => tables.path_to(self.port, peer),
            None => tables.impairments(self.port),
        };
        there.map(|there| if self.direction == Direction::Egress { there.from } else { there.to })
    }
}

/// The path of a packet over impaired networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImpairedPath {
    /// The sender's port.
    pub from: PortId,
    /// The receiver's port.
    pub to: PortId,
    /// The 5-tuple as it was sent.
    pub sent: FiveTuple,
    /// The source address as it is delivered.
    pub source: Address,
}

impl ImpairedPath {
    /// The number of legs of a path.
    pub const LEGS: usize = 4;

    /// The legs of the path, in order: out of the sender's port, on the path as the sender sees it and as the receiver sees
    /// it, and into the receiver's port. `None` for a path that the tables do not name.
    pub fn legs(&self, tables: &Snapshot) -> [Option<Leg>; Self::LEGS] {
        let Self { from, to, sent, source } = *self;
        let (out, inward) = (Leg::out_of(from), Leg::into(to));
        let there = tables.path_between(from, to, sent.destination).map(|(peer, _)| Leg { peer: Some(peer), ..out });
        let here = tables.path_between(to, from, source).map(|(peer, _)| Leg { peer: Some(peer), ..inward });
        [Some(out), there, here, Some(inward)]
    }
}
