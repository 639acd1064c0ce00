//! Figures between two hosts of a system, by the agents of `classiclink bench`.

use super::Obstacle;
use super::cloud::Instance;
use measuring::{Metric, Options, Session};
use scenarios::cloud::system::System;
use std::process::Stdio;
use std::time::Duration;

/// The port of the receiving agent.
const PORT: u16 = 5201;

/// Starts the agents in two hosts. Each figure is measured for the time `each`.
pub fn session(system: &System, from: &Instance, to: &Instance, each: Duration) -> Result<Session, Obstacle> {
    let program = super::classiclink()?;
    let agent = |host: &Instance| {
        let mut command = system.command(&["exec", &host.id, "--", &program.to_string_lossy(), "bench-agent"]);
        command.stdin(Stdio::piped());
        command
    };
    let options = Options { each, port: PORT, address: Some(to.private) };
    Ok(Session::start((&from.id, agent(from)), (&to.id, agent(to)), options)?)
}

/// Measures one figure.
///
/// # Errors
/// If it cannot be measured.
pub fn measure(session: &mut Session, metric: Metric) -> Result<f64, Obstacle> {
    let figure = session.measure(metric).into_iter().next().ok_or("nothing was measured")?;
    figure.value.ok_or_else(|| format!("{}: {}", metric.label(), figure.missing.unwrap_or_default()).into())
}
