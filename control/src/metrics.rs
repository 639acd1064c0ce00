//! Counters for Prometheus, in its text format 0.0.4 and by its naming conventions.

use crate::operator::names::Names;
use crate::service::Service;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use wire::{PortStatus, Reply, Request, Status, interface_name};

/// What is counted of changes, since control began.
#[derive(Debug, Default)]
pub struct Changes {
    made: AtomicU64,
    refused: AtomicU64,
    nanoseconds: AtomicU64,
}

impl Changes {
    /// Counts a change: whether it was made, and how long it took until it was answered.
    pub fn count(&self, made: bool, took: Duration) {
        let counter = if made { &self.made } else { &self.refused };
        counter.fetch_add(1, Relaxed);
        self.nanoseconds.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }
}

/// Where Prometheus looks.
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

/// All counters. Those of packets are missing while the dataplane is down.
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
        service.look(|model| packets(&mut text, &Names::of(model), &status));
    }
    text.0
}

fn changes(text: &mut Text, changes: &Changes) {
    let (made, refused) = (changes.made.load(Relaxed), changes.refused.load(Relaxed));
    text.family("classiclink_changes_total", "counter", "Changes of the cloud that were asked for.");
    text.sample("classiclink_changes_total", &[("result", "made")], made);
    text.sample("classiclink_changes_total", &[("result", "refused")], refused);
    let seconds = Duration::from_nanos(changes.nanoseconds.load(Relaxed)).as_secs_f64();
    text.family("classiclink_change_duration_seconds", "summary", "From a change's beginning to its answer.");
    text.sample("classiclink_change_duration_seconds_sum", &[], seconds);
    text.sample("classiclink_change_duration_seconds_count", &[], made + refused);
}

fn packets(text: &mut Text, names: &Names<'_>, status: &Status) {
    text.family("classiclink_workers", "gauge", "Threads that forward packets.");
    text.sample("classiclink_workers", &[], status.workers);
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
    use crate::model::Model;
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
        packets(&mut text, &Names::of(&Model::new(1)), &Status { ports: vec![port], ..Status::default() });
        let wanted = "classiclink_dropped_packets_total{host=\"a\\\"b\\\\\",name=\"\",interface=\"eth1\",reason=\"no-route\"} 2\n";
        assert!(text.0.ends_with(wanted), "{}", text.0);
        let families: Vec<&str> = text.0.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
        for line in text.0.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().unwrap();
            let family = families.iter().find(|family| family.split(' ').next() == Some(name)).unwrap();
            assert_eq!(name.ends_with("_total"), family.ends_with("counter"), "{line}");
        }
    }
}
