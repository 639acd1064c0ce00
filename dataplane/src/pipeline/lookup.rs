//! Where a packet is forwarded to: by its datagram, by its flow, or by a decision that begins a flow.

use super::batch::{Batch, Parsed};
use super::context::FlowContext;
use super::decide::{Decision, decide};
use super::fragments::FirstFragment;
use crate::flow::{Activity, Flow, FlowKey, Forwarding, Hit, InsertError, Side, State};
use crate::packet::{Fragment, Header, IcmpClass, View, tcp};
use wire::{Culprit, Drop, DropReason, FiveTuple, PortId, Step};

impl Batch<'_> {
    /// Where a packet is forwarded to.
    #[inline]
    pub(super) fn look_up(
        &self,
        port: PortId,
        Parsed { view, hash }: &Parsed,
        bytes: &[u8],
    ) -> Result<Forwarding, Drop> {
        if view.source_routed {
            return Err(Drop::new(DropReason::SourceRouted, Culprit::Packet));
        }
        if let Some(fragment) = view.fragment {
            return self.of_fragment(port, view, fragment, bytes);
        }
        if view.header.is_error() {
            return self.of_error(port, &view.header, self.related(port, view, bytes));
        }
        self.of_flow(FlowKey { port, tuple: view.header.tuple }, *hash, &view.header)
    }

    /// Where a fragment is forwarded to: as its datagram's first fragment.
    #[inline(never)]
    fn of_fragment(&self, port: PortId, view: &View, fragment: Fragment, bytes: &[u8]) -> Result<Forwarding, Drop> {
        let own = FirstFragment { header: view.header, related: self.related(port, view, bytes) };
        let admitted = self.engine.fragments.admit(port, own, fragment, self.now);
        let FirstFragment { header, related } = admitted.map_err(|reason| Drop::new(reason, Culprit::Packet))?;
        if header.is_error() {
            return self.of_error(port, &header, related);
        }
        let key = FlowKey { port, tuple: header.tuple };
        self.of_flow(key, self.engine.flows.hash(&key), &header)
    }

    /// Where a packet of a flow is forwarded to. It is any packet but an ICMP error.
    #[inline]
    fn of_flow(&self, key: FlowKey, hash: u64, header: &Header) -> Result<Forwarding, Drop> {
        let hit = self.engine.flows.find(&key, hash).and_then(|hit| self.hit(&hit, header));
        hit.map_or_else(|| self.decided(key, header), Ok)
    }

    /// The hit path. `None` unless the flow is still tracked and its path was allowed by the tables in force.
    #[inline]
    fn hit(&self, hit: &Hit, header: &Header) -> Option<Forwarding> {
        let activity = hit.activity();
        if !self.lifetimes.is_tracked(activity, hit.is_translated(), self.now)
            || begins_anew(activity, hit.side, header)
        {
            return None;
        }
        let forwarding = hit.allowed(self.tables.generation)?;
        self.engine.flows.touch(hit.entry(), hit.side, header.tcp_flags, self.now);
        Some(forwarding)
    }

    /// The flow with a packet's key, if the packet is part of it: the flow has not timed out, and the packet does not
    /// begin a new one. A NAT may remember a flow for longer than the filters at its ends do.
    pub(super) fn remembered(&self, flow: Flow, side: Side, header: &Header) -> Option<Flow> {
        let (activity, translated) = (flow.activity(), flow.is_translated());
        if self.lifetimes.is_over(activity, translated, self.now) || begins_anew(activity, side, header) {
            return None;
        }
        let is_tracked = self.lifetimes.is_tracked(activity, translated, self.now);
        Some(if is_tracked { flow } else { flow.untracked() })
    }

    /// The flow that a packet is part of, if the table has it.
    pub(super) fn flow_of(&self, key: &FlowKey, header: &Header) -> Option<(Flow, Side)> {
        let (_, flow, side) = self.engine.flows.get(key)?;
        Some((self.remembered(flow, side, header)?, side))
    }

    /// Where a packet is forwarded to if its flow is new, or was last decided by older tables.
    #[inline(never)]
    fn decided(&self, key: FlowKey, header: &Header) -> Result<Forwarding, Drop> {
        let flows = &self.engine.flows;
        let Some((entry, found, side)) = flows.get(&key) else { return self.new_flow(key, header) };
        let Some(flow) = self.remembered(found, side, header) else {
            flows.remove(entry);
            return self.new_flow(key, header);
        };
        match self.decide(key.port, header, FlowContext::Flow(&flow, side)) {
            Ok(decision) if flow.fits(side, &decision.path) => {
                flows.allow(entry, side, &decision.path, self.tables.generation);
                flows.touch(entry, side, header.tcp_flags, self.now);
                return Ok(decision.path.into());
            }
            // A rule may come back, so its flow stays. A path that is gone ends the flow, unless a NAT still remembers
            // it.
            Err(drop) if is_rule(drop.reason) || flow.is_translated() => return Err(drop),
            _ if side == Side::Forward => flows.remove(entry),
            _ => {}
        }
        self.new_flow(key, header)
    }

    fn new_flow(&self, key: FlowKey, header: &Header) -> Result<Forwarding, Drop> {
        loop {
            let decision = self.decide(key.port, header, FlowContext::New)?;
            let path = decision.path;
            let flow = Flow::new(key.port, header, path, decision.tracked, self.now);
            let inserted = self.engine.flows.insert(&flow, self.tables.generation, path.limits, path.nat.is_some());
            match inserted {
                Ok(()) => return Ok(path.into()),
                // Another worker has just taken the port. The next decision chooses another.
                Err(InsertError::ReplyKeyTaken) => {}
                Err(error) => return Err(no_room(error, key.port)),
            }
        }
    }

    /// The number of decisions so far. A decision costs more than a hit.
    pub fn decisions(&self) -> u32 {
        self.decisions.get()
    }

    pub(super) fn decide(&self, port: PortId, header: &Header, context: FlowContext<'_>) -> Result<Decision, Drop> {
        self.decisions.set(self.decisions.get() + 1);
        let mut choose = |to: PortId, tuple: FiveTuple| self.engine.flows.free_port(to, tuple);
        decide(&self.tables.snapshot, port, header, context, &mut choose, &mut |_: Step| {})
    }
}

/// Whether a packet with a known flow's key begins a new flow.
#[inline]
fn begins_anew(activity: Activity, side: Side, header: &Header) -> bool {
    match header.icmp {
        // An echo query and its reply differ in type only, and a query is never a reply, whatever its identifier.
        Some(icmp) => (icmp.class() == IcmpClass::Reply) != (side == Side::Reply),
        None => activity.state == State::TcpClosed && tcp::opens(header.tcp_flags),
    }
}

/// The drop of a packet of this port whose flow was not inserted.
pub(super) fn no_room(error: InsertError, port: PortId) -> Drop {
    match error {
        InsertError::Share => Drop::new(DropReason::FlowShare, Culprit::Port(port)),
        InsertError::Full | InsertError::ReplyKeyTaken => Drop::new(DropReason::FlowTableFull, Culprit::FlowTable),
    }
}

/// Whether a rule dropped the packet, rather than the lack of a path.
fn is_rule(reason: DropReason) -> bool {
    use DropReason::*;
    matches!(reason, EgressFilter | IngressFilter | EgressAcl | IngressAcl)
}
