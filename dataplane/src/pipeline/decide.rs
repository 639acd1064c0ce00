//! The decision about one packet: a pure function. Workers, `why`, the tests: all call this one.

use super::authorise::authorise;
use super::context::FlowContext;
use super::nat::opens_for_nat;
use super::resolve::{ChoosePort, Resolver};
use crate::flow::{Limits, Path, Side};
use crate::packet::Header;
use crate::policy::Snapshot;
use wire::{Drop, FiveTuple, PortId, Step};

/// What was decided about a packet that may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its path.
    pub path: Path,
    /// Whether a flow that begins with it is tracked at the sender's and at the receiver's end.
    pub tracked: [bool; 2],
}

/// What the rules along a path say: at which ends a new flow is tracked, or what stops it.
pub(super) type Verdict = Result<[bool; 2], Drop>;

/// Decides about a packet from a port: source check, route, translation, filters, boundaries.
///
/// Depends on its arguments alone and changes nothing. `choose_port` is asked for the source port of a new flow through a
/// NAT; `observe` is told each step.
///
/// # Errors
/// The drop, if it may not go on.
pub fn decide<'a>(
    snapshot: &'a Snapshot,
    port: PortId,
    header: &Header,
    context: FlowContext<'a>,
    choose_port: &mut ChoosePort<'_>,
    observe: &mut dyn FnMut(Step),
) -> Result<Decision, Drop> {
    let judged = judge(snapshot, port, header, context, choose_port, observe);
    let decided = judged.and_then(|(path, verdict)| verdict.map(|tracked| Decision { path, tracked }));
    match decided {
        Ok(decision) => observe(Step::Delivered { port: decision.path.port, attachment: decision.path.to }),
        Err(drop) => observe(Step::Dropped(drop)),
    }
    decided
}

/// The path of a packet, and what the rules along it say; in the order in which a packet meets them.
///
/// # Errors
/// The drop, if there is no path.
pub(super) fn judge<'a>(
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
    let mut choose = |to: PortId, tuple: FiveTuple| choose_port(to, tuple);
    let (choose_port, limits) = (&mut choose, Limits::NONE);
    let mut resolver = Resolver { snapshot, port, context, choose_port, observe, limits };
    let path = resolver.resolve(header.tuple, header.icmp.map(|icmp| icmp.class()))?;
    // A flow whose packets now take another path is no longer that flow: what follows is a first packet.
    let context = match context {
        FlowContext::Flow(flow, side) if !flow.fits(side, &path) => FlowContext::New,
        context => context,
    };
    let verdict = authorise(snapshot, context, header, &path, observe);
    Ok((path, verdict.and_then(|tracked| opens_for_nat(context, header, &path).map(|()| tracked))))
}
