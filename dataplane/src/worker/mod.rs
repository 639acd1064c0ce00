//! Workers: each reads its queue of every port, moves packets through the pipeline, and writes them to its queues of others.
//!
//! No packet changes threads. What changes about ports reaches a worker as commands, between two batches.

mod attached;
mod placement;
mod report;
mod run;

pub use report::{Counters, DropLog, PortCounters, sum};

use crate::pipeline::{Engine, Ledger};
use crate::policy::PortId;
use crate::port::Queue;
use crate::wire::Accounts;
use attached::Attached;
use crossbeam::channel::{Sender, unbounded};
use crossbeam::sync::WaitGroup;
use nix::sys::eventfd::{EfdFlags, EventFd};
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// What a worker is told.
enum Command {
    /// Here is your queue of a port; read from it too if `reads`.
    Attach { port: PortId, attached: Box<Attached>, reads: bool },
    /// The port is gone.
    Detach(PortId),
    /// Drop this once the tables published before are in use and the commands before are carried out.
    Sync(WaitGroup),
    /// End.
    Stop,
}

/// All workers, seen from outside. They end when this is dropped.
pub struct Workers(Vec<Handle>);

struct Handle {
    commands: Sender<Command>,
    wake: Arc<EventFd>,
    log: Arc<DropLog>,
    ledger: Arc<Ledger>,
    thread: Option<JoinHandle<()>>,
}

impl Workers {
    /// Starts so many workers.
    ///
    /// # Errors
    /// If the system has no more threads or descriptors.
    pub fn start(engine: &Arc<Engine>, count: usize) -> io::Result<Self> {
        let places = placement::places(count);
        let start = |index: usize| Handle::start(Arc::clone(engine), index, places.get(index).copied());
        (0..count).map(start).collect::<io::Result<_>>().map(Self)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Gives every worker its queue of a port and its counters: of one that has several, each its own; of one that has one, all the
    /// same to write to, and one of them to read from.
    ///
    /// # Panics
    /// If there are no queues.
    pub fn attach(&self, port: PortId, queues: &[Queue], counters: &PortCounters) {
        for (index, (worker, counters)) in self.0.iter().zip(counters).enumerate() {
            let queue = &queues[index % queues.len()];
            let reads = queues.len() > 1 || port.0 as usize % self.count() == index;
            let attached = Box::new(Attached::new(queue.clone(), Arc::clone(counters)));
            worker.tell(Command::Attach { port, attached, reads });
        }
    }

    /// Takes a port's queues from all workers.
    pub fn detach(&self, port: PortId) {
        self.0.iter().for_each(|worker| worker.tell(Command::Detach(port)));
    }

    /// Waits until every worker has carried out what it was told and uses the tables that were published before.
    pub fn sync(&self) {
        let all = WaitGroup::new();
        self.0.iter().for_each(|worker| worker.tell(Command::Sync(all.clone())));
        self.0.iter().for_each(Handle::wake);
        all.wait();
    }

    /// Every worker's recent drops.
    pub fn logs(&self) -> impl Iterator<Item = &DropLog> {
        self.0.iter().map(|worker| &*worker.log)
    }

    /// What every worker's ledger holds, taken out at this time of the engine.
    pub fn accounts(&self, now: u64) -> Accounts {
        self.0.iter().fold(Accounts::default(), |mut all, worker| {
            let Accounts { entries, skipped } = worker.ledger.take(now);
            all.entries.extend(entries);
            all.skipped.extend(skipped);
            all
        })
    }
}

impl Handle {
    fn start(engine: Arc<Engine>, index: usize, place: Option<usize>) -> io::Result<Self> {
        let (commands, inbox) = unbounded();
        let wake = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?);
        let (log, ledger) = (Arc::<DropLog>::default(), Arc::<Ledger>::default());
        let worker = run::Worker::new(engine, inbox, Arc::clone(&wake), Arc::clone(&log), Arc::clone(&ledger))?;
        let run = move || {
            if let Some(Err(error)) = place.map(placement::stay_on) {
                tracing::warn!(%error, "worker {index} has no processor of its own: it may be slow");
            }
            worker.run();
        };
        let thread = thread::Builder::new().name(format!("worker-{index}")).spawn(run)?;
        Ok(Self { commands, wake, log, ledger, thread: Some(thread) })
    }

    /// Nobody is left to hear it only when the process ends.
    fn tell(&self, command: Command) {
        let _ = self.commands.send(command);
    }

    fn wake(&self) {
        // Full means that it will wake anyway.
        let _ = self.wake.write(1);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.tell(Command::Stop);
        self.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::testing::{dont_fragment, open_tcp, open_udp, transport_is_right};
    use crate::packet::{FiveTuple, GsoType, UDP, VirtioHeader};
    use crate::pipeline::{Culprit, DropReason};
    use crate::policy::{
        Attachment, AttachmentId, Change, Endpoint, NextHop, Port, PortKind, Route, Snapshot, TableId, VrfId,
    };
    use crate::port::MemoryHost;
    use crate::wire::{DropRecord, Update};
    use std::net::Ipv4Addr;

    const ADDRESSES: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2)];

    /// Ports 1 and 2 in one VRF.
    fn tables() -> Snapshot {
        let route = Route {
            prefix: "0.0.0.0/0".parse().unwrap(),
            from: VrfId(1),
            next_hop: NextHop::Deliver(VrfId(1)),
            mtu: None,
        };
        let mut changes = vec![Change::SetTable(TableId(1), vec![route])];
        for (id, address) in (1..).zip(ADDRESSES) {
            let port = Port {
                host: format!("host{id}"),
                interface: 0,
                kind: PortKind::Offload,
                mtu: 1500,
                addresses: vec![address.into()],
                table: TableId(1),
                router: Ipv4Addr::new(10, 0, 0, 254),
            };
            let attachment = Attachment {
                port: PortId(id),
                vrf: VrfId(1),
                addresses: vec![address],
                public: Vec::new(),
                filters: None,
                groups: Vec::new(),
                segment: None,
                source_check: true,
                accounted: id == 2,
            };
            changes.push(Change::SetPort(PortId(id), port));
            changes.push(Change::SetAttachment(AttachmentId(id), attachment));
            changes.push(Change::SetAddress(VrfId(1), address, Endpoint::Own(AttachmentId(id))));
        }
        Snapshot::empty().apply(&Update { version: 1, whole: true, changes }).unwrap()
    }

    #[derive(PartialEq)]
    enum Second {
        Missing,
        RefusesSegments,
        TakesAll,
    }

    /// One worker that forwards between hosts in memory. What the first host sends beforehand is one batch.
    fn forward(sent: &[(VirtioHeader, Vec<u8>)], second: Second) -> (Workers, [MemoryHost; 2], [PortCounters; 2]) {
        let engine = Arc::new(Engine::new(100).unwrap());
        engine.publish(Arc::new(tables()));
        let workers = Workers::start(&engine, 1).unwrap();
        let ((first, a), (other, b)) = (Queue::in_memory().unwrap(), Queue::in_memory().unwrap());
        sent.iter().for_each(|(header, packet)| a.send(*header, packet));
        let counters = [vec![Arc::default()], vec![Arc::default()]];
        if second == Second::RefusesSegments {
            b.refuse_segments();
        }
        if second != Second::Missing {
            workers.attach(PortId(2), &[other], &counters[1]);
        }
        workers.attach(PortId(1), &[first], &counters[0]);
        workers.sync();
        // The batch is over when the worker has looked at its commands again after it.
        while sum(PortId(1), ("", 0), &counters[0]).sent_packets < sent.len() as u64 {
            std::thread::yield_now();
        }
        workers.sync();
        (workers, [a, b], counters)
    }

    #[test]
    fn datagrams_of_one_batch_arrive_as_one_packet() {
        let sent: Vec<_> = (0..20u8).map(|index| open_udp(&[index; 64], 0)).map(dont_fragment).collect();
        let (_workers, [_, b], counters) = forward(&sent, Second::TakesAll);
        let (header, packet) = b.receive().unwrap();
        assert_eq!((header.gso(), header.gso_size, packet.len()), (GsoType::Udp4, 64, 28 + 20 * 64));
        assert_eq!(b.receive(), None);
        let status = sum(PortId(2), ("", 0), &counters[1]);
        assert_eq!((status.received_packets, status.received_bytes), (20, 20 * 92));
    }

    #[test]
    fn where_the_kernel_refuses_coalesced_packets_they_go_one_by_one() {
        let sent: Vec<_> = (0..20u8).map(|index| open_udp(&[index; 64], 0)).map(dont_fragment).collect();
        let (workers, [a, b], counters) = forward(&sent, Second::RefusesSegments);
        let received: Vec<_> = std::iter::from_fn(|| b.receive()).collect();
        assert!(received.iter().map(|(_, packet)| packet[28]).eq(0..20));
        assert!(received.iter().all(|(header, packet)| !header.needs_checksum() && transport_is_right(packet)));
        // What needs no coalescing keeps its open checksum.
        let (header, packet) = open_udp(b"next", 0);
        a.send(header, &packet);
        while sum(PortId(2), ("", 0), &counters[1]).received_packets < 21 {
            std::thread::yield_now();
        }
        assert_eq!(b.receive().map(|(header, _)| header), Some(header));
        assert_eq!(workers.logs().map(|log| log.records().len()).sum::<usize>(), 0);
    }

    #[test]
    fn who_has_received_a_packet_finds_it_accounted() {
        let (header, packet) = open_tcp(1, &[0; 3000], 1000, 16);
        let (workers, [_, b], _) = forward(&[(header, packet)], Second::TakesAll);
        b.receive().unwrap();
        let entries = workers.accounts(0).entries;
        let counted: Vec<_> = entries.iter().map(|entry| (entry.attachment, entry.packets, entry.bytes)).collect();
        assert_eq!(counted, [(AttachmentId(2), 3, 3 * 1040)], "one that stands for three, at the accounted end");
    }

    #[test]
    fn a_receiver_without_a_queue_is_unavailable() {
        let (workers, _, counters) = forward(&[open_udp(b"lost", 0)], Second::Missing);
        let records: Vec<DropRecord> = workers.logs().flat_map(DropLog::records).collect();
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].drop.reason, DropReason::PortUnavailable);
        assert_eq!(records[0].drop.culprit, Culprit::Port(PortId(2)));
        let [source, destination] = ADDRESSES;
        let tuple = FiveTuple { source, destination, protocol: UDP, source_port: 1000, destination_port: 2000 };
        assert_eq!(records[0].packet, Some(tuple));
        assert_eq!(sum(PortId(1), ("", 0), &counters[0]).drops, [(DropReason::PortUnavailable, 1)]);
    }

    #[test]
    fn an_impossible_header_is_dropped() {
        let (_, packet) = open_udp(b"x", 0);
        let nonsense = VirtioHeader { gso_type: 3, ..Default::default() };
        let (_workers, _, counters) = forward(&[(nonsense, packet)], Second::TakesAll);
        assert_eq!(sum(PortId(1), ("", 0), &counters[0]).drops, [(DropReason::ImpossibleOffload, 1)]);
    }
}
