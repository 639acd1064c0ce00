//! Fragments follow the verdict of their first fragment; those that overlap another are dropped, and the rest of the datagram too.
//! A datagram that is complete is forgotten: its identification, one of 65,536, may come again soon.

use super::reason::DropReason;
use crate::packet::{FiveTuple, FragmentPlace, Header};
use crate::policy::PortId;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// How long a datagram's fragments are waited for, in milliseconds (RFC 791 suggests 15 s, Linux waits 30).
const LIFETIME: u64 = 30_000;
/// Datagrams under way at the most; above it new ones are dropped.
const LIMIT: usize = 65_536;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct DatagramKey {
    port: PortId,
    source: Ipv4Addr,
    destination: Ipv4Addr,
    protocol: u8,
    id: u16,
}

#[derive(Debug)]
struct Datagram {
    /// The first fragment's header, which speaks for all.
    header: Header,
    /// Set when the first was dropped or fragments overlap.
    dropped: Option<DropReason>,
    /// Bytes seen, as sorted ranges with gaps between them: of a datagram that comes in order, one.
    seen: Vec<(u32, u32)>,
    /// How long it is, once its last fragment was seen.
    length: Option<u32>,
    since: u64,
}

impl Datagram {
    fn new(header: Header, first: FragmentPlace, now: u64) -> Self {
        Self { header, dropped: None, seen: vec![(0, first.length)], length: None, since: now }
    }

    /// Takes a later fragment; the header that speaks for it, or why it is dropped.
    fn add(&mut self, place: FragmentPlace) -> Result<Header, DropReason> {
        if let Some(reason) = self.dropped {
            return Err(reason);
        }
        let end = place.offset + place.length;
        let at = self.seen.partition_point(|range| range.1 <= place.offset);
        let overlaps = self.seen.get(at).is_some_and(|range| range.0 < end);
        let beyond = self.length.is_some_and(|length| end > length || !place.more);
        if overlaps || beyond {
            self.dropped = Some(DropReason::FragmentOverlap);
            return Err(DropReason::FragmentOverlap);
        }
        let follows = at > 0 && self.seen[at - 1].1 == place.offset;
        let precedes = self.seen.get(at).is_some_and(|range| range.0 == end);
        match (follows, precedes) {
            (true, true) => self.seen[at - 1].1 = self.seen.remove(at).1,
            (true, false) => self.seen[at - 1].1 = end,
            (false, true) => self.seen[at].0 = place.offset,
            (false, false) => self.seen.insert(at, (place.offset, end)),
        }
        if !place.more {
            self.length = Some(end);
        }
        Ok(self.header)
    }

    fn is_complete(&self) -> bool {
        self.length.is_some_and(|length| self.seen == [(0, length)])
    }

    /// Whether a first fragment begins it anew: its time is over, or nothing of it went on.
    fn gives_way(&self, now: u64) -> bool {
        now.saturating_sub(self.since) > LIFETIME || self.dropped == Some(DropReason::FragmentOfDropped)
    }
}

/// The datagrams of which fragments are under way.
#[derive(Debug, Default)]
pub struct Fragments {
    datagrams: DashMap<DatagramKey, Datagram, foldhash::fast::RandomState>,
    count: AtomicUsize,
}

impl Fragments {
    /// The header that speaks for this fragment, or why it is dropped.
    pub fn admit(&self, port: PortId, header: Header, place: FragmentPlace, now: u64) -> Result<Header, DropReason> {
        let key = key(port, header.tuple, place.id);
        let end = place.offset + place.length;
        if end > 65_535 - 20 {
            return Err(DropReason::FragmentOverlap);
        }
        match self.datagrams.entry(key) {
            Entry::Occupied(mut old) if place.offset == 0 && old.get().gives_way(now) => {
                old.insert(Datagram::new(header, place, now));
                Ok(header)
            }
            Entry::Occupied(mut known) if now.saturating_sub(known.get().since) <= LIFETIME => {
                let header = known.get_mut().add(place);
                if known.get().is_complete() {
                    known.remove();
                    self.count.fetch_sub(1, Relaxed);
                }
                header
            }
            _ if place.offset != 0 => Err(DropReason::FragmentWithoutFirst),
            Entry::Occupied(_) => Err(DropReason::FragmentOverlap),
            Entry::Vacant(_) if self.count.load(Relaxed) >= LIMIT => Err(DropReason::FragmentWithoutFirst),
            Entry::Vacant(free) => {
                free.insert(Datagram::new(header, place, now));
                self.count.fetch_add(1, Relaxed);
                Ok(header)
            }
        }
    }

    /// The header of a datagram's first fragment, if that was seen.
    pub fn first(&self, port: PortId, tuple: FiveTuple, id: u16) -> Option<Header> {
        self.datagrams.get(&key(port, tuple, id)).map(|datagram| datagram.header)
    }

    /// Notes that a datagram's first fragment was dropped: the others will be too.
    pub fn refuse(&self, port: PortId, tuple: FiveTuple, id: u16) {
        if let Some(mut datagram) = self.datagrams.get_mut(&key(port, tuple, id)) {
            datagram.dropped.get_or_insert(DropReason::FragmentOfDropped);
        }
    }

    /// Forgets datagrams whose time is over.
    pub fn expire(&self, now: u64) {
        self.datagrams.retain(|_, datagram| {
            let stays = now.saturating_sub(datagram.since) <= LIFETIME;
            if !stays {
                self.count.fetch_sub(1, Relaxed);
            }
            stays
        });
    }
}

fn key(port: PortId, tuple: FiveTuple, id: u16) -> DatagramKey {
    DatagramKey { port, source: tuple.source, destination: tuple.destination, protocol: tuple.protocol, id }
}
