//! Plays one scenario: starts a system, builds the network, carries out the steps.

mod agent;
mod agents;
mod calls;
mod commands;
mod connection;
mod connections;
mod drops;
mod hosts;
mod lookup;
mod outcome;
mod packets;
mod probes;
mod wait;

use crate::cloud::names::Names;
use crate::cloud::set_up;
use crate::cloud::system::System;
use crate::format::Scenario;
use crate::format::sentence::{Probe, Sentence};
use crate::format::step::Action;
use connection::Connection;
use drops::Drops;
use hosts::Hosts;
use outcome::{Outcome, sentence};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A step and its result.
#[derive(Clone, Debug)]
pub struct Played {
    /// The step's text.
    pub text: String,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// Its duration.
    pub took: Duration,
}

/// A system that stays up after the last step.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its API's endpoint.
    pub endpoint: String,
    /// Its state directory, for `--state`.
    pub state: PathBuf,
}

/// The state of a running scenario.
struct Play<'a> {
    system: &'a System,
    scenario: &'a Scenario,
    names: Names,
    hosts: Hosts,
    drops: Drops<'a>,
    connections: BTreeMap<String, Connection>,
    tokens: AtomicU64,
}

/// Plays a scenario. `report` gets every step as it is carried out, with the network as the first; `stop` says whether
/// to stop. The system is removed when `keep`, which is called after the last step, returns.
pub fn play(
    scenario: &Scenario,
    binary: &Path,
    report: &mut dyn FnMut(Played),
    stop: &dyn Fn() -> bool,
    keep: Option<&dyn Fn(Kept)>,
) {
    let start = Instant::now();
    let network = |failure: Option<String>| Played { text: "the network".to_owned(), failure, took: start.elapsed() };
    let mut reported = 0;
    let built = start_system(scenario, binary);
    match &built {
        Ok((system, names)) => match Play::new(system, scenario, names.clone()) {
            Ok(mut play) => {
                report(network(None));
                reported = play.steps(report, stop);
                if let Some(keep) = keep {
                    keep(Kept { endpoint: system.api.endpoint().to_string(), state: system.state().to_owned() });
                }
            }
            Err(why) => report(network(Some(why))),
        },
        Err(why) => report(network(Some(why.clone()))),
    }
    for step in &scenario.steps[reported..] {
        report(Played { text: step.text.clone(), failure: Some("not tried".to_owned()), took: Duration::ZERO });
    }
}

fn start_system(scenario: &Scenario, binary: &Path) -> Outcome<(System, Names)> {
    let network = &scenario.network;
    let accounts = network.vpc_only.iter().map(|name| set_up::account(network, name)).collect::<Result<Vec<_>, _>>();
    let accounts = accounts.map_err(sentence)?;
    let mtu = network.link_mtu.map(|mtu| format!("--link-mtu={mtu}"));
    let share = network.flow_share.map(|share| format!("--flow-share={share}"));
    let options = accounts.iter().flat_map(|account| ["--vpc-only-account", account]);
    let options = options.chain(mtu.as_deref()).chain(share.as_deref());
    let system = System::start_with(binary, &options.collect::<Vec<_>>()).map_err(sentence)?;
    let names = set_up::build(&system.api, &|words| system.tell(words), network).map_err(sentence)?;
    Ok((system, names))
}

impl<'a> Play<'a> {
    fn new(system: &'a System, scenario: &'a Scenario, names: Names) -> Outcome<Self> {
        let mut play = Self {
            system,
            scenario,
            names,
            hosts: Hosts::default(),
            drops: Drops::new(system),
            connections: BTreeMap::new(),
            tokens: AtomicU64::new(1),
        };
        play.hosts.declare(&scenario.network, &play.names);
        play.refresh_hosts()?;
        play.start_agents()?;
        Ok(play)
    }

    /// Carries out the steps. Returns how many were reported.
    fn steps(&mut self, report: &mut dyn FnMut(Played), stop: &dyn Fn() -> bool) -> usize {
        let steps = &self.scenario.steps;
        let mut next = 0;
        while next < steps.len() && !stop() {
            let probes: Vec<&Probe> = steps[next..]
                .iter()
                .map_while(|step| match &step.action {
                    Action::Sentence(Sentence::Probe(probe)) => Some(probe),
                    _ => None,
                })
                .collect();
            if probes.is_empty() {
                let start = Instant::now();
                let failure = self.act(&steps[next].action).err();
                report(Played { text: steps[next].text.clone(), failure, took: start.elapsed() });
                next += 1;
            } else {
                let results = self.probe_all(&probes);
                for (step, (result, took)) in steps[next..].iter().zip(results) {
                    report(Played { text: step.text.clone(), failure: result.err(), took });
                }
                next += probes.len();
            }
        }
        next
    }

    /// Carries out a step that is not a probe.
    fn act(&mut self, action: &Action) -> Outcome {
        match action {
            Action::Call(call) => self.call(call),
            Action::Run { host, command, expect } => self.run_in_host(host, command, expect),
            Action::Tool { arguments, expect } => self.run_tool(arguments, expect),
            Action::Sentence(sentence) => match sentence {
                // Probes are carried out in groups, and `runs` is an action of its own.
                Sentence::Probe(_) | Sentence::Run { .. } => Ok(()),
                Sentence::Open { from, service, to, name } => self.open(from, *service, to, name),
                Sentence::Works { connection } => self.still_works(connection),
                Sentence::Cut { connection, drop } => self.is_cut(connection, drop),
                Sentence::Push { from, connection, drop } => self.push(from, connection, drop.as_ref()),
                Sentence::Send(send) => self.send(send),
                Sentence::Seen { host, packet, from, not } => self.has_seen(host, *packet, from, *not),
                Sentence::Advance(duration) => self.advance_clock(*duration),
                Sentence::Kill(process) => self.kill(*process),
            },
        }
    }

    /// A text that occurs in no other packet of this scenario.
    fn token(&self) -> String {
        format!("<token-{}>", self.tokens.fetch_add(1, Ordering::Relaxed))
    }
}
