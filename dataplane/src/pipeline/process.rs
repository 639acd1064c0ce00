//! A packet's stages, in order:
//!
//! 1. **Parse** it, and check what its sender says of it ([`Batch::parse`]).
//! 2. **Look up** where it goes ([`lookup`](super::lookup)): a fragment follows its datagram, an ICMP error is decided by itself,
//!    everything else follows its flow. Where no flow tells, [`decide`](super::decide) does: resolve, then authorise.
//! 3. **Time to live**: each router on the path that hosts see takes one.
//! 4. **Size**: a packet that the path does not take and that may not be fragmented ends.
//! 5. **Rewrite** addresses and ports, those that an ICMP error quotes included.
//!
//! What ends on its way may be answered: by an ICMP error ([`icmp_error`](super::icmp_error)), or by a RST.

use super::engine::{Engine, Published};
use super::reason::DropReason;
use super::step::{Culprit, Drop, drop};
use crate::flow::{FlowKey, Forwarding, Lifetimes};
use crate::packet::{FiveTuple, ParseError, View, lower_ttl, quoted_tuple, reset, rewrite, rewrite_quote};
use crate::policy::PortId;
use arc_swap::Guard;
use std::cell::Cell;
use std::sync::Arc;

/// A packet on its way through the pipeline.
#[derive(Debug)]
pub struct Packet<'a> {
    /// The IPv4 packet; rewritten in place.
    pub bytes: &'a mut [u8],
    /// Whether its transport checksum is only the pseudo-header's sum (virtio's NEEDS_CSUM).
    pub partial_checksum: bool,
    /// If it stands for several: the payload bytes of each but the last (virtio's gso_size), else 0.
    pub segment_size: u16,
}

impl Packet<'_> {
    /// The length of the largest packet that it stands for, in bytes.
    #[inline]
    fn largest(&self, view: &View) -> usize {
        match self.segment_size {
            0 => view.length,
            size => view.headers_length + usize::from(size),
        }
    }
}

/// What became of a packet.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was rewritten and goes to this port. If it is larger than the MTU it may be fragmented.
    Forward {
        /// The receiver's port.
        port: PortId,
        /// The largest packet the path takes, in bytes.
        mtu: u16,
    },
    /// It ends here.
    Drop {
        /// Why, and through whom.
        drop: Drop,
        /// What it was, if it could be parsed.
        packet: Option<FiveTuple>,
        /// An ICMP error or a RST to give to the port it came from.
        answer: Option<Vec<u8>>,
    },
}

/// A packet that was parsed.
#[derive(Clone, Copy, Debug)]
pub struct Parsed {
    pub(super) view: View,
    /// Of the key by which it finds its flow, if it is no fragment.
    pub(super) hash: u64,
}

impl Parsed {
    /// The shape of the packet.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Its length by its IPv4 header, in bytes.
    pub fn length(&self) -> usize {
        self.view.length
    }
}

/// One batch of packets of one worker.
pub struct Batch<'e> {
    pub(super) engine: &'e Engine,
    pub(super) tables: Guard<Arc<Published>>,
    pub(super) lifetimes: Lifetimes,
    pub(super) now: u64,
    pub(super) decisions: Cell<u32>,
}

impl<'e> Batch<'e> {
    pub(super) fn new(engine: &'e Engine, tables: Guard<Arc<Published>>, lifetimes: Lifetimes, now: u64) -> Self {
        Self { engine, tables, lifetimes, now, decisions: Cell::new(0) }
    }
}

impl Batch<'_> {
    /// Moves one packet through the pipeline: rewrites it for its way on, or tells why it ends here.
    #[inline]
    pub fn process(&self, port: PortId, packet: &mut Packet<'_>) -> Outcome {
        match self.parse(port, packet.bytes) {
            Ok(parsed) => self.process_parsed(port, &parsed, packet),
            Err(drop) => Outcome::Drop { drop, packet: None, answer: None },
        }
    }

    /// The first stage. It is best done for many packets, with [`Batch::fetch`] after it, before the others are done for the first.
    ///
    /// # Errors
    /// The drop, if it is no packet.
    #[inline]
    pub fn parse(&self, port: PortId, bytes: &[u8]) -> Result<Parsed, Drop> {
        let view = View::parse(bytes).map_err(|error| match error {
            ParseError::NotIpv4 => drop(DropReason::NotIpv4, Culprit::Packet),
            ParseError::Malformed => drop(DropReason::Malformed, Culprit::Packet),
        })?;
        let key = FlowKey { port, tuple: view.header.tuple };
        Ok(Parsed { view, hash: self.engine.flows.hash(&key) })
    }

    /// Fetches from memory what these packets will need, all at once: a large flow table is far away.
    pub fn fetch<'p>(&self, packets: impl Iterator<Item = &'p Parsed>) {
        self.engine.flows.fetch(packets.map(|parsed| parsed.hash));
    }

    /// The stages behind the first.
    #[inline]
    pub fn process_parsed(&self, port: PortId, parsed: &Parsed, packet: &mut Packet<'_>) -> Outcome {
        let view = &parsed.view;
        let Forwarding { port: to, delivered, limits } = match self.look_up(port, parsed, packet.bytes) {
            Ok(forwarding) => forwarding,
            Err(drop) => return self.refuse(port, packet, view, drop),
        };
        if view.ttl <= limits.hops {
            return self.time_exceeded(port, packet, view);
        }
        if packet.largest(view) > usize::from(limits.mtu) && view.dont_fragment {
            return self.fragmentation_needed(port, packet, view, limits.mtu);
        }
        if limits.hops > 0 {
            lower_ttl(packet.bytes, limits.hops);
        }
        if delivered != view.header.tuple {
            self.translate(port, packet, view, delivered);
        }
        Outcome::Forward { port: to, mtu: limits.mtu }
    }

    /// Ends a packet that goes nowhere. Who goes on with a connection that a translator does not know is told with a RST.
    #[inline(never)]
    fn refuse(&self, port: PortId, packet: &Packet<'_>, view: &View, drop: Drop) -> Outcome {
        let is_told = drop.reason == DropReason::UnknownConnection;
        let answer = is_told.then(|| reset(packet.bytes, view)).flatten();
        self.end(port, view, drop, answer)
    }

    /// Ends a packet, and with a first fragment its datagram.
    pub(super) fn end(&self, port: PortId, view: &View, drop: Drop, answer: Option<Vec<u8>>) -> Outcome {
        if let Some(place) = view.fragment.filter(|place| place.offset == 0) {
            self.engine.fragments.refuse(port, view.header.tuple, place.id);
        }
        Outcome::Drop { drop, packet: Some(view.header.tuple), answer }
    }

    #[inline(never)]
    fn translate(&self, port: PortId, packet: &mut Packet<'_>, view: &View, delivered: FiveTuple) {
        let header = view.header;
        if let Some(quoted) = view.quote(packet.bytes).and_then(quoted_tuple) {
            let to = match self.related(port, view, packet.bytes) {
                Some(delivered) => delivered.reversed(),
                None => quoted.renamed(header.tuple, delivered),
            };
            rewrite_quote(packet.bytes, view, to);
        }
        rewrite(packet.bytes, view, delivered, packet.partial_checksum);
    }
}
