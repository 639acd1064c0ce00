//! ICMP errors: those that hosts send, and those that routers on the path send.

use super::authorise::admits_error;
use super::batch::{Batch, Outcome, Packet};
use super::context::FlowContext;
use super::decide::resolve_and_authorise;
use crate::flow::{FlowKey, Forwarding};
use crate::packet::{Header, IcmpError, View, quoted_tuple};
use wire::{Address, AttachmentId, Culprit, Drop, DropReason, FiveTuple, ICMP, PortId, Step};

impl Batch<'_> {
    /// Where an ICMP error goes. It belongs to no flow, so the rules are always asked; the flow that it quotes may be
    /// translated.
    #[inline(never)]
    pub(super) fn of_error(
        &self,
        port: PortId,
        header: &Header,
        related: Option<FiveTuple>,
    ) -> Result<Forwarding, Drop> {
        let context = FlowContext::of(None, related);
        let decided = self.decide(port, header, context).map_err(|cause| match cause.reason {
            DropReason::NoTranslation => Drop { reason: DropReason::UnrelatedError, ..cause },
            _ => cause,
        })?;
        Ok(decided.path.into())
    }

    /// The 5-tuple of the quoted flow's packets from this port as they are delivered, if the packet is an ICMP error
    /// about a flow.
    pub(super) fn related(&self, port: PortId, view: &View, bytes: &[u8]) -> Option<FiveTuple> {
        self.engine.as_sent(port, quoted_tuple(view.quote(bytes)?)?).map(FiveTuple::reversed)
    }

    /// Drops a packet whose time to live ends at a router on its path. That router answers, if it sends ICMP errors.
    #[inline(never)]
    pub(super) fn time_exceeded(&self, port: PortId, packet: &Packet<'_>, view: &View) -> Outcome {
        let router = self.router(port, &view.header, view.ttl);
        let answer = router.and_then(|router| self.error_from(router, port, packet, view, IcmpError::TimeExceeded));
        self.dropped(port, view, Drop::new(DropReason::TtlExpired, Culprit::Packet), answer)
    }

    /// Drops a packet that exceeds its path's MTU and must not be fragmented. The sender's next hop answers.
    #[inline(never)]
    pub(super) fn fragmentation_needed(&self, port: PortId, packet: &Packet<'_>, view: &View, mtu: u16) -> Outcome {
        let router = self.tables.snapshot.port(port).map(|port| port.router);
        let error = IcmpError::FragmentationNeeded(mtu);
        let answer = router.and_then(|router| self.error_from(router, port, packet, view, error));
        self.dropped(port, view, Drop::new(DropReason::MtuExceeded, Culprit::Packet), answer)
    }

    /// The address of the nth visible router on a packet's path, where its time to live ends.
    fn router(&self, port: PortId, header: &Header, nth: u8) -> Option<Address> {
        let flow = self.flow_of(&FlowKey { port, tuple: header.tuple }, header);
        let context = FlowContext::of(flow.as_ref(), None);
        self.decisions.set(self.decisions.get() + 1);
        let mut routers = Vec::new();
        let mut note = |step| {
            if let Step::Hop { router } = step {
                routers.push(router);
            }
        };
        let mut choose = |to: PortId, tuple: FiveTuple| self.engine.flows.free_port(to, tuple);
        // The routers before a drop were passed all the same.
        let _ = resolve_and_authorise(&self.tables.snapshot, port, header, context, &mut choose, &mut note);
        routers.get(usize::from(nth.checked_sub(1)?)).copied().flatten()
    }

    /// A router's ICMP error about a packet. `None` if the packet is itself an error or a later fragment (RFC 1122
    /// §3.2.2), or if the rules at the sender do not let the error in (semantics.md §11).
    fn error_from(
        &self,
        router: Address,
        port: PortId,
        packet: &Packet<'_>,
        view: &View,
        error: IcmpError,
    ) -> Option<Vec<u8>> {
        let header = view.header;
        if header.is_error() || view.fragment.is_some_and(|fragment| fragment.offset != 0) {
            return None;
        }
        let destination = header.tuple.source;
        let tuple = FiveTuple { source: router, destination, protocol: ICMP, source_port: 0, destination_port: 0 };
        let told = Header { tuple, icmp: Some(error.kind()), tcp_flags: 0 };
        let snapshot = &self.tables.snapshot;
        let sender = snapshot.attachment(self.sender(port, header.tuple)?)?;
        let quoted = packet.bytes.get(..view.length).filter(|_| admits_error(snapshot, sender, &told))?;
        Some(error.packet(router, destination, quoted))
    }

    /// The attachment from which a packet leaves its port.
    fn sender(&self, port: PortId, tuple: FiveTuple) -> Option<AttachmentId> {
        let snapshot = &self.tables.snapshot;
        let route = snapshot.route(snapshot.port(port)?.table, tuple.destination)?;
        snapshot.attachment_in(port, route.from)
    }
}
