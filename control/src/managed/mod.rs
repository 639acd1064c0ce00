//! The programs on services' hosts: started when a host is up, restarted when they end, and taken over by the next
//! control.
//!
//! They outlive control. Each process is written down in the state directory, so that the next control finds it. It
//! ends with its host's namespace, like every process there.

mod certificate;
mod command;
pub mod formation;
mod process;
mod record;
pub mod respond;

pub use command::{Commands, ServiceCommand};

use crate::link::Hosts;
use crate::service::Service;
use crate::state::State;
use command::Command;
use model::{Condition, ManagedHost, Model, Power};
use process::Place;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use wire::HostState;

/// The first and the longest pause before a program is restarted.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A program that has run for this long resets the pause.
const STEADY: Duration = Duration::from_secs(5);
/// How long a program may take to listen before that is reported as a failure.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is checked whether a program listens, at first and later.
const OFTEN: Duration = Duration::from_millis(20);
const SELDOM: Duration = Duration::from_millis(500);

/// The program that a host should have.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    host: String,
    port: u16,
    restarts: u32,
    command: Command,
}

/// A program, and the task that keeps it running.
struct Kept {
    wanted: Wanted,
    task: JoinHandle<()>,
}

/// Keeps all programs running. Never returns.
pub async fn keep(service: Arc<Service>, state: State, commands: Commands) {
    let mut hosts = service.link().hosts();
    let stays = |host: &str| {
        service.look(|model| model.managed_hosts.get(host).is_some_and(|host| host.power != Power::Ending))
    };
    let is_on = |host: &str| service.look(|model| model.managed_hosts.get(host).is_some_and(ManagedHost::is_on));
    let place = Place::of(&state);
    place.all().iter().filter(|host| !stays(host)).for_each(|host| place.end(host, false));
    let mut kept: BTreeMap<String, Kept> = BTreeMap::new();
    loop {
        let known = hosts.borrow_and_update().clone();
        let wanted = service.look(|model| wanted(model, &known, &commands));
        // A restarted dataplane has not reported its hosts yet. Programs continue meanwhile.
        let is_unknown = |host: &str| is_unknown(known.state(host)) && is_on(host);
        let stays_as_it_is = |host: &String, kept: &Kept| match wanted.get(host) {
            Some(wanted) => *wanted == kept.wanted,
            None => is_unknown(host),
        };
        let ended: Vec<String> =
            kept.iter().filter(|(host, kept)| !stays_as_it_is(host, kept)).map(|(host, _)| host.clone()).collect();
        for host in ended {
            if let Some(Kept { task, .. }) = kept.remove(&host) {
                task.abort();
                // The task holds the process until that has ended.
                let _ = task.await;
            }
            service.conditions().forget(&host);
            place.end(&host, stays(&host));
        }
        // Running programs continue while another dataplane takes their hosts over.
        for (host, wanted) in wanted.into_iter().filter(|(host, _)| is_up(known.state(host))) {
            kept.entry(host).or_insert_with(|| {
                let task = tokio::spawn(keep_one(service.clone(), place.clone(), wanted.clone()));
                Kept { wanted, task }
            });
        }
        // The sender lives as long as the link.
        let _ = hosts.changed().await;
    }
}

/// The programs of the hosts that exist, or may exist.
fn wanted(model: &Model, hosts: &Hosts, commands: &Commands) -> BTreeMap<String, Wanted> {
    let is_gone = |state: Option<&HostState>| matches!(state, Some(HostState::Gone | HostState::Leaving));
    let may_be_there = |host: &&ManagedHost| host.is_on() && !is_gone(hosts.state(&host.id));
    let wanted = |host: &ManagedHost| {
        let address = model.managed_addresses(host).0.unwrap_or(Ipv4Addr::UNSPECIFIED);
        let command = commands.of(&host.program, &host.id, address);
        let wanted = Wanted { host: host.id.clone(), port: host.program.port, restarts: host.restarts, command };
        (host.id.clone(), wanted)
    };
    model.managed_hosts.iter().filter(may_be_there).map(wanted).collect()
}

/// Whether a host's state is unknown, or an existing host is being taken over.
fn is_unknown(state: Option<&HostState>) -> bool {
    matches!(state, None | Some(HostState::Making))
}

/// Whether a host has processes. A host whose interface changes has.
fn is_up(state: Option<&HostState>) -> bool {
    matches!(state, Some(HostState::Up | HostState::Changing))
}

/// Keeps one program running. Never returns.
async fn keep_one(service: Arc<Service>, place: Place, wanted: Wanted) {
    let mut pause = PAUSE;
    loop {
        let begun = Instant::now();
        let tell = |condition| service.note_condition(&wanted.host, wanted.restarts, condition);
        tell(Condition::Starting);
        let why = match place.take_over_or_start(&wanted.host, &wanted.command, wanted.restarts) {
            Ok(mut process) => {
                let id = process.id();
                tokio::select! {
                    why = process.ended() => why,
                    never = watch(id, &service, &place, &wanted) => never,
                }
            }
            Err(why) => why.to_string(),
        };
        pause = if begun.elapsed() >= STEADY { PAUSE } else { pause };
        tracing::warn!("the program of {} {why}; it is started again in {pause:?}", wanted.host);
        tell(Condition::Failed(format!("its program {why}")));
        tokio::time::sleep(pause).await;
        pause = LONGEST_PAUSE.min(2 * pause);
    }
}

/// Reports when a program listens, or that it does not. Never returns. A program without a port is not waited for, and a
/// real server is also made part of its cache.
async fn watch(process: process::Id, service: &Service, place: &Place, wanted: &Wanted) -> String {
    let tell = |condition| service.note_condition(&wanted.host, wanted.restarts, condition);
    let (begun, port) = (Instant::now(), wanted.port);
    let mut told = false;
    while port != 0 && !process.listens_on(port) {
        if begun.elapsed() > PATIENCE && !told {
            tell(Condition::Failed(format!("its program does not listen on port {port}")));
            told = true;
        }
        tokio::time::sleep(if begun.elapsed() < PATIENCE { OFTEN } else { SELDOM }).await;
    }
    if wanted.command.is_users() && wanted.command.tls.is_empty() {
        return formation::keep(service, place, (&wanted.host, port), &tell).await;
    }
    tell(Condition::Up);
    std::future::pending().await
}
