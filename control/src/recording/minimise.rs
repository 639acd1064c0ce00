//! The smallest network in which a packet gets the same verdict: everything is removed that does not change the
//! verdict.
//!
//! Parts are removed through the API, so that the rest is a valid network. Halves of all parts are tried first, then
//! smaller and smaller pieces (delta debugging, Zeller and Hildebrandt 2002).

use super::parts::parts;
use super::peculiar::Peculiar;
use super::{RecordedCloud, RecordingError, next_good_event};
use crate::explain::names::Names;
use crate::explain::{ECHO_REQUEST, destinations, shell_word};
use crate::export;
use crate::reach::Network;
use dataplane::record::{Event, Mode, PacketEvent, Reader, Replay, Verdict};
use model::{Model, Time};
use std::io::Read;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::SystemTime;
use wire::{Drop, Explanation, FiveTuple, FlowRecord, ICMP, PortId, Step, TCP, UDP};

/// How many times all parts are tried: a part may become removable after another is gone.
const ROUNDS: usize = 6;

/// Why there is no scenario.
#[derive(Debug, thiserror::Error)]
pub enum MinimiseError {
    /// The recording cannot be read.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// The verdict depends on more than the network.
    #[error(
        "packet {number} got its verdict by what had come before it (an open connection, a datagram's other fragments, a full table), \
         which a scenario's network does not have; give the first packet of its connection by --packet N, or look at it with \
         `classiclink replay -v --until {number} {}`", shell_word(.path)
    )]
    Stateful {
        /// The packet.
        number: u64,
        /// The recording.
        path: String,
    },
    /// The packet is not valid.
    #[error("packet {0} is none that a network decides about")]
    NoPacket(u64),
}

/// A packet and its verdict.
#[derive(Clone, Debug)]
pub struct Question {
    /// The sending port.
    pub port: PortId,
    /// The packet, the first of its connection.
    pub packet: FiveTuple,
    /// What the packet was dropped for, if that is not its 5-tuple.
    pub peculiar: Option<Peculiar>,
    /// The verdict on the packet or its reply.
    pub answer: Answer,
}

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The packet arrives at this port.
    Arrives(PortId),
    /// The packet is dropped.
    Dropped(Drop),
    /// The packet arrives, and the reply is dropped.
    ReplyDropped(Drop),
}

/// A minimised network.
#[derive(Clone, Debug)]
pub struct Minimised {
    /// The network.
    pub model: Model,
    /// The scenario file.
    pub scenario: String,
    /// The number of parts before and after.
    pub parts: [usize; 2],
}

/// The question for a packet of a recording, by default the last one dropped; and the model at that moment.
///
/// # Errors
/// [`MinimiseError`].
pub fn question(path: &Path, packet: Option<u64>) -> Result<(Model, Question), MinimiseError> {
    let number = match packet {
        Some(number) => number,
        None => last_drop(path)?,
    };
    let open = Reader::open(path).map_err(RecordingError::Read)?;
    let mut replay = Replay::of(open, Mode { trace: true, ..Mode::default() });
    let mut cloud = RecordedCloud::default();
    while let Some(event) = replay.next_event().map_err(RecordingError::Read)? {
        match event {
            Event::Began { platform, rows, .. } => cloud = RecordedCloud::begin(platform, rows),
            Event::Noted(_, rows) => cloud.note(rows),
            Event::Packet(event) if event.number == number => {
                let model = cloud.model()?;
                let question = asked(&replay, &model, &event)?;
                let path = path.display().to_string();
                return question.map(|question| (model, question)).ok_or(MinimiseError::Stateful { number, path });
            }
            _ => {}
        }
    }
    Err(RecordingError::NoPacket(number).into())
}

fn last_drop(path: &Path) -> Result<u64, RecordingError> {
    let mut replay = Replay::of(Reader::open(path)?, Mode::default());
    let mut last = None;
    while let Some(event) = next_good_event(&mut replay)? {
        if let Event::Packet(packet) = event
            && matches!(packet.record.verdict, Verdict::Drop { packet: Some(_), .. })
        {
            last = Some(packet.number);
        }
    }
    last.ok_or(RecordingError::NoDrop(None))
}

/// The question for a packet, if the network alone gives its verdict.
fn asked<R: Read>(replay: &Replay<R>, model: &Model, event: &PacketEvent) -> Result<Option<Question>, MinimiseError> {
    let network = Network::of(model).map_err(RecordingError::Reach)?;
    let ordinary = event.tuple.and_then(|tuple| ordinary(replay, event, tuple));
    let made_by_hand = made_by_hand(event);
    if event.tuple.is_none() && made_by_hand.is_none() {
        return Err(MinimiseError::NoPacket(event.number));
    }
    Ok(ordinary.into_iter().chain(made_by_hand).find(|question| question.holds(&network)))
}

/// The question whether the first packet of a packet's connection, or the reply to it, arrives.
fn ordinary<R: Read>(replay: &Replay<R>, event: &PacketEvent, tuple: FiveTuple) -> Option<Question> {
    let port = event.record.port;
    let is_reply = event.steps.iter().any(|step| matches!(step, Step::Flow { reply: true }));
    // The flow to which the packet is a reply.
    let replied = || {
        let engine = replay.engine()?;
        let tables = engine.snapshot();
        // Two VPCs may have the same addresses.
        let is_meant = |flow: &FlowRecord| {
            let receiver = tables.attachment(flow.to).map(|attachment| attachment.port);
            flow.delivered == tuple.reversed() && receiver == Some(port)
        };
        engine.flows(Some(&[port]), usize::MAX).0.into_iter().find(is_meant)
    };
    let (port, packet, answer) = match &event.record.verdict {
        verdict if is_reply => {
            let flow = replied()?;
            let answer = match verdict {
                // The packet arrived, and so did the one that it answers.
                Verdict::Forward { .. } => Answer::Arrives(port),
                Verdict::Drop { drop, .. } => Answer::ReplyDropped(*drop),
            };
            (flow.from, flow.sent, answer)
        }
        Verdict::Forward { port: to, .. } => (port, tuple, Answer::Arrives(*to)),
        Verdict::Drop { drop, .. } => (port, tuple, Answer::Dropped(*drop)),
    };
    Some(Question { port, packet, peculiar: None, answer })
}

/// The question whether a dropped packet arrives that is not like the first of a connection.
fn made_by_hand(event: &PacketEvent) -> Option<Question> {
    let Verdict::Drop { drop, .. } = &event.record.verdict else { return None };
    let peculiar = Peculiar::of(&event.record, drop.reason)?;
    let packet = event.tuple.unwrap_or_else(Peculiar::without_tuple);
    Some(Question { port: event.record.port, packet, peculiar: Some(peculiar), answer: Answer::Dropped(*drop) })
}

impl Question {
    /// Whether a network gives the same verdict.
    pub fn holds(&self, network: &Network<'_>) -> bool {
        let found = match &self.peculiar {
            Some(peculiar) => peculiar.drop(network, self.port).map(Answer::Dropped),
            None => answer(&network.explain(self.port, self.packet), self.answer),
        };
        found == Some(self.answer)
    }
}

/// The verdict in an explanation, of the same kind as another one.
fn answer(Explanation { there, back }: &Explanation, like: Answer) -> Option<Answer> {
    let arrives = there.iter().find_map(|step| match step {
        Step::Delivered { port, .. } => Some(Answer::Arrives(*port)),
        Step::Dropped(drop) => Some(Answer::Dropped(*drop)),
        _ => None,
    });
    match like {
        Answer::ReplyDropped(_) => back.iter().flatten().find_map(|step| match step {
            Step::Dropped(drop) => Some(Answer::ReplyDropped(*drop)),
            _ => None,
        }),
        Answer::Arrives(_) | Answer::Dropped(_) => arrives,
    }
}

/// Removes everything from a model that the question does not need, and writes the scenario.
///
/// # Errors
/// [`RecordingError::Reach`].
pub fn minimise(mut model: Model, question: &Question) -> Result<Minimised, RecordingError> {
    let now = model.now(SystemTime::now().into());
    model.give_hosts(|_| true);
    model.take_changes();
    let before = parts(&model).len();
    for _ in 0..ROUNDS {
        let left = parts(&model).len();
        model = reduced(model, question, now)?;
        if parts(&model).len() == left {
            break;
        }
    }
    let network = Network::of(&model)?;
    let step = sentence(&model, &network, question);
    let scenario = export::scenario_with(&model, now, "The least network with this verdict", &[step]);
    drop(network);
    let parts = [before, parts(&model).len()];
    Ok(Minimised { model, scenario, parts })
}

/// One round: all parts are tried, in halves, quarters and so on.
fn reduced(mut model: Model, question: &Question, now: Time) -> Result<Model, RecordingError> {
    let mut parts = parts(&model);
    let mut size = parts.len();
    while size > 0 {
        let mut kept = Vec::new();
        for piece in parts.chunks(size) {
            let mut next = model.clone();
            let gone = piece.iter().filter(|part| part.remove(&mut next, now)).count();
            if gone > 0 && question.holds(&Network::of(&next)?) {
                model = next;
            } else {
                kept.extend_from_slice(piece);
            }
        }
        parts = kept;
        size /= 2;
    }
    Ok(model)
}

/// An address that no host has, as a scenario says it: a NAT gateway gets another one each time.
fn nobodys(model: &Model, address: Ipv4Addr, called: impl Fn(&str) -> String) -> String {
    let gateway = model.nat_gateways.iter().find(|gateway| gateway.is_available() && gateway.public == address);
    gateway.map_or_else(|| address.to_string(), |gateway| format!("${}.public", called(&gateway.id)))
}

/// The scenario's step with the expected verdict.
fn sentence(model: &Model, network: &Network<'_>, question: &Question) -> String {
    let Question { port, packet, ref peculiar, answer } = *question;
    let names = Names::of(model);
    let scenario_names = export::names(model);
    let called = |host: &str| scenario_names.get(host).cloned().unwrap_or_else(|| host.to_owned());
    let (sender, interface) = network.interface(port).unwrap_or_default();
    let own = names.addresses(&sender);
    let is_meant = |host: &&String| {
        let first = destinations(&own, names.addresses(host)).into_iter().next();
        **host != sender && first == Some(packet.destination)
    };
    let hosts: Vec<String> = network.hosts().map(|host| host.id.clone()).collect();
    let to = match hosts.iter().find(is_meant) {
        Some(host) => called(host),
        None => nobodys(model, packet.destination, called),
    };
    let is_default = names.leaves_by(&sender, packet.destination, None) == Some((port, packet.source));
    let replies = network
        .explain(port, packet)
        .back
        .is_some_and(|steps| steps.iter().any(|step| matches!(step, Step::Delivered { .. })));
    let (can, reason) = match answer {
        Answer::Arrives(_) => ("can", String::new()),
        Answer::Dropped(drop) => ("cannot", format!(": {}", drop.reason)),
        Answer::ReplyDropped(drop) => ("cannot", format!(": {} on the way back", drop.reason)),
    };
    let from = called(&sender);
    let probe = match (packet.protocol, packet.destination_port) {
        (TCP, port) => Some(format!("tcp {port} on {to}")),
        (UDP, port) => Some(format!("udp {port} on {to}")),
        (ICMP, ECHO_REQUEST) => Some(format!("ping {to}")),
        _ => None,
    };
    let needs_no_hand = is_default && peculiar.is_none() && (replies || !matches!(answer, Answer::Arrives(_)));
    if let Some(probe) = probe.filter(|_| needs_no_hand) {
        return format!("{from} {can} {probe}{reason}");
    }
    let kind = peculiar.as_ref().and_then(|peculiar| peculiar.kind);
    let what = match (kind, packet.protocol) {
        (Some(kind), _) => kind.to_owned(),
        (None, TCP) => format!("tcp {}", packet.destination_port),
        (None, UDP) => format!("udp {}", packet.destination_port),
        (None, ICMP) => format!("icmp {}", packet.destination_port >> 8),
        (None, protocol) => format!("protocol {protocol}"),
    };
    let source = if is_default || kind.is_some() { String::new() } else { format!(", from {}", packet.source) };
    let by = if interface > 0 { format!(", by {}", wire::interface_name(interface)) } else { String::new() };
    let clause = peculiar.as_ref().and_then(|peculiar| peculiar.clause.as_ref());
    let clause = clause.map_or(String::new(), |clause| format!(", {clause}"));
    format!("{from} {can} send {what} to {to}{source}{by}{clause}{reason}")
}
