//! The decision about one packet: a pure function. Workers, `why`, the tests: all call this one.

use super::authorise::authorise;
use super::known::Known;
use super::reason::DropReason;
use super::resolve::{ChoosePort, Resolver};
use super::step::{Culprit, Drop, Step, drop};
use crate::flow::{Path, Side};
use crate::packet::{FiveTuple, Header, TCP, tcp};
use crate::policy::{PortId, Snapshot};

/// What was decided for a packet that may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its way.
    pub path: Path,
    /// Whether a flow that begins with it is tracked at the sender's and at the receiver's end.
    pub tracked: [bool; 2],
}

/// What the rules along a way say: at which ends a new flow is tracked, or what stops it.
pub(super) type Verdict = Result<[bool; 2], Drop>;

/// Decides about a packet from a port: source check, route, translation, filters, boundaries.
///
/// Depends on its arguments alone and changes nothing. `choose_port` is asked for the source port of a new flow through a
/// translator; `observe` is told each step.
///
/// # Errors
/// The drop, if it may not go on.
pub fn decide<'a>(
    snapshot: &'a Snapshot,
    port: PortId,
    header: &Header,
    known: Known<'a>,
    choose_port: &mut ChoosePort<'_>,
    observe: &mut dyn FnMut(Step),
) -> Result<Decision, Drop> {
    let judged = judge(snapshot, port, header, known, choose_port, observe);
    let decided = judged.and_then(|(path, verdict)| verdict.map(|tracked| Decision { path, tracked }));
    match decided {
        Ok(decision) => observe(Step::Delivered { port: decision.path.port, attachment: decision.path.to }),
        Err(drop) => observe(Step::Dropped(drop)),
    }
    decided
}

/// The way of a packet, and what the rules along it say; in the order in which a packet meets them.
///
/// # Errors
/// The drop, if there is no way.
pub(super) fn judge<'a>(
    snapshot: &'a Snapshot,
    port: PortId,
    header: &Header,
    known: Known<'a>,
    choose_port: &mut ChoosePort<'_>,
    observe: &mut dyn FnMut(Step),
) -> Result<(Path, Verdict), Drop> {
    observe(Step::Received { port, packet: header.tuple });
    if let Known::Flow(_, side) = known {
        observe(Step::Flow { reply: side == Side::Reply });
    }
    let mut choose = |to: PortId, tuple: FiveTuple| choose_port(to, tuple);
    let mut resolver = Resolver { snapshot, port, known, choose_port: &mut choose };
    let path = resolver.resolve(header.tuple, header.icmp.map(|icmp| icmp.class()), observe)?;
    // A flow whose packets now go another way is no longer that flow: what follows is a first packet.
    let known = match known {
        Known::Flow(flow, side) if !flow.fits(side, &path) => Known::Nothing,
        known => known,
    };
    let verdict = authorise(snapshot, known, header, &path, observe);
    Ok((path, verdict.and_then(|tracked| opens_for_translator(known, header, &path).map(|()| tracked))))
}

/// A translator lets a TCP connection through that it saw opening, and no other.
fn opens_for_translator(known: Known<'_>, header: &Header, path: &Path) -> Result<(), Drop> {
    match (path.translator, known) {
        (Some(id), Known::Nothing) if header.tuple.protocol == TCP && !tcp::opens(header.tcp_flags) => {
            Err(drop(DropReason::UnknownConnection, Culprit::Translator(id)))
        }
        _ => Ok(()),
    }
}
