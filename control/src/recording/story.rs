//! What happens in a replay, in the cloud's words.

use crate::explain::names::Names;
use crate::explain::{blame, told};
use dataplane::pipeline::Passage;
use dataplane::record::{Meeting, PacketEvent, Verdict};
use std::collections::BTreeSet;
use std::time::Duration;
use wire::{Direction, Key, Update};

/// How many entries of a change are named.
const NAMED: usize = 4;

/// A packet and the verdict that it gets, in a line. If it got another then, that too.
pub fn packet_words(names: &Names<'_>, event: &PacketEvent) -> String {
    let packet = event.tuple.map_or("bytes that are no packet".to_owned(), |tuple| tuple.to_string());
    let (from, now) = (names.host(event.record.port), verdict_words(names, event, &event.verdict));
    let then = match event.is_same() {
        true => String::new(),
        false => format!("; recorded: {}", verdict_words(names, event, &event.record.verdict)),
    };
    format!("packet {} at {}: {from} sends {packet}: {now}{then}", event.number, clock(event.at))
}

/// A packet's way, a line a step.
pub fn steps_words(names: &Names<'_>, event: &PacketEvent) -> Vec<String> {
    // The first step says what the packet's own line says, and so does the last.
    let steps = told(names, &event.steps).into_iter().filter(|step| !matches!(&*step.step, "received" | "dropped"));
    steps.map(|step| step.text).collect()
}

/// What a change of the tables is about.
pub fn change_words(names: &Names<'_>, update: &Update) -> String {
    if update.whole {
        return format!("the whole tables, {} entries", update.changes.len());
    }
    let all: BTreeSet<String> = update.changes.iter().map(|change| key_words(names, change.key())).collect();
    let named: Vec<&str> = all.iter().take(NAMED).map(String::as_str).collect();
    let others = all.len() - named.len();
    let others = if others > 0 { format!(" and {others} more") } else { String::new() };
    format!("{}{others}", named.join(", "))
}

fn key_words(names: &Names<'_>, key: Key) -> String {
    match key {
        Key::Acl(id) => format!("the rules of {}", names.acl(id)),
        Key::Segment(id) => format!("the network ACL of {}", names.segment(id)),
        Key::Filter(id) => format!("the rules of {}", names.filter(id)),
        Key::Table(id) => names.table(id),
        Key::Port(id) => format!("the interface of {}", names.host(id)),
        Key::Attachment(id) => format!("the place of {}", names.attachment(id)),
        Key::Nat(id) => names.nat(id),
        Key::Address(vrf, address) => format!("{address} in {}", names.vrf(vrf)),
        Key::Impairments(id) => format!("what happens to packets of {}", names.host(id)),
        Key::Path(id, end) => {
            format!("what happens to packets between {} and {}", names.host(id), names.far_end(end))
        }
    }
}

/// What a bad network did to a packet and, where it was something else, what was recorded.
pub fn meeting_words(names: &Names<'_>, meeting: &Meeting, passage: Passage) -> String {
    let Meeting { from, way, length, at, .. } = *meeting;
    let preposition = if way.direction == Direction::Egress { "to" } else { "from" };
    let path = way.peer.map(|end| format!(", {preposition} {}", names.far_end(end))).unwrap_or_default();
    let (sender, host) = (names.host(from), names.host(way.port));
    let now = passage_words(passage, at);
    let then = match passage == meeting.passage {
        true => String::new(),
        false => format!("; recorded: {}", passage_words(meeting.passage, at)),
    };
    format!("{length} bytes of {sender} on the bad network of {host}{path}: {now}{then}")
}

fn passage_words(passage: Passage, came: Duration) -> String {
    match passage {
        Passage::Lost(reason) => format!("lost ({reason})"),
        Passage::Arrives { at, turned, twice } => {
            let damage = if turned.is_some() { ", damaged" } else { "" };
            let twice = if twice { ", twice" } else { "" };
            format!("arrives after {:.3} ms{damage}{twice}", at.saturating_sub(came).as_secs_f64() * 1e3)
        }
    }
}

fn verdict_words(names: &Names<'_>, event: &PacketEvent, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Forward { port, delivered, .. } => {
            let as_what = match event.tuple.is_none_or(|tuple| tuple == *delivered) {
                true => String::new(),
                false => format!(" as {delivered}"),
            };
            format!("arrives at {}{as_what}", names.host(*port))
        }
        Verdict::Drop { drop, answer, .. } => {
            let answer = if answer.is_some() { "; its sender is told" } else { "" };
            format!("dropped ({}): {}{answer}", drop.reason, blame(names, *drop))
        }
    }
}

/// A time of day (UTC), to the millisecond.
fn clock(nanoseconds: u64) -> String {
    let milliseconds = nanoseconds / 1_000_000;
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    format!("{:02}:{:02}:{:02}.{rest:03}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
}
