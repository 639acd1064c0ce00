//! The decision about one packet, as a pure function. Workers, `why` and tests call the same function.

use super::authorise::authorise;
use super::context::FlowContext;
use super::nat::opens_for_nat;
use super::resolve::{ChoosePort, Resolver};
use crate::flow::{Limits, Path, Side};
use crate::packet::Header;
use crate::policy::Snapshot;
use wire::{Drop, FiveTuple, PortId, Step};

/// The decision about a packet that may be forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its path.
    pub path: Path,
    /// Whether a flow that begins with this packet is tracked at the sender's and at the receiver's end.
    pub tracked: [bool; 2],
}

/// The verdict of the rules along a path: at which ends a new flow is tracked, or the drop.
pub(super) type Verdict = Result<[bool; 2], Drop>;

/// Decides about a packet from a port: source check, route, translation, filters, boundaries.
///
/// The result depends on the arguments alone, and nothing is changed. `choose_port` chooses the source port of a new
/// flow through a NAT; `observe` is called with each step.
///
/// # Errors
/// The drop, if the packet may not be forwarded.
pub fn decide<'a>(
    snapshot: &'a Snapshot,
    port: PortId,
    header: &Header,
    context: FlowContext<'a>,
    choose_port: &mut ChoosePort<'_>,
    observe: &mut dyn FnMut(Step),
) -> Result<Decision, Drop> {
    let found = resolve_and_authorise(snapshot, port, header, context, choose_port, observe);
    let decided = found.and_then(|(path, verdict)| verdict.map(|tracked| Decision { path, tracked }));
    match decided {
        Ok(decision) => observe(Step::Delivered { port: decision.path.port, attachment: decision.path.to }),
        Err(drop) => observe(Step::Dropped(drop)),
    }
    decided
}

/// The path of a packet and the verdict of the rules along it, in the order in which the packet meets them.
///
/// # Errors
/// The drop, if there is no path.
pub(super) fn resolve_and_authorise<'a>(
    snapshot: &'a Snapshot,
    port: PortId,
    header: &Header,
    context: FlowContext<'a>,
    choose_port: &mut ChoosePort<'_>,
    observe: &mut dyn FnMut(Step),
) -> Result<(Path, Verdict), Drop> {
    observe(Step::Received { port, packet: header.tuple });
    if let FlowContext::Flow(_, side) = context {
        observe(Step::Flow { reply: side == Side::Reply });
    }
    // A closure of its own, because `choose_port` may borrow for longer than the resolver does.
    let mut choose = |to: PortId, tuple: FiveTuple| choose_port(to, tuple);
    let (choose_port, limits) = (&mut choose, Limits::NONE);
    let mut resolver = Resolver { snapshot, port, context, choose_port, observe, limits };
    let path = resolver.resolve(header.tuple, header.icmp.map(|icmp| icmp.class()))?;
    // If the packet would take another path than its flow, the flow has ended and the packet begins a new one.
    let context = match context {
        FlowContext::Flow(flow, side) if !flow.fits(side, &path) => FlowContext::New,
        context => context,
    };
    let verdict = authorise(snapshot, context, header, &path, observe);
    Ok((path, verdict.and_then(|tracked| opens_for_nat(context, header, &path).map(|()| tracked))))
}
