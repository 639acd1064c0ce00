//! Prefetches the tables' entries that a batch's decisions read.
//!
//! In large tables each entry that a decision reads is a cache miss, and names the next entry. Prefetching for all packets
//! of a batch lets their cache misses overlap.

use super::snapshot::Snapshot;
use smallvec::SmallVec;
use std::hint::black_box;
use wire::{Address, Attachment, AttachmentId, Endpoint, NextHop, PortId, TableId, VrfId};

/// The greatest number of packets whose entries are prefetched together. A batch has no more.
const PACKETS: usize = 64;

/// Fewer pairs of a port and an address than these are not prefetched for.
const FEW: usize = 4;

type Each<T> = SmallVec<[T; PACKETS]>;

impl Snapshot {
    /// Prefetches the ports and attachments at both ends of packets from these ports to these addresses. `is_new` says of a
    /// packet's hash whether it needs a decision. Does nothing for packets of a few pairs only, whose decisions read the
    /// entries as fast.
    pub fn prefetch(&self, packets: impl Iterator<Item = ((PortId, Address), u64)>, is_new: impl Fn(u64) -> bool) {
        let pairs = one_of_each_pair(packets.take(PACKETS));
        if pairs.len() < FEW {
            return;
        }
        let table_of = |(port, to)| Some((port, self.port(port)?.table, to));
        let new = pairs.into_iter().filter(|(_, hash)| is_new(*hash)).map(|(pair, _)| pair);
        let senders: Each<_> = new.filter_map(table_of).collect();
        for (_, sender) in senders.iter().flat_map(|(port, ..)| self.attachments_of(*port)) {
            read(sender);
        }
        let routed: Each<_> =
            senders.iter().filter_map(|(_, table, to)| Some((self.delivery(*table, *to)?, *to))).collect();
        let receivers: Each<_> = routed.iter().filter_map(|(vrf, to)| self.receiver(*vrf, *to)).collect();
        let ports: Each<_> = receivers.iter().filter_map(|to| self.attachment(*to)).map(read).collect();
        for port in ports.iter().filter_map(|port| self.port(*port)) {
            black_box(port.mtu);
        }
    }

    /// The VRF in which packets to an address are delivered, unless a NAT, a service or another router comes first.
    fn delivery(&self, table: TableId, destination: Address) -> Option<VrfId> {
        match self.route(table, destination)?.next_hop {
            NextHop::Deliver(vrf) | NextHop::Edge(vrf) => Some(vrf),
            _ => None,
        }
    }

    /// The attachment that has an address, unless it is a NAT's or a service's.
    fn receiver(&self, vrf: VrfId, destination: Address) -> Option<AttachmentId> {
        match self.endpoint(vrf, destination)? {
            Endpoint::Own(to) | Endpoint::Public(to, _) => Some(to),
            Endpoint::Nat(_) | Endpoint::Service(..) | Endpoint::Client(..) => None,
        }
    }
}

/// The first packet of each pair.
fn one_of_each_pair<P: PartialEq>(packets: impl Iterator<Item = (P, u64)>) -> Each<(P, u64)> {
    let mut seen = Each::new();
    for packet in packets {
        if !seen.iter().any(|(pair, _)| *pair == packet.0) {
            seen.push(packet);
        }
    }
    seen
}

/// Reads each cache line of an attachment that decisions read. Returns its port.
fn read(attachment: &Attachment) -> PortId {
    let filters = attachment.filters.as_ref().map(|filters| filters.len());
    black_box((attachment.addresses.len(), attachment.groups.len(), filters));
    attachment.port
}
