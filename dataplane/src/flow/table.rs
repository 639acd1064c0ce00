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
