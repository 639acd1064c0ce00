//! The agent: a program in a host that sends and receives on the campaign's requests. A request is a line of JSON, and so is an
//! answer.

pub mod clock;
mod connections;
mod datagrams;
mod flood;
pub mod protocol;
mod queries;

use connections::Connections;
use datagrams::{Inbox, Sender};
use flood::Flood;
use protocol::{Answer, Request};
use queries::Asking;
use std::io::{self, BufRead, Write};

/// Answers requests until standard input ends.
pub fn run() -> io::Result<()> {
    let mut agent = Agent::default();
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = match serde_json::from_str(&line?) {
            Ok(request) => agent.answer(request).unwrap_or_else(|error| Answer::Failed(error.to_string())),
            Err(error) => Answer::Failed(format!("not understood: {error}")),
        };
        writeln!(out, "{}", serde_json::to_string(&answer)?)?;
        out.flush()?;
    }
    Ok(())
}

#[derive(Default)]
struct Agent {
    inbox: Inbox,
    sender: Sender,
    connections: Connections,
    flood: Flood,
    queries: Asking,
}

impl Agent {
    fn answer(&mut self, request: Request) -> io::Result<Answer> {
        match request {
            Request::Listen { ports } => ports.into_iter().try_for_each(|port| self.inbox.listen(port))?,
            Request::Echo { port } => datagrams::echo(port)?,
            Request::Crowd { to, window } => datagrams::crowd(to, window)?,
            Request::Stream { to, every } => datagrams::stream(to, every)?,
            Request::Send { probes } => self.sender.send(&probes)?,
            Request::Await { sequences, patience } => {
                return Ok(Answer::Missing(self.inbox.missing(sequences, patience)));
            }
            Request::Arrivals => return Ok(Answer::Arrivals(self.inbox.take())),
            Request::Serve { port } => connections::serve(port)?,
            Request::Connect { to, count } => self.connections.open(to, count)?,
            Request::Flood { to } => self.flood.start(to)?,
            Request::EndFlood => self.flood.end(),
            Request::Query { to, name, rate } => self.queries.start(to, &name, rate)?,
            Request::EndQueries => return Ok(Answer::Queries(self.queries.end())),
            Request::Losses { patience } => {
                let losses = self.connections.losses(patience);
                return Ok(Answer::Losses { losses, bytes: self.connections.bytes() });
            }
        }
        Ok(Answer::Done)
    }
}
