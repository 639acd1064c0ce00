//! Commands that print something: `why`, `status`, `drops`, `flow-logs`.

use super::{Failure, Why};
use control::admin;
use control::explain::{printable, shown_name};
use control::flow_logs::Stream;
use control::operator::{self, ExplainPath, ListDrops, PortRow, ReadFlowLogs, ReadStatus, Traffic};
use control::state::State;
use std::collections::HashSet;
use std::process::ExitCode;
use std::time::Duration;

/// Exit status 1 means that the packet or its reply does not arrive.
pub(super) fn why(state: &State, arguments: Why) -> Result<ExitCode, Failure> {
    let traffic = match (arguments.tcp, arguments.udp) {
        (Some(port), _) => Traffic::Tcp(port),
        (_, Some(port)) => Traffic::Udp(port),
        _ => Traffic::Icmp,
    };
    let Why { from, source, to, .. } = arguments;
    let why = admin::ask(state, ExplainPath { from, source, to, traffic })?;
    if arguments.output.json {
        println!("{}", serde_json::to_string_pretty(&why)?);
    } else {
        print!("{}", why_text(&why));
    }
    Ok(if why.works { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) fn why_text(why: &operator::Why) -> String {
    let list =
        |steps: &[operator::WhyStep]| -> String { steps.iter().map(|step| format!("  {}\n", step.text)).collect() };
    let mut text = format!("there\n{}", list(&why.there));
    if let Some(back) = &why.back {
        text += &format!("back\n{}", list(back));
    }
    text + &why.summary + "\n"
}

pub(super) fn status(state: &State, json: bool) -> Result<(), Failure> {
    let status = admin::ask(state, ReadStatus)?;
    if json {
        println!("{}", serde_json::to_string_pretty(&status)?);
        return Ok(());
    }
    println!("endpoint   {}", status.endpoint);
    println!("mark       {}", status.mark);
    for (name, process) in &status.processes {
        let silent = if process.answers { "" } else { ", does not answer" };
        println!("{name:<10} {}", process.pid.map_or("down".to_owned(), |pid| format!("process {pid}{silent}")));
    }
    println!("workers    {}", status.workers);
    println!("flows      {}", status.flows);
    if !status.instances.is_empty() {
        println!("\ninstances");
    }
    let or_dash = |address: Option<std::net::Ipv4Addr>| address.map_or("-".to_owned(), |address| address.to_string());
    for row in &status.instances {
        let name = shown_name(row.name.as_ref(), "-");
        let (private, public) = (or_dash(row.private), or_dash(row.public));
        println!("  {:<20} {name:<12} {:<13} {:<22} {private:<15} {public}", row.id, row.state, row.network);
    }
    if !status.services.is_empty() {
        println!("\nservices");
    }
    for row in &status.services {
        let (private, public) = (or_dash(row.private), or_dash(row.public));
        let why = row.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        println!("  {:<33} {:<13} {:<22} {private:<15} {public}{why}", row.host, row.state, row.service);
        row.names.iter().for_each(|name| println!("    {name}"));
    }
    if !status.links.is_empty() {
        println!("\nlinks");
    }
    for link in &status.links {
        println!("  {} → {}  groups {}", link.instance, link.vpc, link.groups.join(", "));
    }
    if !status.impaired.is_empty() {
        println!("\nbad networks");
    }
    status.impaired.iter().for_each(|row| println!("  {}", impairment_line(row)));
    if !status.hosts.is_empty() {
        println!("\nhosts that are not up");
    }
    for row in &status.hosts {
        let host = shown_name(row.name.as_ref(), &row.host);
        let why = row.why.as_ref().map(|why| format!(", tried again: {why}")).unwrap_or_default();
        println!("  {host:<20} {}{why}", row.state);
    }
    if !status.ports.is_empty() {
        println!("\ncounters{:>34} {:>14} {:>12} {:>14}", "sent packets", "bytes", "received", "bytes");
    }
    for port in &status.ports {
        let several = status.ports.iter().filter(|other| other.host == port.host).count() > 1;
        let interface = if several { format!(" {}", port.interface) } else { String::new() };
        let host = format!("{}{interface}", printable(unique_name(port, &status.ports)));
        let (sent, received) = (port.sent_packets, port.received_packets);
        println!("  {host:<24} {sent:>14} {:>14} {received:>12} {:>14}", port.sent_bytes, port.received_bytes);
    }
    if !status.drops.is_empty() {
        println!("\ndropped");
    }
    for (reason, count) in &status.drops {
        println!("  {:<24} {count:>14}", reason.name());
    }
    Ok(())
}

/// A host and its impairment.
pub(super) fn impairment_line(row: &operator::ImpairmentRow) -> String {
    let host = shown_name(row.name.as_ref(), &row.host);
    let path = row.with.as_ref().map_or_else(|| host.clone(), |with| format!("{host} with {with}"));
    format!("{path:<24} {}", row.impairment)
}

/// The Name of a port's host if it is unique, otherwise the id.
fn unique_name<'p>(port: &'p PortRow, all: &[PortRow]) -> &'p str {
    let Some(name) = &port.name else { return &port.host };
    let others = |other: &&PortRow| other.host != port.host;
    let is_called = |other: &PortRow| other.name.as_ref() == Some(name) || other.host == *name;
    if all.iter().filter(others).any(is_called) { &port.host } else { name }
}

/// The pause of `drops --follow`.
const REST: Duration = Duration::from_millis(500);

pub(super) fn drops(state: &State, follow: bool, json: bool) -> Result<(), Failure> {
    let mut told = HashSet::new();
    loop {
        let drops = admin::ask(state, ListDrops)?;
        if json && !follow {
            println!("{}", serde_json::to_string(&drops)?);
            return Ok(());
        }
        // The dataplane returns a drop as long as it remembers it, so those printed already are
        // skipped.
        let mut remembered = HashSet::new();
        for drop in &drops {
            let record = serde_json::to_string(drop)?;
            if !told.contains(&record) {
                println!("{}", if json { record.clone() } else { line(drop) });
            }
            remembered.insert(record);
        }
        if !follow {
            return Ok(());
        }
        told = remembered;
        std::thread::sleep(REST);
    }
}

fn line(drop: &operator::Drop) -> String {
    let seconds = drop.at / 1_000_000_000;
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let host = shown_name(drop.name.as_ref(), &drop.host);
    let packet = drop.packet.map_or("-".to_owned(), |packet| packet.to_string());
    format!("{hour:02}:{minute:02}:{second:02} {host:<12} {packet}  {}: {}", drop.reason, drop.text)
}

/// Prints records unchanged, for programs to read. Several files get headings like those of `tail`.
pub(super) fn flow_logs(state: &State, of: Option<String>, json: bool) -> Result<(), Failure> {
    let streams = admin::ask(state, ReadFlowLogs { of })?;
    if json {
        println!("{}", serde_json::to_string(&streams)?);
        return Ok(());
    }
    let several = streams.len() > 1;
    for Stream { file, records, .. } in streams {
        if several {
            println!("==> {} <==", file.display());
        }
        records.iter().for_each(|record| println!("{record}"));
    }
    Ok(())
}
