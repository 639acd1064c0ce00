//! Fragments get the verdict of their datagram's first fragment.
//!
//! A fragment that overlaps another is dropped, and so is the rest of its datagram. A complete datagram is forgotten at once,
//! because its sender may soon use the 16-bit identification again. The number of a port's incomplete datagrams is limited,
//! and a new one replaces an old one, so a host that completes none takes nothing from others.

use crate::environment::Seed;
use crate::packet::{Fragment, Header, ip};
use dashmap::DashMap;
use serde::{Deserialize, Serialize};
use wire::{Address, DropReason, FiveTuple, PortId};

/// How long a datagram's fragments are waited for, in milliseconds (RFC 791 suggests 15 s, Linux waits 30).
const LIFETIME: u64 = 30_000;
/// The greatest number of a port's incomplete datagrams. Fragments of one datagram usually follow each other, so few are
/// incomplete at a time.
const SLOTS: usize = 256;
/// The greatest number of separate ranges seen of a datagram. It is enough for fragments of 576 bytes, which every host takes
/// (RFC 791 §3.1), in any order.
const MOST_RANGES: usize = 64;

/// What a datagram's fragments have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct DatagramKey {
    source: Address,
    destination: Address,
    protocol: u8,
    id: u16,
}

/// The fields of a datagram's first fragment that decide about all its fragments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstFragment {
    /// Its header.
    pub header: Header,
    /// If it is an ICMP error about a flow, the 5-tuple of that flow's packets from the same port as they are
    /// delivered.
    pub related: Option<FiveTuple>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Datagram {
    key: DatagramKey,
    first: FirstFragment,
    /// Set if the first fragment was dropped or fragments overlap.
    dropped: Option<DropReason>,
    /// The bytes seen, as sorted ranges with gaps between them. A datagram whose fragments come in order has one.
    seen: Vec<(u32, u32)>,
    /// The datagram's length in bytes, known once its last fragment was seen.
    length: Option<u32>,
    /// When its first fragment was seen, in milliseconds of the engine's clock.
    since: u64,
}

impl Datagram {
    fn new(key: DatagramKey, first: FirstFragment, fragment: Fragment, now: u64) -> Self {
        Self { key, first, dropped: None, seen: vec![(0, fragment.length)], length: None, since: now }
    }

    /// Adds a later fragment. Returns the first one, or the drop reason.
    fn add(&mut self, fragment: Fragment) -> Result<FirstFragment, DropReason> {
        if let Some(reason) = self.dropped {
            return Err(reason);
        }
        let end = fragment.offset + fragment.length;
        let at = self.seen.partition_point(|range| range.1 <= fragment.offset);
        let overlaps = self.seen.get(at).is_some_and(|range| range.0 < end);
        let beyond = self.length.is_some_and(|length| end > length || !fragment.more);
        if overlaps || beyond {
            return Err(self.overlap());
        }
        let full = self.seen.len() >= MOST_RANGES;
        let (before, after) = self.seen.split_at_mut(at);
        let before = before.last_mut().filter(|range| range.1 == fragment.offset);
        let after = after.first_mut().filter(|range| range.0 == end);
        match (before, after) {
            (Some(before), Some(after)) => {
                before.1 = after.1;
                self.seen.remove(at);
            }
            (Some(before), None) => before.1 = end,
            (None, Some(after)) => after.0 = fragment.offset,
            (None, None) if full => return Err(self.overlap()),
            (None, None) => self.seen.insert(at, (fragment.offset, end)),
        }
        if !fragment.more {
            self.length = Some(end);
        }
        Ok(self.first)
    }

    /// Marks the datagram as dropped because of this fragment.
    fn overlap(&mut self) -> DropReason {
        self.seen = Vec::new();
        *self.dropped.insert(DropReason::FragmentOverlap)
    }

    fn is_complete(&self) -> bool {
        self.length.is_some_and(|length| self.seen == [(0, length)])
    }

    fn is_over(&self, now: u64) -> bool {
        now.saturating_sub(self.since) > LIFETIME
    }

    /// Whether a fragment belongs to this datagram. A first fragment begins a new datagram if nothing of this one was
    /// forwarded.
    fn takes(&self, key: &DatagramKey, fragment: Fragment, now: u64) -> bool {
        let anew = fragment.offset == 0 && self.dropped == Some(DropReason::FragmentOfDropped);
        self.key == *key && !self.is_over(now) && !anew
    }
}

/// An incomplete datagram, and the slot that has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatagramImage {
    port: PortId,
    slot: u16,
    datagram: Datagram,
}

/// A port's incomplete datagrams, each in the slot of its key.
type Slots = Box<[Option<Datagram>]>;

/// The incomplete datagrams of all ports.
#[derive(Debug)]
pub struct Fragments {
    ports: DashMap<PortId, Slots, foldhash::fast::RandomState>,
    seed: Seed,
}

impl Fragments {
    /// No datagrams.
    pub fn new(seed: Seed) -> Self {
        Self { ports: DashMap::default(), seed }
    }

    /// All incomplete datagrams, in the order of ports and slots.
    pub fn images(&self) -> Vec<DatagramImage> {
        let mut all = Vec::new();
        for slots in &self.ports {
            let port = *slots.key();
            let there = (0..).zip(slots.iter()).filter_map(|(slot, datagram)| Some((slot, datagram.as_ref()?)));
            all.extend(there.map(|(slot, datagram)| DatagramImage { port, slot, datagram: datagram.clone() }));
        }
        all.sort_by_key(|image| (image.port, image.slot));
        all
    }

    /// Restores a datagram to its slot. A slot that does not exist is ignored.
    pub fn restore(&self, DatagramImage { port, slot, datagram }: DatagramImage) {
        let mut slots = self.ports.entry(port).or_insert_with(empty_slots);
        if let Some(empty) = slots.get_mut(usize::from(slot)) {
            *empty = Some(datagram);
        }
    }

    /// The first fragment, by which a fragment is forwarded, or the drop reason. `own` has the fragment's own header.
    pub fn admit(
        &self,
        port: PortId,
        own: FirstFragment,
        fragment: Fragment,
        now: u64,
    ) -> Result<FirstFragment, DropReason> {
        if fragment.offset + fragment.length > 65_535 - ip::HEADER as u32 {
            return Err(DropReason::FragmentOverlap);
        }
        let key = key(own.header.tuple, fragment.id);
        let mut slots = match self.ports.get_mut(&port) {
            Some(slots) => slots,
            None if fragment.offset == 0 => self.ports.entry(port).or_insert_with(empty_slots),
            None => return Err(DropReason::FragmentWithoutFirst),
        };
        let Some(slot) = slots.get_mut(self.slot_of(&key)) else { return Err(DropReason::FragmentWithoutFirst) };
        match slot {
            Some(datagram) if datagram.takes(&key, fragment, now) => {
                let first = datagram.add(fragment);
                if datagram.is_complete() {
                    *slot = None;
                }
                first
            }
            _ if fragment.offset == 0 => {
                *slot = Some(Datagram::new(key, own, fragment, now));
                Ok(own)
            }
            _ => Err(DropReason::FragmentWithoutFirst),
        }
    }

    /// The first fragment of a datagram, if it was seen.
    pub fn first(&self, port: PortId, tuple: FiveTuple, id: u16) -> Option<FirstFragment> {
        let key = key(tuple, id);
        let slots = self.ports.get(&port)?;
        slots.get(self.slot_of(&key))?.as_ref().filter(|datagram| datagram.key == key).map(|datagram| datagram.first)
    }

    /// Notes that a datagram's first fragment was dropped, so that the others will be dropped too.
    pub fn drop_rest(&self, port: PortId, tuple: FiveTuple, id: u16) {
        let key = key(tuple, id);
        let Some(mut slots) = self.ports.get_mut(&port) else { return };
        let slot = slots.get_mut(self.slot_of(&key)).and_then(Option::as_mut);
        if let Some(datagram) = slot.filter(|datagram| datagram.key == key) {
            datagram.dropped.get_or_insert(DropReason::FragmentOfDropped);
        }
    }

    /// Forgets ports whose incomplete datagrams have all timed out.
    pub fn expire(&self, now: u64) {
        self.ports.retain(|_, slots| slots.iter().flatten().any(|datagram| !datagram.is_over(now)));
    }

    /// The slot of a datagram. Consecutive datagrams between one sender and receiver have consecutive slots.
    fn slot_of(&self, key: &DatagramKey) -> usize {
        let start = self.seed.hash(&(key.source, key.destination, key.protocol)) as usize;
        start.wrapping_add(usize::from(key.id)) % SLOTS
    }
}

fn empty_slots() -> Slots {
    (0..SLOTS).map(|_| None).collect()
}

fn key(tuple: FiveTuple, id: u16) -> DatagramKey {
    DatagramKey { source: tuple.source, destination: tuple.destination, protocol: tuple.protocol, id }
}
