//! The campaign's end of the connection to a program in a host.

use super::Obstacle;
use super::inside::protocol::{Answer, Arrival, Ask, Loss, Queries};
use scenarios::cloud::system::System;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddrV4;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::Duration;

/// A program in a host. It ends when this is dropped.
pub struct Helper {
    host: String,
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Helper {
    /// Starts one.
    pub fn start(system: &System, host: &str) -> Result<Self, Obstacle> {
        let own = std::env::current_exe()?;
        let mut command = system.command(&["exec", host, "--", &own.to_string_lossy(), "inside"]);
        // Ctrl-C must reach the campaign only.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let mut process = command.spawn()?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("a program without standard streams".into());
        };
        Ok(Self { host: host.to_owned(), process, input: Some(input), output: BufReader::new(output) })
    }

    /// Sends a request and returns the answer.
    pub fn tell(&mut self, ask: Ask) -> Result<(), Obstacle> {
        match self.ask(ask)? {
            Answer::Done => Ok(()),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Waits until probes have arrived. Returns those that did not arrive in time.
    pub fn missing(&mut self, sequences: Vec<u64>, patience: Duration) -> Result<Vec<u64>, Obstacle> {
        match self.ask(Ask::Await { sequences, patience })? {
            Answer::Missing(sequences) => Ok(sequences),
            other => Err(self.unexpected(&other)),
        }
    }

    /// All probes that have arrived since the last time.
    pub fn arrivals(&mut self) -> Result<Vec<Arrival>, Obstacle> {
        match self.ask(Ask::Arrivals)? {
            Answer::Arrivals(arrivals) => Ok(arrivals),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Opens connections that exchange data from now on.
    pub fn connect(&mut self, to: SocketAddrV4, count: usize) -> Result<(), Obstacle> {
        self.tell(Ask::Connect { to, count })
    }

    /// Waits until every connection has exchanged data again. Returns those that are lost or late, and the bytes of
    /// all.
    pub fn losses(&mut self, patience: Duration) -> Result<(Vec<Loss>, u64), Obstacle> {
        match self.ask(Ask::Losses { patience })? {
            Answer::Losses { losses, bytes } => Ok((losses, bytes)),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Ends the queries. Returns how many were sent and answered.
    pub fn end_queries(&mut self) -> Result<Queries, Obstacle> {
        match self.ask(Ask::EndQueries)? {
            Answer::Queries(queries) => Ok(queries),
            other => Err(self.unexpected(&other)),
        }
    }

    fn ask(&mut self, ask: Ask) -> Result<Answer, Obstacle> {
        let gone = |error| format!("the program in {} is gone: {error}", self.host);
        let input = self.input.as_mut().ok_or("the program's input is closed")?;
        writeln!(input, "{}", serde_json::to_string(&ask)?).and_then(|()| input.flush()).map_err(gone)?;
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

impl Drop for Helper {
    fn drop(&mut self) {
        // The program ends with its input; one that hangs is killed.
        self.input = None;
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
