//! `classiclink status`: processes, hosts, links, counters and drops.

use super::Failure;
use control::admin;
use control::explain::{Namesakes, shown_name};
use control::operator::{
    HostStateRow, ImpairmentRow, InstanceRow, LinkRow, PortRow, ProcessRow, ReadStatus, ServiceRow, Status,
};
use control::state::State;
use std::collections::HashMap;
use std::net::Ipv4Addr;

/// Prints the status as text, or as JSON.
pub(super) fn print(state: &State, json: bool) -> Result<(), Failure> {
    let status = admin::ask(state, ReadStatus)?;
    if json {
        println!("{}", serde_json::to_string_pretty(&status)?);
    } else {
        print!("{}", text(&status));
    }
    Ok(())
}

/// The system, then one section a kind.
fn text(status: &Status) -> String {
    let hosts = Hosts::of(&status.ports);
    let counters = format!("counters{:>34} {:>14} {:>12} {:>14}", "sent packets", "bytes", "received", "bytes");
    [
        system(status),
        section("instances", &status.instances, instance_line),
        section("services", &status.services, service_lines),
        section("links", &status.links, link_line),
        section("bad networks", &status.impaired, impairment_line),
        section("hosts that are not up", &status.hosts, host_line),
        section(&counters, &status.ports, |port| port_line(port, &hosts)),
        section("dropped", &status.drops, |(reason, count)| format!("{:<24} {count:>14}", reason.name())),
    ]
    .concat()
}

/// The endpoint, the processes, and what the dataplane has.
fn system(status: &Status) -> String {
    let Status { endpoint, mark, workers, flows, .. } = status;
    let processes: String = status.processes.iter().map(|(name, process)| process_line(name, process)).collect();
    format!("endpoint   {endpoint}\nmark       {mark}\n{processes}workers    {workers}\nflows      {flows}\n")
}

fn process_line(name: &str, process: &ProcessRow) -> String {
    let silent = if process.answers { "" } else { ", does not answer" };
    let state = process.pid.map_or("down".to_owned(), |pid| format!("process {pid}{silent}"));
    format!("{name:<10} {state}\n")
}

/// A heading and indented rows. Nothing if there are no rows.
fn section<T>(heading: &str, rows: impl IntoIterator<Item = T>, words: impl Fn(T) -> String) -> String {
    let lines: String = rows.into_iter().map(|row| format!("  {}\n", words(row))).collect();
    if lines.is_empty() { lines } else { format!("\n{heading}\n{lines}") }
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

fn link_line(row: &LinkRow) -> String {
    format!("{} → {}  groups {}", row.instance, row.vpc, row.groups.join(", "))
}

/// A host and its impairment.
pub(super) fn impairment_line(row: &ImpairmentRow) -> String {
    let host = shown_name(row.name.as_ref(), &row.host);
    let path = match &row.with {
        Some(with) => format!("{host} with {}", shown_name(row.with_name.as_ref(), with)),
        None => host,
    };
    format!("{path:<24} {}", row.impairment)
}

fn host_line(row: &HostStateRow) -> String {
    let host = shown_name(row.name.as_ref(), &row.host);
    let why = row.why.as_ref().map(|why| format!(", tried again: {why}")).unwrap_or_default();
    format!("{host:<20} {}{why}", row.state)
}

fn port_line(port: &PortRow, hosts: &Hosts<'_>) -> String {
    let (label, sent, received) = (hosts.label(port), port.sent_packets, port.received_packets);
    format!("{label:<24} {sent:>14} {:>14} {received:>12} {:>14}", port.sent_bytes, port.received_bytes)
}

fn or_dash(address: Option<Ipv4Addr>) -> String {
    address.map_or("-".to_owned(), |address| address.to_string())
}

/// The hosts that have ports.
struct Hosts<'p> {
    /// The number of interfaces, by host.
    interfaces: HashMap<&'p str, usize>,
    namesakes: Namesakes<'p>,
}

impl<'p> Hosts<'p> {
    fn of(ports: &'p [PortRow]) -> Self {
        let mut interfaces = HashMap::new();
        for port in ports {
            *interfaces.entry(port.host.as_str()).or_default() += 1;
        }
        let namesakes = Namesakes::among(ports.iter().map(|port| (&port.host, port.name.as_ref())));
        Self { interfaces, namesakes }
    }

    /// The Name of a port's host if it is unique, otherwise the id. The interface follows if the host has several.
    fn label(&self, port: &PortRow) -> String {
        let host = self.namesakes.shown(&port.host, port.name.as_ref());
        match self.interfaces.get(port.host.as_str()) {
            Some(2..) => format!("{host} {}", port.interface),
            _ => host,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(host: &str, name: Option<&str>, interface: &str) -> PortRow {
        PortRow {
            host: host.to_owned(),
            interface: interface.to_owned(),
            name: name.map(str::to_owned),
            sent_packets: 0,
            sent_bytes: 0,
            received_packets: 0,
            received_bytes: 0,
            drops: Default::default(),
        }
    }

    fn labels(ports: &[PortRow]) -> Vec<String> {
        let hosts = Hosts::of(ports);
        ports.iter().map(|port| hosts.label(port)).collect()
    }

    #[test]
    fn interfaces_of_one_host_are_told_apart() {
        let ports =
            [port("i-1", Some("web"), "eth0"), port("i-1", Some("web"), "eth1"), port("i-2", Some("db\u{1b}"), "eth0")];
        assert_eq!(labels(&ports), ["web eth0", "web eth1", "db\u{fffd}"]);
    }

    #[test]
    fn a_section_without_rows_has_no_heading() {
        assert_eq!(section("links", Vec::<&str>::new(), str::to_owned), "");
        assert_eq!(section("links", ["a", "b"], str::to_owned), "\nlinks\n  a\n  b\n");
    }
}
