//! The product's record of dropped packets and reasons.

use super::outcome::{Outcome, sentence};
use crate::cloud::system::System;
use crate::format::sentence::Service;
use serde_json::Value;
use std::net::Ipv4Addr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// The pause between two readings of the record.
const PAUSE: Duration = Duration::from_millis(25);
/// The type and code that take the place of a ping's destination port: echo request, 0.
const ECHO_REQUEST: u16 = 8 << 8;

/// The record, which is read repeatedly while a step waits for an entry.
pub struct Drops<'a> {
    system: &'a System,
    latest: Mutex<Option<(Instant, Vec<Record>)>>,
}

/// A dropped packet.
#[derive(Clone, Debug)]
pub struct Record {
    /// Nanoseconds since 1970.
    at: u64,
    host: String,
    packet: Option<Packet>,
    /// The reason.
    pub reason: String,
}

/// A packet's addresses and ports as it was sent.
#[derive(Clone, Copy, Debug)]
struct Packet {
    source: Ipv4Addr,
    destination: Ipv4Addr,
    protocol: u8,
    source_port: u16,
    destination_port: u16,
}

/// The conditions that a dropped packet meets. Absent ones match every packet.
#[derive(Clone, Debug)]
pub struct DropQuery {
    /// The earliest time, in nanoseconds since 1970.
    pub since: u64,
    /// The id of the sending host, if it is known.
    pub host: Option<String>,
    /// Source address.
    pub source: Option<Ipv4Addr>,
    /// Destination address.
    pub destination: Option<Ipv4Addr>,
    /// Protocol number.
    pub protocol: Option<u8>,
    /// Source port or identifier.
    pub source_port: Option<u16>,
    /// Destination port or identifier.
    pub destination_port: Option<u16>,
}

impl DropQuery {
    /// The packets that a host sends from now on. Without further conditions only unparsable ones match.
    pub fn from_now(host: Option<String>) -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self {
            since: now.as_nanos() as u64,
            host,
            source: None,
            destination: None,
            protocol: None,
            source_port: None,
            destination_port: None,
        }
    }

    /// A client's packet to a service, from this port (or with this identifier).
    pub fn request(mut self, service: Service, local: u16) -> Self {
        let (protocol, source, destination) = numbers(service, local);
        (self.protocol, self.source_port, self.destination_port) = (Some(protocol), Some(source), Some(destination));
        self
    }

    /// A service's answer to such a packet.
    pub fn answer(mut self, service: Service, local: u16) -> Self {
        let (protocol, client, service) = numbers(service, local);
        (self.protocol, self.source_port, self.destination_port) = (Some(protocol), Some(service), Some(client));
        self
    }

    fn matches(&self, record: &Record) -> bool {
        let same_host = self.host.as_ref().is_none_or(|host| *host == record.host);
        // A packet without addresses and protocol is not IPv4, and the record has none for it either.
        let unreadable = self.source.is_none()
            && self.destination.is_none()
            && self.protocol.is_none()
            && self.source_port.is_none()
            && self.destination_port.is_none();
        record.at >= self.since
            && same_host
            && match record.packet {
                None => unreadable,
                Some(packet) => {
                    !unreadable
                        && self.source.is_none_or(|address| address == packet.source)
                        && self.destination.is_none_or(|address| address == packet.destination)
                        && self.protocol.is_none_or(|protocol| protocol == packet.protocol)
                        && self.source_port.is_none_or(|port| port == packet.source_port)
                        && self.destination_port.is_none_or(|port| port == packet.destination_port)
                }
            }
    }
}

/// The protocol number, the client's port and the service's port, as the record has them.
fn numbers(service: Service, local: u16) -> (u8, u16, u16) {
    match service {
        Service::Tcp(port) => (6, local, port),
        Service::Udp(port) => (17, local, port),
        Service::Ping => (1, local, ECHO_REQUEST),
    }
}

impl<'a> Drops<'a> {
    /// The record of a system.
    pub fn new(system: &'a System) -> Self {
        Self { system, latest: Mutex::new(None) }
    }

    /// The first record that matches, so far.
    pub fn find(&self, query: &DropQuery) -> Outcome<Option<Record>> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.as_ref().is_none_or(|(read, _)| read.elapsed() > PAUSE) {
            let list = self.system.ask(&["drops"]).map_err(sentence)?;
            *latest = Some((Instant::now(), list.as_array().into_iter().flatten().filter_map(record).collect()));
        }
        Ok(latest.iter().flat_map(|(_, records)| records).find(|record| query.matches(record)).cloned())
    }
}

/// An entry of `classiclink drops --json`.
fn record(value: &Value) -> Option<Record> {
    let packet = &value["packet"];
    let number = |key: &str| packet[key].as_u64().and_then(|number| number.try_into().ok());
    let address = |key: &str| packet[key].as_str().and_then(|address| address.parse().ok());
    let packet = address("source").zip(address("destination")).and_then(|(source, destination)| {
        Some(Packet {
            source,
            destination,
            protocol: u8::try_from(number("protocol")?).ok()?,
            source_port: number("source_port")?,
            destination_port: number("destination_port")?,
        })
    });
    Some(Record {
        at: value["at"].as_u64()?,
        host: value["host"].as_str()?.to_owned(),
        packet,
        reason: value["reason"].as_str()?.to_owned(),
    })
}
