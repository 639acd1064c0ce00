//! `classiclink bench`: throughput and latency between two hosts.

use super::{Bench, Failure};
use control::explain::shell_word;
use control::state::State;
use measuring::{Figure, Metric, Options, Session};
use std::io::{self, IsTerminal, Write};
use std::process::Command;
use std::time::Duration;

pub(super) fn run(state: &State, bench: &Bench) -> Result<(), Failure> {
    let options = Options { each: Duration::from_secs_f64(bench.seconds), port: bench.port, address: bench.address };
    let agent = |host| Ok::<_, Failure>((host, agent(state, host)?));
    let mut session = Session::start(agent(bench.from.as_str())?, agent(bench.to.as_str())?, options)?;
    let mut figures = Vec::new();
    for metric in Metric::ALL {
        progress(&format!("{} …", metric.label()));
        let measured = session.measure(metric);
        progress("");
        if !bench.output.json {
            measured.iter().for_each(print);
        }
        figures.extend(measured);
    }
    if bench.output.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
    }
    match figures.iter().all(|figure| figure.value.is_none()) {
        true => Err(format!(
            "nothing arrives; `classiclink why --tcp {} -- {} {}` tells more",
            bench.port,
            shell_word(&bench.from),
            shell_word(&bench.to)
        )
        .into()),
        false => Ok(()),
    }
}

/// The command that runs the agent in a host.
fn agent(state: &State, host: &str) -> io::Result<Command> {
    let program = std::env::current_exe()?;
    let mut command = Command::new(&program);
    command.args(["exec", "--state"]).arg(state.path()).args([host, "--"]).arg(&program).arg("bench-agent");
    Ok(command)
}

fn print(figure: &Figure) {
    let label = figure.metric.label();
    match (figure.value, &figure.missing) {
        (Some(value), _) => println!("{label:<24} {value:>9.2} {}", figure.metric.unit()),
        (None, why) => println!("{label:<24} {:>9} ({})", "–", why.as_deref().unwrap_or("not measured")),
    }
}

/// Shows progress on a terminal. Each line overwrites the one before.
fn progress(what: &str) {
    let mut out = io::stderr();
    if out.is_terminal() {
        // A failure to show progress must not stop the measurement.
        let _ = write!(out, "\r\x1b[K{what}").and_then(|()| out.flush());
    }
}
