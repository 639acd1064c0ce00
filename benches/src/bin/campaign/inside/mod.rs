//! The program in a host: sends and receives on the campaign's requests. A request is a line of JSON, and so is an
//! answer.

mod connections;
mod datagrams;
mod flood;
pub mod protocol;
mod queries;

use connections::Connections;
use datagrams::{Inbox, Sender};
use flood::Flood;
use protocol::{Answer, Ask};
use queries::Asking;
use std::io::{self, BufRead, Write};
use std::time::{SystemTime, UNIX_EPOCH};

/// Answers until standard input ends.
pub fn run() -> io::Result<()> {
    let mut program = Program::default();
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = match serde_json::from_str(&line?) {
            Ok(ask) => program.answer(ask).unwrap_or_else(|error| Answer::Failed(error.to_string())),
            Err(error) => Answer::Failed(format!("not understood: {error}")),
        };
        writeln!(out, "{}", serde_json::to_string(&answer)?)?;
        out.flush()?;
    }
    Ok(())
}

#[derive(Default)]
struct Program {
    inbox: Inbox,
    sender: Sender,
    connections: Connections,
    flood: Flood,
    queries: Asking,
}

impl Program {
    fn answer(&mut self, ask: Ask) -> io::Result<Answer> {
        match ask {
            Ask::Listen { ports } => ports.into_iter().try_for_each(|port| self.inbox.listen(port))?,
            Ask::Echo { port } => datagrams::echo(port)?,
            Ask::Crowd { to, window } => datagrams::crowd(to, window)?,
            Ask::Stream { to, every } => datagrams::stream(to, every)?,
            Ask::Send { probes } => self.sender.send(&probes)?,
            Ask::Await { sequences, patience } => return Ok(Answer::Missing(self.inbox.missing(sequences, patience))),
            Ask::Arrivals => return Ok(Answer::Arrivals(self.inbox.take())),
            Ask::Serve { port } => connections::serve(port)?,
            Ask::Connect { to, count } => self.connections.open(to, count)?,
            Ask::Flood { to } => self.flood.start(to)?,
            Ask::EndFlood => self.flood.end(),
            Ask::Query { to, name, rate } => self.queries.start(to, &name, rate)?,
            Ask::EndQueries => return Ok(Answer::Queries(self.queries.end())),
            Ask::Losses { patience } => {
                let losses = self.connections.losses(patience);
                return Ok(Answer::Losses { losses, bytes: self.connections.bytes() });
            }
        }
        Ok(Answer::Done)
    }
}

/// Nanoseconds since 1970: the clock of the kernel's timestamps, the same in all hosts.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64
}
