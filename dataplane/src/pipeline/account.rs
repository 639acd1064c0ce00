//! Whom a packet has passed, for the accounting. Nothing of this happens unless an attachment is accounted.
//!
//! What is entered is what rules said: the sender's end accepts or rejects what goes out, the receiver's end what comes in. A packet
//! that no rule was asked about (it has no way, or must not be sent at all: spoofed, martian, malformed) is not entered.

use super::accounting::{AccountEntries, AccountKey};
use super::batch::{Batch, Parsed};
use super::context::FlowContext;
use super::decide::{Verdict, judge};
use super::fragments::Lead;
use crate::flow::{Flow, FlowKey, Path, Side};
use crate::packet::Header;
use wire::{AttachmentId, Culprit, Direction, Drop, DropReason, FiveTuple, PortId};

/// A packet as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct PacketMeta {
    key: FlowKey,
    /// Its own, or its first fragment's.
    header: Header,
    /// If it is an error: as what the packets that it is about are delivered.
    related: Option<FiveTuple>,
}

impl PacketMeta {
    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    pub(super) fn related(&self) -> Option<FiveTuple> {
        self.related
    }
}

/// Whether the ends of a packet's path let it pass; the receiver's may never have seen it.
struct EndVerdicts {
    path: Path,
    sender: bool,
    receiver: Option<bool>,
}

impl Batch<'_> {
    /// Whether any attachment is accounted.
    pub fn accounts(&self) -> bool {
        self.tables.snapshot.accounts()
    }

    /// Looks at a packet before it is processed, which rewrites it.
    pub fn meta(&self, port: PortId, Parsed { view, .. }: &Parsed, bytes: &[u8]) -> Option<PacketMeta> {
        let Lead { header, related } = match view.fragment {
            Some(place) if place.offset != 0 => self.engine.fragments.first(port, view.header.tuple, place.id)?,
            _ => Lead { header: view.header, related: self.related(port, view, bytes) },
        };
        Some(PacketMeta { key: FlowKey { port, tuple: header.tuple }, header, related })
    }

    /// Enters so many packets and bytes wherever they have passed or were stopped, once they were processed.
    pub fn account(
        &self,
        seen: &PacketMeta,
        dropped: Option<DropReason>,
        amount: (u64, u64),
        accounting: &mut AccountEntries,
    ) {
        use DropReason::*;
        let verdicts = match dropped {
            None => self.path_of(seen).map(|path| EndVerdicts { path, sender: true, receiver: Some(true) }),
            Some(EgressFilter | EgressAcl | IngressFilter | IngressAcl | FragmentOfDropped) => self.refusal(seen),
            // The rules let it pass; it ended on the way.
            Some(TtlExpired | MtuExceeded | UnknownConnection) => {
                self.path_of(seen).map(|path| EndVerdicts { path, sender: true, receiver: None })
            }
            Some(_) => None,
        };
        let Some(EndVerdicts { path, sender, receiver }) = verdicts else { return };
        let mut enter = |attachment, direction, packet, accepted| {
            if self.tables.snapshot.attachment(attachment).is_some_and(|there| there.accounted) {
                let item = AccountKey { attachment, direction, packet, accepted };
                accounting.add(item, amount, seen.header.tcp_flags, self.now);
            }
        };
        enter(path.by, Direction::Egress, path.sent, sender);
        if let Some(accepted) = receiver {
            enter(path.to, Direction::Ingress, path.delivered, accepted);
        }
    }

    /// The path of a packet that the rules let pass.
    fn path_of(&self, seen: &PacketMeta) -> Option<Path> {
        let of_flow = self.flow_seen(seen).and_then(|(flow, side)| flow.path(side));
        of_flow.or_else(|| self.judged(seen).map(|(path, _)| path))
    }

    /// What is decided about a packet: nobody notes whom it meets while it travels.
    fn judged(&self, seen: &PacketMeta) -> Option<(Path, Verdict)> {
        let flow = self.flow_seen(seen);
        let context = match (&flow, seen.related) {
            (Some((flow, side)), _) => FlowContext::Flow(flow, *side),
            (None, Some(delivered)) => FlowContext::Related(delivered),
            (None, None) => FlowContext::New,
        };
        let mut choose = |to: PortId, tuple: FiveTuple| self.engine.flows.free_port(to, tuple);
        judge(&self.tables.snapshot, seen.key.port, &seen.header, context, &mut choose, &mut |_| {}).ok()
    }

    pub(super) fn flow_seen(&self, seen: &PacketMeta) -> Option<(Flow, Side)> {
        if seen.header.is_error() { None } else { self.flow_of(&seen.key, &seen.header) }
    }

    /// Where rules stopped a packet.
    fn refusal(&self, seen: &PacketMeta) -> Option<EndVerdicts> {
        let (path, verdict) = self.judged(seen)?;
        let Drop { reason, culprit } = verdict.err()?;
        let segment = |id: AttachmentId| self.tables.snapshot.attachment(id).and_then(|there| there.segment);
        let stops_at = |end: AttachmentId| match culprit {
            Culprit::Acl(at, ..) => segment(end) == Some(at),
            _ => true,
        };
        let (out, into) = match reason {
            DropReason::EgressFilter | DropReason::EgressAcl => (stops_at(path.by), false),
            DropReason::IngressFilter | DropReason::IngressAcl => (false, stops_at(path.to)),
            _ => return None,
        };
        Some(EndVerdicts { path, sender: !out, receiver: into.then_some(false) })
    }
}
