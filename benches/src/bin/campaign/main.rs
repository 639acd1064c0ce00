//! Campaigns against a running system: each is one command that kills processes, changes rules or launches instances,
//! and counts broken promises. `scripts/campaign` builds and runs it.
//!
//! A campaign uses the product from outside only: its API, its command line, its processes, and packets of programs in
//! its hosts.

mod account;
mod agent;
mod balancing;
mod client;
mod cloud;
mod consistency;
mod crash;
mod cycles;
mod inside;
mod leftovers;
mod measurement;
mod names;
mod neighbours;
mod promptness;
mod report;
mod requests;
mod scale;
mod watching;

use clap::{Parser, Subcommand};
use report::Report;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

/// Why a campaign could not run.
type Obstacle = Box<dyn Error + Send + Sync>;

/// Stresses a running system and counts broken promises. Exit status 1: a promise was broken; 2: the campaign could not
/// run.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    campaign: Campaign,
    /// Print the figures as JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Campaign {
    /// Kills the processes in the middle of changes, under connections with data flowing.
    Crash(crash::Options),
    /// Changes rules, links and routes, and checks the packets that are sent after the answer.
    Consistency(consistency::Options),
    /// Launches and terminates instances in one state directory, and measures what is left.
    Cycles(cycles::Options),
    /// Lets one host flood, and measures two others and the ping of two more.
    Neighbours(neighbours::Options),
    /// Launches one instance and a thousand, and asks while ten thousand connections are half open.
    Promptness(promptness::Options),
    /// Counts what the API answers in a second beside a thousand instances.
    Requests(requests::Options),
    /// Measures changes, questions and the start of control with a large model and many running hosts.
    Scale(scale::Options),
    /// Counts requests through a load balancer and through nginx, and measures the cost of health checks.
    Balancing(balancing::Options),
    /// Asks thousands of queries a second, and measures a transfer beside them.
    Names(names::Options),
    /// Measures two hosts while somebody captures, and while nobody does.
    Watching(watching::Options),
    /// Imports a large account, and asks who reaches whom in it.
    Account(account::Options),
    /// The agent in a host.
    #[command(hide = true)]
    Inside,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match &arguments.campaign {
        Campaign::Crash(options) => carry_out(|| crash::run(options)),
        Campaign::Consistency(options) => carry_out(|| consistency::run(options)),
        Campaign::Cycles(options) => carry_out(|| cycles::run(options)),
        Campaign::Neighbours(options) => carry_out(|| neighbours::run(options)),
        Campaign::Promptness(options) => carry_out(|| promptness::run(options)),
        Campaign::Requests(options) => carry_out(|| requests::run(options)),
        Campaign::Scale(options) => carry_out(|| scale::run(options)),
        Campaign::Balancing(options) => carry_out(|| balancing::run(options)),
        Campaign::Names(options) => carry_out(|| names::run(options)),
        Campaign::Watching(options) => carry_out(|| watching::run(options)),
        Campaign::Account(options) => carry_out(|| account::run(options)),
        Campaign::Inside => {
            return inside::run().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
        }
    };
    match result {
        Ok(report) => {
            report.print(arguments.json);
            if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(obstacle) => {
            eprintln!("campaign: {obstacle}");
            ExitCode::from(2)
        }
    }
}

/// Carries out a campaign. Ctrl-C ends it early, and the counts until then are reported.
fn carry_out(campaign: impl FnOnce() -> Result<Report, Obstacle>) -> Result<Report, Obstacle> {
    scenarios::interrupt::notice()?;
    campaign()
}

/// The program `classiclink` in the directory of this one.
fn classiclink() -> Result<PathBuf, Obstacle> {
    let own = std::env::current_exe()?;
    let program = own.with_file_name("classiclink");
    if program.exists() {
        Ok(program)
    } else {
        Err(format!("there is no {}: build it first", program.display()).into())
    }
}
