//! Fragments follow the verdict of their first fragment; those that overlap another are dropped, and the rest of the datagram too.
//! A datagram that is complete is forgotten: its identification, one of 65,536, may come again soon. Of those that are not, a port
//! has so many at a time, and a new one takes the place of an old one: a host that never completes any is in nobody's way.

use crate::environment::Seed;
use crate::packet::{FragmentPlace, Header, ip};
use dashmap::DashMap;
use serde::{Deserialize, Serialize};
use wire::{Address, DropReason, FiveTuple, PortId};

/// How long a datagram's fragments are waited for, in milliseconds (RFC 791 suggests 15 s, Linux waits 30).
const LIFETIME: u64 = 30_000;
/// Datagrams of a port that are under way at the most. Fragments of one come one after the other, so few really are.
const SLOTS: usize = 256;
/// Stretches of a datagram that may have been seen apart from each other: fragments as small as IPv4 demands (576 bytes) in any order.
const STRETCHES: usize = 64;

/// What fragments of one datagram have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct DatagramKey {
    source: Address,
    destination: Address,
    protocol: u8,
    id: u16,
}

/// What a datagram's first fragment says for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead {
    /// Its header.
    pub header: Header,
    /// If it is an ICMP error that quotes a packet of a flow: as what packets of that flow from the same port are delivered.
    pub related: Option<FiveTuple>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Datagram {
    key: DatagramKey,
    lead: Lead,
    /// Set when the first was dropped or fragments overlap.
    dropped: Option<DropReason>,
    /// Bytes seen, as sorted ranges with gaps between them: of a datagram that comes in order, one.
    seen: Vec<(u32, u32)>,
    /// How long it is, once its last fragment was seen.
    length: Option<u32>,
    since: u64,
}

impl Datagram {
    fn new(key: DatagramKey, lead: Lead, first: FragmentPlace, now: u64) -> Self {
        Self { key, lead, dropped: None, seen: vec![(0, first.length)], length: None, since: now }
    }

    /// Takes a later fragment; what speaks for it, or why it is dropped.
    fn add(&mut self, place: FragmentPlace) -> Result<Lead, DropReason> {
        if let Some(reason) = self.dropped {
            return Err(reason);
        }
        let end = place.offset + place.length;
        let at = self.seen.partition_point(|range| range.1 <= place.offset);
        let overlaps = self.seen.get(at).is_some_and(|range| range.0 < end);
        let beyond = self.length.is_some_and(|length| end > length || !place.more);
        if overlaps || beyond {
            return Err(self.spoil());
        }
        let full = self.seen.len() >= STRETCHES;
        let (before, after) = self.seen.split_at_mut(at);
        let before = before.last_mut().filter(|range| range.1 == place.offset);
        let after = after.first_mut().filter(|range| range.0 == end);
        match (before, after) {
            (Some(before), Some(after)) => {
                before.1 = after.1;
                self.seen.remove(at);
            }
            (Some(before), None) => before.1 = end,
            (None, Some(after)) => after.0 = place.offset,
            (None, None) if full => return Err(self.spoil()),
            (None, None) => self.seen.insert(at, (place.offset, end)),
        }
        if !place.more {
            self.length = Some(end);
        }
        Ok(self.lead)
    }

    /// Gives the datagram up.
    fn spoil(&mut self) -> DropReason {
        self.seen = Vec::new();
        *self.dropped.insert(DropReason::FragmentOverlap)
    }

    fn is_complete(&self) -> bool {
        self.length.is_some_and(|length| self.seen == [(0, length)])
    }

    fn is_over(&self, now: u64) -> bool {
        now.saturating_sub(self.since) > LIFETIME
    }

    /// Whether a fragment is taken for one of it. A first one is not if nothing of it has gone on: it begins it anew.
    fn takes(&self, key: &DatagramKey, place: FragmentPlace, now: u64) -> bool {
        let anew = place.offset == 0 && self.dropped == Some(DropReason::FragmentOfDropped);
        self.key == *key && !self.is_over(now) && !anew
    }
}

/// A datagram of which fragments are under way, and where it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatagramImage {
    port: PortId,
    slot: u16,
    datagram: Datagram,
}

/// A port's datagrams under way, each in the slot of its key.
type Slots = Box<[Option<Datagram>]>;

/// The datagrams of which fragments are under way.
#[derive(Debug)]
pub struct Fragments {
    ports: DashMap<PortId, Slots, foldhash::fast::RandomState>,
    seed: Seed,
}

impl Fragments {
    /// None.
    pub fn new(seed: Seed) -> Self {
        Self { ports: DashMap::default(), seed }
    }

    /// All datagrams that are under way, in the order of ports and slots.
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

    /// Puts a datagram where it was; one that cannot have been there is left out.
    pub fn restore(&self, DatagramImage { port, slot, datagram }: DatagramImage) {
        let mut slots = self.ports.entry(port).or_insert_with(empty_slots);
        if let Some(place) = slots.get_mut(usize::from(slot)) {
            *place = Some(datagram);
        }
    }

    /// What speaks for a fragment, or why it is dropped. `own` is what it says itself.
    pub fn admit(&self, port: PortId, own: Lead, place: FragmentPlace, now: u64) -> Result<Lead, DropReason> {
        if place.offset + place.length > 65_535 - ip::HEADER as u32 {
            return Err(DropReason::FragmentOverlap);
        }
        let key = key(own.header.tuple, place.id);
        let mut slots = match self.ports.get_mut(&port) {
            Some(slots) => slots,
            None if place.offset == 0 => self.ports.entry(port).or_insert_with(empty_slots),
            None => return Err(DropReason::FragmentWithoutFirst),
        };
        let Some(slot) = slots.get_mut(self.slot_of(&key)) else { return Err(DropReason::FragmentWithoutFirst) };
        match slot {
            Some(datagram) if datagram.takes(&key, place, now) => {
                let lead = datagram.add(place);
                if datagram.is_complete() {
                    *slot = None;
                }
                lead
            }
            _ if place.offset == 0 => {
                *slot = Some(Datagram::new(key, own, place, now));
                Ok(own)
            }
            _ => Err(DropReason::FragmentWithoutFirst),
        }
    }

    /// What a datagram's first fragment says, if that was seen.
    pub fn first(&self, port: PortId, tuple: FiveTuple, id: u16) -> Option<Lead> {
        let key = key(tuple, id);
        let slots = self.ports.get(&port)?;
        slots.get(self.slot_of(&key))?.as_ref().filter(|datagram| datagram.key == key).map(|datagram| datagram.lead)
    }

    /// Notes that a datagram's first fragment was dropped: the others will be too.
    pub fn refuse(&self, port: PortId, tuple: FiveTuple, id: u16) {
        let key = key(tuple, id);
        let Some(mut slots) = self.ports.get_mut(&port) else { return };
        let slot = slots.get_mut(self.slot_of(&key)).and_then(Option::as_mut);
        if let Some(datagram) = slot.filter(|datagram| datagram.key == key) {
            datagram.dropped.get_or_insert(DropReason::FragmentOfDropped);
        }
    }

    /// Forgets ports that have no datagrams under way.
    pub fn expire(&self, now: u64) {
        self.ports.retain(|_, slots| slots.iter().flatten().any(|datagram| !datagram.is_over(now)));
    }

    /// Datagrams of one sender and receiver that follow each other have slots that follow each other.
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
