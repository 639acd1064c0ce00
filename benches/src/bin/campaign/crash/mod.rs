//! Crashes: processes are killed at random moments in the middle of changes, under connections with data flowing.

mod gaps;
mod hosts;
mod ledger;
mod victim;
mod writer;

use super::Obstacle;
use super::cloud::{Cloud, instances, state};
use super::inside::clock::now;
use super::inside::protocol::Loss;
use super::leftovers::{Leftovers, marks};
use super::report::{Report, largest, median, progress};
use clap::Args;
use fastrand::Rng;
use gaps::{Gaps, Kill};
use hosts::Pair;
use ledger::Tally;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use scenarios::cloud::system::System;
use scenarios::interrupt;
use serde_json::json;
use std::thread;
use std::time::{Duration, Instant};
use victim::Victim;
use writer::Writer;

/// The longest time between the start of a change and a kill: the kill comes during the change or soon after its
/// answer.
const LATEST: Duration = Duration::from_millis(25);
/// The time limit for a system to be whole again.
const RECOVERY: Duration = Duration::from_secs(60);
/// The longest pause between recovery and the next kill.
const REST: Duration = Duration::from_millis(400);
/// The longest time that a connection may be silent. TCP doubles its retransmission timeout with every loss (RFC 6298).
const SILENCE: Duration = Duration::from_secs(60);

/// How often processes are killed, the load meanwhile, and the largest gaps.
#[derive(Args)]
pub struct Options {
    /// How many kills.
    #[arg(long, default_value_t = 50)]
    kills: u64,
    /// Repeats the choice of moments and victims of an earlier run.
    #[arg(long)]
    seed: Option<u64>,
    /// How many TCP connections exchange data meanwhile.
    #[arg(long, default_value_t = 200)]
    connections: usize,
    /// The largest median of the forwarding gaps of killed dataplanes that is a success, in milliseconds.
    #[arg(long, value_name = "MS")]
    median_gap: Option<f64>,
    /// The largest such gap that is a success, in milliseconds.
    #[arg(long, value_name = "MS")]
    largest_gap: Option<f64>,
}

/// Runs the campaign.
pub fn run(options: &Options) -> Result<Report, Obstacle> {
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let mut random = Rng::with_seed(seed);
    let before = Leftovers::before();
    let mut system = System::start_with(&super::classiclink()?, &[])?;
    let cloud = Cloud::at(&system.api);
    let mut pair = Pair::make(&system, &cloud, options.connections)?;
    let writer = Writer::start(cloud.clone(), pair.link(), random.u64(..));
    let (start, mut kills) = (Instant::now(), Vec::new());
    for number in 1..=options.kills {
        if interrupt::came() || writer.has_stopped() {
            break;
        }
        writer.wait_for_change();
        thread::sleep(random_part(&mut random, LATEST));
        kills.push(kill_victim(&mut system, Victim::choose(&mut random))?);
        recover(&system)?;
        writer.verify();
        thread::sleep(random_part(&mut random, REST));
        progress(number, options.kills, "kills");
    }
    let took = start.elapsed();
    // A host whose agent does not answer any more has lost its connections.
    let tally = writer.end().unwrap_or_else(|why| Tally { lost: vec![why.to_string()], ..Tally::default() });
    let all_lost = |why: Obstacle| (vec![Loss { connection: 0, how: why.to_string() }], 0);
    let losses = pair.losses(SILENCE).unwrap_or_else(all_lost);
    let gaps = Gaps::of(&kills, &pair.arrivals().unwrap_or_default());
    let outcome = Outcome { seed, took, losses, gaps, tally };
    let (hosts, mismatches) = host_mismatches(&system, &cloud)?;
    system.stop();
    drop(pair);
    let leftovers = before.after(&system, &hosts);
    let mut report = outcome.report(options, &kills, &leftovers);
    mismatches.into_iter().for_each(|what| report.broken(what));
    Ok(report)
}

/// The ids of all instances, including terminated ones, and a finding for each whose state and host still disagree after
/// [`RECOVERY`].
fn host_mismatches(system: &System, cloud: &Cloud) -> Result<(Vec<String>, Vec<String>), Obstacle> {
    let until = Instant::now() + RECOVERY;
    loop {
        let reply = cloud.describe("DescribeInstances", &json!({}))?;
        let (mut ids, mut mismatches) = (Vec::new(), Vec::new());
        for instance in instances(&reply) {
            let (id, state) = (instance["instanceId"].as_str().unwrap_or_default(), state(instance));
            let is_marked = marks(system.state()).iter().any(|name| name.contains(id));
            if is_marked && state == "terminated" {
                mismatches.push(format!("{id} is terminated and has a host"));
            }
            if state == "running" && !system.run(&["exec", id, "--", "true"])?.status.success() {
                mismatches.push(format!("{id} is running and has no host"));
            }
            ids.push(id.to_owned());
        }
        if mismatches.is_empty() || Instant::now() > until {
            return Ok((ids, mismatches));
        }
    }
}

fn random_part(random: &mut Rng, of: Duration) -> Duration {
    of.mul_f64(random.f64())
}

/// Kills the victim's processes, and starts `up` again if it is one of them.
fn kill_victim(system: &mut System, victim: Victim) -> Result<Kill, Obstacle> {
    let find = |system: &System, verb| {
        let until = Instant::now() + RECOVERY;
        while Instant::now() < until {
            if let Some(process) = system.process(verb) {
                return Ok(process);
            }
            thread::sleep(Duration::from_millis(1));
        }
        Err(format!("{verb} does not restart"))
    };
    let victims: Vec<Pid> = match victim {
        Victim::Control => vec![find(system, "control")?],
        Victim::Dataplane => vec![find(system, "dataplane")?],
        Victim::Up => vec![system.up()],
        Victim::All => vec![find(system, "dataplane")?, find(system, "control")?, system.up()],
    };
    let at = now();
    for process in victims {
        kill(process, Signal::SIGKILL)?;
    }
    if matches!(victim, Victim::Up | Victim::All) {
        system.start_again()?;
    }
    Ok(Kill { victim, at })
}

/// Waits until the system is whole again, that is, until both processes answer the operator.
fn recover(system: &System) -> Result<(), Obstacle> {
    let until = Instant::now() + RECOVERY;
    loop {
        let is_whole = system.ask(&["status"]).is_ok_and(|status| {
            ["control", "dataplane"].iter().all(|name| {
                let reported = status["processes"][name]["pid"].as_i64();
                reported.is_some() && reported == system.process(name).map(|process| process.as_raw().into())
            })
        });
        if is_whole {
            return Ok(());
        }
        if Instant::now() > until {
            return Err("the system did not recover after a kill".into());
        }
    }
}

/// The findings of the campaign.
struct Outcome {
    seed: u64,
    took: Duration,
    losses: (Vec<Loss>, u64),
    gaps: Gaps,
    tally: Tally,
}

impl Outcome {
    fn report(&self, options: &Options, kills: &[Kill], leftovers: &[String]) -> Report {
        let mut report = Report::default();
        let of = |victim| kills.iter().filter(|kill| kill.victim == victim).count();
        let kinds: Vec<_> = Victim::EVERY.iter().map(|victim| format!("{} {}", victim.name(), of(*victim))).collect();
        let (seed, count, seconds) = (self.seed, kills.len(), self.took.as_secs_f64());
        report.say(format!("crash: {count} kills ({}) in {seconds:.1} s, --seed {seed}", kinds.join(", ")));
        report.figure("seed", seed);
        report.figure("kills", count);
        report.figure("seconds", seconds);
        self.report_connections(&mut report, options);
        self.report_changes(&mut report);
        self.report_gaps(&mut report, options);
        report.say(format!("  leftovers          {}", leftovers.len()));
        report.figure("leftovers", json!(leftovers));
        leftovers.iter().for_each(|left| report.broken(format!("left behind: {left}")));
        report
    }

    fn report_connections(&self, report: &mut Report, options: &Options) {
        let (losses, bytes) = &self.losses;
        let megabytes = *bytes as f64 / 1e6;
        let (count, lost) = (options.connections, losses.len());
        report.say(format!("  connections        {count}, lost {lost}; {megabytes:.1} MB there and back"));
        report.figure("connections", json!({"opened": count, "lost": lost, "megabytes": megabytes}));
        for loss in losses {
            report.broken(format!("connection {} is lost: {}", loss.connection, loss.how));
        }
    }

    fn report_changes(&self, report: &mut Report) {
        let Tally { answered, unanswered, refused, lost, half } = &self.tally;
        report.say(format!(
            "  changes            {answered} answered, lost {}; {unanswered} unanswered, half done {}",
            lost.len(),
            half.len()
        ));
        report.figure("changes", json!({"answered": answered, "unanswered": unanswered, "lost": lost, "half": half.values().collect::<Vec<_>>()}));
        lost.iter().for_each(|what| report.broken(format!("an answered change is lost: {what}")));
        half.values().for_each(|what| report.broken(format!("a change is half done: {what}")));
        refused.iter().for_each(|what| report.broken(format!("a change was refused: {what}")));
    }

    fn report_gaps(&self, report: &mut Report, options: &Options) {
        let all: Vec<(Victim, Vec<f64>)> = Victim::EVERY.map(|victim| (victim, self.gaps.of_victim(victim))).into();
        for (victim, gaps) in &all {
            let (name, middle, most) = (format!("gap, {}", victim.name()), median(gaps), largest(gaps));
            report.say(format!("  {name:<18} {middle:.1} ms in the median, {most:.1} ms at most"));
            report
                .figure(&format!("gap_{}_ms", victim.name()), json!({"median": middle, "largest": most, "all": gaps}));
        }
        let dataplane = self.gaps.of_victim(Victim::Dataplane);
        let limits =
            [("median", median(&dataplane), options.median_gap), ("largest", largest(&dataplane), options.largest_gap)];
        for (name, gap, limit) in limits {
            if let Some(limit) = limit.filter(|limit| gap > *limit) {
                report.broken(format!("the {name} gap of a killed dataplane is {gap:.1} ms; {limit} are allowed"));
            }
        }
    }
}
