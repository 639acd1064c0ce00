//! Reports of workers: counters and recent drops.

use crossbeam::utils::CachePadded;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use wire::{DropReason, DropRecord, PortId, PortStatus};

/// How many drops each worker remembers.
const REMEMBERED_DROPS: usize = 4096;

/// One port's counters for one worker. Only that worker writes them.
#[derive(Debug, Default)]
pub struct Counters {
    sent: Traffic,
    received: Traffic,
    drops: [AtomicU64; DropReason::ALL.len()],
}

#[derive(Debug, Default)]
struct Traffic {
    packets: AtomicU64,
    bytes: AtomicU64,
}

impl Traffic {
    fn add(&self, (packets, bytes): (u64, u64)) {
        add(&self.packets, packets);
        add(&self.bytes, bytes);
    }
}

/// Adds to a counter. It has one writer, so a load and a store are enough.
fn add(counter: &AtomicU64, amount: u64) {
    counter.store(counter.load(Relaxed).wrapping_add(amount), Relaxed);
}

impl Counters {
    /// Counts packets and bytes that the host sent.
    pub fn sent(&self, amount: (u64, u64)) {
        self.sent.add(amount);
    }

    /// Counts packets and bytes that the host received.
    pub fn received(&self, amount: (u64, u64)) {
        self.received.add(amount);
    }

    /// Counts packets that the host sent and that were dropped.
    pub fn dropped(&self, reason: DropReason, packets: u64) {
        if let Some(counter) = self.drops.get(reason as usize) {
            add(counter, packets);
        }
    }
}

/// A port's counters, one set a worker.
pub type PortCounters = Vec<Arc<CachePadded<Counters>>>;

/// A port's counters, summed over all workers.
pub fn sum(port: PortId, (host, interface): (&str, u16), counters: &PortCounters) -> PortStatus {
    let total = |of: &dyn Fn(&Counters) -> &AtomicU64| counters.iter().map(|at| of(at).load(Relaxed)).sum::<u64>();
    let dropped = |reason: DropReason| {
        counters.iter().filter_map(|at| at.drops.get(reason as usize)).map(|count| count.load(Relaxed)).sum()
    };
    let drops = DropReason::ALL.iter().map(|reason| (*reason, dropped(*reason)));
    PortStatus {
        port,
        host: host.to_owned(),
        interface,
        sent_packets: total(&|at| &at.sent.packets),
        sent_bytes: total(&|at| &at.sent.bytes),
        received_packets: total(&|at| &at.received.packets),
        received_bytes: total(&|at| &at.received.bytes),
        drops: drops.filter(|(_, count)| *count > 0).collect(),
    }
}

/// One worker's most recent drops.
#[derive(Debug, Default)]
pub struct DropLog(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    records: VecDeque<DropRecord>,
    /// How many older ones were removed.
    forgotten: u64,
}

impl DropLog {
    /// Adds a drop.
    pub fn add(&self, record: DropRecord) {
        let mut log = self.lock();
        if log.records.len() >= REMEMBERED_DROPS {
            log.records.pop_front();
            log.forgotten += 1;
        }
        log.records.push_back(record);
    }

    /// The remembered drops, oldest first, and how many older ones are forgotten.
    pub fn read(&self) -> (Vec<DropRecord>, u64) {
        let log = self.lock();
        (log.records.iter().cloned().collect(), log.forgotten)
    }

    /// Locks the log. A writer that panicked leaves it intact.
    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{Culprit, Drop};

    #[test]
    fn counters_of_all_workers_are_summed() {
        let counters: PortCounters = (0..2).map(|_| Arc::default()).collect();
        counters[0].sent((3, 300));
        counters[1].sent((1, 100));
        counters[1].received((2, 50));
        counters[0].dropped(DropReason::NoRoute, 2);
        let status = sum(PortId(7), ("a", 1), &counters);
        assert_eq!((status.sent_packets, status.sent_bytes), (4, 400));
        assert_eq!((status.received_packets, status.received_bytes), (2, 50));
        assert_eq!((status.host.as_str(), status.interface), ("a", 1));
        assert_eq!(status.drops, [(DropReason::NoRoute, 2)]);
    }

    #[test]
    fn the_log_forgets_the_oldest() {
        let log = DropLog::default();
        for port in 0..REMEMBERED_DROPS as u32 + 5 {
            let drop = Drop { reason: DropReason::NoRoute, culprit: Culprit::Packet };
            log.add(DropRecord { at: 0, port: PortId(port), packet: None, drop });
        }
        let (records, forgotten) = log.read();
        assert_eq!((records.len(), records[0].port, forgotten), (REMEMBERED_DROPS, PortId(5), 5));
    }
}
