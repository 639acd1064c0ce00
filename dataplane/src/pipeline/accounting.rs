//! Flow accounting: counts a packet at the accounted attachments on its path. It costs nothing unless an attachment is
//! accounted.
//!
//! An entry says what the rules decided: the sender's end accepts or rejects a packet that leaves, and the receiver's end one
//! that arrives. A packet for which no rule was asked is not counted: it has no path, or is spoofed, martian or malformed.

use super::account_entries::{AccountEntries, AccountKey};
use super::batch::{Batch, Parsed};
use super::context::FlowContext;
use super::decide::{Verdict, resolve_and_authorise};
use super::fragments::FirstFragment;
use crate::flow::{Flow, FlowKey, Path, Side};
use crate::packet::Header;
use wire::{AttachmentId, Culprit, Direction, Drop, DropReason, FiveTuple, PortId};

/// A packet as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct PacketMeta {
    key: FlowKey,
    /// The packet's own header, or that of its datagram's first fragment.
    header: Header,
    /// The 5-tuple of the quoted flow as it is delivered, if the packet is an ICMP error about one.
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

/// Whether each end of a packet's path accepted it. `None` at the receiver's end if the packet did not arrive there.
struct EndVerdicts {
    path: Path,
    sender: bool,
    receiver: Option<bool>,
}

impl Batch<'_> {
    /// Whether any attachment is accounted.
    pub fn has_accounting(&self) -> bool {
        self.tables.snapshot.has_accounting()
    }

    /// Takes a packet's metadata before it is processed, because processing rewrites the packet.
    pub fn meta(&self, port: PortId, Parsed { view, .. }: &Parsed, bytes: &[u8]) -> Option<PacketMeta> {
        let FirstFragment { header, related } = match view.fragment {
            Some(fragment) if fragment.offset != 0 => {
                self.engine.fragments.first(port, view.header.tuple, fragment.id)?
            }
            _ => FirstFragment { header: view.header, related: self.related(port, view, bytes) },
        };
        Some(PacketMeta { key: FlowKey { port, tuple: header.tuple }, header, related })
    }

    /// Counts a processed packet at every accounted end that accepted or rejected it. `amount` is its packets and bytes.
    pub fn account(
        &self,
        meta: &PacketMeta,
        dropped: Option<DropReason>,
        amount: (u64, u64),
        accounting: &mut AccountEntries,
    ) {
        use DropReason::*;
        let verdicts = match dropped {
            None => self.path_of(meta).map(|path| EndVerdicts { path, sender: true, receiver: Some(true) }),
            Some(EgressFilter | EgressAcl | IngressFilter | IngressAcl | FragmentOfDropped) => self.refusal(meta),
            // The rules accepted the packet, and a router dropped it.
            Some(TtlExpired | MtuExceeded | UnknownConnection) => {
                self.path_of(meta).map(|path| EndVerdicts { path, sender: true, receiver: None })
            }
            Some(_) => None,
        };
        let Some(EndVerdicts { path, sender, receiver }) = verdicts else { return };
        let mut enter = |attachment, direction, packet, accepted| {
            if self.tables.snapshot.attachment(attachment).is_some_and(|there| there.accounted) {
                let item = AccountKey { attachment, direction, packet, accepted };
                accounting.add(item, amount, meta.header.tcp_flags, self.now);
            }
        };
        enter(path.by, Direction::Egress, path.sent, sender);
        if let Some(accepted) = receiver {
            enter(path.to, Direction::Ingress, path.delivered, accepted);
        }
    }

    /// The path of a packet that the rules accepted.
    fn path_of(&self, meta: &PacketMeta) -> Option<Path> {
        let of_flow = self.flow_of_packet(meta).and_then(|(flow, side)| flow.path(side));
        of_flow.or_else(|| self.decided_again(meta).map(|(path, _)| path))
    }

    /// Decides about a packet once more. Changes nothing: no port of a NAT is taken.
    fn decided_again(&self, meta: &PacketMeta) -> Option<(Path, Verdict)> {
        let flow = self.flow_of_packet(meta);
        let context = FlowContext::of(flow.as_ref(), meta.related);
        let mut choose = |to: PortId, tuple: FiveTuple| self.engine.flows.free_port(to, tuple);
        resolve_and_authorise(&self.tables.snapshot, meta.key.port, &meta.header, context, &mut choose, &mut |_| {})
            .ok()
    }

    pub(super) fn flow_of_packet(&self, meta: &PacketMeta) -> Option<(Flow, Side)> {
        if meta.header.is_error() { None } else { self.flow_of(&meta.key, &meta.header) }
    }

    /// The end at which rules rejected a packet.
    fn refusal(&self, meta: &PacketMeta) -> Option<EndVerdicts> {
        let (path, verdict) = self.decided_again(meta)?;
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
