//! A batch of packets: what enters the pipeline's stages, and what comes out of them.

use super::engine::{Engine, Published};
use crate::flow::{FlowKey, Lifetimes};
use crate::packet::{Offload, ParseError, View, VirtioHeader};
use arc_swap::Guard;
use std::cell::Cell;
use std::sync::Arc;
use wire::{Culprit, Drop, DropReason, FiveTuple, PortId};

/// A packet on its way through the pipeline.
#[derive(Debug)]
pub struct Packet<'a> {
    /// The IPv4 packet; rewritten in fragment.
    pub bytes: &'a mut [u8],
    /// Whether its transport checksum is only the pseudo-header's sum (virtio's NEEDS_CSUM).
    pub partial_checksum: bool,
    /// For a coalesced packet, the payload bytes of every segment but the last (virtio's gso_size); otherwise 0.
    pub segment_size: u16,
}

impl Packet<'_> {
    /// The length of its largest segment as a packet, in bytes.
    #[inline]
    pub(super) fn largest(&self, view: &View) -> usize {
        match self.segment_size {
            0 => view.length,
            size => view.headers_length + usize::from(size),
        }
    }

    /// The number of its segments; 1 if it is not coalesced.
    pub(super) fn count(&self, view: &View) -> u64 {
        match self.segment_size {
            0 => 1,
            size => view.length.saturating_sub(view.headers_length).div_ceil(usize::from(size)) as u64,
        }
    }
}

/// The outcome of a packet.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was rewritten and is forwarded to a port. If it exceeds the MTU, it may be fragmented.
    Forward {
        /// The receiver's port.
        port: PortId,
        /// The MTU of the path, in bytes.
        mtu: u16,
    },
    /// It is dropped.
    Drop {
        /// The reason and the culprit.
        drop: Drop,
        /// Its 5-tuple, if it could be parsed.
        packet: Option<FiveTuple>,
        /// An ICMP error or a RST for the port that sent it.
        answer: Option<Vec<u8>>,
    },
}

/// A packet that was parsed.
#[derive(Clone, Copy, Debug)]
pub struct Parsed {
    pub(super) view: View,
    /// The hash of its flow key, if it is no fragment.
    pub(super) hash: u64,
}

impl Parsed {
    /// The parsed view.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The packet's length as its IPv4 header gives it, in bytes.
    pub fn length(&self) -> usize {
        self.view.length
    }
}

/// A batch of one worker's packets.
pub struct Batch<'e> {
    pub(super) engine: &'e Engine,
    pub(super) tables: Guard<Arc<Published>>,
    pub(super) lifetimes: Lifetimes,
    pub(super) now: u64,
    pub(super) decisions: Cell<u32>,
}

impl Engine {
    /// Begins a batch. All its packets see the same tables.
    pub fn batch(&self) -> Batch<'_> {
        let (tables, lifetimes) = (self.published.load(), self.timeouts.load().1);
        Batch { engine: self, tables, lifetimes, now: self.now(), decisions: Cell::new(0) }
    }
}

impl<'e> Batch<'e> {
    /// What all workers share.
    pub fn engine(&self) -> &'e Engine {
        self.engine
    }
}

impl Batch<'_> {
    /// Parses a packet: the first stage. The caller parses the whole batch and calls [`Batch::prefetch`] before the later
    /// stages, so that cache misses overlap.
    ///
    /// # Errors
    /// The drop, if the bytes are not a valid packet.
    #[inline]
    pub fn parse(&self, port: PortId, bytes: &[u8]) -> Result<Parsed, Drop> {
        let view = View::parse(bytes).map_err(|error| match error {
            ParseError::NotIpv4 => Drop::new(DropReason::NotIpv4, Culprit::Packet),
            ParseError::Malformed => Drop::new(DropReason::Malformed, Culprit::Packet),
        })?;
        let key = FlowKey { port, tuple: view.header.tuple };
        Ok(Parsed { view, hash: self.engine.flows.hash(&key) })
    }

    /// The same for a packet with a virtio header, whose offload is checked. A partial checksum inside a tunnel is
    /// completed.
    ///
    /// # Errors
    /// The drop, if the bytes are not a valid packet or contradict the virtio header.
    #[inline]
    pub fn parse_offloaded(
        &self,
        port: PortId,
        header: &VirtioHeader,
        bytes: &mut [u8],
    ) -> Result<(Parsed, Offload), Drop> {
        let parsed = self.parse(port, bytes)?;
        let impossible = Drop { reason: DropReason::ImpossibleOffload, culprit: Culprit::Packet };
        let offload = Offload::check(header, parsed.view(), bytes).ok_or(impossible)?;
        Ok((parsed, offload))
    }

    /// Whether packets of flows are counted now.
    #[inline]
    pub fn counts(&self) -> bool {
        self.engine.counting.is_on(self.now)
    }

    /// Adds packets and bytes to a packet's flow, if it has one. An ICMP error belongs to no flow, and a later fragment
    /// does not say which flow it belongs to.
    pub fn count(&self, port: PortId, parsed: &Parsed, amount: (u64, u64)) {
        if parsed.view.header.is_error() {
            return;
        }
        self.engine.flows.count(&FlowKey { port, tuple: parsed.view.header.tuple }, parsed.hash, amount);
    }

    /// The time of the batch, in milliseconds of the engine's clock.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// Prefetches the memory that the later stages read for these packets: entries of the flow table, and for packets without
    /// a flow the entries of the tables that their decisions read.
    pub fn prefetch<'p>(&self, packets: impl Iterator<Item = (PortId, &'p Parsed)> + Clone) {
        let flows = &self.engine.flows;
        flows.prefetch(packets.clone().map(|(_, parsed)| parsed.hash));
        if self.tables.snapshot.is_large() {
            let pairs = packets.map(|(port, parsed)| ((port, parsed.view.header.tuple.destination), parsed.hash));
            self.tables.snapshot.prefetch(pairs, |hash| flows.is_absent(hash));
        }
    }

    /// The outcome of a dropped packet. If it is a first fragment, the rest of its datagram will be dropped too.
    pub(super) fn dropped(&self, port: PortId, view: &View, drop: Drop, answer: Option<Vec<u8>>) -> Outcome {
        if let Some(fragment) = view.fragment.filter(|fragment| fragment.offset == 0) {
            self.engine.fragments.drop_rest(port, view.header.tuple, fragment.id);
        }
        Outcome::Drop { drop, packet: Some(view.header.tuple), answer }
    }
}
