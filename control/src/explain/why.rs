//! The dataplane's decisions in the cloud's terms: the steps of a packet's path, and drops.

use super::blame::blame;
use super::names::Names;
use model::impairment_text;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::Ipv4Addr;
use wire::{Direction, DropReason, DropRecord, Explanation, FilterId, FiveTuple, NextHop, PortId, RuleId, Share, Step};

/// The path of a packet and of its reply.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Why {
    /// Whether the packet and its reply both arrive.
    pub works: bool,
    /// The result in a sentence.
    pub summary: String,
    /// The drop that stops it.
    pub stopped_by: Option<Drop>,
    /// The packet's path.
    pub there: Vec<WhyStep>,
    /// The reply's path, if the packet arrives.
    pub back: Option<Vec<WhyStep>>,
}

/// One step of a packet's path.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WhyStep {
    /// Its kind: `received`, `flow`, `route`, `filter`, `acl`, `impaired`, `translated`, `delivered`, `dropped`.
    pub step: String,
    /// In words.
    pub text: String,
}

/// A dropped packet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Drop {
    /// The time, in nanoseconds since 1970. 0 in the answer to `why`, where no packet was sent.
    pub at: u64,
    /// The sender: an instance's id, or a host's name.
    pub host: String,
    /// The sender's Name tag.
    pub name: Option<String>,
    /// The packet as it was sent. `None` if it could not be parsed.
    pub packet: Option<Packet>,
    /// The reason.
    pub reason: DropReason,
    /// The reason and the culprit in words.
    pub text: String,
}

/// Addresses and ports of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// The source address.
    pub source: Ipv4Addr,
    /// The destination address.
    pub destination: Ipv4Addr,
    /// The IPv4 protocol number.
    pub protocol: u8,
    /// The source port. For ICMP the identifier.
    pub source_port: u16,
    /// The destination port. For ICMP `type << 8 | code`.
    pub destination_port: u16,
}

impl From<FiveTuple> for Packet {
    fn from(tuple: FiveTuple) -> Self {
        let FiveTuple { source, destination, protocol, source_port, destination_port } = tuple;
        Self { source, destination, protocol, source_port, destination_port }
    }
}

impl From<Packet> for FiveTuple {
    fn from(packet: Packet) -> Self {
        let Packet { source, destination, protocol, source_port, destination_port } = packet;
        Self { source, destination, protocol, source_port, destination_port }
    }
}

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        FiveTuple::from(*self).fmt(f)
    }
}

/// The explanation of a packet that this port sends, in words.
pub(crate) fn answer(names: &Names<'_>, port: PortId, packet: FiveTuple, explanation: &Explanation) -> Why {
    let dropped = |steps: &[Step]| match steps.last() {
        Some(Step::Dropped(drop)) => Some(*drop),
        _ => None,
    };
    let arrived = explanation.arrives_at().map(|(port, _)| port);
    // A reply follows the receiver's routes, which may lead to another host with the sender's address.
    let sender = names.port(port).0;
    let astray = explanation.reply_arrives_at().filter(|(port, _)| names.port(*port).0 != sender);
    let there = dropped(&explanation.there);
    let back = explanation.back.as_deref().and_then(dropped);
    let (stopped, at) = match (there, back) {
        (Some(drop), _) => (Some(drop), port),
        (None, Some(drop)) => (Some(drop), arrived.unwrap_or(port)),
        (None, None) => (None, port),
    };
    let reason = |steps: &[Step], drop: wire::Drop| match not_linked(names, steps, drop) {
        Some(missing) => format!("{}; {missing}", blame(names, drop)),
        None => blame(names, drop),
    };
    let why_not_there = there.map(|drop| reason(&explanation.there, drop));
    let why_not_back = back.zip(explanation.back.as_deref()).map(|(drop, steps)| reason(steps, drop));
    let summary = match (why_not_there, why_not_back, astray) {
        (Some(why), ..) => format!("{packet} does not arrive: {why}"),
        (None, Some(why), _) => format!("{packet} arrives, the reply does not: {why}"),
        (None, None, Some((_, other))) => {
            format!("{packet} arrives, the reply does not: it arrives at {}", names.attachment(other))
        }
        (None, None, None) => {
            let caveat = if may_be_lost(explanation) { ", unless a bad network loses one of them" } else { "" };
            format!("{packet} arrives, and so does the reply{caveat}")
        }
    };
    let explained = |drop| record(names, 0, at, Some(packet), drop);
    Why {
        works: stopped.is_none() && astray.is_none(),
        summary,
        stopped_by: stopped.map(explained),
        there: step_rows(names, &explanation.there),
        back: explanation.back.as_ref().map(|steps| step_rows(names, steps)),
    }
}

/// Whether an impaired network loses packets there or on the way back.
fn may_be_lost(Explanation { there, back, .. }: &Explanation) -> bool {
    let loses = |step: &Step| matches!(step, Step::Impaired { impairment, .. } if impairment.loss != Share::NONE);
    there.iter().chain(back.iter().flatten()).any(loses)
}

/// What is missing in ClassicLink, if a packet is dropped for lack of an address, a route or a service.
fn not_linked(names: &Names<'_>, steps: &[Step], drop: wire::Drop) -> Option<String> {
    let is_lost = matches!(drop.reason, DropReason::NoSuchAddress | DropReason::NoRoute | DropReason::NoService);
    let sent = steps.iter().filter(|_| is_lost).find_map(|step| match step {
        Step::Received { port, packet } => Some((*port, packet.destination)),
        _ => None,
    });
    let (port, address) = sent?;
    names.not_linked(port, address)
}

/// A drop in the cloud's words.
pub(crate) fn dropped(names: &Names<'_>, drop: &DropRecord) -> Drop {
    record(names, drop.at, drop.port, drop.packet, drop.drop)
}

fn record(names: &Names<'_>, at: u64, port: PortId, packet: Option<FiveTuple>, drop: wire::Drop) -> Drop {
    let (host, name) = names.port(port);
    Drop { at, host, name, packet: packet.map(Packet::from), reason: drop.reason, text: blame(names, drop) }
}

/// Steps in the cloud's terms.
pub(crate) fn step_rows(names: &Names<'_>, steps: &[Step]) -> Vec<WhyStep> {
    steps.iter().map(|step| words(names, step)).collect()
}

fn words(names: &Names<'_>, step: &Step) -> WhyStep {
    let (kind, text) = match step {
        Step::Received { port, packet } => ("received", format!("{} sends {packet}", names.host(*port))),
        Step::Flow { reply } => {
            let which = if *reply { "a reply on" } else { "part of" };
            ("flow", format!("it is {which} a known connection"))
        }
        Step::Route { table, prefix, by, next_hop } => {
            let target = names.target(*table, *prefix).unwrap_or_else(|| hop(names, *next_hop));
            let table = names.table(*table);
            ("route", format!("{prefix} → {target} in {table}; leaves as {}", names.attachment(*by)))
        }
        Step::Onward { table, prefix, next_hop } => {
            let target = names.target(*table, *prefix).unwrap_or_else(|| hop(names, *next_hop));
            ("route", format!("{prefix} → {target} in {}", names.table(*table)))
        }
        Step::Filter { attachment, direction, rule, tracked } => {
            let at = names.attachment(*attachment);
            ("filter", format!("{} {at}: {}", preposition(*direction), allowed(names, *rule, *tracked)))
        }
        Step::Acl { segment, direction, acl, rule } => {
            let text = names.acl_rule(*acl, *direction == Direction::Egress, *rule).unwrap_or_default();
            let (way, subnet) = (preposition(*direction), names.segment(*segment));
            ("acl", format!("{way} {subnet}: rule {rule} of {} ({text})", names.acl(*acl)))
        }
        Step::Hop { router } => {
            let router = router.map_or("which does not answer when it ends".to_owned(), |at| at.to_string());
            ("hop", format!("a router decrements the time to live: {router}"))
        }
        Step::Mtu { largest } => ("mtu", format!("the path takes packets of up to {largest} bytes")),
        Step::Impaired { port, peer, direction, impairment } => {
            let (way, host, words) = (preposition(*direction), names.host(*port), impairment_text(impairment, ""));
            let path = match (peer, direction) {
                (None, _) => String::new(),
                (Some(end), Direction::Egress) => format!(", to {}", names.far_end(*end)),
                (Some(end), Direction::Ingress) => format!(", from {}", names.far_end(*end)),
            };
            ("impaired", format!("{way} {host}{path}: a bad network ({words})"))
        }
        Step::Translated { packet } => ("translated", format!("goes on as {packet}")),
        Step::Remembered { nat, idle, resets } => {
            let later = if *resets { "; what comes later is answered with a RST" } else { "" };
            let nat = names.nat(*nat);
            ("remembered", format!("{nat} remembers it while it is idle for {} s{later}", idle.as_secs()))
        }
        Step::Delivered { attachment, .. } => ("delivered", format!("arrives at {}", names.attachment(*attachment))),
        Step::Dropped(drop) => ("dropped", format!("dropped ({}): {}", drop.reason, blame(names, *drop))),
    };
    WhyStep { step: kind.to_owned(), text }
}

fn allowed(names: &Names<'_>, rule: Option<(FilterId, RuleId)>, tracked: bool) -> String {
    let Some((filter, rule)) = rule else {
        let why = if tracked { "it is part of a tracked connection" } else { "nothing is filtered there" };
        return why.to_owned();
    };
    let rule = names.rule(filter, rule).map(|rule| format!(": {rule}")).unwrap_or_default();
    let tracked = if tracked { "tracked, replies need no rule" } else { "not tracked" };
    format!("{} allows it{rule} ({tracked})", names.filter(filter))
}

fn preposition(direction: Direction) -> &'static str {
    match direction {
        Direction::Egress => "out of",
        Direction::Ingress => "in to",
    }
}

fn hop(names: &Names<'_>, next_hop: NextHop) -> String {
    match next_hop {
        NextHop::Deliver(vrf) => names.vrf(vrf),
        NextHop::Edge(vrf) => format!("{}, by its public address", names.vrf(vrf)),
        NextHop::Translate(id) => names.nat(id),
        NextHop::Via(id) => names.attachment(id),
        NextHop::Forward(id) => names.table(id),
        NextHop::Service(..) => "a service of the platform".to_owned(),
        NextHop::Blackhole => "nowhere".to_owned(),
    }
}
