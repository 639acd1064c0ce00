//! The data of `top`: control's last answers, and rates per second.

use crate::services::protocol;
use control::admin;
use control::operator::{
    Drop, FlowRow, ListChanges, ListDrops, ListFlows, Packet, Rate, Rates, ReadStatus, Status, Traffic,
};
use control::recent_changes::ChangeRow;
use control::state::State;
use std::collections::HashMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;
use std::time::Instant;
use wire::{FiveTuple, ICMP, TCP, UDP};

/// How many connections are read.
const FLOWS: usize = 1000;

/// The data of one moment.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub status: Option<Status>,
    /// The busiest interface first.
    pub rates: Vec<Rate>,
    /// The busiest connection first.
    pub flows: Vec<Flow>,
    /// The newest first.
    pub drops: Vec<Drop>,
    /// The newest first.
    pub changes: Vec<ChangeRow>,
    /// Why the data is old.
    pub trouble: Option<String>,
    before: Rates,
    talk: Talk,
}

/// A connection and its rate.
#[derive(Debug)]
pub(super) struct Flow {
    pub row: FlowRow,
    pub bits: u64,
}

/// The previous reading of connections.
#[derive(Debug, Default)]
struct Talk {
    at: Option<Instant>,
    bytes: HashMap<(String, FiveTuple), u64>,
}

impl Figures {
    /// Reads new data. If that fails, the old data stays.
    pub fn look(&mut self, state: &State) {
        self.trouble = self.try_look(state).err().map(|error| error.to_string());
    }

    fn try_look(&mut self, state: &State) -> Result<(), admin::AdminError> {
        let status = admin::ask(state, ReadStatus)?;
        let is_up = status.version.is_some();
        self.rates = self.before.of(&status.ports);
        self.rates.sort_by_key(|rate| std::cmp::Reverse(rate.sent_bits + rate.received_bits));
        self.status = Some(status);
        self.changes = newest(admin::ask(state, ListChanges)?);
        // Control would wait for a dataplane that is down.
        if is_up {
            self.drops = newest(admin::ask(state, ListDrops)?.drops);
            let all = admin::ask(state, ListFlows { host: None, most: Some(FLOWS) })?;
            self.flows = self.talk.of(all.flows, Instant::now());
        }
        Ok(())
    }
}

impl Talk {
    /// Connections with their rates since the previous reading, the busiest first. Without one there are none.
    fn of(&mut self, rows: Vec<FlowRow>, now: Instant) -> Vec<Flow> {
        let seconds = self.at.replace(now).map(|at| (now - at).as_secs_f64().max(0.001));
        let counts = rows.iter().map(|row| (key(row), row.bytes)).collect();
        let before = std::mem::replace(&mut self.bytes, counts);
        let flow = |row: FlowRow| {
            // A count that has fallen was reset.
            let was = before.get(&key(&row)).copied().filter(|was| *was <= row.bytes).unwrap_or_default();
            let bits = seconds.map_or(0.0, |seconds| ((row.bytes - was) * 8) as f64 / seconds);
            Flow { bits: bits.ceil() as u64, row }
        };
        let mut flows: Vec<Flow> = rows.into_iter().map(flow).collect();
        flows.sort_by(|a, b| b.bits.cmp(&a.bits).then_with(|| a.row.idle.cmp(&b.row.idle)));
        flows
    }
}

fn key(row: &FlowRow) -> (String, FiveTuple) {
    (row.from.clone(), row.sent.into())
}

fn newest<T>(mut all: Vec<T>) -> Vec<T> {
    all.reverse();
    all
}

/// A question for `why`, written in a line: `web db tcp 6004`, `web 192.168.1.20 ping source 10.0.0.7`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub from: String,
    pub source: Option<Ipv4Addr>,
    pub to: String,
    pub traffic: Traffic,
}

/// The line cannot be parsed.
#[derive(Debug, thiserror::Error)]
#[error(
    "write FROM TO, and tcp PORT, udp PORT, ping or protocol NUMBER, and source ADDRESS if it is not the usual one: web db tcp 6004"
)]
pub(super) struct NoQuestion;

impl Question {
    /// The question that explains a dropped packet.
    pub fn of(drop: &Drop) -> Option<Question> {
        Some(Question::of_packet(&drop.host, drop.packet?))
    }

    /// The question that shows the path of a host's packet.
    pub fn of_packet(host: &str, packet: Packet) -> Question {
        let Packet { source, destination, protocol, destination_port, .. } = packet;
        let traffic = match protocol {
            TCP => Traffic::Tcp(destination_port),
            UDP => Traffic::Udp(destination_port),
            ICMP => Traffic::Icmp,
            other => Traffic::Protocol(other),
        };
        Question { from: host.to_owned(), source: Some(source), to: destination.to_string(), traffic }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Question { from, source, to, traffic } = self;
        match traffic {
            Traffic::Tcp(port) => write!(f, "{from} {to} tcp {port}")?,
            Traffic::Udp(port) => write!(f, "{from} {to} udp {port}")?,
            Traffic::Icmp => write!(f, "{from} {to} ping")?,
            Traffic::Protocol(number) => write!(f, "{from} {to} protocol {number}")?,
        }
        source.map_or(Ok(()), |source| write!(f, " source {source}"))
    }
}

impl FromStr for Question {
    type Err = NoQuestion;

    fn from_str(text: &str) -> Result<Question, NoQuestion> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (words, source) = match &words[..] {
            [words @ .., "source", address] => (words, Some(address.parse().map_err(|_| NoQuestion)?)),
            words => (words, None),
        };
        let port = |text: &str| text.parse().map_err(|_| NoQuestion);
        let (from, to, traffic) = match *words {
            [from, to] | [from, to, "ping"] => (from, to, Traffic::Icmp),
            [from, to, "tcp", number] => (from, to, Traffic::Tcp(port(number)?)),
            [from, to, "udp", number] => (from, to, Traffic::Udp(port(number)?)),
            [from, to, "protocol", number] => (from, to, Traffic::Protocol(protocol(number).map_err(|_| NoQuestion)?)),
            _ => return Err(NoQuestion),
        };
        Ok(Question { from: from.to_owned(), source, to: to.to_owned(), traffic })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_read_as_they_are_written() {
        for text in ["web db tcp 6004", "web 192.168.1.20 udp 53 source 10.0.0.7", "web db ping", "web db protocol 50"]
        {
            assert_eq!(text.parse::<Question>().unwrap().to_string(), text);
        }
        assert_eq!("web db".parse::<Question>().unwrap().traffic, Traffic::Icmp);
        for text in ["", "web", "web db tcp", "web db tcp 70000", "web db sctp 1", "web db source", "web db source x"] {
            assert!(text.parse::<Question>().is_err(), "{text}");
        }
    }

    #[test]
    fn connections_are_sorted_by_rate() {
        let row = |port: u16, bytes: u64| {
            let [source, destination] = [[10, 0, 0, 7], [10, 0, 0, 9]].map(Ipv4Addr::from);
            let sent = Packet { source, destination, protocol: TCP, source_port: port, destination_port: 443 };
            let (from, to) = ("web".to_owned(), "db".to_owned());
            let (idle, state) = (std::time::Duration::from_secs(u64::from(port)), "established".to_owned());
            let (from_name, to_name, age, out_by, in_by) = Default::default();
            FlowRow {
                from,
                from_name,
                to,
                to_name,
                sent,
                delivered: sent,
                state,
                tracked: [true; 2],
                idle,
                age,
                packets: 1,
                bytes,
                out_by,
                in_by,
            }
        };
        let (mut talk, start) = (Talk::default(), Instant::now());
        let first = talk.of(vec![row(2, 100), row(1, 900)], start);
        assert_eq!(
            first.iter().map(|flow| (flow.row.sent.source_port, flow.bits)).collect::<Vec<_>>(),
            [(1, 0), (2, 0)]
        );
        let later = start + std::time::Duration::from_secs(2);
        let second = talk.of(vec![row(1, 900), row(2, 350), row(3, 50)], later);
        let rates: Vec<_> = second.iter().map(|flow| (flow.row.sent.source_port, flow.bits)).collect();
        assert_eq!(rates, [(2, 1000), (3, 200), (1, 0)]);
        assert_eq!(
            talk.of(vec![row(2, 25)], later + std::time::Duration::from_secs(1))[0].bits,
            200,
            "it counted anew"
        );
    }

    #[test]
    fn the_question_about_a_drop_names_its_packet() {
        let packet = Packet {
            source: Ipv4Addr::new(10, 0, 0, 7),
            destination: Ipv4Addr::new(10, 0, 0, 9),
            protocol: TCP,
            source_port: 40_000,
            destination_port: 22,
        };
        let (host, reason, text) = ("i-1a2b3c4d".to_owned(), wire::DropReason::Martian, String::new());
        let question = Question::of(&Drop { at: 1, host, name: None, packet: Some(packet), reason, text }).unwrap();
        assert_eq!(question.to_string(), "i-1a2b3c4d 10.0.0.9 tcp 22 source 10.0.0.7");
        assert_eq!(question.to_string().parse::<Question>().unwrap(), question);
    }
}
