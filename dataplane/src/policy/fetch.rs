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
    /// ends. Decisions between the same two alone read them as fast themselves.
    pub fn fetch(&self, packets: impl Iterator<Item = (PortId, Address)>) {
        let pairs = distinct(packets.take(FETCHED));
        if pairs.len() < 2 {
            return;
        }
        let table_of = |(port, to)| Some((port, self.port(port)?.table, to));
        let senders: Each<_> = pairs.into_iter().filter_map(table_of).collect();
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

/// What two packets read alike is fetched for one of them.
fn distinct<T: PartialEq>(packets: impl Iterator<Item = T>) -> Each<T> {
    packets.fold(Each::new(), |mut seen, packet| {
        if !seen.contains(&packet) {
            seen.push(packet);
        }
        seen
    })
}

/// Reads what decisions read of an attachment, which takes several cache lines, and returns its port.
fn read(attachment: &Attachment) -> PortId {
    let filters = attachment.filters.as_ref().map(|filters| filters.len());
    black_box((attachment.addresses.len(), attachment.groups.len(), filters));
    attachment.port
}
