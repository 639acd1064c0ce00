//! The side-by-side comparison: candidates take turns, so that a slow spell of the machine affects all of them.
//! `scripts/compare` builds and runs it.

mod candidate;
mod namespace;
mod picture;
mod process;
mod programs;
mod results;
mod row;
mod setup;

use candidate::{Candidate, Running};
use clap::Parser;
use measuring::Options;
use results::Results;
use row::Row;
use setup::{Obstacle, PORT, Setup};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Compares classiclink with the least a TUN dataplane can do, with the kernel's own forwarding and with Open vSwitch.
#[derive(Parser)]
struct Arguments {
    /// How often everything is measured; medians are shown.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=99))]
    rounds: u16,
    /// How long each figure is measured each time.
    #[arg(long, default_value_t = 1.5)]
    seconds: f64,
    /// Only these candidates (may be given several times): ours, bare, bare2, plain, kernel, ovs.
    #[arg(long = "only", value_name = "NAME")]
    only: Vec<String>,
    /// Only these figures (may be given several times), by the names they have in the JSON: tcp1, udp64, ping_median, iperf3_udp64, …
    #[arg(long = "figure", value_name = "NAME")]
    figures: Vec<String>,
    /// Workers of our dataplane [default: one a core].
    #[arg(long)]
    workers: Option<u16>,
    /// Write all figures here.
    #[arg(long, value_name = "FILE", overrides_with = "json")]
    json: Option<PathBuf>,
    /// Draw the medians here.
    #[arg(long, value_name = "FILE", overrides_with = "svg")]
    svg: Option<PathBuf>,
}

fn main() -> Result<(), Obstacle> {
    let arguments = Arguments::parse();
    scenarios::interrupt::notice()?;
    namespace::remove_leftovers()?;
    let setup = Setup::new(arguments.workers)?;
    let options = Options { each: Duration::from_secs_f64(arguments.seconds), port: PORT, address: None };
    let mut results = Results::default();
    let mut running = start(&arguments, &setup, options, &mut results);
    let rows: Vec<_> = Row::all().filter(|row| arguments.wants(*row)).collect();
    let mut progress = Progress::new(usize::from(arguments.rounds) * rows.len() * running.len());
    'rounds: for round in 1..=arguments.rounds {
        for row in &rows {
            for (candidate, running) in &mut running {
                if scenarios::interrupt::came() {
                    break 'rounds;
                }
                progress.step(&format!("round {round}: {}, {}", row.label(), candidate.label()));
                for (row, figure) in running.measure(*row, &setup, options) {
                    results.add(row, *candidate, figure);
                }
            }
        }
    }
    progress.end();
    drop(running);
    results.print();
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&results.to_json())?)?;
    }
    if let Some(path) = &arguments.svg {
        std::fs::write(path, picture::draw(&results))?;
    }
    Ok(())
}

/// Starts the wanted candidates. Why one cannot be started becomes the result of all its rows.
fn start(arguments: &Arguments, setup: &Setup, options: Options, results: &mut Results) -> Vec<(Candidate, Running)> {
    let mut running = Vec::new();
    for candidate in Candidate::ALL {
        if !arguments.only.is_empty() && !arguments.only.iter().any(|name| name == candidate.name()) {
            continue;
        }
        match candidate.start(setup, options) {
            Ok(started) => running.push((candidate, started)),
            Err(error) => {
                eprintln!("{} cannot be measured: {error}", candidate.label());
                Row::all().for_each(|row| results.add(row, candidate, Err(error.to_string())));
            }
        }
    }
    running
}

impl Arguments {
    fn wants(&self, row: Row) -> bool {
        self.figures.is_empty() || self.figures.contains(&row.name())
    }
}

/// Shows on standard error how many measurements are done, where that is a terminal.
struct Progress {
    start: Instant,
    total: usize,
    done: usize,
}

impl Progress {
    fn new(total: usize) -> Self {
        Self { start: Instant::now(), total, done: 0 }
    }

    /// Shows that the next measurement begins.
    fn step(&mut self, what: &str) {
        self.done += 1;
        let elapsed = self.start.elapsed().as_secs();
        let left = (elapsed as usize * (self.total - self.done + 1)).checked_div(self.done - 1);
        let left = left.map_or_else(String::new, |left| format!(", {left} s left"));
        let mut out = io::stderr();
        if out.is_terminal() {
            // Progress that cannot be shown is no reason to stop.
            let _ = write!(out, "\r\x1b[K[{}/{}{left}] {what}", self.done, self.total).and_then(|()| out.flush());
        }
    }

    fn end(&self) {
        if io::stderr().is_terminal() {
            eprintln!();
        }
    }
}
