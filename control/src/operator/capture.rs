//! `classiclink capture`: packets at interfaces, with what became of them in the cloud's words.

use super::{Failure, Operator, Question, nonsense};
use crate::explain::blame;
use crate::explain::names::{self, Names};
use crate::pcapng::Packet;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use model::Model;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::hash::Hash;
use wire::{
    CaptureOrder, Captured, CapturedFlow, Direction, Entry, Instruction, Key, PortId, Reply, Request, Verdict,
    interface_name,
};

/// How many bytes of packets are fetched at a time.
const PAGE: usize = 4 << 20;

/// Captures packets from now on. Answered by the capture's number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartCapture {
    /// Packets of this host; `None`: all.
    pub host: Option<String>,
    /// Those that this program of the classic BPF takes; an empty one takes all.
    pub filter: Vec<Instruction>,
    /// How many bytes of each.
    pub snap: u32,
    /// How many bytes may wait to be fetched.
    pub ring: u64,
}

/// Fetches what a capture has now. Each packet is told of once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadCapture {
    /// Its number.
    pub capture: u64,
}

/// Ends a capture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndCapture {
    /// Its number.
    pub capture: u64,
}

/// Packets that were captured.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PacketRows {
    /// The packets.
    pub packets: Vec<PacketRow>,
    /// The hosts and interfaces that they were seen at: `web eth0`.
    pub interfaces: Vec<String>,
    /// What became of them, in words.
    pub comments: Vec<String>,
    /// What is kept of them, one behind the other: Base64 in JSON.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub bytes: Vec<u8>,
    /// How many have been lost so far, since they were not fetched in time.
    pub lost: u64,
    /// Whether more are waiting.
    pub more: bool,
}

/// A packet at an interface.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct PacketRow {
    /// When, in nanoseconds since 1970.
    pub at: u64,
    /// Which of the interfaces.
    pub interface: usize,
    /// Whether the host sent it, or was given it.
    pub sent: bool,
    /// Its length, in bytes.
    pub length: u32,
    /// How many bytes of its beginning are kept.
    pub kept: usize,
    /// Which of the comments.
    pub comment: usize,
}

impl PacketRows {
    /// The packets as a file has them.
    pub fn each(&self) -> impl Iterator<Item = Packet<'_>> {
        let mut rest = &self.bytes[..];
        self.packets.iter().map(move |row| {
            let PacketRow { at, interface, sent, length, kept, comment } = *row;
            let (bytes, behind) = rest.split_at(rest.len().min(kept));
            rest = behind;
            let (interface, comment) = (word(&self.interfaces, interface), word(&self.comments, comment));
            Packet { at, interface, sent, length, bytes, comment }
        })
    }
}

fn word(words: &[String], at: usize) -> &str {
    words.get(at).map_or("", String::as_str)
}

fn to_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    BASE64_STANDARD.decode(text).map_err(de::Error::custom)
}

impl Question for StartCapture {
    type Answer = u64;

    async fn answer(self, operator: &Operator) -> Result<u64, Failure> {
        let StartCapture { host, filter, snap, ring } = self;
        let ports = match host {
            None => None,
            Some(host) => {
                let host = operator.service.look(|model| names::host(model, &host))?;
                Some(operator.ports(&host))
            }
        };
        let order = CaptureOrder { ports, filter, snap, ring };
        match operator.service.link().ask_when_up(Request::Capture(order)).await? {
            Reply::Capturing(capture) => Ok(capture),
            other => Err(nonsense(&other)),
        }
    }
}

impl Question for ReadCapture {
    type Answer = PacketRows;

    async fn answer(self, operator: &Operator) -> Result<PacketRows, Failure> {
        let request = Request::Captured { capture: self.capture, most: PAGE };
        let reply = operator.service.link().ask_when_up(request).await?;
        let Reply::Captured(page) = reply else { return Err(nonsense(&reply)) };
        // Changes need not wait until a copy is searched.
        let model = operator.service.look(Model::clone);
        let told = Told { operator, names: Names::of(&model) };
        let (mut interfaces, mut comments) = (Words::default(), Words::default());
        let row = |packet: &Captured| PacketRow {
            at: packet.at,
            interface: interfaces.place(packet.port, || told.interface(packet.port)),
            sent: packet.direction == Direction::Egress,
            length: packet.length,
            kept: packet.kept as usize,
            comment: comments.place(packet.verdict.clone(), || told.verdict(&packet.verdict)),
        };
        let packets = page.packets.iter().map(row).collect();
        let (interfaces, comments) = (interfaces.words, comments.words);
        Ok(PacketRows { packets, interfaces, comments, bytes: page.bytes, lost: page.lost, more: page.more })
    }
}

impl Question for EndCapture {
    type Answer = ();

    async fn answer(self, operator: &Operator) -> Result<(), Failure> {
        operator.service.link().ask_when_up(Request::EndCapture(self.capture)).await?;
        Ok(())
    }
}

impl Operator {
    /// The ports that a host has now.
    pub(super) fn ports(&self, host: &str) -> Vec<PortId> {
        let is_its = |entry: &Entry| match entry {
            Entry::Port(id, port) if port.host == host => Some(*id),
            _ => None,
        };
        self.service.link().with_tables(|tables| tables.entries().filter_map(is_its).collect())
    }
}

/// What is told once for all packets that it is true of.
struct Words<K> {
    places: HashMap<K, usize>,
    words: Vec<String>,
}

impl<K> Default for Words<K> {
    fn default() -> Self {
        Self { places: HashMap::new(), words: Vec::new() }
    }
}

impl<K: Eq + Hash> Words<K> {
    /// Where the words for this are.
    fn place(&mut self, of: K, words: impl FnOnce() -> String) -> usize {
        match self.places.entry(of) {
            Occupied(known) => *known.get(),
            Vacant(new) => {
                self.words.push(words());
                *new.insert(self.words.len() - 1)
            }
        }
    }
}

/// The words for packets.
struct Told<'a> {
    operator: &'a Operator,
    names: Names<'a>,
}

impl Told<'_> {
    /// A host by its Name tag, or its id without one, and the interface.
    fn interface(&self, port: PortId) -> String {
        let (host, name) = self.names.port(port);
        let number = self.operator.service.link().with_tables(|tables| match tables.get(&Key::Port(port)) {
            Some(Entry::Port(_, port)) => port.interface,
            _ => 0,
        });
        format!("{} {}", name.unwrap_or(host), interface_name(number))
    }

    fn verdict(&self, verdict: &Verdict) -> String {
        match verdict {
            Verdict::Forwarded { to, sent, delivered, flow } => {
                let mut words = format!("goes to {}", self.interface(*to));
                if sent != delivered {
                    words += &format!(" as {delivered}");
                }
                if let Some(flow) = flow {
                    words += &self.flow(flow);
                }
                words
            }
            Verdict::Delivered { from, sent } => format!("from {}, sent as {sent}", self.interface(*from)),
            Verdict::Dropped(drop) => format!("dropped ({}): {}", drop.reason, blame(&self.names, *drop)),
            Verdict::Answer => "the network's own answer to what it dropped".to_owned(),
        }
    }

    fn flow(&self, CapturedFlow { state, reply, admitted: [out, inward] }: &CapturedFlow) -> String {
        let which = if *reply { "a reply on" } else { "part of" };
        let mut words = format!("; {which} a connection (now {state})");
        for (way, rule) in [("out", out), ("in", inward)] {
            if let Some(rule) = rule.and_then(|(filter, rule)| self.names.admitting(filter, rule)) {
                words += &format!("; {way} by {rule}");
            }
        }
        words
    }
}
