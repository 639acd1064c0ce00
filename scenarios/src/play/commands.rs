//! Commands: in a host, of the tool, and signals to the product's own processes.

use super::Play;
use super::outcome::{Outcome, PATIENCE, sentence};
use crate::cloud::api::Caller;
use crate::format::sentence::Process;
use crate::format::step::Expected;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

impl Play<'_> {
    /// `web runs: …`, by a shell, with every known `$name` replaced.
    pub fn run_in_host(&mut self, host: &str, command: &str, expect: &Expected) -> Outcome {
        self.refresh_hosts()?;
        let id = self.hosts.get(host)?.id.clone();
        let command = self.names.fill_known(command);
        check(self.system.command(&["exec", &id, "--", "sh", "-c", &command]), expect, &self.filled(expect)?)
    }

    /// A `classiclink` command.
    pub fn run_tool(&mut self, arguments: &str, expect: &Expected) -> Outcome {
        self.refresh_hosts()?;
        let arguments = self.names.fill(arguments).map_err(sentence)?;
        let arguments: Vec<_> = arguments.split_whitespace().collect();
        let result = check(self.system.command(&arguments), expect, &self.filled(expect)?);
        self.hosts.add_caller(&Caller::default());
        result
    }

    /// The texts that must be printed, and those that must not.
    fn filled(&self, expect: &Expected) -> Outcome<(Vec<String>, Vec<String>)> {
        let fill = |texts: &[String]| {
            texts.iter().map(|text| self.names.fill(text).map_err(sentence)).collect::<Outcome<Vec<_>>>()
        };
        Ok((fill(&expect.prints)?, fill(&expect.lacks)?))
    }

    /// `advance the clock by 31 s`.
    pub fn advance_clock(&self, duration: Duration) -> Outcome {
        self.system.tell(&["clock", "advance", &format!("{}s", duration.as_secs())]).map(drop).map_err(sentence)
    }

    /// `kill the dataplane`: sends SIGKILL, and waits until the next one has all hosts.
    pub fn kill(&self, process: Process) -> Outcome {
        let pid = self.pid(process)?;
        kill(Pid::from_raw(pid), Signal::SIGKILL).map_err(|error| format!("{} {pid}: {error}", process.name()))?;
        let end = Instant::now() + PATIENCE;
        // Until the next process answers, reading the status may fail.
        while !matches!(self.pid(process), Ok(now) if now != pid) || !self.hosts_are_settled() {
            if Instant::now() > end {
                return Err(format!("{} does not come back", process.name()));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Whether every host has reached its state.
    fn hosts_are_settled(&self) -> bool {
        let Ok(status) = self.system.ask(&["status"]) else { return false };
        let mut rows = status["hosts"].as_array().into_iter().flatten();
        !rows.any(|row| matches!(row["state"].as_str(), Some("making" | "changing")))
    }

    fn pid(&self, process: Process) -> Outcome<i32> {
        let status = self.system.ask(&["status"]).map_err(sentence)?;
        let processes = &status["processes"];
        let entry = match processes.as_array() {
            Some(list) => list.iter().find(|entry| entry["name"] == process.name()).unwrap_or(&Value::Null),
            None => &processes[process.name()],
        };
        let pid = entry.as_i64().or_else(|| entry["pid"].as_i64()).and_then(|pid| pid.try_into().ok());
        pid.ok_or_else(|| format!("`classiclink status` shows no {}", process.name()))
    }
}

/// Runs a command and checks its result.
fn check(mut command: Command, expect: &Expected, (prints, lacks): &(Vec<String>, Vec<String>)) -> Outcome {
    command.stdin(Stdio::null());
    let Output { status, stdout, stderr } =
        command.output().map_err(|error| format!("it cannot be started: {error}"))?;
    let output = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    let code = status.code().unwrap_or(-1);
    if code != expect.status {
        return Err(format!("it exits with {code}, not {}: {}", expect.status, output.trim()));
    }
    if let Some(text) = prints.iter().find(|text| !output.contains(*text)) {
        return Err(format!("it does not print `{text}`: {}", output.trim()));
    }
    match lacks.iter().find(|text| output.contains(*text)) {
        Some(text) => Err(format!("it prints `{text}`: {}", output.trim())),
        None => Ok(()),
    }
}
