//! The flow table: shared by all workers, bounded; found without a lock, changed under one.
//!
//! It may live in a file that outlives the process, so that a dataplane that was killed leaves behind what the next one needs to
//! carry on with the connections that were open. What is in the page cache survives the process: nothing is ever flushed.

use super::entry::Flow;
use super::index::Index;
use super::memory::Memory;
use super::path::{FlowKey, Path};
use super::slot::{Glance, Identity, Slot, WORDS};
use super::state::{Activity, Lifetimes, Side};
use super::sync::{Mutex, MutexGuard};
use crate::packet::FiveTuple;
use crate::packet::coalesce::MAX_GATHERED;
use crate::policy::PortId;
use crossbeam::utils::CachePadded;
use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::io;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Slots that memory is reserved for at a time.
const RESERVED: u32 = 4096;
/// With so many flows, a table is no longer in a processor's own caches.
const FAR: usize = 8192;
/// The first word: the format, so that another version's file is not misread.
const FORMAT: u64 = 0x666c_6f77_7300_0002;
/// Words of the header, which lies in the place of a slot: the format; how far the clock was advanced; how many slots were used.
const FORMAT_WORD: usize = 0;
const SKIPPED_WORD: usize = 1;
const USED_WORD: usize = 2;

/// Where the dataplane that listens on this socket keeps its flows.
pub fn flows_path(socket: &std::path::Path) -> std::path::PathBuf {
    socket.with_file_name("flows")
}

/// Why a flow was not entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsertError {
    /// The table is full of flows that are worth more, or there is no memory for another.
    Full,
    /// Another flow's replies are found by the same key.
    ReplyKeyTaken,
}

/// A flow in the table, as long as it is this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    slot: u32,
    identity: Identity,
}

/// The flow that a packet belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    slot: u32,
    glance: Glance,
    /// Which way along it the packet goes.
    pub side: Side,
}

impl Hit {
    /// The flow.
    pub fn entry(&self) -> Entry {
        Entry { slot: self.slot, identity: self.glance.identity }
    }

    /// When its last packet came, and its state.
    #[inline]
    pub fn activity(&self) -> Activity {
        self.glance.activity
    }

    /// Where the packet goes, if that was allowed in this generation: to which port, as what it is delivered, and the MTU.
    #[inline]
    pub fn allowed(&self, generation: u64) -> Option<(PortId, FiveTuple, u16)> {
        self.glance.allowed(generation)
    }
}

/// All flows, each found by either of its keys. Hashed with a random seed.
#[derive(Debug)]
pub struct FlowTable {
    slots: Memory,
    index: Index,
    hasher: foldhash::fast::RandomState,
    limit: u32,
    count: CachePadded<AtomicUsize>,
    writer: Mutex<Writer>,
}

/// What only who changes the table needs.
#[derive(Debug, Default)]
struct Writer {
    /// Slots from here on were never used.
    used: u32,
    /// Slots for which there is memory.
    reserved: u32,
    /// Slots before `used` that are empty.
    free: Vec<u32>,
    /// Half-open flows, the oldest first; those no longer half-open are dropped from it when met.
    half_open: VecDeque<Entry>,
}

impl FlowTable {
    /// A table for at most `limit` flows that ends with the process.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn new(limit: u32) -> io::Result<Self> {
        Self::of(Memory::private(words(limit))?, limit)
    }

    /// A table that lives in a file, with the flows that another process left there.
    ///
    /// # Errors
    /// What the system says of the file or of memory.
    pub fn of_file(path: &std::path::Path, limit: u32) -> io::Result<Self> {
        let table = Self::of(Memory::of_file(path, words(limit))?, limit)?;
        table.recover()?;
        Ok(table)
    }

    fn of(slots: Memory, limit: u32) -> io::Result<Self> {
        Ok(Self {
            slots,
            index: Index::new(2 * limit as usize)?,
            hasher: Default::default(),
            limit,
            count: Default::default(),
            writer: Default::default(),
        })
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

    /// How far the clock had been advanced, in milliseconds.
    pub fn skipped(&self) -> u64 {
        self.slots[SKIPPED_WORD].load(Relaxed)
    }

    /// Notes how far the clock has been advanced, for a next process.
    pub fn set_skipped(&self, milliseconds: u64) {
        self.slots[SKIPPED_WORD].store(milliseconds, Relaxed);
    }

    /// The hash that everything is found by.
    #[inline]
    pub fn hash(&self, key: &FlowKey) -> u64 {
        self.hasher.hash_one(key)
    }

    /// The flow of a packet with this key and its [hash](Self::hash). Takes no lock.
    #[inline]
    pub fn find(&self, key: &FlowKey, hash: u64) -> Option<Hit> {
        self.index.find(hash, |slot, side| Some(Hit { slot, glance: self.slot(slot).look(key, side)?, side }))
    }

    /// Notes a packet of a flow. Takes no lock.
    #[inline]
    pub fn touch(&self, entry: Entry, side: Side, tcp_flags: u8, now: u64) {
        self.slot(entry.slot).touch(entry.identity, side, tcp_flags, now);
    }

    /// Fetches what looking for these hashes will need: that takes as long for several as for one. A small table is near anyway.
    #[inline]
    pub fn fetch(&self, hashes: impl Iterator<Item = u64>) {
        if self.len() < FAR {
            return;
        }
        let (mut slots, mut count) = ([0; MAX_GATHERED], 0);
        self.index.candidates(hashes, |slot| {
            if let Some(place) = slots.get_mut(count) {
                *place = slot;
                count += 1;
            }
        });
        let fetch = |seen, slot: &u32| seen ^ self.slot(*slot).0[0].load(Relaxed);
        std::hint::black_box(slots[..count].iter().fold(0, fetch));
    }

    /// The flow of a key, whole.
    pub fn get(&self, key: &FlowKey) -> Option<(Entry, Flow, Side)> {
        let hit = self.find(key, self.hash(key))?;
        let (identity, flow) = self.slot(hit.slot).flow()?;
        (identity == hit.glance.identity).then_some((hit.entry(), flow, hit.side))
    }

    /// Whether a key finds a flow.
    pub fn contains(&self, key: &FlowKey) -> bool {
        self.find(key, self.hash(key)).is_some()
    }

    /// Enters a flow under both its keys, in the place of whatever they found before; with `unique_reply` (for translated flows,
    /// whose port can be chosen again) only if its reply key found nothing. Its first side is allowed in this generation, on a way
    /// of this MTU.
    ///
    /// # Errors
    /// [`InsertError`]; then nothing has changed but, where the table was full, that a half-open flow may have gone.
    pub fn insert(&self, flow: &Flow, generation: u64, mtu: u16, unique_reply: bool) -> Result<(), InsertError> {
        let mut writer = self.lock();
        if unique_reply && self.contains(&flow.key(Side::Reply)) {
            return Err(InsertError::ReplyKeyTaken);
        }
        if self.len() >= self.limit as usize && !self.evict_half_open(&mut writer) {
            return Err(InsertError::Full);
        }
        let slot = writer.take_slot(&self.slots, self.limit).ok_or(InsertError::Full)?;
        self.slot(slot).fill(flow, generation, mtu);
        self.count.fetch_add(1, Relaxed);
        self.enter(&mut writer, slot, flow);
        Ok(())
    }

    /// Notes the way of a flow's side, which [fits](Flow::fits), and that it is allowed in this generation.
    pub fn allow(&self, entry: Entry, side: Side, path: &Path, generation: u64) {
        let _writer = self.lock();
        if self.is_there(entry) {
            self.slot(entry.slot).allow(side, path, generation);
        }
    }

    /// Takes a flow out, if it is still there.
    pub fn remove(&self, entry: Entry) {
        self.take_out(&mut self.lock(), entry);
    }

    /// Takes out every flow that has been idle for too long, and tells how many.
    pub fn expire(&self, lifetimes: &Lifetimes, now: u64) -> usize {
        let used = self.lock().used;
        let is_over = |slot: u32| {
            let (identity, activity) = self.slot(slot).activity()?;
            activity.is_over(lifetimes, now).then_some(Entry { slot, identity })
        };
        // The lock is taken for one flow at a time, so that no packet waits for the whole sweep.
        let over = (0..used).filter_map(is_over).inspect(|entry| self.remove(*entry)).count();
        self.forget_settled(&mut self.lock());
        over
    }

    /// Takes every flow out that has an end at a port which `is_gone`.
    pub fn forget(&self, is_gone: impl Fn(PortId) -> bool) {
        let used = self.lock().used;
        let loses_an_end = |slot: u32| {
            let (identity, flow) = self.slot(slot).flow()?;
            flow.keys.iter().any(|key| is_gone(key.port)).then_some(Entry { slot, identity })
        };
        (0..used).filter_map(loses_an_end).for_each(|entry| self.remove(entry));
    }

    /// Puts a flow's keys into the index; whoever had them loses them, and is gone when it has lost both.
    fn enter(&self, writer: &mut Writer, slot: u32, flow: &Flow) {
        for side in [Side::Reply, Side::Forward] {
            let key = flow.key(side);
            let hash = self.hash(&key);
            if let Some(before) = self.find(&key, hash) {
                self.index.remove(hash, before.slot, before.side);
                if before.slot != slot && !self.is_found(before.slot) {
                    self.release(writer, before.slot);
                }
            }
            self.index.insert(hash, slot, side);
        }
        if let Some(identity) = self.slot(slot).identity().filter(|_| flow.activity().state.is_half_open()) {
            writer.half_open.push_back(Entry { slot, identity });
        }
    }

    /// Whether a slot's flow is found by one of its keys.
    fn is_found(&self, slot: u32) -> bool {
        let by = |key: &FlowKey| self.find(key, self.hash(key)).is_some_and(|hit| hit.slot == slot);
        self.slot(slot).flow().is_some_and(|(_, flow)| flow.keys.iter().any(by))
    }

    fn is_there(&self, entry: Entry) -> bool {
        self.slot(entry.slot).identity() == Some(entry.identity)
    }

    fn take_out(&self, writer: &mut Writer, entry: Entry) {
        let Some((_, flow)) = self.slot(entry.slot).flow().filter(|(identity, _)| *identity == entry.identity) else {
            return;
        };
        for side in [Side::Forward, Side::Reply] {
            self.index.remove(self.hash(&flow.key(side)), entry.slot, side);
        }
        self.release(writer, entry.slot);
    }

    fn release(&self, writer: &mut Writer, slot: u32) {
        self.slot(slot).clear();
        writer.free.push(slot);
        self.count.fetch_sub(1, Relaxed);
    }

    fn is_half_open(&self, entry: Entry) -> bool {
        let there = self.slot(entry.slot).activity();
        there.is_some_and(|(identity, activity)| identity == entry.identity && activity.state.is_half_open())
    }

    fn evict_half_open(&self, writer: &mut Writer) -> bool {
        while let Some(oldest) = writer.half_open.pop_front() {
            if self.is_half_open(oldest) {
                self.take_out(writer, oldest);
                return true;
            }
        }
        false
    }

    /// Keeps the queue of half-open flows from growing with flows that are established or gone.
    fn forget_settled(&self, writer: &mut Writer) {
        while writer.half_open.front().is_some_and(|oldest| !self.is_half_open(*oldest)) {
            writer.half_open.pop_front();
        }
        if writer.half_open.len() > 2 * self.len() {
            writer.half_open.retain(|entry| self.is_half_open(*entry));
        }
    }

    /// Finds the flows that another process left. Nothing of them is allowed until the rules are asked.
    fn recover(&self) -> io::Result<()> {
        self.slots.reserve(words(0))?;
        let mut writer = self.lock();
        if self.slots[FORMAT_WORD].swap(FORMAT, Relaxed) != FORMAT {
            self.set_skipped(0);
            self.slots[USED_WORD].store(0, Relaxed);
        }
        let used = self.slots[USED_WORD].load(Relaxed).min(self.limit.into()) as u32;
        writer.use_slots(&self.slots, used, self.limit)?;
        for slot in 0..used {
            match self.slot(slot).flow() {
                Some((_, flow)) => {
                    self.slot(slot).disallow();
                    self.count.fetch_add(1, Relaxed);
                    self.enter(&mut writer, slot, &flow);
                }
                None => writer.free.push(slot),
            }
        }
        Ok(())
    }

    /// The table is good however its last writer ended.
    fn lock(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn slot(&self, number: u32) -> Slot<'_> {
        let (slots, _) = self.slots.as_chunks();
        Slot(&slots[number as usize + 1])
    }
}

impl Writer {
    /// A slot that nobody has; `None` if there is no more.
    fn take_slot(&mut self, slots: &Memory, limit: u32) -> Option<u32> {
        self.free.pop().or_else(|| {
            let slot = self.used;
            let usable = slot < limit && self.use_slots(slots, slot + 1, limit).is_ok();
            usable.then(|| {
                slots[USED_WORD].store(self.used.into(), Relaxed);
                slot
            })
        })
    }

    /// Makes so many slots usable.
    fn use_slots(&mut self, slots: &Memory, count: u32, limit: u32) -> io::Result<()> {
        if count > self.reserved {
            let reserved = limit.min(count.next_multiple_of(RESERVED));
            slots.reserve(words(reserved))?;
            self.reserved = reserved;
        }
        self.used = count;
        Ok(())
    }
}

/// Words of a table with so many slots, its header included.
fn words(slots: u32) -> usize {
    (slots as usize + 1) * WORDS
}

#[cfg(all(test, loom))]
mod orders_of_events;
#[cfg(all(test, not(loom)))]
mod tests;
