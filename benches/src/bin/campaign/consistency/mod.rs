//! Consistency: a packet sent after a change was answered is decided by that change.
//!
//! A gate is opened and closed again and again. After every answer probes are sent, each of a connection of its own, because an
//! established connection may outlive its rule. Where a closed gate ends established connections, too, one probe is of such a
//! connection. After the probes, witnesses are sent on a path that is always open, so many that one is in every queue of the sender:
//! when all have arrived, no probe is still in a queue. A crowd of other datagrams keeps the queues from being empty.

mod gates;
mod verdict;

use super::Obstacle;
use super::inside::clock::now;
use super::inside::protocol::{Probe, Request};
use super::report::{Report, progress};
use clap::Args;
use gates::{Gate, Gates, WITNESS_PORT};
use scenarios::cloud::system::System;
use scenarios::interrupt;
use std::collections::HashMap;
use std::net::SocketAddrV4;
use std::ops::Range;
use std::time::{Duration, Instant};
use verdict::{Round, Verdict};

/// The number of witnesses of a round. With two queues, one round in 2¹⁵ has a queue without any.
const WITNESSES: u64 = 16;
/// Consecutive changes of one gate.
const IN_A_ROW: u64 = 20;
/// The source port of the established connection's probes; witnesses have the ports after it.
const ESTABLISHED_PORT: u16 = 5000;
/// The time limit for a probe that must arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// The number of changes, and the traffic beside them.
#[derive(Args)]
pub struct Options {
    /// How many changes.
    #[arg(long, default_value_t = 1000)]
    changes: u64,
    /// How many probes of new connections follow each answer.
    #[arg(long, default_value_t = 4)]
    probes: u64,
    /// Other datagrams in transit between the same hosts at any time.
    #[arg(long, default_value_t = 16)]
    crowd: u32,
    /// How many workers forward [default: one a core].
    #[arg(long)]
    workers: Option<u16>,
    /// Make the next change at once: packets may still be in a queue then, and are decided by either.
    #[arg(long)]
    without_pauses: bool,
}

/// Runs the campaign.
pub fn run(options: &Options) -> Result<Report, Obstacle> {
    let workers = options.workers.map(|workers| workers.to_string());
    let arguments: Vec<&str> = workers.iter().flat_map(|workers| ["--workers", workers]).collect();
    let system = System::start_with(&super::classiclink()?, &arguments)?;
    let mut run = Run { gates: Gates::make(&system, options.crowd)?, options, sequence: 0, fresh: 0 };
    let (start, mut rounds) = (Instant::now(), Vec::new());
    for change in 0..options.changes {
        let gate = change / IN_A_ROW % run.gates.all.len() as u64;
        let (round, witnessed) = run.round(gate as usize)?;
        rounds.push(round);
        progress(change + 1, options.changes, "changes");
        // Lost witnesses leave it open whether probes are still in a queue.
        if interrupt::came() || !witnessed {
            break;
        }
    }
    let verdict = run.verdict(&rounds)?;
    Ok(verdict.report(&run.gates.all, &rounds, start.elapsed()))
}

struct Run<'o> {
    gates: Gates,
    options: &'o Options,
    /// The number of the last probe.
    sequence: u64,
    /// The number of probes of new connections so far.
    fresh: u64,
}

impl Run<'_> {
    /// Opens or closes the gate and sends probes. Returns whether all awaited witnesses arrived.
    fn round(&mut self, index: usize) -> Result<(Round, bool), Obstacle> {
        let open = !self.gates.all[index].is_open;
        let begun = now();
        self.gates.change(index, open)?;
        let answered = now();

        let gate = self.gates.all[index].clone();
        let (probes, witnesses) = (self.probes(&gate), self.witnesses(&gate));
        let all: Vec<Probe> = probes.iter().chain(&witnesses).copied().collect();
        self.gates.hosts[gate.sender].request(Request::Send { probes: all })?;
        let round = Round { gate: index, open, begun, answered, probes: range(&probes), witnesses: range(&witnesses) };
        if self.options.without_pauses {
            return Ok((round, true));
        }
        let missing = self.gates.hosts[gate.bystander].missing(round.witnesses.clone().collect(), PATIENCE)?;
        if open {
            self.gates.hosts[gate.receiver].missing(round.probes.clone().collect(), PATIENCE)?;
        }
        Ok((round, missing.is_empty()))
    }

    fn probes(&mut self, gate: &Gate) -> Vec<Probe> {
        let established = gate.ends_established.then_some((Some(ESTABLISHED_PORT), gate.ports.start));
        let fresh = (0..self.options.probes).map(|_| {
            self.fresh += 1;
            // The sender's port counts up; before it wraps around, the destination's port changes.
            let ports = u64::from(gate.ports.end - gate.ports.start);
            (None, gate.ports.start + (self.fresh / 40_000 % ports) as u16)
        });
        let all: Vec<_> = established.into_iter().chain(fresh).collect();
        all.into_iter().map(|(from, port)| self.probe(from, SocketAddrV4::new(gate.to, port))).collect()
    }

    fn witnesses(&mut self, gate: &Gate) -> Vec<Probe> {
        let to = SocketAddrV4::new(gate.by, WITNESS_PORT);
        (1..=WITNESSES as u16).map(|index| self.probe(Some(ESTABLISHED_PORT + index), to)).collect()
    }

    fn probe(&mut self, from: Option<u16>, to: SocketAddrV4) -> Probe {
        self.sequence += 1;
        Probe { sequence: self.sequence, from, to }
    }

    /// Waits for the last witnesses and evaluates the rounds.
    fn verdict(&mut self, rounds: &[Round]) -> Result<Verdict, Obstacle> {
        for gate in 0..self.gates.all.len() {
            if let Some(round) = rounds.iter().rev().find(|round| round.gate == gate) {
                let bystander = self.gates.all[gate].bystander;
                self.gates.hosts[bystander].missing(round.witnesses.clone().collect(), PATIENCE)?;
            }
        }
        let mut arrivals = HashMap::new();
        for host in &mut self.gates.hosts {
            arrivals.extend(host.arrivals()?.into_iter().map(|arrival| (arrival.sequence, arrival.at)));
        }
        Ok(Verdict::of(rounds, &arrivals))
    }
}

/// The numbers of probes made consecutively.
fn range(probes: &[Probe]) -> Range<u64> {
    let first = probes.first().map_or(0, |probe| probe.sequence);
    first..first + probes.len() as u64
}
