//! `classiclink capture`: packets at interfaces, with what became of them in the cloud's words.

use super::{Failure, Operator, nonsense};
use crate::explain::blame;
use crate::explain::names::{self, Names};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use model::Model;
use serde::{Deserialize, Serialize};
use wire::{
    CaptureOrder, Captured, CapturedFlow, Direction, Entry, Instruction, Key, PortId, Reply, Request, Verdict,
    interface_name,
};

/// How many bytes of packets are fetched at a time.
const PAGE: usize = 4 << 20;

/// What is to be captured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaptureWish {
    /// Packets of this host; `None`: all.
    pub host: Option<String>,
    /// Those that this program of the classic BPF takes; an empty one takes all.
    pub filter: Vec<Instruction>,
    /// How many bytes of each.
    pub snap: u32,
    /// How many bytes may wait to be fetched.
    pub ring: u64,
}

/// Packets that were captured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PacketRows {
    /// The packets.
    pub packets: Vec<PacketRow>,
    /// How many have been lost so far, since they were not fetched in time.
    pub lost: u64,
    /// Whether more are waiting.
    pub more: bool,
}

/// A packet at an interface.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PacketRow {
    /// When, in nanoseconds since 1970.
    pub at: u64,
    /// The host and its interface: `web eth0`.
    pub interface: String,
    /// Whether the host sent it, or was given it.
    pub sent: bool,
    /// Its length, in bytes.
    pub length: u32,
    /// Its beginning, in Base64.
    pub bytes: String,
    /// What became of it.
    pub comment: String,
}

impl Operator {
    pub(super) async fn capture(&self, wish: CaptureWish) -> Result<u64, Failure> {
        let CaptureWish { host, filter, snap, ring } = wish;
        let ports = match host {
            None => None,
            Some(host) => {
                let host = self.service.look(|model| names::host(model, &host))?;
                Some(self.ports(&host))
            }
        };
        let order = CaptureOrder { ports, filter, snap, ring };
        match self.service.link().ask_when_up(Request::Capture(order)).await? {
            Reply::Capturing(capture) => Ok(capture),
            other => Err(nonsense(&other)),
        }
    }

    pub(super) async fn captured(&self, capture: u64) -> Result<PacketRows, Failure> {
        let reply = self.service.link().ask_when_up(Request::Captured { capture, most: PAGE }).await?;
        let Reply::Captured(page) = reply else { return Err(nonsense(&reply)) };
        // Changes need not wait until a copy is searched.
        let model = self.service.look(Model::clone);
        let told = Told { operator: self, names: Names::of(&model) };
        let packets = page.packets.iter().map(|packet| told.row(packet)).collect();
        Ok(PacketRows { packets, lost: page.lost, more: page.more })
    }

    /// The ports that a host has now.
    pub(super) fn ports(&self, host: &str) -> Vec<PortId> {
        let is_its = |entry: &Entry| match entry {
            Entry::Port(id, port) if port.host == host => Some(*id),
            _ => None,
        };
        self.service.link().with_tables(|tables| tables.entries().filter_map(is_its).collect())
    }
}

/// The words for packets.
struct Told<'a> {
    operator: &'a Operator,
    names: Names<'a>,
}

impl Told<'_> {
    fn row(&self, packet: &Captured) -> PacketRow {
        PacketRow {
            at: packet.at,
            interface: self.interface(packet.port),
            sent: packet.direction == Direction::Egress,
            length: packet.length,
            bytes: BASE64_STANDARD.encode(&packet.bytes),
            comment: self.verdict(&packet.verdict),
        }
    }

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
