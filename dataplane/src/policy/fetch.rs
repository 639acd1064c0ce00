//! Prefetching what decisions read. Among many hosts a decision waits for memory again and again: each entry names the next
//! one. The decisions of a batch wait for it together.

use super::snapshot::Snapshot;
use smallvec::SmallVec;
use std::hint::black_box;
use wire::{Address, Attachment, AttachmentId, Endpoint, NextHop, PortId, TableId};

/// Packets that are prefetched for at once.
const FETCHED: usize = 64;

type Each<T> = SmallVec<[T; FETCHED]>;

impl Snapshot {
    /// Prefetches what decisions about packets from these ports to these addresses read: the ports and attachments at both
    /// ends. One packet's decision alone reads them as fast itself.
    pub fn fetch(&self, packets: impl Iterator<Item = (PortId, Address)>) {
        let table_of = |(port, to)| Some((port, self.port(port)?.table, to));
        let senders: Each<_> = packets.take(FETCHED).filter_map(table_of).collect();
        if senders.len() < 2 {
            return;
        }
        for (_, sender) in senders.iter().flat_map(|(port, ..)| self.attachments_of(*port)) {
            read(sender);
        }
        let receivers: Each<_> = senders.iter().filter_map(|(_, table, to)| self.receiver(*table, *to)).collect();
        let ports: Each<_> = receivers.iter().filter_map(|to| self.attachment(*to)).map(read).collect();
        for port in ports.iter().filter_map(|port| self.port(*port)) {
            black_box(port.mtu);
        }
    }

    /// The attachment that most packets to an address are delivered to.
    fn receiver(&self, table: TableId, destination: Address) -> Option<AttachmentId> {
        let (NextHop::Deliver(vrf) | NextHop::Edge(vrf)) = self.route(table, destination)?.next_hop else {
            return None;
        };
        match self.endpoint(vrf, destination)? {
            Endpoint::Own(to) | Endpoint::Public(to, _) => Some(to),
            Endpoint::Nat(_) | Endpoint::Service(..) | Endpoint::Client(..) => None,
        }
    }
}

/// Reads what decisions read of an attachment, which takes several cache lines, and returns its port.
fn read(attachment: &Attachment) -> PortId {
    let filters = attachment.filters.as_ref().map(|filters| filters.len());
    black_box((attachment.addresses.len(), attachment.groups.len(), filters));
    attachment.port
}
