//! Commands that print something: `why`, `status`, `drops`, `flow-logs`.

use super::{Failure, Why};
use control::admin;
use control::explain::{printable, shown_name};
use control::flow_logs::Stream;
use control::operator::{
    self, ExplainPath, HostStateRow, InstanceRow, ListDrops, PortRow, ReadFlowLogs, ReadStatus, ServiceRow, Traffic,
};
use control::state::State;
use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

/// Prints the path of a packet and of its reply. Exit status 1 means that one of them does not arrive.
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

/// The paths and the summary, one line a step.
pub(super) fn why_text(why: &operator::Why) -> String {
    let list =
        |steps: &[operator::WhyStep]| -> String { steps.iter().map(|step| format!("  {}\n", step.text)).collect() };
    let mut text = format!("there\n{}", list(&why.there));
    if let Some(back) = &why.back {
        text += &format!("back\n{}", list(back));
    }
    text + &why.summary + "\n"
}

/// Prints the status of everything: processes, then one section a kind.
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
    section("instances", &status.instances, instance_line);
    section("services", &status.services, service_lines);
    section("links", &status.links, |link| {
        format!("{} → {}  groups {}", link.instance, link.vpc, link.groups.join(", "))
    });
    section("bad networks", &status.impaired, impairment_line);
    section("hosts that are not up", &status.hosts, host_line);
    let columns = format!("counters{:>34} {:>14} {:>12} {:>14}", "sent packets", "bytes", "received", "bytes");
    section(&columns, &status.ports, |port| port_line(port, &status.ports));
    section("dropped", &status.drops, |(reason, count)| format!("{:<24} {count:>14}", reason.name()));
    Ok(())
}

/// Prints a heading and indented rows, if there are any.
fn section<T>(heading: &str, rows: impl IntoIterator<Item = T>, words: impl Fn(T) -> String) {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_some() {
        println!("\n{heading}");
    }
    rows.for_each(|row| println!("  {}", words(row)));
}

fn instance_line(row: &InstanceRow) -> String {
    let name = shown_name(row.name.as_ref(), "-");
    let (private, public) = (or_dash(row.private), or_dash(row.public));
    format!("{:<20} {name:<12} {:<13} {:<22} {private:<15} {public}", row.id, row.state, row.network)
}

/// A service's host, and its names in lines of their own.
fn service_lines(row: &ServiceRow) -> String {
    let (private, public) = (or_dash(row.private), or_dash(row.public));
    let why = row.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    let names: String = row.names.iter().map(|name| format!("\n    {name}")).collect();
    format!("{:<33} {:<13} {:<22} {private:<15} {public}{why}{names}", row.host, row.state, row.service)
}

fn host_line(row: &HostStateRow) -> String {
    let host = shown_name(row.name.as_ref(), &row.host);
    let why = row.why.as_ref().map(|why| format!(", tried again: {why}")).unwrap_or_default();
    format!("{host:<20} {}{why}", row.state)
}

fn port_line(port: &PortRow, all: &[PortRow]) -> String {
    let several = all.iter().filter(|other| other.host == port.host).count() > 1;
    let interface = if several { format!(" {}", port.interface) } else { String::new() };
    let host = format!("{}{interface}", printable(unique_name(port, all)));
    let (sent, received) = (port.sent_packets, port.received_packets);
    format!("{host:<24} {sent:>14} {:>14} {received:>12} {:>14}", port.sent_bytes, port.received_bytes)
}

fn or_dash(address: Option<Ipv4Addr>) -> String {
    address.map_or("-".to_owned(), |address| address.to_string())
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

/// Prints the drops that the dataplane remembers, and new ones with `follow`.
pub(super) fn drops(state: &State, follow: bool, json: bool) -> Result<(), Failure> {
    let mut printed = HashSet::new();
    loop {
        let drops = admin::ask(state, ListDrops)?;
        if json && !follow {
            println!("{}", serde_json::to_string(&drops)?);
            return Ok(());
        }
        // The dataplane returns a drop as long as it remembers it.
        let mut remembered = HashSet::new();
        for drop in &drops {
            let record = serde_json::to_string(drop)?;
            if !printed.contains(&record) {
                println!("{}", if json { record.clone() } else { drop_line(drop) });
            }
            remembered.insert(record);
        }
        if !follow {
            return Ok(());
        }
        printed = remembered;
        std::thread::sleep(REST);
    }
}

/// The time of day (UTC) of seconds since 1970.
pub(super) fn clock(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
}

fn drop_line(drop: &operator::Drop) -> String {
    let time = clock(drop.at / 1_000_000_000);
    let host = shown_name(drop.name.as_ref(), &drop.host);
    let packet = drop.packet.map_or("-".to_owned(), |packet| packet.to_string());
    format!("{time} {host:<12} {packet}  {}: {}", drop.reason, drop.text)
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
