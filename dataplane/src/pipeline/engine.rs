//! The whole pipeline, shared by all workers: the tables in force, the flows, the fragments, the clock.

use super::authorise::admits_error;
use super::clock::Clock;
use super::decide::{Decision, decide};
use super::fragments::{Fragments, Lead};
use super::known::Known;
use super::reason::DropReason;
use super::step::{Culprit, Drop, Step, drop};
use crate::flow::{Activity, Flow, FlowKey, FlowTable, Hit, InsertError, Lifetimes, Side, State, Timeouts};
use crate::packet::{
    Complaint, FiveTuple, FragmentPlace, Header, IcmpClass, ParseError, TCP, View, decrement_ttl, quoted_tuple, reset,
    rewrite, rewrite_quote, tcp,
};
use crate::policy::{AttachmentId, PortId, Snapshot};
use crate::wire::{Explanation, FlowRecord};
use arc_swap::{ArcSwap, Guard};
use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A version of the tables in force. The generation counts what was published, so that two versions of one number differ.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) snapshot: Arc<Snapshot>,
    generation: u64,
}

/// The pipeline's shared state.
#[derive(Debug)]
pub struct Engine {
    published: ArcSwap<Published>,
    generations: AtomicU64,
    pub(super) flows: FlowTable,
    pub(super) fragments: Fragments,
    clock: Clock,
    timeouts: ArcSwap<(Timeouts, Lifetimes)>,
}

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

/// What became of a packet.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was rewritten and goes to this port. If it is larger than the MTU it may be fragmented.
    Forward {
        /// The receiver's port.
        port: PortId,
        /// The largest packet the way takes, in bytes.
        mtu: u16,
    },
    /// It ends here.
    Drop {
        /// Why, and through whom.
        drop: Drop,
        /// What it was, if it could be parsed.
        packet: Option<FiveTuple>,
        /// An ICMP error or a RST to give to the port it came from.
        complaint: Option<Vec<u8>>,
    },
}

impl Engine {
    /// An engine without tables, whose flows end with it.
    ///
    /// # Errors
    /// If there is no memory for so many flows.
    pub fn new(flow_limit: u32) -> io::Result<Self> {
        FlowTable::new(flow_limit).map(Self::with_flows)
    }

    /// An engine without tables that goes on with these flows, and with the clock by which they live.
    pub fn with_flows(flows: FlowTable) -> Self {
        let empty = Published { snapshot: Arc::new(Snapshot::empty()), generation: 1 };
        Self {
            published: ArcSwap::from_pointee(empty),
            generations: AtomicU64::new(1),
            clock: Clock::ahead_by(flows.skipped()),
            flows,
            fragments: Fragments::default(),
            timeouts: ArcSwap::from_pointee((Timeouts::default(), Lifetimes::new(&Timeouts::default()))),
        }
    }

    /// Puts tables in force for every batch that begins after this.
    pub fn publish(&self, snapshot: Arc<Snapshot>) {
        let generation = self.generations.fetch_add(1, Ordering::Relaxed) + 1;
        self.published.store(Arc::new(Published { snapshot, generation }));
    }

    /// The tables in force.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.published.load().snapshot.clone()
    }

    /// Begins a batch: all its packets see the same tables.
    pub fn batch(&self) -> Batch<'_> {
        let (tables, lifetimes) = (self.published.load(), self.timeouts.load().1);
        Batch { engine: self, tables, lifetimes, now: self.clock.now(), decisions: Cell::new(0) }
    }

    /// The time in a batch's milliseconds.
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// As what a packet was sent that is delivered like this to a port, by the flow that it is part of.
    pub fn as_sent(&self, to: PortId, delivered: FiveTuple) -> Option<FiveTuple> {
        let key = FlowKey { port: to, tuple: delivered.reversed() };
        self.flows.get(&key).map(|(_, flow, side)| flow.key(side.other()).tuple)
    }

    /// How many flows are known.
    pub fn flow_count(&self) -> usize {
        self.flows.len()
    }

    /// Flows, `most` of them, and how many others there are.
    pub fn flows(&self, most: usize) -> (Vec<FlowRecord>, usize) {
        let now = self.clock.now();
        let record = |flow: Flow| {
            let (path, activity) = (flow.path(Side::Forward)?, flow.activity());
            Some(FlowRecord {
                from: flow.key(Side::Forward).port,
                by: path.by,
                to: path.to,
                sent: path.sent,
                delivered: path.delivered,
                state: activity.state.name().to_owned(),
                tracked: [Side::Forward, Side::Reply].map(|end| flow.is_tracked_at(end)),
                idle: Duration::from_millis(now.saturating_sub(activity.last)),
            })
        };
        let flows: Vec<FlowRecord> = self.flows.iter().filter_map(record).take(most).collect();
        let others = self.flow_count().saturating_sub(flows.len());
        (flows, others)
    }

    /// Forgets every flow: what follows are first packets.
    pub fn forget_flows(&self) {
        self.flows.clear();
    }

    /// Forgets the flows of ports that the tables in force do not have. One that gets a port's number later has no part in them.
    pub fn forget_flows_without_port(&self) {
        let snapshot = self.snapshot();
        self.flows.forget(|port| snapshot.port(port).is_none());
    }

    /// Forgets flows and fragments whose time is over. To be called about every second.
    pub fn expire(&self) {
        let now = self.clock.now();
        self.flows.expire(&self.timeouts.load().1, now);
        self.fragments.expire(now);
    }

    /// Lets the clock jump ahead.
    pub fn advance_clock(&self, by: Duration) {
        self.flows.set_skipped(self.clock.advance(by));
    }

    /// Sets how long idle flows live, those that exist included.
    pub fn set_timeouts(&self, timeouts: &Timeouts) {
        self.timeouts.store(Arc::new((*timeouts, Lifetimes::new(timeouts))));
    }

    /// The way a first packet would take, and its reply's. Changes nothing.
    pub fn explain(&self, port: PortId, tuple: FiveTuple) -> Explanation {
        let snapshot = self.snapshot();
        let (mut there, mut back) = (Vec::new(), Vec::new());
        let header = Header::first_of(tuple);
        let mut choose = |to: PortId, tuple: FiveTuple| self.flows.free_port(to, tuple);
        let decided = decide(&snapshot, port, &header, Known::Nothing, &mut choose, &mut |step| there.push(step));
        let Ok(Decision { path, tracked }) = decided else { return Explanation { there, back: None } };
        if let Err(drop) = self.flows.has_room_for(port).map_err(|error| no_room(error, port)) {
            there.pop_if(|last| matches!(last, Step::Delivered { .. }));
            there.push(Step::Dropped(drop));
            return Explanation { there, back: None };
        }
        let flow = Flow::new(port, &header, path, tracked, 0);
        let reply = Header::reply_of(path.delivered.reversed());
        if let Some(translator) = path.translator {
            let state = State::first(&header).next(Side::Reply, reply.tcp_flags).next(Side::Forward, tcp::ACK);
            let idle = self.timeouts.load().0.of_translator(state);
            let resets = tuple.protocol == TCP;
            let translated = there.iter().position(|step| matches!(step, Step::Translated { .. }));
            there.insert(translated.map_or(there.len(), |at| at + 1), Step::Remembered { translator, idle, resets });
        }
        let known = Known::Flow(&flow, Side::Reply);
        // Its steps are the answer, whichever way it ends.
        let _ = decide(&snapshot, path.port, &reply, known, &mut choose, &mut |step| back.push(step));
        Explanation { there, back: Some(back) }
    }
}

/// What was found out about a packet that goes on.
#[derive(Clone, Copy)]
struct Way {
    port: PortId,
    mtu: u16,
    delivered: FiveTuple,
}

/// A packet that was looked at.
#[derive(Clone, Copy, Debug)]
pub struct Parsed {
    pub(super) view: View,
    /// Of the key by which it finds its flow, if it is no fragment.
    hash: u64,
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
    lifetimes: Lifetimes,
    pub(super) now: u64,
    decisions: Cell<u32>,
}

impl Batch<'_> {
    /// Moves one packet through the pipeline: rewrites it for its way on, or tells why it ends here.
    #[inline]
    pub fn process(&self, port: PortId, packet: &mut Packet<'_>) -> Outcome {
        match self.parse(port, packet.bytes) {
            Ok(parsed) => self.process_parsed(port, &parsed, packet),
            Err(drop) => dropped(drop, None),
        }
    }

    /// The first half of [`Batch::process`]: of many packets it is best done before the second half of the first, with
    /// [`Batch::fetch`] between.
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

    /// The second half of [`Batch::process`].
    #[inline]
    pub fn process_parsed(&self, port: PortId, parsed: &Parsed, packet: &mut Packet<'_>) -> Outcome {
        let view = &parsed.view;
        match self.way(port, parsed, packet.bytes) {
            Ok(way) => self.forward(port, packet, view, way),
            Err(drop) => self.refuse(port, packet, view, drop),
        }
    }

    /// Ends a packet that has no way. Who goes on with a connection that a translator does not know is told with a RST.
    #[inline(never)]
    fn refuse(&self, port: PortId, packet: &Packet<'_>, view: &View, drop: Drop) -> Outcome {
        if let Some(place) = view.fragment.filter(|place| place.offset == 0) {
            self.engine.fragments.refuse(port, view.header.tuple, place.id);
        }
        let is_told = drop.reason == DropReason::UnknownConnection;
        let complaint = is_told.then(|| reset(packet.bytes, view)).flatten();
        Outcome::Drop { drop, packet: Some(view.header.tuple), complaint }
    }

    /// The way of a packet, by its flow or by a decision.
    #[inline]
    fn way(&self, port: PortId, Parsed { view, hash }: &Parsed, bytes: &[u8]) -> Result<Way, Drop> {
        if view.source_routed {
            return Err(drop(DropReason::SourceRouted, Culprit::Packet));
        }
        if let Some(place) = view.fragment {
            return self.fragment_way(port, view, place, bytes);
        }
        if view.header.is_error() {
            return self.error_way(port, &view.header, self.related(port, view, bytes));
        }
        self.flow_way(FlowKey { port, tuple: view.header.tuple }, *hash, &view.header)
    }

    /// The way of a fragment: that of its datagram.
    #[inline(never)]
    fn fragment_way(&self, port: PortId, view: &View, place: FragmentPlace, bytes: &[u8]) -> Result<Way, Drop> {
        let lead = Lead { header: view.header, related: self.related(port, view, bytes) };
        let admitted = self.engine.fragments.admit(port, lead, place, self.now);
        let Lead { header, related } = admitted.map_err(|reason| drop(reason, Culprit::Packet))?;
        if header.is_error() {
            return self.error_way(port, &header, related);
        }
        let key = FlowKey { port, tuple: header.tuple };
        self.flow_way(key, self.engine.flows.hash(&key), &header)
    }

    /// The way of what is no error: that of its flow.
    #[inline]
    fn flow_way(&self, key: FlowKey, hash: u64, header: &Header) -> Result<Way, Drop> {
        let hit = self.engine.flows.find(&key, hash).and_then(|hit| self.hit(&hit, header));
        hit.map_or_else(|| self.decided_way(key, header), Ok)
    }

    /// The hit path: the flow is tracked still and its way is allowed by the tables in force.
    #[inline]
    fn hit(&self, hit: &Hit, header: &Header) -> Option<Way> {
        let activity = hit.activity();
        if !self.lifetimes.is_tracked(activity, hit.is_translated(), self.now)
            || begins_anew(activity, hit.side, header)
        {
            return None;
        }
        let (port, delivered, mtu) = hit.allowed(self.tables.generation)?;
        self.engine.flows.touch(hit.entry(), hit.side, header.tcp_flags, self.now);
        Some(Way { port, mtu, delivered })
    }

    /// The flow that was found by a packet's key, as far as the packet is part of it: not if its time is over, nor if the packet
    /// begins anew. A translator may remember it longer than the filters at its ends do.
    pub(super) fn remembered(&self, flow: Flow, side: Side, header: &Header) -> Option<Flow> {
        let (activity, translated) = (flow.activity(), flow.is_translated());
        if self.lifetimes.is_over(activity, translated, self.now) || begins_anew(activity, side, header) {
            return None;
        }
        let is_tracked = self.lifetimes.is_tracked(activity, translated, self.now);
        Some(if is_tracked { flow } else { flow.untracked() })
    }

    /// The way of a packet whose flow is new, or older than the tables in force.
    #[inline(never)]
    fn decided_way(&self, key: FlowKey, header: &Header) -> Result<Way, Drop> {
        let flows = &self.engine.flows;
        let Some((entry, found, side)) = flows.get(&key) else { return self.new_flow(key, header) };
        let Some(flow) = self.remembered(found, side, header) else {
            flows.remove(entry);
            return self.new_flow(key, header);
        };
        match self.decide(key.port, header, Known::Flow(&flow, side)) {
            Ok(decision) if flow.fits(side, &decision.path) => {
                flows.allow(entry, side, &decision.path, self.tables.generation);
                flows.touch(entry, side, header.tcp_flags, self.now);
                return Ok(decision.path.into());
            }
            // A rule may come back; a way that is gone takes the flow with it, but not out of the memory of a translator.
            Err(drop) if is_rule(drop.reason) || flow.is_translated() => return Err(drop),
            _ if side == Side::Forward => flows.remove(entry),
            _ => {}
        }
        self.new_flow(key, header)
    }

    fn new_flow(&self, key: FlowKey, header: &Header) -> Result<Way, Drop> {
        loop {
            let decision = self.decide(key.port, header, Known::Nothing)?;
            let path = decision.path;
            let flow = Flow::new(key.port, header, path, decision.tracked, self.now);
            let inserted = self.engine.flows.insert(&flow, self.tables.generation, path.mtu, path.translator.is_some());
            match inserted {
                Ok(()) => return Ok(path.into()),
                // Another worker took the port just now: the next decision chooses one that is free.
                Err(InsertError::ReplyKeyTaken) => {}
                Err(error) => return Err(no_room(error, key.port)),
            }
        }
    }

    /// The way of an ICMP error: never a flow of its own, always asked of the rules; but what it is about may be a translated flow.
    #[inline(never)]
    fn error_way(&self, port: PortId, header: &Header, related: Option<FiveTuple>) -> Result<Way, Drop> {
        let known = related.map_or(Known::Nothing, Known::Related);
        let decided = self.decide(port, header, known).map_err(|cause| match cause.reason {
            DropReason::NoTranslation => Drop { reason: DropReason::UnrelatedError, ..cause },
            _ => cause,
        })?;
        Ok(decided.path.into())
    }

    /// If it is an error that quotes a packet: as what packets of that one's flow, sent from this port, are delivered.
    pub(super) fn related(&self, port: PortId, view: &View, bytes: &[u8]) -> Option<FiveTuple> {
        self.engine.as_sent(port, quoted_tuple(view.quote(bytes)?)?).map(FiveTuple::reversed)
    }

    /// How many packets' ways were decided so far, which costs more than to find them.
    pub fn decisions(&self) -> u32 {
        self.decisions.get()
    }

    fn decide(&self, port: PortId, header: &Header, known: Known<'_>) -> Result<Decision, Drop> {
        self.decisions.set(self.decisions.get() + 1);
        let mut choose = |to: PortId, tuple: FiveTuple| self.engine.flows.free_port(to, tuple);
        decide(&self.tables.snapshot, port, header, known, &mut choose, &mut |_: Step| {})
    }

    /// Counts down the time to live, checks the size and rewrites.
    #[inline]
    fn forward(&self, port: PortId, packet: &mut Packet<'_>, view: &View, way: Way) -> Outcome {
        if view.ttl <= 1 {
            return self.complain(port, packet, view, Complaint::TtlExpired, DropReason::TtlExpired);
        }
        let largest = match packet.segment_size {
            0 => view.length,
            size => view.headers_length + usize::from(size),
        };
        if largest > usize::from(way.mtu) && view.dont_fragment {
            return self.complain(port, packet, view, Complaint::FragmentationNeeded(way.mtu), DropReason::MtuExceeded);
        }
        decrement_ttl(packet.bytes);
        if way.delivered != view.header.tuple {
            self.translate(port, packet, view, way.delivered);
        }
        Outcome::Forward { port: way.port, mtu: way.mtu }
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

    /// Drops a packet and tells its sender, unless it is itself an error or a later fragment (RFC 1122 §3.2.2), and if the rules
    /// at the sender let the error in (semantics.md §11).
    fn complain(
        &self,
        port: PortId,
        packet: &Packet<'_>,
        view: &View,
        complaint: Complaint,
        reason: DropReason,
    ) -> Outcome {
        let header = view.header;
        let told = !header.is_error() && view.fragment.is_none_or(|place| place.offset == 0);
        let complaint = self.sender(port, header.tuple).filter(|_| told).and_then(|sender| {
            let snapshot = &self.tables.snapshot;
            let router = snapshot.port(port)?.router;
            let tuple = FiveTuple {
                source: router,
                destination: header.tuple.source,
                protocol: 1,
                source_port: 0,
                destination_port: 0,
            };
            let error = Header { tuple, icmp: Some(complaint.kind()), tcp_flags: 0 };
            let admitted = admits_error(snapshot, snapshot.attachment(sender)?, &error);
            let quoted = packet.bytes.get(..view.length).filter(|_| admitted)?;
            Some(complaint.packet(router, header.tuple.source, quoted))
        });
        if let Some(place) = view.fragment.filter(|place| place.offset == 0) {
            self.engine.fragments.refuse(port, header.tuple, place.id);
        }
        Outcome::Drop { drop: drop(reason, Culprit::Packet), packet: Some(header.tuple), complaint }
    }

    /// The attachment by which a packet leaves its port.
    fn sender(&self, port: PortId, tuple: FiveTuple) -> Option<AttachmentId> {
        let snapshot = &self.tables.snapshot;
        let route = snapshot.route(snapshot.port(port)?.table, tuple.destination)?;
        snapshot.attachment_in(port, route.from)
    }
}

impl From<crate::flow::Path> for Way {
    fn from(path: crate::flow::Path) -> Self {
        Self { port: path.port, mtu: path.mtu, delivered: path.delivered }
    }
}

/// Whether a packet that finds a flow by its key is none of its packets, but the first of another.
#[inline]
fn begins_anew(activity: Activity, side: Side, header: &Header) -> bool {
    match header.icmp {
        // An identifier may stand where a type does: a query is never a reply, whatever its numbers.
        Some(icmp) => (icmp.class() == IcmpClass::Reply) != (side == Side::Reply),
        None => activity.state == State::TcpClosed && tcp::opens(header.tcp_flags),
    }
}

/// Why a flow of this port was not entered.
fn no_room(error: InsertError, port: PortId) -> Drop {
    match error {
        InsertError::Share => drop(DropReason::FlowShare, Culprit::Port(port)),
        InsertError::Full | InsertError::ReplyKeyTaken => drop(DropReason::FlowTableFull, Culprit::FlowTable),
    }
}

/// Whether it is rules that stopped the packet, not the lack of a way.
fn is_rule(reason: DropReason) -> bool {
    use DropReason::*;
    matches!(reason, EgressFilter | IngressFilter | EgressAcl | IngressAcl)
}

fn dropped(drop: Drop, packet: Option<FiveTuple>) -> Outcome {
    Outcome::Drop { drop, packet, complaint: None }
}
