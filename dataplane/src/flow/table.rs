//! The flow table: shared by all workers, bounded.

use super::entry::Flow;
use super::path::FlowKey;
use super::state::{Lifetimes, Side};
use crossbeam::queue::SegQueue;
use crossbeam::utils::CachePadded;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Shards of the map: a lock is held for the length of one packet's look-up, so collisions of two workers are rare.
const SHARDS: usize = 1024;

/// Why a flow was not entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsertError {
    /// The table is full of flows that are worth more.
    Full,
    /// Another flow's replies are found by the same key.
    ReplyKeyTaken,
}

/// All flows, each found by either of its keys. Hashed with a random seed.
#[derive(Debug)]
pub struct FlowTable {
    entries: DashMap<FlowKey, (Arc<Flow>, Side), foldhash::fast::RandomState>,
    count: CachePadded<AtomicUsize>,
    limit: usize,
    /// Half-open flows, the oldest first; those no longer half-open are dropped from it when met.
    half_open: SegQueue<Arc<Flow>>,
}

impl FlowTable {
    /// A table for at most `limit` flows.
    pub fn new(limit: usize) -> Self {
        Self {
            entries: DashMap::with_hasher_and_shard_amount(Default::default(), SHARDS),
            count: CachePadded::new(AtomicUsize::new(0)),
            limit,
            half_open: SegQueue::new(),
        }
    }

    /// How many flows there are.
    pub fn len(&self) -> usize {
        self.count.load(Relaxed)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes every flow out.
    pub fn clear(&self) {
        self.expire(&Lifetimes::none(), u64::MAX);
    }

    /// Calls `f` with the flow of a key. `f` must not use the table: a shard of it is locked meanwhile.
    pub fn with<R>(&self, key: &FlowKey, f: impl FnOnce(&Flow, Side) -> R) -> Option<R> {
        let entry = self.entries.get(key)?;
        let (flow, side) = entry.value();
        Some(f(flow, *side))
    }

    /// The flow of a key.
    pub fn get(&self, key: &FlowKey) -> Option<(Arc<Flow>, Side)> {
        self.entries.get(key).map(|entry| entry.value().clone())
    }

    /// Whether a key finds a flow.
    pub fn contains(&self, key: &FlowKey) -> bool {
        self.entries.contains_key(key)
    }

    /// Enters a flow under both its keys, in the place of whatever they found before; with `unique_reply` (for translated flows,
    /// whose port can be chosen again) only if its reply key found nothing.
    ///
    /// # Errors
    /// [`InsertError`]; then nothing has changed but, where the table was full, that a half-open flow may have gone.
    pub fn insert(&self, flow: Arc<Flow>, unique_reply: bool) -> Result<(), InsertError> {
        if self.len() >= self.limit && !self.evict_half_open() {
            return Err(InsertError::Full);
        }
        let replies = match self.entries.entry(flow.key(Side::Reply)) {
            Entry::Occupied(_) if unique_reply => return Err(InsertError::ReplyKeyTaken),
            Entry::Occupied(mut taken) => Some(taken.insert((flow.clone(), Side::Reply))),
            Entry::Vacant(free) => {
                free.insert((flow.clone(), Side::Reply));
                None
            }
        };
        let forwards = self.entries.insert(flow.key(Side::Forward), (flow.clone(), Side::Forward));
        self.forget_replaced(replies, forwards);
        self.count.fetch_add(1, Relaxed);
        if flow.state().is_half_open() {
            self.half_open.push(flow);
        }
        Ok(())
    }

    /// Takes a flow out.
    pub fn remove(&self, flow: &Arc<Flow>) {
        let mut found = false;
        for side in [Side::Forward, Side::Reply] {
            let gone = self.entries.remove_if(&flow.key(side), |_, (other, _)| Arc::ptr_eq(other, flow));
            found |= gone.is_some();
        }
        if found {
            self.count.fetch_sub(1, Relaxed);
        }
    }

    /// Takes out every flow that has been idle for too long, and tells how many.
    pub fn expire(&self, lifetimes: &Lifetimes, now: u64) -> usize {
        let mut expired = Vec::new();
        for entry in &self.entries {
            let (flow, _) = entry.value();
            if flow.is_expired(lifetimes, now) {
                expired.push(flow.clone());
            }
        }
        let before = self.len();
        expired.iter().for_each(|flow| self.remove(flow));
        self.forget_settled();
        before.saturating_sub(self.len())
    }

    /// A flow that lost both its keys to a newer one is gone; one that lost a single key lives on by the other.
    fn forget_replaced(&self, replies: Option<(Arc<Flow>, Side)>, forwards: Option<(Arc<Flow>, Side)>) {
        let same = matches!((&replies, &forwards), (Some((a, _)), Some((b, _))) if Arc::ptr_eq(a, b));
        let replaced = [replies, forwards.filter(|_| !same)];
        let gone = replaced.iter().flatten().filter(|(flow, _)| !self.is_present(flow)).count();
        self.count.fetch_sub(gone, Relaxed);
    }

    fn is_present(&self, flow: &Arc<Flow>) -> bool {
        let present = |side| self.entries.get(&flow.key(side)).is_some_and(|entry| Arc::ptr_eq(&entry.value().0, flow));
        present(Side::Forward) || present(Side::Reply)
    }

    fn evict_half_open(&self) -> bool {
        while let Some(flow) = self.half_open.pop() {
            if flow.state().is_half_open() && self.is_present(&flow) {
                self.remove(&flow);
                return true;
            }
        }
        false
    }

    /// Keeps the queue of half-open flows from growing with flows that are established or gone.
    fn forget_settled(&self) {
        for _ in 0..self.half_open.len() {
            let Some(flow) = self.half_open.pop() else { return };
            if flow.state().is_half_open() && self.is_present(&flow) {
                self.half_open.push(flow);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{Path, State};
    use crate::packet::{FiveTuple, Header, TCP, tcp};
    use crate::policy::{AttachmentId, PortId};
    use std::net::Ipv4Addr;

    /// A TCP connection, opened at `now`; `established`: and answered and acknowledged.
    fn flow(client: u16, now: u64, established: bool) -> Arc<Flow> {
        let sent = FiveTuple {
            source: Ipv4Addr::new(10, 0, 0, 1),
            destination: Ipv4Addr::new(10, 0, 0, 2),
            protocol: TCP,
            source_port: client,
            destination_port: 80,
        };
        let path = Path {
            by: AttachmentId(1),
            to: AttachmentId(2),
            port: PortId(2),
            mtu: 1500,
            sent,
            delivered: sent,
            translator: None,
            leaves_segment: false,
        };
        let flow = Flow::new(PortId(1), &Header::first_of(sent), path, [true; 2], 1, now);
        if established {
            flow.touch(Side::Reply, tcp::SYN | tcp::ACK, now);
            flow.touch(Side::Forward, tcp::ACK, now);
        }
        Arc::new(flow)
    }

    fn knows(table: &FlowTable, flow: &Flow) -> bool {
        table.contains(&flow.key(Side::Forward)) && table.contains(&flow.key(Side::Reply))
    }

    #[test]
    fn a_full_table_gives_up_its_oldest_half_open_flow_and_no_established_one() {
        let table = FlowTable::new(3);
        let (established, oldest, newer) = (flow(1, 0, true), flow(2, 0, false), flow(3, 0, false));
        for flow in [&established, &oldest, &newer] {
            assert_eq!(table.insert(flow.clone(), false), Ok(()));
        }
        let (fourth, fifth, sixth) = (flow(4, 0, true), flow(5, 0, true), flow(6, 0, true));
        assert_eq!(table.insert(fourth.clone(), false), Ok(()));
        assert!(!knows(&table, &oldest) && knows(&table, &newer) && knows(&table, &established));
        assert_eq!(table.insert(fifth.clone(), false), Ok(()));
        assert_eq!(table.insert(sixth.clone(), false), Err(InsertError::Full));
        assert!(knows(&table, &established) && knows(&table, &fourth) && knows(&table, &fifth));
        assert_eq!(table.len(), 3);
    }

    #[test]
    fn flows_expire_by_their_state() {
        let table = FlowTable::new(10);
        let (established, opening) = (flow(1, 1000, true), flow(2, 1000, false));
        table.insert(established.clone(), false).unwrap();
        table.insert(opening.clone(), false).unwrap();
        let lifetimes = Lifetimes::new(&Default::default());
        let last_moment = 1000 + lifetimes.of(State::TcpOpening);
        assert_eq!(table.expire(&lifetimes, last_moment), 0);
        assert_eq!(table.expire(&lifetimes, last_moment + 1), 1);
        assert!(knows(&table, &established) && !knows(&table, &opening));
        assert_eq!((table.len(), table.half_open.len()), (1, 0));
    }

    #[test]
    fn a_flow_that_takes_both_keys_of_another_takes_its_place() {
        let table = FlowTable::new(10);
        table.insert(flow(1, 0, true), false).unwrap();
        assert_eq!(table.insert(flow(1, 5, false), true), Err(InsertError::ReplyKeyTaken));
        table.insert(flow(1, 5, false), false).unwrap();
        assert_eq!(table.len(), 1);
    }
}
