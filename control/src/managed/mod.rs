//! The programs on services' hosts: started when a host is up, started again when they end, and taken over by the next control.
//!
//! They are no children that end with control: what they are is written in the state directory, so that whoever keeps them next
//! knows them again. They end with their host's namespace, as all of its processes do.

mod command;
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

/// How long the first pause is before a program is started again, and the longest one.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A program that has lived for so long has not ended at once.
const STEADY: Duration = Duration::from_secs(5);
/// How long a program may take until it listens before that is told.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often is looked whether it does, at first and later.
const OFTEN: Duration = Duration::from_millis(20);
const SELDOM: Duration = Duration::from_millis(500);

/// What shall run on a host.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    host: String,
    port: u16,
    restarts: u32,
    command: Command,
}

/// A program that is kept, and the task that keeps it.
struct Kept {
    wanted: Wanted,
    task: JoinHandle<()>,
}

/// Keeps all programs running, for ever.
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
        // A dataplane that has just come back says of no host yet how it is: what runs there goes on.
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
                // It still has the process in its hands until it has ended.
                let _ = task.await;
            }
            service.conditions().forget(&host);
            place.end(&host, stays(&host));
        }
        // Those that run go on while their hosts are taken over by another dataplane.
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

/// The programs of the hosts that are there, or may be.
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

/// Nobody knows whether there is a host, or one that was there is being looked at.
fn is_unknown(state: Option<&HostState>) -> bool {
    matches!(state, None | Some(HostState::Making))
}

/// A host whose interface changes has its processes.
fn is_up(state: Option<&HostState>) -> bool {
    matches!(state, Some(HostState::Up | HostState::Changing))
}

/// Keeps one program running, for ever.
async fn keep_one(service: Arc<Service>, place: Place, wanted: Wanted) {
    let mut pause = PAUSE;
    loop {
        let begun = Instant::now();
        let tell = |condition| service.tell_condition(&wanted.host, wanted.restarts, condition);
        tell(Condition::Starting);
        let why = match place.take_over_or_start(&wanted.host, &wanted.command, wanted.restarts) {
            Ok(mut process) => {
                let id = process.id();
                tokio::select! {
                    why = process.ended() => why,
                    never = watch(id, wanted.port, &tell) => never,
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

/// Tells when a program listens, and if it does not; never returns. One without a port of its own is not waited for.
async fn watch(process: process::Id, port: u16, tell: &impl Fn(Condition)) -> String {
    let begun = Instant::now();
    let mut told = false;
    while port != 0 && !process.listens_on(port) {
        if begun.elapsed() > PATIENCE && !told {
            tell(Condition::Failed(format!("its program does not listen on port {port}")));
            told = true;
        }
        tokio::time::sleep(if begun.elapsed() < PATIENCE { OFTEN } else { SELDOM }).await;
    }
    tell(Condition::Up);
    std::future::pending().await
}
