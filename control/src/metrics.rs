//! Counters for Prometheus, in its text format 0.0.4 and with its naming conventions.

use crate::change_counts::{ChangeCounts, Durations};
use crate::explain::names::Names;
use crate::service::Service;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use model::Model;
use std::fmt::Write;
use std::sync::Arc;
use wire::{PortStatus, Reply, Request, Status, interface_name};

/// The path of the counters.
pub const PATH: &str = "/metrics";

/// The version of its text format.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The page with the counters.
pub fn routes(service: Arc<Service>) -> Router {
    Router::new().route(PATH, get(answer)).with_state(service)
}

async fn answer(State(service): State<Arc<Service>>) -> Response {
    ([(header::CONTENT_TYPE, FORMAT)], text(&service).await).into_response()
}

/// All counters. Those of the dataplane are missing while it is down.
async fn text(service: &Service) -> String {
    let status = match service.link().ask(Request::Status).await {
        Ok(Reply::Status(status)) => Some(status),
        _ => None,
    };
    let mut text = Text::default();
    text.family("classiclink_up", "gauge", "Whether the dataplane answers.");
    text.sample("classiclink_up", &[], u8::from(status.is_some()));
    changes(&mut text, service.changes());
    if let Some(status) = status {
        packets(&mut text, &Names::of(&service.look(Model::clone)), &status);
    }
    text.0
}

fn changes(text: &mut Text, changes: &ChangeCounts) {
    let (made, refused) = (changes.made(), changes.refused());
    text.family("classiclink_changes_total", "counter", "Changes of the cloud that were asked for.");
    text.sample("classiclink_changes_total", &[("result", "made")], made);
    text.sample("classiclink_changes_total", &[("result", "refused")], refused);
    let Durations { within, count, sum } = changes.durations();
    text.family("classiclink_change_duration_seconds", "histogram", "From a change's beginning to its answer.");
    for (bound, count) in within {
        text.sample("classiclink_change_duration_seconds_bucket", &[("le", &bound.to_string())], count);
    }
    text.sample("classiclink_change_duration_seconds_bucket", &[("le", "+Inf")], count);
    text.sample("classiclink_change_duration_seconds_sum", &[], sum.as_secs_f64());
    text.sample("classiclink_change_duration_seconds_count", &[], count);
}

fn packets(text: &mut Text, names: &Names<'_>, status: &Status) {
    text.family("classiclink_workers", "gauge", "Threads that forward packets.");
    text.sample("classiclink_workers", &[], status.workers);
    let busy = "Processor time of a worker: its rate is the share of a processor that it keeps busy.";
    text.family("classiclink_worker_busy_seconds_total", "counter", busy);
    for (worker, busy) in status.busy.iter().enumerate() {
        let labels = [("worker", &*worker.to_string())];
        text.sample("classiclink_worker_busy_seconds_total", &labels, busy.as_secs_f64());
    }
    text.family("classiclink_flows", "gauge", "Connections that are known.");
    text.sample("classiclink_flows", &[], status.flows);
    text.family("classiclink_tables_version", "gauge", "The version of the tables in force.");
    text.sample("classiclink_tables_version", &[], status.version);
    each(text, names, status, "classiclink_port_packets_total", "Packets of an interface.", |port| {
        [("sent", port.sent_packets), ("received", port.received_packets)].into()
    });
    each(text, names, status, "classiclink_port_bytes_total", "Bytes of an interface's packets.", |port| {
        [("sent", port.sent_bytes), ("received", port.received_bytes)].into()
    });
    text.family(
        "classiclink_dropped_packets_total",
        "counter",
        "Packets that an interface sent and that were dropped.",
    );
    for port in &status.ports {
        for (reason, count) in &port.drops {
            let labels = [("reason", reason.name())];
            of_port(text, names, port, "classiclink_dropped_packets_total", &labels, *count);
        }
    }
}

/// A counter of every interface, by direction.
fn each(
    text: &mut Text,
    names: &Names<'_>,
    status: &Status,
    family: &str,
    help: &str,
    values: impl Fn(&PortStatus) -> Vec<(&'static str, u64)>,
) {
    text.family(family, "counter", help);
    for port in &status.ports {
        for (direction, value) in values(port) {
            of_port(text, names, port, family, &[("direction", direction)], value);
        }
    }
}

fn of_port(text: &mut Text, names: &Names<'_>, port: &PortStatus, family: &str, more: &[(&str, &str)], value: u64) {
    let (name, interface) = (names.port(port.port).1.unwrap_or_default(), interface_name(port.interface));
    let mut labels = vec![("host", port.host.as_str()), ("name", &name), ("interface", &interface)];
    labels.extend(more);
    text.sample(family, &labels, value);
}

/// The text format: families of samples.
#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let escape = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escape(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{DropReason, PortId};

    #[test]
    fn samples_are_as_prometheus_reads_them() {
        let mut text = Text::default();
        let port = PortStatus {
            port: PortId(7),
            host: "a\"b\\".into(),
            interface: 1,
            sent_packets: 3,
            sent_bytes: 300,
            received_packets: 0,
            received_bytes: 0,
            drops: vec![(DropReason::NoRoute, 2)],
        };
        let busy = vec![std::time::Duration::from_millis(1500)];
        let counts = ChangeCounts::default();
        counts.count(true, std::time::Duration::from_millis(3));
        changes(&mut text, &counts);
        packets(&mut text, &Names::of(&Model::new(1)), &Status { ports: vec![port], busy, ..Status::default() });
        let wanted = "classiclink_dropped_packets_total{host=\"a\\\"b\\\\\",name=\"\",interface=\"eth1\",reason=\"no-route\"} 2\n";
        assert!(text.0.ends_with(wanted), "{}", text.0);
        assert!(text.0.contains("classiclink_worker_busy_seconds_total{worker=\"0\"} 1.5\n"), "{}", text.0);
        keeps_conventions(&text.0);
    }

    /// What `promtool check metrics` checks: help and type come once and first, only counters end in `_total`, base
    /// units, a histogram's parts, and no duplicate series.
    fn keeps_conventions(text: &str) {
        let mut family = ("", "");
        let (mut families, mut series) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
        for line in text.lines() {
            let words: Vec<&str> = line.splitn(4, ' ').collect();
            if let ["#", "HELP", name, help] = words[..] {
                assert!(families.insert(name) && help.ends_with('.'), "{line}");
                family = (name, "");
            } else if let ["#", "TYPE", name, kind] = words[..] {
                assert_eq!((name, ""), family, "{line}");
                family = (name, kind);
                assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
                let units = ["milliseconds", "_ms", "kilobytes", "percent", "minutes"];
                assert!(name.starts_with("classiclink_") && !units.iter().any(|unit| name.contains(unit)), "{line}");
            } else {
                let (of, value) = line.rsplit_once(' ').unwrap();
                let name = of.split('{').next().unwrap();
                let part = name.strip_prefix(family.0).unwrap_or_else(|| panic!("{line} is in {family:?}"));
                let is_part = matches!(
                    (family.1, part),
                    ("counter" | "gauge", "") | ("histogram", "_bucket" | "_sum" | "_count")
                );
                assert!(is_part && value.parse::<f64>().is_ok() && series.insert(of), "{line}");
            }
        }
        let inf = text.lines().find(|line| line.contains("le=\"+Inf\"")).and_then(|line| line.rsplit(' ').next());
        let count = text.lines().find(|line| line.contains("_seconds_count ")).and_then(|line| line.rsplit(' ').next());
        assert!(inf.is_some() && inf == count);
    }
}
