//! Fragments follow the verdict of their first fragment; those that overlap another are dropped, and the rest of the datagram too.

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
    /// Bytes seen, as sorted, disjoint ranges.
    seen: Vec<(u32, u32)>,
    since: u64,
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
            Entry::Occupied(mut known) if now.saturating_sub(known.get().since) <= LIFETIME => {
                let datagram = known.get_mut();
                if let Some(reason) = datagram.dropped {
                    return Err(reason);
                }
                let at = datagram.seen.partition_point(|range| range.1 <= place.offset);
                if datagram.seen.get(at).is_some_and(|range| range.0 < end) {
                    datagram.dropped = Some(DropReason::FragmentOverlap);
                    return Err(DropReason::FragmentOverlap);
                }
                datagram.seen.insert(at, (place.offset, end));
                Ok(datagram.header)
            }
            _ if place.offset != 0 => Err(DropReason::FragmentWithoutFirst),
            Entry::Occupied(mut old) => {
                old.insert(Datagram { header, dropped: None, seen: vec![(0, end)], since: now });
                Ok(header)
            }
            Entry::Vacant(_) if self.count.load(Relaxed) >= LIMIT => Err(DropReason::FragmentWithoutFirst),
            Entry::Vacant(free) => {
                free.insert(Datagram { header, dropped: None, seen: vec![(0, end)], since: now });
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
            datagram.dropped = Some(DropReason::FragmentOfDropped);
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
