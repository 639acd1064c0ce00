//! The events of a replay in the cloud's terms.

use crate::explain::names::Names;
use crate::explain::{blame, step_rows};
use dataplane::pipeline::LegOutcome;
use dataplane::record::{LegRecord, PacketEvent, Verdict};
use std::collections::BTreeSet;
use std::time::Duration;
use wire::{Change, Direction, Key, Update};

/// How many entries of a change are named.
const NAMED: usize = 4;

/// A packet and its verdict in a line, with the recorded verdict if that differs.
pub fn packet_words(names: &Names<'_>, event: &PacketEvent) -> String {
    let packet = event.tuple.map_or("bytes that are no packet".to_owned(), |tuple| tuple.to_string());
    let (from, now) = (names.host(event.record.port), verdict_words(names, event, &event.verdict));
    let then = match event.is_same() {
        true => String::new(),
        false => format!("; recorded: {}", verdict_words(names, event, &event.record.verdict)),
    };
    format!("packet {} at {}: {from} sends {packet}: {now}{then}", event.number, clock(event.at))
}

/// A packet's path, one line a step.
pub fn steps_words(names: &Names<'_>, event: &PacketEvent) -> Vec<String> {
    // The first and the last step repeat what the packet's own line says.
    let steps =
        step_rows(names, &event.steps).into_iter().filter(|step| !matches!(&*step.step, "received" | "dropped"));
    steps.map(|step| step.text).collect()
}

/// The subject of a change of the tables. What it removes has the names that it had before.
pub fn change_words(names: &Names<'_>, before: &Names<'_>, update: &Update) -> String {
    if update.whole {
        return format!("the whole tables, {} entries", update.changes.len());
    }
    let words = |change: &Change| match change {
        Change::Set(entry) => key_words(names, entry.key()),
        Change::Remove(key) => key_words(before, *key),
    };
    let all: BTreeSet<String> = update.changes.iter().map(words).collect();
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

/// The outcome of a packet on an impaired network, with the recorded outcome if that differs.
pub fn leg_words(names: &Names<'_>, met: &LegRecord, outcome: LegOutcome) -> String {
    let LegRecord { from, leg, length, at, .. } = *met;
    let preposition = if leg.direction == Direction::Egress { "to" } else { "from" };
    let path = leg.peer.map(|end| format!(", {preposition} {}", names.far_end(end))).unwrap_or_default();
    let (sender, host) = (names.host(from), names.host(leg.port));
    let now = outcome_words(outcome, at);
    let then = match outcome == met.outcome {
        true => String::new(),
        false => format!("; recorded: {}", outcome_words(met.outcome, at)),
    };
    format!("{length} bytes of {sender} on the bad network of {host}{path}: {now}{then}")
}

fn outcome_words(outcome: LegOutcome, came: Duration) -> String {
    match outcome {
        LegOutcome::Lost(reason) => format!("lost ({reason})"),
        LegOutcome::Arrives { at, flipped, duplicated } => {
            let damage = if flipped.is_some() { ", damaged" } else { "" };
            let twice = if duplicated { ", twice" } else { "" };
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
