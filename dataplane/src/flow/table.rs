//! The flow table that all workers share. Its size is bounded. Look-ups take no lock; changes take one.
//!
//! It may be in a file that outlives the process, so that the next dataplane continues a killed one's connections. The page
//! cache survives the process, so nothing is flushed.

use super::entry::Flow;
use super::index::Index;
use super::memory::Memory;
use super::path::{FlowKey, Forwarding, Limits, Path};
use super::ports::{self, PortsInUse};
use super::shares::Shares;
use super::slot::{HitView, Identity, Slot, WORDS};
use super::state::{Activity, Lifetimes, Side};
use super::sync::{Mutex, MutexGuard};
use crate::environment::Seed;
use crossbeam::utils::CachePadded;
use std::io;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use wire::{FiveTuple, PortId};

/// How many slots are reserved at a time.
const RESERVED: u32 = 4096;
/// How many slots a sweep checks before it releases the lock, which bounds how long a packet waits.
const SWEPT: usize = 64;
/// A port's share of a large table is one part in this many,
const SHARES: u32 = 8;
/// but at least this many flows, enough for one host's scan of all ports.
const LEAST_SHARE: u32 = 1 << 16;
/// The greatest number of slots that are prefetched together. A batch has no more packets.
const PREFETCHED: usize = 64;
/// A table with fewer flows fits in a processor's caches.
const SMALL: usize = 8192;
/// The first word: the format's version. A file of another version is not read.
const FORMAT: u64 = 0x666c_6f77_7300_0003;
/// The header's words, where a slot numbered -1 would be: format, clock offset in milliseconds, number of slots used.
const FORMAT_WORD: usize = 0;
const CLOCK_OFFSET_WORD: usize = 1;
const USED_WORD: usize = 2;

/// The path of the flows file of the dataplane that listens on this socket.
pub fn flows_path(socket: &std::path::Path) -> std::path::PathBuf {
    socket.with_file_name("flows")
}

/// The default number of flows that one port may begin, in a table with this limit.
pub fn default_share(limit: u32) -> u32 {
    LEAST_SHARE.max(limit / SHARES)
}

/// Why a flow was not inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsertError {
    /// The port has used its share, and all of its flows are [assured](super::State::is_assured).
    Share,
    /// The table is full of assured flows, or there is no memory for another.
    Full,
    /// The reply key belongs to another flow.
    ReplyKeyTaken,
}

/// A handle on a flow in the table. It is stale once its slot has another flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    slot: u32,
    identity: Identity,
}

/// The flow that a packet belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    slot: u32,
    view: HitView,
    /// The packet's direction in the flow.
    pub side: Side,
}

impl Hit {
    /// The flow.
    pub fn entry(&self) -> Entry {
        Entry { slot: self.slot, identity: self.view.identity }
    }

    /// The time of its last packet, and the state since.
    #[inline]
    pub fn activity(&self) -> Activity {
        self.view.activity
    }

    /// Whether a NAT translates its packets.
    #[inline]
    pub fn is_translated(&self) -> bool {
        self.view.identity.is_translated()
    }

    /// Where the packet is forwarded to, if that was allowed in this generation.
    #[inline]
    pub fn allowed(&self, generation: u64) -> Option<Forwarding> {
        self.view.allowed(generation)
    }
}

/// All flows. Either key finds a flow.
#[derive(Debug)]
pub struct FlowTable {
    slots: Memory,
    index: Index,
    seed: Seed,
    limit: u32,
    share: u32,
    count: CachePadded<AtomicUsize>,
    writer: Mutex<Writer>,
}

/// The state that only changes need, behind the lock.
#[derive(Debug)]
struct Writer {
    /// Slots from here on have never been used.
    used: u32,
    /// How many slots have memory.
    reserved: u32,
    /// Empty slots before `used`.
    free: Vec<u32>,
    /// How many flows each port has begun.
    shares: Shares,
    /// The ports that NATs use.
    ports: PortsInUse,
}

impl FlowTable {
    /// A table of at most `limit` flows, which ends with the process.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn new(limit: u32, seed: Seed) -> io::Result<Self> {
        let table = Self::of(Memory::private(words(limit))?, limit, seed)?;
        table.prefer_large_pages();
        Ok(table)
    }

    /// A table in a file, with the flows that another process left there.
    ///
    /// # Errors
    /// The system's error.
    pub fn of_file(path: &std::path::Path, limit: u32, seed: Seed) -> io::Result<Self> {
        let table = Self::of(Memory::of_file(path, words(limit))?, limit, seed)?;
        table.recover()?;
        // Large pages come last: recovering scatters small writes over the index, and packets wait for it.
        table.prefer_large_pages();
        Ok(table)
    }

    fn of(slots: Memory, limit: u32, seed: Seed) -> io::Result<Self> {
        Ok(Self {
            slots,
            index: Index::new(2 * limit as usize)?,
            seed,
            limit,
            share: default_share(limit),
            count: Default::default(),
            writer: Mutex::new(Writer::new(limit)),
        })
    }

    fn prefer_large_pages(&self) {
        self.slots.prefer_large_pages();
        self.index.prefer_large_pages();
    }

    /// Sets how many flows one port may have begun.
    pub fn with_share(self, share: u32) -> Self {
        Self { share, ..self }
    }

    /// The number of flows.
    pub fn len(&self) -> usize {
        self.count.load(Relaxed)
    }

    /// Whether there are no flows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes every flow.
    pub fn clear(&self) {
        self.expire(&Lifetimes::none(), u64::MAX);
    }

    /// How far the clock was advanced, in milliseconds.
    pub fn clock_offset(&self) -> u64 {
        self.slots[CLOCK_OFFSET_WORD].load(Relaxed)
    }

    /// Stores how far the clock is advanced, for the next process.
    pub fn set_clock_offset(&self, milliseconds: u64) {
        self.slots[CLOCK_OFFSET_WORD].store(milliseconds, Relaxed);
    }

    /// The hash of a key, which the look-ups need.
    #[inline]
    pub fn hash(&self, key: &FlowKey) -> u64 {
        self.seed.hash(key)
    }

    /// The flow of a packet with this key and its [hash](Self::hash). Takes no lock.
    #[inline]
    pub fn find(&self, key: &FlowKey, hash: u64) -> Option<Hit> {
        self.index.find(hash, |slot, side| Some(Hit { slot, view: self.slot(slot).hit_view(key, side)?, side }))
    }

    /// Updates a flow with one of its packets. Takes no lock.
    #[inline]
    pub fn touch(&self, entry: Entry, side: Side, tcp_flags: u8, now: u64) {
        self.slot(entry.slot).touch(entry.identity, side, tcp_flags, now);
    }

    /// Adds to the counters of the flow with this key and hash, if there is one.
    pub fn count(&self, key: &FlowKey, hash: u64, amount: (u64, u64)) {
        if let Some(hit) = self.find(key, hash) {
            self.slot(hit.slot).count(hit.view.identity, amount);
        }
    }

    /// Resets the counters of every flow.
    pub fn reset_counters(&self) {
        let used = self.lock().used;
        (0..used).for_each(|slot| self.slot(slot).reset_counters());
    }

    /// Prefetches the memory that look-ups of these hashes read, so that their cache misses overlap. Does nothing for a small
    /// table.
    #[inline]
    pub fn prefetch(&self, hashes: impl Iterator<Item = u64>) {
        if self.len() < SMALL {
            return;
        }
        let (mut slots, mut count) = ([0; PREFETCHED], 0);
        self.index.candidates(hashes, |slot| {
            if let Some(place) = slots.get_mut(count) {
                *place = slot;
                count += 1;
            }
        });
        let read = |seen, slot: &u32| seen ^ self.slot(*slot).0[0].load(Relaxed);
        std::hint::black_box(slots[..count].iter().fold(0, read));
    }

    /// Whether certainly no flow has a key with this hash. Reads only memory that [`FlowTable::prefetch`] prefetches.
    #[inline]
    pub fn is_absent(&self, hash: u64) -> bool {
        !self.index.may_contain(hash)
    }

    /// The whole flow with a key.
    pub fn get(&self, key: &FlowKey) -> Option<(Entry, Flow, Side)> {
        let hit = self.find(key, self.hash(key))?;
        let (identity, flow) = self.slot(hit.slot).flow()?;
        (identity == hit.view.identity).then_some((hit.entry(), flow, hit.side))
    }

    /// Whether a flow has this key.
    pub fn contains(&self, key: &FlowKey) -> bool {
        self.find(key, self.hash(key)).is_some()
    }

    /// A source port for a new flow through a NAT, which is delivered to this port with this 5-tuple except for its
    /// source port: the flow's own port if no other flow has the reply key, otherwise one from 1024 up. `None` only if
    /// none is free.
    pub fn free_port(&self, to: PortId, delivered: FiveTuple) -> Option<u16> {
        let is_free = |source_port: u16| {
            let replies = FiveTuple { source_port, ..delivered }.reversed();
            !self.contains(&FlowKey { port: to, tuple: replies })
        };
        if ports::may_keep_port(&delivered) && is_free(delivered.source_port) {
            return Some(delivered.source_port);
        }
        self.lock().ports.choose(to, delivered, &self.seed, is_free)
    }

    /// Whether this port may begin another flow, by a free place or one that can be freed.
    ///
    /// # Errors
    /// As [`FlowTable::insert`].
    pub fn has_room_for(&self, port: PortId) -> Result<(), InsertError> {
        self.victim(&mut self.lock(), port).map(|_| ())
    }

    /// Inserts a flow under both its keys, replacing the flows that had them. With `unique_reply` (for translated
    /// flows, which can choose another port) it fails if another flow has the reply key. The first side's path is
    /// allowed in this generation, with these limits.
    ///
    /// A port that has used its share gives up the oldest of its flows that are not assured. If the table is full, the
    /// port with the most such flows gives one up.
    ///
    /// # Errors
    /// [`InsertError`]. Nothing has changed then, except that one flow that is not assured may be gone.
    pub fn insert(&self, flow: &Flow, generation: u64, limits: Limits, unique_reply: bool) -> Result<(), InsertError> {
        let mut writer = self.lock();
        if unique_reply && self.contains(&flow.key(Side::Reply)) {
            return Err(InsertError::ReplyKeyTaken);
        }
        if let Some(victim) = self.victim(&mut writer, flow.key(Side::Forward).port)? {
            self.take_out(&mut writer, victim);
        }
        let slot = writer.take_slot(&self.slots, self.limit).ok_or(InsertError::Full)?;
        self.slot(slot).fill(flow, generation, limits);
        self.enter(&mut writer, slot, flow);
        Ok(())
    }

    /// Sets the path of a flow's side, which [fits](Flow::fits), and allows it in this generation.
    pub fn allow(&self, entry: Entry, side: Side, path: &Path, generation: u64) {
        let _writer = self.lock();
        if self.is_there(entry) {
            self.slot(entry.slot).allow(side, path, generation);
        }
    }

    /// Removes a flow, if it is still there.
    pub fn remove(&self, entry: Entry) {
        self.take_out(&mut self.lock(), entry);
    }

    /// Removes every expired flow. Returns how many.
    pub fn expire(&self, lifetimes: &Lifetimes, now: u64) -> usize {
        let used = self.lock().used;
        let sweep = |first: u32| {
            let mut writer = self.lock();
            let slots = first..used.min(first + SWEPT as u32);
            slots.filter(|slot| self.sweep(&mut writer, *slot, lifetimes, now)).count()
        };
        (0..used).step_by(SWEPT).map(sweep).sum()
    }

    /// Iterates over the flows. Others may be added and removed meanwhile.
    pub fn iter(&self) -> impl Iterator<Item = Flow> {
        let used = self.lock().used;
        (0..used).filter_map(|slot| self.slot(slot).flow().map(|(_, flow)| flow))
    }

    /// Removes every flow with an end at a port for which `is_gone` is true.
    pub fn forget(&self, is_gone: impl Fn(PortId) -> bool) {
        let used = self.lock().used;
        let loses_an_end = |slot: u32| {
            let (identity, flow) = self.slot(slot).flow()?;
            flow.keys.iter().any(|key| is_gone(key.port)).then_some(Entry { slot, identity })
        };
        (0..used).filter_map(loses_an_end).for_each(|entry| self.remove(entry));
    }

    /// Removes a slot's flow if it has expired; otherwise updates its port's list. Returns whether it was removed.
    fn sweep(&self, writer: &mut Writer, slot: u32, lifetimes: &Lifetimes, now: u64) -> bool {
        let Some((identity, activity)) = self.slot(slot).activity() else { return false };
        if lifetimes.is_over(activity, identity.is_translated(), now) {
            self.take_out(writer, Entry { slot, identity });
            return true;
        }
        if activity.state.is_assured() {
            writer.shares.unlist(slot);
        } else {
            writer.shares.list(slot);
        }
        false
    }

    /// Adds a flow's keys to the index. A flow that had one of them loses it, and is removed when it has lost both.
    fn enter(&self, writer: &mut Writer, slot: u32, flow: &Flow) {
        self.count.fetch_add(1, Relaxed);
        writer.shares.add(slot, flow.key(Side::Forward).port, !flow.activity().state.is_assured());
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
        if flow.is_translated() {
            writer.ports.take(flow.key(Side::Reply));
        }
    }

    /// Whether a slot's flow is in the index by either of its keys.
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
        if let Some((_, flow)) = self.slot(slot).flow().filter(|(identity, _)| identity.is_translated()) {
            writer.ports.release(flow.key(Side::Reply));
        }
        self.slot(slot).clear();
        writer.shares.remove(slot);
        writer.free.push(slot);
        self.count.fetch_sub(1, Relaxed);
    }

    /// The flow that has to be removed before this port may begin another, if any. A port that exceeds its share gives
    /// up its own.
    fn victim(&self, writer: &mut Writer, port: PortId) -> Result<Option<Entry>, InsertError> {
        if writer.shares.of(port) >= self.share {
            return self.oldest_unassured(writer, port).ok_or(InsertError::Share).map(Some);
        }
        if self.len() < self.limit as usize {
            return Ok(None);
        }
        while let Some(greediest) = writer.shares.longest() {
            if let Some(oldest) = self.oldest_unassured(writer, greediest) {
                return Ok(Some(oldest));
            }
        }
        Err(InsertError::Full)
    }

    /// The oldest flow of a port that is not assured. A flow that became assured since it was listed is taken off the
    /// list here.
    fn oldest_unassured(&self, writer: &mut Writer, port: PortId) -> Option<Entry> {
        loop {
            let slot = writer.shares.oldest(port)?;
            match self.slot(slot).activity() {
                Some((identity, activity)) if !activity.state.is_assured() => return Some(Entry { slot, identity }),
                _ => writer.shares.unlist(slot),
            }
        }
    }

    /// Takes over the flows that an earlier process left. Their packets are checked against the rules again.
    fn recover(&self) -> io::Result<()> {
        self.slots.reserve(words(0))?;
        let mut writer = self.lock();
        if self.slots[FORMAT_WORD].swap(FORMAT, Relaxed) != FORMAT {
            self.set_clock_offset(0);
            self.slots[USED_WORD].store(0, Relaxed);
        }
        let used = self.slots[USED_WORD].load(Relaxed).min(self.limit.into()) as u32;
        // Slots are reserved step by step, so that the flows for which the file has room are recovered.
        for count in (0..used).step_by(RESERVED as usize).chain([used]) {
            writer.use_slots(&self.slots, count, self.limit)?;
        }
        for slot in 0..used {
            match self.slot(slot).flow() {
                Some((_, flow)) => {
                    self.slot(slot).disallow();
                    self.enter(&mut writer, slot, &flow);
                }
                None => writer.free.push(slot),
            }
        }
        Ok(())
    }

    /// Locks the table. A writer that panicked leaves it consistent.
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
    fn new(limit: u32) -> Self {
        let shares = Shares::new(limit);
        Self { used: 0, reserved: 0, free: Vec::new(), shares, ports: PortsInUse::default() }
    }

    /// A free slot. `None` if there is none.
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

    /// Makes this many slots usable.
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

/// The length in words of a table with this many slots, header included.
fn words(slots: u32) -> usize {
    (slots as usize + 1) * WORDS
}

pub(super) mod image;
#[cfg(all(test, loom))]
mod interleavings;
#[cfg(all(test, not(loom)))]
mod tests;
