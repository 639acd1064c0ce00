//! Whether the rules allow a packet on its path: the filters at both ends, and the stateless rules at the boundaries between
//! them.

use super::context::FlowContext;
use crate::flow::{Path, Side};
use crate::packet::Header;
use crate::policy::{RuleSet, Snapshot, Width, matches};
use wire::*;

/// Asks the filters and boundaries on a path, in the order in which the packet meets them. Returns whether a new flow is
/// tracked at the sender's and at the receiver's end.
///
/// # Errors
/// The drop, if a filter or boundary denies the packet.
pub fn authorise(
    snapshot: &Snapshot,
    context: FlowContext<'_>,
    header: &Header,
    path: &Path,
    observe: &mut dyn FnMut(Step),
) -> Result<[bool; 2], Drop> {
    let mut authoriser = Authoriser { snapshot, context, header, path, observe };
    let (Some(by), Some(to)) = (snapshot.attachment(path.by), snapshot.attachment(path.to)) else {
        return Err(Drop::new(DropReason::NotAttached, Culprit::Attachment(path.by)));
    };
    let here = authoriser.filter(Direction::Egress, by, to)?;
    authoriser.boundaries(by, to)?;
    let there = authoriser.filter(Direction::Ingress, to, by)?;
    Ok([here, there])
}

/// The rules in force that would let a first packet of this path out at its sender and in at its receiver.
pub fn admitting(snapshot: &Snapshot, path: &Path) -> [Option<(FilterId, RuleId)>; 2] {
    let (mut out, mut inward) = (None, None);
    let mut note = |step| match step {
        Step::Filter { direction: Direction::Egress, rule, .. } => out = rule,
        Step::Filter { direction: Direction::Ingress, rule, .. } => inward = rule,
        _ => {}
    };
    let header = Header::first_of(path.sent);
    let mut authoriser = Authoriser { snapshot, context: FlowContext::New, header: &header, path, observe: &mut note };
    if let (Some(by), Some(to)) = (snapshot.attachment(path.by), snapshot.attachment(path.to)) {
        // A flow outlives the rule that let it in, so a filter may have no such rule any more.
        let _ = authoriser.filter(Direction::Egress, by, to);
        let _ = authoriser.filter(Direction::Ingress, to, by);
    }
    [out, inward]
}

struct Authoriser<'a, 'o> {
    snapshot: &'a Snapshot,
    context: FlowContext<'a>,
    header: &'a Header,
    path: &'a Path,
    observe: &'o mut dyn FnMut(Step),
}

impl Authoriser<'_, '_> {
    /// Asks the filters of one end. Returns whether the flow is tracked there.
    fn filter(&mut self, direction: Direction, at: &Attachment, other: &Attachment) -> Result<bool, Drop> {
        let (attachment, tuple, end) = match direction {
            Direction::Egress => (self.path.by, self.path.sent, Side::Forward),
            Direction::Ingress => (self.path.to, self.path.delivered, Side::Reply),
        };
        let Some(filters) = &at.filters else {
            (self.observe)(Step::Filter { attachment, direction, rule: None, tracked: false });
            return Ok(false);
        };
        if self.is_tracked_at(end) {
            (self.observe)(Step::Filter { attachment, direction, rule: None, tracked: true });
            return Ok(true);
        }
        let peer = if direction == Direction::Egress { tuple.destination } else { tuple.source };
        // A rule that names a group matches its members' own addresses only: no translated address, and no host behind a
        // member, a router or a NAT.
        let is_known = !self.path.leaves_segment && other.addresses.contains(&peer);
        let groups = if is_known { &other.groups[..] } else { &[] };
        let header = Header { tuple, ..*self.header };
        let Some((width, rule)) = self.widest(filters, direction, &header, peer, groups) else {
            let reason = match direction {
                Direction::Egress => DropReason::EgressFilter,
                Direction::Ingress => DropReason::IngressFilter,
            };
            return Err(Drop::new(reason, Culprit::Attachment(attachment)));
        };
        let tracked = !(width == Width::Everyone && self.is_open(filters, opposite(direction), tuple.protocol));
        (self.observe)(Step::Filter { attachment, direction, rule: Some(rule), tracked });
        Ok(tracked)
    }

    /// Whether the flow is tracked at this end of the path: the sender's (`Forward`) or the receiver's (`Reply`).
    fn is_tracked_at(&self, end: Side) -> bool {
        match self.context {
            FlowContext::Flow(flow, Side::Forward) => flow.is_tracked_at(end),
            FlowContext::Flow(flow, Side::Reply) => flow.is_tracked_at(end.other()),
            FlowContext::New | FlowContext::Related(_) => false,
        }
    }

    /// The rule of these filters that matches a packet. A rule for everyone comes first.
    fn widest(
        &self,
        filters: &[FilterId],
        direction: Direction,
        header: &Header,
        peer: Address,
        groups: &[GroupId],
    ) -> Option<(Width, (FilterId, RuleId))> {
        let mut found = None;
        for id in filters {
            match self.rules(*id, direction).and_then(|rules| rules.allows(header, peer, groups)) {
                Some((Width::Everyone, rule)) => return Some((Width::Everyone, (*id, rule))),
                Some((Width::Limited, rule)) if found.is_none() => found = Some((Width::Limited, (*id, rule))),
                _ => {}
            }
        }
        found
    }

    /// Whether all ports of a protocol are open to everyone in this direction. If so, and a rule for everyone allows the
    /// packet in the other direction, the flow is untracked (semantics.md §4.3). Only TCP and UDP flows can be.
    fn is_open(&self, filters: &[FilterId], direction: Direction, protocol: u8) -> bool {
        matches!(protocol, wire::TCP | wire::UDP)
            && filters.iter().any(|id| self.rules(*id, direction).is_some_and(|rules| rules.is_open(protocol)))
    }

    fn rules(&self, id: FilterId, direction: Direction) -> Option<&RuleSet> {
        let filter = self.snapshot.filter(id)?;
        Some(match direction {
            Direction::Egress => &filter.egress,
            Direction::Ingress => &filter.ingress,
        })
    }

    /// Asks the stateless rules of the sender's, the NAT's and the receiver's segment.
    fn boundaries(&mut self, by: &Attachment, to: &Attachment) -> Result<(), Drop> {
        let (sent, delivered) = (self.path.sent, self.path.delivered);
        let Some(nat) = self.path.nat.and_then(|id| self.snapshot.nat(id)) else {
            if by.segment == to.segment && !self.path.leaves_segment {
                return Ok(());
            }
            self.acl(by.segment, Direction::Egress, sent)?;
            return self.acl(to.segment, Direction::Ingress, delivered);
        };
        // Inside its segment the NAT has its private address. The edge translates it to the public one.
        let outward = nat.public == delivered.source;
        let (before, after) = if outward {
            (sent, FiveTuple { source: nat.private, ..delivered })
        } else {
            (FiveTuple { destination: nat.private, ..sent }, delivered)
        };
        if by.segment != nat.segment {
            self.acl(by.segment, Direction::Egress, sent)?;
            self.acl(nat.segment, Direction::Ingress, before)?;
        }
        if to.segment != nat.segment {
            self.acl(nat.segment, Direction::Egress, after)?;
            self.acl(to.segment, Direction::Ingress, delivered)?;
        }
        Ok(())
    }

    fn acl(&mut self, segment: Option<SegmentId>, direction: Direction, tuple: FiveTuple) -> Result<(), Drop> {
        let Some((segment, acl)) = segment.and_then(|id| Some((id, self.snapshot.segment(id)?.acl))) else {
            return Ok(());
        };
        let list = self.snapshot.acl(acl);
        let header = Header { tuple, ..*self.header };
        let (rules, peer, reason) = match direction {
            Direction::Egress => (list.map(|acl| &acl.egress), tuple.destination, DropReason::EgressAcl),
            Direction::Ingress => (list.map(|acl| &acl.ingress), tuple.source, DropReason::IngressAcl),
        };
        let rules = rules.map_or(&[][..], |rules| &rules[..]);
        match rules.iter().find(|rule| rule.net.contains(&peer) && matches(&rule.traffic, &header)) {
            Some(rule) if rule.allow => {
                (self.observe)(Step::Acl { segment, direction, acl, rule: rule.number });
                Ok(())
            }
            denying => Err(Drop::new(reason, Culprit::Acl(segment, acl, denying.map(|rule| rule.number)))),
        }
    }
}

/// Whether these filters let a router's ICMP error in. The error is part of no flow (semantics.md §4.3).
pub fn admits_error(snapshot: &Snapshot, at: &Attachment, header: &Header) -> bool {
    let Some(filters) = &at.filters else { return true };
    filters.iter().any(|id| {
        let filter = snapshot.filter(*id);
        filter.is_some_and(|filter| filter.ingress.allows(header, header.tuple.source, &[]).is_some())
    })
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Egress => Direction::Ingress,
        Direction::Ingress => Direction::Egress,
    }
}
