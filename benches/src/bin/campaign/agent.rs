//! The campaign's end of the connection to an agent.

use super::Obstacle;
use super::inside::protocol::{Answer, Arrival, Loss, Queries, Request};
use scenarios::cloud::system::System;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddrV4;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::Duration;

/// An agent: the program of [`inside`](super::inside) in a host. It ends when this is dropped.
pub struct Agent {
    host: String,
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Agent {
    /// Starts an agent in a host.
    pub fn start(system: &System, host: &str) -> Result<Self, Obstacle> {
        let own = std::env::current_exe()?;
        let mut command = system.command(&["exec", host, "--", &own.to_string_lossy(), "inside"]);
        // Ctrl-C must reach the campaign only.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let mut process = command.spawn()?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("an agent without standard streams".into());
        };
        Ok(Self { host: host.to_owned(), process, input: Some(input), output: BufReader::new(output) })
    }

    /// Makes a request whose answer is only that it was done.
    pub fn request(&mut self, request: Request) -> Result<(), Obstacle> {
        match self.exchange(request)? {
            Answer::Done => Ok(()),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Waits until probes have arrived. Returns those that did not arrive in time.
    pub fn missing(&mut self, sequences: Vec<u64>, patience: Duration) -> Result<Vec<u64>, Obstacle> {
        match self.exchange(Request::Await { sequences, patience })? {
            Answer::Missing(sequences) => Ok(sequences),
            other => Err(self.unexpected(&other)),
        }
    }

    /// The probes that have arrived since the last call.
    pub fn arrivals(&mut self) -> Result<Vec<Arrival>, Obstacle> {
        match self.exchange(Request::Arrivals)? {
            Answer::Arrivals(arrivals) => Ok(arrivals),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Opens connections that exchange data from now on.
    pub fn connect(&mut self, to: SocketAddrV4, count: usize) -> Result<(), Obstacle> {
        self.request(Request::Connect { to, count })
    }

    /// Waits until every connection has exchanged data again. Returns those that are lost or late, and the bytes of
    /// all.
    pub fn losses(&mut self, patience: Duration) -> Result<(Vec<Loss>, u64), Obstacle> {
        match self.exchange(Request::Losses { patience })? {
            Answer::Losses { losses, bytes } => Ok((losses, bytes)),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Ends the queries. Returns how many were sent and answered.
    pub fn end_queries(&mut self) -> Result<Queries, Obstacle> {
        match self.exchange(Request::EndQueries)? {
            Answer::Queries(queries) => Ok(queries),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Sends a request and returns the answer.
    fn exchange(&mut self, request: Request) -> Result<Answer, Obstacle> {
        let gone = |error| format!("the agent in {} is gone: {error}", self.host);
        let input = self.input.as_mut().ok_or("the agent's input is closed")?;
        writeln!(input, "{}", serde_json::to_string(&request)?).and_then(|()| input.flush()).map_err(gone)?;
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(gone)?;
        match serde_json::from_str(&line) {
            Ok(Answer::Failed(why)) => Err(format!("{}: {why}", self.host).into()),
            Ok(answer) => Ok(answer),
            Err(error) => Err(gone(error.into()).into()),
        }
    }

    fn unexpected(&self, answer: &Answer) -> Obstacle {
        format!("{}: unexpected answer {answer:?}", self.host).into()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // The agent ends with its input; one that hangs is killed.
        self.input = None;
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
