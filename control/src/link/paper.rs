//! A dataplane on paper: it accepts all tables, has every host up at once, and carries no packets.

use super::{Call, Shared};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use wire::{Accounts, Change, Entry, Event, HostReport, HostState, Key, PortId, Reply, Request};

/// The answer to requests about packets.
const NO_PACKETS: &str = "`up --no-dataplane` carries no packets";

/// Answers until all handles are dropped.
pub(super) async fn keep(shared: Arc<Shared>, mut calls: mpsc::UnboundedReceiver<Call>) {
    let mut ports = Ports::default();
    {
        let desired = shared.desired();
        ports.follow(&desired.tables.whole(), |_, _| {});
        let all = ports.0.values().map(|host| report(host, HostState::Up)).collect();
        shared.hosts.send_modify(|hosts| hosts.apply(Event::AllHosts(all)));
        shared.state.send_modify(|state| state.in_force = Some(desired.version));
        shared.announce_hosts();
    }
    while let Some(Call { request, answer }) = calls.recv().await {
        let reply = match request {
            Request::Ping => Reply::Pong,
            Request::Apply(update) => {
                shared.hosts.send_modify(|hosts| {
                    ports.follow(&update.changes, |host, state| hosts.apply(Event::Host(report(host, state))));
                });
                shared.state.send_modify(|state| state.in_force = Some(update.version));
                Reply::Applied { version: update.version }
            }
            Request::AdvanceClock(_) => Reply::Done,
            Request::Accounts => Reply::Accounts(Accounts::default()),
            Request::Drops => Reply::Drops { records: Vec::new(), forgotten: 0 },
            Request::Flows { .. } => Reply::Flows { flows: Vec::new(), others: 0, counted: Duration::ZERO },
            Request::Why { .. }
            | Request::Status
            | Request::Capture(_)
            | Request::Captured { .. }
            | Request::EndCapture(_)
            | Request::Record(_) => Reply::Refused { why: NO_PACKETS.to_owned() },
        };
        // The caller may have stopped waiting.
        let _ = answer.send(reply);
    }
}

/// The host of every port.
#[derive(Default)]
struct Ports(BTreeMap<PortId, String>);

impl Ports {
    /// Applies changes of the tables, and reports hosts that come and go.
    fn follow(&mut self, changes: &[Change], mut tell: impl FnMut(&str, HostState)) {
        for change in changes {
            match change {
                Change::Set(Entry::Port(id, port)) => {
                    self.0.insert(*id, port.host.clone());
                    tell(&port.host, HostState::Up);
                }
                Change::Remove(Key::Port(id)) => {
                    let host = self.0.remove(id).filter(|host| !self.0.values().any(|other| other == host));
                    host.into_iter().for_each(|host| tell(&host, HostState::Gone));
                }
                _ => {}
            }
        }
    }
}

fn report(host: &str, state: HostState) -> HostReport {
    HostReport { host: host.to_owned(), state }
}
